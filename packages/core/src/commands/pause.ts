import { userInfo } from 'node:os'
import { configurationFrom } from '../configuration.ts'
import { stripInvisible } from '../delivery/neutralise.ts'
import { translator } from '../locales/catalogue.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { heldByConfig } from '../queue/hold.ts'
import { isTimezone } from './explain.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

interface PauseOptions {
  readonly config: string
  readonly data: string
  readonly by?: string
  readonly timezone: string
}

/** Holds everything that is to be sent, in all processes on this folder, until `resume`. */
export async function pause(options: PauseOptions, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const { project } = configurationFrom(options.config, [], env)
  const time = timeIn(options.timezone)
  const by = options.by ?? userInfo().username
  const store = await openExistingStore(options.data, progress)
  try {
    const before = await store.transaction(async (tx) => {
      const hold = await tx.hold(project)
      if (hold === undefined) await tx.putHold({ project, by, sinceMs: systemClock.nowMs() })
      return hold
    }, { project })
    const lines = before === undefined
      ? [`Everything is held; nothing is lost. What is being sent at this moment may still arrive.`, `To go on: npx tocsin resume`]
      : [`Held already: by ${stripInvisible(before.by, { lines: 'single' })} since ${time(before.sinceMs)}.`]
    return { lines, value: { project, held: true, by: before?.by ?? by }, ok: true }
  } finally {
    await store.close()
  }
}

/** Ends what `pause` began: what waits is sent, and is no older for it. */
export async function resume(options: PauseOptions, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const config = configurationFrom(options.config, [], env)
  const time = timeIn(options.timezone)
  const store = await openExistingStore(options.data, progress)
  try {
    const before = await store.transaction(async (tx) => {
      const hold = await tx.hold(config.project)
      await tx.endHold(config.project, systemClock.nowMs())
      return hold
    }, config)
    if (before === undefined) throw new TocsinError('wrong-usage', `nothing is held in ${options.data}; expected a pause to end`)
    const waiting = (await store.read.waiting(config.project)).reduce((sum, { count }) => sum + count, 0)
    const again = config.pause ? [`${options.config} says "pause: true": the next process that starts holds everything again.`] : []
    const whose = before.by === heldByConfig ? '' : ` by ${stripInvisible(before.by, { lines: 'single' })}`
    return { lines: [`Going on; it was held${whose} since ${time(before.sinceMs)}. ${waiting} ${waiting === 1 ? 'delivery waits' : 'deliveries wait'}.`, ...again], value: { project: config.project, held: false, waiting }, ok: true }
  } finally {
    await store.close()
  }
}

/** Asked for before anything is done. @throws TocsinError `wrong-usage` where there is no such zone */
function timeIn(timezone: string): (atMs: number) => string {
  if (!isTimezone(timezone)) throw new TocsinError('wrong-usage', `--timezone: expected a time zone such as Europe/Berlin, found "${timezone}"`)
  const { time } = translator('en', timezone)
  return (atMs) => time(atMs) ?? ''
}

import { TocsinError } from '../model/error.ts'
import { openEngine, requireDatabase } from './open-engine.ts'
import type { Report } from './report.ts'

/** Sends what is due on the channels of the configuration, then stops and says what is left. */
export async function drain(
  options: { readonly config: string; readonly data: string; readonly seconds: string },
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Report> {
  const seconds = Number(options.seconds)
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3_600) throw new TocsinError('wrong-usage', `--seconds: expected 1 to 3600, found ${options.seconds}`)
  requireDatabase(options.data)
  const { engine, store, project } = await openEngine(options, env, progress)
  try {
    const before = await store.read.waiting(project)
    const count = before.reduce((sum, one) => sum + one.count, 0)
    if (count > 0) progress(`${count} deliveries wait; sending what is due`)
    await engine.hurry()
    await engine.drain('all', seconds * 1_000)
    const left = await store.read.waiting(project)
    const leftCount = left.reduce((sum, one) => sum + one.count, 0)
    // Other processes may have added some meanwhile.
    const done = Math.max(0, count - leftCount)
    const hold = await store.transaction((tx) => tx.hold(project), { project })
    const held = hold === undefined ? [] : [`Everything is held by ${hold.by} since ${new Date(hold.sinceMs).toISOString()}: nothing was sent. To go on: npx tocsin resume`]
    const lines = [...held, `${done} done, ${leftCount} left.`, ...left.map((one) => `  ${one.channel}: ${one.count} of priority ${one.priority}, not due yet or held`)]
    return { lines, value: { done, left }, ok: true }
  } finally {
    await engine.close()
  }
}

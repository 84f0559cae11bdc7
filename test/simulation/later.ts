import type { Host } from './host.ts'
import type { Journal } from './journal.ts'
import type { Committed } from './observer.ts'
import type { Sources } from './sources.ts'
import type { VirtualTime } from './virtual-time.ts'

/** After so long nothing that is over is kept by the defaults. */
const laterMs = 130 * 86_400_000
/** Most tasks until all is forgotten. */
const stepsMax = 2_000

/**
 * Lets months pass over a world that has come to rest: nothing is left of what is over, and what is sent again is refused
 * and changes nothing.
 */
export async function monthsLater({ time, journal, host, sources, committed }: { readonly time: VirtualTime; readonly journal: Journal; readonly host: Host; readonly sources: Sources; readonly committed: Committed }): Promise<void> {
  journal.note('months pass')
  time.skipTo(time.elapsedMs + laterMs)
  let steps = 0
  const run = async (isDone: () => boolean): Promise<void> => {
    while (!isDone() && steps < stepsMax && time.nextMs !== undefined) {
      await time.runNext()
      steps += 1
    }
  }
  const hasComeThrough = (): boolean => [...committed.timers].every(([name, dueMs]) => name === 'retention ' && host.processes.every(({ nowMs }) => dueMs > nowMs))
  await run(hasComeThrough)
  const [process] = host.processes
  if (process === undefined) return
  const { read } = process.engine.store
  const counts = await read.counts()
  const sessions = await Promise.all([...sources.sessions].map((id) => read.session('sim', id)))
  const left = [...Object.entries(counts), ['sessions', sessions.filter((session) => session !== undefined).length] as const].filter(([, count]) => count > 0)
  journal.check('old-forgotten', left.length === 0, () => `months later there are still ${left.map(([what, count]) => `${count} ${what}`).join(', ')}`)

  const events = [...sources.reported.values()].filter(({ planned }) => !planned.isWrong).map(({ input }) => input)
  let answer: Awaited<ReturnType<typeof process.engine.accept>> | undefined
  void process.engine.accept(events).then((accepted) => {
    answer = accepted
  })
  await run(() => answer !== undefined)
  journal.check('events-kept', answer !== undefined && answer.refused.length === events.length && answer.refused.every(({ refused }) => refused === 'too-old'), () => `of ${events.length} events that were sent again months later ${answer?.refused.length ?? 0} were refused`)
  const after = await read.counts()
  journal.check('sums-exact', after.events === counts.events && after.alerts === counts.alerts, () => `what was sent again months later made ${after.events - counts.events} events and ${after.alerts - counts.alerts} alerts`)
}

import type { Config } from '../model/config.ts'
import type { Clock } from '../model/clock.ts'
import type { MessageParams } from '../model/message.ts'
import type { Report } from '../model/report.ts'
import type { Role } from '../model/roles.ts'
import type { Store } from '../model/store.ts'
import { compose, roleOf } from './compose.ts'
import { findingOf } from './finding.ts'
import { spentBefore } from './gather.ts'
import { before, lastWhole } from './period.ts'
import { gatherSpan } from './reports.ts'

/** What a report would say now of the last whole day or week before an instant, and tells nobody. */
export async function reportHere(
  { config, store, clock }: { readonly config: Config; readonly store: Store; readonly clock: Clock },
  ask: { readonly every: Report['every']; readonly untilMs: number; readonly timezone: string; readonly person: string | undefined; readonly role?: Role },
): Promise<{ readonly report: Report; readonly params: MessageParams }> {
  const { every, untilMs, timezone, person } = ask
  const span = lastWhole(every, timezone, untilMs)
  const earlier = before(every, timezone, span)
  const rest = (): Promise<void> => new Promise((resolve) => clock.after(0, resolve))
  const gathered = await gatherSpan({ config, store, clock }, span)
  const beforeNanoUsd = await spentBefore(store.read, { project: config.project, fromMs: earlier.startMs, untilMs: earlier.endMs }, rest)
  const role = ask.role ?? roleOf(person === undefined ? undefined : config.people[person])
  const report = compose(config, every, gathered, person, role, beforeNanoUsd)
  return { report, params: findingOf({ name: every, every }, person ?? '', role, report).params }
}

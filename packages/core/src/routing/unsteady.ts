import type { Alert } from '../model/alert.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { Transaction } from '../model/store.ts'

/** Under this name it is kept when an alert came back; no rule of a configuration can have it. */
const keeper = 'tocsin:flapping'

/** Times at which an alert came back that are kept: as many as a configuration can ask for. */
export const timesMax = 100

/** What is kept of an alert that came back. */
interface Flapping {
  /** When it came back, oldest first. */
  readonly times: readonly number[]
  readonly isUnsteady: boolean
}

export async function flappingOf(tx: Transaction, alert: Alert): Promise<Flapping> {
  const [text = ''] = await tx.ruleStates([flappingKey(alert)])
  const [standing, ...times] = text.split(' ')
  return { times: times.map(Number).filter(Number.isFinite), isUnsteady: standing === unsteady }
}

const unsteady = 'unsteady'

export function flappingText({ times, isUnsteady: isItNow }: Flapping): string {
  return [isItNow ? unsteady : 'steady', ...times].join(' ')
}

export function flappingKey({ project, id }: Alert): RuleKey {
  return { project, rule: keeper, key: String(id) }
}

/** Whether the end of an alert is not told before it has held, because it ends and fires again and again. */
export async function endsUntold(tx: Transaction, alert: Alert): Promise<boolean> {
  return (alert.cycles ?? 0) > 0 && (await flappingOf(tx, alert)).isUnsteady
}

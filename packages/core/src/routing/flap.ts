import { tellsEnd, type Alert, type AlertChange } from '../model/alert.ts'
import type { FlappingConfig } from '../model/attention-config.ts'
import type { Decision } from '../model/decision.ts'
import type { Timer, Transaction } from '../model/store.ts'
import type { Turn } from '../model/turn.ts'
import type { Plan } from './plan.ts'
import type { Router } from './route.ts'
import { supersededBy } from './spared.ts'
import { flappingKey, flappingOf, flappingText, timesMax } from './unsteady.ts'

/** Kind of the timers that look whether an alert has held; their key is its number. */
export const flapTimer = 'flap'

/** What is unsteady is over when it ended and did not fire again for so long: after that it would be a new alert. Milliseconds. */
const heldMs = 600_000

export interface Flaps {
  /**
   * What happens in place of telling that an alert is over or fires again:
   *
   * steady     told as always; when it came back `count` times `within` a time, it is told once that it is unsteady
   * unsteady   neither is told, and that is on record; unless it is worse than it was, or a person ended it
   *
   * It is steady again when it fires for as long without a break, and its end is told when it has held for ten minutes. What damps its flapping itself, as
   * rules with a threshold do, says so itself.
   */
  readonly gate: (tx: Transaction, change: AlertChange, nowMs: number) => Promise<Plan | undefined>
  /** Whether an alert has held; its end is told on the usual way. */
  readonly fire: (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>
}

/** @param tell the usual way of changes, by which this gate is asked too */
export function createFlaps(config: FlappingConfig | false, router: Router, tell: (tx: Transaction, changes: readonly AlertChange[], nowMs: number) => Promise<void>): Flaps {
  async function cameBack(tx: Transaction, { count, within }: FlappingConfig, change: AlertChange, nowMs: number): Promise<Plan | undefined> {
    const { alert } = change
    const before = await flappingOf(tx, alert)
    const times = [...before.times.filter((atMs) => atMs > nowMs - within), nowMs].slice(-timesMax)
    const isUnsteady = before.isUnsteady || times.length >= count
    await tx.putRuleStates([{ ...flappingKey(alert), value: flappingText({ times, isUnsteady }), atMs: nowMs }])
    await tx.putTimers([timerOf(alert, nowMs + within)])
    if (!isUnsteady || change.isWorse === true) return undefined
    return before.isUnsteady ? onRecord(alert, times.length, within, nowMs) : planUnsteady(tx, router, change, { kind: 'flap', cycles: times.length, withinMs: within }, nowMs)
  }

  async function ended(tx: Transaction, { within }: FlappingConfig, { alert, by }: AlertChange, nowMs: number): Promise<Plan | undefined> {
    // Most alerts never came back: nothing is kept of them.
    if ((alert.cycles ?? 0) === 0) return undefined
    const { times, isUnsteady } = await flappingOf(tx, alert)
    if (!isUnsteady) return undefined
    if (by !== undefined) {
      await tx.removeRuleStates([flappingKey(alert)])
      return undefined
    }
    await tx.putTimers([timerOf(alert, (alert.resolvedAtMs ?? nowMs) + heldMs)])
    return tellsEnd(alert) ? onRecord(alert, times.filter((atMs) => atMs > nowMs - within).length, within, nowMs) : noPlan
  }

  return {
    async gate(tx, change, nowMs) {
      if (config === false || change.alert.message === 'rule.threshold') return undefined
      if (change.change === 'reopened') return cameBack(tx, config, change, nowMs)
      return change.change === 'resolved' ? ended(tx, config, change, nowMs) : undefined
    },

    async fire(tx, due, nowMs) {
      for (const timer of due) {
        const alert = await tx.alert(Number(timer.key))
        if (alert === undefined) continue
        const { times, isUnsteady } = await flappingOf(tx, alert)
        const isOver = alert.state === 'resolved'
        const heldAtMs = isOver ? (alert.resolvedAtMs ?? 0) + heldMs : (times.at(-1) ?? 0) + (config === false ? 0 : config.within)
        if (isUnsteady && heldAtMs > nowMs) {
          await tx.putTimers([{ ...timer, dueMs: heldAtMs }])
          continue
        }
        await tx.removeRuleStates([flappingKey(alert)])
        if (isUnsteady && isOver) await tell(tx, [{ alert, change: 'resolved' }], nowMs)
      }
    },
  }
}

/** Told once, by the usual routes and as urgent as it is; what of it still waits says less. */
async function planUnsteady(tx: Transaction, router: Router, change: AlertChange, turn: Extract<Turn, { kind: 'flap' }>, nowMs: number): Promise<Plan> {
  const withdrawn = await tx.withdraw(change.alert.id, 'superseded', nowMs)
  const plan = router.plan(change, nowMs)
  const said = plan.decisions.map((decision): Decision => (decision.reason === 'sent.now' ? { ...decision, reason: 'sent.flapping', params: { ...decision.params, count: turn.cycles, window: turn.withinMs } } : decision))
  return {
    ...plan,
    notifications: plan.notifications.map((one) => ({ ...one, turn })),
    batched: plan.batched.map((one) => ({ ...one, turn })),
    decisions: [...withdrawn.map((spared) => supersededBy(change, spared, nowMs)), ...said],
  }
}

function onRecord({ id }: Alert, count: number, window: number, nowMs: number): Plan {
  return { ...noPlan, decisions: [{ alert: id, person: '*', channel: '*', reason: 'merged.flap', params: { count, window }, atMs: nowMs, count: 1 }] }
}

function timerOf({ project, id }: Alert, dueMs: number): Timer {
  return { project, kind: flapTimer, key: String(id), dueMs }
}

const noPlan: Plan = { notifications: [], batched: [], decisions: [], failed: [] }

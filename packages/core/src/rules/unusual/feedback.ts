import type { Alert } from '../../model/alert.ts'
import type { Transaction } from '../../model/store.ts'
import { restoreMemory, saveMemory } from '../spend-anomaly/memory.ts'
import { seriesFrom, seriesText, type Series } from './series.ts'
import { watchOf, type Watch } from './watch.ts'

/** What a person says of an alarm about something unusual. */
export const verdicts = ['expected', 'not-useful'] as const
export type Verdict = (typeof verdicts)[number]

/** What was forgiven wears off by half in four weeks. */
const forgivenHalfLifeMs = 28 * 86_400_000

/** Scores up to this say nothing: somebody said that they are to be expected. */
export function forgivenScore({ forgiven, forgivenMs }: Pick<Series, 'forgiven' | 'forgivenMs'>, nowMs: number): number {
  return forgiven * wornOff(forgivenMs, nowMs)
}

/** What is left of it. */
function wornOff(sinceMs: number, nowMs: number): number {
  return 0.5 ** (Math.max(0, nowMs - sinceMs) / forgivenHalfLifeMs)
}

/** What somebody says something of. */
type Alarm = Pick<Alert, 'id' | 'project' | 'rule' | 'key' | 'message' | 'evidence'>

/** Whether its rule learns from what is said of its alarms. */
export function learnsFrom({ message }: Pick<Alert, 'message'>): boolean {
  return message === 'cost.anomaly' || message === 'rule.anomaly'
}

/**
 * Takes to heart what a person says of an alert: the same alarm is quieter next time. `expected`: as great a departure says
 * nothing; `not-useful`: half of it is taken off. Both wear off by half in four weeks.
 *
 * @returns whether the alert is one that learns
 */
export async function giveFeedback(tx: Transaction, alert: Alarm, verdict: Verdict, nowMs: number): Promise<boolean> {
  const found = await seriesOf(tx, alert)
  if (found === undefined) return false
  const { series, watch } = found
  // Said twice of the same it is taken back whole.
  if (series.before?.alert !== alert.id || series.before.verdict !== verdict) {
    const forgiven = watch.feedback === undefined ? [forgivenScore(series, nowMs)] : [...restoreMemory(watch.save()).forgiven]
    series.before = { alert: alert.id, verdict, forgiven, atMs: nowMs }
  }
  if (watch.feedback !== undefined) {
    watch.feedback(verdict)
    series.detector = watch.save()
  } else {
    series.forgiven = Math.max(forgivenScore(series, nowMs), series.toldScore * (verdict === 'expected' ? 1 : 0.5))
    series.forgivenMs = nowMs
  }
  await tx.putRuleStates([{ ...stateKey(alert), value: seriesText(series), atMs: nowMs }])
  return true
}

/**
 * Takes back what was said last, if it was this of this alert: what is forgiven is as it would be had nobody said it.
 *
 * @returns whether it was
 */
export async function takeBackFeedback(tx: Transaction, alert: Alarm, verdict: Verdict, nowMs: number): Promise<boolean> {
  const found = await seriesOf(tx, alert)
  const before = found?.series.before
  if (found === undefined || before?.alert !== alert.id || before.verdict !== verdict) return false
  const { series: { before: _before, ...series }, watch } = found
  const forgiven = before.forgiven.map((one) => one * wornOff(before.atMs, nowMs))
  if (watch.feedback === undefined) {
    series.forgiven = forgiven[0] ?? 0
    series.forgivenMs = nowMs
  } else {
    const memory = restoreMemory(watch.save())
    memory.forgiven.set(forgiven)
    series.detector = saveMemory(memory)
  }
  await tx.putRuleStates([{ ...stateKey(alert), value: seriesText(series), atMs: nowMs }])
  return true
}

async function seriesOf(tx: Transaction, alert: Alarm): Promise<{ readonly series: Series; readonly watch: Watch } | undefined> {
  if (!learnsFrom(alert)) return undefined
  const [stored] = await tx.ruleStates([stateKey(alert)])
  const series = seriesFrom(stored)
  const { unit, kind, everyMs } = alert.evidence
  return series && { series, watch: watchOf(String(unit), String(kind), Number(everyMs), series.detector) }
}

function stateKey({ project, rule, key }: Alarm): Pick<Alert, 'project' | 'rule' | 'key'> {
  return { project, rule, key }
}

import type { Alert } from '../../model/alert.ts'
import type { Transaction } from '../../model/store.ts'
import { watchOf } from './watch.ts'
import { seriesFrom, seriesText, type Series } from './series.ts'

/** What a person says of an alarm about something unusual. */
export const verdicts = ['expected', 'not-useful'] as const
export type Verdict = (typeof verdicts)[number]

/** What was forgiven wears off by half in four weeks. */
const forgivenHalfLifeMs = 28 * 86_400_000

/** Scores up to this say nothing: somebody said that they are to be expected. */
export function forgivenScore({ forgiven, forgivenMs }: Pick<Series, 'forgiven' | 'forgivenMs'>, nowMs: number): number {
  return forgiven * 0.5 ** (Math.max(0, nowMs - forgivenMs) / forgivenHalfLifeMs)
}

/**
 * Takes to heart what a person says of an alert: the same alarm is quieter next time. `expected`: as great a departure says
 * nothing; `not-useful`: half of it is taken off. Both wear off by half in four weeks.
 *
 * @returns whether the alert is one that learns
 */
export async function giveFeedback(tx: Transaction, alert: Pick<Alert, 'project' | 'rule' | 'key' | 'message' | 'evidence'>, verdict: Verdict, nowMs: number): Promise<boolean> {
  if (alert.message !== 'cost.anomaly' && alert.message !== 'rule.anomaly') return false
  const of = { project: alert.project, rule: alert.rule, key: alert.key }
  const [stored] = await tx.ruleStates([of])
  const series = seriesFrom(stored)
  if (series === undefined) return false
  const { unit, kind, everyMs } = alert.evidence
  const watch = watchOf(String(unit), String(kind), Number(everyMs), series.detector)
  if (watch.feedback !== undefined) {
    watch.feedback(verdict)
    series.detector = watch.save()
  } else {
    series.forgiven = Math.max(forgivenScore(series, nowMs), series.toldScore * (verdict === 'expected' ? 1 : 0.5))
    series.forgivenMs = nowMs
  }
  await tx.putRuleStates([{ ...of, value: seriesText(series), atMs: nowMs }])
  return true
}

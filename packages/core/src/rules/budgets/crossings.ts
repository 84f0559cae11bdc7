import type { AlertChange } from '../../model/alert.ts'
import { usdFromNano } from '../../model/money.ts'
import type { Decision } from '../../model/decision.ts'
import type { Severity } from '../../model/severity.ts'
import type { Crossing } from '../../model/spend.ts'
import { groupKey } from '../group-key.ts'
import type { ProjectFinding } from '../rule.ts'
import type { Threshold } from './budget.ts'
import { budgetRule } from './memory.ts'
import { forecastOf } from './pace.ts'
import { aboutSpending, budgetParams, type SpendingSeen } from './seen.ts'

/** A threshold that is reached; whether that is news, its row decides. */
export interface Reached {
  readonly project: string
  readonly seen: SpendingSeen
  readonly threshold: Threshold
  /** First instant of the period; of a rolling window, of the part in which it was reached. */
  readonly startMs: number
  /** The period was over when this became known. */
  readonly isLate: boolean
}

export function crossingOf({ project, seen: { budget, scope }, threshold, startMs }: Reached, nowMs: number): Crossing {
  return { project, budget: budget.name, scope, periodStartMs: startMs, epoch: budget.epoch, threshold: threshold.share, atMs: nowMs }
}

export interface ToldCrossings {
  readonly findings: readonly ProjectFinding[]
  /** Lower thresholds that were crossed in the same commit, by the key of the alert of the highest. */
  readonly lower: ReadonlyMap<string, readonly number[]>
}

/** Of the crossings that are new the highest of each scope and period is told. */
export function tellCrossings(news: readonly Reached[], nowMs: number): ToldCrossings {
  const together = new Map<SpendingSeen, Reached[]>()
  for (const reached of news) together.set(reached.seen, [...(together.get(reached.seen) ?? []), reached])
  const findings: ProjectFinding[] = []
  const lower = new Map<string, readonly number[]>()
  for (const [, reached] of together) {
    const highest = reached.reduce((a, b) => (b.threshold.share > a.threshold.share ? b : a))
    const finding = crossed(highest, nowMs)
    findings.push(finding)
    lower.set(finding.key, reached.map(({ threshold }) => threshold.share).filter((share) => share < highest.threshold.share))
  }
  return { findings, lower }
}

/** The lower thresholds of a commit are not told by themselves; the alert of the highest says so. */
export function supersededDecisions({ alert, change }: AlertChange, lower: ToldCrossings['lower'], nowMs: number): readonly Decision[] {
  const shares = alert.rule === budgetRule && change === 'opened' ? (lower.get(alert.key) ?? []) : []
  if (shares.length === 0) return []
  const params = { thresholds: shares.map((share) => `${percentOf(share)}%`).join(', '), higher: `${String(alert.params.percent)}%` }
  return [{ alert: alert.id, person: '*', channel: '*', reason: 'merged.higher_threshold', params, atMs: nowMs, count: shares.length }]
}

function crossed({ project, seen, threshold: { share }, startMs, isLate }: Reached, nowMs: number): ProjectFinding {
  const { budget, scope, spentNanoUsd, amountNanoUsd, last } = seen
  const percent = percentOf(share)
  const forecast = isLate || !budget.settings.forecast ? undefined : forecastOf(seen, nowMs)
  return {
    project,
    rule: budgetRule,
    key: groupKey([budget.name, scope, String(startMs), String(percent), budget.epoch]),
    kind: 'cost',
    severity: isLate ? 'info' : severityOf(share),
    message: 'budget.crossed',
    params: {
      ...budgetParams(seen),
      percent,
      remainingUsd: usdFromNano(amountNanoUsd - spentNanoUsd),
      ...(isLate && { late: 'yes' }),
      ...(forecast !== undefined && { crossesAt: forecast.crossesAtMs, projectedUsd: usdFromNano(forecast.projectedNanoUsd) }),
    },
    ends: 'at-once',
    quietMs: 0,
    evidence: { spentNanoUsd, amountNanoUsd, threshold: share, periodStartMs: startMs, epoch: budget.epoch, lastEvent: last.id },
    ...aboutSpending(seen),
  }
}

function severityOf(share: number): Severity {
  if (share >= 1) return 'critical'
  return share >= 0.8 ? 'high' : 'warning'
}

function percentOf(share: number): number {
  return Math.round(share * 10_000) / 100
}

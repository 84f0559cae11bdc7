import type { RuleState } from '../../model/rule-state.ts'
import type { SpendChange } from '../../model/spend.ts'
import { rollingParts, type Threshold } from './budget.ts'
import type { Remembered } from './groups.ts'
import { forgetMinutes, stateOf, type Memory } from './memory.ts'
import { addTo, forgetBefore, sumOf } from './parts.ts'
import type { SpendingSeen } from './seen.ts'
import type { Sum } from './sums.ts'

/** What one scope came to in one period or window. */
export interface Booked {
  readonly project: string
  readonly seen: SpendingSeen
  /** Identity of a crossing: first instant of the period; of a rolling window, of the part in which it was reached. */
  readonly startMs: number
  /** The period was over when this became known. */
  readonly isLate: boolean
  readonly reached: readonly Threshold[]
}

/** A share of a rolling window is ready to be told again when the sum has fallen below so much of it: about it the sum goes up and down all day. */
const readyAgainShare = 0.9

/** The sum of a calendar period is in the store; how it was spent is remembered while the period is the latest. */
export function bookPeriod({ scope, memory }: Remembered, sum: Sum, { spentNanoUsd, unpricedTotal }: SpendChange, nowMs: number): Booked {
  const { budget, project } = scope
  const period = budget.intervalOf(sum.startMs)
  if (sum.startMs > memory.startMs) {
    memory.startMs = sum.startMs
    memory.parts.clear()
    memory.isSampled = false
  }
  const isLatest = sum.startMs === memory.startMs
  if (isLatest) {
    for (const [index, part] of sum.parts) addTo(memory.parts, index, part)
    memory.isSampled ||= sum.isSampled
  }
  addMinutes(memory, sum, nowMs)
  const seen: SpendingSeen = {
    budget, scope: scope.scope, amountNanoUsd: budget.amountNanoUsd, spentNanoUsd, period, unpriced: unpricedTotal, last: sum.last,
    parts: isLatest ? memory.parts : sum.parts, minutes: memory.minutes, isSampled: isLatest ? memory.isSampled : sum.isSampled,
  }
  return { project, seen, startMs: sum.startMs, isLate: period.endMs <= nowMs, reached: budget.reachedBy(spentNanoUsd) }
}

/**
 * The sum of a rolling window is that of its parts. A threshold is `ready`, and told when the sum reaches it; told, it
 * stays so until what is left in the window is less than nine tenths of it: then it is ready again.
 */
export function bookWindow({ scope, memory }: Remembered, sum: Sum, rollingMs: number, nowMs: number): Booked {
  const { budget, project } = scope
  const partMs = rollingMs / rollingParts
  memory.head = Math.max(memory.head, Math.floor(nowMs / partMs))
  const first = memory.head - rollingParts + 1
  forgetBefore(memory.parts, first)
  if (memory.parts.size === 0) memory.isSampled = false
  const leftNanoUsd = sumOf(memory.parts).nanoUsd
  const stillTold = budget.thresholds.filter(({ share, nanoUsd }) => memory.told.shares.includes(share) && leftNanoUsd >= nanoUsd * readyAgainShare)
  // What is older than the window is no part of it; a clock that runs ahead counts as now.
  for (const [index, part] of sum.parts) if (index >= first) addTo(memory.parts, Math.min(index, memory.head), part)
  memory.isSampled ||= sum.isSampled
  addMinutes(memory, sum, nowMs)
  const { nanoUsd: spentNanoUsd, unpriced } = sumOf(memory.parts)
  const reached = budget.reachedBy(spentNanoUsd).filter((threshold) => !stillTold.includes(threshold))
  memory.told.shares = [...stillTold, ...reached].map(({ share }) => share)
  const seen: SpendingSeen = {
    budget, scope: scope.scope, amountNanoUsd: budget.amountNanoUsd, spentNanoUsd, rollingMs, unpriced, last: sum.last,
    parts: memory.parts, minutes: memory.minutes, isSampled: memory.isSampled,
  }
  return { project, seen, startMs: Math.floor(memory.head * partMs), isLate: false, reached }
}

/** What is remembered of a scope, to be kept for as long as its period or window lasts. */
export function memoryStateOf({ scope: { budget }, key, memory }: Remembered, nowMs: number): RuleState {
  const { startMs, endMs } = budget.intervalOf(memory.startMs)
  return stateOf(key, memory, nowMs, budget.rollingMs ?? endMs - startMs)
}

function addMinutes(memory: Memory, sum: Sum, nowMs: number): void {
  for (const [minute, part] of sum.minutes) addTo(memory.minutes, minute, part)
  forgetMinutes(memory, nowMs)
}

import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import { groupKey } from '../group-key.ts'
import { forgetBefore, keptParts, partsOf, type KeptParts, type Parts } from './parts.ts'
import type { Budget } from './budget.ts'

/** Under this name budgets keep what they remember, and their alerts stand. */
export const budgetRule = 'budget'

/** Minutes that are remembered one by one, for the pace of the moment. */
const minutesMax = 10

/** Periods of which a group remembers that it has a sum of its own in them, latest last. */
const admittedMax = 24

/**
 * What a budget remembers of one scope besides its sums: how the present period or window was spent. It decides no
 * crossing of a period: that is what the sums and the crossings on record are for.
 */
export interface Memory {
  readonly counting: string
  /** First instant of the period that `parts` are of; 0 for a rolling window. */
  startMs: number
  readonly parts: Parts
  /** By minutes since 1970. */
  readonly minutes: Parts
  /** Telemetry said that it is a sample, in this period or since the window was last empty. */
  isSampled: boolean
  /** Rolling: the latest part that was seen. It never goes back, whichever clock writes. */
  head: number
  /** Rolling: shares that were told and have not fallen back since, for this epoch of the budget. */
  told: { epoch: string; shares: number[] }
  /** First instants of the periods in which this group has a sum of its own. */
  admitted: number[]
}

interface Kept {
  readonly c: string
  readonly s: number
  readonly p: KeptParts
  readonly m: KeptParts
  readonly x?: 1
  readonly h?: number
  readonly t?: readonly [epoch: string, shares: readonly number[]]
  readonly a?: readonly number[]
}

export function memoryKey(project: string, budget: string, scope: string): RuleKey {
  return { project, rule: budgetRule, key: groupKey([budget, scope]) }
}

/** What was kept, else nothing yet: also where the budget counts something else since. */
export function memoryOf(value: string | undefined, budget: Budget): Memory {
  // Reason for the cast: written by `stateOf`.
  const kept = value === undefined ? undefined : (JSON.parse(value) as Kept)
  if (kept === undefined || kept.c !== budget.counting) {
    return { counting: budget.counting, startMs: 0, parts: new Map(), minutes: new Map(), isSampled: false, head: 0, told: { epoch: budget.epoch, shares: [] }, admitted: [] }
  }
  const [epoch, shares] = kept.t ?? [budget.epoch, []]
  return {
    counting: kept.c, startMs: kept.s, parts: partsOf(kept.p), minutes: partsOf(kept.m), isSampled: kept.x === 1, head: kept.h ?? 0,
    told: epoch === budget.epoch ? { epoch, shares: [...shares] } : { epoch: budget.epoch, shares: [] }, admitted: [...(kept.a ?? [])],
  }
}

/** @param keptMs how long the memory is worth keeping: retention counts from now and this on */
export function stateOf(key: RuleKey, memory: Memory, nowMs: number, keptMs: number): RuleState {
  const { counting, startMs, parts, minutes, isSampled, head, told, admitted } = memory
  const kept: Kept = {
    c: counting, s: startMs, p: keptParts(parts), m: keptParts(minutes),
    ...(isSampled && { x: 1 as const }), ...(head > 0 && { h: head }), ...(told.shares.length > 0 && { t: [told.epoch, told.shares] as const }), ...(admitted.length > 0 && { a: admitted }),
  }
  return { ...key, value: JSON.stringify(kept), atMs: nowMs + keptMs }
}

/** Minutes that lie too far behind go. */
export function forgetMinutes(memory: Memory, nowMs: number): void {
  forgetBefore(memory.minutes, Math.floor(nowMs / 60_000) - minutesMax)
}

/** Notes that this group has a sum of its own in a period. */
export function admit(memory: Memory, startMs: number): void {
  memory.admitted.push(startMs)
  memory.admitted.sort((a, b) => a - b)
  if (memory.admitted.length > admittedMax) memory.admitted.shift()
}

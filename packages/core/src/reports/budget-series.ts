import { periodAt, type Period } from '../model/calendar.ts'
import type { Clock } from '../model/clock.ts'
import type { Config } from '../model/config.ts'
import type { Store } from '../model/store.ts'
import { Budget, periodParts, rollingParts } from '../rules/budgets/budget.ts'
import { budgetRule, memoryKey, memoryOf } from '../rules/budgets/memory.ts'
import { pacesOf } from '../rules/budgets/pace.ts'
import { sumOf, type Parts } from '../rules/budgets/parts.ts'
import { namesUsers } from '../rules/budgets/seen.ts'

/** How the running period of a budget goes, or of one of its groups. Money is nano-dollars. */
export interface BudgetCourse {
  /** The group; empty without groups. */
  readonly scope: string
  readonly spentNanoUsd: number
  readonly unpriced: number
  /** Up to now, the present one included; `totalNanoUsd` is all that was spent by its end. */
  readonly buckets: readonly { readonly fromMs: number; readonly untilMs: number; readonly nanoUsd: number; readonly calls: number; readonly unpriced: number; readonly totalNanoUsd: number }[]
  readonly thresholds: readonly { readonly share: number; readonly nanoUsd: number; readonly crossedAtMs?: number }[]
  /** At the end of the period; absent: too little is known, or it has no end. */
  readonly forecast?: {
    readonly nanoUsd: number
    readonly lowNanoUsd: number
    readonly highNanoUsd: number
    /** When the amount is used up; absent: not in this period. */
    readonly crossesAtMs?: number
    readonly earliestCrossingMs?: number
    readonly latestCrossingMs?: number
    /** Totals at the ends of the buckets that come. */
    readonly buckets: readonly { readonly untilMs: number; readonly value: number; readonly low: number; readonly high: number }[]
  }
}

export interface BudgetSeries {
  readonly name: string
  /** Absent: a rolling window of `rollingMs`. */
  readonly period?: Period
  readonly rollingMs?: number
  readonly startMs: number
  readonly endMs: number
  readonly nowMs: number
  readonly amountNanoUsd: number
  readonly groupBy: readonly string[]
  /** Its groups are people for whom agents work. */
  readonly namesUsers: boolean
  /** Those that spent most, at most so many as were asked for; of a budget without groups the only one. */
  readonly courses: readonly BudgetCourse[]
  readonly groupsTotal: number
  /** All groups together. */
  readonly spentNanoUsd: number
  readonly unpriced: number
  /** The period before, as it is counted now: all groups together, and the one that spent most. */
  readonly last?: { readonly startMs: number; readonly endMs: number; readonly nanoUsd: number; readonly highestNanoUsd: number; readonly unpriced: number }
}

type Reads = Pick<Store['read'], 'budgetSums' | 'crossings' | 'ruleTexts'>

/**
 * The burn-down of a budget, of what budgets keep: sums, crossings, and how the running period was spent. Nothing else is read.
 *
 * @returns nothing where there is no such budget
 */
export async function budgetSeries({ read, clock, config }: { readonly read: Reads; readonly clock: Clock; readonly config: Config }, name: string, groupsMax: number): Promise<BudgetSeries | undefined> {
  const settings = Object.hasOwn(config.budgets, name) ? config.budgets[name] : undefined
  if (settings === undefined) return undefined
  const budget = new Budget(name, settings, config.defaults.timezone)
  const nowMs = clock.nowMs()
  return budget.rollingMs === undefined ? ofPeriod(read, config.project, budget, nowMs, groupsMax) : ofWindow(read, config.project, budget, budget.rollingMs, nowMs)
}

async function ofPeriod(read: Reads, project: string, budget: Budget, nowMs: number, groupsMax: number): Promise<BudgetSeries> {
  const { name, counting, epoch, period, amountNanoUsd, settings } = budget
  const { startMs, endMs } = budget.intervalOf(nowMs)
  const sums = await read.budgetSums({ project, budget: name, epoch: counting, periodStartMs: startMs }, groupsMax)
  const groups = sums.groups.length === 0 && !budget.isGrouped ? [{ scope: '', nanoUsd: 0, unpriced: 0 }] : sums.groups
  const scopes = groups.map(({ scope }) => scope)
  const memories = await read.ruleTexts(project, budgetRule, scopes.map((scope) => memoryKey(project, name, scope).key))
  const crossings = await read.crossings({ project, budget: name, epoch, sinceMs: startMs, scopes })
  const before = { startMs: lastStart(budget, startMs), endMs: startMs }
  const last = await read.budgetSums({ project, budget: name, epoch: counting, periodStartMs: before.startMs }, 1)
  const partMs = (endMs - startMs) / periodParts
  const courses = groups.map(({ scope, nanoUsd, unpriced }, index): BudgetCourse => {
    const memory = memoryOf(memories[index], budget)
    const parts: Parts = memory.startMs === startMs ? memory.parts : new Map()
    const paces = pacesOf({ spentNanoUsd: nanoUsd, period: { startMs, endMs }, parts }, nowMs)
    return {
      scope, spentNanoUsd: nanoUsd, unpriced,
      buckets: bucketsOf(parts, { first: 0, last: Math.min(periodParts - 1, Math.floor((nowMs - startMs) / partMs)), atMs: (part) => Math.round(startMs + part * partMs), beforeNanoUsd: nanoUsd - sumOf(parts).nanoUsd }),
      thresholds: thresholdsOf(budget, crossings.filter((one) => one.scope === scope && one.periodStartMs === startMs)),
      ...(paces !== undefined && { forecast: foreseen({ spentNanoUsd: nanoUsd, amountNanoUsd, nowMs, endMs, startMs, partMs }, paces) }),
    }
  })
  return {
    name, period, startMs, endMs, nowMs, amountNanoUsd, groupBy: settings.groupBy, namesUsers: namesUsers(budget), courses, groupsTotal: sums.groupsTotal, spentNanoUsd: sums.nanoUsd, unpriced: sums.unpriced,
    ...(last.groupsTotal > 0 && { last: { ...before, nanoUsd: last.nanoUsd, highestNanoUsd: last.groups[0]?.nanoUsd ?? 0, unpriced: last.unpriced } }),
  }
}

/** Of a window groups have no sums that could be sorted: those without groups are drawn alone. */
async function ofWindow(read: Reads, project: string, budget: Budget, rollingMs: number, nowMs: number): Promise<BudgetSeries> {
  const { name, epoch, amountNanoUsd, settings } = budget
  const partMs = rollingMs / rollingParts
  const head = Math.floor(nowMs / partMs)
  const first = head - rollingParts + 1
  const whole = { name, rollingMs, startMs: Math.round(first * partMs), endMs: nowMs, nowMs, amountNanoUsd, groupBy: settings.groupBy, namesUsers: namesUsers(budget) }
  if (budget.isGrouped) return { ...whole, courses: [], groupsTotal: 0, spentNanoUsd: 0, unpriced: 0 }
  const [text] = await read.ruleTexts(project, budgetRule, [memoryKey(project, name, '').key])
  const { parts } = memoryOf(text, budget)
  const crossings = await read.crossings({ project, budget: name, epoch, sinceMs: whole.startMs, scopes: [''] })
  const { nanoUsd, unpriced } = sumOf(parts, first)
  const course: BudgetCourse = {
    scope: '', spentNanoUsd: nanoUsd, unpriced,
    buckets: bucketsOf(parts, { first, last: head, atMs: (part) => Math.round(part * partMs), beforeNanoUsd: 0 }),
    thresholds: thresholdsOf(budget, crossings),
  }
  return { ...whole, courses: [course], groupsTotal: 1, spentNanoUsd: nanoUsd, unpriced }
}

function lastStart(budget: Budget, startMs: number): number {
  return budget.intervalOf(startMs - 1).startMs
}

function bucketsOf(parts: Parts, { first, last, atMs, beforeNanoUsd }: { readonly first: number; readonly last: number; readonly atMs: (part: number) => number; readonly beforeNanoUsd: number }): BudgetCourse['buckets'] {
  // What was spent before it was remembered how, such as by an older version, stands at the beginning.
  let totalNanoUsd = Math.max(0, beforeNanoUsd)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const part = first + index
    const { nanoUsd, calls, unpriced } = parts.get(part) ?? { nanoUsd: 0, calls: 0, unpriced: 0 }
    totalNanoUsd += nanoUsd
    return { fromMs: atMs(part), untilMs: atMs(part + 1), nanoUsd, calls, unpriced, totalNanoUsd }
  })
}

function thresholdsOf({ thresholds }: Budget, crossings: readonly { readonly threshold: number; readonly atMs: number }[]): BudgetCourse['thresholds'] {
  return thresholds.map(({ share, nanoUsd }) => {
    const crossed = crossings.findLast(({ threshold }) => threshold === share)
    return { share, nanoUsd, ...(crossed !== undefined && { crossedAtMs: crossed.atMs }) }
  })
}

/** By the same paces as the warning: their mean is the value, and they themselves are its band. */
function foreseen({ spentNanoUsd, amountNanoUsd, nowMs, startMs, endMs, partMs }: { readonly spentNanoUsd: number; readonly amountNanoUsd: number; readonly nowMs: number; readonly startMs: number; readonly endMs: number; readonly partMs: number }, { whole, recent }: { readonly whole: number; readonly recent: number }): NonNullable<BudgetCourse['forecast']> {
  const paces = { value: (whole + recent) / 2, low: Math.max(0, Math.min(whole, recent)), high: Math.max(whole, recent) }
  const totalAt = (pace: number, atMs: number): number => Math.round(spentNanoUsd + pace * (atMs - nowMs))
  const crossing = (pace: number): number | undefined => {
    if (spentNanoUsd >= amountNanoUsd || pace <= 0) return undefined
    const atMs = Math.ceil((nowMs + (amountNanoUsd - spentNanoUsd) / pace) / 60_000) * 60_000
    return atMs < endMs ? atMs : undefined
  }
  const [crossesAtMs, earliestCrossingMs, latestCrossingMs] = [crossing(paces.value), crossing(paces.high), crossing(paces.low)]
  const next = Math.floor((nowMs - startMs) / partMs) + 1
  return {
    nanoUsd: totalAt(paces.value, endMs), lowNanoUsd: totalAt(paces.low, endMs), highNanoUsd: totalAt(paces.high, endMs),
    ...(crossesAtMs !== undefined && { crossesAtMs }), ...(earliestCrossingMs !== undefined && { earliestCrossingMs }), ...(latestCrossingMs !== undefined && { latestCrossingMs }),
    buckets: Array.from({ length: Math.max(0, periodParts - next + 1) }, (_, index) => {
      const untilMs = index === 0 ? Math.round(startMs + next * partMs) : Math.min(endMs, Math.round(startMs + (next + index) * partMs))
      return { untilMs, value: totalAt(paces.value, untilMs), low: totalAt(paces.low, untilMs), high: totalAt(paces.high, untilMs) }
    }),
  }
}

/** What one period of the project's whole spend came to, and what would be a round amount above it. */
export interface SpentBefore {
  readonly startMs: number
  readonly endMs: number
  readonly nanoUsd: number
  readonly unpriced: number
  /** Dollars: one or two digits and zeros, a quarter above it at least. */
  readonly suggestedUsd: number
}

/** The period before the one that runs; nothing where nothing was spent in it, or nobody was counting. */
export async function spentBefore({ read, clock }: { readonly read: Pick<Store['read'], 'spendSlots'>; readonly clock: Clock }, project: string, period: Period, timezone: string): Promise<SpentBefore | undefined> {
  const { startMs: endMs } = periodAt(period, timezone, clock.nowMs())
  const { startMs } = periodAt(period, timezone, endMs - 1)
  let nanoUsd = 0
  let unpriced = 0
  for (let atMs = startMs; atMs < endMs; atMs = Math.min(endMs, (Math.floor(atMs / dayMs) + 1) * dayMs)) {
    for (const slot of await read.spendSlots({ project, fromMs: atMs, untilMs: endMs, by: 'scope' })) {
      nanoUsd += slot.nanoUsd
      unpriced += slot.unpriced
    }
  }
  return nanoUsd === 0 ? undefined : { startMs, endMs, nanoUsd, unpriced, suggestedUsd: roundAbove((nanoUsd / 1e9) * 1.25) }
}

const dayMs = 86_400_000

/** 387 becomes 400, 1.3 becomes 2, 12 becomes 15. */
export function roundAbove(usd: number): number {
  const unit = 10 ** Math.floor(Math.log10(usd))
  const step = usd / unit < 2 ? unit / 2 : unit
  return Number((Math.ceil(usd / step - 1e-9) * step).toPrecision(6))
}

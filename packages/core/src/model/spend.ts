/** Money to add to one budget in one period. */
export interface SpendDelta {
  readonly project: string
  readonly budget: string
  /** Value of the budget's groupBy, or empty. */
  readonly scope: string
  /** First instant of the period, milliseconds since 1970. */
  readonly periodStartMs: number
  /** Changes when what is counted changes: then the sum begins again. */
  readonly epoch: string
  readonly nanoUsd: number
  readonly unpriced: number
}

export interface SpendChange extends SpendDelta {
  /** Sums after the addition. */
  readonly spentNanoUsd: number
  readonly unpricedTotal: number
}

/** Identity of one crossing: it is told once, whoever sees it. */
export interface Crossing {
  readonly project: string
  readonly budget: string
  readonly scope: string
  readonly periodStartMs: number
  readonly epoch: string
  /** Share of the amount, such as 0.8. */
  readonly threshold: number
  readonly atMs: number
}

/**
 * Beside the budgets the same sums are kept for every ten minutes, agent and model, whatever is configured: what charts are drawn from.
 * Each is a budget of its own name, one for each day, so that a day is read by the beginning of its key; no budget can be called so.
 */
export const spendSlotMs = 600_000
const slotDayMs = 86_400_000
/** Under which name the sums of that day (of UTC) stand. */
export function slotBook(atMs: number): string {
  return `~${Math.floor(atMs / slotDayMs)}`
}
/**
 * In place of an epoch: what the sum counts. One row for each, and that is nearly always one: most slots have a price.
 *
 * spent     nano-dollars, and in the place of what has no price all calls
 * unpriced  calls whose price is not known
 */
export const slotKinds = { spent: 'spent', unpriced: 'unpriced' } as const

/** Which of those sums are read: of one day of UTC, those that begin from `fromMs` (included) to `untilMs` (excluded). */
export interface SpendSlotAsk {
  readonly project: string
  readonly fromMs: number
  readonly untilMs: number
  /** Only these, as they are kept. */
  readonly scopes?: readonly string[]
  /** Added up by time, by scope, or not. */
  readonly by: 'time' | 'scope' | 'both'
  /** By time: added up in steps of so many milliseconds since 1970. @default the ten minutes as they are kept */
  readonly stepMs?: number
}

export interface SpendSlotSum {
  /** First instant of the step; absent: of all that was asked for. */
  readonly atMs?: number
  readonly scope?: string
  readonly nanoUsd: number
  readonly calls: number
  readonly unpriced: number
}

/** Sums of a budget in one period. */
export interface BudgetSums {
  /** Those that spent most first. */
  readonly groups: readonly { readonly scope: string; readonly nanoUsd: number; readonly unpriced: number }[]
  readonly groupsTotal: number
  readonly nanoUsd: number
  readonly unpriced: number
}

/** What of the sums is read for people who look. */
export interface SpendReads {
  /** @returns in the order of time; at most one day is looked at, whatever is asked for */
  spendSlots(ask: SpendSlotAsk): Promise<readonly SpendSlotSum[]>
  /** @param groupsMax how many groups are named, 1 to 200 */
  budgetSums(of: Pick<SpendDelta, 'project' | 'budget' | 'epoch' | 'periodStartMs'>, groupsMax: number): Promise<BudgetSums>
  /** Crossings of these groups whose period began at or after `sinceMs`; at most 1,000. */
  crossings(of: Pick<SpendDelta, 'project' | 'budget' | 'epoch'> & { readonly sinceMs: number; readonly scopes: readonly string[] }): Promise<readonly Pick<Crossing, 'scope' | 'threshold' | 'atMs' | 'periodStartMs'>[]>
  /** What rules keep under these keys, in order. At most 200. */
  ruleTexts(project: string, rule: string, keys: readonly string[]): Promise<readonly (string | undefined)[]>
}

/** The part of a transaction that adds money up. */
export interface Spending {
  addSpend(deltas: readonly SpendDelta[]): Promise<readonly SpendChange[]>
  /** For each crossing whether it is new. */
  recordCrossings(crossings: readonly Crossing[]): Promise<readonly boolean[]>
}

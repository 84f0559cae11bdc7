import { isUnpriced, type Event } from '../../model/event.ts'
import type { ProjectFinding } from '../rule.ts'
import { ruleFailed } from '../rule-failed.ts'
import type { EventView } from '../view.ts'
import { periodParts, rollingParts, type Budget } from './budget.ts'
import { addTo, type Parts } from './parts.ts'

/** What a batch adds to one period of one scope; of a rolling window there is one, and its start is 0. */
export interface Sum {
  readonly startMs: number
  nanoUsd: number
  unpriced: number
  isSampled: boolean
  readonly parts: Parts
  readonly minutes: Parts
  last: Event
}

/** What a batch adds to one scope of one budget. */
export interface ScopeSums {
  readonly budget: Budget
  readonly project: string
  readonly scope: string
  /** By the first instant of the period. */
  readonly sums: Map<number, Sum>
}

/** Further groups of a budget that has as many as it may have share this one. */
export const otherScope = 'other'

/** The tag by which events say that they come from a sample of all. */
const sampledTag = 'tocsin.sampled'

/** Sums up a batch by budget, scope and period. Bounded by the batch. */
export class BatchSums {
  readonly #scopes = new Map<string, ScopeSums>()
  readonly #budgets: readonly Budget[]
  readonly #failures: ProjectFinding[]

  /** Budgets whose condition cannot be evaluated are added to `failures`. */
  constructor(budgets: readonly Budget[], failures: ProjectFinding[]) {
    this.#budgets = budgets
    this.#failures = failures
  }

  /** In the order of their keys, so that several writers meet in the same order. */
  get scopes(): readonly ScopeSums[] {
    return [...this.#scopes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, scope]) => scope)
  }

  add(event: Event, view: EventView): void {
    if (event.llm === undefined) return
    const nanoUsd = event.llm.costNanoUsd ?? 0
    const unpriced = isUnpriced(event) ? 1 : 0
    if (nanoUsd === 0 && unpriced === 0) return
    for (const budget of this.#budgets) {
      try {
        if (!budget.counts(view)) continue
      } catch (failure) {
        this.#failures.push(ruleFailed(event.project, `budget ${budget.name}`, failure, event.atMs))
        continue
      }
      this.#addTo(budget, event, { nanoUsd, unpriced, calls: event.type === 'llm.usage' ? 0 : 1 })
    }
  }

  #addTo(budget: Budget, event: Event, spent: { readonly nanoUsd: number; readonly unpriced: number; readonly calls: number }): void {
    const scope = this.#scopeOf(budget, event)
    const { startMs, index } = placeOf(budget, event.atMs)
    let sum = scope.sums.get(startMs)
    if (sum === undefined) scope.sums.set(startMs, (sum = { startMs, nanoUsd: 0, unpriced: 0, isSampled: false, parts: new Map(), minutes: new Map(), last: event }))
    sum.nanoUsd += spent.nanoUsd
    sum.unpriced += spent.unpriced
    if (event.tags[sampledTag] !== undefined) sum.isSampled = true
    addTo(sum.parts, index, spent)
    addTo(sum.minutes, Math.floor(event.atMs / 60_000), spent)
    sum.last = event
  }

  #scopeOf(budget: Budget, event: Event): ScopeSums {
    const name = budget.scopeOf(event)
    const key = `${event.project}\u0000${budget.name}\u0000${name}`
    let scope = this.#scopes.get(key)
    if (scope === undefined) this.#scopes.set(key, (scope = { budget, project: event.project, scope: name, sums: new Map() }))
    return scope
  }
}

/** Adds one sum to another of the same period. */
export function mergeSum(into: Map<number, Sum>, sum: Sum): void {
  const before = into.get(sum.startMs)
  if (before === undefined) {
    into.set(sum.startMs, sum)
    return
  }
  before.nanoUsd += sum.nanoUsd
  before.unpriced += sum.unpriced
  before.isSampled ||= sum.isSampled
  for (const [index, part] of sum.parts) addTo(before.parts, index, part)
  for (const [minute, part] of sum.minutes) addTo(before.minutes, minute, part)
  before.last = sum.last
}

function placeOf(budget: Budget, atMs: number): { readonly startMs: number; readonly index: number } {
  if (budget.rollingMs !== undefined) return { startMs: 0, index: Math.floor(atMs / (budget.rollingMs / rollingParts)) }
  const { startMs, endMs } = budget.intervalOf(atMs)
  return { startMs, index: Math.floor(((atMs - startMs) / (endMs - startMs)) * periodParts) }
}

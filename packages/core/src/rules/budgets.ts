import type { AlertChange } from '../model/alert.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { Event } from '../model/event.ts'
import type { Crossing, SpendDelta } from '../model/spend.ts'
import type { Transaction } from '../model/store.ts'
import { bookPeriod, bookWindow, memoryStateOf, type Booked } from './budgets/booking.ts'
import { Budget } from './budgets/budget.ts'
import { crossingOf, supersededDecisions, tellCrossings, type ToldCrossings } from './budgets/crossings.ts'
import { rememberScopes, type Remembered } from './budgets/groups.ts'
import { SlotBook, SlotScopes } from './budgets/slots.ts'
import { BatchSums, type Sum } from './budgets/sums.ts'
import type { BudgetRule, ProjectFinding } from './rule.ts'
import type { EventView } from './view.ts'

export interface Budgets {
  /** For one batch. Budgets whose condition cannot be evaluated are added to `failures`. */
  book(nowMs: number, failures: ProjectFinding[]): SpendBook
}

export interface SpendBook {
  add(event: Event, view: EventView): void
  apply(tx: Transaction): Promise<Crossed>
}

export interface Crossed {
  readonly crossed: readonly ProjectFinding[]
  readonly superseded: (change: AlertChange) => readonly Decision[]
}

/**
 * Budgets add up what calls cost in a period and tell each threshold once: the identity of a crossing is budget, scope,
 * period, threshold and epoch. An edited budget starts a new epoch and keeps its sum, so that what is spent already counts
 * against the new amount. Sums are whole nano-dollars; whether a crossing is new, its row decides. Nothing un-crosses,
 * but in a rolling window, whose thresholds are ready again when the sum has fallen well below them.
 *
 * @param rules what else looks at how the money goes
 */
export function createBudgets(config: Config, rules: readonly BudgetRule[] = []): Budgets {
  const budgets = Object.entries(config.budgets).map(([name, settings]) => new Budget(name, settings, config.defaults.timezone))
  if (rules.some(({ watchesProject }) => watchesProject === true)) budgets.push(new Budget('', wholeProject, config.defaults.timezone))
  const slotScopes = new SlotScopes()
  return {
    book(nowMs, failures) {
      const sums = new BatchSums(budgets, failures)
      const slots = new SlotBook(slotScopes)
      return {
        add(event, view) {
          sums.add(event, view)
          slots.add(event)
        },
        apply: (tx) => applySums(tx, sums, slots, rules, nowMs),
      }
    },
  }
}

/** What the whole project spends in a day: no amount, so nothing to cross. */
const wholeProject: Config['budgets'][string] = { amountUsd: 9_000_000, groupBy: [], groupsMax: 1, thresholds: [], forecast: false }

const noneSuperseded: Crossed['superseded'] = () => []

async function applySums(tx: Transaction, batch: BatchSums, slots: SlotBook, rules: readonly BudgetRule[], nowMs: number): Promise<Crossed> {
  const sums = batch.scopes
  const slotDeltas = slots.deltas()
  if (sums.length === 0) {
    if (slotDeltas.length > 0) await tx.addSpend(slotDeltas)
    return { crossed: [], superseded: noneSuperseded }
  }
  const { scopes, states, findings } = await rememberScopes(tx, sums, nowMs)
  const booked: Booked[] = []
  const periods = scopes.flatMap((one) => (one.scope.budget.rollingMs === undefined ? [...one.scope.sums.values()].map((sum) => ({ one, sum })) : []))
  const changes = await tx.addSpend([...periods.map(({ one, sum }) => deltaOf(one, sum)), ...slotDeltas])
  for (const [index, { one, sum }] of periods.entries()) {
    const change = changes[index]
    if (change !== undefined) booked.push(bookPeriod(one, sum, change, nowMs))
  }
  for (const one of scopes) {
    const { rollingMs } = one.scope.budget
    if (rollingMs !== undefined) for (const sum of one.scope.sums.values()) booked.push(bookWindow(one, sum, rollingMs, nowMs))
  }
  const crossed = await tellReached(tx, booked, nowMs)
  const noticed = await tellNoticed(tx, booked, rules, nowMs)
  await tx.putRuleStates([...scopes.map((one) => memoryStateOf(one, nowMs)), ...states])
  return {
    crossed: [...findings, ...crossed.findings, ...noticed],
    superseded: crossed.lower.size === 0 ? noneSuperseded : (change) => supersededDecisions(change, crossed.lower, nowMs),
  }
}

async function tellReached(tx: Transaction, booked: readonly Booked[], nowMs: number): Promise<ToldCrossings> {
  const attempts = booked.flatMap((one) => one.reached.map((threshold) => ({ ...one, threshold })))
  if (attempts.length === 0) return { findings: [], lower: new Map() }
  const isNew = await tx.recordCrossings(attempts.map((one) => crossingOf(one, nowMs)))
  return tellCrossings(attempts.filter((_, index) => isNew[index] === true), nowMs)
}

/** What the rules notice in how the money goes; only of what goes on, not of what is known late. */
async function tellNoticed(tx: Transaction, booked: readonly Booked[], rules: readonly BudgetRule[], nowMs: number): Promise<readonly ProjectFinding[]> {
  const noticed = booked.flatMap(({ project, seen, startMs, isLate }) => {
    if (isLate || startMs > nowMs) return []
    return rules.flatMap((rule) => {
      const news = rule.look(seen, nowMs)
      if (news === undefined) return []
      const crossing: Crossing = { project, budget: seen.budget.name, scope: seen.scope, periodStartMs: startMs, epoch: `${rule.name} ${seen.budget.epoch}`, threshold: 1, atMs: nowMs }
      return [{ finding: { ...news.finding, project }, ...(news.isOncePerPeriod === true && { crossing }) }]
    })
  })
  const isNew = await tx.recordCrossings(noticed.flatMap(({ crossing }) => crossing ?? []))
  let place = 0
  return noticed.filter(({ crossing }) => crossing === undefined || isNew[place++] === true).map(({ finding }) => finding)
}

function deltaOf({ scope: { budget, project, scope } }: Remembered, { startMs, nanoUsd, unpriced }: Sum): SpendDelta {
  return { project, budget: budget.name, scope, periodStartMs: startMs, epoch: budget.counting, nanoUsd, unpriced }
}

import type { ConfigInput } from '../../packages/core/src/model/config.ts'
import type { Event } from '../../packages/core/src/model/event.ts'
import { Dice } from '../simulation/dice.ts'

export type BudgetInput = NonNullable<ConfigInput['budgets']>[string]

/**
 * What befalls one attempt to hand a batch over: nothing; the process dies inside the transaction, or after the commit
 * and before its answer. Whoever handed it over sends it again then.
 */
export type Fate = 'well' | 'dies-inside' | 'dies-before-answer'

/** One attempt. */
export interface Step {
  /** Which of the processes. */
  readonly process: number
  /** What its clock says. */
  readonly nowMs: number
  readonly events: readonly Event[]
  readonly fate: Fate
  /** At which call of the store it dies inside. */
  readonly diesAt: number
  /** Before it, the budgets are edited and all processes start anew. */
  readonly edited?: Readonly<Record<string, BudgetInput>>
}

export interface Plan {
  readonly project: string
  readonly budgets: Readonly<Record<string, BudgetInput>>
  readonly steps: readonly Step[]
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Attempts to hand over one batch before it gets through. */
const attemptsMax = 3
export const processCount = 2

/** What happens in one seeded run: budgets, and events that come late, in any order, more than once and through processes that die. */
export function drawPlan(seed: number): Plan {
  const dice = new Dice(seed, 'budgets')
  const project = `run-${seed}`
  const budgets = Object.fromEntries(Array.from({ length: dice.between(1, 3) }, (_, index) => [`b${index + 1}`, drawBudget(dice)]))
  // Around changes of the clocks as often as not.
  const startMs = dice.one([Date.UTC(2026, 2, 28, 18), Date.UTC(2026, 9, 24, 20), Date.UTC(2026, 5, 30, 21), Date.UTC(2026, 10, 22, 12)]) + dice.between(0, 59) * minuteMs
  const stepMs = dice.one([minuteMs, 5 * minuteMs, 20 * minuteMs, 2 * hourMs, 9 * hourMs])
  const steps: Step[] = []
  const sent: Event[] = []
  let nowMs = startMs
  const editAt = dice.hits(0.3) ? dice.between(2, 10) : -1
  for (let batch = 0; batch < dice.between(8, 16); batch++) {
    nowMs += dice.between(0, 2 * stepMs)
    const fresh = Array.from({ length: dice.between(1, 5) }, (_, index) => drawEvent(dice, project, `e${batch}.${index}`, nowMs, stepMs))
    const again = dice.hits(0.4) ? Array.from({ length: dice.between(1, 3) }, () => sent[dice.between(0, sent.length - 1)]).flatMap((event) => event ?? []) : []
    const events = shuffled(dice, [...fresh, ...again])
    sent.push(...fresh)
    const edited = batch === editAt ? Object.fromEntries(Object.entries(budgets).map(([name, budget]) => [name, { ...budget, amountUsd: budget.amountUsd * dice.one([0.5, 1, 2]) }])) : undefined
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const fate: Fate = attempt === attemptsMax ? 'well' : dice.weighted({ 'well': 7, 'dies-inside': 2, 'dies-before-answer': 2 })
      // Clocks of machines differ by up to two minutes.
      const process = dice.between(0, processCount - 1)
      steps.push({ process, nowMs: nowMs + (process === 0 ? 0 : dice.between(-2, 2) * minuteMs), events, fate, diesAt: dice.between(1, 8), ...(edited !== undefined && attempt === 1 && { edited }) })
      if (fate === 'well') break
    }
  }
  return { project, budgets, steps }
}

function drawBudget(dice: Dice): BudgetInput {
  const isRolling = dice.hits(0.3)
  const groupBy = dice.one([[], [], ['agent'], ['user', 'agent']])
  return {
    amountUsd: dice.between(1, 12),
    ...(isRolling ? { rolling: dice.one(['30m', '6h', '24h']) } : { period: dice.one(['hour', 'day', 'week', 'month'] as const), timezone: dice.one(['UTC', 'Europe/Berlin', 'Asia/Shanghai']) }),
    groupBy,
    ...(groupBy.length > 0 && !isRolling && dice.hits(0.5) && { groupsMax: dice.between(1, 3) }),
    ...(dice.hits(0.3) && { where: "event.agent != 'b'" }),
    thresholds: dice.one([[0.5, 0.8, 0.95, 1], [0.1, 0.25, 0.5, 1, 1.5], [1]]),
  }
}

function drawEvent(dice: Dice, project: string, id: string, nowMs: number, stepMs: number): Event {
  // Late by up to a few steps, far late now and then, or ahead as far as a clock may be.
  const offMs = dice.hits(0.25) ? -dice.between(0, 6 * stepMs) : dice.hits(0.05) ? -dice.between(0, 40 * dayMs) : dice.between(-stepMs, dice.hits(0.1) ? 4 * minuteMs : 0)
  const isPriced = !dice.hits(0.05)
  return {
    id, project, type: 'llm.call', source: 'otel', atMs: nowMs + offMs, durationMs: 10, status: 'ok', tags: {},
    agent: dice.one(['a', 'b', 'c']), user: dice.one(['u', 'v']),
    llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', ...(isPriced ? { costNanoUsd: dice.between(1, 900_000_000), costSource: 'priced' } : { costSource: 'unknown' }) },
  }
}

function shuffled<T>(dice: Dice, list: readonly T[]): readonly T[] {
  return list.map((one) => ({ one, order: dice.chance.next() })).sort((a, b) => a.order - b.order).map(({ one }) => one)
}

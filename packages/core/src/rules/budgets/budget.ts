import { createHash } from 'node:crypto'
import { periodAt, type Interval, type Period } from '../../model/calendar.ts'
import type { BudgetConfig } from '../../model/config.ts'
import { TocsinError } from '../../model/error.ts'
import type { Event } from '../../model/event.ts'
import { nanoFromUsd } from '../../model/money.ts'
import { groupKey } from '../group-key.ts'
import { compileCondition, groupValues, problemOfGroupName, type EventView } from '../view.ts'

/** Into so many parts a calendar period is divided to see how it was spent; a seventh of it is six of them. */
export const periodParts = 42
/** Into so many parts a rolling window is divided: it moves on by one of them at a time. */
export const rollingParts = 96

/** A share of the amount that is told when it is spent. */
export interface Threshold {
  readonly share: number
  readonly nanoUsd: number
}

/** A budget as configured, compiled. */
export class Budget {
  readonly name: string
  readonly settings: BudgetConfig
  /** Changes when the budget is edited: its thresholds are told anew. */
  readonly epoch: string
  /** Changes when what is counted changes: only then the sum begins again. */
  readonly counting: string
  readonly amountNanoUsd: number
  /** Lowest first, each share once. */
  readonly thresholds: readonly Threshold[]
  /** Of a calendar period; a rolling budget has none. */
  readonly period: Period
  /** Length of a rolling window, milliseconds. */
  readonly rollingMs: number | undefined
  readonly #timezone: string
  readonly #test: ((view: EventView) => boolean) | undefined
  /** The period of the last event, nearly always that of the next. */
  #interval: Interval = { startMs: 0, endMs: 0 }

  /** @throws TocsinError `config-invalid` where its condition or a name in `groupBy` is wrong */
  constructor(name: string, settings: BudgetConfig, defaultTimezone: string) {
    this.name = name
    this.settings = settings
    this.period = settings.period ?? 'day'
    this.rollingMs = settings.rolling
    this.#timezone = settings.timezone ?? defaultTimezone
    this.#test = settings.where === undefined ? undefined : conditionOf(name, settings.where)
    for (const group of settings.groupBy) {
      const problem = problemOfGroupName(group)
      if (problem !== undefined) throw new TocsinError('config-invalid', `budgets.${name}.groupBy: ${problem}`)
    }
    this.amountNanoUsd = nanoFromUsd(settings.amountUsd)
    this.thresholds = [...new Set(settings.thresholds)].sort((a, b) => a - b).map((share) => ({ share, nanoUsd: Math.round(this.amountNanoUsd * share) }))
    const counted = [settings.rolling ?? this.period, this.#timezone, settings.where ?? '', settings.groupBy]
    this.counting = hashOf(counted)
    this.epoch = hashOf([...counted, settings.amountUsd, settings.thresholds])
  }

  get isGrouped(): boolean {
    return this.settings.groupBy.length > 0
  }

  /** Throws where its condition cannot be evaluated. */
  counts(view: EventView): boolean {
    return this.#test === undefined || this.#test(view)
  }

  scopeOf(event: Event): string {
    return this.isGrouped ? groupKey(groupValues(event, this.settings.groupBy)) : ''
  }

  /** The calendar period that holds an instant. */
  intervalOf(atMs: number): Interval {
    if (atMs < this.#interval.startMs || atMs >= this.#interval.endMs) this.#interval = periodAt(this.period, this.#timezone, atMs)
    return this.#interval
  }

  /** Thresholds that so much has reached; which of them are news, the crossings on record know. */
  reachedBy(spentNanoUsd: number): readonly Threshold[] {
    return this.thresholds.filter(({ nanoUsd }) => nanoUsd <= spentNanoUsd)
  }
}

function conditionOf(name: string, where: string): (view: EventView) => boolean {
  const condition = compileCondition(where, 'event')
  if (!condition.ok) throw new TocsinError('config-invalid', `budgets.${name}.where: ${condition.problem}`)
  return condition.test
}

function hashOf(settings: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
}

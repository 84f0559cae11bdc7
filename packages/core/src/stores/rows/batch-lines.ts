import type { Similar } from '../../model/notification.ts'

/** Lines of a batch that are loaded with it; `moreAlerts` counts what stands in none. */
export const linesMax = 100

/** Of larger batches agents are not counted: they stand in the facts, and reading those of 100,000 alerts takes as long as all the rest three times. */
export const agentsCountedMost = 10_000

/** Agents that are named with a line. */
const agentsNamedMost = 5

export interface LineRow {
  readonly alert: number
  readonly count: number
  readonly first_at: number
  readonly last_at: number
  readonly agents: number
  readonly late: number
}

/** A line of a batch: one alert that stands for itself, or for others like it. */
export interface BatchLine {
  readonly alert: number
  readonly isLate: boolean
  /** Absent: it stands for itself alone. */
  readonly similar?: Similar
}

/** @param names of the agents, in any order */
export function lineOf({ alert, count, first_at, last_at, agents, late }: LineRow, names: () => readonly unknown[]): BatchLine {
  return {
    alert,
    isLate: late !== 0,
    ...(count > 1 && { similar: { alerts: count, firstMs: first_at, lastMs: last_at, ...(agents > 0 && { agents, agentNames: shownOf(names()) }) } }),
  }
}

/** Some of the agents, in the order of the alphabet. */
function shownOf(names: readonly unknown[]): readonly string[] {
  return names.filter((name) => typeof name === 'string').toSorted().slice(0, agentsNamedMost)
}

import { createHash } from 'node:crypto'
import type { AlertKind } from '../../model/alert.ts'
import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import type { Severity } from '../../model/severity.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { groupKey } from '../group-key.ts'
import { rowsOf } from '../groups.ts'
import { ruleTimer, type BatchRule, type DueRuleTimer, type ProjectFinding, type RuleBook, type RuleNews } from '../rule.ts'
import type { Measure } from '../threshold/measure.ts'
import { addEvent, measureAt, mergeSlices, type Slices } from '../threshold/slices.ts'
import { groupReader, type EventView } from '../view.ts'
import { addCall, closeInterval, differenceOf, emptyBreakdown, mergeOpen, type Breakdown } from './breakdown.ts'
import { forgivenScore } from './feedback.ts'
import { unusualFinding } from './finding.ts'
import { newSeries, seriesFrom, seriesText, type Series } from './series.ts'
import { watchOf, type Seen } from './watch.ts'

export interface UnusualSettings {
  readonly name: string
  readonly on: string
  /** Types beside it that add to the same measure. No part of what is learned: a further one begins nothing anew. */
  readonly alsoOn?: readonly string[]
  readonly test: ((view: EventView) => boolean) | undefined
  readonly measure: Measure
  readonly measureText: string
  readonly everyMs: number
  readonly groupBy: readonly string[]
  readonly groupsMax: number
  readonly kind: AlertKind
  readonly severity: Severity
  /** A departure of less than this, in the unit of the measure and as a share of what was expected, is told to nobody; it is detected all the same. */
  readonly impactLeast: number
  readonly impactShareLeast: number
}

/** An interval is judged so long after its end: what is told after the fact may still belong to it. */
const graceMs = 60_000
/** It is over after so many intervals in a row as usual. */
const calmIntervals = 3
/** While it fires it is told again when it is so much worse, and not sooner than this. */
const worseFactor = 2
const againMs = 3_600_000
const lastingMs = 86_400_000
/** Intervals that are judged at once after a pause; what lies before them is left to the detector, which knows gaps. */
const atOnceMax = 1_008
/** A group from which nothing came for so long is forgotten. */
const forgottenMs = 8 * 86_400_000

/**
 * A rule that learns what is usual of a measure, by group, and tells what is not. Events are only added to intervals of time. An
 * interval is judged once, when it is over, by whoever holds its timer; what comes for it later is counted as late and changes
 * nothing. What decides is the detector; how much a departure must be worth to be told changes only who is told.
 */
export function unusualRule(settings: UnusualSettings): BatchRule {
  const { name, measure, everyMs, groupBy } = settings
  const valuesOf = groupReader(groupBy)
  const cut = { sliceMs: everyMs, slices: 0 }
  const isMoney = measure.unit === 'usd'
  /** Nothing heard is 0 of what is counted; of a mean or a share it is nothing at all. */
  const zeroes = measure.kind === 'count' || measure.kind === 'rate' || measure.kind === 'sum'
  const counting = countingOf(settings)

  /** What was learned under other settings is of no use; an alert that it had open ends. */
  function read(stored: string | undefined, values: readonly string[], next: number, nowMs: number): { readonly series: Series; readonly isStale: boolean } {
    const kept = seriesFrom(stored, counting)
    // The interval in which it was switched on again is not whole.
    if (kept?.next === restingNext) kept.next = Math.floor(nowMs / everyMs) + 1
    return kept === undefined ? { series: newSeries(counting, values, next, nowMs), isStale: stored !== undefined } : { series: kept, isStale: false }
  }

  function book(nowMs: number): RuleBook {
    /** Bounded by the batch. */
    const groups = new Map<string, Group>()
    return {
      add(event, view) {
        if (settings.test !== undefined && !settings.test(view)) return
        const values = valuesOf(view)
        const key = groupKey(values)
        const id = `${event.project}\u0000${key}`
        const group = groups.get(id) ?? { project: event.project, key, values, slices: new Map(), breakdown: emptyBreakdown() }
        const index = Math.floor(Math.min(event.atMs, nowMs) / everyMs)
        if (!addEvent(group.slices, index, measure, event, view)) return
        if (isMoney) addCall(group.breakdown, index, event)
        groups.set(id, group)
      },
      async apply(tx) {
        if (groups.size === 0) return { findings: [], over: [] }
        const { rows, findings } = await rowsOf(tx, name, [...groups.values()], settings.groupsMax, nowMs)
        const over: RuleKey[] = []
        const states: RuleState[] = []
        const timers: Timer[] = []
        for (const { project, key, stored, entries } of rows) {
          const of = { project, rule: name, key }
          const first = Math.min(...entries.flatMap(({ slices }) => [...slices.keys()]))
          const { series, isStale } = read(stored, entries.length === 1 && entries[0]?.key === key ? entries[0].values : [], first, nowMs)
          if (isStale) over.push(of)
          if (stored === undefined || isStale) timers.push(ruleTimer(of, closeMs(series.next)))
          for (const entry of entries) countIn(series, entry)
          series.heardMs = nowMs
          states.push({ ...of, value: seriesText(series), atMs: nowMs })
        }
        await tx.putRuleStates(states)
        if (timers.length > 0) await tx.putTimers(timers)
        return { findings, over }
      },
    }
  }

  /** What is usual stays; intervals that were not listened to are judged by nobody. */
  function atRest(value: string): string | undefined {
    const kept = seriesFrom(value, counting)
    if (kept === undefined || kept.next === restingNext) return kept && value
    const { breakdown: _breakdown, ...series } = kept
    return seriesText({ ...series, open: new Map(), next: restingNext, firingMs: 0, calm: 0 })
  }

  function countIn(series: Series, { slices, breakdown }: Group): void {
    for (const [index, slice] of slices) {
      if (index >= series.next) continue
      series.late += slice.count
      slices.delete(index)
    }
    mergeSlices(series.open, slices, measure.kind)
    if (!isMoney) return
    series.breakdown ??= emptyBreakdown()
    mergeOpen(series.breakdown, Object.fromEntries(Object.entries(breakdown.open).filter(([index]) => Number(index) >= series.next)))
  }

  /** When an interval is judged. */
  function closeMs(index: number): number {
    return (index + 1) * everyMs + graceMs
  }

  async function due(tx: Transaction, timers: readonly DueRuleTimer[], nowMs: number): Promise<RuleNews> {
    const keys = timers.map(({ project, key }) => ({ project, rule: name, key })).sort((a, b) => (a.key < b.key ? -1 : 1))
    const findings: ProjectFinding[] = []
    const over: RuleKey[] = []
    const states: RuleState[] = []
    const again: Timer[] = []
    const gone: RuleKey[] = []
    for (const [index, stored] of (await tx.ruleStates(keys)).entries()) {
      const of = keys[index]
      if (of === undefined || stored === undefined) continue
      const { series, isStale } = read(stored, [], Math.floor(nowMs / everyMs), nowMs)
      if (isStale || nowMs - series.heardMs > forgottenMs) {
        gone.push(of)
        over.push(of)
        continue
      }
      const last = Math.floor((nowMs - graceMs) / everyMs) - 1
      series.next = Math.max(series.next, last - atOnceMax)
      for (; series.next <= last; series.next += 1) judge(of, series, nowMs, findings, over)
      states.push({ ...of, value: seriesText(series), atMs: nowMs })
      again.push(ruleTimer(of, closeMs(series.next)))
    }
    if (gone.length > 0) await tx.removeRuleStates(gone)
    if (states.length > 0) await tx.putRuleStates(states)
    if (again.length > 0) await tx.putTimers(again)
    return { findings, over }
  }

  function judge(of: RuleKey, series: Series, nowMs: number, findings: ProjectFinding[], over: RuleKey[]): void {
    const index = series.next
    const { samples, value: measured } = measureAt(series.open, cut, measure, (index + 1) * everyMs - 1)
    series.open.delete(index)
    if (series.breakdown !== undefined) closeInterval(series.breakdown, index)
    if (samples === 0 && !zeroes) return
    const value = measured / measure.scale
    const watch = watchOf(measure.unit, measure.kind, everyMs, series.detector)
    const seen = watch.step(value, index * everyMs)
    series.detector = watch.save()
    const isAsBefore = series.firingMs > 0 && ((value >= series.low && value <= series.high) || !isWorthIt(value, series.expected))
    if (!isAsBefore && seen.score >= 1 && seen.score > forgivenScore(series, nowMs) && isWorthIt(seen.came ?? value, seen.wanted ?? seen.expected)) {
      series.calm = 0
      const isFirst = series.firingMs === 0
      const isAgain = !isFirst && seen.score >= worseFactor * series.toldScore && nowMs - series.toldMs >= againMs
      if (isFirst) {
        series.firingMs = nowMs
        series.expected = seen.expected
        series.low = seen.low
        series.high = seen.high
      }
      if (isFirst || isAgain) {
        series.toldScore = seen.score
        series.toldMs = nowMs
      }
      findings.push(unusualFinding({ ...settings, ...of, rule: name }, series, seen, value, series.breakdown === undefined ? [] : differenceOf(series.breakdown), isAgain, nowMs))
    } else if (series.firingMs > 0) {
      // As usual, as it was before, or so near to that that nobody would be told.
      series.calm = seen.isUsual || isAsBefore ? series.calm + 1 : 0
      // What lasts for a day without getting worse is how it is now.
      if (series.calm < calmIntervals && nowMs - series.toldMs < lastingMs) return
      series.firingMs = 0
      series.calm = 0
      over.push(of)
    }
  }

  function isWorthIt(came: number, expected: number): boolean {
    const impact = Math.abs(came - expected)
    return impact >= settings.impactLeast && impact >= settings.impactShareLeast * Math.abs(expected)
  }

  return { name, looksAt: 'batches', on: [settings.on, ...(settings.alsoOn ?? [])], book, due, atRest }
}

/** In place of the next interval, while it is switched off. */
const restingNext = -1

function countingOf({ on, measureText, everyMs, groupBy, test }: UnusualSettings): string {
  return createHash('sha256').update(JSON.stringify([on, measureText, everyMs, groupBy, test === undefined])).digest('hex').slice(0, 12)
}

/** What such a rule judges, for whoever draws it: an interval that is over and not judged yet, by its own measure and detector. */
export interface UnusualReader {
  /** When the interval that begins at `index * everyMs` is about to be judged. */
  readonly lookAtMs: (index: number) => number
  /** @returns nothing where the row is not of these settings, the interval was judged already, or it holds nothing to judge */
  readonly read: (text: string | undefined, index: number) => { readonly values: readonly string[]; readonly value: number; readonly seen: Pick<Seen, 'expected' | 'low' | 'high' | 'learning'> } | undefined
}

export function unusualReader(settings: UnusualSettings): UnusualReader {
  const { measure, everyMs } = settings
  const counting = countingOf(settings)
  const zeroes = measure.kind === 'count' || measure.kind === 'rate' || measure.kind === 'sum'
  return {
    lookAtMs: (index) => (index + 1) * everyMs + graceMs - 1,
    read(text, index) {
      const series = seriesFrom(text, counting)
      if (series === undefined || series.next !== index) return undefined
      const { samples, value: measured } = measureAt(series.open, { sliceMs: everyMs, slices: 0 }, measure, (index + 1) * everyMs - 1)
      if (samples === 0 && !zeroes) return undefined
      const value = measured / measure.scale
      // Nothing of it is kept: the rule itself looks next.
      return { values: series.values, value, seen: watchOf(measure.unit, measure.kind, everyMs, series.detector).step(value, index * everyMs) }
    },
  }
}

/** What a batch adds to one group. */
interface Group {
  readonly project: string
  readonly key: string
  readonly values: readonly string[]
  readonly slices: Slices
  readonly breakdown: Breakdown
}

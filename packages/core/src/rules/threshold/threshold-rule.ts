import { createHash } from 'node:crypto'
import type { ThresholdRuleConfig } from '../../model/rule-config.ts'
import { TocsinError } from '../../model/error.ts'
import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { groupKey } from '../group-key.ts'
import { checkGroupNames, ownCondition } from '../own-rule.ts'
import { rowsOf } from '../groups.ts'
import { ruleTimer, type BatchRule, type DueRuleTimer, type ProjectFinding, type RuleBook, type RuleNews } from '../rule.ts'
import { groupReader, valueReader, type EventView } from '../view.ts'
import { newState, stateFrom, stateText, writtenForm, type GroupState } from './group-state.ts'
import { noDataFinding, noDataKey, thresholdFinding } from './finding.ts'
import { isForgotten, judgeAtClose, judgeAtIntake, nextDueMs, timerAfterIntake, type GroupNews, type Threshold } from './judge.ts'
import { parseMeasure, type Measure } from './measure.ts'
import { addEvent, cutOf, dropOld, measureAt, mergeSlices, type Measured, type Slices } from './slices.ts'

/**
 * A rule from the configuration that measures events over a window, by group. Events are only added to slices of time; what
 * that means is judged by `judge.ts`, at intake where events alone say it and at timers otherwise. All state is in the
 * store and no clock is read, so it can run over recorded events with a moved clock as well as live.
 *
 * @throws TocsinError `config-invalid` where the condition, the measure or a name in `groupBy` is wrong
 */
export function thresholdRule(name: string, settings: ThresholdRuleConfig): BatchRule {
  const threshold = thresholdOf(name, settings)
  const { measure, cut } = threshold
  const test = ownCondition(name, settings.when)
  checkGroupNames(name, settings.groupBy)
  const valuesOf = groupReader(settings.groupBy)
  const [onlyName] = settings.groupBy.length === 1 ? settings.groupBy : []
  const valueOf = onlyName === undefined ? undefined : valueReader(onlyName)
  const counting = countingOf(settings)

  /** What was kept under other settings is of no use; an alert that it had open ends. */
  function read(stored: string | undefined, values: readonly string[], nowMs: number): { readonly state: GroupState; readonly isStale: boolean } {
    const kept = stateFrom(stored, counting)
    return kept === undefined ? { state: newState(counting, values, nowMs), isStale: stored !== undefined } : { state: kept, isStale: false }
  }

  function told(of: RuleKey, state: GroupState, news: readonly GroupNews[], nowMs: number, into: { readonly findings: ProjectFinding[]; readonly over: RuleKey[] }): void {
    const subject = { ...of, settings, threshold }
    for (const one of news) {
      if (one.kind === 'fires') into.findings.push(thresholdFinding(subject, state, one.measured, one.isAgain, nowMs))
      else if (one.kind === 'no-data') into.findings.push(noDataFinding(subject, state, one.measured, nowMs))
      else into.over.push(one.kind === 'over' ? of : { ...of, key: noDataKey(of.key) })
    }
  }

  function book(nowMs: number): RuleBook {
    /** By project and group; bounded by the batch. */
    const groups = new Map<string, Map<string, Group>>()
    const groupOf = (project: string, view: EventView): Group => {
      let ofProject = groups.get(project)
      if (ofProject === undefined) groups.set(project, (ofProject = new Map<string, Group>()))
      // Of one name its value is as good as the key, which takes longer to write.
      const values = valueOf === undefined ? valuesOf(view) : undefined
      const id = valueOf === undefined ? groupKey(values ?? []) : valueOf(view)
      let group = ofProject.get(id)
      if (group === undefined) {
        const own = values ?? [id]
        ofProject.set(id, (group = { project, key: groupKey(own), values: own, slices: new Map(), newestMs: 0 }))
      }
      return group
    }
    return {
      add(event, view) {
        if (test !== undefined && !test(view)) return
        const group = groupOf(event.project, view)
        const atMs = Math.min(event.atMs, nowMs)
        if (addEvent(group.slices, Math.floor(atMs / cut.sliceMs), measure, event, view) && atMs > group.newestMs) group.newestMs = atMs
      },
      async apply(tx) {
        // A group whose events say nothing of what is measured is none.
        const counted = [...groups.values()].flatMap((ofProject) => [...ofProject.values()].filter(({ slices }) => slices.size > 0))
        if (counted.length === 0) return { findings: [], over: [] }
        const { rows, findings: full } = await rowsOf(tx, name, counted, settings.groupsMax, nowMs)
        const findings: ProjectFinding[] = [...full]
        const over: RuleKey[] = []
        const states: RuleState[] = []
        const timers: Timer[] = []
        for (const { project, key, stored, entries } of rows) {
          const of = { project, rule: name, key }
          const { state, isStale } = read(stored, entries.length === 1 && entries[0]?.key === key ? (entries[0]?.values ?? []) : [], nowMs)
          if (isStale) over.push(of, { ...of, key: noDataKey(key) })
          for (const entry of entries) countIn(state, entry, nowMs)
          dropOld(state.slices, cut, nowMs - state.lagMs)
          told(of, state, judgeAtIntake(threshold, state, nowMs), nowMs, { findings, over })
          const dueMs = timerAfterIntake(threshold, state, nowMs)
          if (dueMs !== undefined) {
            state.dueMs = dueMs
            timers.push(ruleTimer(of, dueMs))
          }
          states.push({ ...of, value: stateText(state), atMs: nowMs })
        }
        await tx.putRuleStates(states)
        if (timers.length > 0) await tx.putTimers(timers)
        return { findings, over }
      },
    }
  }

  function countIn(state: GroupState, { slices, newestMs }: Group, nowMs: number): void {
    mergeSlices(state.slices, slices, measure.kind)
    state.heardMs = nowMs
    if (newestMs <= state.newestMs) return
    state.newestMs = newestMs
    // In whole seconds, so that timers do not move with every batch.
    state.lagMs = Math.min(Math.floor((nowMs - newestMs) / 1_000) * 1_000, threshold.windowMs)
  }

  async function due(tx: Transaction, timers: readonly DueRuleTimer[], nowMs: number): Promise<RuleNews> {
    const keys = timers.map(({ project, key }) => ({ project, rule: name, key })).sort((a, b) => (a.key < b.key ? -1 : 1))
    const findings: ProjectFinding[] = []
    const over: RuleKey[] = []
    const states: RuleState[] = []
    const gone: RuleKey[] = []
    const again: Timer[] = []
    for (const [index, stored] of (await tx.ruleStates(keys)).entries()) {
      const of = keys[index]
      if (of === undefined || stored === undefined) continue
      const { state, isStale } = read(stored, [], nowMs)
      if (isStale) over.push(of, { ...of, key: noDataKey(of.key) })
      const isGone = (of.key !== '' || settings.groupBy.length > 0) && (isStale || isForgotten(threshold, state, nowMs))
      if (!isGone) {
        // Nobody looked for longer than a window: that nothing was heard meanwhile says nothing.
        if (nowMs - state.dueMs > threshold.windowMs) state.watchedMs = nowMs
        told(of, state, judgeAtClose(threshold, state, nowMs), nowMs, { findings, over })
      }
      const dueMs = isGone ? undefined : nextDueMs(threshold, state, nowMs)
      if (dueMs === undefined) {
        gone.push(of)
        if (isGone) over.push(of, { ...of, key: noDataKey(of.key) })
        continue
      }
      state.dueMs = dueMs
      states.push({ ...of, value: stateText(state), atMs: nowMs })
      again.push(ruleTimer(of, dueMs))
    }
    if (gone.length > 0) await tx.removeRuleStates(gone)
    if (states.length > 0) await tx.putRuleStates(states)
    if (again.length > 0) await tx.putTimers(again)
    return { findings, over }
  }

  /** That nothing comes at all can be what is looked for. */
  async function begin(tx: Transaction, project: string, nowMs: number): Promise<void> {
    if (settings.groupBy.length > 0 || (!threshold.isBelow && threshold.noData !== 'notify')) return
    const of = { project, rule: name, key: '' }
    const [stored] = await tx.ruleStates([of])
    if (stored !== undefined) return
    const state = newState(counting, [], nowMs)
    state.dueMs = nowMs + threshold.windowMs
    await tx.putRuleStates([{ ...of, value: stateText(state), atMs: nowMs }])
    await tx.putTimers([ruleTimer(of, state.dueMs)])
  }

  return { name, looksAt: 'batches', on: [settings.on], book, due, begin }
}

function countingOf({ on, when = '', measure, window, groupBy }: ThresholdRuleConfig): string {
  return createHash('sha256').update(JSON.stringify([writtenForm, on, when, measure, window, groupBy])).digest('hex').slice(0, 12)
}

/** What such a rule holds against its threshold, for whoever draws it: read of what it keeps, by its own measure. */
export interface ThresholdReader {
  readonly threshold: Threshold
  /** @returns nothing where the row is not of these settings */
  readonly read: (text: string | undefined, atMs: number) => (Measured & { readonly values: readonly string[] }) | undefined
}

export function thresholdReader(name: string, settings: ThresholdRuleConfig): ThresholdReader {
  const threshold = thresholdOf(name, settings)
  const counting = countingOf(settings)
  return {
    threshold,
    read(text, atMs) {
      const state = stateFrom(text, counting)
      return state && { ...measureAt(state.slices, threshold.cut, threshold.measure, atMs - state.lagMs), values: state.values }
    },
  }
}

/** What a batch adds to one group. */
interface Group {
  readonly project: string
  readonly key: string
  readonly values: readonly string[]
  readonly slices: Slices
  newestMs: number
}

function thresholdOf(name: string, settings: ThresholdRuleConfig): Threshold {
  const parsed = parseMeasure(settings.measure)
  if (!parsed.ok) throw new TocsinError('config-invalid', `rules.${name}.measure: ${parsed.problem}`)
  const { measure } = parsed
  const isBelow = settings.below !== undefined
  const limit = scaled(measure, settings.below ?? settings.above ?? 0)
  const isAverage = measure.kind === 'share' || measure.kind === 'avg' || measure.kind === 'percentile'
  return {
    measure,
    cut: cutOf(measure, settings.window),
    windowMs: settings.window,
    isBelow,
    limit,
    until: settings.until === undefined ? backFrom(measure, limit, isBelow) : scaled(measure, settings.until),
    forMs: settings.for ?? 0,
    least: settings.least ?? (isAverage ? leastOfAverages : 1),
    noData: settings.noData ?? (measure.kind === 'count' || measure.kind === 'rate' || measure.kind === 'sum' ? 'zero' : 'last'),
    againMs: settings.again ?? 0,
  }
}

/** Fewer say little about a share, a mean or a percentile. */
const leastOfAverages = 10

/** A tenth back; of a share that fell, a tenth of the way to all. */
function backFrom({ kind }: Measure, limit: number, isBelow: boolean): number {
  if (!isBelow) return limit * 0.9
  return kind === 'share' ? limit + (1 - limit) * 0.1 : limit * 1.1
}

function scaled({ scale }: Measure, value: number): number {
  return scale === 1 ? value : Math.round(value * scale)
}

import { createHash } from 'node:crypto'
import type { AbsenceRuleConfig } from '../../model/rule-config.ts'
import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { groupKey } from '../group-key.ts'
import { keptUnder } from '../kept.ts'
import { checkGroupNames, ownCondition } from '../own-rule.ts'
import { aboutGroup, groupParams, rowsOf } from '../groups.ts'
import { ruleTimer, type BatchRule, type DueRuleTimer, type ProjectFinding, type RuleBook, type RuleNews } from '../rule.ts'
import { groupReader } from '../view.ts'
import { hear, isGivenUp, listen, nextLookMs, type SilenceState, type Wait } from './silence-state.ts'

/**
 * A rule from the configuration that fires when something did not come: nothing heard for `absent`, or nothing after an
 * event that lets it be expected (`after`). Silence is noticed at timers, so also when nothing comes at all.
 *
 * @throws TocsinError `config-invalid` where the condition or a name in `groupBy` is wrong
 */
export function absenceRule(name: string, settings: AbsenceRuleConfig): BatchRule {
  const { on, since: after, groupBy } = settings
  const test = ownCondition(name, settings.when)
  checkGroupNames(name, groupBy)
  const valuesOf = groupReader(groupBy)
  const wait: Wait = { absentMs: settings.absent, againMs: settings.again ?? 0, hasBeginning: after !== undefined }
  const counting = createHash('sha256').update(JSON.stringify([on, after ?? '', settings.when ?? '', groupBy])).digest('hex').slice(0, 12)

  function read(stored: string | undefined, values: readonly string[], sinceMs: number): { readonly state: SilenceState; readonly isStale: boolean } {
    const kept = keptUnder<SilenceState>(stored, counting)
    if (kept !== undefined) return { state: kept, isStale: false }
    const phase = wait.hasBeginning ? 'done' : 'waiting'
    return { state: { counting, values, phase, sinceMs, seenMs: 0, lagMs: 0, toldMs: 0, dueMs: 0 }, isStale: stored !== undefined }
  }

  function finding(of: RuleKey, { values, sinceMs }: SilenceState, isAgain: boolean, nowMs: number): ProjectFinding {
    return {
      ...of,
      kind: settings.kind ?? (on === 'llm.call' ? 'model' : on === 'tool.call' ? 'tool' : on.startsWith('tocsin.') ? 'system' : 'session'),
      severity: settings.severity,
      message: 'rule.absent',
      params: {
        rule: name, ...groupParams(groupBy, of.key, values), type: on, silentMs: isAgain ? nowMs - sinceMs : settings.absent, sinceAt: sinceMs, at: nowMs,
        ...(after !== undefined && { after }), ...(isAgain && { again: 'yes' }),
      },
      ends: 'known',
      quietMs: 0,
      evidence: { sinceMs, absentMs: settings.absent, group: of.key },
      ...aboutGroup(groupBy, values),
      ...(isAgain && { isAgain }),
    }
  }

  function book(nowMs: number): RuleBook {
    /** Bounded by the batch. */
    const groups = new Map<string, Group>()
    return {
      add(event, view) {
        const begins = after !== undefined && isOfType(event.type, after)
        const isSeen = !begins && isOfType(event.type, on)
        // With a beginning, the condition says which of these are waited for, and whatever follows ends the wait.
        if ((begins || !wait.hasBeginning) && test !== undefined && !test(view)) return
        const values = valuesOf(view)
        const key = groupKey(values)
        const id = `${event.project}\u0000${key}`
        const group = groups.get(id) ?? { project: event.project, key, values, seenMs: 0, beganMs: 0 }
        const atMs = Math.min(event.atMs, nowMs)
        if (begins) group.beganMs = Math.max(group.beganMs, atMs)
        if (isSeen) group.seenMs = Math.max(group.seenMs, atMs)
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
          const own = entries.length === 1 && entries[0]?.key === key ? entries[0].values : []
          const { state, isStale } = read(stored, own, 0)
          if (isStale) over.push(of)
          for (const entry of entries) if (hear(wait, state, entry, nowMs)) over.push(of)
          const dueMs = nextLookMs(wait, state, nowMs) ?? nowMs + 1
          // A timer that is put for earlier looks for itself what comes next; one that is past was lost.
          if (state.dueMs <= nowMs || dueMs < state.dueMs) {
            state.dueMs = dueMs
            timers.push(ruleTimer(of, dueMs))
          }
          states.push({ ...of, value: JSON.stringify(state), atMs: nowMs })
        }
        await tx.putRuleStates(states)
        if (timers.length > 0) await tx.putTimers(timers)
        return { findings, over }
      },
    }
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
      if (isStale) over.push(of)
      const isGone = of.key !== '' || groupBy.length > 0 ? isStale || isGivenUp(wait, state, nowMs) : isStale && wait.hasBeginning
      const news = isGone ? undefined : listen(wait, state, nowMs)
      if (news !== undefined) findings.push(finding(of, state, news === 'again', nowMs))
      const dueMs = isGone ? undefined : nextLookMs(wait, state, nowMs)
      if (dueMs === undefined) {
        gone.push(of)
        if (isGone) over.push(of)
        continue
      }
      state.dueMs = dueMs
      states.push({ ...of, value: JSON.stringify(state), atMs: nowMs })
      again.push(ruleTimer(of, dueMs))
    }
    if (gone.length > 0) await tx.removeRuleStates(gone)
    if (states.length > 0) await tx.putRuleStates(states)
    if (again.length > 0) await tx.putTimers(again)
    return { findings, over }
  }

  /** Without groups the wait begins with the product itself. */
  async function begin(tx: Transaction, project: string, nowMs: number): Promise<void> {
    if (groupBy.length > 0 || wait.hasBeginning) return
    const of = { project, rule: name, key: '' }
    const [stored] = await tx.ruleStates([of])
    if (stored !== undefined && !read(stored, [], nowMs).isStale) return
    const { state } = read(undefined, [], nowMs)
    state.dueMs = nowMs + settings.absent
    await tx.putRuleStates([{ ...of, value: JSON.stringify(state), atMs: nowMs }])
    await tx.putTimers([ruleTimer(of, state.dueMs)])
  }

  return { name, looksAt: 'batches', on: after === undefined ? [on] : [on, after], book, due, begin }
}

/** What a batch says of one group. */
interface Group {
  readonly project: string
  readonly key: string
  readonly values: readonly string[]
  seenMs: number
  beganMs: number
}

function isOfType(type: string, on: string): boolean {
  return type === on || (on.endsWith('.*') && type.startsWith(on.slice(0, -1)))
}

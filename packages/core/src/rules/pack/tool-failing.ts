import type { Event } from '../../model/event.ts'
import type { RuleKey, RuleState } from '../../model/rule-state.ts'
import type { Transaction } from '../../model/store.ts'
import { builtIn } from '../built-in.ts'
import { groupKey } from '../group-key.ts'
import { keptJson } from '../kept.ts'
import { ruleTimer, type BatchRule, type ProjectFinding, type RuleNews } from '../rule.ts'

const rule = 'tool-failing'

/** Tools that fail, and are remembered for it, in one project at a time; further ones are told by `tool-failed` alone. */
const toolsMax = 1_000
/** A tool that nobody called for so long is no trouble any more, milliseconds. */
const forgottenMs = 86_400_000

/** The failures of one tool since it last succeeded. */
interface Failing {
  readonly times: number
  readonly sinceMs: number
  readonly lastMs: number
  readonly isTold: boolean
}

interface Settings {
  readonly count: number
  readonly windowMs: number
  readonly severity: ProjectFinding['severity']
}

/** Every call of a tool fails. Its failures in a row are kept for each agent and tool; one success ends them. */
export const toolFailing = builtIn({
  name: rule,
  kind: 'tool',
  severity: 'high',
  says: {
    en: 'A tool failed `count` times in a row within `window`, for one agent. Over when it succeeds again, or was not called for a day.',
    'zh-CN': '同一智能体的某个工具在 `window` 内连续失败 `count` 次。再次成功，或一天未被调用，则解除。',
  },
  settings: {
    count: { byDefault: 5, says: { en: 'how many calls in a row must fail', 'zh-CN': '须连续多少次调用失败' } },
    window: { byDefault: 900_000, says: { en: 'within what time', 'zh-CN': '在多长时间内' } },
  },
  create({ severity = 'high', count, window: windowMs }): BatchRule {
    const settings: Settings = { count, windowMs, severity }
    return {
      name: rule,
      looksAt: 'batches',
      on: ['tool.call'],
      book(nowMs) {
        const calls = new Map<string, { readonly of: RuleKey; readonly events: Event[] }>()
        return {
          add(event) {
            if (event.tool === undefined || event.error?.class === 'cancelled') return
            const of = { project: event.project, rule, key: groupKey([event.agent ?? '', event.tool.name]) }
            const place = `${of.project}\u0000${of.key}`
            const known = calls.get(place)
            if (known === undefined) calls.set(place, { of, events: [event] })
            else known.events.push(event)
          },
          apply: (tx) => applyCalls(tx, [...calls.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, call]) => call), settings, nowMs),
        }
      },
      async due(tx, timers, nowMs) {
        const over: RuleKey[] = []
        const keys = timers.map(({ project, key }) => ({ project, rule, key }))
        const kept = await tx.ruleStates(keys)
        for (const [index, of] of keys.entries()) {
          const state = readState(kept[index])
          if (state === undefined) continue
          if (nowMs - state.lastMs >= forgottenMs) over.push(of)
          else await tx.putTimers([ruleTimer(of, state.lastMs + forgottenMs)])
        }
        if (over.length > 0) await tx.removeRuleStates(over)
        return { findings: [], over }
      },
    }
  },
})

async function applyCalls(tx: Transaction, calls: readonly { readonly of: RuleKey; readonly events: readonly Event[] }[], settings: Settings, nowMs: number): Promise<RuleNews> {
  if (calls.length === 0) return { findings: [], over: [] }
  const findings: ProjectFinding[] = []
  const over: RuleKey[] = []
  const gone: RuleKey[] = []
  const states: RuleState[] = []
  const kept = await tx.ruleStates(calls.map(({ of }) => of))
  for (const [index, { of, events }] of calls.entries()) {
    const before = readState(kept[index])
    const { state, last } = followed(before, events, settings)
    if (before?.isTold === true && (state === undefined || !state.isTold)) over.push(of)
    if (state === undefined) {
      if (before !== undefined) gone.push(of)
      continue
    }
    if (before === undefined && (await tx.countRuleKeys({ project: of.project, rule, most: toolsMax })) >= toolsMax) continue
    const isNews = !state.isTold && state.times >= settings.count
    if (isNews && last !== undefined) {
      findings.push(findingOf(of, state, last, settings))
      await tx.putTimers([ruleTimer(of, state.lastMs + forgottenMs)])
    }
    states.push({ ...of, value: JSON.stringify({ ...state, isTold: state.isTold || isNews }), atMs: nowMs })
  }
  if (gone.length > 0) await tx.removeRuleStates(gone)
  if (states.length > 0) await tx.putRuleStates(states)
  return { findings, over }
}

/** The failures since the last success, and the last of them. Failures further back than the window begin anew. */
function followed(before: Failing | undefined, events: readonly Event[], { windowMs }: Settings): { readonly state: Failing | undefined; readonly last: Event | undefined } {
  let state = before
  let last: Event | undefined
  for (const event of events.toSorted((one, other) => one.atMs - other.atMs)) {
    if (event.status === 'ok') {
      // A success that is heard of late, from before the failures, says nothing of them.
      if (state !== undefined && event.atMs >= state.lastMs) state = undefined
      continue
    }
    last = event
    const goesOn = state !== undefined && (state.isTold || event.atMs - state.sinceMs <= windowMs)
    state = state !== undefined && goesOn
      ? { ...state, times: state.times + 1, lastMs: Math.max(state.lastMs, event.atMs) }
      : { times: 1, sinceMs: event.atMs, lastMs: event.atMs, isTold: false }
  }
  return { state, last }
}

function findingOf(of: RuleKey, state: Failing, last: Event, { severity, count, windowMs }: Settings): ProjectFinding {
  const { error } = last
  return {
    ...of,
    kind: 'tool',
    severity,
    message: 'tool.failing',
    params: {
      tool: last.tool?.name ?? '',
      sinceAt: state.sinceMs,
      at: last.atMs,
      failures: state.times,
      errorClass: error?.class ?? 'other',
      ...(last.agent !== undefined && { agent: last.agent }),
      ...(last.environment !== undefined && { environment: last.environment }),
      ...(error?.statusCode !== undefined && { statusCode: error.statusCode }),
      ...(error !== undefined && error.message !== '' && { errorMessage: error.message }),
    },
    ends: 'known',
    quietMs: 0,
    evidence: { event: last.id, failures: state.times, sinceMs: state.sinceMs, count, windowMs },
    tags: last.tags,
    ...(last.agent !== undefined && { agent: last.agent }),
    ...(last.environment !== undefined && { environment: last.environment }),
  }
}

function readState(value: string | undefined): Failing | undefined {
  const kept = keptJson(value)
  // Reason for the cast: this rule alone writes rows of this form.
  return typeof kept === 'object' && kept !== null && 'times' in kept ? (kept as Failing) : undefined
}

import { isShared, ofOutageKey, outageKey, outageKindOf, outageKinds, type OutageKind, type SharedClass } from '../../model/cause.ts'
import type { Event } from '../../model/event.ts'
import type { MessageParams } from '../../model/message.ts'
import type { RuleKey } from '../../model/rule-state.ts'
import type { Severity } from '../../model/severity.ts'
import type { Transaction } from '../../model/store.ts'
import { builtIn } from '../built-in.ts'
import { isOver, judge, type Limits } from '../outage/judge.ts'
import { PendingSuccesses } from '../outage/pending.ts'
import { add, bucketOf, callsIn, failuresIn, mostOf, prune, sumOf, tallyOf, textOf, type Outcome, type Running, type Tally } from '../outage/tally.ts'
import { addVictim, forgetBefore, noVictims, victimLines, victimsOf, victimsText, type Victim, type Victims } from '../outage/victims.ts'
import { ruleTimer, type BatchRule, type DueRuleTimer, type Over, type ProjectFinding, type RuleNews } from '../rule.ts'

/** Name of the rule whose alerts others are part of. */
export const outageRule = 'model-outage'

/** Providers that are told apart; the rest is one, `other`. With twelve models each that is a thousand pairs. */
const providersMax = 80
/** How often it is looked whether an outage is over, milliseconds. */
const lookMs = 15_000

interface Settings extends Limits {
  readonly windowMs: number
  readonly severity: Severity | undefined
}

/**
 * A provider, or one model of it, fails for everybody who calls it. One alert for each provider and kind of outage, whichever of its
 * models fail; while it is open, what fails of it is part of it (`rules/roll-up.ts`).
 */
export const modelOutage = builtIn({
  name: outageRule,
  kind: 'model',
  severity: 'high',
  says: {
    en: 'Calls to a provider fail: `count` within `window`, and at least `share` of all; `critical` from twice as many. Failures and sessions that fail of it are told within it. Over when calls succeed again.',
    'zh-CN': '对某个提供商的调用接连失败：`window` 内达到 `count` 次，且至少占全部的 `share`；达到两倍时为 `critical`。由此失败的调用和会话一并在其中告知。调用恢复成功后解除。',
  },
  settings: {
    count: { byDefault: 5, says: { en: 'how many calls must fail', 'zh-CN': '须有多少次调用失败' } },
    window: { byDefault: 60_000, says: { en: 'within what time', 'zh-CN': '在多长时间内' } },
    share: { byDefault: 0.2, says: { en: 'which share of the calls in that time must fail', 'zh-CN': '该时间内失败的调用须占多大比例' } },
  },
  create({ severity, count, window: windowMs, share }): BatchRule {
    const settings: Settings = { severity, count, share, windowMs }
    const pending = new PendingSuccesses()
    return {
      name: outageRule,
      looksAt: 'batches',
      on: ['llm.call'],
      book(nowMs) {
        const outcomes = new Map<string, ProviderOutcomes>()
        return {
          add: (event) => note(outcomes, event, nowMs),
          apply: (tx) => applyOutcomes(tx, [...outcomes.values()], pending, settings, nowMs),
        }
      },
      due: (tx, timers, nowMs) => look(tx, timers, settings, nowMs),
    }
  },
})

/** What a batch says of one provider. */
interface ProviderOutcomes {
  readonly project: string
  readonly provider: string
  readonly outcomes: Outcome[]
  readonly victims: { readonly of: SharedClass; readonly victim: Victim }[]
}

/** A call that was given up, or failed for reasons nobody knows, says nothing of the provider; one that was refused for what it asked says that it answers. */
function note(all: Map<string, ProviderOutcomes>, { llm, error, status, project, sessionId, agent, atMs }: Event, nowMs: number): void {
  if (llm === undefined) return
  const errorClass = status === 'error' ? (error?.class ?? 'other') : undefined
  if (errorClass === 'cancelled' || errorClass === 'other') return
  const key = `${project}\u0000${llm.provider}`
  const own = all.get(key) ?? { project, provider: llm.provider, outcomes: [], victims: [] }
  all.set(key, own)
  const countedMs = Math.min(atMs, nowMs)
  if (errorClass === undefined || !isShared(errorClass)) return void own.outcomes.push({ model: llm.model, atMs: countedMs })
  own.outcomes.push({ model: llm.model, atMs: countedMs, failed: errorClass })
  own.victims.push({ of: errorClass, victim: { session: sessionId, agent, atMs: countedMs } })
}

async function applyOutcomes(tx: Transaction, batch: readonly ProviderOutcomes[], pending: PendingSuccesses, settings: Settings, nowMs: number): Promise<RuleNews> {
  const findings: ProjectFinding[] = []
  const over: Over[] = []
  for (const one of batch.toSorted((a, b) => (`${a.project}\u0000${a.provider}` < `${b.project}\u0000${b.provider}` ? -1 : 1))) {
    const { project, outcomes, victims } = one
    const name = `${project}\u0000${one.provider}`
    if (victims.length === 0 && pending.keep(name, outcomes, nowMs)) continue
    const { provider, text } = await rowOf(tx, project, one.provider)
    const tally = tallyOf(text, settings.windowMs)
    for (const outcome of [...pending.take(name), ...outcomes]) add(tally, outcome)
    prune(tally, nowMs)
    const account: Account = { project, provider, tally, settings, nowMs }
    for (const kind of outageKinds) {
      const own = victims.filter(({ of }) => outageKindOf(of) === kind).map(({ victim }) => victim)
      if (own.length > 0) findings.push(...(await failedAgain(tx, account, kind, own)))
      // What is late may belong to a time that is over; what is new may say that it is over.
      else over.push(...(await endIfOver(tx, account, kind)))
    }
    await tx.putRuleStates([{ project, rule: outageRule, key: stateKey(provider), value: textOf(tally), atMs: nowMs }])
    pending.written(name, Object.keys(tally.open).length > 0, nowMs)
  }
  return { findings, over }
}

interface Account {
  readonly project: string
  readonly provider: string
  readonly tally: Tally
  readonly settings: Settings
  readonly nowMs: number
}

async function failedAgain(tx: Transaction, account: Account, kind: OutageKind, failed: readonly Victim[]): Promise<readonly ProjectFinding[]> {
  const { project, provider, tally, settings, nowMs } = account
  const key = outageKey(provider, kind)
  const of: RuleKey = { project, rule: outageRule, key }
  const [text] = await tx.ruleStates([of])
  const known = victimsOf(text)
  const running = tally.open[kind]
  const victims = running === undefined ? forgetBefore(known, nowMs - settings.windowMs * 2) : known
  for (const victim of failed) addVictim(victims, victim)
  await tx.putRuleStates([{ ...of, value: victimsText(victims), atMs: nowMs }])
  const judged = running?.isMajor === true ? undefined : judge(tally, kind, settings)
  if (running === undefined && judged === undefined) return []
  const going = running ?? begin(tally, kind, judged?.sinceMs ?? nowMs)
  if (judged?.isMajor === true) going.isMajor = true
  tally.open[kind] = going
  if (running === undefined) await tx.putTimers([ruleTimer(of, nowMs + lookMs)])
  return [
    {
      project,
      rule: outageRule,
      key,
      kind: 'model',
      severity: settings.severity ?? (going.isMajor ? 'critical' : 'high'),
      message: 'model.outage',
      params: paramsOf(account, kind, going, victims),
      ends: 'known',
      quietMs: 0,
      evidence: { provider, since: going.sinceMs, last: going.lastMs, calls: callsIn(going.counts), failed: failuresIn(going.counts, kind), count: settings.count, share: settings.share, window: settings.windowMs },
      renews: true,
    },
  ]
}

/** What is in the kept buckets since it began is part of it. */
function begin(tally: Tally, kind: OutageKind, sinceMs: number): Running {
  const from = bucketOf(tally, sinceMs)
  const models = [...tally.models.keys()].filter((model) => failuresIn(sumOf(tally, from, Infinity, model), kind) > 0)
  const buckets = [...tally.buckets].filter(([bucket, counts]) => bucket >= from && [...counts.values()].some((one) => failuresIn(one, kind) > 0))
  const lastMs = (Math.max(...buckets.map(([bucket]) => bucket)) + 1) * tally.bucketMs - 1
  return { sinceMs, lastMs, counts: sumOf(tally, from, Infinity), models, isMajor: false }
}

function paramsOf({ provider, tally, nowMs }: Account, kind: OutageKind, running: Running, victims: Victims): MessageParams {
  const failed = failuresIn(running.counts, kind)
  const calls = callsIn(running.counts)
  const lines = victimLines(victims)
  const [only, ...others] = running.models.map((place) => tally.models[place] ?? '')
  return {
    provider,
    ...(only !== undefined && others.length === 0 && { model: only }),
    ...(only !== undefined && others.length > 0 && { models: [only, ...others].toSorted().join(', ') }),
    errorClass: mostOf(running.counts, kind),
    sinceAt: running.sinceMs,
    at: nowMs,
    failedCalls: failed,
    calls,
    percent: calls === 0 ? 100 : Math.round((1_000 * failed) / calls) / 10,
    sessions: victims.prints.size,
    ...(victims.agents.length > 0 && { agents: victims.agents.toSorted().join(', ') }),
    ...(lines.length > 0 && { victims: lines.join('\n'), moreVictims: victims.prints.size - lines.length }),
  }
}

async function endIfOver(tx: Transaction, account: Account, kind: OutageKind): Promise<readonly Over[]> {
  const { project, provider, tally, settings, nowMs } = account
  const running = tally.open[kind]
  if (running === undefined || !isOver(tally, kind, running, settings, nowMs)) return []
  const of: RuleKey = { project, rule: outageRule, key: outageKey(provider, kind) }
  const [text] = await tx.ruleStates([of])
  const victims = text === undefined ? noVictims() : victimsOf(text)
  delete tally.open[kind]
  tally.from[kind] = bucketOf(tally, running.lastMs) + 1
  await tx.removeRuleStates([of])
  return [{ ...of, params: { ...paramsOf(account, kind, running, victims), durationMs: Math.max(0, running.lastMs - running.sinceMs) } }]
}

/**
 * Outages end also while nobody calls; while one lasts it is looked at again and again. The timers have the keys of the alerts: where the rule
 * is switched off meanwhile, whoever finds the timer knows what is over.
 */
async function look(tx: Transaction, due: readonly DueRuleTimer[], settings: Settings, nowMs: number): Promise<RuleNews> {
  const over: Over[] = []
  for (const { project, key } of due) {
    const of = ofOutageKey(key)
    if (of === undefined) continue
    const state: RuleKey = { project, rule: outageRule, key: stateKey(of.provider) }
    const [text] = await tx.ruleStates([state])
    if (text === undefined) continue
    const tally = tallyOf(text, settings.windowMs)
    prune(tally, nowMs)
    over.push(...(await endIfOver(tx, { project, provider: of.provider, tally, settings, nowMs }, of.kind)))
    await tx.putRuleStates([{ ...state, value: textOf(tally), atMs: nowMs }])
    if (tally.open[of.kind] !== undefined) await tx.putTimers([ruleTimer({ project, rule: outageRule, key }, nowMs + lookMs)])
  }
  return { findings: [], over }
}

/** The row of a provider, or of those beyond the most that are told apart. */
async function rowOf(tx: Transaction, project: string, provider: string): Promise<{ readonly provider: string; readonly text: string | undefined }> {
  const state = (name: string): RuleKey => ({ project, rule: outageRule, key: stateKey(name) })
  const [text] = await tx.ruleStates([state(provider)])
  // Each provider has a row, and one more for each kind of outage.
  const most = providersMax * (1 + outageKinds.length)
  if (text !== undefined || (await tx.countRuleKeys({ project, rule: outageRule, most })) < most) return { provider, text }
  const [other] = await tx.ruleStates([state('other')])
  return { provider: 'other', text: other }
}

/** Unlike the keys of outages, which hold a bar. */
function stateKey(provider: string): string {
  return `/${provider}`
}

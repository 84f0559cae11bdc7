import { isUnpriced, type Event } from '../model/event.ts'
import type { RuleKey } from '../model/rule-state.ts'
import type { Session } from '../model/session.ts'
import type { Transaction } from '../model/store.ts'
import { apiRequestName } from './claude-code.ts'
import { keepEvents, type Fate } from './keep-events.ts'

/** Under which name it is kept until when usage of a session was counted, by model. No rule can be called so. */
const book = '~usage'
/** Stretches of time that are remembered of one session; the oldest are forgotten. Those that touch are one. */
const stretchesMax = 100
/** A call and the sums that hold it are written one after the other. */
const slackMs = 1_000

/** What was kept of a batch. */
export interface Kept {
  /** As they are on record, in their order. */
  readonly events: readonly Event[]
  readonly fates: readonly Fate[]
}

export type Keep = (tx: Transaction, project: string, events: readonly Event[]) => Promise<Kept>

/** Of events that were on record elsewhere it was decided there what counts: in another order they would be judged otherwise. */
export const keepAsRecorded: Keep = async (tx, project, events) => ({ events, fates: await keepEvents(tx, project, events) })

/**
 * Puts events on record, with the money of a session counted once whether its calls tell it, or sums of them, or both in any order:
 *
 *   sums after calls   usage of a session whose calls have told money, before or in the same batch, is `told`: it is not kept. Tools, and
 *                      calls that failed and cost nothing, tell none
 *   calls after sums   a call that was summed up already is kept as a call that cost nothing more; what it cost stands in its detail
 *
 * Asked within the transaction, because the two may come to two processes at once. Only calls that Claude Code's log records tell are
 * looked up: nothing else sends both, and spans are not to wait for it.
 */
export const keepWithUsageOnce: Keep = async (tx, project, given) => {
  if (!given.some((event) => isUsage(event) || isSummable(event))) return { events: given, fates: await keepEvents(tx, project, given) }
  const counted = await countedBefore(tx, project, given)
  const events = given.map((event) => (isSummable(event) && counted.get(event.sessionId)?.holds(event) === true ? withoutCost(event) : event))
  const usage = events.filter(isUsage)
  const others = events.filter((event) => !isUsage(event))
  // Calls first: one that is refused tells nothing.
  const fates = new Map(await fatesOf(tx, project, others))
  const isTold = await toldByCalls(tx, usage, others.filter((event) => fates.get(event) === 'accepted'), counted)
  for (const event of isTold) fates.set(event, 'told')
  const rest = usage.filter((event) => !isTold.has(event))
  for (const [event, fate] of await fatesOf(tx, project, rest)) fates.set(event, fate)
  await noteUsage(tx, project, rest.filter((event) => fates.get(event) === 'accepted'), counted)
  return { events, fates: events.map((event) => fates.get(event) ?? 'duplicate') }
}

async function fatesOf(tx: Transaction, project: string, events: readonly Event[]): Promise<readonly (readonly [Event, Fate])[]> {
  if (events.length === 0) return []
  const fates = await keepEvents(tx, project, events)
  return events.map((event, index) => [event, fates[index] ?? 'duplicate'])
}

type OfSession = Event & { readonly sessionId: string; readonly llm: NonNullable<Event['llm']> }

function isUsage(event: Event): event is OfSession {
  return event.type === 'llm.usage' && event.sessionId !== undefined && event.llm !== undefined
}

function isSummable(event: Event): event is OfSession {
  return event.name === apiRequestName && event.type === 'llm.call' && event.source === 'otel' && event.sessionId !== undefined && event.llm?.costNanoUsd !== undefined
}

/** Of the sums those whose session has calls that told money: on record, where the session has more than its sums brought, or among these. */
async function toldByCalls(tx: Transaction, usage: readonly OfSession[], calls: readonly Event[], counted: ReadonlyMap<string, Counted>): Promise<ReadonlySet<Event>> {
  if (usage.length === 0) return new Set()
  const sessions = await tx.sessions(usage)
  const toldNow = new Set(calls.flatMap((event) => (event.type === 'llm.call' && event.sessionId !== undefined && (isUnpriced(event) || (event.llm?.costNanoUsd ?? 0) > 0) ? [event.sessionId] : [])))
  return new Set(usage.filter(({ sessionId }, index) => toldNow.has(sessionId) || counted.get(sessionId)?.isAllOf(sessions[index]) === false))
}

/** What was counted of each session of the batch. */
async function countedBefore(tx: Transaction, project: string, events: readonly Event[]): Promise<ReadonlyMap<string, Counted>> {
  const sessionIds = [...new Set(events.flatMap((event) => (isUsage(event) || isSummable(event) ? [event.sessionId] : [])))].sort()
  const texts = await tx.ruleStates(sessionIds.map((sessionId) => keyOf(project, sessionId)))
  return new Map(sessionIds.map((sessionId, index) => [sessionId, new Counted(texts[index])]))
}

async function noteUsage(tx: Transaction, project: string, accepted: readonly OfSession[], counted: ReadonlyMap<string, Counted>): Promise<void> {
  const last = new Map<string, number>()
  for (const event of accepted) {
    counted.get(event.sessionId)?.add(event)
    last.set(event.sessionId, Math.max(last.get(event.sessionId) ?? 0, event.atMs))
  }
  if (last.size === 0) return
  await tx.putRuleStates([...last].sort(([one], [other]) => (one < other ? -1 : 1)).map(([sessionId, atMs]) => ({ ...keyOf(project, sessionId), value: counted.get(sessionId)?.toString() ?? '', atMs })))
}

function keyOf(project: string, sessionId: string): RuleKey {
  return { project, rule: book, key: sessionId }
}

function withoutCost(event: OfSession): Event {
  const { costNanoUsd = 0 } = event.llm
  return { ...event, llm: { ...event.llm, costNanoUsd: 0, costSource: 'reported' }, detail: { ...event.detail, cost_in_usage_usd: String(costNanoUsd / 1e9) } }
}

type Stretch = readonly [model: string, startMs: number, endMs: number]

/** Of one session what its sums brought, and the stretches of time, by model, that they are of. */
class Counted {
  readonly #stretches: Stretch[]
  #nanoUsd: number
  #unpriced: number

  constructor(text: string | undefined) {
    const { nanoUsd, unpriced, stretches } = keptIn(text)
    this.#stretches = stretches
    this.#nanoUsd = nanoUsd
    this.#unpriced = unpriced
  }

  /** Whether nothing else told money of this session. */
  isAllOf(session: Session | undefined): boolean {
    return session === undefined || (session.costNanoUsd <= this.#nanoUsd && session.unpriced <= this.#unpriced)
  }

  holds({ atMs, llm }: OfSession): boolean {
    return this.#stretches.some(([model, startMs, endMs]) => model === printOf(llm) && startMs - slackMs <= atMs && atMs <= endMs)
  }

  add(event: OfSession): void {
    const { atMs, durationMs, llm } = event
    this.#nanoUsd += llm.costNanoUsd ?? 0
    if (isUnpriced(event)) this.#unpriced += 1
    let [startMs, endMs] = [atMs - durationMs, atMs]
    const apart = this.#stretches.filter(([model, otherStartMs, otherEndMs]) => {
      if (model !== printOf(llm) || otherStartMs > endMs + slackMs || otherEndMs < startMs - slackMs) return true
      startMs = Math.min(startMs, otherStartMs)
      endMs = Math.max(endMs, otherEndMs)
      return false
    })
    const all = [...apart, [printOf(llm), startMs, endMs] as const].sort(([, , one], [, , other]) => one - other)
    this.#stretches.splice(0, this.#stretches.length, ...all.slice(-stretchesMax))
  }

  toString(): string {
    return JSON.stringify({ nanoUsd: this.#nanoUsd, unpriced: this.#unpriced, stretches: this.#stretches })
  }
}

/** Of a bounded length, whatever a model is called. */
function printOf({ model }: OfSession['llm']): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', model, 'hex').slice(0, 12)
}

interface KeptCount {
  readonly nanoUsd: number
  readonly unpriced: number
  readonly stretches: Stretch[]
}

/** What is damaged is as none. */
function keptIn(text = '{}'): KeptCount {
  try {
    const kept: unknown = JSON.parse(text)
    const { nanoUsd, unpriced, stretches }: { readonly [Name in keyof KeptCount]?: unknown } = typeof kept === 'object' && kept !== null ? kept : {}
    return { nanoUsd: Number(nanoUsd ?? 0) || 0, unpriced: Number(unpriced ?? 0) || 0, stretches: Array.isArray(stretches) ? stretches.filter(isStretch) : [] }
  } catch (damaged) {
    if (damaged instanceof SyntaxError) return { nanoUsd: 0, unpriced: 0, stretches: [] }
    throw damaged
  }
}

function isStretch(value: unknown): value is Stretch {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number'
}

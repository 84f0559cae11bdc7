import type { Event } from '../model/event.ts'
import type { RuleKey } from '../model/rule-state.ts'
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

/**
 * Puts events on record, with the money of a session counted once whether its calls tell it, or sums of them, or both in any order:
 *
 *   sums after calls   usage of a session whose calls are on record, or in the same batch, is `told`: it is not kept
 *   calls after sums   a call that was summed up already is kept as a call that cost nothing more; what it cost stands in its detail
 *
 * Asked within the transaction, because the two may come to two processes at once. Only calls that Claude Code's log records tell are
 * looked up: nothing else sends both, and spans are not to wait for it.
 */
export async function keepWithUsageOnce(tx: Transaction, project: string, given: readonly Event[]): Promise<Kept> {
  if (!given.some((event) => isUsage(event) || isSummable(event))) return { events: given, fates: await keepEvents(tx, project, given) }
  const isTold = await toldByCalls(tx, given)
  const counted = await countedBefore(tx, project, given)
  const events = given.map((event) => (isSummable(event) && counted.get(event.sessionId)?.holds(event) === true ? withoutCost(event) : event))
  const rest = events.filter((event) => !isTold.has(event))
  const fates = await keepEvents(tx, project, rest)
  await noteUsage(tx, project, rest.filter((_, index) => fates[index] === 'accepted'), counted)
  let place = 0
  return { events, fates: events.map((event) => (isTold.has(event) ? 'told' : (fates[place++] ?? 'duplicate'))) }
}

type OfSession = Event & { readonly sessionId: string; readonly llm: NonNullable<Event['llm']> }

function isUsage(event: Event): event is OfSession {
  return event.type === 'llm.usage' && event.sessionId !== undefined && event.llm !== undefined
}

function isSummable(event: Event): event is OfSession {
  return event.name === apiRequestName && event.type === 'llm.call' && event.source === 'otel' && event.sessionId !== undefined && event.llm?.costNanoUsd !== undefined
}

async function toldByCalls(tx: Transaction, events: readonly Event[]): Promise<ReadonlySet<Event>> {
  const usage = events.filter(isUsage)
  if (usage.length === 0) return new Set()
  const sessions = await tx.sessions(usage)
  const calledNow = new Set(events.flatMap(({ type, sessionId }) => (type === 'llm.call' && sessionId !== undefined ? [sessionId] : [])))
  return new Set(usage.filter(({ sessionId }, index) => calledNow.has(sessionId) || (sessions[index]?.calls ?? 0) > 0))
}

/** What was counted of each session of the batch. */
async function countedBefore(tx: Transaction, project: string, events: readonly Event[]): Promise<ReadonlyMap<string, Counted>> {
  const sessionIds = [...new Set(events.flatMap((event) => (isUsage(event) || isSummable(event) ? [event.sessionId] : [])))].sort()
  const texts = await tx.ruleStates(sessionIds.map((sessionId) => keyOf(project, sessionId)))
  return new Map(sessionIds.map((sessionId, index) => [sessionId, new Counted(texts[index])]))
}

async function noteUsage(tx: Transaction, project: string, accepted: readonly Event[], counted: ReadonlyMap<string, Counted>): Promise<void> {
  const last = new Map<string, number>()
  for (const event of accepted.filter(isUsage)) {
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

/** Of one session the stretches of time, by model, whose usage is counted. */
class Counted {
  readonly #stretches: Stretch[]

  constructor(text: string | undefined) {
    this.#stretches = stretchesIn(text)
  }

  holds({ atMs, llm }: OfSession): boolean {
    return this.#stretches.some(([model, startMs, endMs]) => model === printOf(llm) && startMs - slackMs <= atMs && atMs <= endMs)
  }

  add({ atMs, durationMs, llm }: OfSession): void {
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
    return JSON.stringify(this.#stretches)
  }
}

/** Of a bounded length, whatever a model is called. */
function printOf({ model }: OfSession['llm']): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', model, 'hex').slice(0, 12)
}

function stretchesIn(text: string | undefined): Stretch[] {
  if (text === undefined) return []
  try {
    const kept: unknown = JSON.parse(text)
    return Array.isArray(kept) ? kept.filter(isStretch) : []
  } catch (damaged) {
    if (damaged instanceof SyntaxError) return []
    throw damaged
  }
}

function isStretch(value: unknown): value is Stretch {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number' && typeof value[2] === 'number'
}

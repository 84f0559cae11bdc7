import { hash } from 'node:crypto'
import type { Event } from '../model/event.ts'
import type { Attribution, CallPrint } from '../model/same-call.ts'
import type { Transaction } from '../model/store.ts'

/** What of a batch counts. */
export interface CountedOnce {
  /** Each call once. */
  readonly counting: readonly Event[]
  /** Calls that were counted before and turn out to belong to a session: they count in it, and nowhere else again. */
  readonly attributed: readonly Event[]
}

/**
 * Calls that another source has reported already stay on record and count no second time. Where only the later report
 * knows the session, the call is given to it, at what it was counted with.
 *
 * @param fresh new events
 */
export async function withoutSameCalls(tx: Transaction, fresh: readonly Event[]): Promise<CountedOnce> {
  const prints: CallPrint[] = []
  const printed: Event[] = []
  for (const event of fresh) {
    const print = printOf(event)
    if (print === undefined) continue
    prints.push(print)
    printed.push(event)
  }
  if (prints.length === 0) return { counting: fresh, attributed: [] }
  const same = await tx.findSameCalls(prints)
  const duplicates = printed.flatMap((event, index) => {
    const first = same[index]
    return first === undefined ? [] : [{ event, first }]
  })
  if (duplicates.length === 0) return { counting: fresh, attributed: [] }
  await tx.markDuplicates(duplicates.map(({ event, first }) => ({ event, duplicateOf: first.eventId })))
  const attributions = new Map<string, Attribution & { readonly event: Event }>()
  for (const { event, first: { eventId, withoutSession } } of duplicates) {
    const { project, sessionId, llm } = event
    // Of several reports in one batch the first that knows a session gives it.
    if (withoutSession === undefined || sessionId === undefined || llm === undefined || attributions.has(`${project}\u0000${eventId}`)) continue
    const { atMs, costNanoUsd, costSource } = withoutSession
    attributions.set(`${project}\u0000${eventId}`, { project, atMs, eventId, sessionId, event: { ...event, llm: { ...llm, costNanoUsd, costSource } } })
  }
  const attributed = [...attributions.values()]
  if (attributed.length > 0) await tx.attributeEvents(attributed)
  const dropped = new Set(duplicates.map(({ event }) => event))
  return { counting: fresh.filter((event) => !dropped.has(event)), attributed: attributed.map(({ event }) => event) }
}

/**
 * What makes a model call recognisable when another source describes it too: provider, response id, model and tokens.
 * The store adds that the intervals overlap and the sources differ; a response id alone is no identity. Nothing for
 * events that are not model calls, and for calls without a response id: those always count.
 */
export function printOf(event: Event): CallPrint | undefined {
  const { llm } = event
  if (event.type !== 'llm.call' || llm?.responseId === undefined) return undefined
  const words = [llm.provider, llm.responseId, llm.model, llm.inputTokens ?? '', llm.outputTokens ?? '']
  return {
    project: event.project,
    eventId: event.id,
    source: event.source,
    print: hash('sha256', words.join('\u0000'), 'hex').slice(0, 12),
    startMs: event.atMs - event.durationMs,
    endMs: event.atMs,
  }
}

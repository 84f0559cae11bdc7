import { createHash } from 'node:crypto'
import type { Event } from '../model/event.ts'
import type { CallPrint, Transaction } from '../model/store.ts'

/**
 * Events that count: those that are not the same model call as one which another source already reported. The others
 * stay on record, marked with the id of the event they repeat.
 */
export async function dropSameCalls(tx: Pick<Transaction, 'findSameCalls' | 'markDuplicates'>, events: readonly Event[]): Promise<readonly Event[]> {
  const prints: CallPrint[] = []
  const printed: Event[] = []
  for (const event of events) {
    const print = printOf(event)
    if (print === undefined) continue
    prints.push(print)
    printed.push(event)
  }
  if (prints.length === 0) return events
  const found = await tx.findSameCalls(prints)
  const repeats = new Map<Event, string>()
  found.forEach((id, i) => {
    const event = printed[i]
    if (id !== undefined && event !== undefined) repeats.set(event, id)
  })
  if (repeats.size === 0) return events
  await tx.markDuplicates([...repeats].map(([event, duplicateOf]) => ({ event, duplicateOf })))
  return events.filter((event) => !repeats.has(event))
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
    print: createHash('sha256').update(words.join('\u0000')).digest('hex').slice(0, 12),
    startMs: event.atMs - event.durationMs,
    endMs: event.atMs,
  }
}

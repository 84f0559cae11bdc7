import { hash } from 'node:crypto'
import type { Event } from '../model/event.ts'
import type { CallPrint } from '../model/store.ts'

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

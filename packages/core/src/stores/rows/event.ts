import type { Event } from '../../model/event.ts'
import type { StoredEvent } from '../../model/reader.ts'
import { jsonOrNull, parsed, present } from './json.ts'
import type { Json } from './json.ts'
import type { EventRow, MoreOfEvent } from './tables.ts'
import type { TellUnreadable } from './unreadable.ts'

/** What of an event has no column. */
export function moreOf(event: Event): Json<MoreOfEvent> | null {
  const { name, depth, error, llm, tool, endState, endReason, excerpt, detail, announcement, tags } = event
  return jsonOrNull({
    name, depth, error, tool, endState, endReason, excerpt, detail, announcement,
    tags: Object.keys(tags).length > 0 ? tags : undefined,
    // Those have columns.
    llm: llm && { ...llm, provider: undefined, model: undefined, inputTokens: undefined, outputTokens: undefined, costNanoUsd: undefined, costSource: undefined },
  })
}

/** An event as it was given, with its place in the order of commits. */
export function eventOf(row: EventRow, project: string, tell: TellUnreadable): StoredEvent {
  const { llm: llmRest, tags, ...more }: MoreOfEvent = row.more === null ? {} : parsed(row.more, {}, tell, `event ${row.seq}`)
  const llm =
    row.provider === null || row.model === null || llmRest === undefined
      ? undefined
      : {
          provider: row.provider,
          model: row.model,
          ...llmRest,
          ...present({ inputTokens: row.tokens_in, outputTokens: row.tokens_out, costNanoUsd: row.cost, costSource: row.cost_source }),
        }
  return {
    seq: row.seq,
    id: row.id,
    project,
    type: row.type,
    source: row.source,
    atMs: row.at,
    durationMs: row.dur,
    status: row.status,
    tags: tags ?? {},
    ...more,
    ...present({ sessionId: row.session, agent: row.agent, user: row.user_id, environment: row.env, duplicateOf: row.duplicate_of, llm }),
  }
}

import type { Event } from '../../model/event.ts'
import type { StoredEvent } from '../../model/reader.ts'
import type { Transaction } from '../../model/store.ts'
import { jsonOrNull, parsed, present } from './json.ts'
import type { Json } from './json.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { EventRow, MoreOfEvent } from './schema.ts'
import type { Prepare } from './statement.ts'
import type { TellUnreadable } from './unreadable.ts'
import { whole, wholeOrNull } from './whole.ts'

/** Identity is (project, at, id): inserting the same again changes nothing. */
export function eventWriter(prepare: Prepare, projects: Projects): Pick<Transaction, 'insertEvents' | 'sayTheSame' | 'markDuplicates'> {
  const insert = prepare.insert(
    tables.events,
    [
      'project', 'at', 'id', 'type', 'source', 'status', 'dur', 'session', 'agent', 'user_id', 'env', 'provider', 'model',
      'tokens_in', 'tokens_out', 'cost', 'cost_source', 'duplicate_of', 'more',
    ],
    'on conflict do nothing',
  )
  // Not what may change for a good reason: its session is learned later, its price from another list, its texts are redacted.
  const find = prepare.select(tables.events, ['type', 'status', 'dur', 'agent', 'provider', 'model', 'tokens_in', 'tokens_out'], 'where project = ? and at = ? and id = ?')
  const mark = prepare.change('update events set duplicate_of = ? where project = ? and at = ? and id = ?')

  return {
    async insertEvents(events) {
      return events.map((event) => {
        const { llm } = event
        const { changes } = insert.run(
          projects.number(event.project), whole(event.atMs), event.id, event.type, event.source, event.status, whole(event.durationMs),
          event.sessionId ?? null, event.agent ?? null, event.user ?? null, event.environment ?? null, llm?.provider ?? null, llm?.model ?? null,
          wholeOrNull(llm?.inputTokens), wholeOrNull(llm?.outputTokens), wholeOrNull(llm?.costNanoUsd), llm?.costSource ?? null,
          event.duplicateOf ?? null, moreOf(event),
        )
        return changes > 0
      })
    },
    async sayTheSame(events) {
      return events.map(({ project, atMs, id, type, status, durationMs, agent, llm }) => {
        const row = find.get(projects.number(project), whole(atMs), id)
        return row !== undefined && row.type === type && row.status === status && row.dur === whole(durationMs) && row.agent === (agent ?? null) && row.provider === (llm?.provider ?? null)
          && row.model === (llm?.model ?? null) && row.tokens_in === wholeOrNull(llm?.inputTokens) && row.tokens_out === wholeOrNull(llm?.outputTokens)
      })
    },
    async markDuplicates(marks) {
      for (const { event, duplicateOf } of marks) {
        mark.run(duplicateOf, projects.number(event.project), whole(event.atMs), event.id)
      }
    },
  }
}

function moreOf(event: Event): Json<MoreOfEvent> | null {
  const { name, depth, error, llm, tool, endState, endReason, excerpt, detail, announcement, tags } = event
  return jsonOrNull({
    name, depth, error, tool, endState, endReason, excerpt, detail, announcement,
    tags: Object.keys(tags).length > 0 ? tags : undefined,
    // Those have columns.
    llm: llm && { ...llm, provider: undefined, model: undefined, inputTokens: undefined, outputTokens: undefined, costNanoUsd: undefined, costSource: undefined },
  })
}

/** An event as it was given, with its place in the order of commits. */
export function eventOf(row: EventRow, projects: Projects, tell: TellUnreadable): StoredEvent {
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
    project: projects.name(row.project),
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

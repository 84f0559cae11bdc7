import type { Transaction } from '../../model/store.ts'
import { moreOf } from '../rows/event.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole, wholeOrNull } from '../rows/whole.ts'

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

import type { Transaction } from '../../model/store.ts'
import { agentsCountedMost, lineOf, linesMax, type BatchLine, type LineRow } from '../rows/batch-lines.ts'
import { json } from '../rows/json.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

interface FoundRow extends LineRow {
  /** A list in JSON, in no order. */
  readonly names: string
}

/** What stands for itself whatever it is like: what is critical, and what is told late. */
const patternInBatch = "case when severity <> 'critical' and batch_items.late = 0 then pattern end"

/**
 * The lines of a batch, oldest first: alerts of one pattern that stand alike for their reader are one, the oldest of them in its place. Where
 * there are more than are loaded, the most urgent are, and of those the most frequent. One pass over what the batch holds, a quarter of a
 * second for 100,000 alerts, in the transaction of the one writer (`docs/adr/0034-similar-errors.md`).
 */
export function batchLines(prepare: Prepare): (delivery: number, items: number) => readonly BatchLine[] {
  const from = 'batch_items join alerts on alerts.id = batch_items.alert'
  const qualified = { alert: 'min(batch_items.alert)', count: 'count(*)', first_at: 'min(opened_at)', last_at: 'max(opened_at)', late: 'max(batch_items.late)' }
  const columns = ['alert', 'count', 'first_at', 'last_at', 'agents', 'names', 'late'] as const
  const grouped = `where delivery = ? group by coalesce(${patternInBatch}, batch_items.alert), kind, severity, state, ends, taken_at is null
     order by case severity when 'critical' then 0 when 'high' then 1 when 'warning' then 2 else 3 end, 2 desc, 1 limit ${linesMax}`
  const lines = (agents: string, names: string): Source<FoundRow> => ({ from, qualified: { ...qualified, agents, names } })
  const agent = "case when json_valid(facts) then json_extract(facts, '$.agent') end"
  const find = prepare.select(lines(`count(distinct ${agent})`, `json_group_array(distinct ${agent})`), columns, grouped)
  const findInLarge = prepare.select(lines('0', "'[]'"), columns, grouped)
  return (delivery, items) =>
    (items > agentsCountedMost ? findInLarge : find)
      .all(delivery)
      .sort((one, other) => one.alert - other.alert)
      // SQLite wrote the list.
      .map((row) => lineOf(row, () => JSON.parse(row.names) as readonly unknown[]))
}

/** Decisions about alerts that are told by the line of another. */
export function similarWriter(prepare: Prepare): Pick<Transaction, 'recordSimilar'> {
  // Joined by what they say, each to one line: between the claim and now some may have ended that stood as others did.
  const record = prepare.change(
    `with shown as materialized (select value ->> 'alert' as alert, value -> 'params' as params from json_each(?)),
     lines as materialized (
       select min(alerts.id) as alert, pattern, severity, params from shown join alerts on alerts.id = shown.alert group by pattern, severity)
     insert into decisions(alert, person, channel, reason, at, count, params)
     select batch_items.alert, ?, ?, 'merged.similar', ?, 1, lines.params
     from batch_items cross join alerts on alerts.id = batch_items.alert cross join lines on lines.pattern = ${patternInBatch.replace('pattern', 'alerts.pattern').replace('severity', 'alerts.severity')} and lines.severity = alerts.severity
     where delivery = ? and batch_items.alert not in (select alert from shown)
     on conflict do update set at = excluded.at, params = excluded.params, count = decisions.count + excluded.count`,
  )
  return {
    async recordSimilar(delivery, { person, channel, atMs }, lines) {
      record.run(json(lines), person, channel, whole(atMs), delivery)
    },
  }
}

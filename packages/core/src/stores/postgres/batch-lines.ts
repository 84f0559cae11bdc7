import type { BatchTotal } from '../../model/notification.ts'
import type { Transaction } from '../../model/store.ts'
import { agentsCountedMost, lineOf, linesMax, type BatchLine, type LineRow } from '../rows/batch-lines.ts'
import { json } from '../rows/json.ts'
import type { AlertRow } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { change, query } from './statement.ts'
import type { Query, Session } from './statement.ts'

interface FoundRow extends LineRow {
  readonly delivery: number
  /** A list in JSON, in no order. */
  readonly names: string
}

/** What stands for itself whatever it is like: what is critical, and what is told late. */
const patternInBatch = "case when severity <> 'critical' and batch_items.late = 0 then pattern end"

const urgency = "case severity when 'critical' then 0 when 'high' then 1 when 'warning' then 2 else 3 end"

function lines(agents: string, names: string): Query<FoundRow> {
  return query(
    `select delivery, alert, count, first_at, last_at, agents, names, late from (
       select delivery, min(alert) as alert, count(*) as count, min(opened_at) as first_at, max(opened_at) as last_at, max(late) as late, ${agents} as agents, ${names} as names,
         row_number() over (partition by delivery order by ${urgency}, count(*) desc, min(alert)) as place
       from (
         select delivery, batch_items.alert, late, opened_at, kind, severity, state, ends, taken_at is null as free, facts, ${patternInBatch} as pattern
         from @batch_items as batch_items join @alerts as alerts on alerts.id = batch_items.alert where delivery = any($1::bigint[])) as items
       group by delivery, pattern, case when pattern is null then alert end, kind, severity, state, ends, free) as lines
     where place <= ${linesMax} order by delivery, alert`,
  )
}

const agent = "case when @is_json(facts) then facts::json ->> 'agent' end"
const find = lines(`count(distinct ${agent})`, `coalesce(json_agg(distinct ${agent}), '[]')::text`)
const findInLarge = lines('0', "'[]'")

/**
 * The lines of batches, oldest first: alerts of one pattern that stand alike for their reader are one, the oldest of them in its place. Where
 * there are more than are loaded, the most urgent are, and of those the most frequent. One pass over what the batches hold.
 */
export async function batchLines(sql: Session, batches: readonly { readonly id: number; readonly items: number }[]): Promise<ReadonlyMap<number, readonly BatchLine[]>> {
  const found = new Map<number, BatchLine[]>(batches.map(({ id }) => [id, []]))
  for (const [areLarge, some] of Map.groupBy(batches, ({ items }) => items > agentsCountedMost)) {
    for (const row of await sql.all(areLarge ? findInLarge : find, some.map(({ id }) => id))) {
      // PostgreSQL wrote the list.
      found.get(row.delivery)?.push(lineOf(row, () => JSON.parse(row.names) as readonly unknown[]))
    }
  }
  return found
}

interface TotalRow extends Pick<AlertRow, 'kind' | 'severity'> {
  readonly delivery: number
  readonly late: number
  readonly count: number
}

const totals = query<TotalRow>(
  `select delivery, kind, severity, late, count(*) as count from @batch_items as batch_items join @alerts as alerts on alerts.id = batch_items.alert
   where delivery = any($1::bigint[]) group by delivery, kind, severity, late order by delivery, min(batch_items.alert)`,
)

/** How many alerts of each kind and severity batches hold, those of the oldest first. */
export async function batchTotals(sql: Session, batches: readonly number[]): Promise<ReadonlyMap<number, readonly BatchTotal[]>> {
  const found = new Map<number, BatchTotal[]>(batches.map((id) => [id, []]))
  if (batches.length === 0) return found
  for (const { delivery, kind, severity, late, count } of await sql.all(totals, batches)) found.get(delivery)?.push({ kind, severity, isLate: late !== 0, count })
  return found
}

// Joined by what they say, each to one line: between the claim and now some may have ended that stood as others did.
const record = change(
  `with shown as (select * from unnest($1::bigint[], $2::text[]) as given(alert, params)),
   lines as (select distinct on (pattern, severity) pattern, severity, params from shown join @alerts as alerts on alerts.id = shown.alert order by pattern, severity, alerts.id)
   insert into @decisions as decisions(alert, person, channel, reason, at, count, params)
   select batch_items.alert, $3, $4, 'merged.similar', $5, 1, lines.params
   from @batch_items as batch_items join @alerts as alerts on alerts.id = batch_items.alert
     join lines on lines.pattern = case when alerts.severity <> 'critical' and batch_items.late = 0 then alerts.pattern end and lines.severity = alerts.severity
   where delivery = $6 and not exists (select 1 from shown where shown.alert = batch_items.alert) order by batch_items.alert
   on conflict(alert, person, channel, reason) do update set at = excluded.at, params = excluded.params, count = decisions.count + excluded.count`,
)

/** Decisions about alerts that are told by the line of another. */
export function similarWriter({ sql }: Pick<Context, 'sql'>): Pick<Transaction, 'recordSimilar'> {
  return {
    async recordSimilar(delivery, { person, channel, atMs }, shown) {
      if (shown.length === 0) return
      await sql.run(record, shown.map(({ alert }) => alert), shown.map(({ params }) => json(params)), person, channel, whole(atMs), delivery)
    },
  }
}

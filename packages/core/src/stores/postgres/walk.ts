import type { Forgotten, ForgetQuery } from '../../model/retention.ts'
import { placeOf } from '../rows/place.ts'
import { whole } from '../rows/whole.ts'
import { change, query } from './statement.ts'
import type { Session, Value } from './statement.ts'

/** Rows that are looked at in one transaction, as a multiple of those that may be changed in it. */
const looksMax = 20

interface Walked {
  readonly table: string
  /** The rest of its primary key, after the project, or of an index of that kind. */
  readonly key: readonly string[]
  /** Statements with one time each, `$1`, such as `delete from @calls where end_at < $1`. */
  readonly change: readonly string[]
}

type Walk = (sql: Session, project: number, ask: Pick<ForgetQuery, 'after' | 'limit'>, beforeMs: readonly number[]) => Promise<Forgotten>

/**
 * Goes through a table without an index by time in the order of its key, some rows further each time. It stops after the
 * first look that changed something, so that a transaction changes few rows and reads few more.
 */
export function walk({ table, key, change: changes }: Walked): Walk {
  const columns = `(${key.join(', ')})`
  const marks = (first: number): string => `(${key.map((_, index) => `$${first + index}`).join(', ')})`
  const ordered = `order by ${key.join(', ')} limit 1 offset`
  type Row = Readonly<Record<string, string | number>>
  const first = query<Row>(`select ${key.join(', ')} from @${table} where project = $1 ${ordered} $2`)
  const next = query<Row>(`select ${key.join(', ')} from @${table} where project = $1 and ${columns} > ${marks(2)} ${ordered} $${2 + key.length}`)
  const forms = [false, true].flatMap((hasFrom) =>
    [false, true].map((hasTo) => {
      const from = hasFrom ? `and ${columns} > ${marks(3)}` : ''
      const to = hasTo ? `and ${columns} <= ${marks(hasFrom ? 3 + key.length : 3)}` : ''
      return changes.map((text) => change(`${text} and project = $2 ${from} ${to}`))
    }),
  )

  return async (sql, project, { after, limit }, beforeMs) => {
    let from = placeOf(after, key.length)
    for (let look = 1; look <= looksMax; look += 1) {
      const row = await (from === undefined ? sql.get(first, project, limit - 1) : sql.get(next, project, ...from, limit - 1))
      const to: readonly Value[] | undefined = row === undefined ? undefined : key.map((column) => row[column] ?? null)
      const statements = forms[(from === undefined ? 0 : 2) + (to === undefined ? 0 : 1)] ?? []
      let rows = 0
      for (const [index, statement] of statements.entries()) rows += await sql.run(statement, whole(beforeMs[index] ?? -Infinity), project, ...(from ?? []), ...(to ?? []))
      if (row === undefined) return { rows }
      if (rows > 0 || look === looksMax) return { rows, goOn: JSON.stringify(to) }
      from = key.map((column) => row[column] ?? '')
    }
    return { rows: 0 }
  }
}

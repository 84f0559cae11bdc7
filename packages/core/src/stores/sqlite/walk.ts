import type { ForgetQuery, Forgotten } from '../../model/retention.ts'
import { placeOf } from '../rows/place.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare, Value } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Rows that are looked at in one transaction, as a multiple of those that may be changed in it. */
const looksMax = 20

interface Walked {
  readonly table: string
  /** The rest of its primary key, after the project. */
  readonly key: readonly string[]
  /** Statements with one time each, such as `delete from calls where end_at < ?`. */
  readonly change: readonly string[]
}

/**
 * Goes through a table without an index by time in the order of its key, some rows further each time. It stops after the
 * first look that changed something, so that a transaction changes few rows and reads few more.
 */
export function walk(prepare: Prepare, { table, key, change }: Walked): (project: number, query: Pick<ForgetQuery, 'after' | 'limit'>, beforeMs: readonly number[]) => Forgotten {
  const rows: Source<Readonly<Record<string, Value>>> = { from: table }
  const columns = `(${key.join(', ')})`
  const marks = `(${key.map(() => '?').join(', ')})`
  const first = prepare.select(rows, key, `where project = ? order by ${key.join(', ')} limit 1 offset ?`)
  const next = prepare.select(rows, key, `where project = ? and ${columns} > ${marks} order by ${key.join(', ')} limit 1 offset ?`)
  const forms = ['', `and ${columns} > ${marks}`].flatMap((from) => ['', `and ${columns} <= ${marks}`].map((to) => change.map((text) => prepare.change(`${text} and project = ? ${from} ${to}`))))

  return (project, { after, limit }, beforeMs) => {
    let from: readonly Value[] | undefined = placeOf(after, key.length)
    for (let look = 1; look <= looksMax; look += 1) {
      const row = from === undefined ? first.get(project, limit - 1) : next.get(project, ...from, limit - 1)
      const to = row === undefined ? undefined : key.map((column) => row[column] ?? null)
      const statements = forms[(from === undefined ? 0 : 2) + (to === undefined ? 0 : 1)] ?? []
      const changed = statements.reduce((sum, statement, index) => sum + statement.run(whole(beforeMs[index] ?? -Infinity), project, ...(from ?? []), ...(to ?? [])).changes, 0)
      if (to === undefined) return { rows: changed }
      if (changed > 0 || look === looksMax) return { rows: changed, goOn: JSON.stringify(to) }
      from = to
    }
    return { rows: 0 }
  }
}

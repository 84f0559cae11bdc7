import { hash } from 'node:crypto'
import { destinationColumns, destinationOf, valuesOf } from '../rows/destinations.ts'
import type { Destination } from '../rows/destinations.ts'
import { tables } from '../rows/tables.ts'
import type { DestinationRow } from '../rows/tables.ts'
import { UnreadableRow } from '../rows/unreadable.ts'
import { query, select } from './statement.ts'
import type { Session } from './statement.ts'

/** Numbers stand for destinations, so that a delivery is a short row that is cheap to write again. */
export interface Destinations {
  /** For each its number; those that are new are made. */
  numbers(project: number, of: readonly Destination[]): Promise<readonly number[]>
  /** Reads these in one statement or none. What comes back throws UnreadableRow for one that is not on record or is damaged. */
  read(numbers: readonly number[]): Promise<(number: number) => Destination>
}

/** What was read of committed rows: they are never changed. */
export class DestinationMemory {
  readonly numbers = new Map<string, number>()
  readonly rows = new Map<number, DestinationRow>()

  keepNumber(digest: string, number: number): void {
    if (this.numbers.size >= cachedMax) this.numbers.clear()
    this.numbers.set(digest, number)
  }

  keepRow(row: DestinationRow): void {
    if (this.rows.size >= cachedMax) this.rows.clear()
    this.rows.set(row.id, row)
  }
}

/** Destinations held in memory; beyond it they are read again. */
const cachedMax = 10_000

const find = query<{ readonly id: number; readonly digest: string }>('select id, digest from @destinations where digest = any($1::text[])')
const insert = query<{ readonly id: number; readonly digest: string }>(
  `insert into @destinations(digest, ${destinationColumns.join(', ')})
   select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::bigint[])
     as given(digest, ${destinationColumns.join(', ')}) order by digest
   on conflict do nothing returning id, digest`,
)
const findRows = select(tables.destinations, '*', 'where id = any($1::bigint[])')

export function destinationNumbers(sql: Session, memory: DestinationMemory): Destinations {
  /** What this transaction made is no other's until it has committed. */
  const made = new Map<string, number>()
  const madeRows = new Set<number>()
  const cached = (digest: string): number | undefined => memory.numbers.get(digest) ?? made.get(digest)

  const look = async (digests: readonly string[]): Promise<void> => {
    if (digests.length === 0) return
    for (const { id, digest } of await sql.all(find, digests)) memory.keepNumber(digest, id)
  }

  return {
    async numbers(project, of) {
      // Each project has its own, so that transactions of two never wait for each other; and by a digest, because an index holds no long texts.
      const digests = of.map((destination) => digestOf(project, destination))
      const wanted = new Map(of.map((destination, index) => [digests[index] ?? '', destination]))
      await look([...wanted.keys()].filter((digest) => cached(digest) === undefined))
      const unheard = [...wanted].filter(([digest]) => cached(digest) === undefined)
      if (unheard.length > 0) {
        const values = unheard.map(([, destination]) => valuesOf(destination))
        const lists = destinationColumns.map((_column, place) => values.map((fields) => fields[place] ?? null))
        for (const row of await sql.all(insert, unheard.map(([digest]) => digest), ...lists)) {
          made.set(row.digest, row.id)
          madeRows.add(row.id)
        }
        // Another process made it at the same moment.
        await look(unheard.map(([digest]) => digest).filter((digest) => cached(digest) === undefined))
      }
      return digests.map((digest) => {
        const number = cached(digest)
        if (number === undefined) throw new Error('expected a destination that was just made to have a number')
        return number
      })
    },
    async read(numbers) {
      const rows = new Map<number, DestinationRow>()
      const missing: number[] = []
      for (const number of new Set(numbers)) {
        const row = memory.rows.get(number)
        if (row === undefined) missing.push(number)
        else rows.set(number, row)
      }
      for (const row of missing.length === 0 ? [] : await sql.all(findRows, missing)) {
        rows.set(row.id, row)
        if (!madeRows.has(row.id)) memory.keepRow(row)
      }
      return (number) => {
        const row = rows.get(number)
        if (row === undefined) throw new UnreadableRow(`expected destination ${number} to be on record`)
        return destinationOf(row)
      }
    },
  }
}

function digestOf(project: number, destination: Destination): string {
  return hash('sha256', JSON.stringify([project, ...valuesOf(destination)]), 'hex')
}

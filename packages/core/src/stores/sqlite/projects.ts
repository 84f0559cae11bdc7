import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { UnreadableRow } from '../rows/unreadable.ts'

/** Numbers stand for the names of projects in every key, which keeps the indices small. */
export interface Projects {
  /** The number of a project, which is made where it is new. */
  number(name: string): number
  /** Its number, or nothing where it was never seen. Writes nothing. */
  known(name: string): number | undefined
  name(number: number): string
  /** After a rollback: numbers made in it are void. */
  forget(): void
}

/** Names held in memory; beyond it they are read again. */
const cachedMax = 10_000

export function projectNumbers(prepare: Prepare): Projects {
  const find = prepare.select(tables.projects, ['id'], 'where name = ?')
  const nameOf = prepare.select(tables.projects, ['name'], 'where id = ?')
  const insert = prepare.insert(tables.projects, ['name'])
  const numbers = new Map<string, number>()
  const names = new Map<number, string>()

  const keep = (id: number, name: string): void => {
    if (names.size >= cachedMax) forget()
    numbers.set(name, id)
    names.set(id, name)
  }
  const forget = (): void => {
    numbers.clear()
    names.clear()
  }
  const known = (name: string): number | undefined => {
    const cached = numbers.get(name)
    if (cached !== undefined) return cached
    const row = find.get(name)
    if (row !== undefined) keep(row.id, name)
    return row?.id
  }

  return {
    known,
    forget,
    number(name) {
      const found = known(name)
      if (found !== undefined) return found
      const { id } = insert.run(name)
      keep(id, name)
      return id
    },
    name(number) {
      const cached = names.get(number)
      if (cached !== undefined) return cached
      const row = nameOf.get(number)
      if (row === undefined) throw new UnreadableRow(`expected project ${number} to be on record`)
      keep(number, row.name)
      return row.name
    },
  }
}

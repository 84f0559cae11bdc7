import { tables } from '../rows/tables.ts'
import { UnreadableRow } from '../rows/unreadable.ts'
import { changing, select } from './statement.ts'
import type { Session } from './statement.ts'

/** Numbers stand for the names of projects in every key, which keeps the indices small. */
export interface Projects {
  /** The number of a project, which is made where it is new. */
  number(name: string): Promise<number>
  /** Those of several, in one round trip or none. */
  numbers(names: Iterable<string>): Promise<(name: string) => number>
  /** Its number, or nothing where it was never seen. Writes nothing. */
  known(name: string): Promise<number | undefined>
  /** @throws UnreadableRow where none is on record */
  name(number: number): Promise<string>
  /** Those of several; a number that is not on record throws when it is asked for. */
  names(numbers: Iterable<number>): Promise<(number: number) => string>
}

/** What was read of committed rows: a project keeps its number for ever, so that it stays true whoever else writes. */
export class ProjectMemory {
  readonly numbers = new Map<string, number>()
  readonly names = new Map<number, string>()

  keep(id: number, name: string): void {
    if (this.names.size >= cachedMax) {
      this.numbers.clear()
      this.names.clear()
    }
    this.numbers.set(name, id)
    this.names.set(id, name)
  }
}

/** Names held in memory; beyond it they are read again. */
const cachedMax = 10_000

const find = select(tables.projects, ['id', 'name'], 'where name = any($1::text[])')
const findNames = select(tables.projects, ['id', 'name'], 'where id = any($1::integer[])')
const insert = changing('insert into @projects(name) select name from unnest($1::text[]) as given(name) order by name on conflict do nothing', tables.projects, ['id', 'name'])

/** @param made numbers that this transaction made: others may use them when it has committed */
export function projectNumbers(sql: Session, memory: ProjectMemory, made: Map<string, number>): Projects {
  const cached = (name: string): number | undefined => memory.numbers.get(name) ?? made.get(name)
  const read = async (names: readonly string[]): Promise<void> => {
    if (names.length === 0) return
    for (const { id, name } of await sql.all(find, names)) memory.keep(id, name)
  }
  const missing = (names: Iterable<string>): readonly string[] => [...new Set(names)].filter((name) => cached(name) === undefined)

  const numbers = async (names: Iterable<string>): Promise<(name: string) => number> => {
    const wanted = [...new Set(names)]
    await read(missing(wanted))
    const unheard = missing(wanted)
    if (unheard.length > 0) {
      for (const { id, name } of await sql.all(insert, unheard)) made.set(name, id)
      // Another process made it at the same moment.
      await read(missing(unheard))
    }
    const found = new Map(wanted.map((name) => [name, cached(name)]))
    return (name) => {
      const number = found.get(name)
      if (number === undefined) throw new Error(`expected project ${name} to have a number`)
      return number
    }
  }

  const names = async (numbersOf: Iterable<number>): Promise<(number: number) => string> => {
    const own = new Map([...made].map(([name, number]) => [number, name]))
    const nameOf = (number: number): string | undefined => memory.names.get(number) ?? own.get(number)
    const unknown = [...new Set(numbersOf)].filter((number) => nameOf(number) === undefined)
    if (unknown.length > 0) for (const { id, name } of await sql.all(findNames, unknown)) memory.keep(id, name)
    return (number) => {
      const name = nameOf(number)
      if (name === undefined) throw new UnreadableRow(`expected project ${number} to be on record`)
      return name
    }
  }

  return {
    numbers,
    names,
    number: async (name) => cached(name) ?? (await numbers([name]))(name),
    async known(name) {
      if (cached(name) === undefined) await read([name])
      return cached(name)
    },
    name: async (number) => (await names([number]))(number),
  }
}

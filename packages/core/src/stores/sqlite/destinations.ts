import { destinationColumns, destinationOf, valuesOf } from '../rows/destinations.ts'
import type { Destination } from '../rows/destinations.ts'
import { tables } from '../rows/tables.ts'
import { UnreadableRow } from '../rows/unreadable.ts'
import type { Prepare } from './statement.ts'

/** Numbers stand for destinations, so that a delivery is a short row of numbers that is cheap to write again. */
export interface Destinations {
  /** The number of a destination, which is made where it is new. */
  number(destination: Destination): number
  get(number: number): Destination
  /** After a rollback: numbers made in it are void. */
  forget(): void
}

/** Destinations held in memory; beyond it they are read again. */
const cachedMax = 10_000

export function destinationNumbers(prepare: Prepare): Destinations {
  const find = prepare.select(tables.destinations, ['id'], `where ${destinationColumns.map((column) => `${column} = ?`).join(' and ')}`)
  const insert = prepare.insert(tables.destinations, destinationColumns)
  const read = prepare.select(tables.destinations, '*', 'where id = ?')
  const numbers = new Map<string, number>()
  const kept = new Map<number, Destination>()
  // Most of what is enqueued at one time goes one way, and to compare costs less than to make a key.
  let last: { readonly way: Destination; readonly number: number } | undefined

  const numberOf = (destination: Destination): number => {
    const values = valuesOf(destination)
    const key = JSON.stringify(values)
    const cached = numbers.get(key)
    if (cached !== undefined) return cached
    const number = find.get(...values)?.id ?? insert.run(...values).id
    if (numbers.size >= cachedMax) numbers.clear()
    numbers.set(key, number)
    return number
  }

  return {
    number(way) {
      if (last !== undefined && isSameWay(last.way, way)) return last.number
      const number = numberOf(way)
      const { channel, recipient, route, without, fallback, alsoFor, fallbackAfterMs } = way
      // Not all that was handed in: that would hold its alert.
      last = { way: { channel, recipient, route, without, fallback, ...(alsoFor !== undefined && { alsoFor }), ...(fallbackAfterMs !== undefined && { fallbackAfterMs }) }, number }
      return number
    },
    get(number) {
      const cached = kept.get(number)
      if (cached !== undefined) return cached
      const row = read.get(number)
      if (row === undefined) throw new UnreadableRow(`expected destination ${number} to be on record`)
      const destination = destinationOf(row)
      if (kept.size >= cachedMax) kept.clear()
      kept.set(number, destination)
      return destination
    },
    forget() {
      numbers.clear()
      kept.clear()
      last = undefined
    },
  }
}

/** Said of simple ones only: of those with next channels of several people the key decides. */
function isSameWay(one: Destination, other: Destination): boolean {
  const [a, b] = [one.recipient, other.recipient]
  return (
    one.channel === other.channel && one.route === other.route && one.fallbackAfterMs === other.fallbackAfterMs && one.alsoFor === undefined && other.alsoFor === undefined
    && a.person === b.person && a.address === b.address && a.role === b.role && a.locale === b.locale && a.timezone === b.timezone
    && isSameList(one.without, other.without) && isSameList(one.fallback, other.fallback)
  )
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}

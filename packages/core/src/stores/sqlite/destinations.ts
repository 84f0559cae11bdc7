import type { AlsoFor } from '../../model/delivery.ts'
import type { Recipient } from '../../model/notification.ts'
import { parts } from '../../model/roles.ts'
import type { Part } from '../../model/roles.ts'
import { tables } from './schema.ts'
import type { Prepare } from './statement.ts'
import { UnreadableRow } from './unreadable.ts'
import { whole } from './whole.ts'

/** Who is told, by which channel and route, and what comes after: fixed when a notification is enqueued. */
export interface Destination {
  readonly channel: string
  readonly recipient: Recipient
  readonly route: string
  readonly without: readonly Part[]
  readonly fallback: readonly string[]
  readonly alsoFor?: readonly AlsoFor[]
  readonly fallbackAfterMs?: number
}

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
  const find = prepare.select(
    tables.destinations,
    ['id'],
    `where person = ? and channel = ? and address = ? and route = ? and role = ? and locale = ? and timezone = ?
       and without = ? and fallback = ? and fallback_after_ms = ?`,
  )
  const insert = prepare.insert(tables.destinations, [
    'person', 'channel', 'address', 'route', 'role', 'locale', 'timezone', 'without', 'fallback', 'fallback_after_ms',
  ])
  const read = prepare.select(tables.destinations, '*', 'where id = ?')
  const numbers = new Map<string, number>()
  const kept = new Map<number, Destination>()
  // Most of what is enqueued at one time goes one way, and to compare costs less than to make a key.
  let last: { readonly way: Destination; readonly number: number } | undefined

  const numberOf = ({ channel, recipient, route, without, fallback, alsoFor, fallbackAfterMs }: Destination): number => {
    const { person, role, address, locale, timezone } = recipient
    const values = [
      person, channel, address, route, role, locale, timezone, without.join(','), nextText(fallback, alsoFor), fallbackAfterMs === undefined ? -1 : whole(fallbackAfterMs),
    ] as const
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
      const { channel, person, role, address, locale, timezone, route, without, fallback, fallback_after_ms } = row
      const destination: Destination = {
        channel,
        recipient: { person, role, address, locale, timezone },
        route,
        without: parts.filter((part) => without.split(',').includes(part)),
        ...nextOf(fallback, number),
        ...(fallback_after_ms >= 0 && { fallbackAfterMs: fallback_after_ms }),
      }
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

/** Names of channels with commas; as JSON where others have next channels of their own. No name begins with a brace. */
function nextText(fallback: readonly string[], alsoFor: readonly AlsoFor[] = []): string {
  return alsoFor.length === 0 ? fallback.join(',') : JSON.stringify({ fallback, alsoFor } satisfies NextChannels)
}

type NextChannels = Pick<Destination, 'fallback' | 'alsoFor'>

function nextOf(text: string, number: number): NextChannels {
  if (!text.startsWith('{')) return { fallback: text === '' ? [] : text.split(',') }
  try {
    return JSON.parse(text) as NextChannels // what `nextText` wrote
  } catch (damaged) {
    throw new UnreadableRow(`expected the next channels of destination ${number} to be readable (${String(damaged)})`)
  }
}

import type { AlsoFor } from '../../model/delivery.ts'
import type { Recipient } from '../../model/notification.ts'
import { parts } from '../../model/roles.ts'
import type { Part } from '../../model/roles.ts'
import type { DestinationRow } from './tables.ts'
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

/** The columns that hold a destination, in the order of their values. */
export const destinationColumns = ['person', 'channel', 'address', 'route', 'role', 'locale', 'timezone', 'without', 'fallback', 'fallback_after_ms'] as const

export type DestinationValues = readonly [
  person: string, channel: string, address: string, route: string, role: string, locale: string, timezone: string, without: string, fallback: string, fallbackAfterMs: number,
]

export function valuesOf({ channel, recipient, route, without, fallback, alsoFor, fallbackAfterMs }: Destination): DestinationValues {
  const { person, role, address, locale, timezone } = recipient
  return [person, channel, address, route, role, locale, timezone, without.join(','), nextText(fallback, alsoFor), fallbackAfterMs === undefined ? -1 : whole(fallbackAfterMs)]
}

/** @throws UnreadableRow where its next channels are damaged */
export function destinationOf(row: DestinationRow): Destination {
  const { id, channel, person, role, address, locale, timezone, route, without, fallback, fallback_after_ms } = row
  return {
    channel,
    recipient: { person, role, address, locale, timezone },
    route,
    without: parts.filter((part) => without.split(',').includes(part)),
    ...nextOf(fallback, id),
    ...(fallback_after_ms >= 0 && { fallbackAfterMs: fallback_after_ms }),
  }
}

/** Names of channels with commas; as JSON where others have next channels of their own. No name begins with a brace. */
export function nextText(fallback: readonly string[], alsoFor: readonly AlsoFor[] = []): string {
  return alsoFor.length === 0 ? fallback.join(',') : JSON.stringify({ fallback, alsoFor } satisfies NextChannels)
}

type NextChannels = Pick<Destination, 'fallback' | 'alsoFor'>

export function nextOf(text: string, number: number): NextChannels {
  if (!text.startsWith('{')) return { fallback: text === '' ? [] : text.split(',') }
  try {
    return JSON.parse(text) as NextChannels // what `nextText` wrote
  } catch (damaged) {
    throw new UnreadableRow(`expected the next channels of destination ${number} to be readable (${String(damaged)})`)
  }
}

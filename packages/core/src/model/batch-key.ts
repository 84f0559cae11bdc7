import { hash } from 'node:crypto'
import type { NewNotification } from './store.ts'

/**
 * What is collected shares all that a message has but its alerts: for whom, where, what is left out, where next. An
 * address, a role or a route that changes begins a new collection, and what the old one holds is judged by itself.
 * Beginnings and ends are collected apart, and projects are never mixed: the store keeps batches by project.
 */
export function batchKeyOf({ route, recipient, channel, news, without, fallback, alsoFor, fallbackAfterMs }: Omit<NewNotification, 'alert'>): string {
  const { person, address, role, locale, timezone } = recipient
  // As a hash: an address is kept in one place only, where it can be erased.
  const shared = hash('sha256', JSON.stringify([address, role, locale, timezone, without.toSorted(), fallback, fallbackAfterMs, alsoFor]), 'hex').slice(0, 12)
  return `${route}|${person}|${channel}|${shared}${news === 'resolved' ? '|resolved' : ''}`
}

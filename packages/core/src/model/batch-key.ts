import { hash } from 'node:crypto'
import type { Schedule } from './attention-config.ts'
import type { NewNotification } from './store.ts'
import type { GroupValue, Turn } from './turn.ts'

/**
 * What is collected shares all that a message has but its alerts: for whom, where, what is left out, where next. An
 * address, a role or a route that changes begins a new collection, and what the old one holds is judged by itself.
 * Beginnings and ends are collected apart, groups each by itself, and projects are never mixed: the store keeps batches by project.
 *
 * @param wished a digest that is not the route's own but its reader's: it has its own time, and so is a collection of its own
 */
export function batchKeyOf({ route, recipient, channel, news, without, fallback, alsoFor, fallbackAfterMs, turn }: Omit<NewNotification, 'alert'>, wished?: Schedule): string {
  const { person, address, role, locale, timezone } = recipient
  // As a hash: an address is kept in one place only, where it can be erased.
  const shared = hash('sha256', JSON.stringify([address, role, locale, timezone, without.toSorted(), fallback, fallbackAfterMs, alsoFor]), 'hex').slice(0, 12)
  return `${route}|${person}|${channel}|${shared}${news === 'resolved' ? '|resolved' : ''}${collectedAs(turn)}${wished === undefined ? '' : `|${JSON.stringify(wished)}`}`
}

/** What a group is besides route, person and channel. As a hash, because values are of any length. */
function collectedAs(turn: Turn | undefined): string {
  const of = turn?.kind === 'group' || turn?.kind === 'digest' ? turn.of : undefined
  return of === undefined ? '' : `|group ${hashOf(of)}`
}

function hashOf(of: readonly GroupValue[]): string {
  return hash('sha256', JSON.stringify(of.map(({ name, value }) => [name, value])), 'hex').slice(0, 24)
}

/** How the keys of all paces of groups begin, and of no others. */
export const groupPaceStart = 'group '

/** By what the pace of a group is kept; a pace knows no projects. Ends have a pace of their own, so that good news does not hold up bad. */
export function groupPaceKey({ project, route, recipient: { person }, channel, news }: Pick<NewNotification, 'project' | 'route' | 'recipient' | 'channel' | 'news'>, of: readonly GroupValue[]): string {
  return `${groupPaceStart}${hash('sha256', JSON.stringify([project, route, person, channel, news, of.map(({ name, value }) => [name, value])]), 'hex').slice(0, 32)}`
}

import type { Event } from '../model/event.ts'
import type { Transaction } from '../model/store.ts'
import { tooOld, type Refusal } from './normalise.ts'

/** What became of an event at the door; `told`: calls on record tell what it adds up. */
export type Fate = 'accepted' | 'duplicate' | 'told' | Refusal

/**
 * Puts events on record. One that is there already is a duplicate and changes nothing; one that bears the id and time of another but
 * says something else is refused: it was not sent again, its id was used again.
 */
export async function keepEvents(tx: Transaction, project: string, events: readonly Event[]): Promise<readonly Fate[]> {
  // Another process whose clock is ahead may have deleted what would show that an event was there already.
  const sinceMs = await tx.eventsSince(project)
  const inTime = events.filter(({ atMs }) => atMs >= sinceMs)
  const isNew = await tx.insertEvents(inTime)
  const known = inTime.filter((_, index) => isNew[index] !== true)
  const isSame = known.length === 0 ? [] : await tx.sayTheSame(known)
  const reused = new Set(known.filter((_, index) => isSame[index] !== true))
  let place = 0
  return events.map((event): Fate => {
    if (event.atMs < sinceMs) return tooOld(event.atMs, sinceMs)
    if (isNew[place++] === true) return 'accepted'
    return reused.has(event) ? { refused: 'id-reused', why: 'expected an id that no other event of the same time has, found one that another event with other content has; nothing was kept of this one' } : 'duplicate'
  })
}

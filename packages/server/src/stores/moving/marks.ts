import { createHash } from 'node:crypto'
import { TocsinError } from 'tocsin/engine'
import type { Connection } from '../audit.ts'
import { factsOfPlace } from './side.ts'

/** Stands in a database whose installation went elsewhere: JSON of `MovedAway`. */
export const awayFact = `${factsOfPlace}away`
/** Stands in a database that is being filled: which installation comes. */
export const comingFact = `${factsOfPlace}coming`

/** Where an installation went. */
export interface MovedAway {
  /** `PostgreSQL`, or the folder. Never an address: a password may stand in one. */
  readonly to: string
  readonly atMs: number
  readonly installation: string
}

/** Tells installations apart and says nothing of the key: its marks could not be made with it. */
export function installationOf(redactionKey: string): string {
  return createHash('sha256').update('tocsin installation').update(redactionKey).digest('hex').slice(0, 16)
}

/** What everybody reads who still wants to write there. */
export function movedSentence({ to, atMs }: Pick<MovedAway, 'to' | 'atMs'>): string {
  return `This installation was moved to ${to} at ${new Date(atMs).toISOString()} and takes no changes here. Start the server there.`
}

/**
 * Refuses a database that an installation has left, or that is not whole yet.
 *
 * @throws TocsinError `wrong-usage` with where it went, `store-failed` with what to run again
 */
export async function refuseHalfMoved(db: Connection): Promise<void> {
  const marks = await db.selectFrom('server_facts').selectAll().where('name', 'in', [awayFact, comingFact]).execute()
  for (const { name, value } of marks) {
    // Reason for the cast: `migrate` wrote it.
    if (name === awayFact) throw new TocsinError('wrong-usage', movedSentence(JSON.parse(value) as MovedAway))
    throw new TocsinError('store-failed', 'Expected a whole database, found one that "tocsin migrate" or "tocsin restore" has not finished filling. Run that command again: it goes on where it stopped.')
  }
}

import type { Pool } from 'pg'
import type { Clock } from '../../model/clock.ts'
import { postgresError } from './errors.ts'

/** How often the database is asked what time it is, milliseconds. */
const everyMs = 30_000
/** An answer that took longer says too little, milliseconds: what was known before is better. */
const roundTripMaxMs = 1_000
/** Questions at the start, of which the quickest answer counts. */
const firstQuestions = 3

/** The database's time. */
export interface DatabaseClock extends Clock {
  /** Asks no more; it goes on from what is known. */
  stop(): void
}

/**
 * A clock that shows the time of the database, so that nodes whose own clocks differ agree on leases and due times. The database is asked
 * every 30 seconds; in between it goes on with the machine's monotonic clock. An answer is taken to come from the middle of the
 * time that it took. It never goes back: where it was ahead it goes at half the pace until it is right. While the database is away it goes on.
 *
 * @throws TocsinError `store-busy` or `store-failed` where the database does not answer the first question
 * @example const clock = await databaseClock(pool, systemClock)
 */
export async function databaseClock(pool: Pick<Pool, 'query'>, clock: Clock): Promise<DatabaseClock> {
  let stopped = false
  let cancel = (): void => undefined

  const ask = async (): Promise<Answer> => {
    const startMs = clock.monotonicMs()
    const { rows } = await pool.query<{ ms: string }>('select extract(epoch from clock_timestamp()) * 1000 as ms')
    const endMs = clock.monotonicMs()
    return { aheadMs: Number(rows[0]?.ms) - (startMs + endMs) / 2, roundTripMs: endMs - startMs }
  }

  const answers: Answer[] = []
  try {
    for (let question = 0; question < firstQuestions; question += 1) answers.push(await ask())
  } catch (cause) {
    throw postgresError(cause)
  }
  /** How far the database's time is ahead of the monotonic clock. */
  let { aheadMs } = answers.reduce((best, one) => (one.roundTripMs < best.roundTripMs ? one : best))
  let shownMs = clock.monotonicMs() + aheadMs
  let shownAtMs = clock.monotonicMs()

  const again = (): void => {
    cancel = clock.after(everyMs, () => {
      ask()
        .then((answer) => {
          if (answer.roundTripMs <= roundTripMaxMs) aheadMs = answer.aheadMs
        })
        .catch(unanswered)
        .finally(() => {
          if (!stopped) again()
        })
    })
  }
  again()

  return {
    ...clock,
    nowMs() {
      const atMs = clock.monotonicMs()
      const rightMs = atMs + aheadMs
      shownMs = rightMs >= shownMs ? rightMs : Math.max(rightMs, shownMs + (atMs - shownAtMs) / 2)
      shownAtMs = atMs
      return Math.floor(shownMs)
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}

interface Answer {
  readonly aheadMs: number
  readonly roundTripMs: number
}

/** Whoever writes to the database hears that it is away; the time goes on meanwhile. */
function unanswered(): void {}

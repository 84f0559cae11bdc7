import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../../model/clock.ts'
import { TocsinError } from '../../model/error.ts'
import { postgresError } from './errors.ts'
import type { Locks } from './locks.ts'
import { inSchema } from './statement.ts'

/** Milliseconds of a day in UTC: one partition of the events. */
export const dayMs = 86_400_000

/** Longest wait for others to end their transactions, so that a partition can be dropped; they wait as long. Milliseconds. */
const dropWaitMs = 250
/** When it is tried again, milliseconds. */
const dropAgainMs = 600_000

/** Days held in memory; beyond it they are looked up again. */
const cachedMax = 10_000

/** Makes the partitions into which events go, before they go there. */
export interface Partitions {
  /** Those of the days of these times. One that is there costs nothing. */
  prepare(timesMs: readonly number[]): Promise<void>
  /** Looks them up again: one was dropped by another process. */
  forget(): void
  /**
   * Drops a day, for which nobody may write to the events for a moment. Whoever uses them for longer is not waited for: then it stays, and is not
   * asked for again by this process for some time.
   */
  drop(day: number): Promise<void>
  /** Whether it could not be dropped a while ago. */
  isUsed(day: number): boolean
}

/** The day of a time, counted from 1970. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / dayMs)
}

/** Its partition. A number and not a date: there are events from before the year 1 and after 9999. */
export function partitionOf(day: number): string {
  return `events_day_${day < 0 ? `before_1970_${-day}` : day}`
}

/** The day of a partition; absent: a table that is none of ours. */
export function dayOfPartition(name: string): number | undefined {
  const [, early = '', day = ''] = /^events_day_(before_1970_)?([0-9]+)$/.exec(name) ?? []
  return day === '' ? undefined : early === '' ? Number(day) : -Number(day)
}

/** Which days have a partition. A day is in it only while that is so: whoever drops a partition tells all processes by its absence. */
export class PartitionMaker implements Partitions {
  readonly #pool: Pool
  readonly #schema: string
  readonly #locks: Locks
  readonly #clock: Clock
  readonly #known = new Set<number>()
  /** Until when a day is let be that others used when it was to be dropped, by the monotonic clock. */
  readonly #used = new Map<number, number>()
  #ahead: Promise<void> | undefined

  constructor(pool: Pool, schema: string, locks: Locks, clock: Clock) {
    this.#pool = pool
    this.#schema = schema
    this.#locks = locks
    this.#clock = clock
  }

  async prepare(timesMs: readonly number[]): Promise<void> {
    const missing = [...new Set(timesMs.map(dayOf))].filter((day) => !this.#known.has(day)).toSorted((a, b) => a - b)
    if (missing.length > 0) await this.#make(missing)
    const tomorrow = dayOf(this.#clock.nowMs()) + 1
    // Made while today's events come in, so that at midnight nobody waits for it. What fails is made when it is needed.
    if (!this.#known.has(tomorrow) && this.#known.has(tomorrow - 1)) this.#ahead ??= this.#make([tomorrow]).catch(nothing).finally(() => (this.#ahead = undefined))
  }

  forget(): void {
    this.#known.clear()
  }

  /** Lets what is being made ahead finish. */
  async close(): Promise<void> {
    await this.#ahead
  }

  isUsed(day: number): boolean {
    return (this.#used.get(day) ?? -Infinity) > this.#clock.monotonicMs()
  }

  async drop(day: number): Promise<void> {
    this.#known.clear()
    try {
      await this.#alone(async (client) => {
        await client.query(`set local lock_timeout = ${dropWaitMs}`)
        await client.query(inSchema(`drop table if exists @${partitionOf(day)}`, this.#schema))
      })
      this.#used.delete(day)
    } catch (inUse) {
      if (!(inUse instanceof TocsinError)) throw inUse
      this.#used.set(day, this.#clock.monotonicMs() + dropAgainMs)
    }
  }

  /** A table that is made first and attached then asks for a lock that lets everybody go on who reads and writes events. */
  async #make(days: readonly number[]): Promise<void> {
    await this.#alone(async (client) => {
      for (const day of days) {
        const name = partitionOf(day)
        const { rows } = await client.query(inSchema(`select 1 from pg_class where oid = to_regclass('@${name}') and relispartition`, this.#schema))
        if (rows.length > 0) continue
        await client.query(inSchema(`create table if not exists @${name}(like @events including all)`, this.#schema))
        await client.query(inSchema(`alter table @events attach partition @${name} for values from (${day * dayMs}) to (${(day + 1) * dayMs})`, this.#schema))
      }
    })
    if (this.#known.size + days.length > cachedMax) this.#known.clear()
    for (const day of days) this.#known.add(day)
  }

  /** In a transaction of its own on another connection, so that no other transaction waits longer than it takes; one at a time among all nodes. */
  async #alone(work: (client: PoolClient) => Promise<void>): Promise<void> {
    let client: PoolClient | undefined
    let failed = true
    try {
      client = await this.#pool.connect()
      await client.query('begin')
      await client.query(this.#locks.partitions)
      await work(client)
      await client.query('commit')
      failed = false
    } catch (cause) {
      throw postgresError(cause)
    } finally {
      client?.release(failed)
    }
  }
}

function nothing(): void {}

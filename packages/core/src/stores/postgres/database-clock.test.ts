import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sleep, systemClock } from '../../model/clock.ts'
import type { Clock } from '../../model/clock.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import type { ManualClock } from '../../testing/manual-clock.ts'
import { testDatabaseUrl } from '../../testing/postgres-store.ts'
import { sampleMs } from '../../testing/store-suite/samples.ts'
import { databaseClock } from './database-clock.ts'

let pool: pg.Pool

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 2 })
}, 60_000)
afterAll(() => pool.end())

/** A database that says these times, one after the other, each after so long. */
function saying(clock: ManualClock, ...answers: readonly { readonly ms: number; readonly tookMs?: number }[]): Pick<pg.Pool, 'query'> {
  const left = [...answers]
  const query = async () => {
    const { ms, tookMs = 0 } = left.length > 1 ? (left.shift() ?? { ms: 0 }) : (left[0] ?? { ms: 0 })
    await Promise.resolve()
    clock.advance(tookMs)
    if (Number.isNaN(ms)) throw new Error('Connection terminated')
    return { rows: [{ ms: String(ms) }] }
  }
  return { query: query as unknown as pg.Pool['query'] } // the one form of a query that is asked here
}

/** Time passes, and what it set going comes to its end. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms)
  await sleep(systemClock, 0)
}

test('two machines whose clocks are ten seconds apart agree on the time of the database', async () => {
  const offBy = (ms: number): Clock => ({ ...systemClock, nowMs: () => systemClock.nowMs() + ms })
  const clocks = await Promise.all([databaseClock(pool, offBy(-5_000)), databaseClock(pool, offBy(5_000))])
  const [early = 0, late = 0] = clocks.map((clock) => clock.nowMs())
  const { rows } = await pool.query<{ ms: string }>('select extract(epoch from clock_timestamp()) * 1000 as ms')
  for (const clock of clocks) clock.stop()
  expect(Math.abs(late - early)).toBeLessThan(200)
  expect(Math.abs(Number(rows[0]?.ms) - early)).toBeLessThan(200)
})

test('an answer counts as of the middle of the time it took, and of the first three the quickest', async () => {
  const clock = manualClock(sampleMs)
  const asked = await databaseClock(saying(clock, { ms: 900_000, tookMs: 400 }, { ms: 1_000_000, tookMs: 20 }, { ms: 800_000, tookMs: 600 }), clock)
  expect(asked.nowMs()).toBe(1_000_000 + 10 + 600)
  asked.stop()
})

test('it goes on by itself between two answers, and never back: where it was ahead it waits at half the pace', async () => {
  const clock = manualClock(sampleMs)
  const asked = await databaseClock(saying(clock, { ms: 1_000_000 }, { ms: 1_000_000 }, { ms: 1_000_000 }, { ms: 1_020_000 }, { ms: 1_060_000 }), clock)
  await pass(clock, 29_999)
  expect(asked.nowMs()).toBe(1_029_999)
  await pass(clock, 1)
  expect(asked.nowMs()).toBe(1_029_999)
  await pass(clock, 5_000)
  expect(asked.nowMs()).toBe(1_032_499)
  await pass(clock, 15_000)
  expect(asked.nowMs()).toBe(1_040_000)
  await pass(clock, 10_000)
  expect(asked.nowMs()).toBe(1_060_000)
  asked.stop()
})

test('while the database is away, or answers too late to say anything, it goes on', async () => {
  const clock = manualClock(sampleMs)
  const asked = await databaseClock(saying(clock, { ms: 1_000_000 }, { ms: 1_000_000 }, { ms: 1_000_000 }, { ms: Number.NaN }, { ms: 5_000_000, tookMs: 1_001 }, { ms: 1_500_000 }), clock)
  await pass(clock, 30_000)
  expect(asked.nowMs()).toBe(1_030_000)
  await pass(clock, 30_000)
  expect(asked.nowMs()).toBeLessThan(1_062_000)
  await pass(clock, 30_000)
  expect(asked.nowMs()).toBeGreaterThanOrEqual(1_500_000)
  asked.stop()
})

test('a database that does not answer at all is said at once', async () => {
  const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'nobody', database: 'none' })
  await expect(databaseClock(nowhere, systemClock)).rejects.toMatchObject({ name: 'TocsinError', code: 'store-busy' })
  await nowhere.end()
})

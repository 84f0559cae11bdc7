import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import pg from 'pg'
import { sleep, systemClock } from '../../model/clock.ts'
import type { Store } from '../../model/store.ts'
import { postgresWorld, testDatabaseUrl } from '../../testing/postgres-store.ts'
import type { PostgresWorld } from '../../testing/postgres-store.ts'
import { sampleEvent, sampleMs, sampleSpend } from '../../testing/store-suite/samples.ts'

let world: PostgresWorld
let otherPool: pg.Pool
let store: Store
let other: Store

beforeAll(async () => {
  world = await postgresWorld()
  otherPool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 5 })
}, 60_000)
afterAll(async () => {
  await otherPool.end()
  await world.dispose()
})
beforeEach(async () => {
  store = await world.openStore({ clock: systemClock })
  other = await world.openStore({ clock: systemClock, pool: otherPool })
  await world.empty()
  // Known beforehand: who makes a project waits for another who makes it too, whatever else keeps them apart.
  await store.transaction((tx) => tx.addSpend(['bots', 'agents', 'crew'].map((project) => sampleSpend({ project, nanoUsd: 0 }))))
})
afterEach(async () => {
  await store.close()
  await other.close()
})

/** A transaction that is under way until it is let go. */
async function held(on: Store, project?: string): Promise<{ readonly letGo: () => Promise<void> }> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const done = on.transaction(async (tx) => {
    await tx.addSpend([sampleSpend({ project: project ?? 'bots' })])
    begin()
    await released
  }, project === undefined ? undefined : { project })
  await Promise.race([begun, done])
  return {
    async letGo() {
      release()
      await done
    },
  }
}

/** Whether this is over, as of some time in which it easily could be. */
async function isOver(work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(systemClock, 150).then(() => false)])
}

const write = (on: Store, project?: string) => on.transaction((tx) => tx.insertEvents([sampleEvent({ project: project ?? 'bots' })]), project === undefined ? undefined : { project })

test('transactions of different projects are under way at the same time, in one process and in two', async () => {
  const bots = await held(store, 'bots')
  await write(store, 'agents')
  await write(other, 'crew')
  await bots.letGo()
})

test.each([['in one process', () => store], ['in two', () => other]])('of one project one waits for the other, %s', async (_where, second) => {
  const first = await held(store, 'bots')
  const next = write(second(), 'bots')
  expect(await isOver(next)).toBe(false)
  await first.letGo()
  await next
})

test.each([['in one process', () => store], ['in two', () => other]])('one that belongs to no project is alone, %s', async (_where, second) => {
  const bots = await held(store, 'bots')
  const all = write(second())
  expect(await isOver(all)).toBe(false)
  await bots.letGo()
  await all
  const alone = await held(store)
  const next = write(second(), 'bots')
  expect(await isOver(next)).toBe(false)
  await alone.letGo()
  await next
})

test('more projects at once than there are connections all come through, also where each makes a day of events', async () => {
  const fresh = Array.from({ length: 40 }, (_, index) => sampleEvent({ project: `project ${index}`, atMs: sampleMs + index * 86_400_000 }))
  const writes = fresh.map((event, index) => (index % 2 === 0 ? store : other).transaction((tx) => tx.insertEvents([event]), event))
  const reads = fresh.map(() => other.read.counts())
  expect((await Promise.all(writes)).flat()).toEqual(fresh.map(() => true))
  await Promise.all(reads)
  expect((await store.read.counts()).events).toBe(40)
})

test('a node that dies in the middle of a transaction holds nobody up, and leaves nothing behind', async () => {
  const dying = await held(other, 'bots')
  const next = write(store, 'bots')
  await world.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and query like '%' || $1 || '%'", [world.schema])
  expect(await next).toEqual([true])
  await expect(dying.letGo()).rejects.toMatchObject({ code: 'store-busy' })
  expect(await store.transaction((tx) => tx.addSpend([sampleSpend({ nanoUsd: 0 })]), { project: 'bots' })).toMatchObject([{ spentNanoUsd: 0 }])
})

test('the pace of a reader of two projects loses nothing when both count at once', async () => {
  const count = (on: Store, project: string) => on.transaction(async (tx) => {
    const pace = (await tx.paces(['storm dana'])).get('storm dana')
    await sleep(systemClock, 2)
    await tx.putPaces([{ key: 'storm dana', sinceMs: 0, atMs: 0, count: (pace?.count ?? 0) + 1 }])
  }, { project })
  await Promise.all(Array.from({ length: 20 }, (_, index) => count(index % 2 === 0 ? store : other, `project ${index % 4}`)))
  expect((await store.transaction((tx) => tx.paces(['storm dana']))).get('storm dana')?.count).toBe(20)
})

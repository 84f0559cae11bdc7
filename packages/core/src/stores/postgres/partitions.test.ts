import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ForgetQuery } from '../../model/retention.ts'
import type { Store } from '../../model/store.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import type { ManualClock } from '../../testing/manual-clock.ts'
import { postgresWorld } from '../../testing/postgres-store.ts'
import type { PostgresWorld } from '../../testing/postgres-store.ts'
import { sampleEvent, sampleMs } from '../../testing/store-suite/samples.ts'
import { dayMs, dayOf, dayOfPartition, partitionOf } from './partitions.ts'

let world: PostgresWorld
let store: Store
let clock: ManualClock

beforeAll(async () => {
  world = await postgresWorld()
}, 60_000)
afterAll(() => world.dispose())
beforeEach(async () => {
  clock = manualClock(sampleMs)
  store = await world.openStore({ clock })
  await world.empty()
  for (const day of await days()) await world.pool.query(`drop table "${world.schema}"."${partitionOf(day)}"`)
})
afterEach(() => store.close())

async function days(): Promise<readonly number[]> {
  const { rows } = await world.pool.query<{ name: string }>('select class.relname as name from pg_inherits join pg_class as class on class.oid = inhrelid where inhparent = to_regclass($1)', [`"${world.schema}".events`])
  return rows.flatMap(({ name }) => dayOfPartition(name) ?? []).toSorted((a, b) => a - b)
}

const today = dayOf(sampleMs)
const insert = (atMs: number, project = 'bots') => store.transaction((tx) => tx.insertEvents([sampleEvent({ project, id: `${project} ${atMs}`, atMs })]), { project })

function forget(contentBeforeMs: number, project = 'bots', limit = 500) {
  const query: ForgetQuery = { project, what: 'events', after: '', contentBeforeMs, bodiesBeforeMs: 0, decisionsBeforeMs: 0, pacesBeforeMs: 0, limit }
  return store.transaction((tx) => tx.forget(query), { project })
}

test('events of any day find their partition, also of days long before or after', async () => {
  for (const atMs of [sampleMs, 0, -1, -dayMs * 1_000, 2 ** 53 - 1, dayMs - 1, dayMs]) expect(await insert(atMs)).toEqual([true])
  expect((await store.read.events()).map(({ atMs }) => atMs)).toEqual([dayMs, dayMs - 1, 2 ** 53 - 1, -dayMs * 1_000, -1, 0, sampleMs])
})

test('the next day has its partition before its first event', async () => {
  await insert(sampleMs)
  await store.close()
  expect(await days()).toEqual([today, today + 1])
})

test('transactions that need a new day at the same moment make it once', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, index) => insert(sampleMs + 5 * dayMs, `project ${index}`)))
  expect((await store.read.counts()).events).toBe(12)
  expect(await days()).toContain(today + 5)
})

test('a day that is over for every project goes at once, and from when on there are events is known', async () => {
  for (const project of ['bots', 'other']) for (const day of [0, 1]) await insert(sampleMs - day * dayMs, project)
  const midnightMs = today * dayMs
  await forget(midnightMs)
  expect(await days()).toContain(today - 1)
  expect((await store.read.events()).map(({ project }) => project).toSorted()).toEqual(['bots', 'other', 'other'])
  expect(await forget(midnightMs, 'other')).toMatchObject({ goOn: '' })
  expect(await days()).not.toContain(today - 1)
  expect((await store.read.counts()).events).toBe(2)
  const since = (project: string) => store.transaction((tx) => tx.eventsSince(project), { project })
  expect([await since('bots'), await since('other')]).toEqual([midnightMs, midnightMs])
})

test('where events are kept for long, a day that is partly old is left until it goes whole', async () => {
  const oldMs = (today - 8) * dayMs + 1_000
  for (const atMs of [oldMs, sampleMs]) await insert(atMs)
  expect(await forget(oldMs + 5_000)).toEqual({ rows: 0 })
  expect((await store.read.counts()).events).toBe(2)
  expect(await forget((today - 7) * dayMs)).toMatchObject({ goOn: '' })
  expect((await store.read.events()).map(({ atMs }) => atMs)).toEqual([sampleMs])
})

test('where events are kept for hours only, they go when they are so old', async () => {
  for (const atMs of [sampleMs - 2_000, sampleMs]) await insert(atMs)
  expect(await forget(sampleMs - 1_000)).toEqual({ rows: 1 })
  expect((await store.read.events()).map(({ atMs }) => atMs)).toEqual([sampleMs])
})

test('a day that others still write in is not waited for: it goes later', async () => {
  await insert(sampleMs - dayMs)
  const waiting = await world.pool.connect()
  await waiting.query('begin')
  await waiting.query(`select 1 from "${world.schema}".events limit 1`)
  await forget(today * dayMs)
  expect(await days()).toContain(today - 1)
  await waiting.query('rollback')
  waiting.release()
  // For a while its rows go one by one, so that nobody has to wait again and again.
  expect(await forget(today * dayMs)).toEqual({ rows: 1 })
  expect(await days()).toContain(today - 1)
  clock.advance(600_000)
  await forget(today * dayMs)
  expect(await days()).not.toContain(today - 1)
})

test('an event of a day that another process has dropped is refused once, to be tried again, and goes in then', async () => {
  await insert(sampleMs)
  await world.pool.query(`drop table "${world.schema}"."${partitionOf(today)}"`)
  await expect(insert(sampleMs + 1)).rejects.toMatchObject({ code: 'store-busy', retry: 'retry' })
  expect(await insert(sampleMs + 1)).toEqual([true])
})

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Store, Transaction } from '../../model/store.ts'
import { postgresWorld } from '../../testing/postgres-store.ts'
import type { PostgresWorld } from '../../testing/postgres-store.ts'
import { sampleAlert, sampleMs, sampleNotification } from '../../testing/store-suite/samples.ts'

let world: PostgresWorld
let store: Store

beforeAll(async () => {
  world = await postgresWorld()
  store = await world.openStore()
}, 60_000)
beforeEach(() => world.empty())
afterAll(async () => {
  await store.close()
  await world.dispose()
})

const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(work, { project: 'bots' })
const due = (nowMs = sampleMs) => write(async (tx) => (await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs, limit: 1_000 })).map(({ id }) => id))
const rows = async <Row>(text: string, ...values: readonly unknown[]) => (await world.pool.query(text.replaceAll('@', `"${world.schema}".`), [...values])).rows as readonly Row[]
const kept = async () => (await rows<{ id: string }>('select id from @due order by id')).map(({ id }) => Number(id))

async function enqueued(count: number): Promise<readonly number[]> {
  return write(async (tx) => {
    const alerts = await tx.insertAlerts(Array.from({ length: count }, (_, index) => sampleAlert({ key: `key ${index}` })))
    return (await tx.enqueue(alerts.map((alert) => sampleNotification(alert)))).map(({ delivery }) => delivery)
  })
}

test('what is claimed and sent is written where it stands: no index of the deliveries is changed', async () => {
  const ids = await enqueued(100)
  const updates = async () => {
    const [row] = await rows<{ all: number; hot: number }>(
      `select n_tup_upd::integer as all, n_tup_hot_upd::integer as hot from pg_stat_force_next_flush(), pg_stat_user_tables where relname = 'deliveries' and schemaname = '${world.schema}'`,
    )
    return row ?? { all: 0, hot: 0 }
  }
  const before = await updates()
  const attempt = { number: 1, atMs: sampleMs, tookMs: 1, outcome: 'sent', detail: '' } as const
  const fences = await write((tx) => tx.lease(ids, sampleMs + 1_000, sampleMs))
  // Room is made of what nobody sees any more: whatever else this database is asked for may see it still.
  const [now] = await rows<{ xid: string }>('select pg_current_xact_id()::text as xid')
  await expect.poll(async () => (await rows<{ older: number }>('select count(*)::integer as older from pg_stat_activity where pid <> pg_backend_pid() and age(backend_xmin) > age($1::xid)', now?.xid))[0]?.older, { timeout: 15_000 }).toBe(0)
  await write((tx) => tx.settle(ids.map((id, index) => ({ id, fence: fences[index] ?? 0, kind: 'done', result: 'sent', atMs: sampleMs, attempt: { ...attempt, ...(index % 2 === 0 && { providerId: `p${id}` }) } }))))
  await expect.poll(async () => (await updates()).all - before.all).toBe(200)
  const after = await updates()
  // Of a page that is full one finds no room.
  expect(after.hot - before.hot).toBeGreaterThan(180)
  expect(await kept()).toEqual([])
  expect((await store.read.deliveries()).map(({ attempts }) => attempts[0]?.providerId).filter((id) => id !== undefined)).toHaveLength(50)
})

test('what nodes of the version before enqueue, lease, put off, settle and end is known to newer ones', async () => {
  const [like] = await enqueued(1)
  // Their statements, as they are prepared while the schema is brought up to date.
  const insert = `insert into @deliveries(channel, priority, due_at, alert, project, destination, news, created_at, expires_at, items, fence, attempts, doubts, cost)
    select channel, priority, due_at, alert, project, destination, news, created_at, expires_at, items, 0, 0, 0, 1 from @deliveries where id = $1 returning id`
  const theirs: number[] = []
  for (let made = 0; made < 4; made += 1) theirs.push(...(await rows<{ id: string }>(insert, like)).map(({ id }) => Number(id)))
  const [leased = 0, later = 0, ended = 0, failed = 0] = theirs
  expect(await due()).toEqual([like, ...theirs])
  await rows('update @deliveries set due_at = $2, claimed_at = $3, fence = 7, attempts = attempts + 1, batch_key = null where id = any($1::bigint[])', [leased, later, failed], sampleMs + 1_000, sampleMs)
  expect(await due()).toEqual([like, ended])
  expect(await due(sampleMs + 1_000)).toEqual([like, ...theirs])
  await rows('update @deliveries set due_at = $2, claimed_at = null where id = $1', later, sampleMs + 500)
  await rows("update @deliveries set result = 'sent', done_at = $2, claimed_at = null, last_n = 1, last_at = $2, last_ms = 1, last_outcome = null, last_code = null, last_detail = null, last_provider_id = null where id = $1", leased, sampleMs)
  await rows("update @deliveries set result = 'failed', done_at = $2, claimed_at = null, last_n = 1, last_at = $2, last_ms = 1, last_outcome = 'retry', last_code = null, last_detail = 'no', last_provider_id = null where id = $1", failed, sampleMs)
  await rows("update @deliveries set result = 'too-old', done_at = $2, claimed_at = null, batch_key = null where id = $1", ended, sampleMs)
  expect(await due()).toEqual([like])
  expect(await due(sampleMs + 500)).toEqual([like, later])
  expect(await kept()).toEqual([like, later])
  expect(await store.read.nextDueMs('bots', ['mail'], [])).toBe(sampleMs)
  const unsuccessful = await store.read.listDeliveries({ project: 'bots', results: ['failed', 'too-old'], limit: 10 })
  expect(unsuccessful.items.map(({ id }) => id)).toEqual([failed, ended])
  await rows('delete from @deliveries')
  expect(await kept()).toEqual([])
})

test('while all that is due is under way, the next that is due is the end of the first lease', async () => {
  const ids = await enqueued(3)
  await write((tx) => tx.lease(ids.slice(0, 2), sampleMs + 2_000, sampleMs))
  expect(await store.read.nextDueMs('bots', ['mail'], [])).toBe(sampleMs)
  await write((tx) => tx.lease(ids.slice(2), sampleMs + 1_000, sampleMs))
  expect(await store.read.nextDueMs('bots', ['mail'], [])).toBe(sampleMs + 1_000)
})

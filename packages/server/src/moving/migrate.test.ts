import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type ConfigInput } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { serve, type RunningServer } from '../serve.ts'
import { insertUser, organizationOf, putMember } from '../stores/accounts.ts'
import { openDatabase } from '../stores/database.ts'
import { openStores, type OpenStores } from '../stores/open-stores.ts'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { migrate } from './migrate.ts'

const config: ConfigInput = {
  project: 'bots',
  channels: { box: { type: 'inbox' } },
  people: { dana: { role: 'admin', email: 'dana@example.com' } },
  routes: [{ match: 'true', to: ['dana'], via: ['box'] }],
  budgets: { day: { amountUsd: 100, period: 'month', thresholds: [1] } },
  detection: { wait: '0s' },
  limits: false,
  storm: false,
  delivery: { batchMs: 50 },
}

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** What fails, costs two dollars, and ends its session. */
function trouble(id: string, atMs = systemClock.nowMs()): object {
  return {
    events: [
      { type: 'llm.call', id: `${id}-call`, atMs: atMs - 10, sessionId: id, agent: 'billing', user: 'u7', status: 'ok', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 2_000_000_000 } },
      { type: 'session.end', id: `${id}-end`, atMs, sessionId: id, agent: 'billing', user: 'u7', status: 'error', endState: 'fail', endReason: 'gave up' },
    ],
  }
}

/** A server on SQLite that holds back what it is to send. */
async function heldWorld(): Promise<ServerWorld> {
  const world = await serverWorld({ ...config, pause: true })
  cleanups.push(() => world.dispose())
  return world
}

async function post(world: Pick<ServerWorld, 'call' | 'ingestKey'>, body: object): Promise<number> {
  return (await world.call('POST', '/api/v1/events', { key: world.ingestKey, body })).status
}

async function newDatabase(): Promise<EmptyDatabase> {
  const database = await emptyDatabase()
  cleanups.push(() => database.dispose())
  return database
}

async function opened(options: { readonly data: string; readonly databaseUrl?: string }): Promise<OpenStores> {
  const stores = await openStores({ ...options, durability: 'normal', notice: () => undefined })
  cleanups.push(() => stores.close())
  return stores
}

const quiet = { env: {}, notice: () => undefined }

test('a living installation goes to PostgreSQL and back: what waits is sent once, what was counted counts, and nobody uses the old one again', async () => {
  const world = await heldWorld()
  const accounts = await openDatabase({ file: join(world.data, 'tocsin.db') }, systemClock)
  await insertUser(accounts.db, { id: 'usr_1', name: 'Lee', email: 'lee@example.com', owner: true, passwordHash: 'hash', nowMs: 1_700_000_000_123 })
  await putMember(accounts.db, { id: 'mem_1', organizationId: await organizationOf(accounts.db, 'bots', 'org_1', 5), userId: 'usr_1', role: 'admin', nowMs: 6 })
  await accounts.close()
  const early = trouble('early')
  expect(await post(world, early)).toBe(200)
  expect(await post(world, trouble('nul\u0000 and \u{10FFFF} and \uFFFD'))).toBe(200)
  const database = await newDatabase()
  const said: string[] = []
  const migrated = await migrate({
    from: 'sqlite', to: 'postgres', data: world.data, databaseUrl: database.url, env: {}, notice: (text) => said.push(text),
    // The server goes on while the bulk is copied.
    beforeLast: async () => expect(await post(world, trouble('late'))).toBe(200),
  })
  expect(said.join('\n')).toMatch(/while it is in use[^]*takes no changes from now on/)
  const rowsOf = (name: string): number | undefined => migrated.tables.find((table) => table.name === name)?.rows
  const held = (await world.store.read.deliveries()).length
  expect(held).toBeGreaterThan(2)
  expect([rowsOf('events'), rowsOf('deliveries'), rowsOf('sessions'), rowsOf('server_users'), rowsOf('server_keys')]).toEqual([6, held, 3, 1, 1])
  expect(rowsOf('server_audit')).toBeGreaterThan(0)

  // Whoever still writes to the old one is refused, and so is a server that is started on it.
  expect(await post(world, trouble('lost'))).toBe(503)
  await expect(opened({ data: world.data })).rejects.toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('was moved to PostgreSQL') as string })

  const folder = mkdtempSync(join(tmpdir(), 'tocsin-moved-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'tocsin.yaml'), JSON.stringify(config))
  const target = await serve({ config: join(folder, 'tocsin.yaml'), data: folder, databaseUrl: database.url, port: 0, env: {}, terminal: () => undefined, notice: () => undefined })
  cleanups.push(() => target.close().catch(() => undefined))
  const stores = await opened({ data: folder, databaseUrl: database.url })
  await expect.poll(async () => (await stores.store.read.inbox()).length, { timeout: 10_000 }).toBe(held)
  // The key of the first start works there, and what was sent before is known.
  expect(await post(at(target, world), early)).toBe(200)
  expect(await post(at(target, world), trouble('after'))).toBe(200)
  await expect.poll(async () => (await stores.store.read.inbox()).length, { timeout: 10_000 }).toBe(held + 1)
  expect((await stores.store.read.counts()).events).toBe(8)
  expect(Buffer.from(stores.store.redactionKey)).toEqual(Buffer.from(world.store.redactionKey))
  const spent = await database.query<{ nano: string }>("select nano from tocsin.spend where budget not like '~%'")
  expect(spent.map(({ nano }) => nano)).toEqual(['8000000000'])
  await target.close()

  // And back, into another folder.
  const back = join(folder, 'back')
  const returned = await migrate({ from: database.url, to: back, data: folder, ...quiet })
  expect(returned.tables.find(({ name }) => name === 'events')?.rows).toBe(8)
  await expect(stores.store.transaction((tx) => tx.putTimers([{ project: 'bots', kind: 'k', key: 'k', dueMs: 1 }]))).rejects.toThrow('was moved to')
  await expect(opened({ data: folder, databaseUrl: database.url })).rejects.toMatchObject({ code: 'wrong-usage' })
  const home = await opened({ data: back })
  expect((await home.store.read.deliveries()).map(({ id }) => id)).toEqual((await stores.store.read.deliveries()).map(({ id }) => id))
  expect(await home.database.db.selectFrom('server_users').selectAll().execute()).toMatchObject([{ id: 'usr_1', owner: 1, createdAt: '2023-11-14T22:13:20.123Z' }])
  const alert = await home.store.transaction((tx) => tx.insertAlerts([{ project: 'bots', rule: 'r', key: 'k', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 1, evidence: { event: 'e', atMs: 1 }, count: 1, openedAtMs: 1 }]))
  expect(alert[0]).toBeGreaterThan(Math.max(...(await stores.store.read.alerts()).map(({ id }) => id)))
})

/** The same key at another server. */
function at({ url }: RunningServer, { ingestKey }: ServerWorld): Pick<ServerWorld, 'call' | 'ingestKey'> {
  return { ingestKey, call: (method, path, options = {}) => fetchFrom(url, method, path, options) }
}

async function fetchFrom(url: string, method: string, path: string, { key, body }: { readonly key?: string; readonly body?: unknown }): ReturnType<ServerWorld['call']> {
  const response = await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${key ?? ''}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return { status: response.status, headers: response.headers, text: await response.text(), json: undefined }
}

test('what was cut short goes on, and until then nobody uses what is half there', async () => {
  const world = await heldWorld()
  await post(world, trouble('one'))
  const database = await newDatabase()
  const options = { from: world.data, to: database.url, data: world.data, ...quiet }
  await expect(migrate({ ...options, beforeLast: () => Promise.reject(new Error('the machine was switched off')) })).rejects.toThrow('switched off')
  await expect(opened({ data: world.data, databaseUrl: database.url })).rejects.toMatchObject({ code: 'store-failed', message: expect.stringContaining('Run that command again') as string })
  // The source is as it was, and changes: a row that came over is another now, one is gone.
  expect(await post(world, trouble('two'))).toBe(200)
  await world.store.transaction((tx) => tx.removeTimers([{ project: 'bots', kind: 'retention', key: '' }]))
  await world.store.transaction(async (tx) => tx.updateAlerts([{ id: 1, addCount: 5, updatedAtMs: systemClock.nowMs() }]))
  const { tables } = await migrate(options)
  expect(tables.find(({ name }) => name === 'events')?.rows).toBe(4)
  const stores = await opened({ data: world.data, databaseUrl: database.url })
  expect(await stores.store.read.alert(1)).toEqual(await world.store.read.alert(1))
})

test('nothing is written into a database in which something stands, and two of a kind are refused', async () => {
  const [world, other] = [await heldWorld(), await heldWorld()]
  await post(world, trouble('one'))
  const database = await newDatabase()
  await migrate({ from: other.data, to: database.url, data: '', ...quiet })
  await expect(migrate({ from: world.data, to: database.url, data: '', ...quiet })).rejects.toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('Expected an empty database in PostgreSQL') as string })
  expect(await post(world, trouble('two'))).toBe(200)
  await expect(migrate({ from: world.data, to: other.data, data: '', ...quiet })).rejects.toThrow('found both to be SQLite')
  await expect(migrate({ from: join(world.data, 'none'), to: database.url, data: '', ...quiet })).rejects.toThrow('Expected an installation in')
})

test('ways that PostgreSQL keeps for each project are one in SQLite, and each delivery keeps its own', async () => {
  const database = await newDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-ways-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  const { store } = await opened({ data: folder, databaseUrl: database.url })
  const recipient = { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'en', timezone: 'UTC' } as const
  for (const project of ['bots', 'other', 'third']) {
    await store.transaction(async (tx) => {
      const [alert = 0] = await tx.insertAlerts([{ project, rule: 'r', key: 'k', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 1, evidence: { event: 'e', atMs: 1 }, count: 1, openedAtMs: 1 }])
      await tx.enqueue(['a', project].map((route) => ({ project, channel: 'mail', recipient, route, news: 'firing', alert, without: [], priority: 1, dueMs: 1, expiresMs: 2, fallback: [], createdAtMs: 1 }) as const))
    }, { project })
  }
  expect(await database.query('select id from tocsin.destinations')).toHaveLength(6)
  const { tables } = await migrate({ from: database.url, to: join(folder, 'there'), data: folder, ...quiet })
  expect(tables.find(({ name }) => name === 'destinations')?.rows).toBe(4)
  const there = await opened({ data: join(folder, 'there') })
  const shown = async (of: OpenStores['store']): Promise<unknown> => (await of.read.deliveries()).map(({ id, person, address, route }) => ({ id, person, address, route }))
  expect(await shown(there.store)).toEqual(await shown(store))
  expect(await shown(there.store)).toHaveLength(6)
})

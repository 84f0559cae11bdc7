import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { systemClock, type ConfigInput } from 'tocsin/engine'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStores, type OpenStores } from '../stores/open-stores.ts'
import { emptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { backUp } from './backup.ts'
import { migrate } from './migrate.ts'
import { restore, resumeRestored } from './restore.ts'

const config: ConfigInput = {
  channels: { box: { type: 'inbox' } },
  people: { dana: { role: 'admin', email: 'dana@example.com' } },
  routes: [{ match: 'true', to: ['dana'], via: ['box'] }],
  detection: { wait: '0s' },
  pause: true,
}
const quiet = { env: {}, notice: () => undefined }
const cleanups: (() => Promise<void> | void)[] = []
let folder = ''
let world: ServerWorld

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-backup-'))
  world = await serverWorld(config)
  cleanups.push(() => rmSync(folder, { recursive: true }), () => world.dispose())
  await fail('one')
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function fail(id: string): Promise<void> {
  const { status } = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [{ type: 'session.end', id, sessionId: id, atMs: systemClock.nowMs(), status: 'error', endState: 'fail' }] } })
  expect(status).toBe(200)
}

async function opened(data: string, databaseUrl?: string): Promise<OpenStores> {
  const stores = await openStores({ data, ...(databaseUrl !== undefined && { databaseUrl }), durability: 'normal', notice: () => undefined })
  cleanups.push(() => stores.close())
  return stores
}

test('a backup of a server that runs is one file for this user alone, whole, without the key of the secrets, and comes back into an empty folder', async () => {
  const file = join(folder, 'tocsin.backup')
  let isOver = false
  const writing = (async () => {
    for (let count = 0; !isOver; count += 1) await fail(`busy ${count}`)
  })()
  const made = await backUp({ file, data: world.data, ...quiet })
  isOver = true
  await writing
  expect(readdirSync(folder)).toEqual(['tocsin.backup'])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(made.secretKey).toBe(join(world.data, 'secret.key'))
  expect(readFileSync(file, 'latin1')).not.toContain(readFileSync(made.secretKey, 'utf8').trim())
  const later = (await world.store.read.counts()).events

  const data = join(folder, 'restored')
  const restored = await restore({ file, data, ...quiet })
  expect(readdirSync(data)).toEqual(['tocsin.db'])
  const { store, database } = await opened(data)
  const { events } = await store.read.counts()
  expect(events).toBe(restored.tables.find(({ name }) => name === 'events')?.rows)
  expect(events).toBeGreaterThan(0)
  expect(events).toBeLessThanOrEqual(later)
  expect(restored.waiting).toBe((await store.read.deliveries({ limit: 1_000 })).filter(({ state }) => state === 'waiting').length)
  expect(store.redactionKey).toEqual(world.store.redactionKey)
  expect(await database.db.selectFrom('server_keys').selectAll().execute()).toHaveLength(1)
  await expect(restore({ file, data, ...quiet })).rejects.toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('Expected an empty folder') as string })
})

test('what was restored with --hold waits until it is told to go on, in every project', async () => {
  const [file, data] = [join(folder, 'b'), join(folder, 'held')]
  // The server holds by its configuration; whoever restores does not know of it.
  await world.store.transaction((tx) => tx.endHold('default', 1), { project: 'default' })
  await backUp({ file, data: world.data, ...quiet })
  expect(await restore({ file, data, hold: true, ...quiet })).toMatchObject({ held: true })
  const { store } = await opened(data)
  const holds = (): Promise<readonly (string | undefined)[]> => store.transaction(async (tx) => Promise.all((await store.read.projects()).map(async (project) => (await tx.hold(project))?.by)))
  expect(await holds()).toEqual(['tocsin restore'])
  expect(await resumeRestored({ data, ...quiet })).toEqual(['default'])
  expect(await holds()).toEqual([undefined])
  expect(await resumeRestored({ data, ...quiet })).toEqual([])
})

test('a backup of PostgreSQL is the same file, and comes back into an empty PostgreSQL', async () => {
  const [one, other] = [await emptyDatabase(), await emptyDatabase()]
  cleanups.push(() => one.dispose(), () => other.dispose())
  await migrate({ from: world.data, to: one.url, data: world.data, ...quiet })
  const file = join(folder, 'b')
  const made = await backUp({ file, data: folder, databaseUrl: one.url, ...quiet })
  const restored = await restore({ file, data: folder, databaseUrl: other.url, ...quiet })
  expect(restored.tables).toEqual(made.tables)
  expect((await (await opened(folder, other.url)).store.read.deliveries()).map(({ id, state }) => `${id} ${state}`)).toEqual((await world.store.read.deliveries()).map(({ id, state }) => `${id} ${state}`))
  await expect(restore({ file, data: folder, databaseUrl: other.url, ...quiet })).rejects.toMatchObject({ code: 'wrong-usage' })
  await expect(backUp({ file, data: world.data, ...quiet })).rejects.toThrow('moved elsewhere')
})

test('what is no backup, or a damaged one, is refused with a clear sentence, and nothing is left behind', async () => {
  const file = join(folder, 'b')
  await backUp({ file, data: world.data, ...quiet })
  const data = join(folder, 'data')
  const refusal = async (name: string, spoil: (copy: string) => void): Promise<unknown> => {
    const copy = join(folder, name)
    copyFileSync(file, copy)
    spoil(copy)
    return restore({ file: copy, data, ...quiet }).catch((failure: unknown) => failure)
  }
  expect(await refusal('text', (copy) => writeFileSync(copy, 'no database'))).toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('another kind of file') as string })
  expect(await refusal('foreign', (copy) => { rmSync(copy); new DatabaseSync(copy).exec('create table t(a)') })).toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('another database') as string })
  expect(await refusal('cut', (copy) => writeFileSync(copy, readFileSync(copy).subarray(0, 20_480)))).toMatchObject({ code: 'store-corrupt' })
  expect(await refusal('changed', (copy) => new DatabaseSync(copy).exec("update sessions set name = 'another'"))).toMatchObject({ code: 'store-corrupt', message: expect.stringContaining('sessions does not hold what was written') as string })
  await expect(restore({ file: join(folder, 'none'), data, ...quiet })).rejects.toThrow('no such file')
  expect(readdirSync(data)).toEqual([])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresWorld } from '../../testing/postgres-store.ts'
import type { PostgresWorld } from '../../testing/postgres-store.ts'
import { sampleAlert, sampleSession } from '../../testing/store-suite/samples.ts'
import { advisoryLocks } from './locks.ts'
import { migrations } from './migrations.ts'
import type { Migration } from './migrations.ts'
import { openSchema } from './open.ts'

let world: PostgresWorld

beforeAll(async () => {
  world = await postgresWorld()
}, 60_000)
afterAll(() => world.dispose())

const adds: Migration = { text: 'alter table @alerts add column mood text' }
const changes: Migration = { text: 'alter table @alerts rename column mood to temper', compatibleFrom: migrations.length + 3 }

const open = (steps: readonly Migration[]) => openSchema(world.pool, world.schema, advisoryLocks(world.schema), steps)

async function columns(): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ name: string }>("select column_name as name from information_schema.columns where table_schema = $1 and table_name = 'alerts' and column_name in ('mood', 'temper')", [world.schema])
  return rows.map(({ name }) => name)
}

test('several nodes that start at once bring the schema up to date once', async () => {
  await Promise.all([open(migrations), open(migrations), open([...migrations, adds]), open([...migrations, adds]), open(migrations)])
  const { rows } = await world.pool.query<{ version: number }>(`select version from "${world.schema}".schema_version`)
  expect(rows).toEqual([{ version: migrations.length + 1 }])
  expect(await columns()).toEqual(['mood'])
})

test('nodes of the version before go on beside newer ones where a step only added, with all that they have prepared', async () => {
  const store = await world.openStore()
  const work = () => store.transaction(async (tx) => {
    await tx.findAlerts([{ project: 'bots', rule: 'model-failed', key: 'support|gpt' }], 0)
    const [alert = 0] = await tx.insertAlerts([sampleAlert({ ends: 'at-once' })])
    return [await tx.alert(alert), await tx.openAlerts('bots', 0, 10), await tx.sessions([sampleSession()]), await tx.applySessions([sampleSession()])]
  }, { project: 'bots' })
  const read = () => Promise.all(Array.from({ length: 8 }, () => Promise.all([store.read.alerts(), store.read.events(), store.read.session('bots', 's1'), store.read.deliveries()])))
  await work()
  await read()
  const everywhere = ['alerts', 'events', 'sessions', 'deliveries', 'destinations', 'rule_states', 'timers'].map((table) => `alter table @${table} add column later text`).join('; ')
  await open([...migrations, adds, { text: everywhere }])
  expect(await work()).toHaveLength(4)
  expect(await read()).toHaveLength(8)
  await store.close()
})

test('a node that is too old for the schema stops and says so, and changes nothing', async () => {
  await open([...migrations, adds, { text: '' }, changes])
  expect(await columns()).toEqual(['temper'])
  await expect(world.openStore()).rejects.toMatchObject({ code: 'store-newer', message: expect.stringMatching(/at least \d+; this one knows up to \d+\). Update this process/) as string })
  expect(await columns()).toEqual(['temper'])
})

test('a step that fails leaves nothing of itself, and the next start tries it again', async () => {
  const other = `${world.schema}_failing`
  const locks = advisoryLocks(other)
  const broken: Migration = { text: 'create table @half(id integer); select nonsense' }
  await expect(openSchema(world.pool, other, locks, [{ text: 'create table @whole(id integer)' }, broken])).rejects.toMatchObject({ code: 'store-failed' })
  await openSchema(world.pool, other, locks, [{ text: 'create table @whole(id integer)' }, { text: 'create table @half(id integer)' }])
  const { rows } = await world.pool.query<{ name: string }>('select table_name as name from information_schema.tables where table_schema = $1 order by 1', [other])
  await world.pool.query(`drop schema "${other}" cascade`)
  expect(rows.map(({ name }) => name)).toEqual(['half', 'schema_version', 'whole'])
})

test('a pool that is too small for transactions beside reads is refused', async () => {
  const small = Object.assign(Object.create(world.pool) as typeof world.pool, { options: { ...world.pool.options, max: 3 } })
  await expect(world.openStore({ pool: small })).rejects.toMatchObject({ code: 'wrong-usage', message: expect.stringContaining('at least 5 connections, found 3') as string })
})

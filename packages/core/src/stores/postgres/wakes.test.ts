import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sleep, systemClock } from '../../model/clock.ts'
import type { Store, Timer } from '../../model/store.ts'
import { postgresWorld } from '../../testing/postgres-store.ts'
import type { PostgresWorld } from '../../testing/postgres-store.ts'

let world: PostgresWorld
let one: Store
let other: Store
let heard: { readonly project: string; readonly atMs: number }[]

beforeAll(async () => {
  world = await postgresWorld()
}, 60_000)
afterAll(() => world.dispose())
beforeEach(async () => {
  one = await world.openStore({ clock: systemClock })
  other = await world.openStore({ clock: systemClock })
  await world.empty()
  heard = []
})
afterEach(async () => {
  await one.close()
  await other.close()
})

const timer = (project: string, key = ''): Timer => ({ project, kind: 'quiet', key, dueMs: 1 })
const put = (project: string, key = '') => one.transaction((tx) => tx.putTimers([timer(project, key)]), { project })
function hear(store: Store): () => void {
  const stop = store.onWake?.((project) => void heard.push({ project, atMs: systemClock.monotonicMs() }))
  if (stop === undefined) throw new Error('expected a store that can tell')
  return stop
}

/** Waits for what comes over the wire, at most two seconds. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = systemClock.monotonicMs() + 2_000
  while (!(await isSo())) {
    if (systemClock.monotonicMs() > giveUpMs) throw new Error(`expected it within two seconds; heard ${JSON.stringify(heard)}`)
    await sleep(systemClock, 5)
  }
}

const isListening = async () => (await world.pool.query("select 1 from pg_stat_activity where query like 'listen %' and query like '%' || $1 || '%'", [world.schema])).rows.length > 0

test('another node hears at once that something is due, by the name of the project', async () => {
  hear(other)
  await until(isListening)
  await put('bots')
  await until(() => heard.length === 1)
  expect(heard).toMatchObject([{ project: 'bots' }])
})

test('what was not committed is not told', async () => {
  hear(other)
  await until(isListening)
  await expect(one.transaction(async (tx) => {
    await tx.putTimers([timer('undone')])
    throw new Error('no')
  }, { project: 'undone' })).rejects.toThrow('no')
  await put('bots')
  await until(() => heard.length > 0)
  expect(heard.map(({ project }) => project)).toEqual(['bots'])
})

test('many commits of one project are told in few words, the last one too', async () => {
  hear(other)
  await until(isListening)
  for (let index = 0; index < 60; index += 1) await put('bots', String(index))
  const lastMs = systemClock.monotonicMs()
  await until(() => (heard.at(-1)?.atMs ?? 0) >= lastMs)
  const spanMs = (heard.at(-1)?.atMs ?? 0) - (heard[0]?.atMs ?? 0)
  expect(heard.length).toBeLessThanOrEqual(spanMs / 40 + 2)
})

test('a connection that is lost is replaced, and it hears again', async () => {
  hear(other)
  await until(isListening)
  await world.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and query like '%' || $1 || '%'", [world.schema])
  await until(async () => !(await isListening()))
  await until(isListening)
  await put('bots')
  await until(() => heard.length > 0)
})

test('who listens no more hears nothing, and keeps no connection', async () => {
  const stop = hear(other)
  await until(isListening)
  stop()
  await until(async () => !(await isListening()))
  await put('bots')
  expect(heard).toEqual([])
})

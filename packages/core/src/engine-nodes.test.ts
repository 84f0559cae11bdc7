import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import pg from 'pg'
import { systemClock } from './model/clock.ts'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { postgresWorld, testDatabaseUrl, type PostgresWorld } from './testing/postgres-store.ts'
import { Receiver, until } from './testing/receiver.ts'

let database: PostgresWorld
let otherPool: pg.Pool
let receivers: readonly Receiver[]
let nodes: readonly EngineWorld[]

beforeAll(async () => {
  database = await postgresWorld()
  otherPool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 6 })
}, 60_000)
afterAll(async () => {
  await otherPool.end()
  await database.dispose()
})
beforeEach(async () => {
  const stores = [await database.openStore({ clock: systemClock }), await database.openStore({ clock: systemClock, pool: otherPool })]
  await database.empty()
  receivers = stores.map(() => new Receiver('mail'))
  nodes = stores.map((store, index) => {
    const [receiver] = receivers.slice(index)
    return engineWorld({ budgets: { day: { amountUsd: 1, period: 'day', thresholds: [0.5] } } }, receiver === undefined ? [] : [receiver], { store })
  })
})
afterEach(closeWorlds)

const messages = () => receivers.flatMap(({ messages: got }) => got)

function calls(node: number, count: number): readonly EventInput[] {
  return Array.from({ length: count }, (_, index) => ({
    source: 'native', type: 'llm.call', id: `call ${node} ${index}`, atMs: systemClock.nowMs() - index, status: 'ok', llm: { provider: 'openai', model: 'gpt', operation: 'chat', costNanoUsd: 10_000_000, costSource: 'reported' },
  }))
}

test('of what both nodes take in, each message is sent once, by whichever node', async () => {
  for (const { engine } of nodes) engine.start()
  const events = Array.from({ length: 24 }, (_, index) => said(`message ${index}`, systemClock.nowMs()))
  // Each event comes to both, in opposite orders.
  await Promise.all(nodes.flatMap(({ engine }, node) => (node === 0 ? events : events.toReversed()).map((event) => engine.accept([event]))))
  await until(() => messages().length >= events.length)
  await until(async () => (await nodes[0]?.store.read.waiting('default'))?.length === 0)
  expect(messages().map(({ subject }) => subject.replace(/^.*message/, 'message')).toSorted()).toEqual(events.map(({ id }) => id ?? '').toSorted())
})

test('what one node takes in and cannot send, the other sends', async () => {
  nodes[1]?.engine.start()
  await nodes[0]?.engine.accept([said('over there', systemClock.nowMs())])
  await until(() => messages().length > 0)
  expect(receivers.map(({ messages: got }) => got.length)).toEqual([0, 1])
})

test('a budget that both nodes spend crosses its threshold once', async () => {
  for (const { engine } of nodes) engine.start()
  await Promise.all(nodes.map(async ({ engine }, node) => {
    for (const call of calls(node, 40)) await engine.accept([call])
  }))
  await until(() => messages().length > 0)
  await until(async () => (await nodes[0]?.store.read.waiting())?.length === 0)
  expect(messages().filter(({ subject }) => subject.includes('Budget day'))).toHaveLength(1)
})

import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import type { EventInput } from '../model/event.ts'
import { closeWorlds, engineWorld } from '../testing/engine-world.ts'
import { postgresWorld, testDatabaseUrl, type PostgresWorld } from '../testing/postgres-store.ts'

let database: PostgresWorld
let otherPool: pg.Pool
beforeAll(async () => {
  database = await postgresWorld()
  otherPool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 6 })
}, 60_000)
afterEach(closeWorlds)
afterAll(async () => {
  await otherPool.end()
  await database.dispose()
})

const llm = { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', costNanoUsd: 1_000_000, costSource: 'reported' } as const

test('a node that hears of calls and one that hears of their sums count the money once between them', async () => {
  const first = engineWorld({ project: 'p' }, [], { store: await database.openStore({ clock: systemClock }) })
  const second = engineWorld({ project: 'p' }, [], { store: await database.openStore({ clock: systemClock, pool: otherPool }) })
  const atMs = first.clock.nowMs()
  const sessions = Array.from({ length: 40 }, (_, index) => `session-${index}`)
  const of = (sessionId: string): Pick<EventInput, 'source' | 'atMs' | 'sessionId' | 'llm'> => ({ source: 'otel', atMs, sessionId, llm })
  const fates = await Promise.all(sessions.flatMap((session) => [
    first.engine.accept([{ ...of(session), type: 'llm.usage', id: `usage-${session}`, durationMs: 60_000 }]),
    second.engine.accept([{ ...of(session), type: 'llm.call', id: `call-${session}`, name: 'claude_code.api_request' }]),
  ]))
  const read = await first.store.transaction((tx) => tx.sessions(sessions.map((sessionId) => ({ project: 'p', sessionId }))))
  expect(read.map((session) => [session?.calls, session?.costNanoUsd])).toEqual(sessions.map(() => [1, 1_000_000]))
  const slots = await second.store.read.spendSlots({ project: 'p', fromMs: atMs - 1_800_000, untilMs: atMs + 1_800_000, by: 'scope' })
  expect(slots.map(({ calls, nanoUsd }) => [calls, nanoUsd])).toEqual([[40, 40_000_000]])
  expect(fates.flatMap(({ fates: each }) => each).every((fate) => fate === 'accepted' || fate === 'told')).toBe(true)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { record, recordedAlert, recordedNotification } from '../testing/recorded.ts'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../testing/visitor.ts'

interface Health {
  readonly nodes: readonly { readonly isThis: boolean; readonly seenMs: number; readonly intake: { readonly events: number } }[]
  readonly queue: readonly { readonly channel: string; readonly waiting: number; readonly firstDueMs?: number }[]
  readonly refusedKeys: readonly { readonly state: string; readonly last4?: string }[]
}

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  let owner: Visitor
  let viewer: Visitor

  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' }, mail: { type: 'email', url: 'smtp://127.0.0.1:9', allowInsecure: true, from: 'tocsin@example.com' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } }, routes: [{ to: ['dana'], via: ['kept'] }], selfTest: {}, heartbeat: { url: 'https://beats.example.com/secret-path', every: '1h' } }, database === undefined ? {} : { databaseUrl: database.url })
    owner = await ownerOf(world)
    viewer = await invited(world, owner, { name: 'Vi', role: 'viewer', project: 'bots' })
  }, 30_000)
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  const health = async (): Promise<Health> => {
    const { status, json, text } = await owner.call('GET', '/api/v1/health?project=bots')
    if (status !== 200) throw new Error(text)
    return json as Health
  }
  const makeKey = async (body: unknown): Promise<{ readonly id: string; readonly key: string }> => (await owner.call('POST', '/api/v1/keys', { body })).json as { readonly id: string; readonly key: string }
  const send = (key: string, events: readonly unknown[]) => world.call('POST', '/api/v1/events', { key, body: { events } })

  test('who begins sees that nothing has come, which keys were turned away and why, and the first event when it is there', async () => {
    expect((await owner.call('GET', '/api/v1/start')).json).toEqual({ project: 'bots', url: world.url, links: false, configured: { channels: 2, people: 1, rules: 0, budgets: 0, routes: 1 }, refusedKeys: [] })
    const [revoked, reading, expired] = [await makeKey({ name: 'old', scope: 'ingest' }), await makeKey({ name: 'reads', scope: 'read' }), await makeKey({ name: 'short', scope: 'ingest', expiresMs: Date.now() + 300 })]
    await owner.call('DELETE', `/api/v1/keys/${revoked.id}`)
    await new Promise((resolve) => setTimeout(resolve, 350))
    const unknown = `tok_${'n'.repeat(39)}WXYZ`
    const event = { type: 'llm.call', id: 'one', atMs: Date.now(), status: 'ok', agent: 'refund-bot', sessionId: 's_1', llm: { provider: 'openai', model: 'gpt-5', costNanoUsd: 250_000_000 } }
    for (const key of [revoked.key, reading.key, expired.key, unknown, 'short']) expect((await send(key, [event])).status).toBeGreaterThan(400)
    const { json, text } = await owner.call('GET', '/api/v1/start')
    expect(json).toMatchObject({ refusedKeys: [{ state: 'unknown' }, { state: 'unknown', last4: 'WXYZ' }, { state: 'expired', last4: expired.key.slice(-4) }, { state: 'wrong-scope', last4: reading.key.slice(-4) }, { state: 'revoked', last4: revoked.key.slice(-4) }] })
    for (const key of [revoked.key, reading.key, expired.key, unknown]) expect(text).not.toContain(key.slice(4, 20))
    expect(json).not.toHaveProperty('firstEvent')

    expect((await send((await makeKey({ name: 'agent', scope: 'ingest' })).key, [event])).json).toMatchObject({ accepted: 1 })
    const first = { type: 'llm.call', atMs: event.atMs, agent: 'refund-bot', model: 'gpt-5', sessionId: 's_1' }
    expect((await owner.call('GET', '/api/v1/start')).json).toMatchObject({ firstEvent: { ...first, costNanoUsd: 250_000_000 }, lastEvent: first })
    const seen = await viewer.call('GET', '/api/v1/start')
    expect(seen.json).toMatchObject({ firstEvent: first })
    expect(seen.text).not.toMatch(/costNanoUsd|refusedKeys/)
  })

  test('those who run it see nodes, database, queue, heartbeat and tests, and what came in; nobody else does', async () => {
    const [alert = 0] = await record(world.store, [recordedAlert({ key: 'q' })])
    if (kind === 'sqlite') await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert, { channel: 'mail' }), recordedNotification(alert, { channel: 'mail', recipient: { person: 'lee', role: 'admin', address: 'l@example.com', locale: 'en', timezone: 'UTC' }, dueMs: Date.parse('2098-01-01T00:00:00Z') })]))
    const { json, text } = await owner.call('GET', '/api/v1/health?project=bots')
    expect(json).toMatchObject({
      version: '0.1.0', nodes: [{ isThis: true, version: '0.1.0', intake: { events: 1, refused: { busy: 0, malformed: 0 } } }], database: { kind, schema: { server: 5 } }, retention: { contentSinceMs: 0 },
      heartbeat: { host: 'beats.example.com', everyMs: 3_600_000 }, selfTest: { at: '09:00', results: [{ channel: 'kept', result: 'none' }, { channel: 'mail', result: 'none' }] },
    })
    expect((json as { readonly database: { readonly bytes: number } }).database.bytes).toBeGreaterThan(100_000)
    // The store that the test writes to is that of SQLite.
    expect((await health()).queue).toMatchObject([{ channel: 'kept', waiting: 0 }, kind === 'sqlite' ? { channel: 'mail', waiting: 2, firstDueMs: Date.parse('2098-01-01T00:00:00Z'), lateMs: 0 } : { channel: 'mail', waiting: 0 }])
    expect(text).not.toContain('secret-path')
    expect((await viewer.call('GET', '/api/v1/health?project=bots')).status).toBe(403)
  })

  test('of a project that is another’s neither keys nor queue are told', async () => {
    await owner.call('POST', '/api/v1/projects', { body: { name: 'other' } })
    const seen = await owner.call('GET', '/api/v1/health?project=other')
    expect((seen.json as Health).refusedKeys.map(({ state }) => state)).toEqual(['unknown', 'unknown'])
    expect(seen.text).not.toMatch(/"mail"|beats\.example/)
  })

  test('a server that stops takes its sign away', async () => {
    if (database === undefined) return
    const second = await serverWorld({ project: 'bots' }, { databaseUrl: database.url, config: `${world.data}/tocsin.yaml` })
    expect((await health()).nodes).toHaveLength(2)
    await second.dispose()
    expect((await health()).nodes).toHaveLength(1)
  })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { installation } from '../access/audit.ts'
import { createKeys } from '../access/keys.ts'
import { openDatabase } from '../stores/database.ts'
import { systemChance, systemClock } from 'tocsin/engine'
import { createAgentOpsTokens } from '../otlp/agentops-token.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld({ project: 'agentops' })
})
afterAll(() => world.dispose())

/** As both SDKs ask: the key in the body, the Python one in a header of its own too. */
async function ask(key: string): Promise<{ readonly status: number; readonly json: { readonly token: string; readonly project_id: string } }> {
  const { status, json } = await world.call('POST', '/v3/auth/token', { body: { api_key: key }, headers: { 'x-api-key': key } })
  return { status, json: json as { token: string; project_id: string } }
}

test('the token that an SDK gets for a key sends spans, and the trace is the session', async () => {
  const { status, json } = await ask(world.ingestKey)
  expect([status, json.project_id, json.token.includes(world.ingestKey)]).toEqual([200, 'agentops', false])
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter({ url: `${world.url}/v1/traces`, headers: { authorization: `Bearer ${json.token}` } }))] })
  const span = provider.getTracer('agentops').startSpan('research.session', { attributes: { 'agentops.span.kind': 'session', 'agentops.session.end_state': 'Fail', 'error.message': 'gave up' } })
  span.end()
  await provider.forceFlush()
  await provider.shutdown()
  const [session] = await world.store.transaction((tx) => tx.sessions([{ project: 'agentops', sessionId: span.spanContext().traceId }]))
  expect(session).toMatchObject({ state: 'fail', endReason: 'gave up' })
})

test('a token sends and does nothing else, and makes no other token', async () => {
  const { token } = (await ask(await world.makeKey('manage', 'agentops'))).json
  expect((await world.call('GET', '/api/v1/alerts', { key: token })).status).toBe(403)
  expect((await world.call('POST', '/api/v1/events', { key: token, body: { events: [{ type: 'custom' }] } })).status).toBe(200)
  expect((await ask(token)).status).toBe(401)
})

test('keys that only read, unknown ones and what is no key get none', async () => {
  expect((await ask(await world.makeKey('read', 'agentops'))).status).toBe(403)
  expect((await ask(`tok_${'x'.repeat(43)}`)).status).toBe(401)
  expect((await world.call('POST', '/v3/auth/token', { body: {} })).status).toBe(422)
  expect((await world.call('POST', '/v3/auth/token', { body: { api_key: 7 } })).status).toBe(422)
})

test('a token that was changed, is too old, or whose key was revoked opens nothing', async () => {
  const key = await world.makeKey('ingest', 'agentops')
  const { token } = (await ask(key)).json
  const events = { events: [{ type: 'custom' }] }
  const tampered = `${token.slice(0, 10)}${token[10] === 'A' ? 'B' : 'A'}${token.slice(11)}`
  expect((await world.call('POST', '/api/v1/events', { key: tampered, body: events })).status).toBe(401)
  expect((await world.call('POST', '/api/v1/events', { key: token, body: events })).status).toBe(200)
  const database = await openDatabase({ file: `${world.data}/tocsin.db` }, systemClock)
  const keys = createKeys({ db: database.db, clock: systemClock, chance: systemChance, notice: () => undefined })
  const id = (await keys.find(key))?.id ?? ''
  await keys.revoke(id, { principal: installation })
  await database.close()
  expect((await world.call('POST', '/api/v1/events', { key: token, body: events })).status).toBe(401)

  const secret = Buffer.alloc(32, 7)
  const long = createAgentOpsTokens(secret, systemClock).issue({ id: 'key_1' }, 'p'.repeat(64))
  expect(long.length).toBeLessThan(400)
  const later = { ...systemClock, nowMs: () => systemClock.nowMs() + 31 * 86_400_000 }
  expect([createAgentOpsTokens(secret, systemClock).read(long), createAgentOpsTokens(secret, later).read(long), createAgentOpsTokens(Buffer.alloc(32, 8), systemClock).read(long)]).toEqual([{ key: 'key_1', project: 'p'.repeat(64) }, undefined, undefined])
})

import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from './testing/server-world.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

const failed = { type: 'llm.call', id: 'one', atMs: Date.now(), status: 'error', error: { class: 'rate-limit', message: 'too many' }, llm: { provider: 'openai', model: 'gpt-5' } }

test('the first start gives a key that takes events, and the same event again changes nothing', async () => {
  world = await serverWorld()
  const first = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [failed] } })
  expect([first.status, first.json]).toEqual([200, { accepted: 1, duplicates: 0, refused: [] }])
  const again = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [failed] } })
  expect(again.json).toEqual({ accepted: 0, duplicates: 1, refused: [] })
})

test('nothing but health is open without a key, and what is refused says what to do', async () => {
  world = await serverWorld()
  expect((await world.call('GET', '/healthz')).status).toBe(200)
  const refused = await world.call('POST', '/api/v1/events', { body: { events: [failed] } })
  expect(refused.status).toBe(401)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(refused.json).toMatchObject({ type: 'urn:tocsin:problem:no-key', status: 401 })
  expect(refused.text).toContain('Bearer tok_')
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
afterEach(() => world.dispose())

const root = join(import.meta.dirname, '../../../..')

/** Names of metrics in expressions of PromQL. */
function namesIn(text: string): readonly string[] {
  return [...new Set(text.match(/\btocsin_[a-z0-9_]+/g))]
}

test('what came in, what waits and what was sent is measured, and nobody reads it without a key', async () => {
  world = await serverWorld({ people: { dana: { role: 'admin', email: 'dana@example.com' } }, channels: { box: { type: 'inbox' } }, routes: [{ to: ['dana'], via: ['box'] }] })
  const event = { type: 'llm.call', id: 'one', atMs: Date.now(), status: 'error', error: { class: 'auth', message: 'no' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } }
  await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [event] } })
  expect((await world.call('GET', '/metrics')).status).toBe(401)
  expect((await world.call('GET', '/metrics', { key: world.ingestKey })).status).toBe(403)
  const key = await world.makeKey('read')
  const { status, text, headers } = await world.call('GET', '/metrics', { key })
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')])
  expect(text).toMatch(/^tocsin_intake_events_total 1$/m)
  expect(text).toMatch(/^tocsin_due_late_seconds\{project="default"\} 0/m)
  expect(text).toMatch(/^tocsin_http_request_seconds_count\{method="POST",route="\/api\/v1\/events",status="200"\} 1$/m)
  for (let tries = 0; tries < 100 && (await world.store.read.inbox()).length === 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50))
  expect((await world.call('GET', '/metrics', { key })).text).toMatch(/^tocsin_sends_total\{project="default",channel="box",outcome="sent"\} 1$/m)
})

test('what only grows ends in _total, and nothing else does, as promtool asks', async () => {
  world = await serverWorld()
  const { text } = await world.call('GET', '/metrics', { key: await world.makeKey('read') })
  const kinds = [...text.matchAll(/^# TYPE (\S+) (\w+)/gm)].map(([, name = '', kind = '']) => ({ name, kind }))
  expect(kinds.length).toBeGreaterThan(50)
  expect(kinds.filter(({ name, kind }) => (kind === 'counter') !== name.endsWith('_total'))).toEqual([])
  // What tells the same by its kind stays.
  expect(kinds).toContainEqual({ name: 'tocsin_nodejs_active_resources', kind: 'gauge' })
})

test('the dashboard and the alert rules that come along ask for nothing that is not measured', async () => {
  world = await serverWorld()
  const { text } = await world.call('GET', '/metrics', { key: await world.makeKey('read') })
  const measured = new Set([...text.matchAll(/^# TYPE (\S+) (\w+)/gm)].flatMap(([, name = '', kind]) => (kind === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name])))
  for (const file of ['deploy/grafana/tocsin.json', 'deploy/prometheus/tocsin.rules.yml']) {
    const asked = namesIn(readFileSync(join(root, file), 'utf8'))
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.filter((name) => !measured.has(name)).map((name) => `${file}: ${name}`)).toEqual([])
  }
})

import type { ConfigInput } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

const hourMs = 3_600_000
const until = new Date(Date.now() + 2 * hourMs).toISOString()
const config: ConfigInput = { people: { dana: { role: 'admin', email: 'dana@example.com' } }, channels: { kept: { type: 'inbox' } }, rules: { each: { on: 'custom', severity: 'high', groupBy: ['id'] } } }
const event = (id: string): unknown => ({ type: 'custom', id, atMs: Date.now() })
interface Listed {
  readonly items: readonly { readonly id?: number; readonly match: string; readonly origin: string; readonly author: string }[]
}

test('a silence holds from when it is made until it is ended, and what it would have hidden is shown before', async () => {
  world = await serverWorld({ ...config, silences: [{ name: 'planned', match: "alert.rule == 'never'", until, author: 'dana', comment: 'planned' }] })
  const { call, ingestKey, store } = world
  const key = await world.makeKey('manage')
  await call('POST', '/api/v1/events', { key: ingestKey, body: { events: [event('one'), event('two')] } })
  const preview = await call('POST', '/api/v1/silences/preview', { key, body: { match: "alert.rule == 'each'" } })
  expect(preview.json).toMatchObject({ alerts: 2, hidden: [{ severity: 'high' }, { severity: 'high' }], warnings: [expect.stringContaining('every alert')] })
  const made = await call('POST', '/api/v1/silences', { key, body: { match: "alert.rule == 'each'", untilMs: Date.now() + hourMs, comment: 'a release' } })
  const { id } = made.json as { readonly id: number }
  expect([made.status, (await call('GET', '/api/v1/silences', { key })).json]).toEqual([201, { items: [expect.objectContaining({ id, origin: 'api', author: 'test manage' }), expect.objectContaining({ name: 'planned', origin: 'file', readOnly: true })] }])
  await call('POST', '/api/v1/events', { key: ingestKey, body: { events: [event('three')] } })
  const alert = (await store.read.alerts({ limit: 1 }))[0]
  expect((await store.read.decisionsOf(alert?.id ?? 0)).map(({ reason }) => reason)).toContain('silenced.silence')
  expect((await call('POST', `/api/v1/silences/${id}/end`, { key })).status).toBe(204)
  expect((await call('POST', `/api/v1/silences/${id}/end`, { key })).status).toBe(404)
  expect(((await call('GET', '/api/v1/silences', { key })).json as Listed).items.map(({ origin }) => origin)).toEqual(['file'])
})

test('a silence whose condition cannot be read or that is over already is refused with the place', async () => {
  world = await serverWorld(config)
  const key = await world.makeKey('manage')
  const { call } = world
  const pointers = async (body: unknown): Promise<unknown> => ((await call('POST', '/api/v1/silences', { key, body })).json as { readonly errors: readonly { readonly pointer: string }[] }).errors.map(({ pointer }) => pointer)
  const untilMs = Date.now() + hourMs
  expect(await pointers({ match: 'alert.nothing ==', untilMs, comment: 'x' })).toEqual(['/match'])
  expect(await pointers({ match: 'true', untilMs: Date.now() - 1, comment: 'x' })).toEqual(['/untilMs'])
  expect(await pointers({ match: 'true', untilMs })).toEqual(['/comment'])
})

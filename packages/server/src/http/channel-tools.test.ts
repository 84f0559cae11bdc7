import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
let receiver: Server | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
  await new Promise((resolve) => (receiver === undefined ? resolve(undefined) : receiver.close(resolve)))
  receiver = undefined
})

const secret = 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg=='
const people = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' } } as const

test('what a form for a channel needs is listed by type, with which fields are secret', async () => {
  world = await serverWorld()
  const { json } = await world.call('GET', '/api/v1/channel-types', { key: await world.makeKey('manage') })
  const { items } = json as { readonly items: readonly { readonly type: string; readonly docs: string; readonly fields: readonly { readonly name: string; readonly secret: boolean; readonly required: boolean; readonly label: string; readonly kind: string }[] }[] }
  expect(items.length).toBeGreaterThan(10)
  const email = items.find(({ type }) => type === 'email')
  expect([email?.docs, email?.fields.find(({ name }) => name === 'url')]).toEqual(['docs/channels/email.md', expect.objectContaining({ secret: true, required: true, label: 'Server', kind: 'text' })])
  const kindOf = (type: string, field: string): unknown => items.find((one) => one.type === type)?.fields.find(({ name }) => name === field)?.kind
  expect([kindOf('sms', 'segmentsMax'), kindOf('sms', 'countries'), kindOf('email', 'allowInsecure'), kindOf('webhook', 'headers'), kindOf('telegram', 'chatId')]).toEqual(['number', 'list', 'boolean', 'pairs', 'text'])
})

test('a test message goes out once, and the conversation says what was said without the secrets', async () => {
  const received: string[] = []
  const url = await startReceiver((path) => received.push(path))
  world = await serverWorld({ people })
  const key = await world.makeKey('manage')
  await world.call('PUT', '/api/v1/channels/hook', { key, body: { type: 'webhook', url: `${url}/in?token=sesame-4711-open`, secret, allowInsecure: true } })
  const { status, json, text } = await world.call('POST', '/api/v1/channels/hook/test', { key, body: {} })
  const { ok, conversation } = json as { readonly ok: boolean; readonly conversation: readonly { readonly from: string }[] }
  expect([status, ok, received, new Set(conversation.map(({ from }) => from))]).toEqual([200, true, ['/in?token=sesame-4711-open'], new Set(['us', 'them'])])
  expect(text).not.toMatch(/sesame-4711-open|c2VzYW1l/)
  expect((await world.call('POST', '/api/v1/channels/none/test', { key, body: {} })).status).toBe(404)
  const reader = await world.makeKey('read')
  expect((await world.call('POST', '/api/v1/channels/hook/test', { key: reader, body: {} })).status).toBe(403)
})

test('who would be told of an alert is said with the reason, of one that is described and of one on record', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ name: 'bad', match: "alert.severity == 'high'", to: ['lee'], via: ['kept'] }, { name: 'rest', to: ['dana'], via: ['kept'] }], rules: { each: { on: 'custom', severity: 'high' } } })
  const { call, ingestKey, store } = world
  const key = await world.makeKey('manage')
  const told = async (body: unknown): Promise<unknown> => ((await call('POST', '/api/v1/routes/test', { key, body })).json as { readonly told: readonly { readonly person: string; readonly route: string }[] }).told.map(({ person, route }) => [person, route])
  // An inbox is one address: whoever comes second reads the same message.
  expect(await told({ alert: { kind: 'session', severity: 'high' } })).toEqual([['lee', 'bad']])
  expect(await told({ alert: { kind: 'session', severity: 'info' } })).toEqual([['dana', 'rest']])
  await call('POST', '/api/v1/events', { key: ingestKey, body: { events: [{ type: 'custom', id: 'one', atMs: Date.now() }] } })
  const [alert] = await store.read.alerts({ limit: 1 })
  expect(await told({ id: `alt_${alert?.id}` })).toEqual([['lee', 'bad']])
  const said = (await call('POST', '/api/v1/routes/test?locale=zh-CN', { key, body: { alert: { kind: 'session', severity: 'info' } } })).json as { readonly routes: readonly { readonly sentence: string }[]; readonly told: readonly { readonly sentence: string }[]; readonly decisions: readonly { readonly verdict: string; readonly sentence: string }[] }
  expect(said.routes.map(({ sentence }) => sentence)).toEqual(["不匹配；还需要 alert.severity == 'high'", '匹配'])
  expect(said.told[0]?.sentence).toContain('经路由 rest')
  expect(said.decisions.every(({ verdict, sentence }) => verdict !== '' && sentence !== '')).toBe(true)
  expect((await call('POST', '/api/v1/routes/test', { key, body: { id: 'alt_999' } })).status).toBe(404)
  for (const body of [{}, { id: 'x' }, { alert: { kind: 'nothing', severity: 'high' } }, { id: 'alt_1', alert: { kind: 'cost', severity: 'high' } }]) expect((await call('POST', '/api/v1/routes/test', { key, body })).status).toBe(422)
})

test('changes are checked together without being made, by whoever may make them', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } } })
  const { call } = world
  const key = await world.makeKey('manage')
  const changes = [{ kind: 'channels', name: 'hook', value: { type: 'webhook', url: 'https://hooks.example.com/in', secret } }, { kind: 'routes', name: 'on-call', value: { to: ['dana'], via: ['hook', 'nothing'] } }, { kind: 'channels', name: 'kept', value: { type: 'inbox' } }]
  expect((await call('POST', '/api/v1/config/check', { key, body: { changes } })).json).toEqual({
    ok: false,
    problems: [{ pointer: '/changes/2', detail: expect.stringContaining('is in the file') as string }, { pointer: '/changes/1/value/via/1', detail: expect.stringContaining('no channel is named "nothing"') as string }],
  })
  expect((await call('GET', '/api/v1/routes', { key })).json).toEqual({ items: [] })
  const reader = await world.makeKey('read')
  expect((await call('POST', '/api/v1/config/check', { key: reader, body: { changes } })).status).toBe(403)
})

/** @returns its address */
async function startReceiver(take: (path: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    take(request.url ?? '')
    request.resume().on('end', () => response.end('thanks'))
  })
  receiver = server
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

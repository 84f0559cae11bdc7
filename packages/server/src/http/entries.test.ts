import { createServer, type IncomingMessage, type Server } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { kinds } from '../projects/kinds.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
const servers: Server[] = []
afterEach(async () => {
  delete process.env['TOCSIN_TEST_HIDDEN']
  await world?.dispose()
  world = undefined
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

const people = { dana: { role: 'admin', email: 'dana@example.com' } } as const
const hook = { type: 'webhook', url: 'https://hooks.example.com/in?token=sesame-4711-open', secret: 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg==' }

interface Item {
  readonly name: string
  readonly origin: string
  readonly readOnly: boolean
  readonly etag: string
  readonly value: unknown
}
const itemsOf = (json: unknown): readonly Item[] => (json as { readonly items: readonly Item[] }).items

test('what is made by the API is listed beside what is in the file, which is read-only', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ to: ['dana'], via: ['kept'] }] })
  const key = await world.makeKey('manage')
  const made = await world.call('PUT', '/api/v1/channels/ops-hook', { key, body: hook })
  expect([made.status, made.headers.get('etag')]).toEqual([201, (made.json as Item).etag])
  const { json } = await world.call('GET', '/api/v1/channels', { key })
  expect(itemsOf(json).map(({ name, origin, readOnly }) => [name, origin, readOnly])).toEqual([['kept', 'file', true], ['ops-hook', 'api', false]])
  for (const [method, path, body] of [['PUT', 'channels/kept', { type: 'inbox' }], ['DELETE', 'channels/kept'], ['PATCH', 'people/dana', { locale: 'zh-CN' }], ['DELETE', 'routes/route-1']] as const) {
    const refused = await world.call(method, `/api/v1/${path}`, { key, body })
    expect([path, refused.status, refused.text]).toEqual([path, 409, expect.stringContaining('is in the file')])
  }
})

test('a change is in force when it is answered', async () => {
  world = await serverWorld({ people })
  const key = await world.makeKey('manage')
  const isOn = async (): Promise<unknown> => (itemsOf((await world?.call('GET', '/api/v1/built-in-rules', { key }))?.json) as readonly unknown[] as readonly { readonly name: string; readonly on: boolean }[]).find(({ name }) => name === 'model-failed')?.on
  expect(await isOn()).toBe(true)
  expect((await world.call('PUT', '/api/v1/rules/model-failed', { key, body: false })).status).toBe(201)
  expect(await isOn()).toBe(false)
})

test('a rule of one’s own is switched off and on again, stays as it was written, and what is wrong with it is said while it is off', async () => {
  world = await serverWorld({ people })
  const { call, ingestKey } = world
  const key = await world.makeKey('manage')
  const path = '/api/v1/rules/mine'
  const opened = async (id: string): Promise<number> => {
    expect((await call('POST', '/api/v1/events', { key: ingestKey, body: { events: [{ type: 'custom', id, atMs: Date.now() }] } })).json).toMatchObject({ accepted: 1 })
    return itemsOf((await call('GET', '/api/v1/alerts?rule=mine', { key })).json).length
  }
  const made = await call('PUT', path, { key, body: { on: 'custom', groupBy: ['id'], severity: 'info' } })
  expect(await opened('first')).toBe(1)
  const off = await call('PATCH', path, { key, body: { enabled: false }, headers: { 'if-match': (made.json as Item).etag } })
  expect([off.status, (off.json as Item).value]).toEqual([200, { on: 'custom', groupBy: ['id'], severity: 'info', enabled: false }])
  expect(await opened('second')).toBe(1)
  const etag = (off.json as Item).etag
  expect(await call('PATCH', path, { key, body: { when: 'event.nothing == 1' }, headers: { 'if-match': etag } })).toMatchObject({ status: 422, text: expect.stringContaining('/when') as string })
  expect(await call('PATCH', path, { key, body: { enabled: 'no' }, headers: { 'if-match': etag } })).toMatchObject({ status: 422, text: expect.stringContaining('/enabled') as string })
  expect((await call('PATCH', path, { key, body: { enabled: null }, headers: { 'if-match': etag } })).status).toBe(200)
  expect(await opened('third')).toBe(2)
})

test('a change needs the ETag of what was read, and of two with the same one wins', async () => {
  world = await serverWorld({ people })
  const { call } = world
  const key = await world.makeKey('manage')
  const path = '/api/v1/budgets/team'
  const { headers } = await call('PUT', path, { key, body: { amountUsd: 10 }, headers: { 'if-none-match': '*' } })
  const etag = headers.get('etag') ?? ''
  expect((await call('PUT', path, { key, body: { amountUsd: 11 }, headers: { 'if-none-match': '*' } })).status).toBe(412)
  expect((await call('PUT', path, { key, body: { amountUsd: 11 } })).status).toBe(428)
  const both = await Promise.all([20, 30].map((amountUsd) => call('PUT', path, { key, body: { amountUsd }, headers: { 'if-match': etag } })))
  expect(both.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 412])
  const winner = both.find(({ status }) => status === 200)?.json as Item
  const now = await call('GET', path, { key })
  expect([(now.json as Item).value, now.headers.get('etag')]).toEqual([winner.value, winner.etag])
  const patched = await call('PATCH', path, { key, body: { period: 'month' }, headers: { 'if-match': winner.etag } })
  expect((patched.json as Item).value).toEqual({ ...(winner.value as object), period: 'month' })
  expect((await call('DELETE', path, { key, headers: { 'if-match': winner.etag } })).status).toBe(412)
  expect((await call('DELETE', path, { key, headers: { 'if-match': (patched.json as Item).etag } })).status).toBe(204)
  // Made anew it has another tag than before it was gone.
  const again = await call('PUT', path, { key, body: { amountUsd: 10 } })
  expect(again.headers.get('etag')).not.toBe(etag)
})

test('what does not fit is refused with the places in what was sent, and what does not hold together with where', async () => {
  world = await serverWorld({ people })
  const { call } = world
  const key = await world.makeKey('manage')
  const wrong = await call('PUT', '/api/v1/rules/big', { key, body: { on: 'llm.call', when: 'event.costUsd >', severity: 'huge' } })
  expect([wrong.status, (wrong.json as { readonly errors: readonly { readonly pointer: string }[] }).errors.map(({ pointer }) => pointer)]).toEqual([422, ['/severity', '/when']])
  const nowhere = await call('PUT', '/api/v1/routes/on-call', { key, body: { to: ['dana'], via: ['ops-hook'] } })
  expect([nowhere.status, nowhere.text]).toEqual([422, expect.stringContaining('/via/0')])
  const { headers } = await call('PUT', '/api/v1/channels/ops-hook', { key, body: hook })
  expect((await call('PUT', '/api/v1/routes/on-call', { key, body: { to: ['dana'], via: ['ops-hook'] } })).status).toBe(201)
  const used = await call('DELETE', '/api/v1/channels/ops-hook', { key, headers: { 'if-match': headers.get('etag') ?? '' } })
  expect([used.status, used.text]).toEqual([409, expect.stringContaining('routes \\"on-call\\" at /via/0')])
  const checked = await call('POST', '/api/v1/config/check', { key, body: { changes: [{ kind: 'routes', name: 'on-call' }, { kind: 'channels', name: 'ops-hook' }] } })
  expect([checked.status, checked.json]).toEqual([200, { ok: true, problems: [] }])
})

test('what is no such thing is refused, whatever it is and whatever it is called', async () => {
  world = await serverWorld({ people })
  const { call } = world
  const key = await world.makeKey('manage')
  const deep: unknown = Array.from({ length: 100 }).reduce<unknown>((inner) => ({ inner }), 1)
  const values = [null, 0, true, 'x', [], {}, [[]], [null], { name: 'other' }, deep, { type: 'webhook', url: { secret: true, set: true }, secret: { $sealed: 'v1.x' } }, { type: '__proto__' }, { to: 'x', via: { first: null } }]
  const wrong: string[] = []
  for (const { path } of kinds) {
    for (const name of ['x', 'constructor', '..%2F..', '%00', 'a'.repeat(300)]) {
      for (const value of values) {
        const { status, text } = await call('PUT', `/api/v1/${path}/${name}`, { key, body: value })
        if (status < 400 || status >= 500) wrong.push(`${path}/${name.slice(0, 20)} ${JSON.stringify(value).slice(0, 60)}: ${status} ${text.slice(0, 100)}`)
      }
    }
    const patched = await call('PATCH', `/api/v1/${path}/x`, { key, body: [1], headers: { 'if-match': '*' } })
    if (![404, 412].includes(patched.status)) wrong.push(`${path}: ${patched.status}`)
  }
  expect(wrong).toEqual([])
}, 20_000)

test('routes made by the API come after those of the file, in the order that is asked for', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ name: 'first', to: ['dana'], via: ['kept'] }] })
  const { call } = world
  const key = await world.makeKey('manage')
  for (const name of ['a', 'b', 'c']) await call('PUT', `/api/v1/routes/${name}`, { key, body: { to: ['dana'], via: ['kept'] } })
  const before = await call('GET', '/api/v1/routes', { key })
  const etag = before.headers.get('etag') ?? ''
  expect((await call('PUT', '/api/v1/routes/order', { key, body: { names: ['c', 'a'] }, headers: { 'if-match': etag } })).status).toBe(422)
  const ordered = await call('PUT', '/api/v1/routes/order', { key, body: { names: ['c', 'a', 'b'] }, headers: { 'if-match': etag } })
  expect([ordered.status, itemsOf(ordered.json).map(({ name }) => name)]).toEqual([200, ['first', 'c', 'a', 'b']])
  expect((await call('PUT', '/api/v1/routes/order', { key, body: { names: ['a', 'b', 'c'] }, headers: { 'if-match': etag } })).status).toBe(412)
  const tried = await call('POST', '/api/v1/routes/test', { key, body: { alert: { kind: 'session', severity: 'high' } } })
  expect((tried.json as { readonly routes: readonly { readonly route: string }[] }).routes.map(({ route }) => route)).toEqual(['first', 'c', 'a', 'b'])
})

test('a secret is in no answer, error, record, notice or byte of the database, and stays where it is not given anew', async () => {
  const seen: string[] = []
  world = await serverWorld({ people })
  const { call: plainCall, data, notices } = world
  const call: typeof plainCall = async (...asked) => {
    const answer = await plainCall(...asked)
    seen.push(answer.text, JSON.stringify([...answer.headers]))
    return answer
  }
  const key = await world.makeKey('manage')
  const path = '/api/v1/channels/ops-hook'
  const made = await call('PUT', path, { key, body: hook })
  const kept = (made.json as Item).value as typeof hook
  expect(kept).toEqual({ type: 'webhook', url: { secret: true, set: true }, secret: { secret: true, set: true } })
  await call('GET', '/api/v1/channels', { key })
  await call('PUT', '/api/v1/channels/other', { key, body: { ...hook, url: 'ftp://sesame-4711-open.example.com/x' } })
  await call('PUT', '/api/v1/channels/other', { key, body: { ...hook, unknown: 1 } })
  await call('PUT', '/api/v1/channels/other', { key, body: kept })
  const changed = await call('PUT', path, { key, body: { ...kept, concurrency: 2 }, headers: { 'if-match': (made.json as Item).etag } })
  expect(changed.status).toBe(200)
  const moved = await call('PUT', path, { key, body: { ...kept, url: 'https://elsewhere.example.org/' }, headers: { 'if-match': (changed.json as Item).etag } })
  expect([moved.status, moved.text]).toEqual([422, expect.stringContaining('/secret')])
  await call('POST', `${path}/test`, { key, body: {} })
  const recorded = await call('GET', '/api/v1/audit', { key })
  const { items } = recorded.json as { readonly items: readonly { readonly action: string; readonly target: string }[] }
  expect(items.filter(({ target }) => target === 'ops-hook').map(({ action }) => action)).toEqual(['channels.test', 'channels.update', 'channels.create'])
  const database = Buffer.concat(['tocsin.db', 'tocsin.db-wal'].map((file) => readFileSync(join(data, file))))
  expect(database.includes('ops-hook')).toBe(true)
  for (const secret of ['sesame-4711-open', hook.secret.slice('whsec_'.length)]) {
    expect(seen.filter((text) => text.includes(secret))).toEqual([])
    expect(notices.filter((text) => text.includes(secret))).toEqual([])
    expect(database.includes(secret)).toBe(false)
  }
})

test('what a program writes as ${NAME} is not looked up in the environment of the server', async () => {
  const received: string[] = []
  const address = await receiver(({ url, headers }) => received.push(`${decodeURIComponent(url ?? '')} ${String(headers['x-note'])}`))
  // Both where the server is told of its environment and where a channel might look by itself.
  process.env['TOCSIN_TEST_HIDDEN'] = 'the-value-of-the-environment'
  world = await serverWorld({ people }, { env: { TOCSIN_TEST_HIDDEN: 'the-value-of-the-environment' } })
  const key = await world.makeKey('manage')
  await world.call('PUT', '/api/v1/channels/in', { key, body: { type: 'webhook', url: `${address}/\${TOCSIN_TEST_HIDDEN}`, secret: hook.secret, allowInsecure: true, headers: { 'x-note': '${TOCSIN_TEST_HIDDEN}' } } })
  const tested = await world.call('POST', '/api/v1/channels/in/test', { key, body: {} })
  expect(tested.json).toMatchObject({ ok: true, outcome: { kind: 'sent' } })
  expect(received).toEqual(['/${TOCSIN_TEST_HIDDEN} ${TOCSIN_TEST_HIDDEN}'])
})

test('under a stream of events a configuration that changes all the time loses no message and sends none twice', async () => {
  const received: string[] = []
  const address = await receiver(({ headers }) => received.push(String(headers['webhook-id'])))
  const channel = { type: 'webhook', url: `${address}/in`, secret: hook.secret, allowInsecure: true }
  world = await serverWorld({ people, channels: { in: channel }, routes: [{ match: "alert.rule == 'each'", to: ['dana'], via: ['in'] }], limits: false, storm: false, rules: { each: { on: 'custom', severity: 'critical', groupBy: ['id'] } } })
  const { call, ingestKey } = world
  const key = await world.makeKey('manage')
  const count = 120
  const atMs = Date.now()
  const stream = (async () => {
    for (let first = 0; first < count; first += 4) {
      const events = Array.from({ length: 4 }, (_, index) => ({ type: 'custom', id: `event-${first + index}`, atMs: atMs + first + index }))
      expect((await call('POST', '/api/v1/events', { key: ingestKey, body: { events } })).json).toMatchObject({ accepted: 4 })
    }
  })()
  let isStreaming = true
  const changes = (async () => {
    let etag: string | undefined
    let changed = 0
    for (; isStreaming || changed < 5; changed += 1) {
      const answer = await call('PUT', '/api/v1/people/lee', { key, body: { role: 'developer', email: `lee${changed}@example.com` }, ...(etag !== undefined && { headers: { 'if-match': etag } }) })
      expect([200, 201]).toContain(answer.status)
      etag = answer.headers.get('etag') ?? undefined
    }
    return changed
  })()
  await stream
  isStreaming = false
  expect(await changes).toBeGreaterThanOrEqual(5)
  await expect.poll(() => received.length, { timeout: 8_000 }).toBeGreaterThanOrEqual(count)
  expect([received.length, new Set(received).size]).toEqual([count, count])
}, 15_000)

/** @returns its address */
async function receiver(take: (request: IncomingMessage) => void): Promise<string> {
  const server = createServer((request, response) => {
    take(request)
    request.resume().on('end', () => response.end('ok'))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}

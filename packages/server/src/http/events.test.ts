import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
beforeAll(async () => {
  world = await serverWorld({ project: 'native' })
})
afterAll(() => world.dispose())

const path = '/api/v1/events'
let made = 0
const event = (more: object = {}): object => ({ type: 'custom', name: `event ${made++}`, ...more })

async function send(events: unknown, key = world.ingestKey): Promise<{ readonly status: number; readonly json: unknown }> {
  return world.call('POST', path, { key, body: { events } })
}

async function sendRaw(body: Buffer | string, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly type: string | null; readonly json: unknown }> {
  const response = await fetch(`${world.url}${path}`, { method: 'POST', body, headers: { 'authorization': `Bearer ${world.ingestKey}`, 'content-type': 'application/json', ...headers } })
  return { status: response.status, type: response.headers.get('content-type'), json: await response.json() }
}

test('1 to 1,000 events, packed or not', async () => {
  expect(await send([event()])).toMatchObject({ status: 200, json: { accepted: 1, duplicates: 0, refused: [] } })
  const thousand = Array.from({ length: 1_000 }, () => event())
  expect(await sendRaw(gzipSync(JSON.stringify({ events: thousand })), { 'content-encoding': 'gzip' })).toMatchObject({ status: 200, json: { accepted: 1_000 } })
  for (const events of [[], [...thousand, event()], {}, 'x', null, undefined]) expect((await send(events)).status).toBe(422)
})

test('each event that is refused is named with its place and the reason; the others are kept', async () => {
  const atMs = Date.now()
  const { status, json } = await send([
    event(),
    null,
    7,
    { type: 'nonsense' },
    event({ id: 'without-a-time' }),
    event({ id: 'a', atMs, project: 'other' }),
    event({ id: 'b', atMs, project: 'native' }),
    event({ id: 'c', atMs: 1 }),
    { type: 'llm.call' },
    { type: 'llm.call', llm: 'x', error: [], tags: 7, durationMs: {}, sessionId: { a: 1 } },
  ])
  expect(status).toBe(200)
  const { accepted, refused } = json as { accepted: number; refused: { index: number; refused: string; why: string }[] }
  expect(accepted).toBe(2)
  expect(refused.map(({ index, refused: reason }) => [index, reason])).toEqual([
    [1, 'event-invalid'], [2, 'event-invalid'], [3, 'event-invalid'], [4, 'event-invalid'], [5, 'other-project'], [7, 'too-old'], [8, 'event-invalid'], [9, 'event-invalid'],
  ])
  expect(refused.find(({ index }) => index === 4)?.why).toContain('atMs')
  expect(refused.find(({ index }) => index === 5)?.why).toContain('native')
})

test('a severity that is misspelt is refused with its place, and tells nobody anything as if it could wait', async () => {
  const about = (severity: string): object => ({ type: 'custom', source: 'native', announcement: { title: 'Disk full', severity } })
  expect((await send([about('critcal'), about('critical')])).json).toMatchObject({ accepted: 1, refused: [{ index: 0, refused: 'event-invalid', why: expect.stringContaining('announcement.severity: one of critical, high, warning, info, found "critcal"') as string }] })
})

test('an id that was used for something else is refused, and the same event again is no news', async () => {
  const atMs = Date.now()
  const call = { type: 'tool.call', id: 'reused', atMs, tool: { name: 'search' } }
  expect((await send([call])).json).toMatchObject({ accepted: 1 })
  expect((await send([call])).json).toMatchObject({ accepted: 0, duplicates: 1, refused: [] })
  expect((await send([{ ...call, type: 'agent.step' }])).json).toMatchObject({ accepted: 0, refused: [{ index: 0, refused: 'id-reused' }] })
})

test('whatever comes, it is no fault of the server and never taken for something else', async () => {
  const deep = `{"events":[{"type":"custom","detail":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}]}`
  expect(await sendRaw(deep)).toMatchObject({ status: 200 })
  const bodies = ['', '{', '[]', 'null', '{"events":[}', '\u0000', `{"events":${'['.repeat(50_000)}`, '{"events":[{"type":"custom"}],"more":1}']
  for (const body of bodies) {
    const answer = await sendRaw(body)
    expect([body.slice(0, 40), answer.status >= 400 && answer.status < 500, answer.type]).toEqual([body.slice(0, 40), true, expect.stringContaining('problem+json')])
  }
  expect((await sendRaw(gzipSync(Buffer.alloc(20 * 1024 * 1024)), { 'content-encoding': 'gzip' })).status).toBe(413)
  expect((await sendRaw(Buffer.from([0x7b, 0x22, 0xff, 0xfe]))).status).toBe(400)
  expect((await sendRaw('{}', { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await send([event()], 'tok_unknown')).status).toBe(401)
  expect((await world.call('GET', '/healthz')).status).toBe(200)
})

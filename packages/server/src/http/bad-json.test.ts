import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonCases, manyLevels, type JsonCase } from '../testing/json-cases.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let key: string
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  key = await world.makeKey('manage')
})
afterAll(() => world.dispose())

const cases = jsonCases()

async function send(path: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${world.url}${path}`, { method: 'POST', headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json', ...headers }, body: new Uint8Array(body) })
  return { status: response.status, text: await response.text() }
}

/** What each door says to each case; a line for each that it may not say. */
async function wrongAnswers(path: string, mayAnswer: (one: JsonCase) => readonly number[]): Promise<readonly string[]> {
  const wrong: string[] = []
  const left = [...cases]
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) {
      const { status, text } = await send(path, one.bytes)
      if (!mayAnswer(one).includes(status)) wrong.push(`${one.name}: ${status} ${text.slice(0, 200)}`)
    }
  }))
  return wrong
}

// One for each way in which JSON is read. None of the cases is what these want: what is JSON is refused for what it says, the rest for what it is.
const doors = ['/api/v1/events', '/api/v1/silences', '/api/v1/sources/alertmanager'] as const

test.each(doors)('%s takes what is JSON, refuses what is none, and lives through both', async (path) => {
  // A name with a NUL is JSON and none that every database can keep: it may be refused either way.
  const isOpen = ({ kind, bytes }: JsonCase): boolean => kind === 'i' || bytes.includes('\\u0000')
  expect(await wrongAnswers(path, (one) => (isOpen(one) ? [400, 422] : one.kind === 'y' ? [422] : [400]))).toEqual([])
})

test('OTLP takes any object that is JSON, as protobuf’s JSON has it, and nothing else', async () => {
  const isObject = (bytes: Buffer): boolean => bytes.toString().trimStart().startsWith('{')
  expect(await wrongAnswers('/v1/traces', ({ kind, bytes }) => (kind === 'n' || !isObject(bytes) ? [400] : kind === 'y' ? [200] : [200, 400]))).toEqual([])
})

test('an empty body with a type is refused, and so is one that is not what its type says', async () => {
  const answers = await Promise.all(['/api/v1/events', '/api/v1/silences', '/v1/traces'].map(async (path) => [(await send(path, Buffer.from('{"a":1}'), { 'content-type': 'text/plain' })).status, (await send(path, Buffer.from('{"a":1}'), { 'content-type': 'application/json; charset=utf-7; ;;' })).status]))
  expect(answers.map(([one]) => one)).toEqual([415, 415, 415])
  expect(answers.every(([, other]) => other !== undefined && other < 500)).toBe(true)
})

test('events that are nothing like events are refused one by one, and those beside them are kept', async () => {
  const good = { type: 'custom', id: 'good', atMs: Date.now() }
  const deep = JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as unknown
  const bad: readonly unknown[] = [null, 1, 'text', [], deep, {}, { ...good, id: '' }, { ...good, id: 'x'.repeat(5_000) }, { ...good, atMs: '1' }, { ...good, atMs: 1e300 }, { ...good, atMs: -1 }, { ...good, atMs: 0.5 }, { ...good, type: '__proto__' }, { ...good, type: {} }, { ...good, id: { toString: 1 } }]
  const odd: readonly unknown[] = [{ ...good, id: 'tags', tags: deep }, { ...good, id: 'lone', agent: '\ud800' }, { ...good, id: 'nul', agent: 'a\u0000b' }, { ...good, id: 'ten', agent: 'x'.repeat(1_000_000) }, { ...good, id: 'llm', llm: 'yes' }, { ...good, id: 'error', error: [] }]
  const { status, text } = await send('/api/v1/events', Buffer.from(JSON.stringify({ events: [...bad, ...odd, good] })))
  const answer = JSON.parse(text) as { readonly accepted: number; readonly duplicates: number; readonly refused: readonly { readonly index: number }[] }
  expect(status).toBe(200)
  expect(answer.refused.map(({ index }) => index).slice(0, bad.length)).toEqual(bad.map((_, index) => index))
  // Each is counted once, whatever became of it.
  expect(answer.accepted + answer.duplicates + answer.refused.length).toBe(bad.length + odd.length + 1)
  const again = await send('/api/v1/events', Buffer.from(JSON.stringify({ events: [good] })))
  expect(JSON.parse(again.text)).toMatchObject({ accepted: 0, duplicates: 1, refused: [] })
})

test('a million wrong values are told in as many words as somebody can read', async () => {
  const wrong = Buffer.from(`{"changes":[${'0,'.repeat(500_000)}0]}`)
  const answer = await send('/api/v1/config/check', wrong)
  expect([answer.status, answer.text.length < 30_000]).toEqual([422, true])
  const names = `{${Array.from({ length: 400 }, (_, index) => `"${'n'.repeat(20)}${index}":0`).join(',')}}`
  const unknown = await send('/api/auth/sign-in/email', Buffer.from(names))
  expect([unknown.status, unknown.text.length < 5_000]).toEqual([422, true])
})

test('whoever has no key may send a little and no more', async () => {
  const large = Buffer.from(JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(50_000) }))
  expect(await Promise.all(['/api/auth/sign-in/email', '/api/v1/welcome', '/api/v1/join', '/v3/auth/token'].map(async (path) => (await send(path, large)).status))).toEqual([413, 413, 413, 413])
})

test('a small body that unpacks to a huge one is cut off at the bound, also where it is packed twice', async () => {
  const huge = gzipSync(Buffer.alloc(200 * 1024 * 1024))
  const before = process.memoryUsage.rss()
  for (const path of ['/api/v1/events', '/v1/traces']) expect([path, (await send(path, huge, { 'content-encoding': 'gzip' })).status]).toEqual([path, 413])
  expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024)
  expect((await send('/v1/traces', gzipSync(gzipSync('{}')), { 'content-encoding': 'gzip, gzip' })).status).toBe(415)
  expect((await send('/v1/traces', huge.subarray(0, 100), { 'content-encoding': 'gzip' })).status).toBe(400)
  expect((await send('/v1/traces', Buffer.from('{}'), { 'content-encoding': 'gzip' })).status).toBe(400)
  expect((await send('/v1/traces', Buffer.from('{}'), { 'content-encoding': '__proto__' })).status).toBe(415)
})

test('deep values within what is right are refused, and the server lives', async () => {
  const levels = `${'['.repeat(manyLevels)}${']'.repeat(manyLevels)}`
  const bodies: readonly (readonly [path: string, body: string])[] = [
    ['/api/v1/config/check', `{"changes":[{"kind":"rules","name":"x","value":${levels}}]}`],
    ['/api/v1/backtests', `{"definition":${levels}}`],
    ['/api/v1/routes/test', `{"alert":{"params":{"a":${levels}}}}`],
    ['/api/v1/sources/alertmanager', `{"alerts":[{"status":"firing","labels":${levels}}]}`],
  ]
  for (const [path, body] of bodies) expect([path, (await send(path, Buffer.from(body))).status]).toEqual([path, expect.toSatisfy((status: number) => status === 400 || status === 422)])
  expect((await world.call('GET', '/healthz')).status).toBe(200)
})

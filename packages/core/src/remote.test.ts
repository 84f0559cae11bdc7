import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { init, type Client, type InitInput, type InitOptions } from './index.ts'
import type { EventInput } from './model/event.ts'
import { intakeKey, startIntakeServer, type IntakeOptions, type IntakeServer } from './testing/intake-server.ts'

let data: string
const clients: Client[] = []
const servers: IntakeServer[] = []
const notices: string[] = []

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-remote-'))
  notices.length = 0
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close(0)))
  await Promise.all(servers.splice(0).map((server) => server.close()))
  rmSync(data, { recursive: true })
})

async function serve(options?: IntakeOptions): Promise<IntakeServer> {
  const server = await startIntakeServer(options)
  servers.push(server)
  return server
}

function start(server: Pick<IntakeServer, 'endpoint'>, options: InitOptions = {}, apiKey = intakeKey): Client {
  const client = init({ endpoint: server.endpoint, apiKey }, { data, allowInsecure: true, onNotice: (text) => notices.push(text), ...options })
  clients.push(client)
  return client
}

const titles = (events: readonly EventInput[]): readonly string[] => events.flatMap(({ announcement }) => announcement?.title ?? [])
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `n${index}`)
const say = (client: Client, ...all: readonly string[]): void => all.forEach((title) => client.notify({ title, severity: 'high' }))

test('what an agent does arrives at the server, in order, with ids, times and the key, over one connection', async () => {
  const server = await serve()
  const tocsin = start(server)
  tocsin.session('answer-ticket', () => tocsin.tool('search', () => 'found'), { agent: 'support-bot' })
  say(tocsin, 'first')
  await tocsin.flush()
  await expect.poll(() => server.events.length).toBe(4)
  say(tocsin, 'second')
  expect(await tocsin.close()).toEqual({ waiting: 0 })
  expect(server.events.map(({ type }) => type)).toEqual(['session.start', 'tool.call', 'session.end', 'custom', 'custom'])
  expect(server.events.every(({ id, atMs }) => typeof id === 'string' && typeof atMs === 'number')).toBe(true)
  expect(server.events[0]).toMatchObject({ agent: 'support-bot', name: 'answer-ticket' })
  expect(server.connections).toBe(1)
  expect(notices).toEqual([])
})

test('many events go packed, at most 1,000 in a request', async () => {
  const server = await serve()
  const tocsin = start(server)
  say(tocsin, ...numbered(2_500))
  await tocsin.close(10_000)
  expect(titles(server.events)).toEqual(numbered(2_500))
  const large = server.requests.filter(({ headers }) => headers['content-encoding'] === 'gzip')
  expect(large.length).toBeGreaterThan(0)
  for (const { body } of large) expect((JSON.parse(gunzipSync(body).toString()) as { events: unknown[] }).events.length).toBeLessThanOrEqual(1_000)
})

test('what is recorded while the server is away waits in a file, and arrives in order when it is there', async () => {
  const first = await serve()
  const { endpoint, port } = first
  await first.close()
  const tocsin = start({ endpoint })
  say(tocsin, ...numbered(50))
  // Safe is what is in the file.
  await tocsin.flush()
  await expect.poll(() => notices.join('\n'), { timeout: 5_000 }).toMatch(/cannot be reached \(ECONNREFUSED\); events wait in \S+spool\.db/)
  say(tocsin, 'later')
  const server = await serve({ port })
  await expect.poll(() => titles(server.events), { timeout: 5_000 }).toEqual([...numbered(50), 'later'])
  // The server has the events before its answer is here.
  await expect.poll(() => notices.at(-1), { timeout: 5_000 }).toMatch(/takes events again/)
})

test('connections that break before, in or after an answer change neither what arrives nor how often it counts', async () => {
  const server = await serve()
  const tocsin = start(server)
  server.fail({ reset: 'handshake' }, { reset: 'answer' }, { reply: { status: 502 } })
  server.loseAnswers(1)
  say(tocsin, ...numbered(30))
  await tocsin.flush()
  await expect.poll(() => server.duplicates, { timeout: 8_000 }).toBe(30)
  say(tocsin, 'after')
  await expect.poll(() => titles(server.events), { timeout: 5_000 }).toEqual([...numbered(30), 'after'])
})

test('a server that goes away in the middle and comes back has everything once', async () => {
  let server = await serve()
  const tocsin = start(server)
  say(tocsin, ...numbered(10))
  await expect.poll(() => server.events.length).toBe(10)
  await server.close()
  say(tocsin, 'while away')
  await tocsin.flush()
  server = await serve({ port: server.port, accepted: server.events })
  await expect.poll(() => titles(server.events), { timeout: 5_000 }).toEqual([...numbered(10), 'while away'])
})

test('a slow server gets one request at a time, and everything in order', async () => {
  const server = await serve({ answerMs: 200 })
  const tocsin = start(server)
  for (const title of numbered(10)) {
    say(tocsin, title)
    await tocsin.flush()
  }
  expect(await tocsin.close(5_000)).toEqual({ waiting: 0 })
  expect(titles(server.events)).toEqual(numbered(10))
  expect(server.mostUnderWay).toBe(1)
  expect(server.requests.length).toBeLessThan(10)
})

test('a file that is damaged while the agent runs is moved aside and told, and the agent goes on', async () => {
  const away = await serve()
  await away.close()
  const tocsin = start(away)
  // More than is kept in memory of the file.
  for (const title of numbered(1_500)) tocsin.notify({ title, body: 'lorem ipsum '.repeat(250) })
  await tocsin.flush()
  const file = openSync(join(data, 'spool.db'), 'r+')
  writeSync(file, Buffer.alloc(2_000_000, 7), 0, 2_000_000, 8_192)
  closeSync(file)
  const server = await serve({ port: away.port })
  await expect.poll(() => notices.join('\n'), { timeout: 10_000 }).toMatch(/events that waited for the server were in \S+spool\.db, which was damaged [^]* was moved to \S+\.corrupt-/)
  say(tocsin, 'after')
  await expect.poll(() => titles(server.events), { timeout: 5_000 }).toContain('after')
})

test('a 429 is waited out as long as it says', async () => {
  const server = await serve()
  server.fail({ reply: { status: 429, headers: { 'retry-after': '1' } } })
  const tocsin = start(server)
  say(tocsin, 'a')
  await expect.poll(() => titles(server.events), { timeout: 5_000 }).toEqual(['a'])
  const [refused, taken] = server.requests
  expect((taken?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(990)
})

test('what was recorded under a key that the server did not know goes out under the right one', async () => {
  const server = await serve()
  const wrong = start(server, {}, 'tok_wrong-0123456789')
  say(wrong, 'a', 'b')
  await expect.poll(() => notices.join('\n')).toMatch(/does not know this key \(401\)/)
  expect(await wrong.close()).toEqual({ waiting: 2 })
  expect(notices.join('\n')).not.toContain('tok_wrong')
  const right = start(server)
  say(right, 'c')
  await expect.poll(() => titles(server.events)).toEqual(['a', 'b', 'c'])
})

test('neither secrets nor personal data reach the file or the wire, and the same secret has the same mark after a restart', async () => {
  const first = await serve()
  await first.close()
  const secret = 'sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye'
  const record = async (client: Client): Promise<void> => {
    client.notify({ title: `key ${secret} of dana@example.com, sent with ${intakeKey}`, tags: { token: secret } })
    await client.flush()
    await client.close(0)
  }
  await record(start(first))
  await record(start(first))
  const onDisk = readdirSync(data).map((name) => readFileSync(join(data, name), 'latin1')).join('')
  for (const text of [secret, 'dana@example.com', intakeKey]) expect(onDisk).not.toContain(text)
  expect(onDisk).toContain('[REDACTED:')
  for (const name of readdirSync(data)) expect({ name, mode: statSync(join(data, name)).mode & 0o077 }).toEqual({ name, mode: 0 })
  const server = await serve({ port: first.port })
  await start(server).close()
  const [one, two] = titles(server.events)
  expect(one).toMatch(/^key \[REDACTED:openai-key:[0-9a-f]{8}\] of \[REDACTED:email:/)
  expect(two).toBe(one)
})

test('content goes as it is where that was asked for, still without secrets', async () => {
  const server = await serve()
  const client = init({ endpoint: server.endpoint, apiKey: intakeKey, content: 'full' }, { data, allowInsecure: true })
  clients.push(client)
  say(client, 'ask dana@example.com about sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye')
  await client.close()
  expect(titles(server.events)[0]).toMatch(/^ask dana@example\.com about \[REDACTED:/)
})

test('over TLS the certificate must be trusted: an own authority is, an unknown one gets nothing', async () => {
  const server = await serve({ protocol: 'https' })
  const trusting = start(server, { ca: server.ca, allowInsecure: false })
  say(trusting, 'over TLS')
  expect(await trusting.close()).toEqual({ waiting: 0 })
  expect(titles(server.events)).toEqual(['over TLS'])

  const before = server.requests.length
  const distrusting = start(server, { allowInsecure: false })
  say(distrusting, 'to nobody')
  expect(await distrusting.close()).toEqual({ waiting: 1 })
  expect(server.requests).toHaveLength(before)
  expect(notices.join('\n')).toMatch(/cannot be reached \(no trusted TLS: \w+\)/)
})

test('a bad event among good ones is dropped with its reason and reported, and the others arrive', async () => {
  const server = await serve({ isUnreadable: ({ announcement }) => announcement?.title === 'n7' })
  const tocsin = start(server)
  say(tocsin, ...numbered(20))
  await expect.poll(() => server.events.some(({ type }) => type === 'tocsin.events-dropped')).toBe(true)
  expect(titles(server.events)).toEqual(numbered(20).filter((title) => title !== 'n7'))
  expect(server.events.find(({ type }) => type === 'tocsin.events-dropped')).toMatchObject({ source: 'engine', detail: { count: '1', reason: 'not readable for the server' } })
})

test('money, errors and end states arrive as they were recorded', async () => {
  const server = await serve()
  const tocsin = start(server)
  await expect(tocsin.session('work', async () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck')
  await tocsin.close()
  expect(server.events.find(({ type }) => type === 'session.end')).toMatchObject({ endState: 'fail', status: 'error', endReason: expect.stringContaining('no luck') as string })
})

test('what the file has no room for is dropped, told at once and reported later', { timeout: 30_000 }, async () => {
  const away = await serve()
  await away.close()
  const tocsin = start(away, { spoolBytesMax: 1_000_000 })
  const filling = 'lorem ipsum '.repeat(400)
  for (let turn = 0; turn < 4; turn += 1) {
    for (let index = 0; index < 150; index += 1) tocsin.notify({ title: `t${turn}-${index}`, body: filling, severity: index % 10 === 0 ? 'high' : 'info' })
    await tocsin.flush()
  }
  expect(notices.join('\n')).toMatch(/events were dropped so far, because the file in which they wait for the server is full \(option spoolBytesMax\)/)
  expect(statSync(join(data, 'spool.db')).size).toBeLessThanOrEqual(1_000_000)
  const server = await serve({ port: away.port })
  await expect.poll(() => server.events.some(({ type }) => type === 'tocsin.events-dropped'), { timeout: 8_000 }).toBe(true)
  const arrived = server.events.filter(({ type }) => type === 'custom')
  const dropped = server.events.find(({ type }) => type === 'tocsin.events-dropped')?.detail
  expect(dropped).toMatchObject({ count: String(600 - arrived.length), reason: 'spool full' })
  expect(arrived.filter(({ announcement }) => announcement?.severity === 'high')).toHaveLength(60)
})

test('a folder that cannot be written leaves memory: what is recorded still arrives, and flush waits for the server', async () => {
  const file = join(data, 'in-the-way')
  writeFileSync(file, '')
  const server = await serve()
  const tocsin = start(server, { data: join(file, 'data') })
  say(tocsin, 'a')
  await tocsin.flush()
  expect(titles(server.events)).toEqual(['a'])
  expect(notices).toEqual([expect.stringMatching(/^events wait for the server in memory only/)])
  await server.close()
  say(tocsin, 'b')
  await expect(tocsin.flush(300)).rejects.toMatchObject({ code: 'flush-timeout' })
  const back = await serve({ port: server.port })
  await expect.poll(() => titles(back.events), { timeout: 5_000 }).toEqual(['b'])
})

describe('what is wrong is told, and does not stop the agent', () => {
  const wrong: readonly (readonly [string, InitInput, RegExp])[] = [
    ['plain http to another machine', { endpoint: 'http://tocsin.example.com', apiKey: intakeKey }, /endpoint: expected https/],
    ['a configuration beside it', { endpoint: 'https://tocsin.example.com', apiKey: intakeKey, channels: {} } as never, /channels: expected nothing beside endpoint, apiKey and content/],
    ['no key', { endpoint: 'https://tocsin.example.com' } as never, /apiKey: expected a key such as tok_…/],
    ['a variable that is not set', { endpoint: 'https://tocsin.example.com', apiKey: '${TOCSIN_NO_SUCH_KEY}' }, /apiKey: TOCSIN_NO_SUCH_KEY is not set/],
  ]
  test.each(wrong)('%s', async (_what, config, message) => {
    const client = init(config, { data, onNotice: (text) => notices.push(text) })
    clients.push(client)
    say(client, 'a')
    await expect(client.flush()).rejects.toMatchObject({ code: 'config-invalid' })
    expect(notices.join('\n')).toMatch(message)
    expect(notices.join('\n')).not.toContain(intakeKey)
  })

  test('channels are the server’s: they are neither registered nor named here, and people are', async () => {
    const server = await serve()
    const tocsin = start(server)
    expect(() => tocsin.notifications.registerChannel({} as never)).toThrow(/sends to a server, which has the channels/)
    await expect(tocsin.notifications.send({ channel: 'mail', title: 'x' })).rejects.toMatchObject({ code: 'wrong-usage' })
    const { id } = await tocsin.notifications.send({ to: 'dana', title: 'for dana' })
    await tocsin.close()
    expect(server.events).toMatchObject([{ id, announcement: { title: 'for dana', to: ['dana'] } }])
  })
})

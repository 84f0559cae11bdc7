import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { serve, type RunningServer } from '../serve.ts'
import { record, recordedAlert, recordedMs, recordedNotification } from '../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
let again: RunningServer | undefined
const leaving: (() => void)[] = []
afterEach(async () => {
  for (const leave of leaving.splice(0)) leave()
  await again?.close()
  await world?.dispose()
  world = again = undefined
})

interface Heard {
  readonly event: string
  readonly id?: string
  readonly data: { readonly [name: string]: unknown }
}

/** A client that reads server-sent events as they come. */
async function listen(url: string, key: string, query = '', headers: Readonly<Record<string, string>> = {}) {
  const heard: Heard[] = []
  const stop = new AbortController()
  leaving.push(() => stop.abort())
  const response = await fetch(`${url}/api/v1/stream${query}`, { headers: { authorization: `Bearer ${key}`, ...headers }, signal: stop.signal })
  const waiting = new Set<() => void>()
  let isOver = false
  const reading = (async () => {
    let text = ''
    const decoder = new TextDecoder()
    // Reason for the cast: the types of a body's chunks are not those of its reader.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = new Map(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const))
        text = text.slice(end + 2)
        const id = fields.get('id')
        if (fields.has('event')) heard.push({ event: fields.get('event') ?? '', ...(id !== undefined && { id }), data: JSON.parse(fields.get('data') ?? '{}') as Heard['data'] })
      }
      for (const wake of waiting) wake()
    }
  })().catch(() => undefined).finally(() => {
    isOver = true
    for (const wake of waiting) wake()
  })
  return {
    response, heard, reading, leave: () => stop.abort(),
    /** The events of this name, when there are so many. */
    async of(event: string, count = 1): Promise<readonly Heard[]> {
      for (;;) {
        const found = heard.filter((one) => one.event === event)
        if (found.length >= count) return found
        if (isOver) throw new Error(`expected ${count} of ${event}, heard ${JSON.stringify(heard)}`)
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
        })
      }
    },
    get place() {
      return heard.findLast(({ id }) => id !== undefined)?.id ?? ''
    },
  }
}

const begin = async () => {
  world = await serverWorld({ project: 'bots', people: { dana: { role: 'admin', email: 'dana@example.com' } } })
  return { world, read: await world.makeKey('read'), manage: await world.makeKey('manage') }
}

test('what another process commits is told within a second, and only what the role may see', async () => {
  const { world: here, read, manage } = await begin()
  const [developer, admin] = [await listen(here.url, read), await listen(here.url, manage)]
  expect(developer.response.headers.get('content-type')).toContain('text/event-stream')
  await Promise.all([developer.of('hello'), admin.of('hello')])
  const beforeMs = performance.now()
  const [alert = 0, system = 0] = await record(here.store, [recordedAlert({ key: 'seen' }), recordedAlert({ key: 'own', kind: 'system', rule: 'own' }), recordedAlert({ key: 'theirs', project: 'other' })])
  await here.store.transaction((tx) => tx.enqueue([recordedNotification(alert)]))
  expect((await admin.of('alert', 2)).map(({ data }) => data['id'])).toEqual([`alt_${alert}`, `alt_${system}`])
  expect(performance.now() - beforeMs).toBeLessThan(1_000)
  expect(await admin.of('delivery')).toMatchObject([{ data: { person: 'dana', alerts: [`alt_${alert}`] } }])
  await here.store.transaction((tx) => tx.updateAlerts([{ id: alert, addCount: 1, updatedAtMs: recordedMs }]))
  await developer.of('alert', 2)
  expect(developer.heard.map(({ event, data }) => `${event} ${typeof data['id'] === 'string' ? data['id'] : ''}`)).toEqual(['hello ', `alert alt_${alert}`, `alert alt_${alert}`])
})

test('the first event that ever arrives is told, and with it the session that begins', async () => {
  const { world: here, read } = await begin()
  const stream = await listen(here.url, read)
  await stream.of('hello')
  await here.call('POST', '/api/v1/events', { key: here.ingestKey, body: { events: [{ type: 'session.start', id: 's', atMs: Date.now(), sessionId: 'first', agent: 'bot' }] } })
  expect(await stream.of('first-event')).toMatchObject([{ data: { type: 'session.start', agent: 'bot' } }])
  expect(await stream.of('session')).toMatchObject([{ data: { id: 'first', state: 'running' } }])
})

test('whoever comes again is told what was missed, also of a server that was restarted meanwhile', async () => {
  const { world: here, read } = await begin()
  const stream = await listen(here.url, read)
  await record(here.store, [recordedAlert({ key: 'one' })])
  await stream.of('alert')
  const { place } = stream
  await here.close()
  expect((await stream.of('end')).at(-1)?.data).toMatchObject({ reason: 'shutdown', retryMs: expect.any(Number) as number })
  await stream.reading
  const [missed = 0] = await record(here.store, [recordedAlert({ key: 'missed' })])
  again = await serve({ config: join(here.data, 'tocsin.yaml'), data: here.data, port: 0, env: {}, terminal: () => undefined, notice: () => undefined })
  const resumed = await listen(again.url, read, '', { 'last-event-id': place })
  const [next = 0] = await record(here.store, [recordedAlert({ key: 'next' })])
  expect((await resumed.of('alert', 2)).map(({ data }) => data['id'])).toEqual([`alt_${missed}`, `alt_${next}`])
  const fromBefore = await listen(again.url, read, `?after=${place}`)
  expect((await fromBefore.of('alert', 2)).map(({ data }) => data['id'])).toEqual([`alt_${missed}`, `alt_${next}`])
})

test('a place of another database is answered with the advice to read the lists', async () => {
  const { world: here, read } = await begin()
  const stream = await listen(here.url, read, '?after=123456789')
  expect(await stream.of('reload')).toMatchObject([{ data: { reason: 'gap' } }])
  expect((await here.call('GET', '/api/v1/stream', { key: read, headers: { 'last-event-id': 'x' } })).status).toBe(422)
})

test('for a client that does not read only so much waits, and when it reads it hears how things stand; the others hear on', async () => {
  const { world: here, read } = await begin()
  const slow = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = httpRequest(`${here.url}/api/v1/stream`, { headers: { authorization: `Bearer ${read}` } }, resolve)
    asked.on('error', reject).end()
    leaving.push(() => asked.destroy())
  })
  slow.pause()
  slow.socket.pause()
  const other = await listen(here.url, read)
  await other.of('hello')
  const ids = await record(here.store, Array.from({ length: 150 }, (_, index) => recordedAlert({ key: `big${index}`, params: { agent: 'bot', causeMessage: 'x'.repeat(30_000) } })))
  await other.of('alert', 150)
  const rounds = 5
  for (let round = 1; round <= rounds; round += 1) {
    await here.store.transaction((tx) => tx.updateAlerts(ids.map((id) => ({ id, addCount: 1, updatedAtMs: recordedMs }))))
    await other.of('alert', 150 * (round + 1))
  }
  let text = ''
  slow.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  slow.socket.resume()
  slow.resume()
  while (text.split(`"count":${rounds + 1},`).length <= 150) await new Promise((resolve) => slow.once('data', resolve))
  // What came while it read nothing was told once, as it stood in the end.
  expect(text.split('event: alert').length - 1).toBeLessThan(150 * (rounds - 1))
  slow.destroy()
}, 20_000)

test('one key has so many streams open and no more', async () => {
  const { world: here, read, manage } = await begin()
  const streams = await Promise.all(Array.from({ length: 20 }, () => listen(here.url, read)))
  const refused = await here.call('GET', '/api/v1/stream', { key: read })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
  expect((await listen(here.url, manage)).response.status).toBe(200)
  streams[0]?.leave()
  let status = 429
  while (status === 429) ({ status } = (await listen(here.url, read)).response)
  expect(status).toBe(200)
})

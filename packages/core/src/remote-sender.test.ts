import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HttpResult } from './channels/transport/http.ts'
import type { Post } from './remote-post.ts'
import { isTold, RemoteSender, type SenderOptions } from './remote-sender.ts'
import { Spool, type SpoolRow } from './stores/spool.ts'
import { openSpoolInMemory } from './stores/spool/open.ts'
import { manualClock, type ManualClock } from './testing/manual-clock.ts'

/** A server in one function, and time that is moved: what goes over real sockets is in `remote.test.ts`. */
let clock: ManualClock
let spool: Spool
let sender: RemoteSender
const notices: string[] = []
/** What each request brought, and what it was answered; without an answer planned it is taken. */
let requests: (readonly string[])[]
let answers: ((bodies: readonly string[]) => HttpResult)[]
let always: ((bodies: readonly string[]) => HttpResult) | undefined
let chanceNext: number

const answered = (status: number, body: unknown = {}, afterMs?: number): HttpResult => ({ kind: 'answer', status, headers: {}, text: JSON.stringify(body), complete: true, ...(afterMs !== undefined && { afterMs }) })
const takes = (bodies: readonly string[]): HttpResult => answered(200, { accepted: bodies.length, duplicates: 0, refused: [] })
const away = (): HttpResult => ({ kind: 'failed', bodySent: false, cause: 'network', code: 'ECONNREFUSED' })
const row = (name: string, weight: SpoolRow['weight'] = 1): SpoolRow => ({ body: JSON.stringify({ name }), weight })
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `n${index}`)
const names = (bodies: readonly string[] | undefined): readonly string[] => (bodies ?? []).map((body) => (JSON.parse(body) as { name?: string; count?: number }).name ?? body)

beforeEach(() => {
  clock = manualClock(1_700_000_000_000)
  spool = new Spool(openSpoolInMemory(), undefined, 64_000_000)
  requests = []
  answers = []
  always = undefined
  chanceNext = 1
  notices.length = 0
  sender = make()
})
afterEach(() => spool.close())

function make(more: Partial<SenderOptions> = {}): RemoteSender {
  const post: Post = Object.assign(
    async (bodies: readonly string[]): Promise<HttpResult> => {
      requests.push(bodies)
      return (answers.shift() ?? always ?? takes)(bodies)
    },
    { close() {} },
  )
  return new RemoteSender({
    own: spool,
    leftover: () => undefined,
    post,
    clock,
    chance: { next: () => chanceNext, id: () => 'id' },
    notice: (text) => notices.push(text),
    host: 'tocsin.example.com',
    charsMax: 1_000_000,
    lossRow: ({ reason, count }) => ({ body: JSON.stringify({ lost: reason, count }), weight: 1 }),
    keyMark: 'key-1',
    onSettled: () => undefined,
    onBroken: (why) => notices.push(`broken: ${why}`),
    ...more,
  })
}

/** Lets everything run that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
}

async function put(...rows: readonly string[]): Promise<void> {
  spool.append(rows.map((name) => row(name)))
  sender.wake()
  await settle()
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await settle()
}

test('what waits goes out in order, 1,000 at a time, and nothing waits then', async () => {
  await put(...numbered(2_300))
  expect(requests.map(({ length }) => length)).toEqual([1_000, 1_000, 300])
  expect(requests.flatMap(names)).toEqual(numbered(2_300))
  expect(spool.waiting).toBe(0)
})

test('a server that is away is asked again after a random part of a wait that doubles from 250 ms to 30 s, and told of once', async () => {
  always = away
  await put('a')
  const waits: number[] = []
  for (let count = 0; count < 10; count += 1) {
    waits.push(clock.nextTaskInMs ?? 0)
    await pass(clock.nextTaskInMs ?? 0)
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  expect(requests).toHaveLength(11)
  expect(notices).toEqual([expect.stringContaining('tocsin.example.com cannot be reached (ECONNREFUSED)')])
  chanceNext = 0.25
  await pass(30_000)
  expect(clock.nextTaskInMs).toBe(7_500)
  always = takes
  await pass(30_000)
  expect(spool.waiting).toBe(0)
  expect(notices.slice(1)).toEqual(['tocsin.example.com takes events again'])
})

test('new events do not shorten the wait for a server that is away', async () => {
  always = away
  await put('a')
  await put('b')
  await put('c')
  expect(requests).toHaveLength(1)
})

test.each([429, 503])('Retry-After of a %i is honoured whole', async (status) => {
  answers.push(() => answered(status, {}, 95_000))
  await put('a')
  await pass(94_999)
  expect(requests).toHaveLength(1)
  await pass(1)
  expect(requests).toHaveLength(2)
  expect(spool.waiting).toBe(0)
})

test.each([
  ['a 500', () => answered(500)],
  ['a 429 that names no time', () => answered(429)],
  ['a 408', () => answered(408)],
  ['an answer that does not come', (): HttpResult => ({ kind: 'failed', bodySent: true, cause: 'time-out', code: 'ABORT_ERR' })],
])('%s says nothing about the events: they are sent again', async (_what, answer) => {
  answers.push(answer)
  await put('a', 'b')
  await pass(250)
  expect(requests.map(names)).toEqual([['a', 'b'], ['a', 'b']])
  expect(spool.waiting).toBe(0)
})

describe('a key', () => {
  test('that the server does not know is told once, without the key, and tried again every minute', async () => {
    always = () => answered(401)
    await put('a')
    for (let count = 0; count < 3; count += 1) await pass(60_000)
    expect(requests).toHaveLength(4)
    expect(notices).toEqual([expect.stringMatching(/does not know this key \(401\)\. Make one there with: tocsin keys create/)])
    expect(spool.keyMark).toBeUndefined()
    always = takes
    await pass(60_000)
    expect([spool.waiting, spool.keyMark]).toEqual([0, 'key-1'])
  })

  test('that may not send keeps its events to itself', async () => {
    spool.own('key-1')
    always = () => answered(403)
    await put('a')
    expect(notices).toEqual([expect.stringMatching(/does not let this key send events \(403\)/)])
    expect([spool.waiting, spool.keyMark]).toEqual([1, 'key-1'])
  })
})

test.each([
  ['a page of a proxy', () => ({ ...answered(200), text: '<html>Welcome</html>' })],
  ['numbers that do not add up', () => answered(200, { accepted: 1, duplicates: 0, refused: [] })],
  ['another JSON', () => answered(200, { ok: true })],
  ['a redirect', () => answered(302)],
  ['a 404', () => answered(404)],
])('%s is not taken for the answer of a Tocsin server: everything is kept, and asked again every minute', async (_what, answer) => {
  always = answer
  await put('a', 'b')
  await pass(60_000)
  expect(requests).toHaveLength(2)
  expect(spool.waiting).toBe(2)
  expect(notices).toEqual([expect.stringContaining('does not answer as a Tocsin server does')])
})

describe('a batch that is refused whole', () => {
  const refusing = (bad: readonly string[], status = 400) => (bodies: readonly string[]): HttpResult => (names(bodies).some((name) => bad.includes(name)) ? answered(status) : takes(bodies))

  test('is tried in halves until the events are found, which are dropped, told and reported; all others arrive in order', async () => {
    always = refusing(['n3', 'n700'])
    await put(...numbered(1_000))
    const took = requests.filter((bodies) => !names(bodies).some((name) => ['n3', 'n700'].includes(name))).flatMap(names)
    expect(took.slice(0, 998)).toEqual(numbered(1_000).filter((name) => !['n3', 'n700'].includes(name)))
    expect(took.slice(998).map((report): unknown => JSON.parse(report)).reduce((sum: number, report) => sum + (report as { count: number }).count, 0)).toBe(2)
    expect(requests.length).toBeLessThan(60)
    expect(spool.waiting).toBe(0)
    expect(notices).toEqual(['1 events were dropped so far; the last: not readable for the server'])
  })

  test('because it is too large goes in smaller ones, and only what is too large alone is dropped', async () => {
    always = (bodies) => (bodies.length > 100 || names(bodies).includes('n5') ? answered(413) : takes(bodies))
    await put(...numbered(300))
    expect(requests.filter((bodies) => bodies.length <= 100 && !names(bodies).includes('n5')).flatMap(names)).toEqual([...numbered(300).filter((name) => name !== 'n5'), JSON.stringify({ lost: 'too large for the server', count: 1 })])
  })

  test('by a server that takes nothing at all costs 100 events and no more', async () => {
    always = () => answered(422)
    await put(...numbered(300))
    await pass(60_000)
    expect(spool.waiting).toBe(200)
    expect(notices.at(-1)).toMatch(/has refused 100 events one after the other/)
    always = takes
    await pass(60_000)
    expect(spool.waiting).toBe(0)
  })

  test('is not meant where the answer was only too long to be read: then fewer are sent', async () => {
    always = (bodies) => (bodies.length > 300 ? { ...takes(bodies), complete: false } as HttpResult : takes(bodies))
    await put(...numbered(1_000))
    expect(spool.waiting).toBe(0)
    expect(notices).toEqual([])
  })
})

test('what the server refuses alone is told at 1, 10, 100, with its reason', async () => {
  always = (bodies) => answered(200, { accepted: 0, duplicates: 0, refused: bodies.map((_, index) => ({ index, reason: 'too old' })) })
  for (let count = 0; count < 12; count += 1) await put(`e${count}`)
  expect(spool.waiting).toBe(0)
  expect(notices).toEqual(['1 events were refused by the server so far; the last: too old', '10 events were refused by the server so far; the last: too old'])
})

test('what the file had no room for is reported once the server takes events again, and not before', async () => {
  always = away
  spool.append([row('a')])
  spool.settle([1], 'spool full')
  await put('b')
  expect(spool.losses).toHaveLength(1)
  always = takes
  await pass(250)
  expect(requests.slice(1).flatMap(names)).toEqual(['b', JSON.stringify({ lost: 'spool full', count: 1 })])
  expect(spool.losses).toEqual([])
})

test('what a gone process left goes before what is recorded now, and its file is closed then', async () => {
  const left = new Spool(openSpoolInMemory(), undefined, 1_000_000)
  left.append([row('old')])
  const leftovers = [left]
  sender = make({ leftover: () => leftovers.shift() })
  await put('new')
  expect(requests.map(names)).toEqual([['old'], ['new']])
  expect(() => left.append([row('x')])).toThrow(/not open/)
  // Looked for again every minute.
  const second = new Spool(openSpoolInMemory(), undefined, 1_000_000)
  second.append([row('later')])
  leftovers.push(second)
  await pass(60_000)
  expect(requests.map(names).at(-1)).toEqual(['later'])
})

test('what a gone process left and cannot be read is told once, and holds nothing up', async () => {
  sender = make({
    leftover: () => {
      throw new Error('written by a newer version')
    },
  })
  await put('a')
  await pass(60_000)
  await put('b')
  expect(requests.map(names)).toEqual([['a'], ['b']])
  expect(notices).toEqual(['what another process left behind cannot be read: written by a newer version'])
})

describe('at the end', () => {
  test('what is critical goes first, then the rest in order', async () => {
    always = away
    spool.append([row('a'), row('critical', 2), row('b', 0)])
    await put('c')
    always = takes
    await sender.finish('critical', clock.monotonicMs() + 2_000)
    expect(requests.slice(1).map(names)).toEqual([['critical'], ['a', 'b', 'c']])
    expect(spool.waiting).toBe(0)
  })

  test('a server that is away is asked once more and does not hold the process', async () => {
    always = away
    await put('a')
    await sender.finish('all', clock.monotonicMs() + 2_000)
    expect(requests).toHaveLength(2)
    expect(spool.waiting).toBe(1)
  })

  test('a server that wants time, or knows no such key, is not asked again', async () => {
    always = () => answered(429, {}, 60_000)
    await put('a')
    await sender.finish('all', clock.monotonicMs() + 2_000)
    expect(requests).toHaveLength(1)
  })

  test('a connection that broke just now is no reason to give up', async () => {
    answers.push(away)
    spool.append([row('a')])
    await sender.finish('all', clock.monotonicMs() + 2_000)
    expect(requests).toHaveLength(2)
    expect(spool.waiting).toBe(0)
  })

  test('a server that does not answer holds the process no longer than it may', async () => {
    const post: Post = Object.assign(
      (_bodies: readonly string[], signal: AbortSignal) => new Promise<HttpResult>((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'failed', bodySent: true, cause: 'time-out', code: 'ABORT_ERR' }))),
      { close() {} },
    )
    sender = make({ post })
    await put('a')
    let isDone = false
    const done = sender.finish('all', clock.monotonicMs() + 2_000).then(() => (isDone = true))
    await pass(1_999)
    expect(isDone).toBe(false)
    await pass(1)
    await done
    expect(spool.waiting).toBe(1)
  })
})

test('numbers are told at the first, and when they have one digit more', () => {
  expect([[0, 0], [0, 1], [1, 2], [9, 10], [10, 99], [5, 150]].map(([before = 0, now = 0]) => isTold(before, now))).toEqual([false, true, false, true, false, true])
})

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { almost } from '../testing/from-schema.ts'
import { readOpenApi, type ApiWalk, type Operation } from '../testing/open-api-walk.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf } from '../testing/visitor.ts'

/** What stands where a name belongs, and is the name of nothing: what trips whoever reads addresses, and what trips a database. */
const names = {
  sqlite: ['nothing', '%2e%2e%2f%2e%2e%2fetc%2fpasswd', 'dlv_999999999999999', '__proto__', 'constructor', '%ED%A0%80', '%', 'x'.repeat(3_000)],
  postgres: ['%00', 'alt_999999999999999', '9007199254740993', "'%20or%201=1--"],
} as const

const cursors = ['x', '%ff%00', 'bnVsbA', ...[{ atMs: 'x', id: {} }, { atMs: 1e300, id: '\u0000' }, { atMs: 1_700_000_000_000, id: '\u0000' }, '\u0000', { id: -1 }, [], { id: 1e308 }].map((place) => Buffer.from(JSON.stringify(place)).toString('base64url'))]
const numbers = ['-1', 'abc', '1e999', '1.5', '99999999999999999999', 'NaN', '1%00']
/** By name of a parameter, values that are none. */
const wrongQueries: Readonly<Record<string, readonly string[]>> = { limit: [...numbers, '', '0', '201'], cursor: cursors, after: numbers, fromMs: numbers, untilMs: numbers, timezone: ['%00', 'Mars/Olympus', '../etc'] }
/** Whatever the route, it lives through these. */
const oddQueries = ['project[]=bots', 'project=bots&project=other', 'project=%00', 'project=__proto__', 'limit=1&limit=2', 'a[b][c]=1', '__proto__=1', 'constructor=1', 'locale=%F0%9F%98%80', 'person=%00', 'session=%00', 'agent=%ED%A0%80', 'state=,,,', '%', '=&=&', `x=${'y'.repeat(10_000)}`] as const
const oddHeaders: readonly Readonly<Record<string, string>>[] = [
  { 'accept-language': '*;q=2,-;q=x,,,en-US-x-\u00e4' }, { 'accept-language': ';q='.repeat(3_000) }, { 'if-none-match': 'W/"' }, { 'if-none-match': '*' }, { 'if-match': ',,,"' }, { 'last-event-id': '-1' }, { 'last-event-id': '1e999' }, { 'last-event-id': 'x' }, { 'tocsin-project': 'x'.repeat(5_000) },
  { 'accept': 'image/png' }, { 'content-length': '0' }, { 'x-forwarded-for': 'x'.repeat(500), 'x-forwarded-host': 'evil.example' }, { range: 'bytes=0-1' }, { cookie: `tocsin.session_token=${'%'.repeat(500)}` }, { traceparent: '\u00ff' },
]
const wrongBodies: readonly unknown[] = [null, [], 'text', 1, true, {}, { constructor: {} }, { name: '\u0000', to: '\u0000', match: '\ud800', token: '\u0000', email: '\u0000@x.y', password: '\u0000', comment: '\u0000', role: 'god', scope: 'all' }, { since: '99999999999d', definition: {}, untilMs: 1e308, fromMs: -1e308, match: '(' }, { names: ['__proto__'], changes: [{ kind: 'people', name: '__proto__', value: {} }] }]

const callerNames = ['key', 'owner', 'viewer'] as const
type Caller = (typeof callerNames)[number]

/** What may be done with any name: what is kept of somebody who is not known is nothing, and that is an answer; a page is the same for all. */
const ofAnybody = /export|erase|^\/p\//

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  let key: string
  let walk: ApiWalk
  /** What one of them may not reach stands behind a refusal: each goes another way in. */
  let callers: Readonly<Record<Caller, ServerWorld['call']>>

  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    world = await serverWorld({ project: 'bots', people: { dana: { role: 'admin', email: 'dana@example.com' } } }, database === undefined ? {} : { databaseUrl: database.url })
    const owner = await ownerOf(world)
    const made = await owner.call('POST', '/api/v1/keys', { body: { name: 'walk', scope: 'manage' } })
    key = (made.json as { readonly key: string }).key
    const viewer = await invited(world, owner, { name: 'Vi', role: 'viewer', project: 'bots' })
    callers = { key: (method, path, options) => world.call(method, path, { key, ...options }), owner: owner.call, viewer: viewer.call }
    walk = await readOpenApi(world, key)
    expect(walk.operations.length).toBeGreaterThan(90)
  })
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  async function answer({ method, path }: Pick<Operation, 'method' | 'path'>, { caller = 'key', query = '', body, headers }: { readonly caller?: Caller; readonly query?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<{ readonly status: number; readonly said: string }> {
    const { status, text } = await callers[caller](method, query === '' ? path : `${path}?${query}`, { ...(body !== undefined && { body }), ...(headers !== undefined && { headers }) })
    return { status, said: `${caller}: ${method} ${path.slice(0, 100)}?${query.slice(0, 100)} ${JSON.stringify(body ?? headers ?? {}).slice(0, 300)}: ${status} ${text.slice(0, 300)}` }
  }

  async function inTurns<T>(work: readonly T[], one: (part: T) => Promise<void>): Promise<void> {
    const left = [...work]
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let part = left.shift(); part !== undefined; part = left.shift()) await one(part)
    }))
  }

  const isRead = ({ method }: Operation): boolean => method === 'GET' || method === 'DELETE'

  test.each(callerNames)('a name of nothing is answered so by every route, and never as if it were one, to %s', async (caller) => {
    const wrong: string[] = []
    const work = walk.operations.flatMap((operation) => (operation.path.includes('{') ? names[kind].map((name) => ({ ...operation, path: operation.path.replaceAll(/\{\w+\}/g, () => name) })) : []))
    await inTurns(work, async (operation) => {
      const { status, said } = await answer(operation, isRead(operation) ? { caller } : { caller, body: {} })
      if (status >= 500 || (status < 300 && !ofAnybody.test(operation.path))) wrong.push(said)
    })
    expect(wrong).toEqual([])
  })

  test.each(callerNames)('a parameter that is none is refused by every route that has it, and harms no other, of %s', async (caller) => {
    const wrong: string[] = []
    const gets = walk.operations.filter(({ method }) => method === 'GET').map((operation) => ({ ...operation, path: operation.path.replaceAll(/\{\w+\}/g, 'alt_1') }))
    const refused = gets.flatMap((operation) => operation.queries.flatMap((name) => (wrongQueries[name] ?? []).map((value) => ({ operation, query: `${name}=${value}`, isWrong: true }))))
    const odd = gets.filter(({ queries }) => queries.length > 0).flatMap((operation) => oddQueries.map((query) => ({ operation, query, isWrong: false })))
    await inTurns([...refused, ...odd], async ({ operation, query, isWrong }) => {
      const { status, said } = await answer(operation, { caller, query })
      if (status >= 500 || (isWrong && status < 400)) wrong.push(said)
    })
    expect(wrong).toEqual([])
  })

  test('odd headers are lived through', async () => {
    const wrong: string[] = []
    const paths = ['/api/v1/alerts', '/api/v1/budgets', '/api/v1/stream', '/api/v1/me', '/readyz', '/nowhere'].map((path) => ({ method: 'GET', path }))
    await inTurns(paths.flatMap((path) => oddHeaders.map((headers) => ({ path, headers }))), async ({ path, headers }) => {
      const { status, said } = await answer(path, { headers }).catch((failure: unknown) => ({ status: 0, said: String(failure) }))
      if (status >= 500) wrong.push(said)
    })
    expect(wrong).toEqual([])
    expect((await answer({ method: 'GET', path: '/api/v1/stream' }, { headers: { 'last-event-id': '-1' } })).status).toBe(422)
  })

  test.each(callerNames)('a body that is nothing like what a route wants is refused by every route, of %s', async (caller) => {
    const wrong: string[] = []
    const work = walk.operations.filter((operation) => !isRead(operation) && operation.body !== undefined && !/sign-in|erase/.test(operation.path)).flatMap((operation) => wrongBodies.map((body) => ({ operation: { ...operation, path: operation.path.replaceAll(/\{\w+\}/g, 'nothing') }, body })))
    await inTurns(work, async ({ operation, body }) => {
      const { status, said } = await answer(operation, { caller, body, headers: { 'if-match': '*' } })
      if (status >= 500 || (status < 300 && !/config\/check/.test(operation.path))) wrong.push(said)
    })
    expect(wrong).toEqual([])
  })

  test('whatever almost fits the schema of a route is taken or refused, and what was taken is read again as it was written', async () => {
    const bodies = walk.operations.filter(({ method, body }) => method === 'PUT' && body !== undefined)
    const wrong: string[] = []
    for (const [index, { method, path, body }] of bodies.entries()) {
      for (const [number, value] of fc.sample(almost(walk, body ?? {}), { numRuns: kind === 'sqlite' ? 12 : 4, seed: 4_711 + index }).entries()) {
        const target = path.replaceAll('{name}', path.includes('/settings/') ? 'storm' : `made-${number}`)
        const { status, said } = await answer({ method, path: target }, { body: value })
        if (status >= 500) wrong.push(said)
        if (status !== 201) continue
        const read = await world.call('GET', target, { key })
        if (read.status !== 200) wrong.push(`${said}, read again: ${read.status}`)
        await world.call('DELETE', target, { key, headers: { 'if-match': '*' } })
      }
    }
    expect(wrong).toEqual([])
    expect((await world.call('GET', '/readyz')).json).toEqual({ ok: true })
  })

  test('no thing is called __proto__, by whatever way', async () => {
    expect((await answer({ method: 'PUT', path: '/api/v1/budgets/__proto__' }, { body: { amountUsd: 'any' } })).status).toBe(422)
    const checked = await world.call('POST', '/api/v1/config/check', { key, body: { changes: [{ kind: 'budgets', name: '__proto__', value: {} }] } })
    expect(checked.json).toMatchObject({ ok: false })
  })
})

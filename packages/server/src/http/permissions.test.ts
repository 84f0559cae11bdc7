import { afterAll, beforeAll, expect, test } from 'vitest'
import { roles } from 'tocsin/engine'
import { keyScopes } from '../access/key.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Answer, type Visitor } from '../testing/visitor.ts'

/**
 * Every route of the server and who may call it, said a second time and by hand: what a route says of itself is held against this. O, A, D, B, V:
 * owner, admin, developer, billing, viewer; i, r, m: keys that send, read and manage.
 */
const table: Readonly<Record<string, string>> = {
  ...each('everybody', 'GET /healthz', 'GET /readyz', 'POST /api/auth/sign-in/email', 'POST /api/v1/welcome', 'POST /api/v1/join', 'POST /api/v1/reset-password', 'GET /', 'GET /login', 'GET /welcome', 'GET /join', 'GET /reset', 'GET /p/:project', 'GET /p/:project/*', 'GET /assets/:file', 'GET /favicon.svg', 'GET /first-paint.js', 'GET /push-worker.js'),
  // By a signature, or a token in the path.
  ...each('signed', 'GET /a/:token', 'POST /a/:token', 'POST /callbacks/:channel', 'POST /callbacks/:project/:channel', 'POST /hooks/:project/:name', 'POST /v3/auth/token'),
  ...each('ADBVO', 'POST /api/auth/sign-out', 'GET /api/auth/get-session', 'POST /api/auth/change-password', 'GET /api/v1/me/sessions', 'DELETE /api/v1/me/sessions/:id'),
  ...each('OADBVirm', 'GET /api/v1/me'),
  ...each('OADBV', 'GET /api/v1/me/person', 'PATCH /api/v1/me/person', 'POST /api/v1/me/addresses', 'POST /api/v1/me/addresses/verify', 'DELETE /api/v1/me/addresses/:kind', 'GET /api/v1/me/push', 'POST /api/v1/me/push', 'DELETE /api/v1/me/push/:id'),
  ...each('OADim', 'POST /api/v1/events', 'POST /api/v1/signs', 'POST /v1/traces', 'POST /v1/logs', 'POST /v1/metrics', 'POST /api/v1/sources/alertmanager', 'POST /api/v1/sources/:name'),
  ...each(
    'OADBVrm', 'GET /api/v1/alerts', 'GET /api/v1/alerts/:id', 'GET /api/v1/deliveries/:id', 'GET /api/v1/deliveries/:id/message', 'GET /api/v1/decisions', 'GET /api/v1/stream',
    'GET /api/v1/reports/day', 'GET /api/v1/reports/week', 'GET /api/v1/overview', 'GET /api/v1/start', 'GET /api/v1/starters', 'GET /api/v1/on-call', 'GET /api/v1/built-in-rules', 'GET /api/v1/rule-counts', 'POST /api/v1/config/check', 'POST /api/v1/routes/test', 'GET /api/v1/projects', 'GET /openapi.json',
    'GET /api/v1/rules', 'GET /api/v1/rules/:name', 'GET /api/v1/budgets', 'GET /api/v1/budgets/:name', 'GET /api/v1/routes', 'GET /api/v1/routes/:name', 'GET /api/v1/teams', 'GET /api/v1/teams/:name',
    'GET /api/v1/rotations', 'GET /api/v1/rotations/:name', 'GET /api/v1/maintenance', 'GET /api/v1/maintenance/:name', 'GET /api/v1/silences',
  ),
  // What one was sent oneself, as the person of the configuration with this address.
  ...each('OADBVm', 'GET /api/v1/deliveries', 'GET /api/v1/notifications', 'GET /api/v1/inbox'),
  ...each('OADBrm', 'GET /api/v1/spend/series', 'GET /api/v1/spend/suggestion', 'GET /api/v1/budgets/:name/series'),
  ...each('OADVrm', 'GET /api/v1/sessions', 'GET /api/v1/sessions/:id', 'GET /api/v1/events'),
  ...each(
    'OADBm', 'POST /api/v1/alerts/actions', 'POST /api/v1/alerts/:id/acknowledge', 'POST /api/v1/alerts/:id/snooze', 'POST /api/v1/alerts/:id/resolve', 'POST /api/v1/alerts/:id/expected',
    'POST /api/v1/alerts/:id/unacknowledge', 'POST /api/v1/alerts/:id/unsnooze', 'POST /api/v1/alerts/:id/unexpected', 'POST /api/v1/alerts/:id/not-useful', 'POST /api/v1/alerts/:id/useful', 'POST /api/v1/backtests',
  ),
  ...each('OADm', ...writes('rules'), ...writes('maintenance'), 'PUT /api/v1/maintenance/order', 'POST /api/v1/silences', 'POST /api/v1/silences/:id/end', 'POST /api/v1/silences/preview'),
  ...each('OABm', ...writes('budgets')),
  ...each(
    'OAm', ...writes('routes'), 'PUT /api/v1/routes/order', 'POST /api/v1/starters/:name', ...writes('teams'), ...writes('rotations'), ...reads('channels'), ...writes('channels'), 'POST /api/v1/channels/:name/test', 'GET /api/v1/channel-types', 'GET /api/v1/reach',
    ...reads('people'), ...writes('people'), ...reads('templates'), 'POST /api/v1/messages/preview', 'GET /api/v1/messages/names', 'POST /api/v1/deliveries/:id/resend', ...writes('templates'), ...reads('report-schedules'), ...writes('report-schedules'), 'PUT /api/v1/report-schedules/order',
    ...reads('prices'), ...writes('prices'), ...reads('sources'), ...writes('sources'), ...reads('settings'), ...writes('settings'),
    'GET /api/v1/keys', 'POST /api/v1/keys', 'DELETE /api/v1/keys/:id', 'GET /api/v1/members', 'GET /api/v1/invitations', 'GET /api/v1/audit', 'POST /api/v1/audit/:id/undo', 'GET /api/v1/people/:name/export', 'GET /api/v1/agent-users/:user/export',
  ),
  ...each('OArm', 'GET /metrics', 'GET /api/v1/health'),
  ...each('OA', 'PUT /api/v1/members/:id', 'DELETE /api/v1/members/:id', 'POST /api/v1/members/:id/reset-link', 'POST /api/v1/invitations', 'DELETE /api/v1/invitations/:id'),
  ...each('O', 'POST /api/v1/projects', 'DELETE /api/v1/projects/:name', 'POST /api/v1/people/:name/erase', 'POST /api/v1/agent-users/:user/erase'),
}

/** Those that belong to no one project: which project is asked about changes nothing. */
const ofNoProject: ReadonlySet<string> = new Set([
  'GET /metrics', 'GET /openapi.json', 'GET /api/v1/me', 'GET /api/v1/projects', 'POST /api/v1/projects', 'DELETE /api/v1/projects/:name', 'POST /api/auth/sign-out', 'GET /api/auth/get-session', 'POST /api/auth/change-password',
  'GET /api/v1/me/sessions', 'DELETE /api/v1/me/sessions/:id',
])

function each(who: string, ...routes: readonly string[]): Record<string, string> {
  return Object.fromEntries(routes.map((route) => [route, who]))
}

function reads(kind: string): readonly string[] {
  return [`GET /api/v1/${kind}`, `GET /api/v1/${kind}/:name`]
}

function writes(kind: string): readonly string[] {
  return ['PUT', 'PATCH', 'DELETE'].map((method) => `${method} /api/v1/${kind}/:name`)
}

type Caller = (method: string, path: string, options?: { readonly body?: unknown }) => Promise<Answer>

let world: ServerWorld
let callers: ReadonlyMap<string, Caller>
let nobody: Caller
let strangers: readonly Caller[]

beforeAll(async () => {
  world = await serverWorld({ project: 'bots', people: Object.fromEntries(roles.map((role) => [`the-${role}`, { role, email: `a-${role}@example.com` }])) })
  const owner = await ownerOf(world)
  const made = await owner.call('POST', '/api/v1/projects', { body: { name: 'other' } })
  expect(made.status).toBe(201)
  const others = await Promise.all(roles.filter((role) => role !== 'owner').map(async (role) => [role.charAt(0).toUpperCase(), await invited(world, owner, { name: `a-${role}`, role, project: 'bots' })] as const))
  const visitors: readonly (readonly [string, Visitor])[] = [['O', owner], ...others]
  const keys = await Promise.all(keyScopes.map(async (scope) => [scope.charAt(0), await keyOf(owner, scope, 'bots')] as const))
  callers = new Map<string, Caller>([...visitors.map(([letter, { call }]) => [letter, call] as const), ...keys.map(([letter, key]) => [letter, withKey(key)] as const)])
  nobody = (method, path, options) => world.call(method, path, options)
  const stranger = await invited(world, owner, { name: 'stranger', role: 'admin', project: 'other' })
  strangers = [stranger.call, withKey(await keyOf(owner, 'manage', 'other'))]
})

afterAll(() => world.dispose())

async function keyOf(owner: Visitor, scope: string, project: string): Promise<string> {
  const { json, text } = await owner.call('POST', `/api/v1/keys?project=${project}`, { body: { name: scope, scope } })
  if (typeof json === 'object' && json !== null && 'key' in json && typeof json.key === 'string') return json.key
  throw new Error(`expected a key, found ${text}`)
}

function withKey(key: string): Caller {
  return (method, path, options) => world.call(method, path, { key, ...options })
}

/** One call of a route with nothing in it: it is about who may, and not about what becomes of it. */
async function statusOf(call: Caller, route: string): Promise<number> {
  const [method = '', url = ''] = route.split(' ')
  const path = url.replaceAll(/:\w+/g, 'nothing')
  const isUnsafe = method !== 'GET'
  const { status } = await call(method, `${path}?project=bots`, { ...(isUnsafe && method !== 'DELETE' && { body: {} }) })
  return status
}

/** Logging out is last: it ends what the others need. */
function served(): readonly string[] {
  return world.routes.filter((route) => !route.startsWith('HEAD ')).toSorted((a, b) => Number(a.endsWith('/sign-out')) - Number(b.endsWith('/sign-out')))
}

test('every route is in the table, and the table has no other', () => {
  expect(served().toSorted()).toEqual(Object.keys(table).toSorted())
})

test('every route answers each role, each key and nobody as the table says, and never with a fault of ours', async () => {
  const wrong: string[] = []
  const check = (route: string, who: string, status: number, expected: boolean, said: string): void => {
    if (!expected || status >= 500) wrong.push(`${route} answers ${who} with ${status}, expected ${said}`)
  }
  await inTurns(served(), async (route) => {
    const who = table[route]
    if (who === undefined) return
    const status = await statusOf(nobody, route)
    if (who === 'everybody') check(route, 'nobody', status, status !== 401 && status !== 403, 'an answer')
    else if (who === 'signed') check(route, 'nobody', status, status >= 400, 'a refusal')
    else check(route, 'nobody', status, status === 401, '401')
    if (who === 'everybody' || who === 'signed') return
    for (const [letter, call] of callers) {
      const got = await statusOf(call, route)
      if (who.includes(letter)) check(route, letter, got, got !== 401 && got !== 403, 'to be let in')
      else check(route, letter, got, got === 403, '403')
    }
  })
  expect(wrong).toEqual([])
}, 60_000)

test('for a member of another project, and a key of it, no route of this project is there', async () => {
  const wrong: string[] = []
  await inTurns(served(), async (route) => {
    if (table[route] === 'everybody' || table[route] === 'signed' || ofNoProject.has(route)) return
    for (const call of strangers) {
      const status = await statusOf(call, route)
      if (status !== 404) wrong.push(`${route} answers ${status}, expected 404`)
    }
  })
  expect(wrong).toEqual([])
})

async function inTurns(routes: readonly string[], work: (route: string) => Promise<void>): Promise<void> {
  const left = [...routes]
  // The last waits for all before it.
  const last = left.pop()
  await Promise.all(Array.from({ length: 6 }, async () => {
    for (let route = left.shift(); route !== undefined; route = left.shift()) await work(route)
  }))
  if (last !== undefined) await work(last)
}

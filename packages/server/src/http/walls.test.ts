import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinds } from '../projects/kinds.ts'
import { record, recordedAlert, recordedMs, recordedNotification } from '../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Answer, type Visitor } from '../testing/visitor.ts'

/**
 * Projects are walls: what is really there in one is not there for a member, or a key, of another. For each route that takes an id or a name stands
 * here one that exists, and after all strangers the owner shows that it does.
 */

type Caller = (method: string, path: string, options?: { readonly body?: unknown }) => Promise<Answer>

/** Of each kind one entry, made by the API. */
const entries: Readonly<Record<string, readonly [name: string, body: unknown]>> = {
  channels: ['kept', { type: 'inbox' }],
  people: ['dana', { role: 'admin', email: 'dana@example.com' }],
  teams: ['crew', ['dana']],
  rotations: ['duty', { members: ['dana'], every: 'week', at: '09:00' }],
  rules: ['big', { on: 'llm.call', when: 'event.costUsd > 5' }],
  budgets: ['month', { amountUsd: 5 }],
  routes: ['all', { to: ['dana'], via: ['kept'] }],
  templates: ['*', { subject: 'Now: {{ heading }}' }],
  maintenance: ['night', { match: 'true', hours: '02:00-03:00' }],
  'report-schedules': ['daily', { to: ['dana'], via: ['kept'], every: 'day', at: '09:00' }],
  sources: ['builds', { title: '{{ payload.title }}' }],
  prices: ['in-house', { inputUsd: 1, outputUsd: 2 }],
  settings: ['pause', false],
}

let world: ServerWorld
let owner: Visitor
let strangers: ReadonlyMap<string, Caller>
/** Ids of things of project `bots`, by the route that takes them. */
let real: Readonly<Record<string, string>>
let session = ''

beforeAll(async () => {
  world = await serverWorld({ project: 'bots', sources: { pager: { title: 'Page' } } })
  owner = await ownerOf(world)
  await must(owner.call('POST', '/api/v1/projects', { body: { name: 'other' } }))
  for (const { path } of kinds) {
    const [name, body] = entries[path] ?? ['', {}]
    await must(owner.call('PUT', `/api/v1/${path}/${encodeURIComponent(name)}?project=bots`, { body }))
  }
  session = 'sess-of-bots'
  const calls = [{ type: 'llm.call', id: 'one', atMs: Date.now(), status: 'ok', sessionId: session, user: 'u-17', llm: { provider: 'openai', model: 'gpt-5' } }, { type: 'session.start', id: 'begun', atMs: Date.now(), status: 'ok', sessionId: session }]
  await must(world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: calls } }))
  const [alert = 0] = await record(world.store, [recordedAlert({ key: 'walled', sessionId: session, openedAtMs: recordedMs })])
  const made = await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert)]))
  const delivery = idOf(await must(owner.call('GET', '/api/v1/deliveries?project=bots&person=dana')))
  expect(made).toBeDefined()
  const key = await must(owner.call('POST', '/api/v1/keys?project=bots', { body: { name: 'theirs', scope: 'read' } }))
  const invitation = await must(owner.call('POST', '/api/v1/invitations?project=bots', { body: { email: 'zoe@example.com', role: 'viewer' } }))
  await invited(world, owner, { name: 'yan', role: 'viewer', project: 'bots' })
  const member = /"id":"(usr_[^"]+)","name":"yan"/.exec((await must(owner.call('GET', '/api/v1/members?project=bots'))).text)?.[1] ?? ''
  const silence = await must(owner.call('POST', '/api/v1/silences?project=bots', { body: { match: "alert.agent == 'nobody'", untilMs: Date.now() + 3_600_000, comment: 'walled' } }))
  const change = /"id":(\d+)/.exec((await must(owner.call('GET', '/api/v1/audit?project=bots&action=channels'))).text)?.[1] ?? ''
  real = { audit: change, alerts: `alt_${alert}`, deliveries: delivery, sessions: session, keys: idOf(key), invitations: idOf(invitation), members: member, silences: String((silence.json as { readonly id: unknown }).id), sources: 'pager', 'agent-users': 'u-17' }
  const admin = await invited(world, owner, { name: 'stranger', role: 'admin', project: 'other' })
  const manage = await world.makeKey('manage', 'other')
  const read = await world.makeKey('read', 'other')
  strangers = new Map<string, Caller>([
    ['an admin', admin.call],
    ['a key that manages', (method, path, options) => world.call(method, path, { key: manage, ...options })],
    ['a key that reads', (method, path, options) => world.call(method, path, { key: read, ...options })],
  ])
}, 30_000)

afterAll(() => world.dispose())

async function must(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`)
  return answer
}

function idOf({ text }: Answer): string {
  return /"id":"([^"]+)"/.exec(text)?.[1] ?? ''
}

/** Those that prove themselves otherwise, that are of no project, or in which the name belongs to whoever asks. */
const ofOthers = /^\w+ (\/a\/|\/callbacks\/|\/hooks\/|\/api\/v1\/me\/|\/api\/v1\/projects\/|\/api\/v1\/starters\/|\/p\/|\/assets\/)/

function withIds(): readonly { readonly route: string; readonly method: string; readonly path: string }[] {
  return world.routes.filter((route) => route.includes(':') && !route.startsWith('HEAD ') && !ofOthers.test(route)).map((route) => {
    const [method = '', url = ''] = route.split(' ')
    const [, kind = ''] = /^\/api\/v1\/([\w-]+)\/:/.exec(url) ?? []
    const id = real[kind] ?? entries[kind]?.[0]
    if (id === undefined) throw new Error(`expected a real id for ${route}: add one to this test`)
    return { route, method, path: url.replace(/:\w+/, encodeURIComponent(id)) }
  }).toSorted((one, other) => Number(one.method === 'DELETE') - Number(other.method === 'DELETE'))
}

/** Bodies that would be done. */
function bodyOf(method: string, path: string): unknown {
  const [, kind = ''] = /^\/api\/v1\/([\w-]+)\//.exec(path) ?? []
  if (method === 'PUT' && kind === 'members') return { role: 'developer' }
  if (method === 'PUT') return entries[kind]?.[1]
  return {}
}

test('whoever names the project gets 404 for everything in it', async () => {
  const wrong: string[] = []
  for (const { route, method, path } of withIds()) {
    for (const [who, call] of strangers) {
      const { status } = await call(method, `${path}?project=bots`, { ...(method !== 'GET' && method !== 'DELETE' && { body: bodyOf(method, path) }) })
      if (status !== 404) wrong.push(`${route} answers ${who} with ${status}`)
    }
  }
  expect(wrong).toEqual([])
})

test('whoever asks in their own project for what is in this one gets 404, or what their own role does not allow', async () => {
  const wrong: string[] = []
  for (const { route, method, path } of withIds()) {
    // It makes one of their own, under the same name. And of users nothing is known but what was sent: see below.
    if (method === 'PUT' && !path.includes('/members/')) continue
    if (route.endsWith('/export') || route.endsWith('/erase')) continue
    for (const [who, call] of strangers) {
      const { status, text } = await call(method, `${path}?project=other`, { ...(method !== 'GET' && method !== 'DELETE' && { body: bodyOf(method, path) }) })
      const isRefused = status === 403 && text.includes('does not allow')
      if (status !== 404 && !isRefused) wrong.push(`${route} answers ${who} with ${status} ${text}`)
    }
  }
  expect(wrong).toEqual([])
})

test('lists, exports and actions about many find nothing of another project', async () => {
  const admin = strangers.get('an admin')
  const { alerts = '', 'agent-users': user = '' } = real
  const ask = async (method: string, path: string, body?: unknown): Promise<string> => (await admin?.(method, path, { ...(body !== undefined && { body }) }))?.text ?? ''
  expect(JSON.parse(await ask('POST', '/api/v1/alerts/actions', { action: 'acknowledge', alerts: [alerts] }))).toEqual({ results: [{ alert: alerts, result: 'unknown' }] })
  for (const list of ['alerts', 'deliveries', 'notifications', 'sessions', 'events', `events?session=${session}`, `alerts?session=${session}`, 'decisions', `decisions?alert=${alerts}`, `deliveries?alert=${alerts}`, 'silences', 'audit', 'keys', 'members', 'invitations', 'overview', 'reports/day', `agent-users/${user}/export`, 'people/dana/export', ...kinds.map(({ path }) => path)]) {
    const text = await ask('GET', `/api/v1/${list}`)
    expect([list, /refund-bot|walled|u-17"[^}]*"llm|theirs|zoe@|"yan"|dana@|pager|costUsd > 5/.exec(text)?.[0]]).toEqual([list, undefined])
  }
})

test('for the owner each of them is there, untouched', async () => {
  const { alerts = '', silences = '' } = real
  expect((await owner.call('GET', `/api/v1/alerts/${alerts}?project=bots`)).json).toMatchObject({ state: 'firing' })
  expect((await owner.call('GET', '/api/v1/silences?project=bots')).text).toContain(`"id":${/^\d+$/.test(silences) ? silences : `"${silences}"`}`)
  const missing: string[] = []
  for (const { route, method, path } of withIds()) {
    // `*`: as it is now. A second deletion of what the first deleted is not asked for: each path stands here once.
    const { status, text } = await owner.call(method, `${path}?project=bots`, { headers: { 'if-match': '*' }, ...(method !== 'GET' && method !== 'DELETE' && { body: bodyOf(method, path) }) })
    if (status === 404 || status === 403 || status >= 500) missing.push(`${route} answers the owner with ${status} ${text}`)
  }
  expect(missing).toEqual([])
}, 30_000)

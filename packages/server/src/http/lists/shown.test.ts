import { afterAll, beforeAll, expect, test } from 'vitest'
import { record, recordedAlert, recordedMs, recordedNotification } from '../../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../testing/visitor.ts'

let world: ServerWorld
let viewer: Visitor
let billing: Visitor
let developer: Visitor
let ids: readonly number[]

beforeAll(async () => {
  world = await serverWorld({ project: 'bots', people: { lee: { role: 'developer', email: 'lee@example.com' }, vera: { role: 'viewer', email: 'vera@example.com' }, bill: { role: 'billing', email: 'bill@example.com' }, dana: { role: 'admin', email: 'dana@example.com' } } })
  const owner = await ownerOf(world)
  viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
  billing = await invited(world, owner, { name: 'bill', role: 'billing', project: 'bots' })
  developer = await invited(world, owner, { name: 'lee', role: 'developer', project: 'bots' })
  ids = await record(world.store, [
    recordedAlert({ key: 'failed' }),
    recordedAlert({ key: 'budget', rule: 'budgets', kind: 'cost', message: 'budget.crossed', sessionId: 'other', params: { budget: 'team-month', percent: 80, spentUsd: 402, amountUsd: 500 }, evidence: { atMs: recordedMs } }),
  ])
  await world.store.transaction(async (tx) => {
    const [failed = 0] = ids
    await tx.applySessions([{ project: 'bots', sessionId: 'failed', firstAtMs: recordedMs, lastAtMs: recordedMs, calls: 3, errors: 1, costNanoUsd: 420_000_000, unpriced: 0, agent: 'refund-bot', user: 'u-17', end: { atMs: recordedMs, state: 'fail', reason: 'said something private' } }])
    await tx.enqueue([
      recordedNotification(failed, { recipient: { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' } }),
      recordedNotification(failed),
    ])
    await tx.recordDecisions([{ alert: failed, person: 'dana', channel: 'mail', reason: 'refused.bad_address', params: { address: 'dana@example.com', provider: 'smtp', code: '550' }, atMs: recordedMs, count: 1 }])
  })
})
afterAll(() => world.dispose())

const items = async (who: Visitor, path: string): Promise<readonly { readonly [name: string]: unknown }[]> => {
  const { status, json, text } = await who.call('GET', path)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return (json as { readonly items: readonly { readonly [name: string]: unknown }[] }).items
}

test('a viewer sees that a session failed, and neither what it cost, nor what was said, nor for whom it ran', async () => {
  const [failed = 0, budget = 0] = ids
  expect((await items(viewer, '/api/v1/alerts')).map(({ id }) => id)).toEqual([`alt_${failed}`])
  const whole = await viewer.call('GET', `/api/v1/alerts/alt_${failed}`)
  expect(whole.text).toContain('Session failed')
  for (const hidden of ['0.42', 'secret plan', 'dana@example.com', 'costUsd']) expect([hidden, whole.text.includes(hidden)]).toEqual([hidden, false])
  expect((await viewer.call('GET', `/api/v1/alerts/alt_${budget}`)).status).toBe(404)
  const session = await viewer.call('GET', '/api/v1/sessions/failed')
  expect(session.status).toBe(200)
  for (const hidden of ['u-17', 'costNanoUsd', 'private', '0.42']) expect([hidden, session.text.includes(hidden)]).toEqual([hidden, false])
  for (const query of ['sort=cost', 'minCostUsd=1', 'user=u-17']) expect((await viewer.call('GET', `/api/v1/sessions?${query}`)).status).toBe(403)
  expect((await viewer.call('GET', '/api/v1/overview')).text).not.toContain('nanoUsd')
  expect((await viewer.call('POST', `/api/v1/alerts/alt_${failed}/acknowledge`, { body: {} })).status).toBe(403)
})

test('billing sees what costs, acts on it alone, and cannot tell that there is anything else', async () => {
  const [failed = 0, budget = 0] = ids
  expect((await items(billing, '/api/v1/alerts')).map(({ id }) => id)).toEqual([`alt_${budget}`])
  expect(await items(billing, '/api/v1/alerts?kind=session')).toEqual([])
  expect(await items(billing, '/api/v1/decisions')).toEqual([])
  expect((await billing.call('GET', '/api/v1/overview')).json).toMatchObject({ open: 1, sentence: expect.stringContaining('1 alert needs you') as string })
  expect((await billing.call('GET', '/api/v1/sessions')).status).toBe(403)
  expect((await billing.call('POST', `/api/v1/alerts/alt_${failed}/acknowledge`, { body: {} })).status).toBe(404)
  expect((await billing.call('POST', '/api/v1/alerts/actions', { body: { action: 'acknowledge', alerts: [`alt_${failed}`, `alt_${budget}`] } })).json).toMatchObject({ results: [{ result: 'unknown' }, { result: 'done' }] })
  expect((await billing.call('GET', `/api/v1/alerts/alt_${budget}`)).json).toMatchObject({ taken: { by: 'bill' }, actions: [{ action: 'acknowledge', by: 'bill', via: 'dashboard' }] })
})

test('everybody sees the messages they were sent, and those of others only who may', async () => {
  expect((await items(developer, '/api/v1/notifications')).map(({ person }) => person)).toEqual(['lee'])
  expect((await developer.call('GET', '/api/v1/deliveries?person=dana')).status).toBe(403)
  const [own] = await items(developer, '/api/v1/deliveries')
  expect(own).toMatchObject({ person: 'lee', address: 'lee@example.com' })
  // By name, as the decisions say it: what they were sent is not for others.
  const whole = await developer.call('GET', `/api/v1/alerts/alt_${ids[0]}`)
  expect(whole.json).toMatchObject({ answer: [expect.stringContaining('dana by inbox') as string], deliveries: [{ person: 'lee' }] })
  expect(whole.text).not.toContain('dana@example.com')
  const others = Number(String(own?.['id']).slice(4)) + 1
  expect((await developer.call('GET', `/api/v1/deliveries/dlv_${others}`)).status).toBe(404)
  expect(await items(viewer, '/api/v1/notifications')).toEqual([])
})

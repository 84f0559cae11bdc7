import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf } from '../testing/visitor.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

const people = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' } } as const

test('a rule that is not saved is tried over the events on record, and sends and changes nothing', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ to: ['dana', 'lee'], via: ['kept'] }] })
  const { call, ingestKey, store } = world
  const key = await world.makeKey('manage')
  const atMs = Date.now() - 60_000
  const events = ['one', 'two', 'three'].map((id, index) => ({ type: 'custom', id, atMs: atMs + index * 1_000, tags: { team: index === 0 ? 'a' : 'b' } }))
  await call('POST', '/api/v1/events', { key: ingestKey, body: { events } })
  const before = await store.read.alerts({ limit: 10 })
  const definition = { on: 'custom', when: "event.tags.team == 'b'", severity: 'high', groupBy: ['id'] }
  const tried = await call('POST', '/api/v1/backtests', { key, body: { definition, since: '1h' } })
  expect(tried.json).toMatchObject({ events: 3, alertsTotal: 2, alerts: [{ severity: 'high' }, { severity: 'high' }] })
  const { messages } = tried.json as { readonly messages: readonly { readonly person: string }[] }
  expect(messages.length).toBeGreaterThan(0)
  expect([await store.read.alerts({ limit: 10 }), (await call('GET', '/api/v1/rules', { key })).json]).toEqual([before, { items: [] }])
  const wrong = await call('POST', '/api/v1/backtests', { key, body: { definition: { ...definition, when: 'event.' }, since: '1h' } })
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('/definition/when')])
  for (const body of [{}, { rule: 'nothing-like-it' }, { rule: 'model-failed', since: 'for ever' }]) expect((await call('POST', '/api/v1/backtests', { key, body })).status).toBe(422)
}, 15_000)

test('whoever is told of costs only tries rules about costs only', async () => {
  world = await serverWorld({ people, budgets: { team: { amountUsd: 5 } } })
  const owner = await ownerOf(world)
  const billing = await invited(world, owner, { name: 'Bill', role: 'billing', project: 'default' })
  const status = async (body: unknown): Promise<number> => (await billing.call('POST', '/api/v1/backtests', { body })).status
  expect([await status({ rule: 'team' }), await status({ rule: 'model-failed' }), await status({ definition: { on: 'custom' } }), await status({ definitionOf: 'budget', definition: { amountUsd: 3 } })]).toEqual([200, 403, 403, 200])
}, 15_000)

test('a definition under the name of a saved rule is drawn, and held against what is saved', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ to: ['dana'], via: ['kept'] }], rules: { often: { on: 'custom', measure: 'count', above: 1, window: '10m' } }, budgets: { team: { amountUsd: 10, period: 'day' } } })
  const { call, ingestKey } = world
  const key = await world.makeKey('manage')
  const now = Date.now()
  const events = Array.from({ length: 8 }, (_, index) => ({ type: 'custom', id: `e${index}`, atMs: now - 1_800_000 + index * 60_000 }))
  const paid = { type: 'llm.call', id: 'paid', atMs: now - 1_200_000, status: 'ok', llm: { provider: 'openai', model: 'gpt-5', costNanoUsd: 4_000_000_000, costSource: 'reported' } }
  expect((await call('POST', '/api/v1/events', { key: ingestKey, body: { events: [...events, paid] } })).status).toBe(200)
  const tried = await call('POST', '/api/v1/backtests', { key, body: { rule: 'often', definition: { on: 'custom', measure: 'count', above: 50, window: '10m' }, since: '1h' } })
  expect([tried.status, tried.json]).toMatchObject([200, {
    rule: 'often', alertsTotal: 0, messagesTotal: 0, saved: { alertsTotal: 1 }, marks: [], markTotals: { told: 0, merged: 0, held: 0 }, daysOfData: 0,
    chart: { kind: 'threshold', unit: 'plain', stepMs: 60_000, thresholds: [{ value: 50, isBelow: false, until: 45 }], series: [{ points: expect.arrayContaining([{ atMs: expect.any(Number) as number, value: 8 }]) as unknown }] },
  }])
  const saved = await call('POST', '/api/v1/backtests', { key, body: { rule: 'often', since: '1h' } })
  expect(saved.json).toMatchObject({ alertsTotal: 1, marks: expect.arrayContaining([expect.objectContaining({ kind: 'told', channel: 'kept', alerts: [0] })]) as unknown })
  expect(saved.json).not.toHaveProperty('saved')
  const budget = await call('POST', '/api/v1/backtests', { key, body: { rule: 'team', definitionOf: 'budget', definition: { amountUsd: 5, period: 'day', thresholds: [0.5] }, since: '1h' } })
  expect([budget.status, budget.json]).toMatchObject([200, { alertsTotal: 1, saved: { alertsTotal: 0 }, chart: { kind: 'budget', unit: 'usd', thresholds: [{ share: 0.5, value: 2.5 }] } }])
  const wrong = await call('POST', '/api/v1/backtests', { key, body: { definitionOf: 'budget', definition: { amountUsd: -5 }, since: '1h' } })
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('/definition/amountUsd')])
}, 30_000)

test('for one person it counts what comes on channels of everybody, in the language that is asked for; where nothing is left it is 0, and before the first event nothing', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, routes: [{ to: ['dana', 'lee'], via: ['kept'] }], rules: { often: { on: 'custom', measure: 'count', above: 1, window: '10m' } } })
  const { call, ingestKey } = world
  const key = await world.makeKey('manage')
  const now = Date.now()
  const events = [90, 89, 20].map((minutes) => ({ type: 'custom', id: `e${minutes}`, atMs: now - minutes * 60_000 }))
  expect((await call('POST', '/api/v1/events', { key: ingestKey, body: { events } })).status).toBe(200)
  const { json } = await call('POST', '/api/v1/backtests', { key, body: { rule: 'often', since: '3h', person: 'dana', locale: 'zh-CN' } })
  const { messages, messagesTotal, marks, markTotals, alerts, chart } = json as { readonly messages: readonly { readonly person: string }[]; readonly messagesTotal: number; readonly marks: readonly { readonly kind: string; readonly person: string }[]; readonly markTotals: { readonly told: number; readonly merged: number }; readonly alerts: readonly { readonly title: string }[]; readonly chart: { readonly series: readonly { readonly points: readonly { readonly atMs: number; readonly value: number }[] }[] } }
  expect(messages.map(({ person }) => person)).toEqual(['*'])
  expect(messagesTotal).toBe(markTotals.told)
  expect(messagesTotal).toBeGreaterThan(0)
  expect(marks.filter(({ person }) => person === 'lee')).toEqual([])
  expect(alerts[0]?.title).toMatch(/[\u4e00-\u9fff]/)
  const points = chart.series[0]?.points ?? []
  expect(points.filter(({ atMs }) => atMs < now - 92 * 60_000)).toEqual([])
  expect(points.filter(({ atMs }) => atMs > now - 70 * 60_000 && atMs < now - 30 * 60_000).map(({ value }) => value)).toEqual(expect.arrayContaining([0, 0, 0]))
  expect(Math.max(...points.map(({ value }) => value))).toBe(2)
}, 30_000)

test('what nobody waits for any more ends, and makes room for the next', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } }, rules: { often: { on: 'custom', measure: 'count', above: 1, window: '10m' } } })
  const { call, ingestKey, url } = world
  const key = await world.makeKey('manage')
  const now = Date.now()
  const events = Array.from({ length: 250 }, (_, index) => ({ type: 'custom', id: `e${index}`, atMs: now - (index + 1) * 2_400_000 }))
  expect((await call('POST', '/api/v1/events', { key: ingestKey, body: { events } })).status).toBe(200)
  const beganMs = performance.now()
  expect((await call('POST', '/api/v1/backtests', { key, body: { rule: 'often' } })).status).toBe(200)
  const wholeMs = performance.now() - beganMs
  const leave = new AbortController()
  const left = [1, 2].map(async () => fetch(`${url}/api/v1/backtests`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ rule: 'often' }), signal: leave.signal }))
  const quick = async (): Promise<number> => (await call('POST', '/api/v1/backtests', { key, body: { rule: 'often', since: '1s' } })).status
  await expect.poll(quick, { timeout: wholeMs }).toBe(429)
  leave.abort()
  await Promise.allSettled(left)
  const leftMs = performance.now()
  await expect.poll(quick, { timeout: 10_000, interval: 20 }).toBe(200)
  expect(performance.now() - leftMs).toBeLessThan(wholeMs / 2)
}, 60_000)

import { afterAll, beforeAll, expect, test } from 'vitest'
import { newSeries, seriesText } from '../../../../core/src/rules/unusual/series.ts'
import { record, recordedAlert, recordedMs, recordedNotification } from '../../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'

let world: ServerWorld
let read: string
let manage: string
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', people: { dana: { role: 'admin', email: 'dana@example.com' } } })
  read = await world.makeKey('read')
  manage = await world.makeKey('manage')
})
afterAll(() => world.dispose())

interface Page {
  readonly items: readonly { readonly id: string; readonly [name: string]: unknown }[]
  readonly next?: string
}

const get = (path: string, key = read, headers: Readonly<Record<string, string>> = {}) => world.call('GET', path, { key, headers })
async function page(path: string, key = read): Promise<Page> {
  const { status, json, text } = await get(path, key)
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json as Page
}

test('an alert names those that were like it, and how they ended', async () => {
  const atMs = Date.now() - 60_000
  const fixed = { rule: 'likely', agent: 'liked' }
  const [byItself = 0] = await record(world.store, [recordedAlert({ key: 'again', ...fixed, openedAtMs: atMs - 5_000 })])
  await world.store.transaction((tx) => tx.updateAlerts([{ id: byItself, addCount: 0, updatedAtMs: atMs, state: 'resolved', resolvedAtMs: atMs - 4_000 }]))
  const [byHand = 0] = await record(world.store, [recordedAlert({ key: 'again', ...fixed, openedAtMs: atMs - 3_000 })])
  expect((await world.call('POST', `/api/v1/alerts/alt_${byHand}/resolve`, { key: manage, body: {} })).status).toBe(200)
  const [other = 0, now = 0] = await record(world.store, [recordedAlert({ key: 'elsewhere', ...fixed, openedAtMs: atMs - 2_000 }), recordedAlert({ key: 'again', ...fixed, openedAtMs: atMs })])
  const { similar } = (await get(`/api/v1/alerts/alt_${now}`)).json as { readonly similar: unknown }
  expect(similar).toEqual([
    { id: `alt_${byHand}`, title: expect.stringContaining('refund-bot') as string, sameKey: true, openedAtMs: atMs - 3_000, count: 1, ended: { how: 'by-somebody', atMs: expect.any(Number) as number, by: expect.any(String) as string } },
    { id: `alt_${byItself}`, title: expect.any(String) as string, sameKey: true, openedAtMs: atMs - 5_000, count: 1, ended: { how: 'by-itself', atMs: atMs - 4_000 } },
    { id: `alt_${other}`, title: expect.any(String) as string, sameKey: false, openedAtMs: atMs - 2_000, count: 1 },
  ])
})

test('pages hold every alert once and in order, while new ones arrive', async () => {
  const ids = await record(world.store, Array.from({ length: 23 }, (_, index) => recordedAlert({ key: `p${index}`, rule: 'paged', openedAtMs: recordedMs + Math.floor(index / 3) })))
  const found: string[] = []
  let cursor = ''
  for (let pages = 0; pages < 20; pages += 1) {
    const { items, next } = await page(`/api/v1/alerts?rule=paged&limit=5${cursor}`)
    found.push(...items.map(({ id }) => id))
    if (next === undefined) break
    cursor = `&cursor=${next}`
    await record(world.store, [recordedAlert({ key: `later${pages}`, rule: 'paged', openedAtMs: recordedMs + 1_000 + pages })])
  }
  expect(found).toEqual(ids.toReversed().map((id) => `alt_${id}`))
})

test('filters pass what they name; a filter, value or cursor that is none is refused with its place', async () => {
  await record(world.store, [recordedAlert({ key: 'f1', rule: 'filtered', severity: 'critical', agent: 'one' }), recordedAlert({ key: 'f2', rule: 'filtered', kind: 'tool', agent: 'two' })])
  const keys = async (query: string) => (await page(`/api/v1/alerts?rule=filtered&${query}`)).items.map(({ key }) => key)
  expect(await keys('severity=critical,warning')).toEqual(['f1'])
  expect(await keys('kind=tool&kind=cost')).toEqual(['f2'])
  expect(await keys('agent=two&state=firing')).toEqual(['f2'])
  expect(await keys('state=resolved')).toEqual([])
  expect(await keys('session=f1')).toEqual(['f1'])
  for (const [query, pointer] of [['colour=red', ''], ['state=gone', 'state'], ['limit=0', 'limit'], ['limit=201', 'limit'], ['cursor=abc', 'cursor'], ['since=yesterday', 'since'], ['parent=51', 'parent']] as const) {
    const refused = await get(`/api/v1/alerts?${query}`)
    expect([query, refused.status]).toEqual([query, 422])
    expect(refused.text).toContain(pointer)
  }
  expect((await get(`/api/v1/sessions?cursor=${(await page('/api/v1/alerts?limit=1')).next ?? ''}`)).status).toBe(422)
})

test('a title is found as the reader sees it, and what a role may not see is not found by it', async () => {
  await record(world.store, [recordedAlert({ key: 'titled', rule: 'titled', params: { agent: 'zebra-bot', session: 's', causeKind: 'llm.call', causeClass: 'quota', causeName: 'gpt-5' } })])
  expect((await page('/api/v1/alerts?text=ZEBRA')).items).toHaveLength(1)
  expect((await page('/api/v1/alerts?text=giraffe')).items).toHaveLength(0)
})

test('one alert says why in the language asked for, who was told and why, and what may be done', async () => {
  const [id = 0, child = 0] = await record(world.store, [recordedAlert({ key: 'one', rule: 'one' }), recordedAlert({ key: 'two', rule: 'one' })])
  await world.store.transaction(async (tx) => {
    await tx.updateAlerts([{ id: child, addCount: 0, updatedAtMs: recordedMs, parent: id }])
    await tx.recordDecisions([{ alert: id, person: 'lee', channel: '*', reason: 'refused.role', params: { role: 'billing' }, atMs: recordedMs, count: 1 }])
    await tx.enqueue([recordedNotification(id)])
  })
  const english = await get(`/api/v1/alerts/alt_${id}`)
  expect(english.json).toMatchObject({
    id: `alt_${id}`, parts: 1, children: [{ id: `alt_${child}`, parent: `alt_${id}` }], decisions: [{ person: 'lee', reason: 'refused.role', sentence: expect.stringContaining('does not receive') as string }], may: [],
    answer: ['Waiting: dana by inbox.', 'Not told: lee.'],
  })
  expect(english.text).toContain('quota')
  // A key that only reads is nobody's, and was sent nothing.
  expect(english.json).toMatchObject({ deliveries: [] })
  const chinese = await get(`/api/v1/alerts/alt_${id}`, manage, { 'accept-language': 'fr;q=0.9, zh-CN;q=0.8' })
  expect(chinese.json).toMatchObject({ words: { severity: '重要' }, deliveries: [{ person: 'dana', verdict: '等待中' }], may: expect.arrayContaining(['acknowledge']) as string[] })
  expect((await get(`/api/v1/alerts/alt_${id}?locale=zh-CN`, read, { 'accept-language': 'en' })).json).toMatchObject({ words: { severity: '重要' } })
  const etag = english.headers.get('etag') ?? ''
  expect((await get(`/api/v1/alerts/alt_${id}`, read, { 'if-none-match': etag })).status).toBe(304)
  await world.store.transaction((tx) => tx.updateAlerts([{ id, addCount: 1, updatedAtMs: recordedMs + 5 }]))
  expect((await get(`/api/v1/alerts/alt_${id}`, read, { 'if-none-match': etag })).status).toBe(200)
})

test('the list names what is part of nothing alone, where that is asked, and counts whom each was told', async () => {
  const [id = 0, child = 0] = await record(world.store, [recordedAlert({ key: 'above', rule: 'above' }), recordedAlert({ key: 'below', rule: 'above' })])
  await world.store.transaction(async (tx) => {
    await tx.updateAlerts([{ id: child, addCount: 0, updatedAtMs: recordedMs, parent: id }])
    await tx.enqueue([recordedNotification(id)])
  })
  expect((await page('/api/v1/alerts?rule=above')).items).toMatchObject([{ id: `alt_${child}`, told: { sent: 0, waiting: 0 } }, { id: `alt_${id}`, parts: 1, told: { sent: 0, waiting: 1 } }])
  expect((await page('/api/v1/alerts?rule=above&parent=none')).items.map((one) => one.id)).toEqual([`alt_${id}`])
})

test('what is of another project, or of a kind the role does not receive, is not there', async () => {
  const [theirs = 0, system = 0] = await record(world.store, [recordedAlert({ key: 'x', project: 'other' }), recordedAlert({ key: 'sys', kind: 'system', rule: 'walls' })])
  expect((await get(`/api/v1/alerts/alt_${theirs}`)).status).toBe(404)
  expect((await get(`/api/v1/alerts/alt_${theirs}`, manage)).status).toBe(404)
  // A key that reads looks as a developer does, who hears nothing about the product itself.
  expect((await get(`/api/v1/alerts/alt_${system}`)).status).toBe(404)
  expect((await get(`/api/v1/alerts/alt_${system}`, manage)).status).toBe(200)
  expect((await page('/api/v1/alerts?rule=walls')).items).toEqual([])
  expect((await page('/api/v1/alerts?rule=walls&kind=system')).items).toEqual([])
  expect((await page('/api/v1/alerts?rule=walls', manage)).items).toHaveLength(1)
  const ingest = await get('/api/v1/alerts', world.ingestKey)
  expect(ingest.status).toBe(403)
})

test('what people do is done once, is on record with who did it, and nobody does it who may not', async () => {
  const [id = 0, news = 0, theirs = 0] = await record(world.store, [recordedAlert({ key: 'act', rule: 'acts' }), recordedAlert({ key: 'act2', rule: 'acts', ends: 'at-once' }), recordedAlert({ key: 'act3', project: 'other' })])
  const post = (path: string, body?: unknown, key = manage) => world.call('POST', path, { key, ...(body !== undefined && { body }) })
  expect((await post(`/api/v1/alerts/alt_${id}/acknowledge`)).json).toEqual({ alert: `alt_${id}`, result: 'done' })
  expect((await post(`/api/v1/alerts/alt_${id}/acknowledge`)).json).toMatchObject({ result: 'already', by: 'test manage' })
  expect((await page('/api/v1/alerts?rule=acts&state=acknowledged')).items.map((one) => one.id)).toEqual([`alt_${id}`])
  expect((await post(`/api/v1/alerts/alt_${id}/snooze`, { forMs: 600_000 })).json).toMatchObject({ result: 'done', untilMs: expect.any(Number) as number })
  expect((await post(`/api/v1/alerts/alt_${theirs}/resolve`)).status).toBe(404)
  expect((await post('/api/v1/alerts/alt_999999/resolve')).status).toBe(404)
  expect((await post(`/api/v1/alerts/alt_${id}/resolve`, undefined, read)).status).toBe(403)
  const bulk = await post('/api/v1/alerts/actions', { action: 'resolve', alerts: [`alt_${id}`, `alt_${news}`, `alt_${theirs}`] })
  expect(bulk.json).toMatchObject({ results: [{ alert: `alt_${id}`, result: 'done' }, { alert: `alt_${news}`, result: 'over' }, { alert: `alt_${theirs}`, result: 'unknown' }] })
  expect((await get(`/api/v1/alerts/alt_${id}`)).json).toMatchObject({ state: 'resolved', actions: [{ action: 'acknowledge', by: 'test manage', via: 'api' }, { action: 'snooze' }, { action: 'resolve' }] })
  expect((await post('/api/v1/alerts/actions', { action: 'delete', alerts: ['alt_1'] })).status).toBe(422)
  const audit = await get('/api/v1/audit', manage)
  expect((audit.json as { readonly items: readonly { readonly action: string; readonly target: string }[] }).items.filter(({ target }) => target === `alt_${id}`).map(({ action }) => action).toSorted()).toEqual(['alerts.acknowledge', 'alerts.resolve', 'alerts.snooze'])
})

test('what was said is taken back, and of a rule that learns it is said whether its alarm was useful', async () => {
  const [id = 0, plain = 0] = await record(world.store, [recordedAlert({ key: 'odd', rule: 'learning', message: 'rule.anomaly', evidence: { unit: 'ms', kind: 'max', everyMs: 60_000 } }), recordedAlert({ key: 'even', rule: 'learning' })])
  await world.store.transaction((tx) => tx.putRuleStates([{ project: 'bots', rule: 'learning', key: 'odd', value: seriesText({ ...newSeries('', [], 1, recordedMs), toldScore: 4 }), atMs: recordedMs }]))
  const post = async (action: string, alert = id): Promise<unknown> => (await world.call('POST', `/api/v1/alerts/alt_${alert}/${action}`, { key: manage })).json
  const said = async (alert = id): Promise<unknown> => (await get(`/api/v1/alerts/alt_${alert}`, manage)).json
  expect(await said()).toMatchObject({ learns: true, may: expect.arrayContaining(['not-useful', 'useful']) as unknown })
  expect([await post('not-useful'), await post('not-useful')]).toMatchObject([{ result: 'done' }, { result: 'already', by: 'test manage' }])
  expect([await post('useful'), await post('useful')]).toMatchObject([{ result: 'done' }, { result: 'already' }])
  expect([await post('snooze'), await post('unsnooze'), await post('expected'), await post('unexpected')]).toMatchObject([{ result: 'done' }, { result: 'done' }, { result: 'done' }, { result: 'done' }])
  expect(await said()).toMatchObject({ state: 'firing', actions: ['not-useful', 'useful', 'snooze', 'unsnooze', 'expected', 'unexpected'].map((action) => ({ action, sentence: expect.stringContaining('test manage') as string })) })
  const { items } = (await get('/api/v1/audit?limit=20', manage)).json as { readonly items: readonly { readonly action: string; readonly target: string }[] }
  expect(items.filter(({ target }) => target === `alt_${id}`).map(({ action }) => action)).toEqual(['alerts.unexpected', 'alerts.expected', 'alerts.unsnooze', 'alerts.snooze', 'alerts.useful', 'alerts.not-useful'])
  // One that learns nothing says so, and does not offer it.
  expect(await post('not-useful', plain)).toMatchObject({ result: 'not-learning' })
  expect(await said(plain)).toMatchObject({ learns: false, may: expect.not.arrayContaining(['not-useful']) as unknown })
})

test('deliveries and notifications show what each was about, to those who may see what anybody was sent', async () => {
  const [alert = 0] = await record(world.store, [recordedAlert({ key: 'told', rule: 'told' })])
  const made = await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert), recordedNotification(alert, { channel: 'mail', recipient: { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' } })]))
  const id = `dlv_${made[1]?.delivery ?? 0}`
  expect((await page(`/api/v1/deliveries?alert=alt_${alert}&person=lee`, manage)).items).toMatchObject([{ id, person: 'lee', address: 'lee@example.com', state: 'waiting', alerts: [`alt_${alert}`], title: expect.stringContaining('refund-bot') as string }])
  expect((await page(`/api/v1/notifications?channel=inbox&alert=alt_${alert}`, manage)).items).toMatchObject([{ person: 'dana', attempts: 0 }])
  expect((await get(`/api/v1/deliveries/${id}`, manage)).json).toMatchObject({ id, carries: [{ id: `alt_${alert}` }] })
  expect((await get('/api/v1/deliveries')).status).toBe(403)
  expect((await get(`/api/v1/deliveries/${id}`)).status).toBe(404)
  expect((await page('/api/v1/decisions?limit=1', manage)).items).toHaveLength(1)
})

test('an event becomes a session with its steps in order, its first cause, and what it cost', async () => {
  const atMs = Date.now() - 10_000
  const call = (id: string, after: number, more: object = {}) => ({ type: 'llm.call', id, atMs: atMs + after, durationMs: 5, sessionId: 'whole', agent: 'payer', status: 'ok', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 1_000, outputTokens: 100 }, ...more })
  const sent = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [
    { type: 'session.start', id: 'w0', atMs, sessionId: 'whole', agent: 'payer', user: 'u-17' }, call('w1', 10), call('w2', 20, { status: 'error', error: { class: 'quota', message: 'used up', statusCode: 429 } }),
    { type: 'session.end', id: 'w3', atMs: atMs + 30, sessionId: 'whole', agent: 'payer', status: 'error', endState: 'fail', endReason: 'no answer' },
  ] } })
  expect(sent.status).toBe(200)
  const session = await get('/api/v1/sessions/whole')
  expect(session.json).toMatchObject({ id: 'whole', state: 'fail', calls: 2, errors: expect.any(Number) as number, steps: [{ id: 'w0' }, { id: 'w1' }, { id: 'w2', isCause: true }, { id: 'w3' }], cause: { eventId: 'w2', class: 'quota' } })
  expect(session.text).not.toContain('u-17')
  expect((await get('/api/v1/sessions/whole', manage)).json).toMatchObject({ user: 'u-17', costNanoUsd: expect.any(Number) as number })
  expect((await page('/api/v1/sessions?agent=payer&state=fail')).items.map(({ id }) => id)).toEqual(['whole'])
  expect((await page('/api/v1/sessions?sort=cost&limit=1')).items.map(({ id }) => id)).toEqual(['whole'])
  expect((await get('/api/v1/sessions?user=u-17')).status).toBe(403)
  expect((await page('/api/v1/events?session=whole&limit=3')).items.map(({ id }) => id)).toEqual(['w0', 'w1', 'w2'])
  expect((await page('/api/v1/events?type=session.end,session.start')).items.map(({ id }) => id)).toEqual(['w3', 'w0'])
  expect((await get('/api/v1/sessions/unheard')).status).toBe(404)
  const overview = await get('/api/v1/overview', manage)
  expect(overview.json).toMatchObject({ spend: { calls: 2 }, sessions: { fail: 1 }, failures: [{ class: 'quota', count: 1 }], channels: [{ name: 'console' }, { name: 'inbox' }] })
  expect(overview.json).toMatchObject({ sentence: expect.stringMatching(/alerts? needs? you\. \$/) as string })
  expect((await get('/api/v1/overview?locale=zh-CN')).text).toContain('条告警待处理')
})

test('the report of a day is counted for the role of whoever reads', async () => {
  const tomorrow = Date.now() + 86_400_000
  const { json } = await get(`/api/v1/reports/day?until=${tomorrow}`)
  expect(json).toMatchObject({ report: { every: 'day', spend: { calls: expect.any(Number) as number } }, lines: expect.arrayContaining([expect.stringContaining('payer')]) as string[] })
  expect((await get('/api/v1/reports/month')).status).toBe(404)
})

test('every list is in the description of the API, with its filters', async () => {
  const { json } = await world.call('GET', '/openapi.json', { key: read })
  const { paths } = json as { readonly paths: Readonly<Record<string, { readonly get?: { readonly operationId?: string; readonly parameters?: readonly { readonly name: string }[] } }>> }
  expect(paths['/api/v1/alerts']?.get).toMatchObject({ operationId: 'listAlerts' })
  expect(paths['/api/v1/alerts']?.get?.parameters?.map(({ name }) => name)).toEqual(expect.arrayContaining(['cursor', 'limit', 'state', 'kind', 'severity', 'rule', 'agent', 'session', 'parent', 'since', 'until', 'text']))
  for (const path of ['/api/v1/alerts/{id}', '/api/v1/deliveries', '/api/v1/notifications', '/api/v1/sessions/{id}', '/api/v1/decisions', '/api/v1/reports/day', '/api/v1/overview', '/api/v1/events', '/api/v1/stream']) expect([path, paths[path]?.get?.operationId]).toEqual([path, expect.any(String)])
})

test('an alert that a newer version wrote is listed by its rule, and hides no other', async () => {
  // Reason for the cast: this version has no such message.
  const [id = 0] = await record(world.store, [recordedAlert({ key: 'newer', rule: 'of-tomorrow', message: 'agent.dreams' as 'custom' })])
  expect((await page('/api/v1/alerts?limit=200')).items.find((one) => one.id === `alt_${id}`)).toMatchObject({ title: 'of-tomorrow' })
  expect((await get(`/api/v1/alerts/alt_${id}`)).json).toMatchObject({ title: 'of-tomorrow', words: { sentences: [] } })
})

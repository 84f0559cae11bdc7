import { expect, test } from 'vitest'
import { roles, type Alert, type DeliveryRecord, type Event, type Session } from 'tocsin/engine'
import { shownAlert, shownDecision, shownDelivery, shownEvent, shownKinds, shownSession } from './shown-to.ts'

const atMs = 1_790_000_000_000
const failed: Alert = {
  id: 51, project: 'bots', state: 'firing', count: 1, openedAtMs: atMs, updatedAtMs: atMs, rule: 'session-failed', key: 's_1', kind: 'session', severity: 'high',
  message: 'session.failed', params: { agent: 'refund-bot', session: 's_1', at: atMs, costUsd: 0.42, causeMessage: 'no order 77 of Ms Ito', endReason: 'gave up on Ms Ito' },
  ends: 'quiet', quietMs: 60_000, evidence: { session: 's_1', costNanoUsd: 420_000_000, newFact: 'Ms Ito' }, sessionId: 's_1', agent: 'refund-bot', pattern: 'x',
}
const budget: Alert = {
  ...failed, id: 52, kind: 'cost', rule: 'team', key: 'user|ito', message: 'budget.crossed', params: { budget: 'team', scopeUser: 'ito', percent: 80, spentUsd: 402.1, amountUsd: 500 },
  evidence: { spentNanoUsd: 402_100_000_000, threshold: 0.8, lastEvent: 'e1' },
}
const spend: Alert = { ...budget, id: 53, message: 'cost.anomaly', params: { rule: 'spend', valueUsd: 9, madeUser: 'ito' }, evidence: { value: 9, score: 4, difference1: 'user ito: 1 to 9' } }
const session: Session = {
  project: 'bots', sessionId: 's_1', state: 'fail', agent: 'refund-bot', user: 'ito', firstAtMs: atMs, lastAtMs: atMs, endReason: 'gave up on Ms Ito', calls: 3, errors: 1, costNanoUsd: 42, unpriced: 1,
  firstFailure: { eventId: 'e1', atMs, step: 2, type: 'llm.call', name: 'gpt-5', class: 'quota', message: 'Ms Ito' }, walk: 'kept',
}
const event: Event = {
  id: 'e1', project: 'bots', type: 'llm.call', source: 'native', atMs, durationMs: 5, tags: {}, status: 'error', user: 'ito', excerpt: 'Dear Ms Ito', detail: { prompt: 'Ms Ito' }, error: { class: 'quota', message: 'Ms Ito', code: 'q' },
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 7, costNanoUsd: 42, costSource: 'priced' }, announcement: { title: 'x', severity: 'high', direct: { channel: 'sms', address: '+1555' } },
}
const delivery: DeliveryRecord = { id: 12, notification: 1, channel: 'mail', person: 'lee', address: 'lee@example.com', route: '1', news: 'firing', priority: 1, state: 'done', createdAtMs: atMs, dueMs: atMs, alerts: [51], attempts: [] }

test('an owner and an admin see all of it, but what the engine keeps for itself', () => {
  for (const role of ['owner', 'admin'] as const) {
    const { pattern: _pattern, ...rest } = failed
    expect(shownAlert(role, failed)).toEqual(rest)
    expect(shownSession(role, session)).toEqual({ ...session, walk: undefined })
    expect(shownEvent(role, event)).toEqual(event)
    expect(shownDelivery(role, delivery)).toEqual(delivery)
  }
})

test('a developer sees content and cost, and of nobody who it was', () => {
  expect(shownAlert('developer', failed)?.params).toEqual(failed.params)
  const crossed = shownAlert('developer', budget)
  expect(crossed?.params).toEqual({ budget: 'team', percent: 80, spentUsd: 402.1, amountUsd: 500 })
  expect(crossed).not.toHaveProperty('key')
  expect(shownAlert('developer', spend)?.evidence).toEqual({ value: 9, score: 4 })
  expect([JSON.stringify(shownSession('developer', session)), JSON.stringify(shownEvent('developer', event))].join()).not.toMatch(/"ito"|\+1555/)
  expect(shownSession('developer', session)).toMatchObject({ endReason: 'gave up on Ms Ito', costNanoUsd: 42 })
})

test('a viewer sees no content, no money and nobody, and of money alerts not that there are any', () => {
  const shown = [shownAlert('viewer', failed), shownSession('viewer', session), shownEvent('viewer', event)]
  expect(JSON.stringify(shown)).not.toMatch(/Ito|ito|0\.42|42|\+1555/)
  expect(shown[0]).toMatchObject({ id: 51, params: { agent: 'refund-bot', session: 's_1', at: atMs }, evidence: { session: 's_1' } })
  expect(shown[1]).toMatchObject({ calls: 3, firstFailure: { name: 'gpt-5', class: 'quota', message: '' } })
  expect(shown[2]).toMatchObject({ llm: { model: 'gpt-5', inputTokens: 7 }, error: { class: 'quota', code: 'q' } })
  expect(shownAlert('viewer', budget)).toBeUndefined()
  expect(shownKinds('viewer')).not.toContain('cost')
})

test('billing sees money and no session', () => {
  expect(shownAlert('billing', budget)?.params).toMatchObject({ spentUsd: 402.1 })
  expect(shownAlert('billing', failed)).toBeUndefined()
  expect([shownSession('billing', session), shownEvent('billing', event)]).toEqual([undefined, undefined])
  expect(shownKinds('billing')).toEqual(['cost'])
})

test('everybody sees what they were sent, and only who may read messages sees those of others', () => {
  for (const role of roles) {
    expect(shownDelivery(role, delivery, 'lee')).toEqual(delivery)
    expect(shownDelivery(role, delivery, 'dana') !== undefined).toBe(role === 'owner' || role === 'admin')
    // Who is nobody in the configuration owns no message, not even one to nobody.
    expect(shownDelivery(role, { ...delivery, person: '' }) !== undefined).toBe(role === 'owner' || role === 'admin')
  }
})

test('why somebody was told goes without their address, and is not there for who may not see the alert', () => {
  const decision = { alert: 51, person: 'lee', channel: 'mail', reason: 'refused.bad_address', params: { address: 'lee@example.com', code: '550' }, atMs, count: 1 } as const
  expect(shownDecision('developer', decision, failed)?.params).toEqual({ code: '550' })
  expect(shownDecision('developer', decision, failed, 'lee')?.params).toEqual(decision.params)
  expect(shownDecision('billing', decision, failed)).toBeUndefined()
})

test('a report is for the one person it was made for', () => {
  const report: Alert = { ...failed, message: 'report.day', params: { report: 'r', person: 'lee', role: 'developer', costUsd: 1 } }
  expect(shownAlert('developer', report, 'lee')).toBeDefined()
  expect(shownAlert('developer', report, 'dana')).toBeUndefined()
  expect(shownAlert('owner', report)).toBeUndefined()
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { record, recordedAlert } from '../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let key: string
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' } }, people: { mei: { role: 'viewer', email: 'mei@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai' } }, rules: { big: { on: 'llm.call', when: 'event.costUsd > 5' } } })
  key = await world.makeKey('manage')
})
afterAll(() => world.dispose())

const preview = async (body: unknown) => world.call('POST', '/api/v1/messages/preview', { key, body })

test('a message is shown for a reader and a channel, in their language and without what is not for them', async () => {
  const { status, json } = await preview({ message: 'session.failed', channelType: 'email', person: 'mei' })
  expect([status, json]).toMatchObject([200, { of: 'sample', isForThem: true, faults: [], message: { shape: 'mail', locale: 'zh-CN', subject: expect.stringContaining('会话失败') as string, html: expect.stringContaining('<html') as string } }])
  expect(JSON.stringify(json)).not.toContain('exceeded your current quota')
  expect((await preview({ message: 'budget.crossed', channel: 'kept', role: 'viewer' })).json).toMatchObject({ isForThem: false, message: { shape: 'full' } })
  expect((await preview({ message: 'model.outage', channelType: 'sms', locale: 'zh-CN' })).json).toMatchObject({ message: { segments: { encoding: 'UCS-2' } } })
})

test('a rule is shown by its last alert where there is one, and by likely values before', async () => {
  expect((await preview({ rule: 'big', channel: 'kept' })).json).toMatchObject({ of: 'sample', message: { text: expect.stringContaining('refund-bot') as string } })
  const [alert = 0] = await record(world.store, [recordedAlert({ key: 'sn-17', rule: 'big', message: 'rule.matched', params: { rule: 'big', agent: 'real-bot' } })])
  for (const of of [{ rule: 'big' }, { alert: `alt_${alert}` }]) expect((await preview({ ...of, channel: 'kept' })).json).toMatchObject({ of: 'alert', message: { text: expect.stringContaining('real-bot') as string } })
})

test('a draft of a template is used and not kept; one that is wrong says where', async () => {
  const draft = { message: 'session.failed', channel: 'kept', template: { name: 'session.failed', forms: { subject: 'Help: {{ alert.agent }}' } } }
  expect((await preview(draft)).json).toMatchObject({ message: { subject: 'Help: refund-bot' } })
  expect((await world.call('GET', '/api/v1/templates', { key })).json).toEqual({ items: [] })
  const wrong = await preview({ ...draft, template: { name: 'session.failed', forms: { subject: '{{ alert.nobody }}' } } })
  expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining('/template/forms/subject')])
})

test('what is not there is refused by name', async () => {
  for (const [body, place] of [[{ rule: 'nothing', channel: 'kept' }, '/rule'], [{ message: 'session.failed', channel: 'gone' }, '/channel'], [{ message: 'session.failed', channel: 'kept', person: 'nobody' }, '/person'], [{ message: 'session.failed', channel: 'kept', timezone: 'Mars/Olympus' }, '/timezone']] as const) {
    const { status, text } = await preview(body)
    expect([body, status, text]).toEqual([body, 422, expect.stringContaining(place)])
  }
  for (const body of [{}, { message: 'session.failed' }, { message: 'session.failed', rule: 'big', channel: 'kept' }, { message: 'no.such', channel: 'kept' }, { message: 'session.failed', channelType: 'pigeon' }]) expect((await preview(body)).status).toBe(422)
  expect((await preview({ alert: 'alt_999999', channel: 'kept' })).status).toBe(404)
})

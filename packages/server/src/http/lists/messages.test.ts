import { afterAll, beforeAll, expect, test } from 'vitest'
import { record, recordedAlert, recordedMs, recordedNotification } from '../../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../testing/visitor.ts'

let world: ServerWorld
let manage: string
let developer: Visitor
let viewer: Visitor

const channels = {
  kept: { type: 'inbox' },
  mail: { type: 'email', url: 'smtp://127.0.0.1:9', from: 'tocsin@example.com', allowInsecure: true },
  sms: { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'token', from: '+15005550006' },
  hook: { type: 'webhook', url: 'https://hook.example.com/hook', secret: 'whsec_'.concat(Buffer.alloc(32, 7).toString('base64')) },
}

beforeAll(async () => {
  world = await serverWorld({
    project: 'bots', publicUrl: 'https://tocsin.example.com', channels,
    people: { dana: { role: 'admin', email: 'dana@example.com', phone: '+8613800000000' }, lee: { role: 'developer', email: 'lee@example.com' }, vera: { role: 'viewer', email: 'vera@example.com' } },
    routes: [{ to: ['dana', 'lee'], via: ['kept'] }],
  })
  manage = await world.makeKey('manage')
  const owner = await ownerOf(world)
  developer = await invited(world, owner, { name: 'lee', role: 'developer', project: 'bots' })
  viewer = await invited(world, owner, { name: 'vera', role: 'viewer', project: 'bots' })
})
afterAll(() => world.dispose())

const dana = { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'en', timezone: 'UTC' } as const
type Change = Parameters<typeof recordedNotification>[1]

/** A delivery on record that nothing sends; its name. */
async function delivery(change: Change, key: string): Promise<string> {
  const [alert = 0] = await record(world.store, [recordedAlert({ key })])
  const made = await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert, change)]))
  return `dlv_${made[0]?.delivery ?? 0}`
}

const get = async (path: string): Promise<unknown> => {
  const { status, json, text } = await world.call('GET', path, { key: manage })
  if (status !== 200) throw new Error(`${status} ${text}`)
  return json
}

test('a mail is shown as it would be read, in the language of its reader, with links by which nobody acts', async () => {
  const id = await delivery({ channel: 'mail', recipient: { ...dana, locale: 'zh-CN' } }, 'mailed')
  const seen = (await get(`/api/v1/deliveries/${id}/message`)) as { readonly message: { readonly html: string; readonly text: string } }
  expect(seen).toMatchObject({ asSent: false, message: { channelType: 'email', shape: 'mail', severity: 'high', locale: 'zh-CN', subject: expect.stringContaining('会话失败') as string } })
  expect(seen.message.html).toMatch(/<html[^>]*lang="zh-CN"/)
  expect(seen.message.html).toContain('https://tocsin.example.com/a/not-sent')
  const { status } = await world.call('GET', '/a/not-sent')
  expect(status).toBeGreaterThanOrEqual(400)
})

test('a text message says its segments, and a webhook its payload and pieces', async () => {
  const sms = await delivery({ channel: 'sms', recipient: { ...dana, address: '+8613800000000', locale: 'zh-CN' } }, 'texted')
  expect(await get(`/api/v1/deliveries/${sms}/message`)).toMatchObject({ message: { shape: 'short', segments: { encoding: 'UCS-2', count: 2 } } })
  const hook = await delivery({ channel: 'hook', recipient: { ...dana, address: '' } }, 'hooked')
  const { message } = (await get(`/api/v1/deliveries/${hook}/message`)) as { readonly message: { readonly payload: string; readonly card: unknown } }
  expect(JSON.parse(message.payload)).toMatchObject({ type: 'alert.firing', data: { project: 'bots', severity: 'high' } })
  expect(message.card).toMatchObject({ badge: 'High', heading: expect.stringContaining('refund-bot') as string, links: expect.arrayContaining([{ word: expect.any(String) as string, url: expect.stringContaining('/p/bots/alerts/') as string }]) as unknown })
})

test('what stayed on this machine is listed as it was sent, to its reader alone and to admins', async () => {
  const atMs = Date.now() - 1_000
  const failed = { type: 'session.end', id: 'end', atMs, status: 'error', sessionId: 'inboxed', agent: 'refund-bot', endState: 'fail', error: { class: 'timeout', message: 'slow' } }
  expect((await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [failed] } })).status).toBe(200)
  const inbox = async (): Promise<readonly { readonly id: string; readonly channel: string; readonly seen: { readonly asSent: boolean; readonly message: { readonly text: string } } }[]> => ((await get('/api/v1/inbox')) as { items: never }).items
  await expect.poll(async () => (await inbox()).length, { timeout: 10_000 }).toBeGreaterThan(0)
  const [message] = await inbox()
  expect(message).toMatchObject({ channel: 'kept', seen: { asSent: true, message: { channelType: 'inbox', subject: expect.stringContaining('refund-bot') as string } } })
  expect(await get(`/api/v1/deliveries/${message?.id}/message`)).toEqual(message?.seen)
  const [alert = 0] = await record(world.store, [recordedAlert({ key: 'of-dana' })])
  await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert, { channel: 'kept', recipient: { ...dana, address: '' } })]))
  // What waits was not kept yet, and what others got is not theirs.
  const own = (await developer.call('GET', '/api/v1/inbox')).json as { readonly items: readonly { readonly person: string }[] }
  expect(own.items.every(({ person }) => person === 'lee')).toBe(true)
  expect((await developer.call('GET', '/api/v1/inbox?person=dana')).status).toBe(403)
  expect((await get('/api/v1/inbox?channel=mail'))).toEqual({ items: [] })
})

test('somebody else’s message is not there, and one’s own shows what the role may see now', async () => {
  const others = await delivery({ channel: 'mail', recipient: dana }, 'others')
  expect((await viewer.call('GET', `/api/v1/deliveries/${others}/message`)).status).toBe(404)
  const own = await delivery({ channel: 'mail', recipient: { person: 'vera', role: 'admin', address: 'vera@example.com', locale: 'en', timezone: 'UTC' } }, 'own')
  const { status, text } = await viewer.call('GET', `/api/v1/deliveries/${own}/message`)
  expect([status, text.includes('refund-bot'), text.includes('secret plan'), text.includes('0.42')]).toEqual([200, true, false, false])
  const [budget = 0] = await record(world.store, [recordedAlert({ key: 'money', rule: 'budgets', kind: 'cost', message: 'budget.crossed', params: { budget: 'team-month', percent: 80, spentUsd: 402, amountUsd: 500 }, evidence: { atMs: recordedMs } })])
  const made = await world.store.transaction((tx) => tx.enqueue([recordedNotification(budget, { channel: 'mail', recipient: { person: 'vera', role: 'admin', address: 'vera@example.com', locale: 'en', timezone: 'UTC' } })]))
  expect((await viewer.call('GET', `/api/v1/deliveries/dlv_${made[0]?.delivery ?? 0}/message`)).json).toEqual({ asSent: false, gone: 'role' })
})

test('where there is nothing to look at the reason is said', async () => {
  const nowhere = await delivery({ channel: 'was-here', recipient: dana }, 'nowhere')
  expect(await get(`/api/v1/deliveries/${nowhere}/message`)).toEqual({ asSent: false, gone: 'channel-gone' })
  expect((await world.call('GET', '/api/v1/deliveries/dlv_999999/message', { key: manage })).status).toBe(404)
})

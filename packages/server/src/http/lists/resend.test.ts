import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSmtpServer, type SmtpStandIn } from '../../../../core/src/testing/smtp-server.ts'
import { recordedAlert, recordedNotification } from '../../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'
import { ownerOf, type Answer, type Visitor } from '../../testing/visitor.ts'

let world: ServerWorld
let smtp: SmtpStandIn
let owner: Visitor
beforeAll(async () => {
  smtp = await startSmtpServer({ tls: 'none' })
  world = await serverWorld({ project: 'bots', channels: { mail: { type: 'email', url: smtp.url, from: 'tocsin@example.com', allowInsecure: true } }, routes: [{ to: ['role:admin'], via: ['mail'] }] })
  owner = await ownerOf(world)
  await person('dana', 'admin')
})
afterAll(async () => {
  await world.dispose()
  await smtp.close()
})

const known = new Set<string>()
async function person(name: string, role: string, more: object = {}): Promise<void> {
  const { status, text } = await owner.call('PUT', `/api/v1/people/${name}`, { body: { role, email: `${name}@example.com`, ...more }, ...(known.has(name) && { headers: { 'if-match': '*' } }) })
  known.add(name)
  if (status >= 300) throw new Error(`${status} ${text}`)
}

interface Delivery {
  readonly id: string
  readonly person: string
  readonly result?: string
  readonly alerts: readonly string[]
}
const deliveries = async (query = ''): Promise<readonly Delivery[]> => ((await owner.call('GET', `/api/v1/deliveries?${query}`)).json as { readonly items: readonly Delivery[] }).items
const resend = (id: string): Promise<Answer> => owner.call('POST', `/api/v1/deliveries/${id}/resend`, { body: {} })

let failures = 0
/** A session fails, and somebody is told by mail. */
async function told(name: string): Promise<Delivery> {
  const sessionId = `failed-${(failures += 1)}`
  const event = { type: 'session.end', id: sessionId, atMs: Date.now() - 500, status: 'error', sessionId, agent: `agent-${failures}`, endState: 'fail', error: { class: 'timeout', message: `slow ${failures}` } }
  expect((await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [event] } })).status).toBe(200)
  let found: Delivery | undefined
  await expect.poll(async () => (found = (await deliveries(`person=${name}&result=sent&limit=1`)).find(({ alerts }) => alerts.length > 0 && !seen.has(alerts[0] ?? ''))), { timeout: 10_000 }).toBeDefined()
  if (found === undefined) throw new Error('expected a delivery')
  seen.add(found.alerts[0] ?? '')
  return found
}
const seen = new Set<string>()

test('what was sent is sent again as a message of its own, on record with who wanted it', async () => {
  const { id, alerts: [alert = ''] } = await told('dana')
  const first = smtp.mails.length
  const { status, json } = await resend(id)
  expect([status, json]).toEqual([200, { delivery: expect.stringMatching(/^dlv_\d+$/) as string, dueMs: expect.any(Number) as number }])
  await expect.poll(() => smtp.mails.length, { timeout: 10_000 }).toBe(first + 1)
  const [before, again] = smtp.mails.slice(-2)
  expect([again?.parsed.subject, again?.to]).toEqual([before?.parsed.subject, ['dana@example.com']])
  expect(again?.parsed.messageId).not.toBe(before?.parsed.messageId)
  const whole = (await owner.call('GET', `/api/v1/alerts/${alert}?locale=en`)).json as { readonly decisions: readonly { readonly reason: string; readonly sentence: string }[] }
  expect(whole.decisions.find(({ reason }) => reason === 'sent.resent')?.sentence).toMatch(new RegExp(`^Sent again because .+ wanted it: ${id} was the first\\.$`))
  const chinese = (await owner.call('GET', `/api/v1/alerts/${alert}?locale=zh-CN`)).json as typeof whole
  expect(chinese.decisions.find(({ reason }) => reason === 'sent.resent')?.sentence).toContain('的要求重新发送')
  expect((await owner.call('GET', '/api/v1/audit')).text).toMatch(new RegExp(`"action":"messages.resend","target":"${id}"`))
})

test('what has not ended, or waits already, is not sent again', async () => {
  const [alert = 0] = await world.store.transaction((tx) => tx.insertAlerts([recordedAlert({ key: 'later' })]))
  const [made] = await world.store.transaction((tx) => tx.enqueue([recordedNotification(alert, { channel: 'mail' })]))
  const waiting = await resend(`dlv_${made?.delivery ?? 0}`)
  expect([waiting.status, waiting.text]).toEqual([409, expect.stringContaining('urn:tocsin:problem:not-ended')])
  const { id } = await told('dana')
  await world.store.transaction((tx) => tx.putHold({ project: 'bots', by: 'test', sinceMs: Date.now() }))
  expect((await resend(id)).json).toMatchObject({ heldBy: 'everything-paused' })
  expect((await resend(id)).text).toContain('urn:tocsin:problem:waiting')
  await world.store.transaction((tx) => tx.endHold('bots', Date.now()))
  await expect.poll(async () => (await deliveries('state=waiting')).length, { timeout: 10_000 }).toBe(1)
  expect((await resend('dlv_999999')).status).toBe(404)
})

test('what would not be sent is refused with the reason that would be on record', async () => {
  const acknowledged = await told('dana')
  await owner.call('POST', `/api/v1/alerts/${acknowledged.alerts[0] ?? ''}/acknowledge`, { body: {} })
  const refused = async ({ id }: Delivery): Promise<unknown> => {
    const { status, json } = await resend(id)
    return [status, (json as { readonly type: string; readonly detail: string }).type, (json as { readonly detail: string }).detail.length > 10]
  }
  expect(await refused(acknowledged)).toEqual([409, 'urn:tocsin:problem:silenced.acknowledged', true])
  const unwanted = await told('dana')
  await person('dana', 'viewer')
  expect(await refused(unwanted)).toEqual([409, 'urn:tocsin:problem:refused.role_changed', true])
  expect((await owner.call('DELETE', '/api/v1/people/dana', { headers: { 'if-match': '*' } })).status).toBe(204)
  known.delete('dana')
  expect(await refused(unwanted)).toEqual([409, 'urn:tocsin:problem:refused.unknown_person', true])
  expect((await owner.call('POST', '/api/v1/people/dana/erase', { body: {} })).status).toBe(200)
  expect(await refused(unwanted)).toEqual([409, 'urn:tocsin:problem:erased', true])
})

test('while its reader is quiet the answer says until when it waits', async () => {
  await person('mei', 'admin', { timezone: 'UTC' })
  const message = await told('mei')
  const now = new Date()
  const at = (hours: number): string => `${String((now.getUTCHours() + hours + 24) % 24).padStart(2, '0')}:00`
  await person('mei', 'admin', { timezone: 'UTC', quietHours: `${at(-2)}-${at(3)}` })
  const { status, json } = await resend(message.id)
  expect([status, json]).toEqual([200, { delivery: expect.any(String) as string, dueMs: expect.any(Number) as number, heldBy: 'quiet-hours' }])
  expect((json as { readonly dueMs: number }).dueMs).toBeGreaterThan(now.getTime() + 3_600_000)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configurationFrom } from '../../packages/core/src/configuration.ts'
import type { Announcement } from '../../packages/core/src/model/event.ts'
import { TocsinError } from '../../packages/core/src/model/error.ts'
import { segmentsOf } from '../../packages/core/src/model/sms-segments.ts'
import { openWorld, type World } from './world.ts'

const yaml = `
project: support
publicUrl: https://t.example.com
channels:
  mail: { type: email, url: "\${SMTP_URL}", ca: "\${CA_FILE}", from: "值班 «Tocsin» <tocsin@b\u00fccher.example>", unsubscribe: "mailto:ops@example.com" }
  sms: { type: sms, accountSid: "\${TWILIO_SID}", authToken: "\${TWILIO_TOKEN}", from: "+15005550006", apiBase: "\${TWILIO_URL}", ca: "\${CA_FILE}", countries: [US, CN], segmentsPerDay: 20 }
people:
  ana: { role: admin, email: ana@例子.测试, phone: "+14155550101" }
  far: { role: developer, email: far@example.com, phone: "+491700000001" }
rules: { session-ended: false, model-failed: false }
routes:
  - { match: "alert.kind == 'system'", to: [ana], via: [mail] }
  - { match: "alert.kind == 'session' && alert.severity == 'high'", to: [ana, far], via: { first: [sms, mail], after: 5m } }
`

let world: World
let told = 0

beforeAll(async () => {
  world = await openWorld(yaml)
})
afterAll(() => world.close())

const fail = (agent: string, more: object = {}): Promise<void> => world.happen({ type: 'session.end', sessionId: `s-${(told += 1)}`, agent, endState: 'fail', ...more })
const write = (to: string, announcement: Partial<Announcement> & { readonly channel?: string }): Promise<void> => {
  const { channel = 'mail', ...rest } = announcement
  return world.happen({ type: 'custom', announcement: { title: 'By hand', severity: 'high', ...rest, direct: { channel, address: to } } })
}
const deliveriesTo = async (address: string) => (await world.store.read.deliveries()).filter((one) => one.address === address)

describe('known when the configuration is read', () => {
  const refusal = (person: string): string => {
    try {
      configurationFrom({ people: { dana: JSON.parse(person) as never } }, [], {}) // what a file may hold
      return 'accepted'
    } catch (thrown) {
      return thrown instanceof TocsinError ? `${thrown.code} ${thrown.message}` : String(thrown)
    }
  }
  test.each([
    ['{"role":"admin","email":"dana@b\u00fccher.example"}', 'accepted'],
    ['{"role":"admin","email":"用户@example.com"}', 'config-invalid people.dana.email: expected an e-mail address such as dana@example.com, found "用户@example.com"'],
    ['{"role":"admin","email":"dana@example.com\\r\\nBcc: eve@example.com"}', 'config-invalid people.dana.email: expected an e-mail address'],
    ['{"role":"admin","email":"Dana <dana@example.com>"}', 'config-invalid people.dana.email: expected an e-mail address'],
    ['{"role":"admin","phone":"0138 0000"}', 'config-invalid people.dana.phone: expected an international number'],
    ['{"role":"admin","locale":"chinese, please"}', 'config-invalid people.dana.locale: expected a language such as en, zh-CN or pt-BR (BCP 47)'],
  ])('%s', (person, expected) => {
    expect(refusal(person)).toContain(expected)
  })
})

test('a reader at a domain of another script is told, and the mail names sender, thread and where to ask for less', async () => {
  await write('ana@例子.测试', { title: 'Здравствуйте 👩‍👩‍👧‍👦 مرحبا', body: 'x' })
  const mail = world.mail.mails.at(-1)
  expect(mail?.to).toEqual(['ana@例子.测试'])
  expect(mail?.parsed.subject).toBe('Здравствуйте 👩‍👩‍👧‍👦 مرحبا')
  expect(mail?.parsed.from?.value).toEqual([{ name: '值班 «Tocsin»', address: 'tocsin@b\u00fccher.example' }])
  expect(mail?.parsed.headers.get('list')).toEqual({ unsubscribe: { mail: 'ops@example.com' } })
  expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-generated')
  expect(mail?.raw).toMatch(/^To: ana@xn--fsqu00a\.xn--0zwm56d\r$/m)
})

test('a mailbox of another script is a named outcome on its delivery, sent nowhere, and the next message goes out', async () => {
  const before = world.mail.mails.length
  await write('用户@example.com', {})
  expect((await deliveriesTo('用户@example.com'))[0]).toMatchObject({ state: 'done', result: 'bad-address', attempts: [{ outcome: 'bad-address', code: 'mailbox-not-ascii' }] })
  await write('lee@example.com', { title: 'the next' })
  expect(world.mail.mails.slice(before).filter(({ parsed }) => parsed.subject === 'By hand')).toEqual([])
  expect(world.mailsTo('lee')).toHaveLength(1)
})

test('a recipient with a line break is refused with a reason before it is recorded', async () => {
  const { accepted, refused } = await world.engine.accept([{ source: 'native', type: 'custom', announcement: { title: 'x', severity: 'high', direct: { channel: 'mail', address: 'a@example.com\r\nb@example.com' } } }])
  expect(accepted).toBe(0)
  expect(refused[0]?.why).toMatch(/^expected announcement\.direct: \{ channel, address \} with a name and an e-mail address/)
})

test('a number outside the allowed countries is not written to, and its owner is told by the next channel, once', async () => {
  await fail('abroad')
  await world.moveOn(60_000)
  expect(world.sms.messages.map(({ to }) => to)).toEqual(['+14155550101'])
  expect(world.mailsTo('far').filter(({ parsed }) => parsed.subject === '[High] Session failed: abroad, $0')).toHaveLength(1)
  expect((await deliveriesTo('+491700000001'))[0]).toMatchObject({ result: 'bad-address', attempts: [{ code: 'country-not-allowed', detail: 'a number of DE: countries allows US, CN' }] })
})

test('a body of a megabyte is cut, with how much is missing, in text and page', async () => {
  await write('big@example.com', { title: 'Big', body: `start ${'word '.repeat(200_000)}` })
  const [mail] = world.mailsTo('big')
  const [, kept = '', missing = ''] = /^(start word .*)… \[\+(\d+)\]$/s.exec(mail?.parsed.text?.trim() ?? '') ?? []
  expect(kept.length).toBeGreaterThan(19_900)
  expect(kept.length + Number(missing)).toBe(1_000_006)
  expect(mail?.parsed.html || '').toContain(`word… [+${missing}]`)
  await world.moveOn(86_400_000)
  await write('+14155550109', { channel: 'sms', title: 'Big', body: 'word '.repeat(200_000) })
  const body = world.sms.messages.at(-1)?.body ?? ''
  expect(segmentsOf(body)).toEqual({ encoding: 'GSM-7', count: 2 })
  expect(body).toMatch(/^Big: word word .*\[\.\.\.\]$/)
})

test('signs of direction and control are gone, emoji are whole', async () => {
  await write('odd@example.com', { title: 'a\u202eb\u0000c\u2028d 👨‍👩‍👧', body: 'x\u0007y\u200bz\n\u2067hidden\u2069 🏳️‍🌈' })
  const [mail] = world.mailsTo('odd')
  expect(mail?.parsed.subject).toBe('abc d 👨‍👩‍👧')
  expect(mail?.parsed.text?.trim()).toBe('xyz\nhidden 🏳️‍🌈')
})

test('what a day may spend on text messages holds, with the reason on record, and nothing is lost or told twice', async () => {
  const before = world.sms.messages.length
  for (let index = 0; index < 6; index += 1) await write('+14155550107', { channel: 'sms', title: `no ${index}` })
  const sentAtOnce = world.sms.messages.length - before
  expect(sentAtOnce).toBeLessThan(3)
  const waiting = (await deliveriesTo('+14155550107')).filter(({ state }) => state === 'waiting')
  expect(waiting).toHaveLength(6 - sentAtOnce)
  const decisions = (await Promise.all((await world.store.read.alerts()).map(({ id }) => world.store.read.decisionsOf(id)))).flat()
  expect(decisions.filter(({ reason, channel }) => reason === 'held.rate' && channel === 'sms').length).toBeGreaterThan(0)
  for (let hour = 0; hour < 24; hour += 1) await world.moveOn(3_600_000)
  const bodies = world.sms.messages.slice(before).map(({ body }) => body)
  expect(bodies.toSorted()).toEqual(Array.from({ length: 6 }, (_, index) => `no ${index}`))
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPushService, type PushService } from '../../../core/src/testing/push-service.ts'
import { startTwilioServer, type TwilioStandIn } from '../../../core/src/testing/twilio-server.ts'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Answer, type Visitor } from '../testing/visitor.ts'

interface OwnPerson {
  readonly person?: string
  readonly etag?: string
  readonly editable: boolean
  readonly why?: string
  readonly addresses: readonly { readonly kind: string; readonly address: string; readonly verified: boolean }[]
  readonly off: readonly unknown[]
  readonly preferences: readonly unknown[]
}

let twilio: TwilioStandIn
let push: PushService

beforeAll(async () => {
  twilio = await startTwilioServer()
  push = await startPushService()
})
afterAll(async () => {
  await twilio.close()
  await push.close()
})

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  let world: ServerWorld
  let database: EmptyDatabase | undefined
  let owner: Visitor
  let lee: Visitor

  beforeAll(async () => {
    database = kind === 'postgres' ? await emptyDatabase() : undefined
    world = await serverWorld({
      project: 'bots',
      channels: {
        text: { type: 'sms', accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca },
        browsers: { type: 'web-push', subject: 'mailto:ops@example.com', ...push.vapid, ca: push.ca, allowNetworks: ['127.0.0.0/8'] },
        kept: { type: 'inbox' },
      },
      people: { fil: { role: 'viewer', email: 'fil@example.com', phone: '+15005550011' }, lee: { role: 'admin', email: 'somebody-else@example.com' } },
    }, database === undefined ? {} : { databaseUrl: database.url })
    owner = await ownerOf(world)
    lee = await invited(world, owner, { name: 'Lee', role: 'viewer', project: 'bots' })
  }, 30_000)
  afterAll(async () => {
    await world.dispose()
    await database?.dispose()
  })

  const own = async (visitor: Visitor): Promise<OwnPerson> => (await visitor.call('GET', '/api/v1/me/person')).json as OwnPerson
  const lastCode = (): string => /\d{6}/.exec(twilio.messages.at(-1)?.body ?? '')?.[0] ?? ''
  const verify = (visitor: Visitor, code: string): Promise<Answer> => visitor.call('POST', '/api/v1/me/addresses/verify', { body: { code } })
  const wrongOf = (code: string): string => (code === '000000' ? '000001' : '000000')

  test('who is nobody among the people becomes one by their first change, with the role of their account and under a name that is free', async () => {
    expect(await own(lee)).toMatchObject({ editable: true, role: 'viewer', receives: ['session', 'model', 'tool'], addresses: [] })
    const made = await lee.call('PATCH', '/api/v1/me/person', { body: { quietHours: '22:00-07:00', timezone: 'Asia/Shanghai', locale: 'zh-CN' } })
    expect([made.status, made.json]).toMatchObject([200, { person: 'lee-2', role: 'viewer', quietHours: '22:00-07:00', addresses: [{ kind: 'email', address: 'lee@example.com', verified: false }] }])
    expect((await owner.call('GET', '/api/v1/people/lee-2')).json).toMatchObject({ origin: 'api', value: { role: 'viewer', email: 'lee@example.com' } })
    expect((await owner.call('GET', '/api/v1/audit?action=people')).text).toContain('"target":"lee-2"')
  })

  test('one changes oneself and nothing that is not one’s own, and not over a change that one has not seen', async () => {
    const { etag = '' } = await own(lee)
    for (const body of [{ role: 'owner' }, { email: 'dana@example.com' }, { phone: '+15005550099' }, { webPush: [] }, { projects: ['other'] }]) expect((await lee.call('PATCH', '/api/v1/me/person', { body, headers: { 'if-match': etag } })).status).toBe(422)
    expect((await lee.call('PATCH', '/api/v1/me/person', { body: { locale: null } })).status).toBe(428)
    expect((await lee.call('PATCH', '/api/v1/me/person', { body: { quietHours: '7 to 9' }, headers: { 'if-match': etag } })).status).toBe(422)
    expect((await lee.call('PATCH', '/api/v1/me/person', { body: { locale: null }, headers: { 'if-match': etag } })).json).not.toHaveProperty('locale')
    expect((await lee.call('PATCH', '/api/v1/me/person', { body: { locale: 'en' }, headers: { 'if-match': etag } })).status).toBe(412)
    expect((await world.call('GET', '/api/v1/me/person', { key: await keyOf('manage') })).status).toBe(403)
  })

  test('switches are one preference a kind, and further wishes stay as they are', async () => {
    const change = async (body: unknown): Promise<Answer> => lee.call('PATCH', '/api/v1/me/person', { body, headers: { 'if-match': (await own(lee)).etag ?? '' } })
    expect((await change({ preferences: [{ severities: ['info'], digest: 'hourly' }] })).status).toBe(200)
    const off = [{ kind: 'model', channel: 'kept' }, { kind: 'model', channel: 'text' }, { kind: 'tool', channel: 'kept' }]
    expect((await change({ off })).json).toMatchObject({ off, preferences: [{ severities: ['info'], digest: 'hourly' }] })
    expect((await owner.call('GET', '/api/v1/people/lee-2')).json).toMatchObject({ value: { preferences: [{ kinds: ['model'], channels: ['kept', 'text'], mute: true }, { kinds: ['tool'], channels: ['kept'], mute: true }, { severities: ['info'], digest: 'hourly' }] } })
    expect((await change({ off: [{ kind: 'model', channel: 'nowhere' }] })).status).toBe(422)
    expect((await change({ off: [] })).json).toMatchObject({ off: [], preferences: [{ digest: 'hourly' }] })
  })

  test('a number stands with its person when they gave the code back, and is shown as theirs', async () => {
    const asked = await lee.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550010' } })
    expect([asked.status, asked.json]).toMatchObject([202, { channel: 'text' }])
    expect(twilio.messages.at(-1)).toMatchObject({ to: '+15005550010' })
    const code = lastCode()
    expect(code).toMatch(/^\d{6}$/)
    expect((await own(lee)).addresses.map((one) => one.kind)).toEqual(['email'])
    expect((await owner.call('GET', '/api/v1/me/person')).text).not.toContain('+15005550010')
    // A code is of one account alone.
    expect((await verify(owner, code)).status).toBe(410)
    expect((await verify(lee, wrongOf(code))).text).toContain('4 tries are left')
    const done = await verify(lee, code)
    expect([done.status, (done.json as OwnPerson).addresses[1]]).toMatchObject([200, { kind: 'phone', address: '+15005550010', verified: true }])
    expect((await verify(lee, code)).status).toBe(410)
    // Whoever writes down another has proved nothing of it.
    const read = await owner.call('GET', '/api/v1/people/lee-2')
    await owner.call('PATCH', '/api/v1/people/lee-2', { body: { phone: '+15005550012' }, headers: { 'if-match': read.headers.get('etag') ?? '' } })
    expect((await own(lee)).addresses[1]).toMatchObject({ address: '+15005550012', verified: false })
    expect((await lee.call('DELETE', '/api/v1/me/addresses/phone')).status).toBe(200)
    expect((await lee.call('DELETE', '/api/v1/me/addresses/phone')).status).toBe(404)
    expect((await lee.call('DELETE', '/api/v1/me/addresses/email')).status).toBe(422)
  })

  test('a code is tried five times and no more, also by many at once, and is nowhere in clear', async () => {
    await lee.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550013' } })
    const code = lastCode()
    const answers = await Promise.all(Array.from({ length: 9 }, () => verify(lee, wrongOf(code))))
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([410, 410, 410, 410, 422, 422, 422, 422, 422])
    expect((await verify(lee, code)).status).toBe(410)
    expect((await own(lee)).addresses.map((one) => one.kind)).toEqual(['email'])
    expect((await owner.call('GET', '/api/v1/audit?limit=200')).text).not.toContain(code)
  })

  test('where no channel fits, the provider refuses, or somebody has codes sent all day, it says what to do', async () => {
    const ask = (body: unknown): Promise<Answer> => lee.call('POST', '/api/v1/me/addresses', { body })
    expect(await ask({ kind: 'email', address: 'lee@example.com' })).toMatchObject({ status: 409, text: expect.stringMatching(/no-channel.*An admin adds one/) as string })
    expect(await ask({ kind: 'email', address: 'dana@example.com' })).toMatchObject({ status: 409, text: expect.stringContaining('other-email') as string })
    expect(await ask({ kind: 'phone', address: '555' })).toMatchObject({ status: 422, text: expect.stringContaining('"/address"') as string })
    twilio.fail({ reply: 400, code: 21211, message: 'Invalid number' })
    expect(await ask({ kind: 'phone', address: '+15005550014' })).toMatchObject({ status: 409, text: expect.stringContaining('not-sent') as string })
    expect((await verify(lee, '123456')).status).toBe(410)
    const statuses: number[] = []
    for (let count = 0; count < 6; count++) statuses.push((await ask({ kind: 'phone', address: '+15005550015' })).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([202, 429])
  })

  test('a person of the file proves what stands there, and is told why the rest is read-only', async () => {
    const fil = await invited(world, owner, { name: 'Fil', role: 'viewer', project: 'bots' })
    const before = await own(fil)
    expect(before).toMatchObject({ person: 'fil', origin: 'file', editable: false, why: expect.stringContaining('people.fil') as string })
    expect(await fil.call('PATCH', '/api/v1/me/person', { body: { locale: 'zh-CN' }, headers: { 'if-match': before.etag ?? '' } })).toMatchObject({ status: 409, text: expect.stringContaining('in-file') as string })
    expect((await fil.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550016' } })).status).toBe(409)
    expect((await fil.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550011' } })).status).toBe(202)
    expect((await verify(fil, lastCode())).json).toMatchObject({ addresses: [{ kind: 'email', verified: false }, { kind: 'phone', verified: true }] })
  })

  test('a browser subscribes with the key of the channel, once, and leaves again', async () => {
    expect((await lee.call('GET', '/api/v1/me/push')).json).toEqual({ channel: 'browsers', publicKey: push.vapid.publicKey, items: [] })
    const subscription: unknown = JSON.parse(push.browser.subscription)
    const first = await lee.call('POST', '/api/v1/me/push', { body: subscription })
    const again = await lee.call('POST', '/api/v1/me/push', { body: subscription })
    expect([first.status, again.status, again.json]).toEqual([201, 201, first.json])
    const { id } = first.json as { readonly id: string }
    // As the browser works it out, to know whether it is the one in the list.
    const { endpoint } = subscription as { readonly endpoint: string }
    expect(Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(endpoint))).toString('base64url').slice(0, 22)).toBe(id)
    expect((await lee.call('GET', '/api/v1/me/push')).json).toMatchObject({ items: [{ id, service: new URL(push.base).host }] })
    const elsewhere = { ...(subscription as object), endpoint: 'http://10.0.0.1/x' }
    expect(await lee.call('POST', '/api/v1/me/push', { body: elsewhere })).toMatchObject({ status: 422, text: expect.stringContaining('/endpoint') as string })
    const tested = await owner.call('POST', '/api/v1/channels/browsers/test', { body: { to: push.browser.subscription } })
    expect([tested.json, push.messages.length]).toMatchObject([{ ok: true }, kind === 'sqlite' ? 1 : 2])
    expect((await owner.call('DELETE', `/api/v1/me/push/${id}`)).status).toBe(404)
    expect((await lee.call('DELETE', `/api/v1/me/push/${id}`)).status).toBe(204)
    expect((await lee.call('GET', '/api/v1/me/push')).json).toMatchObject({ items: [] })
    // What a browser is reached by stands in no address, where it would be written into the logs of whatever is on the way.
    expect((await lee.call('DELETE', `/api/v1/me/push?endpoint=${encodeURIComponent(endpoint)}`)).status).toBe(404)
  })

  test('changes of oneself that are made at once all last, also the first that make one of the people', async () => {
    const kim = await invited(world, owner, { name: 'Kim', role: 'viewer', project: 'bots' })
    expect((await kim.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550018' } })).status).toBe(202)
    const given = JSON.parse(push.browser.subscription) as { readonly endpoint: string }
    const browser = (number: number): Promise<Answer> => kim.call('POST', '/api/v1/me/push', { body: { ...given, endpoint: `${given.endpoint}/${number}` } })
    const first = await Promise.all([verify(kim, lastCode()), browser(1), browser(2)])
    expect(first.map(({ status }) => status)).toEqual([200, 201, 201])
    const change = (body: unknown): Promise<Answer> => kim.call('PATCH', '/api/v1/me/person', { body, headers: { 'if-match': '*' } })
    const { id } = first[1].json as { readonly id: string }
    const second = await Promise.all([change({ locale: 'zh-CN' }), browser(3), change({ off: [{ kind: 'model', channel: 'kept' }] }), kim.call('DELETE', `/api/v1/me/push/${id}`), change({ quietHours: '22:00-07:00' }), kim.call('DELETE', '/api/v1/me/addresses/phone'), browser(4)])
    expect(second.map(({ status }) => status)).toEqual([200, 201, 200, 204, 200, 200, 201])
    expect(await own(kim)).toMatchObject({ person: 'kim', locale: 'zh-CN', quietHours: '22:00-07:00', browsers: 3, off: [{ kind: 'model', channel: 'kept' }], addresses: [{ kind: 'email' }] })
    expect((await owner.call('GET', '/api/v1/people')).text.match(/kim@example\.com/g)).toHaveLength(1)
    // A tag that says which one has seen is still held against what is there.
    expect((await kim.call('PATCH', '/api/v1/me/person', { body: { locale: 'en' }, headers: { 'if-match': '"v1"' } })).status).toBe(412)
  })

  test('who gets another role, or leaves, is told by it and reached no more', async () => {
    const idOf = async (name: string): Promise<string> => new RegExp(`"id":"(usr_[^"]+)","name":"${name}"`).exec((await owner.call('GET', '/api/v1/members')).text)?.[1] ?? ''
    const rudi = await invited(world, owner, { name: 'Rudi', role: 'admin', project: 'bots' })
    const mara = await invited(world, owner, { name: 'Mara', role: 'admin', project: 'bots' })
    for (const who of [rudi, mara]) expect((await who.call('PATCH', '/api/v1/me/person', { body: { locale: 'en' } })).json).toMatchObject({ role: 'admin' })
    await owner.call('PUT', `/api/v1/members/${await idOf('Rudi')}`, { body: { role: 'viewer' } })
    expect((await owner.call('GET', '/api/v1/people/rudi')).json).toMatchObject({ value: { role: 'viewer' } })
    await owner.call('PUT', '/api/v1/teams/crew', { body: ['mara'] })
    for (const name of ['Rudi', 'Mara']) expect((await owner.call('DELETE', `/api/v1/members/${await idOf(name)}`)).status).toBe(204)
    expect((await owner.call('GET', '/api/v1/people/rudi')).status).toBe(404)
    expect((await owner.call('GET', '/api/v1/people/mara')).json).toMatchObject({ value: { role: 'viewer', locale: 'en' } })
    expect((await owner.call('GET', '/api/v1/people/mara')).text).not.toContain('mara@example.com')
  })

  test('what is exported and erased of a person includes what they proved', async () => {
    const made = await owner.call('PUT', '/api/v1/people/zoe', { body: { role: 'viewer', email: 'zoe@example.com', phone: '+15005550017' } })
    const zoe = await invited(world, owner, { name: 'Zoe', role: 'viewer', project: 'bots' })
    await zoe.call('POST', '/api/v1/me/addresses', { body: { kind: 'phone', address: '+15005550017' } })
    expect((await verify(zoe, lastCode())).status).toBe(200)
    expect((await owner.call('GET', '/api/v1/people/zoe/export')).text).toContain('verified-address')
    await owner.call('DELETE', '/api/v1/people/zoe', { headers: { 'if-match': made.headers.get('etag') ?? '' } })
    expect((await owner.call('POST', '/api/v1/people/zoe/erase')).json).toMatchObject({ rows: 1 })
    expect((await owner.call('GET', '/api/v1/people/zoe/export')).text).not.toContain('verified-address')
  })

  async function keyOf(scope: string): Promise<string> {
    return ((await owner.call('POST', '/api/v1/keys', { body: { name: scope, scope } })).json as { readonly key: string }).key
  }
})

test('where a project has no channel for browsers, it says how one is made', async () => {
  const world = await serverWorld({ project: 'bots' })
  const owner = await ownerOf(world)
  expect((await owner.call('GET', '/api/v1/me/push')).json).toMatchObject({ why: expect.stringContaining('tocsin vapid') as string, items: [] })
  expect((await owner.call('POST', '/api/v1/me/push', { body: JSON.parse(push.browser.subscription) as unknown })).status).toBe(409)
  await world.dispose()
})

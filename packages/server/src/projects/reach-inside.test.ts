import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../testing/visitor.ts'

const hook = { type: 'webhook', url: 'https://hooks.example.com/in', secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }
const local = { ...hook, url: 'http://127.0.0.1:9/in', allowInsecure: true }
const within = { ...hook, allowNetworks: ['10.0.0.0/8'] }
const elsewhere = { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'x'.repeat(32), from: '+15005550006', apiBase: 'https://10.0.0.1' }

let world: ServerWorld
let owner: Visitor
let admin: Visitor
let projectKey: string
beforeAll(async () => {
  world = await serverWorld({ project: 'bots' })
  owner = await ownerOf(world)
  admin = await invited(world, owner, { name: 'ada', role: 'admin', project: 'bots' })
  projectKey = await world.makeKey('manage', 'bots')
})
afterAll(() => world.dispose())

test('who is of one project makes channels that reach public addresses, and none that look into the network of the server', async () => {
  for (const [name, body, field] of [['local', local, 'allowInsecure'], ['within', within, 'allowNetworks'], ['elsewhere', elsewhere, 'apiBase']] as const) {
    for (const answer of [await admin.call('PUT', `/api/v1/channels/${name}`, { body }), await world.call('PUT', `/api/v1/channels/${name}`, { key: projectKey, body })]) {
      expect([name, answer.status, answer.text]).toEqual([name, 403, expect.stringContaining(`"/${field}"`)])
    }
    expect([name, (await world.call('GET', `/api/v1/channels/${name}`, { key: projectKey })).status]).toEqual([name, 404])
  }
  expect((await admin.call('PUT', '/api/v1/channels/public', { body: { ...hook, allowInsecure: false, allowNetworks: [] } })).status).toBe(201)
})

test('a mail server within the network is an owner’s to name, whatever its name says, and the file’s own may be anywhere', async () => {
  const mail = (url: string, more: object = {}): object => ({ type: 'email', url, from: 'tocsin@example.com', ...more })
  const put = async (name: string, body: unknown, who = admin) => who.call('PUT', `/api/v1/channels/${name}`, { body })
  for (const host of ['10.0.0.25', '127.0.0.1', '169.254.169.254', 'localhost', '[::1]', 'metadata.google.internal']) expect([host, (await put('relay', mail(`smtp://${host}:25`))).text]).toEqual([host, expect.stringMatching(/"\/url".*expected a public address/) as string])
  expect((await put('relay', mail('smtp://10.0.0.25:25', { allowNetworks: ['10.0.0.0/8'] }))).status).toBe(403)
  expect((await put('relay', mail('smtp://10.0.0.25:25', { allowNetworks: ['10.0.0.0/8'] }), owner)).status).toBe(201)
  expect((await put('outside', mail('smtps://smtp.example.com'))).status).toBe(201)
  // What holds for it is not written into it.
  expect((await admin.call('GET', '/api/v1/channels/outside')).text).not.toContain('allowNetworks')
  const own = await serverWorld({ project: 'bots', channels: { relay: { type: 'email', url: 'smtp://10.0.0.25:25', from: 'tocsin@example.com' } } })
  expect(own.notices.join()).not.toContain('relay')
  await own.dispose()
})

test('what an owner allowed stays through other changes, and goes nowhere else', async () => {
  const made = await owner.call('PUT', '/api/v1/channels/inner', { body: within })
  expect(made.status).toBe(201)
  const slower = await admin.call('PATCH', '/api/v1/channels/inner', { body: { concurrency: 2 }, headers: { 'if-match': made.headers.get('etag') ?? '' } })
  expect(slower.status).toBe(200)
  const etag = slower.headers.get('etag') ?? ''
  const moved = await admin.call('PATCH', '/api/v1/channels/inner', { body: { url: 'https://10.0.0.2/', secret: hook.secret }, headers: { 'if-match': etag } })
  const wider = await admin.call('PATCH', '/api/v1/channels/inner', { body: { allowNetworks: ['0.0.0.0/0'] }, headers: { 'if-match': etag } })
  // Its secret would go along: it is asked for anew before anything else is looked at.
  expect([moved.status, wider.status]).toEqual([403, 422])
})

test('who is of one project reads no name of another in what is measured', async () => {
  await owner.call('POST', '/api/v1/projects', { body: { name: 'hidden-one' } })
  const [own, all] = [await world.call('GET', '/metrics', { key: await world.makeKey('read', 'bots') }), await owner.call('GET', '/metrics')]
  expect(all.text).toContain('project="hidden-one"')
  expect(own.text).toContain('project="bots"')
  expect(own.text).toContain('tocsin_intake_events_total')
  expect(own.text).not.toContain('hidden-one')
})

import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotate } from './rotate.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../testing/visitor.ts'

let world: ServerWorld
let owner: Visitor
let admin: Visitor
const secret = 'sesame-open-4711-abcdef'
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin' } } })
  owner = await ownerOf(world)
  admin = await invited(world, owner, { name: 'Ada', role: 'admin', project: 'bots' })
})
afterAll(() => world.dispose())

const body = JSON.stringify({ action: 'failed', run: { name: 'nightly' } })
const signed = (by: string) => world.call('POST', '/hooks/bots/builds', { form: body, headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${createHmac('sha256', by).update(body).digest('hex')}` } })

test('a source that the API made is called at once, keeps its secret to itself, and through a rotation of the keys', async () => {
  const made = await admin.call('PUT', '/api/v1/sources/builds', { body: { title: 'Build {{ payload.run.name }} {{ payload.action }}', secret, signature: 'github' } })
  expect([made.status, made.json]).toMatchObject([201, { value: { secret: { secret: true, set: true }, signature: 'github' } }])
  expect([(await signed(secret)).json, (await signed('another')).status]).toMatchObject([{ accepted: 1 }, 403])
  const etag = made.headers.get('etag') ?? ''
  const changed = await admin.call('PATCH', '/api/v1/sources/builds', { body: { severity: 'info' }, headers: { 'if-match': etag } })
  expect(changed.status).toBe(200)
  expect((await signed(secret)).status).toBe(200)
  await rotate({ data: world.data, env: {}, notice: () => undefined })
  expect((await admin.call('PATCH', '/api/v1/sources/builds', { body: { severity: 'warning' }, headers: { 'if-match': changed.headers.get('etag') ?? '' } })).status).toBe(200)
  expect((await signed(secret)).status).toBe(200)
  const { text } = await owner.call('GET', '/api/v1/audit?action=sources')
  expect(text).toContain('sources.create')
  expect(text).not.toContain(secret)
  expect(readFileSync(join(world.data, 'tocsin.db')).includes(secret)).toBe(false)
})

test('a source whose text is no template is refused with its place, and so is what looks sealed and is not', async () => {
  const wrong = await admin.call('PUT', '/api/v1/sources/broken', { body: { title: 'Build {{ payload.run', severity: 'high' } })
  expect([wrong.status, wrong.json]).toMatchObject([422, { errors: [{ pointer: '/title' }] }])
  const forged = await admin.call('PUT', '/api/v1/sources/broken', { body: { title: 'x', secret: { $sealed: 'v1.0.0.0' } } })
  expect([forged.status, forged.text]).toMatchObject([422, expect.stringContaining('/secret') as string])
  expect((await owner.call('GET', '/api/v1/projects')).text).not.toContain('trouble')
})

test('the heartbeat is set in the project of the file, its address is a secret, and it stays outside', async () => {
  const put = (who: Visitor, value: unknown, project = 'bots') => who.call('PUT', `/api/v1/settings/heartbeat?project=${project}`, { body: value })
  expect((await put(admin, { url: 'https://beats.example.com/sesame-4711', every: '1h' })).json).toMatchObject({ value: { url: { secret: true, set: true }, every: '1h' } })
  expect((await owner.call('GET', '/api/v1/health')).json).toMatchObject({ heartbeat: { host: 'beats.example.com' } })
  const read = await admin.call('GET', '/api/v1/settings/heartbeat')
  expect(read.text).not.toContain('sesame')
  const kept = await admin.call('PATCH', '/api/v1/settings/heartbeat', { body: { every: '2h' }, headers: { 'if-match': read.headers.get('etag') ?? '' } })
  expect(kept.json).toMatchObject({ value: { every: '2h' } })
  expect(await admin.call('PATCH', '/api/v1/settings/heartbeat', { body: { allowNetworks: ['10.0.0.0/8'] }, headers: { 'if-match': kept.headers.get('etag') ?? '' } })).toMatchObject({ status: 403, text: expect.stringContaining('owners-only') as string })
  await owner.call('POST', '/api/v1/projects', { body: { name: 'other' } })
  expect(await put(owner, { url: 'https://beats.example.com/x' }, 'other')).toMatchObject({ status: 409, text: expect.stringContaining('is set in project bots') as string })
  await owner.call('DELETE', '/api/v1/projects/other')
})

test('self-tests are set, of channels that there are', async () => {
  expect((await admin.call('PUT', '/api/v1/settings/selfTest', { body: { channels: ['nowhere'] } })).status).toBe(422)
  expect((await admin.call('PUT', '/api/v1/settings/selfTest', { body: { at: '08:00', channels: ['kept'] } })).status).toBe(201)
  expect((await owner.call('GET', '/api/v1/health')).json).toMatchObject({ selfTest: { at: '08:00', results: [{ channel: 'kept', result: 'none' }] } })
})

import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, tokenIn } from '../testing/visitor.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

const people = { dana: { role: 'admin', email: 'dana@example.com' } } as const

interface Named {
  readonly name: string
}
const namesOf = (json: unknown): readonly string[] => (json as { readonly items: readonly Named[] }).items.map(({ name }) => name)

test('an owner makes a project, which is served at once; nobody else does, and that of the file stays', async () => {
  world = await serverWorld({ people })
  const { call } = world
  const owner = await ownerOf(world)
  const made = await owner.call('POST', '/api/v1/projects', { body: { name: 'shop', title: 'The shop' } })
  expect([made.status, made.json]).toEqual([201, expect.objectContaining({ name: 'shop', title: 'The shop', origin: 'api' })])
  expect((await owner.call('POST', '/api/v1/projects', { body: { name: 'shop' } })).status).toBe(409)
  expect((await owner.call('POST', '/api/v1/projects', { body: { name: 'a shop' } })).status).toBe(422)
  expect(namesOf((await owner.call('GET', '/api/v1/projects')).json)).toEqual(['default', 'shop'])
  const admin = await invited(world, owner, { name: 'Ada', role: 'admin', project: 'shop' })
  expect(namesOf((await admin.call('GET', '/api/v1/projects')).json)).toEqual(['shop'])
  expect((await admin.call('POST', '/api/v1/projects', { body: { name: 'mine' } })).status).toBe(403)
  expect((await admin.call('DELETE', '/api/v1/projects/shop')).status).toBe(403)
  expect((await owner.call('DELETE', '/api/v1/projects/default')).status).toBe(409)
  const key = await world.makeKey('ingest', 'shop')
  const event = { type: 'custom', id: 'one', atMs: Date.now() }
  expect((await call('POST', '/api/v1/events', { key, body: { events: [event] } })).json).toMatchObject({ accepted: 1 })
  expect((await owner.call('DELETE', '/api/v1/projects/shop')).status).toBe(204)
  expect((await call('POST', '/api/v1/events', { key, body: { events: [event] } })).status).toBeGreaterThanOrEqual(400)
  expect(namesOf((await owner.call('GET', '/api/v1/projects')).json)).toEqual(['default'])
}, 15_000)

test('projects are walls: neither names nor what is configured is seen or changed from another', async () => {
  world = await serverWorld({ people })
  const { call } = world
  const owner = await ownerOf(world)
  await owner.call('POST', '/api/v1/projects', { body: { name: 'shop' } })
  const [shop, file] = [await world.makeKey('manage', 'shop'), await world.makeKey('manage', 'default')]
  const rule = { on: 'llm.call', when: "event.status == 'error'" }
  expect((await call('PUT', '/api/v1/rules/only-shop', { key: shop, body: rule })).status).toBe(201)
  expect(namesOf((await call('GET', '/api/v1/rules', { key: file })).json)).toEqual([])
  expect(namesOf((await call('GET', '/api/v1/projects', { key: file })).json)).toEqual(['default'])
  for (const [method, path, body] of [['GET', 'rules/only-shop'], ['GET', 'rules'], ['PUT', 'rules/other', rule], ['DELETE', 'rules/only-shop'], ['POST', 'silences', { match: 'true', untilMs: Date.now() + 60_000, comment: 'x' }]] as const) {
    const refused = await call(method, `/api/v1/${path}?project=shop`, { key: file, body })
    expect([path, refused.status, refused.text.includes('only-shop')]).toEqual([path, 404, false])
  }
  // People of the file are not those of another project.
  const nobody = await call('PUT', '/api/v1/routes/on-call', { key: shop, body: { to: ['dana'], via: ['inbox'] } })
  expect([nobody.status, nobody.text]).toEqual([422, expect.not.stringContaining('dana@example.com')])
}, 15_000)

test('who had a way into a project that was taken away has none into another of its name', async () => {
  world = await serverWorld({ people })
  const owner = await ownerOf(world)
  const keyIn = ({ text }: { readonly text: string }) => /tok_[\w-]+/.exec(text)?.[0] ?? ''
  await owner.call('POST', '/api/v1/projects', { body: { name: 'shop' } })
  const key = keyIn(await owner.call('POST', '/api/v1/keys?project=shop', { body: { name: 'till', scope: 'manage' } }))
  const ada = await invited(world, owner, { name: 'Ada', role: 'admin', project: 'shop' })
  const waiting = await owner.call('POST', '/api/v1/invitations?project=shop', { body: { email: 'bo@example.com', role: 'admin' } })
  expect((await owner.call('DELETE', '/api/v1/projects/shop')).status).toBe(204)
  expect((await owner.call('POST', '/api/v1/projects', { body: { name: 'shop' } })).status).toBe(201)
  expect((await world.call('GET', '/api/v1/alerts', { key })).text).toContain('was revoked')
  expect((await ada.call('GET', '/api/v1/alerts?project=shop')).status).toBe(404)
  expect((await world.call('POST', '/api/v1/join', { body: { token: tokenIn(waiting.text), name: 'Bo', password: 'correct horse battery' } })).status).toBeGreaterThanOrEqual(400)
  expect((await owner.call('GET', '/api/v1/members?project=shop')).text).not.toContain('ada@')
  expect((await owner.call('GET', '/api/v1/alerts?project=shop')).status).toBe(200)
}, 20_000)

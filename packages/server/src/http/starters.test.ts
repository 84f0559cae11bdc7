import { afterEach, expect, test } from 'vitest'
import { emptyDatabase, type EmptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf } from '../testing/visitor.ts'

let world: ServerWorld | undefined
let database: EmptyDatabase | undefined
afterEach(async () => {
  await world?.dispose()
  await database?.dispose()
  world = undefined
  database = undefined
})

test.each(['sqlite', 'postgres'] as const)('who begins on %s gets all of a starter at once, and finds out before what it makes', async (kind) => {
  database = kind === 'postgres' ? await emptyDatabase() : undefined
  world = await serverWorld({ project: 'bots' }, database === undefined ? {} : { databaseUrl: database.url })
  const owner = await ownerOf(world)
  expect((await owner.call('GET', '/api/v1/starters')).json).toMatchObject({ items: [{ name: 'me', possible: true, makes: [{ kind: 'channels', name: 'inbox' }, { kind: 'people', name: 'olga', value: { role: 'owner', email: 'olga@example.com' } }] }, { name: 'team', possible: true }, { name: 'on-call', possible: true }] })
  const made = await owner.call('POST', '/api/v1/starters/on-call', { body: { budgetUsd: 50 } })
  expect([made.status, made.json]).toMatchObject([201, { makes: ['inbox', 'olga', 'month', 'everyone', 'primary', 'urgent', 'rest', 'week'].map((name) => ({ name })) }])
  const { makes } = made.json as { readonly makes: readonly { readonly path: string; readonly value: unknown }[] }
  for (const { path, value } of makes) expect([path, (await owner.call('GET', path)).json]).toMatchObject([path, { origin: 'api', value }])
  // Everything else that is there by itself is gone with the first that is made.
  expect((await owner.call('GET', '/api/v1/people')).json).toMatchObject({ items: [{ name: 'olga' }] })
  expect((await owner.call('POST', '/api/v1/routes/test', { body: { alert: { kind: 'session', severity: 'critical' } } })).text).toContain('olga')
  expect(((await owner.call('GET', '/api/v1/audit?limit=200')).text.match(/"action":"[\w-]+\.create"/g) ?? []).length).toBeGreaterThanOrEqual(8)
  expect(await owner.call('POST', '/api/v1/starters/team', { body: {} })).toMatchObject({ status: 409, text: expect.stringContaining('There are routes already') as string })
  expect((await owner.call('POST', '/api/v1/starters/me', { body: {} })).status).toBe(409)
})

test('what does not fit leaves nothing behind, nothing is replaced, and who may not change routes makes none', async () => {
  world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin', email: 'dana@example.com' } }, teams: { everyone: ['dana'] } })
  const owner = await ownerOf(world)
  const viewer = await invited(world, owner, { name: 'Vi', role: 'viewer', project: 'bots' })
  expect((await owner.call('POST', '/api/v1/starters/team', { body: { channels: ['nowhere'] } })).status).toBe(409)
  // The file has the team.
  expect(await owner.call('POST', '/api/v1/starters/team', { body: {} })).toMatchObject({ status: 409, text: expect.stringContaining('everyone') as string })
  expect((await owner.call('POST', '/api/v1/starters/me', { body: { budgetUsd: -1 } })).status).toBe(422)
  expect((await owner.call('PUT', '/api/v1/budgets/month', { body: { amountUsd: 7 } })).status).toBe(201)
  expect((await owner.call('POST', '/api/v1/starters/me', { body: { budgetUsd: 50 } })).status).toBe(412)
  expect((await owner.call('GET', '/api/v1/budgets/month')).json).toMatchObject({ value: { amountUsd: 7 } })
  expect((await owner.call('GET', '/api/v1/people')).json).toMatchObject({ items: [{ name: 'dana' }] })
  expect((await owner.call('GET', '/api/v1/routes')).json).toEqual({ items: [] })
  expect([(await viewer.call('GET', '/api/v1/starters')).status, (await viewer.call('POST', '/api/v1/starters/me', { body: {} })).status]).toEqual([200, 403])
})

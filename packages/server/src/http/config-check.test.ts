import { afterAll, beforeAll, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../testing/visitor.ts'

let world: ServerWorld
let admin: Visitor
let owner: Visitor
beforeAll(async () => {
  world = await serverWorld({ project: 'bots', channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin' } } })
  owner = await ownerOf(world)
  await owner.call('POST', '/api/v1/projects', { body: { name: 'other' } })
  admin = await invited(world, owner, { name: 'Ada', role: 'admin', project: 'bots' })
})
afterAll(() => world.dispose())

const hook = { type: 'webhook', url: 'https://hooks.example.com/in', secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }

interface Asked {
  readonly what: string
  readonly kind: string
  readonly name: string
  readonly value: unknown
  readonly project?: string
}

const asked: readonly Asked[] = [
  { what: 'what fits', kind: 'channels', name: 'hook', value: hook },
  { what: 'what reaches inside', kind: 'channels', name: 'inner', value: { ...hook, allowNetworks: ['10.0.0.0/8'] } },
  { what: 'a secret that is not there to stay', kind: 'channels', name: 'empty', value: { ...hook, secret: { secret: true, set: true } } },
  { what: 'what looks sealed', kind: 'channels', name: 'forged', value: { ...hook, secret: { $sealed: 'x' } } },
  { what: 'what is too large', kind: 'templates', name: '*', value: { subject: 'x'.repeat(310_000) } },
  { what: 'a name of a route without one', kind: 'routes', name: 'route-1', value: { to: ['dana'], via: ['kept'] } },
  { what: 'a setting that is none', kind: 'settings', name: 'store', value: { content: 'full' } },
  { what: 'a setting', kind: 'settings', name: 'pause', value: false },
  { what: 'what is in the file', kind: 'people', name: 'dana', value: { role: 'viewer' } },
  { what: 'a heartbeat elsewhere', kind: 'settings', name: 'heartbeat', value: { url: 'https://beats.example.com/x' }, project: 'other' },
  { what: 'a name that nothing has', kind: 'budgets', name: '__proto__', value: { amountUsd: 5 } },
  { what: 'a template that is none', kind: 'sources', name: 'broken', value: { title: '{{ payload.' } },
  { what: 'a person who is not there', kind: 'teams', name: 'crew', value: ['nobody'] },
]

test.each(asked)('of $what the check says what a change would be told', async ({ kind, name, value, project = 'bots' }) => {
  const who = project === 'bots' ? admin : owner
  const checked = await who.call('POST', `/api/v1/config/check?project=${project}`, { body: { changes: [{ kind, name, value }] } })
  const { ok, problems } = checked.json as { readonly ok: boolean; readonly problems: readonly { readonly pointer: string }[] }
  const put = await who.call('PUT', `/api/v1/${kind}/${encodeURIComponent(name)}?project=${project}`, { body: value })
  expect([checked.status, ok]).toEqual([200, put.status < 300])
  for (const { pointer } of problems) expect(pointer).toMatch(/^\/changes\/0/)
})

test('what an owner may set is no problem for an owner', async () => {
  const changes = [{ kind: 'channels', name: 'inner', value: { ...hook, allowNetworks: ['10.0.0.0/8'] } }]
  const of = async (who: Visitor): Promise<unknown> => (await who.call('POST', '/api/v1/config/check?project=bots', { body: { changes } })).json
  expect([await of(owner), await of(admin)]).toMatchObject([{ ok: true }, { ok: false, problems: [{ pointer: '/changes/0/value/allowNetworks' }] }])
})

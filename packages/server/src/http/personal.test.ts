import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock, type ConfigInput } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { erasePersonal, exportPersonal } from '../personal/by-command.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { ownerOf } from '../testing/visitor.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

const lee = { lee: { role: 'admin', email: 'lee@example.com' } } as const
const config: ConfigInput = {
  channels: { mail: { type: 'email', url: 'smtp://127.0.0.1:9', allowInsecure: true, from: 'tocsin@example.com' } },
  people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'Asia/Shanghai' }, ...lee },
  routes: [{ match: 'true', to: ['role:admin'], via: ['mail'] }],
  detection: { wait: '0s' },
  pause: true,
}

async function told(of: ServerWorld): Promise<void> {
  const event = { type: 'session.end', id: 'e', sessionId: 's1', user: 'u7', atMs: systemClock.nowMs(), status: 'error', endState: 'fail', endReason: 'Mr. Smith gave up' }
  expect((await of.call('POST', '/api/v1/events', { key: of.ingestKey, body: { events: [event] } })).status).toBe(200)
}

function kindsOf(text: string): readonly string[] {
  return text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { readonly kind: string }).kind)
}

test('all that is kept about a person is answered as lines, and goes when they are out of the configuration, on record without their name', async () => {
  world = await serverWorld(config)
  await told(world)
  const owner = await ownerOf(world)
  const exported = await owner.call('GET', '/api/v1/people/dana/export')
  expect(exported.headers.get('content-type')).toContain('application/x-ndjson')
  expect(exported.headers.get('cache-control')).toBe('no-store')
  expect(JSON.parse(exported.text.split('\n', 1)[0] ?? '')).toMatchObject({ kind: 'about', value: { person: 'dana', project: 'default', configuration: { email: 'dana@example.com', timezone: 'Asia/Shanghai' } } })
  expect(kindsOf(exported.text)).toEqual(expect.arrayContaining(['about', 'delivery', 'decision']))
  expect(exported.text).not.toContain('lee')
  expect(await owner.call('POST', '/api/v1/people/dana/erase')).toMatchObject({ status: 409, json: { detail: expect.stringContaining('still in the configuration') as string } })

  writeFileSync(join(world.data, 'tocsin.yaml'), JSON.stringify({ ...config, people: lee }))
  expect(await world.reload()).toBe(true)
  const erased = await owner.call('POST', '/api/v1/people/dana/erase')
  expect(erased).toMatchObject({ status: 200, json: { as: expect.stringMatching(/^erased-[0-9a-f]{12}$/) as string } })
  expect(kindsOf((await owner.call('GET', '/api/v1/people/dana/export')).text)).toEqual(['about'])
  expect((await world.store.read.deliveries()).map(({ person, result }) => `${person} ${result ?? ''}`).toSorted()).toEqual([`${(erased.json as { readonly as: string }).as} erased`, 'lee '])
  const audit = await owner.call('GET', '/api/v1/audit?action=people.erase')
  expect(audit.json).toMatchObject({ items: [{ action: 'people.erase', target: (erased.json as { readonly as: string }).as, after: { rows: expect.any(Number) as number } }] })
  expect(audit.text).not.toContain('dana')
})

test('what was said by a user of an agent is answered as lines and goes, and what happened stays', async () => {
  world = await serverWorld(config)
  await told(world)
  const owner = await ownerOf(world)
  const exported = await owner.call('GET', '/api/v1/agent-users/u7/export')
  expect(kindsOf(exported.text)).toEqual(['about', 'session', 'event'])
  expect(exported.text).toContain('Smith')
  expect((await owner.call('POST', '/api/v1/agent-users/u7/erase')).status).toBe(200)
  expect(kindsOf((await owner.call('GET', '/api/v1/agent-users/u7/export')).text)).toEqual(['about'])
  expect(JSON.stringify([await world.store.read.events(), await world.store.read.alerts(), await world.store.read.session('default', 's1')])).not.toMatch(/Smith|u7/)
  expect((await world.store.read.counts()).events).toBeGreaterThan(0)
})

test('the same by command, beside a server that runs', async () => {
  world = await serverWorld(config)
  await told(world)
  const lines: string[] = []
  const options = { data: world.data, config: join(world.data, 'tocsin.yaml'), by: 'ops', env: {}, notice: () => undefined }
  const { things } = await exportPersonal({ ...options, person: 'dana' }, async (text) => void lines.push(text))
  expect(kindsOf(lines.join(''))).toHaveLength(things + 1)
  expect(things).toBeGreaterThan(1)
  await expect(erasePersonal({ ...options, person: 'dana' })).rejects.toMatchObject({ code: 'wrong-usage' })
  expect((await erasePersonal({ ...options, user: 'u7' })).rows).toBeGreaterThan(0)
  await expect(erasePersonal(options)).rejects.toThrow('Expected one of --person and --user, found none')
  const owner = await ownerOf(world)
  expect((await owner.call('GET', '/api/v1/audit?actor=command:ops')).json).toMatchObject({ items: [{ action: 'agent-users.erase' }, { action: 'people.export', target: 'dana' }] })
})

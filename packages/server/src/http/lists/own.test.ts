import { afterAll, beforeAll, expect, test } from 'vitest'
import { record, recordedAlert, recordedMs, recordedNotification } from '../../testing/recorded.ts'
import { serverWorld, type ServerWorld } from '../../testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../testing/visitor.ts'

let world: ServerWorld
let owner: Visitor
let vi: Visitor
let guest: Visitor
beforeAll(async () => {
  // Somebody is really called so: `tocsin init` begins with it.
  world = await serverWorld({ project: 'bots', people: { me: { role: 'admin', email: 'dana@example.com' }, vi: { role: 'viewer', email: 'vi@example.com' } } })
  owner = await ownerOf(world)
  vi = await invited(world, owner, { name: 'Vi', role: 'viewer', project: 'bots' })
  guest = await invited(world, owner, { name: 'Guest', role: 'viewer', project: 'bots' })
  const [alert = 0] = await record(world.store, [recordedAlert({ key: 'k' })])
  await world.store.transaction(async (tx) => {
    const recipient = { locale: 'en', timezone: 'UTC' } as const
    await tx.enqueue([recordedNotification(alert, { recipient: { ...recipient, person: 'me', role: 'admin', address: '' } }), recordedNotification(alert, { recipient: { ...recipient, person: 'vi', role: 'viewer', address: '' } })])
    const decision = { alert, channel: 'inbox', reason: 'sent.now', params: {}, atMs: recordedMs, count: 1 } as const
    await tx.recordDecisions([{ ...decision, person: 'me' }, { ...decision, person: 'vi' }])
  })
}, 30_000)
afterAll(() => world.dispose())

const whose = async (who: Visitor, path: string): Promise<unknown> => {
  const { status, json } = await who.call('GET', path)
  return status === 200 ? (json as { readonly items: readonly { readonly person: string }[] }).items.map(({ person }) => person) : status
}

test.each(['deliveries', 'notifications', 'decisions'])('%s of "me" are those of whoever asks, whatever their role and whoever is called so', async (list) => {
  const asked = async (person: string): Promise<unknown> => Promise.all([vi, guest, owner].map((who) => whose(who, `/api/v1/${list}?person=${person}`)))
  expect(await asked('me')).toEqual([['vi'], [], []])
  expect(await asked('%3Dme')).toEqual(list === 'decisions' ? [['me'], ['me'], ['me']] : [403, 403, ['me']])
})

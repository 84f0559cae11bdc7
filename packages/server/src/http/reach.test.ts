import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld | undefined
afterEach(async () => {
  await world?.dispose()
  world = undefined
})

interface Person {
  readonly person: string
  readonly reached: string
  readonly by: readonly { readonly type: string; readonly works: boolean; readonly off: readonly string[]; readonly addresses: readonly { readonly address: string; readonly verified?: boolean; readonly stoppedMs?: number; readonly bad?: { readonly code: string } }[] }[]
}

const sms = { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'not-a-token', from: '+15005550006', countries: ['US'] }
const people = {
  amy: { role: 'admin', email: 'amy@example.com', phone: '+14155550101' },
  bo: { role: 'billing', phone: '+14155550102' },
  cy: { role: 'developer' },
} as const

test('everybody is listed at each kind of channel: whether there is an address, whether it was stopped or is bad, and what they do not want there', async () => {
  world = await serverWorld({ project: 'bots', channels: { texts: sms, mail: { type: 'email', url: 'smtps://u:p@mail.example.com', from: 'a@example.com' } }, people: { ...people, bo: { ...people.bo, preferences: [{ kinds: ['cost'], channels: ['texts'], mute: true }] } } })
  const { call } = world
  const key = await world.makeKey('manage', 'bots')
  const ask = async (): Promise<readonly Person[]> => {
    const { json } = await call('GET', '/api/v1/reach', { key })
    return (json as { readonly items: readonly Person[] }).items
  }
  const first = await ask()
  expect(first.map(({ person, reached }) => [person, reached])).toEqual([['cy', 'none'], ['amy', 'own'], ['bo', 'own']])
  expect(first[1]?.by.find(({ type }) => type === 'email')?.addresses).toEqual([{ address: 'amy@example.com', verified: false }])
  expect(first[2]?.by.find(({ type }) => type === 'sms')?.off).toEqual(['cost'])
  const nowMs = Date.now()
  await world.store.transaction(async (tx) => {
    await tx.optOut({ project: 'bots', channelType: 'sms', address: '+14155550102', sinceMs: nowMs })
    await tx.addBadAddress({ project: 'bots', channel: 'mail', address: 'amy@example.com', code: '550', sinceMs: nowMs, untilMs: nowMs + 60_000 })
  }, { project: 'bots' })
  const then = await ask()
  expect(then.map(({ person, reached }) => [person, reached])).toEqual([['bo', 'none'], ['cy', 'none'], ['amy', 'own']])
  expect(then[0]?.by.find(({ type }) => type === 'sms')).toMatchObject({ works: false, addresses: [{ stoppedMs: nowMs }] })
  expect(then[2]?.by.find(({ type }) => type === 'email')).toMatchObject({ works: false, addresses: [{ bad: { code: '550' } }] })
})

test('where everybody shares a place, nobody is nowhere', async () => {
  world = await serverWorld({ channels: { wall: { type: 'inbox' } }, people })
  const { json } = await world.call('GET', '/api/v1/reach', { key: await world.makeKey('manage') })
  expect((json as { readonly items: readonly Person[] }).items.map(({ reached }) => reached)).toEqual(['shared', 'shared', 'shared'])
})

test('who is on duty is told with who is next, and who only stands in', async () => {
  const day = 86_400_000
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString()
  world = await serverWorld({ people, rotations: { pager: { members: ['amy', 'cy'], every: 'day', start: '2026-01-01' }, lent: { members: ['amy'], overrides: [{ person: 'bo', from: at(-day), until: at(day) }] }, alone: { members: ['cy'] } } })
  const { json } = await world.call('GET', '/api/v1/on-call', { key: await world.makeKey('read') })
  const { items } = json as { readonly items: readonly { readonly rotation: string; readonly person: string; readonly isOverride: boolean; readonly next?: { readonly person: string; readonly atMs: number } }[] }
  const of = (name: string) => items.find(({ rotation }) => rotation === name)
  expect(new Set([of('pager')?.person, of('pager')?.next?.person])).toEqual(new Set(['amy', 'cy']))
  expect(of('lent')).toMatchObject({ person: 'bo', isOverride: true, next: { person: 'amy' } })
  expect(of('alone')).toEqual({ rotation: 'alone', person: 'cy', isOverride: false })
})

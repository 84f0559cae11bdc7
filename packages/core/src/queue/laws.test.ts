import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seededChance } from '../model/chance.ts'
import type { OpenChannel, Rate } from '../model/channel.ts'
import { configSchema } from '../model/config.ts'
import type { NewNotification, Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock, type ManualClock } from '../testing/manual-clock.ts'
import { Receiver } from '../testing/receiver.ts'
import { dana, lee, sampleAlert, sampleMs, sampleNotification } from '../testing/store-suite/samples.ts'
import { claim, type Claim, type Lane } from './claim.ts'
import { settle } from './settle.ts'

let clock: ManualClock
let store: Store
let folder: string
const chance = seededChance(7)
const { delivery } = configSchema.parse({})

beforeEach(() => {
  clock = manualClock(sampleMs)
  folder = mkdtempSync(join(tmpdir(), 'tocsin-laws-'))
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

/** One alert each, due a millisecond after another. */
async function enqueue(count: number, change: Partial<NewNotification>): Promise<readonly number[]> {
  return store.transaction(async (tx) => {
    const alerts = await tx.insertAlerts(Array.from({ length: count }, (_, index) => sampleAlert({ key: `${change.priority}-${index}-${change.dueMs}` })))
    return (await tx.enqueue(alerts.map((alert, index) => sampleNotification(alert, { ...change, dueMs: (change.dueMs ?? sampleMs) + index, expiresMs: sampleMs + 1e9 })))).map((one) => one.delivery)
  })
}

function lane(free: number, limits: { readonly rate?: Rate | readonly Rate[]; readonly ratePerAddress?: Rate } = {}): Lane {
  const { type } = new Receiver('mail')
  const open: OpenChannel = { name: 'mail', type, channel: type.create({}, 'mail'), address: type.address, limits: { ...type.limits, ...limits } }
  return { open, inFlight: 0, free, freeForRest: free }
}

/** Claims and settles at once, as a channel that answers immediately. */
async function claimOnce(from: Lane): Promise<Claim> {
  return store.transaction(async (tx) => {
    const nowMs = clock.nowMs()
    const made = await claim(tx, [from], { project: 'bots', chance, delivery, object: async () => undefined, hold: () => undefined, sift: (_tx, due) => Promise.resolve(due), limits: false }, nowMs)
    await tx.settle(made.claimed.map(({ id, fence }) => ({ id, fence, kind: 'done', result: 'sent', atMs: nowMs })))
    return made
  })
}

describe('news of one alert where the first message is answered', () => {
  const { type } = new Receiver('chat')
  const chat: OpenChannel = { name: 'chat', type: { ...type, needsFirst: true }, channel: type.create({}, 'chat'), address: 'none', limits: type.limits }
  const room = { ...dana, address: '' }
  const claimChat = (nowMs: number) =>
    store.transaction((tx) => claim(tx, [{ open: chat, inFlight: 0, free: 9, freeForRest: 9 }], { project: 'bots', chance, delivery, object: async () => undefined, hold: () => undefined, sift: (_tx, due) => Promise.resolve(due), limits: false }, nowMs))
  const tell = (alert: number, change: Partial<NewNotification> = {}) =>
    store.transaction((tx) => tx.enqueue([sampleNotification(alert, { channel: 'chat', recipient: room, dueMs: sampleMs, expiresMs: sampleMs + 1e9, ...change })]))

  test('wait for it while it is on its way, so that there are not two; what is critical does not wait, nor what is about another', async () => {
    const [one = 0, other = 0] = await store.transaction((tx) => tx.insertAlerts([sampleAlert({ key: 'one' }), sampleAlert({ key: 'other' })]))
    await tell(one)
    const [first] = (await claimChat(sampleMs)).claimed
    if (first === undefined) throw new Error('nothing was claimed')
    await tell(one, { recipient: { ...room, person: lee.person } })
    await tell(one, { priority: 0 })
    await tell(other)
    expect((await claimChat(sampleMs + 10)).claimed.map(({ priority, notification }) => [priority, notification.alerts[0]?.id])).toEqual([[0, one], [1, other]])
    const outcome = { kind: 'sent', providerId: 'C1:1.1' } as const
    await store.transaction((tx) => settle(tx, [{ claimed: first, open: chat, outcome, startedMs: sampleMs, tookMs: 5, found: false }], { project: 'bots', chance, delivery }, sampleMs + 20))
    expect((await claimChat(sampleMs + 2_000)).claimed.map(({ notification, follows }) => [notification.recipient.person, follows])).toEqual([['lee', 'C1:1.1']])
  })

  test('go one after the other where they are claimed together', async () => {
    const [alert = 0] = await store.transaction((tx) => tx.insertAlerts([sampleAlert({ key: 'one' })]))
    await tell(alert)
    await tell(alert, { recipient: { ...room, person: lee.person } })
    expect((await claimChat(sampleMs)).claimed).toHaveLength(1)
    // The lease of what never came back is over.
    expect((await claimChat(sampleMs + delivery.leaseMs + 1)).claimed.length).toBeGreaterThan(0)
  })
})

describe('what is claimed', () => {
  test('is critical first, whatever is older or waits longer', async () => {
    await enqueue(5, { priority: 1, dueMs: sampleMs - 90_000 })
    await enqueue(5, { priority: 3, dueMs: sampleMs - 900_000 })
    await enqueue(4, { priority: 0, dueMs: sampleMs - 10 })
    const order = (await claimOnce(lane(6))).claimed.map(({ priority }) => priority)
    expect(order.slice(0, 4)).toEqual([0, 0, 0, 0])
    expect(order).toHaveLength(6)
  })

  test('is the oldest in one of ten turns that are not critical, and else the most urgent', async () => {
    await enqueue(60, { priority: 3, dueMs: sampleMs - 900_000 })
    await enqueue(600, { priority: 1, dueMs: sampleMs - 1_000 })
    const claimed: number[] = []
    for (let turn = 0; turn < 300; turn += 1) for (const one of (await claimOnce(lane(1))).claimed) claimed.push(one.priority)
    const oldest = claimed.filter((priority) => priority === 3).length
    expect(claimed).toHaveLength(300)
    // Binomial with 300 and a tenth: 30, and 3 standard deviations are 16.
    expect(oldest).toBeGreaterThan(14)
    expect(oldest).toBeLessThan(46)
  })

  test('is the oldest in one of ten turns also where the rate ends each claim after the first', async () => {
    const rate = { count: 1, perMs: 1_000 }
    await enqueue(60, { priority: 3, dueMs: sampleMs - 900_000 })
    await enqueue(400, { priority: 1, dueMs: sampleMs - 1_000 })
    const claimed: number[] = []
    for (let turn = 0; turn < 200; turn += 1) {
      for (const one of (await claimOnce(lane(5, { rate }))).claimed) claimed.push(one.priority)
      clock.advance(1_250)
    }
    expect(claimed).toHaveLength(200)
    const oldest = claimed.filter((priority) => priority === 3).length
    expect(oldest).toBeGreaterThan(7)
    expect(oldest).toBeLessThan(33)
  })

  test('keeps a fifth of the rate for what is critical', async () => {
    // A burst of a fifth may go at once: 20 in all, of which 16 are for the rest.
    const limited = lane(100, { rate: { count: 100, perMs: 3_600_000 } })
    await enqueue(40, { priority: 1, dueMs: sampleMs - 1_000 })
    const rest = await claimOnce(limited)
    expect(rest.claimed).toHaveLength(16)
    expect(rest.rests).toEqual([{ channel: 'mail', untilMs: expect.any(Number) as unknown, for: 'not-critical' }])
    expect(rest.limited).toEqual([])
    await enqueue(10, { priority: 0, dueMs: sampleMs - 500 })
    const critical = await claimOnce(limited)
    expect(critical.claimed.map(({ priority }) => priority)).toEqual([0, 0, 0, 0])
    expect(critical.limited).toEqual([{ channel: 'mail', waiting: 6 }])
    expect(critical.decisions.filter(({ reason }) => reason === 'held.rate').map(({ params }) => params)).toEqual([{ channel: 'mail', until: expect.any(Number) as unknown }])
    expect(critical.decisions.filter(({ reason }) => reason === 'limited.person').map(({ params }) => params['limit'])).toEqual([100, 100, 100, 100, 100, 100])
  })

  test('never exceeds the rate in any span, over all claims', async () => {
    const rate = { count: 10, perMs: 60_000 }
    await enqueue(40, { priority: 1, dueMs: sampleMs - 1_000 })
    await enqueue(20, { priority: 0, dueMs: sampleMs - 1_000 })
    const sentMs: number[] = []
    for (let step = 0; step < 400; step += 1) {
      for (const _ of (await claimOnce(lane(50, { rate }))).claimed) sentMs.push(clock.nowMs())
      clock.advance(1_000)
    }
    expect(sentMs.length).toBeGreaterThan(40)
    for (const fromMs of sentMs) expect(sentMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + rate.perMs).length).toBeLessThanOrEqual(rate.count)
  })

  test('obeys every rate of its channel', async () => {
    const rate = [{ count: 2, perMs: 1_000 }, { count: 10, perMs: 3_600_000 }]
    await enqueue(60, { priority: 1, dueMs: sampleMs - 1_000 })
    const sentMs: number[] = []
    for (let step = 0; step < 600; step += 1) {
      for (const _ of (await claimOnce(lane(50, { rate }))).claimed) sentMs.push(clock.nowMs())
      clock.advance(step < 20 ? 100 : 12_000)
    }
    expect(sentMs.length).toBeGreaterThan(12)
    for (const { count, perMs } of rate) for (const fromMs of sentMs) expect(sentMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + perMs).length).toBeLessThanOrEqual(count)
  })

  test('passes by an address at its rate, so that others are told', async () => {
    const limited = lane(10, { ratePerAddress: { count: 1, perMs: 3_600_000 } })
    await enqueue(3, { priority: 1, dueMs: sampleMs - 1_000 })
    await enqueue(1, { priority: 1, recipient: lee })
    const { claimed, rests, moved } = await claimOnce(limited)
    expect(claimed.map(({ notification }) => notification.recipient.address)).toEqual([dana.address, lee.address])
    expect([rests, moved]).toEqual([[], 2])
  })
})

import { expect, test } from 'vitest'
import type { Attempt } from '../../model/delivery.ts'
import type { DueDelivery, NewNotification } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, lee, only, sampleAlert, sampleMs, sampleNotification } from './samples.ts'

const leaseMs = 60_000

export function claimSuite(here: StoreUnderTest): void {
  const alert = async (key = 'support|gpt'): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert({ key })])))
  const enqueue = async (change: Partial<NewNotification> = {}): Promise<number> => {
    const about = change.alert ?? (await alert(`key ${keys++}`))
    return only(await here.write((tx) => tx.enqueue([sampleNotification(about, change)]))).delivery
  }
  let keys = 0
  const due = (change: { project?: string; channel?: string; priority?: number; nowMs?: number; limit?: number } = {}): Promise<readonly DueDelivery[]> =>
    here.write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: here.clock.nowMs(), limit: 100, ...change }))
  const dueIds = async (change: Parameters<typeof due>[0] = {}): Promise<readonly number[]> => (await due(change)).map(({ id }) => id)
  const lease = async (id: number): Promise<number> => only(await here.write((tx) => tx.lease([id], here.clock.nowMs() + leaseMs, here.clock.nowMs())))
  const attempt = (outcome: Attempt['outcome'], number = 1): Attempt => ({ number, atMs: here.clock.nowMs(), tookMs: 12, outcome, detail: 'said so' })
  const done = (id: number, fence: number, result: 'sent' | 'failed' = 'sent') =>
    here.write(async (tx) => only(await tx.settle([{ id, fence, kind: 'done', result, atMs: here.clock.nowMs(), attempt: attempt('sent') }])))
  const record = async (id: number) => (await here.store.read.deliveries()).find((one) => one.id === id)

  test('a due delivery brings its notification and alert', async () => {
    const id = await alert()
    const change = { fallback: ['sms', 'hook'], fallbackAfterMs: 300_000, without: ['costDetail', 'personalData'], route: 'r7', news: 'resolved' } as const
    const { notification, delivery } = only(await here.write((tx) => tx.enqueue([sampleNotification(id, change)])))
    expect(only(await due())).toEqual({
      id: delivery, attemptsBefore: 0, doubtfulAttempts: 0, priority: 1, dueMs: sampleMs, expiresMs: sampleMs + 86_400_000, cost: 1, fallbackAsked: false,
      fallback: ['sms', 'hook'], fallbackAfterMs: 300_000,
      notification: {
        id: notification, project: 'bots', channel: 'mail', recipient: dana, route: 'r7', news: 'resolved', without: ['costDetail', 'personalData'],
        alerts: [await here.store.read.alert(id)], moreAlerts: 0, createdAtMs: sampleMs,
      },
    })
  })

  test('the first message of a thread is kept, and no later one takes its place', async () => {
    const keep = (providerId: string) => here.write((tx) => tx.keepFirstMessages([{ thread: 't-1', providerId, atMs: sampleMs }]))
    await keep('C1:100.1')
    await keep('C1:200.2')
    expect(await here.write((tx) => tx.firstMessages(['t-1', 't-2']))).toEqual(new Map([['t-1', 'C1:100.1']]))
    expect(await here.write((tx) => tx.firstMessages([]))).toEqual(new Map())
  })

  test('what is behind older news in flight about the same alert to the same reader is known, until their lease is over', async () => {
    const room = { ...dana, address: '' }
    const [one = 0, other = 0] = await here.write((tx) => tx.insertAlerts([sampleAlert({ key: 'one' }), sampleAlert({ key: 'other' })]))
    const told = (about: number, change: Partial<NewNotification> = {}) => sampleNotification(about, { channel: 'chat', recipient: room, ...change })
    const [first = 0, ...rest] = (await here.write((tx) => tx.enqueue([told(one), told(one), told(one, { recipient: { ...room, person: 'lee' } }), told(one, { recipient: dana }), told(one, { channel: 'mail' }), told(other)]))).map(({ delivery }) => delivery)
    const behind = (nowMs: number) => here.write((tx) => tx.behindOlder([first, ...rest], nowMs))
    expect(await behind(sampleMs)).toEqual([false, false, false, false, false, false])
    await here.write((tx) => tx.lease([first], sampleMs + 1_000, sampleMs))
    expect(await behind(sampleMs + 999)).toEqual([false, true, true, false, false, false])
    expect(await behind(sampleMs + 1_000)).toEqual([false, false, false, false, false, false])
  })

  test('a first message that is gone makes room for another, unless another has its place already', async () => {
    const keep = (providerId: string) => here.write((tx) => tx.keepFirstMessages([{ thread: 't-1', providerId, atMs: sampleMs }]))
    const forget = (providerId: string) => here.write((tx) => tx.forgetFirstMessages([{ thread: 't-1', providerId }]))
    await keep('C1:100.1')
    await forget('C1:100.1')
    await keep('C1:200.2')
    await forget('C1:100.1')
    await keep('C1:300.3')
    expect(await here.write((tx) => tx.firstMessages(['t-1']))).toEqual(new Map([['t-1', 'C1:200.2']]))
  })

  test('others who read the same message keep their own next channels', async () => {
    const alsoFor = [{ person: 'lee', route: 'r 2', fallback: ['sms'], fallbackAfterMs: 1_000 }, { person: 'kim', route: 'r3', fallback: ['hook', 'sms'] }]
    const [with2, without] = [await enqueue({ fallback: ['hook'], fallbackAfterMs: 1_000, alsoFor }), await enqueue({ fallback: ['hook'], fallbackAfterMs: 1_000 })]
    const found = await due()
    expect(found.map(({ id, fallback, alsoFor: others }) => [id, fallback, others])).toEqual([[with2, ['hook'], alsoFor], [without, ['hook'], undefined]])
    await here.reopen()
    expect((await due())[0]).toMatchObject({ id: with2, alsoFor })
  })

  test('what expired on other channels is found, unless it is under lease', async () => {
    const expired = { dueMs: sampleMs, expiresMs: sampleMs + 10 }
    const mine = await enqueue(expired)
    const gone = await enqueue({ ...expired, channel: 'gone' })
    const leased = await enqueue({ ...expired, channel: 'gone' })
    await enqueue({ dueMs: sampleMs, channel: 'gone' })
    await lease(leased)
    const find = async (otherThan: readonly string[]): Promise<readonly number[]> =>
      (await here.write((tx) => tx.expired('bots', otherThan, sampleMs + 11, 100))).map(({ id }) => id)
    expect(await find(['mail'])).toEqual([gone])
    expect(await find([])).toEqual([mine, gone])
    expect(await here.write((tx) => tx.expired('others', [], sampleMs + 11, 100))).toEqual([])
  })

  test('news on its way to a person is found as long as it was sent or may be, and not what came before', async () => {
    const about = await alert()
    const [first, second] = await here.write((tx) => tx.enqueue([sampleNotification(about), sampleNotification(about, { channel: 'sms' })]))
    const ways = async (sinceMs: number, person = 'dana'): Promise<readonly string[]> => (await here.write((tx) => tx.onTheWay(about, person, sinceMs))).map(({ channel }) => channel).toSorted()
    expect(await ways(sampleMs)).toEqual(['mail', 'sms'])
    expect(await ways(sampleMs + 1)).toEqual([])
    expect(await ways(sampleMs, 'lee')).toEqual([])
    await here.write((tx) => tx.finish([first?.delivery ?? 0], 'failed', here.clock.nowMs()))
    expect(await ways(sampleMs)).toEqual(['sms'])
    await done(second?.delivery ?? 0, await lease(second?.delivery ?? 0))
    expect(await ways(sampleMs)).toEqual(['sms'])
  })

  test('only one channel and priority is asked for, oldest due first, up to the limit, and nothing before its time', async () => {
    const late = await enqueue({ dueMs: sampleMs + 20 })
    const early = await enqueue({ dueMs: sampleMs + 10 })
    await enqueue({ dueMs: sampleMs + 31 })
    await enqueue({ channel: 'sms', dueMs: sampleMs })
    await enqueue({ priority: 0, dueMs: sampleMs })
    expect(await dueIds({ nowMs: sampleMs + 30 })).toEqual([early, late])
    expect(await dueIds({ nowMs: sampleMs + 30, limit: 1 })).toEqual([early])
    expect(await dueIds({ nowMs: sampleMs + 9 })).toEqual([])
  })

  test('a leased delivery is not due until its lease runs out', async () => {
    const id = await enqueue()
    await lease(id)
    expect(await dueIds()).toEqual([])
    expect(await here.write((tx) => tx.delivery(id))).toMatchObject({ state: 'claimed', due: { id, attemptsBefore: 1 } })
    here.clock.advance(leaseMs - 1)
    expect(await dueIds()).toEqual([])
    here.clock.advance(1)
    expect(await dueIds()).toEqual([id])
  })

  test('a settled delivery is done, with its attempt on record', async () => {
    const id = await enqueue()
    const fence = await lease(id)
    here.clock.advance(500)
    expect(await done(id, fence)).toBe(true)
    expect(await dueIds({ nowMs: sampleMs + 10 * leaseMs })).toEqual([])
    expect(await record(id)).toMatchObject({ state: 'done', result: 'sent', doneAtMs: sampleMs + 500, attempts: [attempt('sent')] })
    expect(await here.write((tx) => tx.delivery(id))).toMatchObject({ state: 'done', result: 'sent' })
    expect(await done(id, fence)).toBe(false)
  })

  test('what the provider calls the message it accepted stays with the attempt, also after the store is opened again', async () => {
    const id = await enqueue()
    const fence = await lease(id)
    const accepted: Attempt = { ...attempt('sent'), providerId: 'SM0123456789abcdef' }
    await here.write((tx) => tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs: sampleMs, attempt: accepted }]))
    expect((await record(id))?.attempts).toEqual([accepted])
    const again = await here.reopen()
    expect((await again.read.deliveries()).find((one) => one.id === id)?.attempts).toEqual([accepted])
  })

  test('a delivery put off by its attempt is due again later, and counts the attempt', async () => {
    const id = await enqueue()
    const fence = await lease(id)
    const later = { id, fence, kind: 'later', dueMs: sampleMs + 5_000, cost: 3, attempt: { ...attempt('retry'), code: '429' } } as const
    expect(await here.write((tx) => tx.settle([later, later]))).toEqual([true, false])
    expect(await dueIds({ nowMs: sampleMs + 4_999 })).toEqual([])
    const again = only(await due({ nowMs: sampleMs + 5_000 }))
    expect(again).toMatchObject({ id, attemptsBefore: 1, doubtfulAttempts: 0, cost: 3 })
    expect(again.inDoubtSinceMs).toBeUndefined()
    expect(await record(id)).toMatchObject({ state: 'waiting', attempts: [later.attempt] })
    expect(await lease(id)).toBeGreaterThan(fence)
  })

  test('an attempt that was never made is taken back', async () => {
    const id = await enqueue()
    const fence = await lease(id)
    await here.write((tx) => tx.settle([{ id, fence, kind: 'later', dueMs: sampleMs + 1, uncounted: true }]))
    expect(only(await due({ nowMs: sampleMs + 1 }))).toMatchObject({ attemptsBefore: 0, cost: 1 })
    expect(await record(id)).toMatchObject({ attempts: [] })
  })

  test('an attempt in doubt is known at the next claim, whatever comes after it', async () => {
    const id = await enqueue()
    const settle = async (kind: 'in-doubt' | 'retry' | 'uncounted', number: number) => {
      const fence = await lease(id)
      const made = kind === 'uncounted' ? { uncounted: true as const } : { attempt: attempt(kind, number) }
      await here.write((tx) => tx.settle([{ id, fence, kind: 'later', dueMs: here.clock.nowMs() + 10, ...made }]))
      here.clock.advance(10)
      return only(await due())
    }
    expect(await settle('in-doubt', 1)).toMatchObject({ inDoubtSinceMs: sampleMs, doubtfulAttempts: 1, attemptsBefore: 1 })
    expect(await settle('uncounted', 2)).toMatchObject({ inDoubtSinceMs: sampleMs, doubtfulAttempts: 1, attemptsBefore: 1 })
    expect(await settle('retry', 2)).toMatchObject({ inDoubtSinceMs: sampleMs, doubtfulAttempts: 1, attemptsBefore: 2 })
  })

  test('a lease that ran out leaves the attempt in doubt, on record, and its holder can settle nothing any more', async () => {
    const id = await enqueue()
    const lost = await lease(id)
    here.clock.advance(leaseMs)
    expect(only(await due())).toMatchObject({ id, attemptsBefore: 1, doubtfulAttempts: 0, inDoubtSinceMs: sampleMs })
    const fence = await lease(id)
    expect(fence).toBeGreaterThan(lost)
    expect(await done(id, lost)).toBe(false)
    expect(await here.write((tx) => tx.settle([{ id, fence: lost, kind: 'later', dueMs: 0, attempt: attempt('retry') }]))).toEqual([false])
    expect(await here.write((tx) => tx.delivery(id))).toMatchObject({ state: 'claimed', due: { attemptsBefore: 2 } })
    const inDoubt = { number: 1, atMs: sampleMs, tookMs: leaseMs, outcome: 'in-doubt' }
    expect((await record(id))?.attempts).toMatchObject([inDoubt])
    expect(await here.write((tx) => tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs: here.clock.nowMs(), attempt: attempt('sent', 2) }]))).toEqual([true])
    expect((await record(id))?.attempts).toMatchObject([inDoubt, { number: 2, outcome: 'sent' }])
  })

  test('a lease that ran out and was taken by nobody can still be settled', async () => {
    const id = await enqueue()
    const fence = await lease(id)
    here.clock.advance(leaseMs + 1)
    expect(await done(id, fence)).toBe(true)
  })

  test('a lost lease is in doubt also after the store is opened again', async () => {
    const id = await enqueue()
    await lease(id)
    const again = await here.reopen()
    here.clock.advance(leaseMs)
    const [found] = await again.transaction((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: here.clock.nowMs(), limit: 10 }))
    expect(found).toMatchObject({ id, inDoubtSinceMs: sampleMs })
  })

  test('only what waits is ended without a claim; of a lease that ran out the attempt stays on record', async () => {
    const [waits, leased, lost] = [await enqueue(), await enqueue(), await enqueue()]
    await lease(lost)
    here.clock.advance(leaseMs)
    const fence = await lease(leased)
    await here.write((tx) => tx.finish([waits, leased, lost], 'too-old', here.clock.nowMs()))
    expect(await record(waits)).toMatchObject({ state: 'done', result: 'too-old', doneAtMs: sampleMs + leaseMs, attempts: [] })
    expect(await record(lost)).toMatchObject({ state: 'done', result: 'too-old', attempts: [{ number: 1, outcome: 'in-doubt' }] })
    expect(await record(leased)).toMatchObject({ state: 'claimed' })
    expect(await done(leased, fence)).toBe(true)
    await here.write((tx) => tx.finish([leased], 'too-old', here.clock.nowMs()))
    expect(await record(leased)).toMatchObject({ result: 'sent' })
  })

  test('only what waits is put off; a lease that ran out stays in doubt', async () => {
    const [waits, leased, lost] = [await enqueue(), await enqueue(), await enqueue()]
    await lease(lost)
    here.clock.advance(leaseMs)
    await lease(leased)
    const laterMs = here.clock.nowMs() + 5
    await here.write((tx) => tx.postpone([waits, leased, lost], laterMs, here.clock.nowMs()))
    expect(await dueIds()).toEqual([])
    expect(await due({ nowMs: laterMs })).toMatchObject([{ id: waits }, { id: lost, inDoubtSinceMs: sampleMs, attemptsBefore: 1 }])
  })

  test('what was in flight when something newer took its place knows it at the next claim', async () => {
    const about = await alert()
    const old = await enqueue({ alert: about })
    const supersededBy = async (id: number) => (await here.write((tx) => tx.delivery(id)))?.due.supersededBy
    const putBack = async (made: { readonly attempt: Attempt } | { readonly uncounted: true }): Promise<void> => {
      const fence = await lease(old)
      await here.write((tx) => tx.settle([{ id: old, fence, kind: 'later', dueMs: here.clock.nowMs(), ...made }]))
    }
    await putBack({ attempt: attempt('retry') })
    for (const change of [{ channel: 'sms' }, { recipient: lee }]) await enqueue({ ...change, alert: about })
    await enqueue()
    // The same news to another device of hers was enqueued with it.
    await enqueue({ alert: about, recipient: { ...dana, address: 'other-device' } })
    expect(await supersededBy(old)).toBeUndefined()
    const newer = await enqueue({ alert: about, recipient: { ...dana, address: 'new@example.com' }, createdAtMs: sampleMs + 1 })
    expect((await due()).find(({ id }) => id === old)).toMatchObject({ supersededBy: newer })
    await putBack({ uncounted: true })
    const newest = await enqueue({ alert: about })
    expect(await supersededBy(old)).toBe(newest)
    expect(await supersededBy(newer)).toBeUndefined()
  })

  test('messages to addresses without a person take the place of one another only where the address is the same', async () => {
    const about = await alert()
    const to = (address: string) => enqueue({ alert: about, recipient: { ...dana, person: '', address } })
    const old = await to('a@example.com')
    await lease(old)
    await to('b@example.com')
    expect((await here.write((tx) => tx.delivery(old)))?.due.supersededBy).toBeUndefined()
    const newer = await to('a@example.com')
    expect((await here.write((tx) => tx.delivery(old)))?.due.supersededBy).toBe(newer)
  })

  test('that the next channel was asked is kept with a delivery, and seen while it is in flight', async () => {
    const [asked, other] = [await enqueue(), await enqueue()]
    expect(await due()).toMatchObject([{ fallbackAsked: false }, { fallbackAsked: false }])
    const fence = await lease(asked)
    await here.write((tx) => tx.markFallbackAsked(asked))
    expect(await here.write((tx) => tx.fallbackAsked([other, asked, 99]))).toEqual([false, true, false])
    await here.write((tx) => tx.settle([{ id: asked, fence, kind: 'later', dueMs: sampleMs }]))
    expect((await due()).map(({ id, fallbackAsked }) => [id, fallbackAsked])).toEqual([[asked, true], [other, false]])
  })

  test('the caller says what time it is, whatever the store would think', async () => {
    const id = await enqueue()
    const laterMs = here.clock.nowMs() + 10 * leaseMs
    await here.write((tx) => tx.lease([id], laterMs, laterMs - leaseMs))
    await here.write((tx) => tx.postpone([id], laterMs + 9, laterMs - 1))
    expect(await dueIds({ nowMs: laterMs })).toEqual([id])
    await here.write((tx) => tx.postpone([id], laterMs + 9, laterMs))
    expect(await dueIds({ nowMs: laterMs + 8 })).toEqual([])
    expect(only(await due({ nowMs: laterMs + 9 }))).toMatchObject({ id, inDoubtSinceMs: laterMs - leaseMs })
  })

  test('recipients are kept apart whatever stands in their fields', async () => {
    const about = await alert()
    const tell = (person: string, address: string) => enqueue({ alert: about, recipient: { ...dana, person, address } })
    const ids = [await tell('a', 'b\n"c,d'), await tell('a\n"b', 'c,d'), await tell('', ''), await tell('a', 'b\n"c,d')]
    const found = await due()
    expect(found.map(({ id }) => id)).toEqual(ids)
    expect(found.map(({ notification }) => [notification.recipient.person, notification.recipient.address])).toEqual([
      ['a', 'b\n"c,d'], ['a\n"b', 'c,d'], ['', ''], ['a', 'b\n"c,d'],
    ])
  })

  test('a delivery that is not on record is not found', async () => {
    expect(await here.write((tx) => tx.delivery(99))).toBeUndefined()
  })

  test('those who were sent news of an alert are told of, each once, with what they heard last', async () => {
    const about = await alert()
    const enqueueAbout = (change: Partial<NewNotification>): Promise<number> => enqueue({ ...change, alert: about })
    const send = async (id: number, result: 'sent' | 'failed' = 'sent') => done(id, await lease(id), result)
    await send(await enqueueAbout({ without: ['costDetail'] }))
    await send(await enqueueAbout({ without: ['costDetail'] }))
    await send(await enqueueAbout({ recipient: lee, route: 'second' }))
    await send(await enqueueAbout({ channel: 'sms' }))
    await send(await enqueueAbout({ channel: 'hook' }), 'failed')
    await send(await enqueueAbout({ channel: 'chat', news: 'resolved' }))
    await enqueueAbout({ channel: 'waits' })
    const told = await here.write((tx) => tx.toldAbout(about))
    expect(told).toHaveLength(4)
    expect(told).toContainEqual({ recipient: dana, channel: 'chat', route: 'everything', without: [], news: 'resolved', atMs: sampleMs })
    expect(told).toContainEqual({ recipient: dana, channel: 'mail', route: 'everything', without: ['costDetail'], news: 'firing', atMs: sampleMs })
    expect(told).toContainEqual({ recipient: lee, channel: 'mail', route: 'second', without: [], news: 'firing', atMs: sampleMs })
    expect(told).toContainEqual({ recipient: dana, channel: 'sms', route: 'everything', without: [], news: 'firing', atMs: sampleMs })
    here.clock.advance(5)
    const over = await enqueue({ alert: about, recipient: lee, news: 'resolved' })
    await done(over, await lease(over))
    expect((await here.write((tx) => tx.toldAbout(about))).find(({ recipient }) => recipient.person === 'lee')).toMatchObject({ news: 'resolved', atMs: sampleMs + 5 })
  })

  test('withdrawing ends what waits, tells who will not hear it, and leaves what is in flight', async () => {
    const about = await alert()
    const enqueueAbout = (change: Partial<NewNotification>): Promise<number> => enqueue({ ...change, alert: about })
    const [mail, sms, flying, other] = [await enqueueAbout({}), await enqueueAbout({ channel: 'sms', recipient: lee }), await enqueueAbout({}), await enqueue()]
    const fence = await lease(flying)
    const shown = await enqueueAbout({ news: 'acknowledged' })
    expect(await here.write((tx) => tx.withdraw(about, 'superseded', sampleMs, { news: 'acknowledged' }))).toEqual([])
    expect([await record(shown), await record(mail)]).toMatchObject([{ result: 'superseded' }, { state: 'waiting' }])
    expect(await here.write((tx) => tx.withdraw(about, 'superseded', sampleMs + 1, { person: 'lee', channel: 'sms' }))).toEqual([{ recipient: lee, channel: 'sms', news: 'firing' }])
    expect(await record(sms)).toMatchObject({ state: 'done', result: 'superseded', doneAtMs: sampleMs + 1 })
    expect(await here.write((tx) => tx.withdraw(about, 'resolved-before-told', sampleMs + 2))).toEqual([{ recipient: dana, channel: 'mail', news: 'firing' }])
    expect(await record(mail)).toMatchObject({ result: 'resolved-before-told' })
    expect(await record(other)).toMatchObject({ state: 'waiting' })
    expect(await done(flying, fence)).toBe(true)
    expect(await here.write((tx) => tx.withdraw(about, 'superseded', sampleMs + 3))).toEqual([])
  })
}

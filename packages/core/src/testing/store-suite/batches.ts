import { expect, test } from 'vitest'
import type { BatchItem, DueDelivery } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, only, sampleAlert, sampleItem, sampleMs } from './samples.ts'

export function batchSuite(here: StoreUnderTest): void {
  const alerts = (count: number): Promise<readonly number[]> =>
    here.write((tx) => tx.insertAlerts(Array.from({ length: count }, (_, index) => sampleAlert({ key: `key ${index}`, ends: 'at-once' }))))
  const add = (ids: readonly number[], change: Partial<BatchItem> = {}) =>
    here.write(async (tx) => (await tx.enqueueInBatch(ids.map((id) => sampleItem(id, change)))).map((one) => one.delivery))
  const due = (nowMs: number, priority = 3): Promise<readonly DueDelivery[]> =>
    here.write((tx) => tx.due({ project: 'bots', channel: 'mail', priority, nowMs, limit: 10 }))
  const members = (delivery: DueDelivery): readonly number[] => delivery.notification.alerts.map((alert) => alert.id)
  const lease = (id: number) => here.write(async (tx) => only(await tx.lease([id], sampleMs + 60_000, sampleMs)))

  test('items of one key become one delivery, due when the first said', async () => {
    const [a = 0, b = 0, c = 0] = await alerts(3)
    const first = await add([a, b])
    const second = await add([c], { dueMs: sampleMs + 90_000 })
    expect(new Set([...first, ...second]).size).toBe(1)
    expect(await due(sampleMs + 29_999)).toEqual([])
    const batch = only(await due(sampleMs + 30_000))
    expect(members(batch)).toEqual([a, b, c])
    expect(batch.notification).toMatchObject({ id: first[0], moreAlerts: 0, recipient: { person: 'dana' } })
  })

  test('another key or another project is another batch', async () => {
    const [a = 0, b = 0, c = 0] = await alerts(3)
    const ids = [...(await add([a])), ...(await add([b], { batchKey: 'lee|mail' })), ...(await add([c], { project: 'other' }))]
    expect(new Set(ids).size).toBe(3)
  })

  test('the same alert is in a batch once', async () => {
    const [a = 0] = await alerts(1)
    await add([a, a])
    await add([a])
    expect(members(only(await due(sampleMs + 30_000)))).toEqual([a])
  })

  test('a full batch closes and is due at once; the next item opens another', async () => {
    const ids = await alerts(5)
    const deliveries = await add(ids, { batchMax: 2 })
    expect(deliveries).toEqual([deliveries[0], deliveries[0], deliveries[2], deliveries[2], deliveries[4]])
    expect(new Set(deliveries).size).toBe(3)
    expect((await due(sampleMs)).map(({ id }) => id)).toEqual([deliveries[0], deliveries[2]])
    expect(await add(ids.slice(0, 1), { batchMax: 2 })).toEqual([deliveries[4]])
    expect(await due(sampleMs)).toHaveLength(3)
  })

  test('a full batch that is a part of what is told at its time keeps its time', async () => {
    const ids = await alerts(3)
    const deliveries = await add(ids, { batchMax: 2, keepsTime: true })
    expect([deliveries[0] === deliveries[1], deliveries[1] === deliveries[2]]).toEqual([true, false])
    expect(await due(sampleMs + 29_999)).toEqual([])
    expect((await due(sampleMs + 30_000)).map(members)).toEqual([ids.slice(0, 2), ids.slice(2)])
  })

  test('of a batch of which not all is listed it is known how many there are of each sort', async () => {
    const [late = 0, ...ids] = await here.write((tx) =>
      tx.insertAlerts(Array.from({ length: 131 }, (_, index) => sampleAlert({ key: `key ${index}`, ends: 'at-once', kind: index < 100 ? 'tool' : 'cost', severity: index === 130 ? 'high' : 'warning', params: { name: String.fromCodePoint(0x4e00 + index * 7) } }))))
    await add([late], { isLate: true, batchMax: 1_000 })
    await add(ids, { batchMax: 1_000 })
    const { alerts: listed, moreAlerts, totals = [] } = only(await due(sampleMs + 30_000)).notification
    expect(listed.length + moreAlerts).toBe(131)
    expect(totals).toEqual([
      { kind: 'tool', severity: 'warning', isLate: true, count: 1 }, { kind: 'tool', severity: 'warning', isLate: false, count: 99 },
      { kind: 'cost', severity: 'warning', isLate: false, count: 30 }, { kind: 'cost', severity: 'high', isLate: false, count: 1 },
    ])
    const [small = 0] = await add(ids.slice(0, 1), { batchKey: 'small' })
    expect((await here.write((tx) => tx.delivery(small)))?.due.notification.totals).toBeUndefined()
  })

  test('a claim closes the batch: what comes later is told later', async () => {
    const [a = 0, b = 0] = await alerts(2)
    const [first = 0] = await add([a])
    const fence = await lease(first)
    const [second = 0] = await add([b])
    expect(second).not.toBe(first)
    await here.write((tx) => tx.settle([{ id: first, fence, kind: 'later', dueMs: sampleMs, uncounted: true }]))
    expect(members(only(await due(sampleMs)))).toEqual([a])
  })

  test('the batch that is open under a key is known with its time, until it is full or claimed', async () => {
    const [a = 0, b = 0] = await alerts(2)
    const open = () => here.write((tx) => tx.openBatch('bots', 'dana|mail'))
    expect(await open()).toBeUndefined()
    const [first = 0] = await add([a], { batchMax: 2 })
    expect(await open()).toEqual({ delivery: first, dueMs: sampleMs + 30_000 })
    expect(await here.write((tx) => tx.openBatch('others', 'dana|mail'))).toBeUndefined()
    await add([b], { batchMax: 2 })
    expect(await open()).toBeUndefined()
    const [second = 0] = await add([a])
    await lease(second)
    expect(await open()).toBeUndefined()
  })

  test('the most urgent member decides how urgent a batch is', async () => {
    const [a = 0, b = 0] = await alerts(2)
    await add([a])
    await add([b], { priority: 2, expiresMs: sampleMs + 99_999_999 })
    expect(only(await due(sampleMs + 30_000, 2))).toMatchObject({ priority: 2, expiresMs: sampleMs + 99_999_999 })
  })

  test('of a large batch the first hundred are loaded and the rest is counted', async () => {
    await add(await alerts(130), { batchMax: 1_000 })
    const batch = only(await due(sampleMs + 30_000))
    expect(batch.notification.alerts).toHaveLength(100)
    expect(batch.notification.moreAlerts).toBe(30)
    expect(await here.write((tx) => tx.delivery(batch.id))).toMatchObject({ state: 'waiting', due: { notification: { moreAlerts: 30 } } })
  })

  test('a batch is copied whole into the batch of another key, however large', async () => {
    const ids = await alerts(150)
    const [from = 0] = await add(ids, { batchMax: 1_000 })
    await lease(from)
    const fallback = sampleItem(0, { channel: 'sms', batchKey: `fallback|${from}`, batchMax: 1_000, dueMs: sampleMs, priority: 2 })
    const copied = await here.write((tx) => tx.copyBatch(from, fallback))
    const [copy] = await here.write((tx) => tx.due({ project: 'bots', channel: 'sms', priority: 2, nowMs: sampleMs, limit: 10 }))
    expect(copied).toEqual({ notification: copy?.id, delivery: copy?.id })
    expect(copy?.notification).toMatchObject({ channel: 'sms', moreAlerts: 50 })
    const carried = async (id = 0) => (await here.store.read.deliveries()).find((one) => one.id === id)?.alerts
    expect(await carried(copy?.id)).toEqual(ids)
    expect(await carried(from)).toEqual(ids)
    expect(await here.write((tx) => tx.copyBatch(from, fallback))).toEqual(copied)
    expect(await carried(copy?.id)).toEqual(ids)
  })

  test('a copied batch that is full is due at once, and nothing is copied where there is nothing', async () => {
    const ids = await alerts(3)
    const [from = 0] = await add(ids)
    const copied = await here.write((tx) => tx.copyBatch(from, sampleItem(0, { channel: 'sms', batchKey: 'copy', batchMax: 3 })))
    const dueNow = await here.write((tx) => tx.due({ project: 'bots', channel: 'sms', priority: 3, nowMs: sampleMs, limit: 10 }))
    expect(dueNow.map(({ id }) => id)).toEqual([copied?.delivery])
    const before = (await here.store.read.counts()).deliveries
    expect(await here.write((tx) => tx.copyBatch(99, sampleItem(0, { batchKey: 'nothing' })))).toBeUndefined()
    expect((await here.store.read.counts()).deliveries).toBe(before)
  })

  test('trouble with a channel is not copied to that channel', async () => {
    const [trouble = 0, other = 0] = await here.write((tx) => tx.insertAlerts([sampleAlert({ key: 'a', aboutChannel: 'sms' }), sampleAlert({ key: 'b', aboutChannel: 'hook' })]))
    const [from = 0] = await add([trouble, other])
    const copied = await here.write((tx) => tx.copyBatch(from, sampleItem(0, { channel: 'sms', batchKey: 'copy' })))
    expect(await here.write((tx) => tx.delivery(copied?.delivery ?? 0))).toMatchObject({ due: { notification: { alerts: [{ id: other }], moreAlerts: 0 } } })
    const [alone = 0] = await add([trouble], { batchKey: 'alone' })
    expect(await here.write((tx) => tx.copyBatch(alone, sampleItem(0, { channel: 'sms', batchKey: 'copy 2' })))).toBeUndefined()
  })

  test('a late line is known as late, also in a copy; what is worth one is neither late already, nor over, nor about the channel', async () => {
    const [late = 0, fresh = 0, over = 0, wasCritical = 0, about = 0] = await here.write((tx) =>
      tx.insertAlerts([
        sampleAlert({ key: 'late', ends: 'at-once' }), sampleAlert({ key: 'fresh' }), sampleAlert({ key: 'over' }), sampleAlert({ key: 'was critical', severity: 'critical' }),
        sampleAlert({ key: 'about', aboutChannel: 'mail' }),
      ]))
    await here.write((tx) => tx.updateAlerts([over, wasCritical].map((id) => ({ id, addCount: 0, updatedAtMs: sampleMs, state: 'resolved' as const, resolvedAtMs: sampleMs }))))
    const [batch = 0] = await add([late], { isLate: true })
    await add([fresh, over, wasCritical, about])
    const notification = only(await due(sampleMs + 30_000)).notification
    expect([notification.late, notification.alerts.length]).toEqual([[late], 5])
    expect(await here.write((tx) => tx.stillNews(batch, 'mail'))).toEqual([fresh, wasCritical])
    expect(await here.write((tx) => tx.stillNews(batch, 'sms'))).toEqual([fresh, wasCritical, about])
    const copied = await here.write((tx) => tx.copyBatch(batch, sampleItem(0, { channel: 'sms', batchKey: 'copy' })))
    expect(await here.write((tx) => tx.stillNews(copied?.delivery ?? 0, 'sms'))).toEqual([fresh, wasCritical, about])
    const { delivery } = only(await here.write((tx) => tx.enqueue([sampleItem(fresh)])))
    expect(await here.write((tx) => tx.stillNews(delivery, 'mail'))).toEqual([fresh])
    expect((await here.write((tx) => tx.delivery(delivery)))?.due.notification.late).toBeUndefined()
  })

  test('a decision about a delivery is recorded for every alert in it', async () => {
    const ids = await alerts(130)
    const [batch = 0] = await add(ids.slice(0, 129), { batchMax: 1_000 })
    const alone = ids[129] ?? 0
    const { delivery } = only(await here.write((tx) => tx.enqueue([sampleItem(alone)])))
    const decision = { person: 'dana', channel: 'mail', reason: 'sent.digest', params: { count: 128 }, atMs: sampleMs, count: 1 } as const
    await here.write(async (tx) => {
      await tx.recordDecisionsForDelivery(batch, decision)
      await tx.recordDecisionsForDelivery(batch, { ...decision, atMs: sampleMs + 1 })
      await tx.recordDecisionsForDelivery(delivery, decision)
    })
    for (const alert of [ids[0] ?? 0, ids[128] ?? 0]) expect(await here.store.read.decisionsOf(alert)).toEqual([{ ...decision, alert, count: 2, atMs: sampleMs + 1 }])
    expect(await here.store.read.decisionsOf(alone)).toEqual([{ ...decision, alert: alone }])
  })

  test('withdrawing takes one alert out of a batch, and ends the delivery when nothing is left', async () => {
    const [a = 0, b = 0] = await alerts(2)
    const [id = 0] = await add([a, b])
    const unheard = [{ recipient: dana, channel: 'mail', news: 'firing' }]
    expect(await here.write((tx) => tx.withdraw(a, 'resolved-before-told', sampleMs + 1))).toEqual(unheard)
    expect(members(only(await due(sampleMs + 30_000)))).toEqual([b])
    expect(await here.write((tx) => tx.withdraw(a, 'resolved-before-told', sampleMs + 1))).toEqual([])
    expect(await here.write((tx) => tx.withdraw(b, 'resolved-before-told', sampleMs + 2))).toEqual(unheard)
    expect(await here.write((tx) => tx.delivery(id))).toMatchObject({ state: 'done', result: 'resolved-before-told' })
    expect(await due(sampleMs + 30_000)).toEqual([])
    const [next = 0] = await add([a])
    expect(next).not.toBe(id)
  })

  test('a batch in flight is left as it is', async () => {
    const [a = 0, b = 0] = await alerts(2)
    const [id = 0] = await add([a, b])
    await lease(id)
    expect(await here.write((tx) => tx.withdraw(a, 'resolved-before-told', sampleMs))).toEqual([])
    expect(await here.write((tx) => tx.delivery(id))).toMatchObject({ due: { notification: { alerts: [{ id: a }, { id: b }] } } })
  })

  test('who was sent a batch was told about each alert in it', async () => {
    const [a = 0, b = 0] = await alerts(2)
    const [id = 0] = await add([a, b])
    const fence = await lease(id)
    expect(await here.write((tx) => tx.toldAbout(a))).toEqual([])
    await here.write((tx) => tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs: sampleMs }]))
    for (const alert of [a, b]) {
      expect(await here.write((tx) => tx.toldAbout(alert))).toMatchObject([{ channel: 'mail', recipient: { person: 'dana' } }])
      expect(await here.store.read.deliveriesOf(alert)).toMatchObject([{ id, alerts: [a, b], result: 'sent' }])
    }
  })
}

import { expect, test } from 'vitest'
import type { BatchItem, NewAlert, NewNotification } from '../../model/store.ts'
import { threadStart } from '../../model/thread.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { forgetAll } from './retention.ts'
import { only, sampleAlert, sampleItem, sampleMs, sampleNotification } from './samples.ts'

/** What was told: deliveries, and the alerts they carry. */
export function retentionToldSuite(here: StoreUnderTest): void {
  let keys = 0
  /** News, over as it opens, unless said otherwise. */
  const alert = async (change: Partial<NewAlert> = {}): Promise<number> =>
    only(await here.write((tx) => tx.insertAlerts([sampleAlert({ key: `key ${(keys += 1)}`, ends: 'at-once', openedAtMs: sampleMs - 10, ...change })])))
  const enqueue = async (about: number, change: Partial<NewNotification> = {}): Promise<number> =>
    only(await here.write((tx) => tx.enqueue([sampleNotification(about, { createdAtMs: sampleMs - 10, dueMs: sampleMs - 10, ...change })]))).delivery
  const enqueueAll = async (about: readonly number[], change: Partial<BatchItem> = {}): Promise<number> =>
    (await here.write((tx) => tx.enqueueInBatch(about.map((id) => sampleItem(id, { createdAtMs: sampleMs - 10, ...change })))))[0]?.delivery ?? 0
  const send = (id: number, atMs = sampleMs - 5): Promise<void> =>
    here.write(async (tx) => {
      const fence = only(await tx.lease([id], atMs + 60_000, atMs))
      await tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs, attempt: { number: 1, atMs, tookMs: 1, outcome: 'sent', detail: 'said so' } }])
    })
  const kept = async (): Promise<readonly number[]> => (await here.store.read.deliveries()).map(({ id }) => id).toSorted((a, b) => a - b)
  const keptAlerts = async (): Promise<readonly number[]> => (await here.store.read.alerts()).map(({ id }) => id).toSorted((a, b) => a - b)

  test('deliveries that are done go with their attempts; what waits, is under way or was done later stays', async () => {
    const about = await alert()
    const old = [await enqueue(about), await enqueue(about), await enqueue(about), await enqueue(about)]
    for (const id of old) await send(id)
    const [waits, claimed, later, others] = [await enqueue(about), await enqueue(about), await enqueue(about), await enqueue(about, { project: 'other' })]
    await here.write((tx) => tx.lease([claimed], sampleMs + 1, sampleMs - 5))
    await send(later, sampleMs)
    await send(others)
    expect((await forgetAll(here, 'deliveries', { limit: 6 })).rows).toBeGreaterThanOrEqual(8)
    expect(await kept()).toEqual([waits, claimed, later, others])
    expect(await here.store.read.counts()).toMatchObject({ attempts: 2 })
    expect(await here.write((tx) => tx.delivery(waits))).toMatchObject({ state: 'waiting' })
  })

  test('who was told of an alert that is not over stays on record, singly and in a collection', async () => {
    const [fires, over, second, news] = [await alert({ ends: 'quiet' }), await alert({ ends: 'quiet' }), await alert({ ends: 'quiet' }), await alert()]
    const told = [await enqueue(fires), await enqueue(over), await enqueueAll([second, news]), await enqueueAll([news], { batchKey: 'other' })]
    for (const id of told) await send(id)
    const end = (id: number) => here.write((tx) => tx.updateAlerts([{ id, addCount: 0, updatedAtMs: sampleMs - 10, state: 'resolved', resolvedAtMs: sampleMs - 1 }]))
    await end(over)
    await forgetAll(here, 'deliveries', { limit: 6 })
    expect(await kept()).toEqual([told[0], told[2]])
    expect(await here.write((tx) => tx.toldAbout(second))).toHaveLength(1)
    await end(fires)
    await end(second)
    await forgetAll(here, 'deliveries', { limit: 6 })
    expect(await kept()).toEqual([])
  })

  test('a collection that is open or was not sent stays whole', async () => {
    const news = [await alert(), await alert(), await alert()]
    const batch = await enqueueAll(news)
    await forgetAll(here, 'deliveries', { limit: 6 })
    expect(await enqueueAll([await alert()])).toBe(batch)
    expect((await here.write((tx) => tx.delivery(batch)))?.due.notification.alerts).toHaveLength(4)
  })

  test('an alert that is over loses what was said in it, then what it says, then goes with its decisions', async () => {
    const params = { agent: 'support', model: 'gpt', errorMessage: 'no, said the model' }
    const told = { sent: 1, held: 0, merged: 0, limited: 0, silenced: 0, refused: 0, failed: 0 }
    const report = { every: 'day', fromMs: 0, untilMs: 1, told, rules: [], isQuiet: false, watching: { rules: 1, budgets: 0, channels: 0 } } as const
    const full = { params, report, tags: { team: 'a' }, agent: 'support', environment: 'production', aboutChannel: 'sms', sessionId: 's1', announcement: { title: 'T', severity: 'high' } } as const
    const id = await alert(full)
    await here.write((tx) => tx.recordDecisions([{ alert: id, person: 'dana', channel: 'mail', reason: 'sent.now', params: {}, atMs: sampleMs - 8, count: 1 }]))
    const before = await here.store.read.alert(id)
    const none = sampleMs - 10
    expect((await forgetAll(here, 'alerts', { contentBeforeMs: none, bodiesBeforeMs: none, decisionsBeforeMs: none })).rows).toBe(0)
    expect((await forgetAll(here, 'alerts', { bodiesBeforeMs: none, decisionsBeforeMs: none })).rows).toBe(1)
    expect(await here.store.read.alert(id)).toEqual({ ...before, params: { agent: 'support', model: 'gpt' }, evidence: {} })
    expect((await forgetAll(here, 'alerts', { bodiesBeforeMs: none, decisionsBeforeMs: none })).rows).toBe(0)
    expect((await forgetAll(here, 'alerts', { decisionsBeforeMs: none })).rows).toBe(1)
    const { tags: _tags, announcement: _said, report: _numbers, ...cut } = { ...before, params: {}, evidence: {} }
    expect(await here.store.read.alert(id)).toEqual(cut)
    expect((await forgetAll(here, 'alerts', { decisionsBeforeMs: sampleMs - 8 })).rows).toBe(0)
    expect(await here.store.read.decisionsOf(id)).toHaveLength(1)
    expect((await forgetAll(here, 'alerts')).rows).toBe(2)
    expect(await here.store.read.alert(id)).toBeUndefined()
    expect(await here.store.read.decisionsOf(id)).toEqual([])
  })

  test('the threads of an alert go with it, those of others stay', async () => {
    const [old, fires] = [await alert(), await alert({ ends: 'quiet' })]
    const threads = [`${threadStart('bots', old)}abc-1`, `${threadStart('bots', old)}abc-2`, `${threadStart('other', old)}abc-1`, `${threadStart('bots', old * 10)}abc-1`, `${threadStart('bots', fires)}abc-1`]
    await here.write((tx) => tx.keepFirstMessages(threads.map((thread) => ({ thread, providerId: 'p', atMs: sampleMs - 10 }))))
    await forgetAll(here, 'alerts')
    expect([...(await here.write((tx) => tx.firstMessages(threads))).keys()].toSorted()).toEqual(threads.slice(2).toSorted())
  })

  test('alerts that fire or are acknowledged, are of another project, or are named by a delivery stay', async () => {
    const [fires, taken, other, named, inBatch] = [await alert({ ends: 'quiet' }), await alert({ ends: 'quiet' }), await alert({ project: 'other' }), await alert(), await alert()]
    const old = [await alert(), await alert(), await alert(), await alert()]
    await here.write((tx) => tx.updateAlerts([{ id: taken, addCount: 0, updatedAtMs: sampleMs - 10, state: 'acknowledged' }]))
    await send(await enqueue(named))
    const batch = await enqueueAll([inBatch])
    const whole = await Promise.all([fires, taken, other, inBatch].map((id) => here.store.read.alert(id)))
    expect((await forgetAll(here, 'alerts')).rows).toBe(5)
    expect(await keptAlerts()).toEqual([fires, taken, other, named, inBatch])
    expect(old).toHaveLength(4)
    expect(await Promise.all([fires, taken, other, inBatch].map((id) => here.store.read.alert(id)))).toEqual(whole)
    await send(batch)
    await forgetAll(here, 'deliveries', { limit: 6 })
    await forgetAll(here, 'alerts')
    expect(await keptAlerts()).toEqual([fires, taken, other])
  })
}

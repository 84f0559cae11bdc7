import { expect, test } from 'vitest'
import type { Message } from '../../model/channel.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleAlert, sampleEvent, sampleMs, sampleNotification } from './samples.ts'

export function readSuite(here: StoreUnderTest): void {
  const enqueue = (...changes: Parameters<typeof sampleNotification>[1][]) =>
    here.write(async (tx) => {
      const alerts = await tx.insertAlerts(changes.map((_, index) => sampleAlert({ ends: 'at-once', key: `key ${index}` })))
      return tx.enqueue(alerts.map((alert, index) => sampleNotification(alert, changes[index])))
    })

  test('pages go from the newest to the oldest, and on from where the last one ended', async () => {
    await here.write((tx) => tx.insertEvents(Array.from({ length: 5 }, (_, index) => sampleEvent({ id: `e${index}` }))))
    const first = await here.store.read.events({ limit: 2 })
    expect(first.map((event) => event.id)).toEqual(['e4', 'e3'])
    const before = first.at(-1)?.seq ?? 0
    expect((await here.store.read.events({ before, limit: 10 })).map((event) => event.id)).toEqual(['e2', 'e1', 'e0'])
  })

  test('events come in the order in which they happened, page by page, of one project and one time', async () => {
    const at = (atMs: number, id: string, project = 'bots') => sampleEvent({ atMs: sampleMs + atMs, id, project })
    await here.write((tx) => tx.insertEvents([at(5, 'e'), at(1, 'a'), at(5, 'b'), at(0, 'before'), at(3, 'x', 'other'), at(9, 'after'), at(7, 'f')]))
    const read = (limit: number, after?: { readonly atMs: number; readonly id: string }) =>
      here.store.read.eventsBetween({ project: 'bots', fromMs: sampleMs + 1, untilMs: sampleMs + 9, limit, ...(after !== undefined && { after }) })
    expect((await read(10)).map(({ id }) => id)).toEqual(['a', 'b', 'e', 'f'])
    const [first, second] = await read(2)
    expect([first?.id, second?.id]).toEqual(['a', 'b'])
    expect((await read(2, { atMs: sampleMs + 5, id: 'b' })).map(({ id }) => id)).toEqual(['e', 'f'])
    expect(await here.store.read.eventsBetween({ project: 'unheard', fromMs: 0, untilMs: sampleMs, limit: 10 })).toEqual([])
  })

  test('a page holds a hundred rows unless asked, and a thousand at most', async () => {
    await here.write((tx) => tx.insertEvents(Array.from({ length: 1_100 }, (_, index) => sampleEvent({ id: `e${index}` }))))
    expect(await here.store.read.events()).toHaveLength(100)
    expect(await here.store.read.events({ limit: 5_000 })).toHaveLength(1_000)
    expect(await here.store.read.events({ limit: 0 })).toHaveLength(1)
  })

  test('alerts and deliveries have pages too', async () => {
    const made = await enqueue({}, {}, {})
    expect((await here.store.read.deliveries({ limit: 2 })).map(({ id }) => id)).toEqual([made[2]?.delivery, made[1]?.delivery])
    const [newest] = await here.store.read.alerts({ limit: 1 })
    expect(await here.store.read.alerts({ before: newest?.id ?? 0 })).toHaveLength(2)
    expect(await here.store.read.deliveriesOf(newest?.id ?? 0)).toMatchObject([{ id: made[2]?.delivery, alerts: [newest?.id], attempts: [] }])
  })

  test('the next due time is the earliest over the channels asked for and all timers', async () => {
    await enqueue({ channel: 'mail', dueMs: 50 }, { channel: 'sms', dueMs: 40, priority: 0 }, { channel: 'sms', dueMs: 30 })
    expect(await here.store.read.nextDueMs('bots', ['mail'], [])).toBe(50)
    expect(await here.store.read.nextDueMs('bots', ['mail', 'sms'], [])).toBe(30)
    expect(await here.store.read.nextDueMs('bots', ['none'], [])).toBeUndefined()
    await here.write((tx) => tx.putTimers([{ project: 'bots', kind: 'quiet', key: '1', dueMs: 20 }]))
    expect(await here.store.read.nextDueMs('bots', ['mail'], [])).toBe(20)
  })

  test('of a channel that takes only what is critical, only that counts', async () => {
    await enqueue({ channel: 'mail', dueMs: 50 }, { channel: 'sms', dueMs: 40, priority: 0 }, { channel: 'sms', dueMs: 30 })
    expect(await here.store.read.nextDueMs('bots', ['mail'], ['sms'])).toBe(40)
    expect(await here.store.read.nextDueMs('bots', ['mail', 'sms'], ['sms'])).toBe(40)
    expect(await here.store.read.nextDueMs('bots', [], ['mail'])).toBeUndefined()
  })

  test('the lanes of a project in which something is due are known, those of what is due later or over are not', async () => {
    const lanes = (channels: readonly string[], nowMs: number, project = 'bots') => here.write((tx) => tx.dueLanes(project, channels, nowMs))
    expect(await lanes(['mail', 'sms'], 99)).toEqual([])
    const [made] = await enqueue({ channel: 'mail', dueMs: 50, priority: 2 }, { channel: 'sms', dueMs: 50, priority: 0 }, { channel: 'chat', dueMs: 50 }, { channel: 'mail', dueMs: 60, priority: 3 })
    const [mail, sms, later] = [{ channel: 'mail', priority: 2 }, { channel: 'sms', priority: 0 }, { channel: 'mail', priority: 3 }]
    expect(await lanes(['mail', 'sms'], 49)).toEqual([])
    expect((await lanes(['mail', 'sms'], 50)).toSorted((one, other) => other.priority - one.priority)).toEqual([mail, sms])
    expect((await lanes(['mail'], 60)).toSorted((one, other) => one.priority - other.priority)).toEqual([mail, later])
    expect([await lanes([], 60), await lanes(['mail'], 60, 'shop')]).toEqual([[], []])
    const delivery = made?.delivery ?? 0
    await here.write(async (tx) => {
      const [fence = 0] = await tx.lease([delivery], 99, 50)
      await tx.settle([{ id: delivery, fence, kind: 'done', result: 'sent', atMs: 50 }])
    })
    expect(await lanes(['mail'], 50)).toEqual([])
  })

  test('a lease that runs out is a next due time', async () => {
    const [made] = await enqueue({ dueMs: 50 })
    await here.write((tx) => tx.lease([made?.delivery ?? 0], sampleMs + 77, sampleMs))
    expect(await here.store.read.nextDueMs('bots', ['mail'], [])).toBe(sampleMs + 77)
  })

  test('what is not done is counted by channel and priority', async () => {
    const [, , , ended] = await enqueue({}, {}, { channel: 'sms', priority: 0 }, {})
    await here.write((tx) => tx.finish([ended?.delivery ?? 0], 'superseded', sampleMs))
    expect(await here.store.read.waiting()).toEqual([{ channel: 'mail', priority: 1, count: 2 }, { channel: 'sms', priority: 0, count: 1 }])
    expect(await here.store.read.counts()).toEqual({ events: 0, alerts: 4, deliveries: 4, attempts: 0 })
  })

  test('the first that is due by each channel is told, of one project', async () => {
    const [, , ended] = await enqueue({ dueMs: 70 }, { dueMs: 50 }, { dueMs: 10 }, { channel: 'sms', dueMs: 90, priority: 0 })
    await here.write((tx) => tx.finish([ended?.delivery ?? 0], 'superseded', sampleMs))
    expect(await here.store.read.firstDue('bots')).toEqual([{ channel: 'mail', dueMs: 50 }, { channel: 'sms', dueMs: 90 }])
    expect(await here.store.read.firstDue('none')).toEqual([])
  })

  test('the inbox keeps a message once', async () => {
    const message: Message = { id: 'msg-1', to: 'dana', severity: 'high', subject: 'S', text: 'T', locale: 'en', possiblyRepeated: false, news: 'firing' }
    await here.store.putInbox(message, 'dev', sampleMs)
    await here.store.putInbox({ ...message, text: 'again' }, 'dev', sampleMs + 1)
    await here.store.putInbox({ ...message, id: 'msg-2' }, 'dev', sampleMs + 2)
    const kept = { channel: 'dev', to: 'dana', subject: 'S', text: 'T', severity: 'high' }
    expect(await here.store.read.inbox()).toMatchObject([{ ...kept, id: 'msg-2', atMs: sampleMs + 2 }, { ...kept, id: 'msg-1', atMs: sampleMs }])
    const [newest] = await here.store.read.inbox()
    expect(await here.store.read.inbox({ before: newest?.seq ?? 0 })).toMatchObject([{ id: 'msg-1' }])
  })
}

import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleAlert, sampleMs, sampleNotification } from './samples.ts'

/** Two configurations may share a store, each with channels and people of the same names that are not the same. */
export function projectSuite(here: StoreUnderTest): void {
  const enqueue = (project: string, dueMs = sampleMs): Promise<number> =>
    here.write(async (tx) => {
      const alert = only(await tx.insertAlerts([sampleAlert({ project })]))
      return only(await tx.enqueue([sampleNotification(alert, { project, dueMs })])).delivery
    })

  test('what is due is due in its project only', async () => {
    const [own, other] = [await enqueue('bots'), await enqueue('other')]
    const dueIn = (project: string) => here.write(async (tx) => (await tx.due({ project, channel: 'mail', priority: 1, nowMs: sampleMs, limit: 10 })).map(({ id }) => id))
    expect(await dueIn('bots')).toEqual([own])
    expect(await dueIn('other')).toEqual([other])
    expect(await dueIn('none')).toEqual([])
  })

  test('a project is woken for its own deliveries and timers, and counts its own', async () => {
    await enqueue('bots', sampleMs + 50)
    await enqueue('other', sampleMs + 10)
    const next = (project: string) => here.store.read.nextDueMs(project, ['mail'], [])
    expect(await next('bots')).toBe(sampleMs + 50)
    await here.write((tx) => tx.putTimers([{ project: 'other', kind: 'quiet', key: '1', dueMs: sampleMs + 5 }]))
    expect(await next('bots')).toBe(sampleMs + 50)
    expect(await next('other')).toBe(sampleMs + 5)
    expect(await next('none')).toBeUndefined()
    const count = { channel: 'mail', priority: 1 }
    expect(await here.store.read.waiting('bots')).toEqual([{ ...count, count: 1 }])
    expect(await here.store.read.waiting('none')).toEqual([])
    expect(await here.store.read.waiting()).toEqual([{ ...count, count: 2 }])
  })

  test('a timer is fired and taken away by its project', async () => {
    const timer = { kind: 'quiet', key: '1', dueMs: 10 }
    await here.write((tx) => tx.putTimers([{ project: 'bots', ...timer }, { project: 'other', ...timer }]))
    await here.write((tx) => tx.removeTimers([{ project: 'bots', ...timer }]))
    expect(await here.write((tx) => tx.dueTimers('bots', 10, 10))).toEqual([])
    expect(await here.write((tx) => tx.dueTimers('other', 10, 10))).toEqual([{ project: 'other', ...timer }])
  })

  test('a channel is paused, and an address bad, in its project only', async () => {
    const pause = { project: 'other', channel: 'mail', why: 'bad-config', cause: 'the token was refused', sinceMs: 5, untilMs: 10, lengthMs: 5, failedProbes: 0 } as const
    await here.write((tx) => tx.pauseChannel(pause))
    await here.write((tx) => tx.resumeChannel('bots', 'mail'))
    expect(await here.write((tx) => tx.pauses('bots'))).toEqual([])
    expect(await here.write((tx) => tx.pauses('other'))).toEqual([pause])
    const address = { channel: 'mail', address: 'gone@example.com' }
    const bad = { project: 'other', ...address, code: '550', sinceMs: 5, untilMs: 100 }
    await here.write((tx) => tx.addBadAddress(bad))
    expect(await here.write((tx) => tx.badAddresses([{ project: 'bots', ...address }, { project: 'other', ...address }], 10))).toEqual([undefined, bad])
  })
}

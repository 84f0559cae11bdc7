import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'
import { lee, only, sampleAlert, sampleItem, sampleMs, sampleNotification } from './samples.ts'

export function tellingSuite(here: StoreUnderTest): void {
  const open = async (key: string): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert({ key })])))

  test('what became of the news of an alert is known, singly and collected, but not of the news that it is over', async () => {
    const [alert, other] = [await open('a'), await open('b')]
    const [sent, claimed] = await here.write(async (tx) => {
      const [one, two] = await tx.enqueue([sampleNotification(alert), sampleNotification(alert, { channel: 'sms' }), sampleNotification(other), sampleNotification(alert, { news: 'resolved' })])
      await tx.enqueueInBatch([sampleItem(other, { recipient: lee, batchKey: 'lee|mail', route: 'collecting' }), sampleItem(alert, { recipient: lee, batchKey: 'lee|mail' })])
      const [fence = 0] = await tx.lease([one?.delivery ?? 0, two?.delivery ?? 0], sampleMs + 60_000, sampleMs)
      await tx.settle([{ id: one?.delivery ?? 0, fence, kind: 'done', result: 'sent', atMs: sampleMs + 7 }])
      return [one?.delivery ?? 0, two?.delivery ?? 0] as const
    })
    const found = await here.write((tx) => tx.tellings(alert, sampleMs))
    expect(found).toMatchObject([
      { delivery: sent, route: 'everything', person: 'dana', channel: 'mail', address: 'dana@example.com', priority: 1, state: 'done', result: 'sent', attempts: 1, doneMs: sampleMs + 7 },
      { delivery: claimed, route: 'everything', person: 'dana', channel: 'sms', address: 'dana@example.com', priority: 1, state: 'claimed', attempts: 1, dueMs: sampleMs + 60_000 },
      { route: 'collecting', person: 'lee', channel: 'mail', address: 'lee@example.com', priority: 3, state: 'waiting', attempts: 0, dueMs: sampleMs + 30_000 },
    ])
    expect(found.map(({ result }) => result)).toEqual(['sent', undefined, undefined])
  })

  test('what was enqueued before is left out', async () => {
    const alert = await open('a')
    await here.write((tx) => tx.enqueue([sampleNotification(alert), sampleNotification(alert, { recipient: lee, createdAtMs: sampleMs + 1 })]))
    expect((await here.write((tx) => tx.tellings(alert, sampleMs + 1))).map(({ person }) => person)).toEqual(['lee'])
    expect(await here.write((tx) => tx.tellings(alert, sampleMs + 2))).toEqual([])
  })

  test('what joined a collection that was opened before is found until it is sent, and where it was sent since', async () => {
    const [first, alert] = [await open('a'), await open('b')]
    const later = sampleMs + 10_000
    const ways = async (sinceMs: number): Promise<readonly number[]> => (await here.write((tx) => tx.onTheWay(alert, 'dana', sinceMs))).map(({ delivery }) => delivery)
    const tellings = async (sinceMs: number): Promise<readonly number[]> => (await here.write((tx) => tx.tellings(alert, sinceMs))).map(({ delivery }) => delivery)
    const [opened] = await here.write((tx) => tx.enqueueInBatch([sampleItem(first)]))
    const [joined] = await here.write((tx) => tx.enqueueInBatch([sampleItem(alert, { createdAtMs: later })]))
    const id = joined?.delivery ?? 0
    expect(id).toBe(opened?.delivery)
    expect([await ways(later), await tellings(later)]).toEqual([[id], [id]])
    await here.write(async (tx) => {
      const [fence = 0] = await tx.lease([id], later + 60_000, later)
      await tx.settle([{ id, fence, kind: 'done', result: 'sent', atMs: later + 5 }])
    })
    expect([await ways(later + 5), await tellings(later + 5)]).toEqual([[id], [id]])
    expect([await ways(later + 6), await tellings(later + 6)]).toEqual([[], []])
  })

  test('of too many those that are not done are given, then the newest', async () => {
    const alert = await open('a')
    await here.write(async (tx) => {
      const all = await tx.enqueue(Array.from({ length: 1_003 }, (_, index) => sampleNotification(alert, { channel: index === 0 ? 'waiting' : index < 4 ? 'old' : 'new' })))
      await tx.finish(all.slice(1).map(({ delivery }) => delivery), 'failed', sampleMs)
    })
    const found = await here.write((tx) => tx.tellings(alert, 0))
    expect(found).toHaveLength(1_000)
    expect([found[0]?.channel, found.some(({ channel }) => channel === 'old')]).toEqual(['waiting', false])
  })
}

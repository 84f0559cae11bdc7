import { expect, test } from 'vitest'
import type { Transaction } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { lee, sampleAlert, sampleEvent, sampleMs, sampleNotification, sampleSpend } from './samples.ts'

export function transactionSuite(here: StoreUnderTest): void {
  test('what was committed is there after the store is opened again', async () => {
    await here.write((tx) => tx.insertEvents([sampleEvent()]))
    const again = await here.reopen()
    expect(await again.read.events()).toMatchObject([sampleEvent()])
    expect(await again.transaction((tx) => tx.insertEvents([sampleEvent()]))).toEqual([false])
  })

  test('a transaction that throws leaves nothing behind and hands on what was thrown', async () => {
    const failure = new Error('the caller changed its mind')
    const attempt = here.write(async (tx) => {
      await tx.insertEvents([sampleEvent({ project: 'made-in-vain' })])
      const [alert = 0] = await tx.insertAlerts([sampleAlert({ project: 'made-in-vain' })])
      await tx.enqueue([sampleNotification(alert)])
      await tx.addSpend([sampleSpend()])
      await tx.putTimers([{ project: 'bots', kind: 'quiet', key: '1', dueMs: 1 }])
      await tx.putRates(new Map([['mail', 5]]))
      throw failure
    })
    await expect(attempt).rejects.toBe(failure)
    expect(await here.store.read.counts()).toEqual({ events: 0, alerts: 0, deliveries: 0, attempts: 0 })
    expect(await here.store.read.nextDueMs('bots', ['mail'], [])).toBeUndefined()
    // Ids remembered from the transaction that failed must not be used again.
    await here.write((tx) => tx.insertEvents([sampleEvent({ project: 'another' }), sampleEvent({ project: 'made-in-vain' })]))
    expect((await here.store.read.events()).map((event) => event.project)).toEqual(['made-in-vain', 'another'])
    expect(await here.write((tx) => tx.addSpend([sampleSpend()]))).toMatchObject([{ spentNanoUsd: 1 }])
  })

  test('whom only a transaction knew that failed is told by the next, with everything that was said of them', async () => {
    const failure = new Error('the caller changed its mind')
    const about = (await here.write((tx) => tx.insertAlerts([sampleAlert()])))[0] ?? 0
    const tell = (tx: Transaction) => tx.enqueue([sampleNotification(about), sampleNotification(about, { recipient: lee })])
    await expect(here.write(async (tx) => {
      await tell(tx)
      expect(await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 10 })).toHaveLength(2)
      throw failure
    })).rejects.toBe(failure)
    await here.write(tell)
    expect((await (await here.reopen()).read.deliveries()).map(({ person }) => person)).toEqual(['lee', 'dana'])
  })

  test('transactions that are asked for at once run one after the other, in that order', async () => {
    const order: string[] = []
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        here.write(async (tx) => {
          order.push(`${name} begins`)
          await tx.addSpend([sampleSpend()])
          await Promise.resolve()
          order.push(`${name} ends`)
        }),
      ),
    )
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    expect(await here.write((tx) => tx.addSpend([sampleSpend({ nanoUsd: 0 })]))).toMatchObject([{ spentNanoUsd: 3 }])
  })

  test('a transaction that fails does not stop those that wait behind it', async () => {
    const failing = here.write(() => Promise.reject(new Error('no')))
    const next = here.write((tx) => tx.insertEvents([sampleEvent()]))
    await expect(failing).rejects.toThrow('no')
    expect(await next).toEqual([true])
  })

  test('what is kept of a transaction can do nothing after its end', async () => {
    let kept: Transaction | undefined
    await here.write(async (tx) => {
      kept = tx
    })
    await expect((async () => kept?.insertEvents([sampleEvent()]))()).rejects.toThrow(/revoked|ended/)
    expect(await here.store.read.events()).toEqual([])
  })

  test('reads do not see what is not committed', async () => {
    await here.write(async (tx) => {
      await tx.insertEvents([sampleEvent()])
      expect(await here.store.read.events()).toEqual([])
    })
    expect(await here.store.read.events()).toHaveLength(1)
  })

  test('a store that is closed finishes what was asked for and refuses the rest', async () => {
    const last = here.write((tx) => tx.insertEvents([sampleEvent()]))
    const closing = here.store.close()
    const late = here.write((tx) => tx.insertEvents([sampleEvent({ id: 'late' })]))
    await expect(late).rejects.toMatchObject({ name: 'TocsinError', code: 'store-failed' })
    expect(await last).toEqual([true])
    await closing
    expect(await (await here.reopen()).read.events()).toHaveLength(1)
  })
}

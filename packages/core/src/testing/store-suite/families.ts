import { expect, test } from 'vitest'
import type { Cause } from '../../model/cause.ts'
import type { NewAlert } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, lee, only, sampleAlert, sampleItem, sampleMs, sampleNotification } from './samples.ts'

export function familySuite(here: StoreUnderTest): void {
  const cause: Cause = { provider: 'openai', model: 'gpt', class: 'timeout', atMs: sampleMs }
  const open = async (change: Partial<NewAlert> = {}): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert(change)])))
  const join = (id: number, parent: number) => here.write((tx) => tx.updateAlerts([{ id, addCount: 0, updatedAtMs: sampleMs, parent }]))
  const ofCause = (more: { readonly sinceMs?: number; readonly limit?: number; readonly project?: string; readonly cause?: string } = {}) =>
    here.write(async (tx) => (await tx.withCause({ project: 'bots', cause: 'openai|down', sinceMs: 0, limit: 10, ...more })).map(({ id }) => id))

  test('an alert comes back with its cause and with what it is part of', async () => {
    const parent = await open({ key: 'parent', renews: true })
    expect(await here.store.read.alert(parent)).not.toHaveProperty('renews')
    const id = await open({ key: 'child', cause })
    expect(await here.store.read.alert(id)).toMatchObject({ cause })
    await join(id, parent)
    expect(await here.store.read.alert(id)).toMatchObject({ cause, parent })
    expect(await here.write(async (tx) => (await tx.findAlerts([{ project: 'bots', rule: 'model-failed', key: 'child' }], 0))[0])).toMatchObject({ cause, parent })
    await join(id, 0)
    expect(await here.store.read.alert(id)).not.toHaveProperty('parent')
  })

  test('alerts are found by the outage that would be their cause, oldest first, until they are part of something', async () => {
    const first = await open({ key: 'a', cause })
    const second = await open({ key: 'b', cause: { ...cause, class: 'server', model: 'other' }, openedAtMs: sampleMs + 5, ends: 'at-once' })
    await open({ key: 'c', cause: { ...cause, class: 'quota' } })
    await open({ key: 'd', cause: { ...cause, provider: 'anthropic' } })
    await open({ key: 'e' })
    expect(await ofCause()).toEqual([first, second])
    expect(await ofCause({ sinceMs: sampleMs + 5 })).toEqual([second])
    expect(await ofCause({ limit: 1 })).toEqual([first])
    expect(await ofCause({ project: 'others' })).toEqual([])
    await join(first, 99)
    expect(await ofCause()).toEqual([second])
  })

  test('what is part of an alert is read newest first, and what of it is open oldest first', async () => {
    const parent = await open({ key: 'parent' })
    const [a, b, c] = [await open({ key: 'a' }), await open({ key: 'b', ends: 'at-once' }), await open({ key: 'c' })]
    for (const id of [a, b, c]) await join(id, parent)
    expect((await here.store.read.alertsUnder(parent)).map(({ id }) => id)).toEqual([c, b, a])
    expect((await here.store.read.alertsUnder(parent, { before: c, limit: 1 })).map(({ id }) => id)).toEqual([b])
    const openUnder = (limit: number) => here.write(async (tx) => (await tx.openUnder(parent, limit)).map(({ id }) => id))
    expect(await openUnder(10)).toEqual([a, c])
    expect(await openUnder(1)).toEqual([a])
  })

  test('it is known to whom an alert was ever enqueued, whatever became of it, singly or collected', async () => {
    const id = await open()
    const other = await open({ key: 'other' })
    await here.write(async (tx) => {
      await tx.enqueue([sampleNotification(id), sampleNotification(id, { recipient: lee, news: 'resolved' }), sampleNotification(other, { recipient: lee })])
      await tx.withdraw(id, 'superseded', sampleMs)
      await tx.enqueueInBatch([sampleItem(id, { recipient: lee, channel: 'hook', batchKey: 'lee|hook' })])
    })
    const found = await here.write((tx) => tx.addressed(id))
    expect(found).toEqual([{ person: 'dana', channel: 'mail', address: dana.address }, { person: 'lee', channel: 'hook', address: lee.address }])
  })

  test('what waits a moment and was never tried can be hurried; what waits longer, is collected or was tried cannot', async () => {
    const id = await open()
    const soon = sampleNotification(id, { dueMs: sampleMs + 5_000 })
    const [hurried, tried, late, elsewhere] = await here.write((tx) =>
      tx.enqueue([soon, { ...soon, recipient: lee, channel: 'tried' }, { ...soon, recipient: lee, dueMs: sampleMs + 60_000 }, { ...soon, project: 'others' }]))
    await here.write((tx) => tx.enqueueInBatch([sampleItem(id, { dueMs: sampleMs + 5_000 })]))
    await here.write(async (tx) => {
      const [fence = 0] = await tx.lease([tried?.delivery ?? 0], sampleMs + 1_000, sampleMs)
      await tx.settle([{ id: tried?.delivery ?? 0, fence, kind: 'later', dueMs: sampleMs + 4_000 }])
      await tx.hurry('bots', 5_000, sampleMs + 10)
    })
    const due = (await here.store.read.deliveries()).filter(({ dueMs }) => dueMs === sampleMs + 10).map((one) => one.id)
    expect(due).toEqual([hurried?.delivery])
    expect([late, elsewhere].map((one) => one?.delivery)).not.toContain(due[0])
  })
}

import { expect, test } from 'vitest'
import type { Decision } from '../../model/decision.ts'
import type { NewAlert } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleAlert, sampleMs } from './samples.ts'

export function alertSuite(here: StoreUnderTest): void {
  const open = async (change: Partial<NewAlert> = {}): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert(change)])))
  const find = (key: string, sinceMs: number) =>
    here.write(async (tx) => (await tx.findAlerts([{ project: 'bots', rule: 'model-failed', key }], sinceMs))[0])

  test('an alert comes back as it was given', async () => {
    const given = sampleAlert({
      sessionId: 's1', agent: 'support', environment: 'production', tags: { team: 'support' }, aboutChannel: 'sms',
      announcement: { title: 'T', body: 'B', severity: 'high', direct: { channel: 'mail', address: 'x@example.com' } },
    })
    const id = only(await here.write((tx) => tx.insertAlerts([given])))
    const alert = { ...given, id, state: 'firing', updatedAtMs: sampleMs }
    expect(await here.store.read.alert(id)).toEqual(alert)
    expect(await here.write((tx) => tx.alert(id))).toEqual(alert)
    expect(await here.write((tx) => tx.alert(id + 1))).toBeUndefined()
    const other = await open({ key: 'another' })
    expect([...(await here.write((tx) => tx.alerts([other, id + 1_000, id]))).entries()].toSorted(([one], [another]) => one - another)).toEqual([[id, alert], [other, await here.store.read.alert(other)]])
    expect(await here.write((tx) => tx.alerts([]))).toEqual(new Map())
  })

  test('news is resolved as it opens, and not found again by its key', async () => {
    const id = await open({ ends: 'at-once' })
    expect(await here.store.read.alert(id)).toMatchObject({ state: 'resolved', resolvedAtMs: sampleMs })
    expect(await find('support|gpt', 0)).toBeUndefined()
  })

  test('the open alert of a key is found, in the order asked', async () => {
    const a = await open({ key: 'a' })
    const b = await open({ key: 'b' })
    const keys = ['b', 'none', 'a'].map((key) => ({ project: 'bots', rule: 'model-failed', key }))
    const other = [{ project: 'other', rule: 'model-failed', key: 'a' }, { project: 'bots', rule: 'other', key: 'a' }]
    const found = await here.write((tx) => tx.findAlerts([...keys, ...other], 0))
    expect(found.map((alert) => alert?.id)).toEqual([b, undefined, a, undefined, undefined])
  })

  test('a resolved alert is found from the given time on, an open one comes before it', async () => {
    const first = await open()
    await here.write((tx) => tx.updateAlerts([{ id: first, addCount: 0, updatedAtMs: sampleMs + 5, state: 'resolved', resolvedAtMs: sampleMs + 5 }]))
    expect((await find('support|gpt', sampleMs + 5))?.id).toBe(first)
    expect(await find('support|gpt', sampleMs + 6)).toBeUndefined()
    const second = await open()
    expect((await find('support|gpt', 0))?.id).toBe(second)
    await here.write((tx) => tx.updateAlerts([{ id: second, addCount: 0, updatedAtMs: sampleMs + 9, state: 'resolved', resolvedAtMs: sampleMs + 9 }]))
    expect((await find('support|gpt', 0))?.id).toBe(second)
  })

  test('two alerts of one key are never open together', async () => {
    await open()
    await expect(open()).rejects.toMatchObject({ name: 'TocsinError', code: 'store-failed' })
  })

  test('findings are counted in, and only what is given is replaced', async () => {
    const id = await open()
    await here.write((tx) => tx.updateAlerts([{ id, addCount: 2, updatedAtMs: sampleMs + 50 }, { id, addCount: 3, updatedAtMs: sampleMs + 40 }]))
    expect(await here.store.read.alert(id)).toMatchObject({ ...sampleAlert(), count: 6, updatedAtMs: sampleMs + 50, state: 'firing' })
    const change = { severity: 'critical', params: { count: 7 }, evidence: { event: 'e2' } } as const
    await here.write((tx) => tx.updateAlerts([{ id, addCount: 1, updatedAtMs: sampleMs + 60, ...change }]))
    expect(await here.store.read.alert(id)).toMatchObject({ count: 7, ...change })
    expect((await here.store.read.alert(id))?.params).toEqual({ count: 7 })
  })

  test('an alert can be acknowledged, resolved and reopened', async () => {
    const id = await open()
    const update = (state: 'firing' | 'acknowledged' | 'resolved') =>
      here.write((tx) => tx.updateAlerts([{ id, addCount: 0, updatedAtMs: sampleMs + 9, state, ...(state === 'resolved' && { resolvedAtMs: sampleMs + 9 }) }]))
    await update('acknowledged')
    expect(await find('support|gpt', 0)).toMatchObject({ id, state: 'acknowledged' })
    await update('resolved')
    expect(await find('support|gpt', 0)).toMatchObject({ id, state: 'resolved', resolvedAtMs: sampleMs + 9 })
    await update('firing')
    const reopened = await find('support|gpt', 0)
    expect(reopened).toMatchObject({ id, state: 'firing' })
    expect(reopened?.resolvedAtMs).toBeUndefined()
  })

  test('a decision that is repeated is counted and keeps the newest parameters', async () => {
    const decision: Decision = { alert: 7, person: 'dana', channel: 'mail', reason: 'held.rate', params: { untilMs: 1 }, atMs: sampleMs, count: 1 }
    await here.write((tx) => tx.recordDecisions([decision, { ...decision, person: '*', params: {} }]))
    await here.write((tx) => tx.recordDecisions([{ ...decision, params: { untilMs: 2 }, atMs: sampleMs + 5 }, { ...decision, reason: 'sent.now', atMs: sampleMs + 9 }]))
    const decisions = await here.store.read.decisionsOf(7)
    expect(decisions).toHaveLength(3)
    expect(decisions).toContainEqual({ ...decision, params: { untilMs: 2 }, atMs: sampleMs + 5, count: 2 })
    expect(decisions).toContainEqual({ ...decision, person: '*', params: {} })
    expect(await here.store.read.decisionsOf(8)).toEqual([])
  })
}

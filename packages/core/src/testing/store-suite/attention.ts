import { expect, test } from 'vitest'
import type { Hush, Silence } from '../../model/attention.ts'
import type { NewAlert } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { forgetAll } from './retention.ts'
import { only, sampleAlert, sampleItem, sampleMs } from './samples.ts'

export function attentionSuite(here: StoreUnderTest): void {
  const open = async (key: string, change: Partial<NewAlert> = {}): Promise<number> => only(await here.write((tx) => tx.insertAlerts([sampleAlert({ key, ...change })])))
  const silence: Omit<Silence, 'id'> = { project: 'bots', match: "alert.agent == 'a'", fromMs: sampleMs, untilMs: sampleMs + 100, author: 'lee', comment: 'deploy' }
  const hushOf = (alert: number, change: Partial<Hush> = {}): Hush => ({ alert, project: 'bots', by: 'silence#1', sinceMs: sampleMs, untilMs: sampleMs + 100, ...change })
  const silences = (nowMs: number, project = 'bots') => here.write(async (tx) => (await tx.silences(project, nowMs)).map(({ id }) => id))
  const hushes = (...alerts: readonly number[]) => here.write((tx) => tx.hushes(alerts))

  test('silences that hold or will are read whole, by their beginning, each of its project', async () => {
    const later = await here.write((tx) => tx.addSilence({ ...silence, fromMs: sampleMs + 50 }))
    const first = await here.write((tx) => tx.addSilence(silence))
    await here.write((tx) => tx.addSilence({ ...silence, project: 'other' }))
    await here.reopen()
    expect(await here.write((tx) => tx.silences('bots', sampleMs))).toEqual([{ ...silence, id: first }, { ...silence, id: later, fromMs: sampleMs + 50 }])
    expect(await silences(sampleMs + 99)).toEqual([first, later])
    expect(await silences(sampleMs + 100)).toEqual([])
    expect(await silences(sampleMs, 'unknown')).toEqual([])
  })

  test('a silence is ended once, by its project, also before it began', async () => {
    const id = await here.write((tx) => tx.addSilence({ ...silence, fromMs: sampleMs + 50 }))
    const end = (project: string, atMs: number) => here.write((tx) => tx.endSilence(project, id, atMs))
    expect([await end('other', sampleMs), await end('bots', sampleMs + 10), await end('bots', sampleMs + 20)]).toEqual([false, true, false])
    expect(await silences(sampleMs + 10)).toEqual([])
    expect(await here.write((tx) => tx.silences('bots', sampleMs))).toMatchObject([{ fromMs: sampleMs + 10, untilMs: sampleMs + 10 }])
    expect(await here.write((tx) => tx.endSilence('bots', 99, sampleMs))).toBe(false)
  })

  test('one thing hushes an alert: the newer takes the place of the older', async () => {
    const [a, b] = [await open('a'), await open('b')]
    await here.write((tx) => tx.hush([hushOf(a), hushOf(b)]))
    await here.write((tx) => tx.hush([hushOf(a, { by: 'snooze', untilMs: sampleMs + 9 })]))
    await here.reopen()
    expect(await hushes(b, 99, a)).toEqual([hushOf(b), undefined, hushOf(a, { by: 'snooze', untilMs: sampleMs + 9 })])
    await here.write((tx) => tx.unhush([a, 99]))
    expect(await hushes(a, b)).toEqual([undefined, hushOf(b)])
  })

  test('what one thing hushes is read page by page, and what hushes anything at all', async () => {
    const ids = [await open('a'), await open('b'), await open('c')]
    await here.write((tx) => tx.hush([...ids.map((id) => hushOf(id)), hushOf(98, { by: 'snooze' }), hushOf(99, { project: 'other', by: 'maintenance:nights' })]))
    const page = (after: number, limit: number) => here.write(async (tx) => (await tx.hushedBy('bots', 'silence#1', after, limit)).map(({ alert }) => alert))
    expect([await page(0, 2), await page(ids[1] ?? 0, 2), await page(ids[2] ?? 0, 2)]).toEqual([ids.slice(0, 2), ids.slice(2), []])
    expect((await here.write((tx) => tx.hushers('bots'))).toSorted()).toEqual(['silence#1', 'snooze'])
    expect(await here.write((tx) => tx.hushers('unknown'))).toEqual([])
  })

  test('open alerts are read page by page; what is over is not', async () => {
    const [a, , c, d] = [await open('a'), await open('b', { ends: 'at-once' }), await open('c'), await open('d')]
    await open('e', { project: 'other' })
    await here.write((tx) => tx.updateAlerts([{ id: c, addCount: 0, updatedAtMs: sampleMs, state: 'acknowledged' }]))
    const page = (after: number, limit: number) => here.write(async (tx) => (await tx.openAlerts('bots', after, limit)).map(({ id, state }) => [id, state]))
    expect(await page(0, 2)).toEqual([[a, 'firing'], [c, 'acknowledged']])
    expect(await page(c, 2)).toEqual([[d, 'firing']])
  })

  test('what is expected of a rule and key holds until its end; said again, the newer holds', async () => {
    const of = { project: 'bots', rule: 'slow', key: 'a' }
    const expectIt = (untilMs: number, by = 'lee', project = 'bots') => here.write((tx) => tx.expect({ ...of, project, by, sinceMs: sampleMs, untilMs }))
    const expected = (nowMs: number) => here.write((tx) => tx.expected([of, { ...of, key: 'b' }, { ...of, project: 'unknown' }], nowMs))
    await expectIt(sampleMs + 10)
    await expectIt(sampleMs + 90, 'sam', 'other')
    expect(await expected(sampleMs + 9)).toEqual([{ ...of, by: 'lee', sinceMs: sampleMs, untilMs: sampleMs + 10 }, undefined, undefined])
    expect(await expected(sampleMs + 10)).toEqual([undefined, undefined, undefined])
    await expectIt(sampleMs + 50, 'dana')
    expect(await expected(sampleMs + 49)).toMatchObject([{ by: 'dana' }, undefined, undefined])
  })

  test('what a transaction decides it knows itself, whatever it asked before', async () => {
    const [a, b] = [await open('a'), await open('b')]
    const of = { project: 'bots', rule: 'model-failed', key: 'a' }
    const seen = await here.write(async (tx) => {
      const look = async () => [(await tx.silences('bots', sampleMs)).length, (await tx.hushes([a, b])).map((hush) => hush?.by), (await tx.expected([of], sampleMs)).map((one) => one?.by)]
      const before = await look()
      const id = await tx.addSilence(silence)
      await tx.hush([hushOf(a)])
      await tx.expect({ ...of, by: 'lee', sinceMs: sampleMs, untilMs: sampleMs + 10 })
      const between = await look()
      await tx.endSilence('bots', id, sampleMs)
      await tx.unhush([a])
      await tx.expect({ ...of, by: 'dana', sinceMs: sampleMs, untilMs: sampleMs + 10 })
      return [before, between, await look()]
    })
    expect(seen).toEqual([[0, [undefined, undefined], [undefined]], [1, ['silence#1', undefined], ['lee']], [0, [undefined, undefined], ['dana']]])
  })

  test('what is expected is found among as much as anybody expects', async () => {
    await here.write(async (tx) => {
      for (let number = 0; number < 600; number += 1) await tx.expect({ project: 'bots', rule: 'model-failed', key: `key ${number}`, by: `by ${number}`, sinceMs: sampleMs, untilMs: sampleMs + 10 })
    })
    const asked = [599, 0, 600].map((number) => ({ project: 'bots', rule: 'model-failed', key: `key ${number}` }))
    expect((await here.write((tx) => tx.expected(asked, sampleMs))).map((one) => one?.by)).toEqual(['by 599', 'by 0', undefined])
  })

  test('of a collection it is known what is hushed, acknowledged or expected, what else is in it, and any of it is taken out', async () => {
    const [hushed, wasHushed, taken, expected, news, plain] = [await open('hushed'), await open('was'), await open('taken'), await open('expected'), await open('news', { ends: 'at-once' }), await open('plain')]
    const all = [hushed, wasHushed, taken, expected, news, plain]
    const [delivery = 0] = await here.write(async (tx) => {
      const enqueued = await tx.enqueueInBatch(all.map((id) => sampleItem(id)))
      await tx.hush([hushOf(hushed), hushOf(wasHushed, { untilMs: sampleMs + 5 })])
      await tx.updateAlerts([{ id: taken, addCount: 0, updatedAtMs: sampleMs, state: 'acknowledged' }, { id: news, addCount: 0, updatedAtMs: sampleMs, taken: { by: 'lee', atMs: sampleMs } }])
      await tx.expect({ project: 'bots', rule: 'model-failed', key: 'expected', by: 'lee', sinceMs: sampleMs, untilMs: sampleMs + 100 })
      return enqueued.map((one) => one.delivery)
    })
    const quiet = (limit: number, nowMs = sampleMs + 5) => here.write((tx) => tx.quietIn(delivery, nowMs, limit))
    expect([await quiet(9), await quiet(2), await quiet(9, sampleMs + 100)]).toEqual([[hushed, taken, expected, news], [hushed, taken], [taken, news]])
    const members = (after: number, limit: number) => here.write(async (tx) => (await tx.membersOf(delivery, after, limit)).map(({ id }) => id))
    expect([await members(0, 4), await members(expected, 4)]).toEqual([all.slice(0, 4), all.slice(4)])
    const ended = (after: number, limit: number) => here.write(async (tx) => (await tx.endedIn(delivery, after, limit)).map(({ id }) => id))
    expect(await ended(0, 4)).toEqual([])
    await here.write((tx) => tx.updateAlerts([hushed, taken, news, plain].map((id) => ({ id, addCount: 0, updatedAtMs: sampleMs, state: 'resolved' as const, resolvedAtMs: sampleMs }))))
    expect([await ended(0, 2), await ended(taken, 2), await ended(plain, 2)]).toEqual([[hushed, taken], [plain], []])
    await here.write((tx) => tx.takeOut(delivery, [hushed, taken, 99]))
    expect((await here.store.read.deliveries())[0]?.alerts).toEqual([wasHushed, expected, news, plain])
    expect((await here.write((tx) => tx.delivery(delivery)))?.due.notification).toMatchObject({ moreAlerts: 0, alerts: [{}, {}, {}, {}] })
  })

  test('silences, what was hushed and what was expected are forgotten when they are over as long as decisions are kept', async () => {
    const old = sampleMs - 1
    await here.write(async (tx) => {
      for (const untilMs of [old, old, old, old, sampleMs]) await tx.addSilence({ ...silence, fromMs: 0, untilMs })
      await tx.addSilence({ ...silence, project: 'other', fromMs: 0, untilMs: old })
      await tx.hush([hushOf(1, { untilMs: old }), hushOf(2, { untilMs: sampleMs }), hushOf(3, { project: 'other', untilMs: old })])
      for (const [key, untilMs] of [['a', old], ['b', old], ['c', sampleMs]] as const) await tx.expect({ project: 'bots', rule: 'slow', key, by: 'lee', sinceMs: 0, untilMs })
    })
    expect([(await forgetAll(here, 'silences')).rows, (await forgetAll(here, 'hushes')).rows, (await forgetAll(here, 'expected')).rows]).toEqual([4, 1, 2])
    expect([(await silences(0)).length, (await silences(0, 'other')).length]).toEqual([1, 1])
    expect((await hushes(1, 2, 3)).map((hush) => hush?.alert)).toEqual([undefined, 2, 3])
    expect(await here.write((tx) => tx.expected([{ project: 'bots', rule: 'slow', key: 'b' }, { project: 'bots', rule: 'slow', key: 'c' }], 0))).toMatchObject([undefined, { key: 'c' }])
  })
}

import { expect, test } from 'vitest'
import type { Forgettable, ForgetQuery } from '../../model/retention.ts'
import type { SessionDelta } from '../../model/session.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleAlert, sampleEvent, sampleMs, sampleSession, sampleSpend } from './samples.ts'

const dayMs = 86_400_000

/** Forgets all that is old, in steps; none of them changes more than its limit. */
export async function forgetAll(here: StoreUnderTest, what: Forgettable, change: Partial<ForgetQuery> = {}): Promise<{ readonly rows: number; readonly steps: number }> {
  const query: ForgetQuery = { project: 'bots', what, after: '', contentBeforeMs: sampleMs, bodiesBeforeMs: sampleMs, decisionsBeforeMs: sampleMs, pacesBeforeMs: sampleMs, limit: 3, ...change }
  let rows = 0
  for (let steps = 1, after: string | undefined = ''; steps < 100; steps += 1) {
    const step = await here.write((tx) => tx.forget({ ...query, after: after ?? '' }))
    expect(step.rows).toBeLessThanOrEqual(query.limit)
    rows += step.rows
    if (step.goOn === undefined) return { rows, steps }
    after = step.goOn
  }
  throw new Error('expected it to come to an end')
}

export function retentionSuite(here: StoreUnderTest): void {
  test('events go from the oldest on, a few at a time, and from when on they are all there is known', async () => {
    const old = Array.from({ length: 7 }, (_, index) => sampleEvent({ id: `old ${index}`, atMs: sampleMs - 1 - index }))
    await here.write((tx) => tx.insertEvents([...old, sampleEvent(), sampleEvent({ project: 'other', atMs: sampleMs - 1 })]))
    expect(await here.write((tx) => tx.eventsSince('bots'))).toBe(0)
    expect(await here.write((tx) => tx.forget({ project: 'bots', what: 'events', after: '', contentBeforeMs: sampleMs, bodiesBeforeMs: 0, decisionsBeforeMs: 0, pacesBeforeMs: 0, limit: 3 }))).toEqual({ rows: 3, goOn: '' })
    expect((await here.store.read.events()).map(({ atMs }) => sampleMs - atMs)).toEqual([1, 0, 4, 3, 2, 1])
    expect(await forgetAll(here, 'events')).toEqual({ rows: 4, steps: 2 })
    expect((await here.store.read.events()).map(({ project, atMs }) => [project, atMs])).toEqual([['other', sampleMs - 1], ['bots', sampleMs]])
    await forgetAll(here, 'events', { contentBeforeMs: sampleMs - 5 })
    const since = async () => [await here.write((tx) => tx.eventsSince('bots')), await here.write((tx) => tx.eventsSince('other')), await here.write((tx) => tx.eventsSince('unknown'))]
    expect(await since()).toEqual([sampleMs, 0, 0])
    await here.reopen()
    expect(await since()).toEqual([sampleMs, 0, 0])
  })

  test('the print of a call goes with its time, wherever it stands among the others', async () => {
    const print = (index: number, source: string) => ({ project: 'bots', eventId: `${source} ${index}`, source, print: `${(index * 7) % 13}`.padStart(12, '0'), startMs: sampleMs - 5, endMs: index % 2 === 0 ? sampleMs : sampleMs - 1 })
    const prints = Array.from({ length: 13 }, (_, index) => print(index, 'observe'))
    await here.write((tx) => tx.findSameCalls([...prints, { ...print(1, 'observe'), project: 'other' }]))
    expect((await forgetAll(here, 'prints')).rows).toBe(6)
    const same = await here.write((tx) => tx.findSameCalls(prints.map((one, index) => ({ ...one, eventId: `otel ${index}`, source: 'otel', startMs: 0, endMs: sampleMs }))))
    expect(same.map((one) => one?.eventId)).toEqual(prints.map(({ eventId, endMs }) => (endMs === sampleMs ? eventId : undefined)))
    expect(await here.write((tx) => tx.findSameCalls([{ ...print(1, 'otel'), project: 'other' }]))).toMatchObject([{ eventId: 'observe 1' }])
  })

  test('the pace of a group goes when the group might have been told again for long, and no other pace', async () => {
    const keys = [...Array.from({ length: 7 }, (_, index) => `group old ${index}`), 'group new', 'silence|a']
    await here.write((tx) => tx.putPaces(keys.map((key) => ({ key, sinceMs: 0, atMs: key === 'group new' ? sampleMs : sampleMs - 1, count: 1 }))))
    expect((await forgetAll(here, 'paces')).rows).toBe(7)
    expect([...(await here.write((tx) => tx.paces(keys))).keys()]).toEqual(['group new', 'silence|a'])
  })

  test('the pace by which an alert is handed on or told again goes after the alert', async () => {
    const [kept = 0] = await here.write((tx) => tx.insertAlerts([sampleAlert()]))
    const gone = kept + 1
    const keys = [`escalation ${kept} on-call`, `repeat ${kept} 7`, `escalation ${gone} on-call`, `repeat ${gone} on-call`, `escalation ${gone} new`]
    await here.write((tx) => tx.putPaces(keys.map((key) => ({ key, sinceMs: 0, atMs: key.endsWith('new') ? sampleMs : sampleMs - 1, count: 1 }))))
    expect((await forgetAll(here, 'paces')).rows).toBe(2)
    expect([...(await here.write((tx) => tx.paces(keys))).keys()]).toEqual([keys[0], keys[1], keys[4]])
  })

  test('what rules keep goes when it was not written for as long as decisions are kept', async () => {
    const states = ['a', 'b', 'c'].map((key, index) => ({ project: 'bots', rule: 'slow', key, value: '', atMs: sampleMs + index }))
    await here.write((tx) => tx.putRuleStates([...states, { project: 'other', rule: 'slow', key: 'a', value: '', atMs: sampleMs }]))
    expect((await forgetAll(here, 'rules', { decisionsBeforeMs: sampleMs + 2 })).rows).toBe(2)
    const left = (project: string) => here.write((tx) => tx.ruleKeys({ project, rule: 'slow', after: '', limit: 10 }))
    expect([await left('bots'), await left('other')]).toEqual([[{ key: 'c', value: '' }], [{ key: 'a', value: '' }]])
  })

  test('of a session that is over, how it ended and failed goes first and its sums last; one that runs stays', async () => {
    const failure = { eventId: 'e', atMs: sampleMs, step: 1, type: 'llm.call', name: 'gpt', class: 'server', message: 'no' } as const
    const apply = (...deltas: readonly Partial<SessionDelta>[]) => here.write((tx) => tx.applySessions(deltas.map((delta) => sampleSession({ firstFailure: failure, costNanoUsd: 5, ...delta }))))
    const end = { atMs: sampleMs, state: 'fail', reason: 'gave up' } as const
    await apply({ sessionId: 'runs' }, ...['a', 'b', 'c', 'd', 'e'].map((sessionId) => ({ sessionId, end })), { sessionId: 'later', lastAtMs: sampleMs + 1, end })
    const read = (id: string) => here.store.read.session('bots', id)
    const runs = await read('runs')
    expect((await forgetAll(here, 'sessions', { contentBeforeMs: sampleMs + 1, decisionsBeforeMs: sampleMs })).rows).toBe(5)
    const { firstFailure: _failure, endReason: _reason, ...cut } = { ...(await read('later')), sessionId: 'a', lastAtMs: sampleMs }
    expect(await read('a')).toEqual(cut)
    expect(cut).toMatchObject({ state: 'fail', costNanoUsd: 5 })
    expect(await read('later')).toMatchObject({ endReason: 'gave up', firstFailure: failure })
    expect((await forgetAll(here, 'sessions', { contentBeforeMs: sampleMs + 1, decisionsBeforeMs: sampleMs })).rows).toBe(0)
    expect((await forgetAll(here, 'sessions', { contentBeforeMs: sampleMs + dayMs, decisionsBeforeMs: sampleMs + 1 })).rows).toBe(6)
    expect([await read('a'), await read('e')]).toEqual([undefined, undefined])
    expect(await read('later')).toMatchObject({ costNanoUsd: 5 })
    expect(await read('runs')).toEqual(runs)
    await forgetAll(here, 'sessions', { contentBeforeMs: sampleMs + dayMs, decisionsBeforeMs: sampleMs + dayMs })
    expect(await read('later')).toBeUndefined()
    expect(await read('runs')).toEqual(runs)
  })

  test('a session whose events are still accepted stays, however short decisions are kept', async () => {
    await here.write((tx) => tx.applySessions([sampleSession({ end: { atMs: sampleMs, state: 'success' } })]))
    await forgetAll(here, 'sessions', { contentBeforeMs: sampleMs, decisionsBeforeMs: sampleMs + dayMs })
    expect(await here.store.read.session('bots', 's1')).toBeDefined()
  })

  test('sums and crossings of periods that are long over go, those of others stay', async () => {
    const periods = Array.from({ length: 9 }, (_, index) => sampleMs - (30 + index) * dayMs)
    const deltas = periods.flatMap((periodStartMs) => [sampleSpend({ periodStartMs }), sampleSpend({ periodStartMs, scope: 'a|b' })])
    const crossings = deltas.map(({ nanoUsd: _sum, unpriced: _calls, ...identity }) => ({ ...identity, threshold: 0.5, atMs: sampleMs }))
    await here.write(async (tx) => {
      await tx.addSpend(deltas)
      await tx.recordCrossings(crossings)
    })
    // A month and an hour before, so that no period of theirs can still be open.
    expect((await forgetAll(here, 'spend')).rows).toBe(14)
    expect((await forgetAll(here, 'crossings')).rows).toBe(14)
    const sums = await here.write((tx) => tx.addSpend(deltas.map((delta) => ({ ...delta, nanoUsd: 0 }))))
    expect(sums.map(({ spentNanoUsd }) => spentNanoUsd)).toEqual([1, 1, 1, 1, ...Array.from({ length: 14 }, () => 0)])
    expect((await here.write((tx) => tx.recordCrossings(crossings))).filter((isNew) => !isNew)).toHaveLength(4)
    expect((await forgetAll(here, 'spend', { contentBeforeMs: sampleMs - dayMs, decisionsBeforeMs: sampleMs + 99 * dayMs })).rows).toBe(14 - 2)
  })

  test('the inbox goes in the order of arrival', async () => {
    for (let index = 0; index < 7; index += 1) await here.store.putInbox({ id: `m${index}`, to: 'dana', severity: 'high', subject: 'S', text: 'T', locale: 'en', news: 'firing', possiblyRepeated: false }, 'dev', sampleMs - 5 + index)
    expect((await forgetAll(here, 'inbox')).rows).toBe(5)
    expect((await here.store.read.inbox()).map(({ id }) => id)).toEqual(['m6', 'm5'])
  })

  test('a place that is none begins anew', async () => {
    await here.write((tx) => tx.applySessions([sampleSession({ lastAtMs: sampleMs - 1, end: { atMs: sampleMs - 1, state: 'success' } })]))
    await here.write((tx) => tx.forget({ project: 'bots', what: 'sessions', after: '{"not": "a place"', contentBeforeMs: sampleMs, bodiesBeforeMs: sampleMs, decisionsBeforeMs: sampleMs, pacesBeforeMs: 0, limit: 3 }))
    expect(await here.store.read.session('bots', 's1')).toBeUndefined()
  })

  test('a first timer is put once for its project and kind, whatever its key', async () => {
    const timer = { project: 'bots', kind: 'retention', key: '', dueMs: 10 }
    await here.write((tx) => tx.putTimers([{ ...timer, key: 'events 7', dueMs: 99 }]))
    await here.write((tx) => tx.putFirstTimer(timer))
    await here.write((tx) => tx.putFirstTimer({ ...timer, project: 'other' }))
    expect(await here.write((tx) => tx.dueTimers('bots', 99, 10))).toEqual([{ ...timer, key: 'events 7', dueMs: 99 }])
    expect(await here.write((tx) => tx.dueTimers('other', 99, 10))).toEqual([{ ...timer, project: 'other' }])
    await here.write((tx) => tx.removeTimers([{ ...timer, key: 'events 7' }]))
    await here.write((tx) => tx.putFirstTimer(timer))
    expect(await here.write((tx) => tx.dueTimers('bots', 99, 10))).toEqual([timer])
  })
}

import { expect, test } from 'vitest'
import type { CallPrint } from '../../model/same-call.ts'
import type { Crossing } from '../../model/spend.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleEvent, sampleMs, sampleSession, sampleSpend } from './samples.ts'

export function acceptSuite(here: StoreUnderTest): void {
  test('an event that is there already says the same, or something else under the same id', async () => {
    const event = sampleEvent({ id: 'one' })
    await here.write((tx) => tx.insertEvents([event]))
    const others = [{ ...event, durationMs: event.durationMs + 1 }, { ...event, status: 'error' as const }, { ...event, agent: 'another' }, { ...event, id: 'unheard' }]
    expect(await here.write((tx) => tx.sayTheSame([event, { ...event, sessionId: 'learned later' }, ...others]))).toEqual([true, true, false, false, false, false])
  })

  test('an event counts once however often it is sent, in one batch or in several', async () => {
    const [a, b] = [sampleEvent(), sampleEvent({ id: 'event-2' })]
    expect(await here.write((tx) => tx.insertEvents([a, b, a]))).toEqual([true, true, false])
    expect(await here.write((tx) => tx.insertEvents([b, a]))).toEqual([false, false])
    expect(await here.store.read.counts()).toMatchObject({ events: 2 })
  })

  test('identity is project, time and id together', async () => {
    const events = [sampleEvent(), sampleEvent({ project: 'other' }), sampleEvent({ atMs: sampleMs + 1 }), sampleEvent({ id: 'event-2' })]
    expect(await here.write((tx) => tx.insertEvents(events))).toEqual([true, true, true, true])
  })

  test('an event comes back as it was given', async () => {
    const full = sampleEvent({
      sessionId: 's1', name: 'answer-ticket', agent: 'support', user: 'u1', environment: 'production', tags: { team: 'support', 名: '值' },
      status: 'error', error: { class: 'server', message: 'boom "quoted"', statusCode: 500, code: 'oops' },
      llm: {
        provider: 'openai', model: 'gpt', operation: 'chat', inputTokens: 10, outputTokens: 0, cacheReadTokens: 3, responseId: 'r1',
        finishReason: 'stop', streamed: true, timeToFirstTokenMs: 12, retries: 2, costNanoUsd: 123_456_789, costSource: 'priced',
      },
      tool: { name: 'search', callId: 'c1', argumentsHash: 'ab' }, endState: 'fail', endReason: 'because', excerpt: 'text',
      detail: { node: 'v24' }, announcement: { title: 'T', severity: 'info', to: ['dana'] }, duplicateOf: 'event-0',
    })
    const bare = sampleEvent({ id: 'bare', llm: { provider: 'openai', model: 'gpt', operation: 'embeddings', costSource: 'unknown' } })
    await here.write((tx) => tx.insertEvents([full, bare]))
    expect((await here.store.read.events()).map(({ seq, ...event }) => (seq > 0 ? event : seq))).toEqual([bare, full])
  })

  test('numbers at and beyond the edge of what is exact are kept at the edge, and read again', async () => {
    const llm = { provider: 'p', model: 'm', operation: 'chat', costNanoUsd: 2 ** 60, inputTokens: Number.NaN, costSource: 'reported' } as const
    await here.write((tx) => tx.insertEvents([sampleEvent({ llm, durationMs: Infinity })]))
    expect(await here.store.read.events()).toMatchObject([{ durationMs: 2 ** 53 - 1, llm: { costNanoUsd: 2 ** 53 - 1, inputTokens: 0 } }])
  })

  test('an event can be marked as another source’s view of an earlier one', async () => {
    const event = sampleEvent()
    await here.write(async (tx) => {
      await tx.insertEvents([event])
      await tx.markDuplicates([{ event, duplicateOf: 'event-0' }])
    })
    expect(await here.store.read.events()).toMatchObject([{ id: 'event-1', duplicateOf: 'event-0' }])
  })

  const print = (eventId: string, source: string, startMs: number, endMs: number, change: Partial<CallPrint> = {}): CallPrint => ({
    project: 'bots', eventId, source, print: 'abcdef012345', startMs, endMs, ...change,
  })

  test('calls of different sources with one print that overlap are one call', async () => {
    expect(await here.write((tx) => tx.findSameCalls([print('a', 'observe', 0, 100)]))).toEqual([undefined])
    const others = [print('b', 'otel', 100, 200), print('c', 'observe', 10, 20), print('d', 'ai-sdk', 201, 300), print('e', 'otel', 0, 100, { project: 'other' })]
    expect((await here.write((tx) => tx.findSameCalls(others))).map((same) => same?.eventId)).toEqual(['a', undefined, undefined, undefined])
  })

  test('calls that came while one source was alone are found when another comes: those that overlap, however much later they ended', async () => {
    const hourMs = 3_600_000
    const at = (eventId: string, source: string, startMs: number, endMs: number, word = eventId) => print(eventId, source, sampleMs + startMs, sampleMs + endMs, { print: word.padEnd(12, '0') })
    await here.write((tx) => tx.findSameCalls([at('long', 'otel', -5 * hourMs, 5 * hourMs), at('before', 'otel', -200, -101), at('touching', 'otel', -200, -100), at('after', 'otel', 201, 300), at('old', 'otel', -3 * hourMs, -2 * hourMs)]))
    const second = (words: readonly string[], startMs: number, endMs: number) => here.write(async (tx) => (await tx.findSameCalls(words.map((word) => at(`${word} again`, 'observe', startMs, endMs, word)))).map((same) => same?.eventId))
    expect(await second(['long', 'before', 'touching', 'after'], -100, 200)).toEqual(['long', undefined, 'touching', undefined])
    expect(await second(['long', 'old'], -2 * hourMs, -hourMs)).toEqual([undefined, 'old'])
    expect(await here.write((tx) => tx.findSameCalls([at('third', 'ai-sdk', 250, 260, 'after')]))).toEqual([{ eventId: 'after' }])
  })

  test('two equal calls at one time, each seen by two sources, stay two', async () => {
    const prints = [print('a1', 'observe', 0, 100), print('a2', 'observe', 0, 100), print('b1', 'otel', 0, 100), print('b2', 'otel', 0, 100), print('b3', 'otel', 0, 100)]
    const same = (await here.write((tx) => tx.findSameCalls(prints))).map((one) => one?.eventId)
    expect(same.slice(0, 2)).toEqual([undefined, undefined])
    expect(new Set(same.slice(2, 4))).toEqual(new Set(['a1', 'a2']))
    expect(same[4]).toBeUndefined()
  })

  test('the first report of a call says what it counted with where it names no session, and is given one once', async () => {
    const llm = { provider: 'openai', model: 'gpt', operation: 'chat', costNanoUsd: 7, costSource: 'reported' } as const
    const events = [sampleEvent({ id: 'a', llm }), sampleEvent({ id: 'b', sessionId: 's0', source: 'native' })]
    const at = { startMs: sampleMs, endMs: sampleMs }
    await here.write(async (tx) => {
      await tx.insertEvents(events)
      await tx.findSameCalls([print('a', 'observe', sampleMs, sampleMs), print('b', 'native', sampleMs, sampleMs, { print: '0123456789ab' }), print('gone', 'observe', sampleMs, sampleMs, { print: 'ffffffffffff' })])
    })
    const ask = (source: string) => here.write((tx) => tx.findSameCalls([{ ...print(`${source}-a`, source, 0, 0), ...at }, { ...print(`${source}-b`, source, 0, 0, { print: '0123456789ab' }), ...at }, { ...print(`${source}-c`, source, 0, 0, { print: 'ffffffffffff' }), ...at }]))
    expect(await ask('otel')).toEqual([{ eventId: 'a', withoutSession: { atMs: sampleMs, costNanoUsd: 7, costSource: 'reported' } }, { eventId: 'b' }, { eventId: 'gone' }])
    await here.write((tx) => tx.attributeEvents([{ project: 'bots', atMs: sampleMs, eventId: 'a', sessionId: 's1' }, { project: 'bots', atMs: sampleMs, eventId: 'b', sessionId: 's1' }]))
    expect(await ask('ai-sdk')).toEqual([{ eventId: 'a' }, { eventId: 'b' }, { eventId: 'gone' }])
    expect((await here.store.read.events()).map(({ id, sessionId }) => [id, sessionId])).toEqual([['b', 's0'], ['a', 's1']])
  })

  test('a session is the sum of its batches, with what it was before', async () => {
    const first = sampleSession({ calls: 2, errors: 1, costNanoUsd: 5, unpriced: 1, startedAtMs: sampleMs, name: 'answer', agent: 'support' })
    const [opened] = await here.write((tx) => tx.applySessions([first]))
    expect(opened?.before).toBeUndefined()
    expect(opened?.after).toMatchObject({ state: 'running', calls: 2, errors: 1, costNanoUsd: 5, unpriced: 1, name: 'answer', agent: 'support' })
    const second = sampleSession({ firstAtMs: sampleMs - 10, lastAtMs: sampleMs + 10, calls: 3, costNanoUsd: 7, agent: 'helper', user: 'u1' })
    const [grown] = await here.write((tx) => tx.applySessions([second]))
    expect(grown?.before).toEqual(opened?.after)
    expect(grown?.after).toEqual({
      project: 'bots', sessionId: 's1', state: 'running', name: 'answer', agent: 'support', user: 'u1', startedAtMs: sampleMs,
      firstAtMs: sampleMs - 10, lastAtMs: sampleMs + 10, calls: 5, errors: 1, costNanoUsd: 12, unpriced: 1,
    })
    expect(await here.store.read.session('bots', 's1')).toEqual(grown?.after)
    expect(await here.store.read.session('other', 's1')).toBeUndefined()
  })

  test('one session twice in a batch is added twice, and answered in the order asked', async () => {
    const deltas = [sampleSession({ sessionId: 'b' }), sampleSession({ sessionId: 'a' }), sampleSession({ sessionId: 'b' })]
    const changes = await here.write((tx) => tx.applySessions(deltas))
    expect(changes.map(({ before, after }) => [after.sessionId, before?.calls, after.calls])).toEqual([['b', undefined, 1], ['a', undefined, 1], ['b', 1, 2]])
  })

  test('an explicit end stays; the latest of several counts; only a later start makes it run again', async () => {
    const apply = async (delta: ReturnType<typeof sampleSession>) => only(await here.write((tx) => tx.applySessions([delta]))).after
    const end = (atMs: number, state: 'success' | 'fail', reason: string) => apply(sampleSession({ lastAtMs: atMs, end: { atMs, state, reason } }))
    expect(await end(sampleMs + 10, 'fail', 'gave up')).toMatchObject({ state: 'fail', endedAtMs: sampleMs + 10, endReason: 'gave up' })
    expect(await end(sampleMs + 5, 'success', 'earlier')).toMatchObject({ state: 'fail', endReason: 'gave up' })
    expect(await apply(sampleSession({ lastAtMs: sampleMs + 99 }))).toMatchObject({ state: 'fail', endedAtMs: sampleMs + 10 })
    expect(await end(sampleMs + 20, 'success', 'after all')).toMatchObject({ state: 'success', endReason: 'after all' })
    const again = await apply(sampleSession({ startedAtMs: sampleMs + 30, lastAtMs: sampleMs + 30 }))
    expect(again.state).toBe('running')
    expect(again.endedAtMs).toBeUndefined()
    expect(again.endReason).toBeUndefined()
  })

  test('an end that is not known for sure is undone by a later sign of life, not by an earlier one', async () => {
    const apply = async (delta: ReturnType<typeof sampleSession>) => only(await here.write((tx) => tx.applySessions([delta]))).after.state
    expect(await apply(sampleSession({ end: { atMs: sampleMs + 10, state: 'indeterminate' } }))).toBe('indeterminate')
    expect(await apply(sampleSession({ lastAtMs: sampleMs + 10 }))).toBe('indeterminate')
    expect(await apply(sampleSession({ lastAtMs: sampleMs + 11 }))).toBe('running')
  })

  test('the first failing call of a session is the earliest by its time, wherever it arrives', async () => {
    const failure = (atMs: number, eventId: string) => ({ eventId, atMs, step: 1, type: 'llm.call', name: 'gpt', class: 'server', message: 'no' }) as const
    const apply = async (firstFailure: ReturnType<typeof failure> | undefined, calls: number) =>
      only(await here.write((tx) => tx.applySessions([sampleSession({ calls, ...(firstFailure && { firstFailure }) })]))).after.firstFailure
    expect(await apply(undefined, 4)).toBeUndefined()
    expect(await apply(failure(50, 'late'), 2)).toEqual({ ...failure(50, 'late'), step: 5 })
    expect(await apply(failure(60, 'later'), 1)).toMatchObject({ eventId: 'late' })
    expect(await apply(failure(40, 'first'), 1)).toMatchObject({ eventId: 'first' })
  })

  test('spending is summed by project, budget, scope, period and epoch', async () => {
    const deltas = [
      sampleSpend({ nanoUsd: 5, unpriced: 1 }), sampleSpend({ nanoUsd: 7 }), sampleSpend({ project: 'other' }), sampleSpend({ budget: 'month' }),
      sampleSpend({ scope: 'a' }), sampleSpend({ periodStartMs: 0 }), sampleSpend({ epoch: 'b2' }),
    ]
    const sums = await here.write((tx) => tx.addSpend(deltas))
    expect(sums.map((sum) => sum.spentNanoUsd)).toEqual([5, 12, 1, 1, 1, 1, 1])
    expect(sums[1]).toEqual({ ...deltas[1], spentNanoUsd: 12, unpricedTotal: 1 })
  })

  test('sums are exact up to 2^53 and stay there', async () => {
    const add = async (nanoUsd: number) => only(await here.write((tx) => tx.addSpend([sampleSpend({ nanoUsd })]))).spentNanoUsd
    expect(await add(2 ** 53 - 3)).toBe(2 ** 53 - 3)
    expect(await add(1)).toBe(2 ** 53 - 2)
    expect(await add(1)).toBe(2 ** 53 - 1)
    expect(await add(2 ** 52)).toBe(2 ** 53 - 1)
    expect(await add(0)).toBe(2 ** 53 - 1)
  })

  test('a crossing is new once', async () => {
    const crossing: Crossing = { project: 'bots', budget: 'day', scope: '', periodStartMs: sampleMs, epoch: 'a1', threshold: 0.8, atMs: sampleMs }
    const all = [crossing, { ...crossing, atMs: sampleMs + 5 }, { ...crossing, threshold: 0.95 }, { ...crossing, epoch: 'b2' }, { ...crossing, scope: 'x' }]
    expect(await here.write((tx) => tx.recordCrossings(all))).toEqual([true, false, true, true, true])
    expect(await here.write((tx) => tx.recordCrossings(all))).toEqual([false, false, false, false, false])
  })
}

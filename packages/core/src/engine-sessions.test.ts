import { afterEach, describe, expect, test } from 'vitest'
import { flattenOtlpJson } from './mapping/otlp-json.ts'
import { SpanMapper } from './mapping/span-mapper.ts'
import type { EventInput, EventSource } from './model/event.ts'
import { closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** What the pack says of a session before it ends is another test's. */
const notWhileItRuns = { 'session-hung': false, 'session-long': false } as const

const start = (world: EngineWorld, sessionId = 's'): EventInput => ({ source: 'client', type: 'session.start', sessionId, id: `${sessionId}-start`, atMs: world.clock.nowMs() })
const end = (world: EngineWorld, sessionId = 's'): EventInput => ({ source: 'client', type: 'session.end', sessionId, id: `${sessionId}-end`, atMs: world.clock.nowMs(), endState: 'success' })
const tool = (world: EngineWorld, id: string, atMs = world.clock.nowMs(), sessionId = 's'): EventInput => ({ source: 'client', type: 'tool.call', sessionId, id, atMs, tool: { name: 'search' } })
const session = (world: EngineWorld, id = 's') => world.store.read.session('default', id)
const stateOf = async (world: EngineWorld, id = 's') => (await session(world, id))?.state

/** A model span as an exporter sends it when it has ended; it names its conversation, and nobody says when that ends. */
function modelSpan(spanId: string, endMs: number): readonly EventInput[] {
  const nanos = (ms: number): string => `${ms}000000`
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const attributes = [text('gen_ai.operation.name', 'chat'), text('gen_ai.provider.name', 'openai'), text('gen_ai.request.model', 'gpt-5-mini'), text('gen_ai.conversation.id', 'conversation-1')]
  const span = { traceId: '0123456789abcdef0123456789abcdef', spanId, parentSpanId: 'aaaaaaaaaaaaaaaa', name: 'chat gpt-5-mini', startTimeUnixNano: nanos(endMs - 500), endTimeUnixNano: nanos(endMs), attributes }
  return new SpanMapper().map(flattenOtlpJson({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }).spans)
}

describe('a session from which nothing is heard', () => {
  test('ends after half an hour of silence, however long it ran before, and nobody is told', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules: { 'session-started': false, ...notWhileItRuns } }, [mail])
    await world.engine.accept([start(world)])
    await world.at(20 * minuteMs)
    await world.engine.accept([tool(world, 'one')])
    await world.at(49 * minuteMs)
    expect(await stateOf(world)).toBe('running')
    await world.at(51 * minuteMs)
    expect(await stateOf(world)).toBe('indeterminate')
    expect(await session(world)).not.toHaveProperty('endedAtMs')
    await world.at(5 * hourMs)
    expect(mail.messages).toEqual([])
    expect(await world.store.read.alerts()).toEqual([])
  })

  test('runs again with the next event, and is listened to again', async () => {
    const world = engineWorld({ sessions: { idle: '5m' } }, [new Receiver('mail')])
    await world.engine.accept([start(world)])
    await world.at(6 * minuteMs)
    expect(await stateOf(world)).toBe('indeterminate')
    const told = (await world.store.read.alerts()).length
    await world.engine.accept([tool(world, 'one')])
    expect(await stateOf(world)).toBe('running')
    expect(await world.store.read.alerts()).toHaveLength(told)
    await world.at(10 * minuteMs)
    expect(await stateOf(world)).toBe('running')
    await world.at(12 * minuteMs)
    expect(await stateOf(world)).toBe('indeterminate')
  })

  test('that waited for a person for hours is told to have ended when it says so, once', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules: { 'session-started': false, ...notWhileItRuns } }, [mail])
    await world.engine.accept([start(world)])
    await world.at(3 * hourMs)
    expect(await stateOf(world)).toBe('indeterminate')
    await world.engine.accept([end(world)])
    await world.at(4 * hourMs)
    expect(await session(world)).toMatchObject({ state: 'success', endedAtMs: (await session(world))?.lastAtMs })
    expect(mail.subjects).toEqual([expect.stringContaining('Session')])
    await world.engine.accept([end(world)])
    await world.at(5 * hourMs)
    expect(mail.subjects).toHaveLength(1)
  })

  test('that failed long after its last call is told as failed', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules: { 'session-started': false, ...notWhileItRuns } }, [mail])
    await world.engine.accept([start(world)])
    await world.at(2 * hourMs)
    await world.engine.accept([{ ...end(world), status: 'error', endState: 'fail', endReason: 'the approval was denied' }])
    await world.at(3 * hourMs)
    expect(mail.messages.map(({ text }) => text)).toEqual([expect.stringContaining('the approval was denied')])
    expect(await stateOf(world)).toBe('fail')
  })

  test('that ended by its own word is left as it is, and no timer of it stays', async () => {
    const world = engineWorld({}, [new Receiver('mail')])
    await world.engine.accept([start(world), start(world, 'short'), end(world, 'short')])
    await world.at(minuteMs)
    await world.engine.accept([end(world)])
    const timers = await world.store.transaction((tx) => tx.dueTimers('default', world.clock.nowMs() + hourMs, 100))
    expect(timers.filter(({ kind }) => kind === 'session-silent')).toEqual([])
    await world.at(2 * hourMs)
    expect([await stateOf(world), await stateOf(world, 'short')]).toEqual(['success', 'success'])
  })

  test('is ended once by two processes, also where more have fallen silent than are looked at at once', async () => {
    const first = engineWorld({ rules: { 'session-started': false, ...notWhileItRuns } }, [new Receiver('mail')])
    const second = engineWorld({ rules: { 'session-started': false, ...notWhileItRuns } }, [new Receiver('mail')], { file: first.file })
    await first.engine.accept(Array.from({ length: 300 }, (_, index) => start(first, `s${index}`)))
    first.clock.aheadMs = 31 * minuteMs
    second.clock.aheadMs = 31 * minuteMs
    await Promise.all([first.tick(), second.tick()])
    const states = await Promise.all(Array.from({ length: 300 }, (_, index) => stateOf(first, `s${index}`)))
    expect(new Set(states)).toEqual(new Set(['indeterminate']))
  })
})

describe('telemetry after the fact', () => {
  test('spans of a conversation that nobody ends leave it running for half an hour after they came', async () => {
    const world = engineWorld({}, [new Receiver('mail')])
    const happenedMs = world.clock.nowMs() - 2 * hourMs
    await world.engine.accept(modelSpan('bbbbbbbbbbbbbbb1', happenedMs))
    await world.at(20 * minuteMs)
    // Sent much later than it happened, as the first was, and there may be more.
    expect(await stateOf(world, 'conversation-1')).toBe('running')
    await world.engine.accept(modelSpan('bbbbbbbbbbbbbbb2', happenedMs + minuteMs))
    await world.at(31 * minuteMs)
    expect(await session(world, 'conversation-1')).toMatchObject({ state: 'indeterminate', calls: 2 })
    await world.engine.accept(modelSpan('bbbbbbbbbbbbbbb3', happenedMs + 2 * minuteMs))
    expect(await session(world, 'conversation-1')).toMatchObject({ state: 'running', calls: 3 })
    await world.at(62 * minuteMs)
    expect(await session(world, 'conversation-1')).toMatchObject({ state: 'indeterminate', calls: 3 })
  })
})

describe('a call that two sources saw', () => {
  const call = (world: EngineWorld, source: EventSource, sessionId?: string, costNanoUsd = 2_000_000_000): EventInput => ({
    source,
    type: 'llm.call',
    id: `call-${source}`,
    atMs: world.clock.nowMs(),
    durationMs: 1_000,
    ...(sessionId !== undefined && { sessionId }),
    llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', responseId: 'r1', inputTokens: 10, outputTokens: 5, costNanoUsd, costSource: 'reported' },
  })
  const rules = { 'session-started': false, 'model-expensive': false, 'session-expensive': { aboveUsd: 1 } } as const
  const budgets = { day: { amountUsd: 3, thresholds: [0.5, 1] } }

  test.for(['in one batch', 'in two'] as const)('and only the second knew the session, counts in the session and once in the budget (%s)', async (batches) => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules, budgets }, [mail])
    const seen = [call(world, 'observe'), call(world, 'otel', 's1', 2_100_000_000), call(world, 'ai-sdk', 's1')]
    for (const events of batches === 'in one batch' ? [seen] : seen.map((event) => [event])) await world.engine.accept(events)
    await world.at(minuteMs)
    // At the price that counted in the budget, not at that of the second source.
    expect(await session(world, 's1')).toMatchObject({ calls: 1, errors: 0, costNanoUsd: 2_000_000_000, state: 'running' })
    const told = await world.store.read.alerts()
    expect(told.filter(({ rule }) => rule === 'budget').map(({ params }) => [params.percent, params.spentUsd])).toEqual([[50, 2]])
    expect(told.filter(({ rule }) => rule === 'session-expensive').map(({ key }) => key)).toEqual(['s1'])
    const events = await world.store.read.events()
    expect(events.filter(({ duplicateOf }) => duplicateOf === undefined).map(({ id, sessionId }) => [id, sessionId])).toEqual([['call-observe', 's1']])
  })

  test('stays with the session of the first where both name one', async () => {
    const world = engineWorld({ rules }, [new Receiver('mail')])
    await world.engine.accept([call(world, 'observe', 's1')])
    await world.engine.accept([call(world, 'otel', 's2')])
    expect(await session(world, 's1')).toMatchObject({ calls: 1 })
    expect(await session(world, 's2')).toBeUndefined()
  })
})

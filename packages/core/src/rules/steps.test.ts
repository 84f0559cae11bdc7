import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as startMs, type RuleWorld } from '../testing/rule-world.ts'

afterEach(closeRuleWorlds)

let count = 0
function event(change: Partial<Event>): Event {
  count += 1
  return { id: `e${count}`, project: 'default', type: 'tool.call', source: 'native', atMs: startMs + count, durationMs: 0, tags: {}, status: 'ok', agent: 'bot', ...change }
}
const tool = (name: string, args: string, more: Partial<Event> = {}): Event => event({ sessionId: 's', tool: { name, argumentsHash: args }, llm: undefined, ...more })
const failed = (one: Event): Event => ({ ...one, status: 'error', error: { class: 'server', message: 'down', statusCode: 502 } })
const model = (more: Partial<Event> = {}): Event => event({ type: 'llm.call', sessionId: 's', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', outputTokens: 3, costNanoUsd: 20_000_000, costSource: 'priced' }, ...more })
const agent = (name: string): Event => event({ type: 'agent.step', sessionId: 's', name, agent: name })
const many = <T>(times: number, make: () => T): readonly T[] => Array.from({ length: times }, make)

/** On unless a test says otherwise; those about tools are asked for one by one. */
const on: ConfigInput['rules'] = { 'call-repeated': {}, 'run-away': {}, 'ping-pong': {}, 'approval-waiting': {}, 'guardrail-tripped': {} }

/** What rules said to batches, one after the other, without the time of day. */
async function said(rules: ConfigInput['rules'], ...batches: readonly (readonly Event[])[]): Promise<RuleWorld> {
  const world = ruleWorld({ ...on, ...rules })
  for (const [index, batch] of batches.entries()) await world.accept(batch, startMs + 60_000 + index)
  return world
}
const news = ({ told }: RuleWorld): readonly string[] => told.map((line) => line.slice(9))
const last = ({ changes }: RuleWorld): object => changes.at(-1)?.alert ?? {}

describe('a tool', () => {
  it('that failed is told once for each agent and tool; one that was given up is not', async () => {
    const world = await said({ 'tool-failed': {} }, [failed(tool('crm', '1')), failed(tool('crm', '2')), failed(tool('mail', '1')), tool('ok', '1'), { ...tool('x', '1'), status: 'error', error: { class: 'cancelled', message: '' } }])
    expect(news(world)).toEqual(['opened tool-failed bot|crm', 'opened tool-failed bot|mail'])
    expect(world.changes[0]?.alert).toMatchObject({ kind: 'tool', severity: 'warning', count: 2, params: { tool: 'crm', errorClass: 'server', statusCode: 502, errorMessage: 'down', count: 2 } })
  })

  it('that fails every time is told at the fifth failure in a row, and its end when it succeeds', async () => {
    const world = await said({ 'tool-failing': {}, 'call-repeated': false }, many(4, () => failed(tool('crm', '1'))), [failed(tool('crm', '2'))], many(3, () => failed(tool('crm', '3'))), [tool('crm', '4')], [failed(tool('crm', '5'))])
    expect(news(world)).toEqual(['opened tool-failing bot|crm', 'resolved tool-failing bot|crm'])
    expect(world.changes[0]?.alert).toMatchObject({ severity: 'high', ends: 'known', params: { failures: 5, tool: 'crm', statusCode: 502 } })
  })

  it('that succeeds in between, or fails over a longer time, does not fail every time', async () => {
    const failure = (atMs: number): Event => failed(tool('crm', '1', { atMs }))
    expect(news(await said({ 'tool-failing': {}, 'call-repeated': false }, many(4, () => failed(tool('crm', '1'))), [tool('crm', '1')], many(4, () => failed(tool('crm', '1')))))).toEqual([])
    expect(news(await said({ 'tool-failing': {}, 'call-repeated': false }, [20, 19, 18, 17].map((minute) => failure(startMs - minute * 60_000)), [failure(startMs)]))).toEqual([])
    // One that is heard of late, from before the failures, ends nothing.
    expect(news(await said({ 'tool-failing': {}, 'call-repeated': false }, many(4, () => failed(tool('crm', '1'))), [tool('crm', '1', { atMs: startMs - 1 }), failed(tool('crm', '1'))]))).toHaveLength(1)
  })

  it('that fails every time and is not called any more is no trouble after a day', async () => {
    const world = await said({ 'tool-failing': { count: 2 } }, many(2, () => failed(tool('crm', '1'))))
    await world.accept([failed(tool('crm', '1', { atMs: startMs + 3_600_000 }))], startMs + 3_600_000)
    await world.until(startMs + 24 * 3_600_000 + 120_000)
    expect(news(world)).toEqual(['opened tool-failing bot|crm'])
    await world.until(startMs + 25 * 3_600_000)
    expect(world.told.at(-1)).toBe('13:00:00 resolved tool-failing bot|crm')
  })
})

describe('a session', () => {
  it('that repeats a call is told at the fifth in a row and again at the tenth, with what it has cost', async () => {
    const world = await said({}, many(4, () => tool('read', 'a')), [model(), tool('read', 'a')], many(4, () => tool('read', 'a')), [tool('read', 'a')], many(3, () => tool('read', 'b')))
    expect(news(world)).toEqual(['opened call-repeated s|read', 'counted call-repeated s|read'])
    expect(world.changes[0]?.alert).toMatchObject({ kind: 'tool', severity: 'warning', params: { tool: 'read', repeatedTimes: 5, costUsd: 0.02, calls: 6, session: 's' } })
    expect(news(await said({ 'call-repeated': { count: 3 } }, many(2, () => tool('read', 'a')), [tool('read', 'b')], many(2, () => tool('read', 'a'))))).toEqual([])
  })

  it('that runs away is told when it has made so many calls, and again at twice as many', async () => {
    const calls = (times: number): readonly Event[] => many(times, () => model())
    const world = await said({ 'run-away': { count: 10 } }, calls(9), calls(1), calls(5), calls(5))
    expect(news(world)).toEqual(['opened run-away s', 'counted run-away s'])
    expect(world.changes[0]?.alert).toMatchObject({ severity: 'high', params: { calls: 10, callsMax: 10, costUsd: 0.2 } })
    // One that ended and began anew counts from there.
    const end = event({ type: 'session.end', sessionId: 's', endState: 'success' })
    expect(news(await said({ 'run-away': { count: 10 } }, calls(9), [end], [event({ type: 'session.start', sessionId: 's' }), ...calls(9)]))).toEqual([])
  })

  it('that makes two calls in turn, or goes too deep, runs away too', async () => {
    const turns = await said({}, many(4, () => [tool('read', 'a'), tool('write', 'b')]).flat(), [tool('read', 'a'), tool('write', 'b')])
    expect(news(turns)).toEqual(['opened run-away s'])
    expect(last(turns)).toMatchObject({ params: { turnTools: 'read, write', turnTimes: 10 } })
    const deep = await said({}, [event({ type: 'agent.step', sessionId: 's', depth: 20 })], [event({ type: 'agent.step', sessionId: 's', depth: 21 })])
    expect(last(deep)).toMatchObject({ rule: 'run-away', params: { depth: 21, depthMax: 20 } })
  })

  it('whose agents hand over to each other six times, back and forth, is told', async () => {
    const world = await said({}, ['a', 'b', 'a', 'b', 'a', 'b'].map(agent), [agent('a')])
    expect(news(world)).toEqual(['opened ping-pong s'])
    expect(last(world)).toMatchObject({ severity: 'high', params: { relayAgents: 'a, b', relayTimes: 6 } })
    expect(news(await said({}, ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c'].map(agent)))).toEqual([])
  })

  it('that failed is told with the cause that was not made good, though others failed before', async () => {
    const world = await said({ 'session-failed': {} }, [failed(tool('search', '1')), tool('search', '1')], [failed(tool('crm', '1')), failed(tool('crm', '1'))], [failed(tool('mail', '1')), event({ type: 'session.end', sessionId: 's', endState: 'fail', endReason: 'gave up' })])
    expect(last(world)).toMatchObject({ rule: 'session-failed', params: { causeName: 'crm', causeStep: 3, failedTimes: 2, recovered: 1, spreadName: 'mail' }, evidence: { causeClass: 'server', laterFailures: 1, sameFailures: 2 } })
  })
})

describe('an approval', () => {
  const asked = (more: Partial<Event> = {}): Event => event({ type: 'approval.request', sessionId: 's', name: 'refund', ...more })

  it('that waits is told at once, and over when its session goes on', async () => {
    const world = await said({}, [asked({ excerpt: 'refund $900?' })], [event({ type: 'custom', sessionId: 's' })], [tool('refund', 'a')])
    expect(news(world)).toEqual(['opened approval-waiting session|s', 'resolved approval-waiting session|s'])
    expect(world.changes[0]?.alert).toMatchObject({ severity: 'high', ends: 'known', params: { what: 'refund', session: 's', excerpt: 'refund $900?' } })
    expect(news(await said({}, [asked(), tool('refund', 'a')]))).toEqual([])
  })

  it('with a name of its own waits for its answer, in a session or without one', async () => {
    const answered = (more: Partial<Event>): Event => event({ type: 'approval.request', detail: { id: 'r1', answer: 'no' }, ...more })
    const world = await said({}, [asked({ detail: { id: 'r1' } })], [tool('search', 'a')], [answered({ sessionId: 's' })])
    expect(news(world)).toEqual(['opened approval-waiting session|s', 'resolved approval-waiting session|s'])
    const alone = await said({}, [asked({ detail: { id: 'r1' }, sessionId: undefined })], [asked({ detail: { id: 'r1' }, sessionId: undefined })], [answered({})])
    expect(news(alone)).toEqual(['opened approval-waiting alone|r1', 'resolved approval-waiting alone|r1'])
    expect(news(await said({}, [asked({ id: 'own', sessionId: undefined })]))).toEqual(['opened approval-waiting alone|own'])
  })

  it('is told after a while where that is asked for, unless it was answered by then', async () => {
    const rules: ConfigInput['rules'] = { 'approval-waiting': { after: '5m' } }
    const late = await said(rules, [asked()], [asked({ sessionId: undefined, detail: { id: 'r2' } })])
    expect(news(late)).toEqual([])
    await late.until(startMs + 6 * 60_000)
    expect(news(late).toSorted()).toEqual(['opened approval-waiting alone|r2', 'opened approval-waiting session|s'])
    const answered = await said(rules, [asked()], [tool('refund', 'a')])
    await answered.until(startMs + 6 * 60_000)
    expect(news(answered)).toEqual([])
  })
})

describe('a guardrail', () => {
  it('that was tripped is told for each agent and guardrail, of steps and of events of one\'s own', async () => {
    const step = (triggered: string): Event => event({ type: 'agent.step', name: 'no-refunds', detail: { triggered } })
    const world = await said({}, [step('false'), step('true'), step('true'), event({ type: 'custom', name: 'no-secrets', detail: { triggered: 'true' }, agent: undefined })])
    expect(news(world)).toEqual(['opened guardrail-tripped bot|no-refunds', 'opened guardrail-tripped |no-secrets'])
    expect(world.changes[0]?.alert).toMatchObject({ severity: 'warning', count: 2, params: { guardrail: 'no-refunds', agent: 'bot' } })
  })
})

import { describe, expect, test } from 'vitest'
import type { FlatPoint } from './flat-metric.ts'
import { mapPoints } from './map-metric.ts'

const endMs = 1_795_330_019_483
const resource = { 'service.name': 'claude-code', 'os.type': 'linux', 'team': 'platform' }

/** As Claude Code writes them. */
function point(metric: string, value: number, more: Readonly<Record<string, unknown>> = {}, over: Partial<FlatPoint> = {}): FlatPoint {
  const attributes = { 'session.id': 'session-1', 'user.email': 'dana@example.com', 'terminal.type': 'vscode', ...(metric !== 'session.count' && { model: 'claude-sonnet-5', query_source: 'main' }), ...more }
  return { metric: `claude_code.${metric}`, since: 'delta', startMs: endMs - 60_000, endMs, value, attributes, resource, scope: 'com.anthropic.claude_code', ...over }
}

const minute = [
  point('token.usage', 120, { type: 'input' }), point('token.usage', 340, { type: 'output' }), point('token.usage', 20_000, { type: 'cacheRead' }), point('token.usage', 1_500, { type: 'cacheCreation' }),
  point('cost.usage', 0.0125),
]

describe('Claude Code', () => {
  test('money and tokens of one session, model and minute are one event, and not so many calls', () => {
    const { events, pointsOf, unused } = mapPoints(minute)
    expect(events).toEqual([{
      type: 'llm.usage', source: 'otel', id: expect.stringMatching(/^metric:session-1:[0-9a-f]{24}$/) as string, atMs: endMs, durationMs: 60_000, status: 'ok', sessionId: 'session-1', agent: 'claude-code', user: 'dana@example.com', name: 'claude_code.usage',
      tags: { service: 'claude-code', query_source: 'main', team: 'platform' },
      llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', inputTokens: 21_620, outputTokens: 340, cacheReadTokens: 20_000, cacheWriteTokens: 1_500, costNanoUsd: 12_500_000, costSource: 'reported' },
    }])
    expect([pointsOf, unused]).toEqual([[5], { cumulative: 0, withoutSession: 0, withoutCost: 0, malformed: 0 }])
  })

  test('another session, model, agent, minute or resource is another event; sent again, in whatever order, it is the same', () => {
    const others = [
      point('cost.usage', 1), point('cost.usage', 1, { 'session.id': 'session-2' }), point('cost.usage', 1, { model: 'claude-haiku-5' }), point('cost.usage', 1, { 'query_source': 'subagent', 'agent.name': 'Explore' }),
      point('cost.usage', 1, {}, { startMs: endMs, endMs: endMs + 60_000 }), point('cost.usage', 1, {}, { resource: { ...resource, 'host.name': 'two' } }),
    ]
    const first = mapPoints(others)
    expect(first.events.map(({ agent, llm }) => [agent, llm?.model])).toEqual([['claude-code', 'claude-sonnet-5'], ['claude-code', 'claude-sonnet-5'], ['claude-code', 'claude-haiku-5'], ['Explore', 'claude-sonnet-5'], ['claude-code', 'claude-sonnet-5'], ['claude-code', 'claude-sonnet-5']])
    const ids = new Set(first.events.map(({ id }) => id))
    expect(ids.size).toBe(others.length)
    const turned = others.toReversed().map((one) => ({ ...one, attributes: Object.fromEntries(Object.entries(one.attributes).toReversed()), resource: Object.fromEntries(Object.entries(one.resource).toReversed()) }))
    expect(new Set(mapPoints(turned).events.map(({ id }) => id))).toEqual(ids)
    expect(mapPoints([point('cost.usage', 2)]).events[0]?.id).toBe(first.events[0]?.id)
  })

  test('a point that comes twice in one message counts once', () => {
    const { events, unused } = mapPoints([...minute, point('cost.usage', 0.0125), point('token.usage', 120, { type: 'input' })])
    expect([events[0]?.llm?.costNanoUsd, events[0]?.llm?.inputTokens, unused.malformed]).toEqual([12_500_000, 21_620, 2])
  })

  test('a session that is counted gives a sign of life and no start, when it began', () => {
    const { events } = mapPoints([point('session.count', 1, { start_type: 'resume' }), point('session.count', 1, { start_type: 'resume' })])
    expect(events).toEqual([expect.objectContaining({ type: 'custom', name: 'claude_code.session.count', sessionId: 'session-1', atMs: endMs - 60_000, detail: { start_type: 'resume' } })])
  })
})

describe('what is not used has a reason', () => {
  test.each<[string, FlatPoint, string]>([
    ['sums since a start', point('cost.usage', 1, {}, { since: 'cumulative' }), 'cumulative'],
    ['without a session', point('cost.usage', 1, { 'session.id': '' }), 'withoutSession'],
    ['tokens alone', point('token.usage', 1, { type: 'input' }), 'withoutCost'],
    ['another form', point('cost.usage', 1, {}, { since: 'other' }), 'malformed'],
    ['not a number', point('cost.usage', NaN), 'malformed'],
    ['endless', point('cost.usage', Infinity), 'malformed'],
    ['negative', point('cost.usage', -0.01), 'malformed'],
    ['more than anybody could pay', point('cost.usage', 1e300), 'malformed'],
    ['more tokens than there are', point('token.usage', 1e12, { type: 'input' }), 'malformed'],
    ['a kind of token that nobody knows', point('token.usage', 5, { type: ['input'] }), 'malformed'],
    ['an end before its start', point('cost.usage', 1, {}, { startMs: endMs + 1 }), 'malformed'],
  ])('%s', (_, one, reason) => {
    const { events, unused } = mapPoints([one])
    expect([events, unused]).toEqual([[], { cumulative: 0, withoutSession: 0, withoutCost: 0, malformed: 0, [reason]: 1 }])
  })

  test('times and values that are not there', () => {
    const { startMs: _start, ...withoutStart } = point('cost.usage', 1)
    const { endMs: _end, ...withoutEnd } = point('cost.usage', 1)
    const { value: _value, ...withoutValue } = point('cost.usage', 1)
    expect(mapPoints([withoutStart, withoutEnd, withoutValue]).unused.malformed).toBe(3)
  })

  test('a resource of many attributes is read once, however many points share it', () => {
    let reads = 0
    const watched = new Proxy(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, index])), { ownKeys: (target) => (reads++, Reflect.ownKeys(target)) })
    mapPoints(Array.from({ length: 1_000 }, (_, index) => point('cost.usage', 1, { 'session.id': `s${index}` }, { resource: watched })))
    // Once for its print and once for its tags.
    expect(reads).toBe(2)
  })
})

import { afterAll, expect, test } from 'vitest'
import type { Event } from '../../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as beginMs } from '../../testing/rule-world.ts'

afterAll(closeRuleWorlds)

const minuteMs = 60_000

function event(type: Event['type'], atMs: number, more: Partial<Event> = {}): Event {
  return { id: `${type}-${atMs}`, source: 'client', type, project: 'default', atMs, durationMs: 0, tags: {}, status: 'ok', sessionId: 's', ...more }
}

test('a session that waits for an approval does not hang; once answered, silence is one again', async () => {
  const world = ruleWorld({ 'session-hung': { after: '15m' } })
  await world.accept([event('session.start', beginMs), event('approval.request', beginMs + 1, { detail: { id: 'a', tool: 'pay' } })], beginMs + 1)
  await world.until(beginMs + 40 * minuteMs)
  expect(world.told).toEqual([])
  const answeredMs = beginMs + 41 * minuteMs
  await world.accept([event('approval.request', answeredMs, { detail: { id: 'a', answer: 'yes' } })], answeredMs)
  await world.until(answeredMs + 16 * minuteMs)
  expect(world.told).toEqual(['12:56:00 opened session-hung s'])
})

test('what its calls used, told for all of them together, is a sign of life too', async () => {
  const world = ruleWorld({ 'session-hung': { after: '15m' } })
  await world.accept([event('session.start', beginMs)], beginMs)
  const usage = event('llm.usage', beginMs + 16 * minuteMs, { llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', costNanoUsd: 5, costSource: 'reported' } })
  await world.accept([usage], usage.atMs)
  expect(world.told).toEqual(['12:15:00 opened session-hung s', '12:16:00 resolved session-hung s'])
})

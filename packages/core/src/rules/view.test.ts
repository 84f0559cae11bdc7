import { describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import type { Event } from '../model/event.ts'
import { compileCondition, groupValues, problemOfGroupName, viewOfAlert, viewOfEvent } from './view.ts'

const event: Event = {
  id: 'e1', project: 'bots', type: 'llm.call', source: 'observe', atMs: 1_700_000_000_000, durationMs: 1_500, status: 'error', agent: 'refund-bot',
  tags: { team: 'support' }, error: { class: 'rate-limit', message: 'slow down', statusCode: 429 },
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 2, costNanoUsd: 2_000_000_000, costSource: 'priced' },
}

function test(expression: string, of: Event = event): boolean {
  const condition = compileCondition(expression, 'event')
  if (!condition.ok) throw new Error(condition.problem)
  return condition.test(viewOfEvent(of))
}

function problem(expression: string, kind: 'event' | 'alert' = 'event'): string {
  const condition = compileCondition(expression, kind)
  if (condition.ok) throw new Error(`${expression} is right`)
  return condition.problem
}

describe('a condition', () => {
  it.each([
    'event.costUsd > 1', 'event.costUsd == 2', '2 == event.costUsd', 'event.costUsd != 3', 'event.costUsd * 2 == 4.0', '1 + event.inputTokens > 2',
    'event.costUsd / 2 <= 1', 'event.statusCode in [429, 503]', '!(event.statusCode in [500])', "event.tags.team == 'support'", "event.tags['team'].startsWith('sup')",
    "event.type == 'llm.call' && event.durationMs >= 1500", "has(event.tags.team) && !has(event.tags.other)", '!has(event.outputTokens)',
    "event.tags.none == 'x' || event.costUsd > 1", "event.agent in ['refund-bot', 'other']", 'true',
  ])('holds: %s', (expression) => {
    expect(test(expression)).toBe(true)
  })

  it.each(["event.tags.none == 'x'", "event.tags.none != 'x'", 'event.outputTokens < 5', '!(event.outputTokens > 5)', "event.tool == 'x'", 'event.costUsd < 1'])(
    'does not hold, and a missing name is no error: %s',
    (expression) => {
      expect(test(expression)).toBe(false)
    },
  )

  it('throws where it cannot be evaluated for another reason than a missing name', () => {
    expect(() => test('int(event.tags.team) == 1')).toThrow('int')
    expect(() => test('1 / int(event.costUsd - 2) == 1')).toThrow('division by zero')
  })

  it('leaves the depth of stack traces as it was', () => {
    const before = Error.stackTraceLimit
    test("event.tags.none == 'x'")
    expect(Error.stackTraceLimit).toBe(before)
  })

  it('is refused with the nearest name when a name is wrong', () => {
    expect(problem('event.cosUsd > 1')).toBe('event has no "cosUsd"; did you mean "event.costUsd"?')
    expect(problem('alert.severty == "high"', 'alert')).toContain('alert.severity')
    expect(problem('evnt.costUsd > 1')).toContain('"evnt"')
    expect(problem('alert.severity == "high"')).toContain('"alert"')
  })

  it('is refused when it is no condition', () => {
    expect(problem('event.costUsd')).toContain('which is of type double')
    expect(problem('event.costUsd > ')).toContain('expected a CEL condition')
    expect(problem('event.costUsd > "a"')).toContain('no such overload')
    expect(problem('(1 + '.repeat(500))).toContain('expected a CEL condition')
  })

  it('knows its parts as they were written', () => {
    const condition = compileCondition("alert.kind == 'model' && (alert.count > 2 || alert.agent == 'a') && true", 'alert')
    expect(condition.ok && condition.parts.map((part) => part.replace(/^\(|\)$/g, ''))).toEqual(["alert.kind == 'model'", "alert.count > 2 || alert.agent == 'a'", 'true'])
  })

  it('sees an alert', () => {
    const alert: Alert = {
      id: 1, project: 'bots', rule: 'budget', key: 'k', kind: 'cost', severity: 'critical', message: 'budget.crossed', params: { budget: 'team', percent: 80, spentUsd: 4 },
      ends: 'at-once', quietMs: 0, evidence: {}, state: 'resolved', count: 1, openedAtMs: 1, updatedAtMs: 1,
    }
    const condition = compileCondition("alert.severity in ['critical', 'high'] && alert.budget == 'team' && alert.percent >= 80 && alert.costUsd == 4", 'alert')
    expect(condition.ok && condition.test(viewOfAlert(alert))).toBe(true)
  })
})

describe('groupBy', () => {
  it('reads values by the names of the view, and tags by theirs', () => {
    expect(groupValues(event, ['agent', 'event.model', 'tags.team', 'tags.none', 'statusCode', 'tool', 'id', 'tags.constructor'])).toEqual(['refund-bot', 'gpt-5', 'support', '', '429', '', 'e1', ''])
  })

  it('accepts no other names', () => {
    for (const name of ['agent', 'event.tags.team', 'detail.region', 'id']) expect(problemOfGroupName(name)).toBeUndefined()
    expect(problemOfGroupName('modle')).toContain('"model"')
    expect(problemOfGroupName('tags')).toContain('tags.team')
    expect(problemOfGroupName('toString')).toBeDefined()
  })
})

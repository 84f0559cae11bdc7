import { describe, expect, it } from 'vitest'
import { configurationFrom } from './configuration.ts'
import type { ConfigInput } from './model/config.ts'
import { TocsinError } from './model/error.ts'

/** The first problem of a rule, as it is told. */
function problemOf(rule: NonNullable<ConfigInput['rules']>[string]): string {
  try {
    configurationFrom({ rules: { r: rule } }, [], {})
    return 'fine'
  } catch (wrong) {
    if (wrong instanceof TocsinError) return wrong.message
    throw wrong
  }
}

const forms = 'expected count, rate, share(CONDITION), sum(FIELD), avg(FIELD), min(FIELD), max(FIELD) or p50(FIELD) to p99(FIELD)'

describe('a rule that measures', () => {
  const rule = { on: 'llm.call', measure: 'count', above: 5 } as const

  it.each([
    [{ measure: 'cuont' }, `rules.r.measure: ${forms}, found "cuont"; did you mean "count"?`],
    [{ measure: 'p45(durationMs)' }, `rules.r.measure: ${forms}, found "p45(durationMs)"; did you mean "p95"?`],
    [{ measure: 'p95(durationMS)' }, 'rules.r.measure: an event has no number "durationMS"; did you mean "durationMs"?'],
    [{ measure: 'p95' }, 'rules.r.measure: "p95" needs a number of the event in parentheses, such as p95(durationMs)'],
    [{ measure: 'avg(atMs)' }, 'rules.r.measure: an event has no number "atMs"'],
    [{ measure: "count(event.status == 'error')" }, 'rules.r.measure: "count" takes nothing in parentheses'],
    [{ measure: "share(event.statu == 'error')", above: 0.5 }, 'rules.r.measure: event has no "statu"; did you mean "event.status"?'],
    [{ measure: 'share(event.durationMs == "x")', above: 0.5 }, 'rules.r.measure: expected a condition over event, found "event.durationMs == "x"": no such overload: double == string'],
    [{ measure: 'share', above: 0.5 }, 'rules.r.measure: "share" needs a condition'],
    [{ measure: "share(event.status == 'error')", above: 50 }, 'rules.r.above: expected a share from 0 to 1, found 50; half of all is 0.5'],
    [{ below: 3 }, 'rules.r.below: expected a threshold in above: or below:, found both'],
    [{ above: '5' }, 'rules.r.above: expected a number, found "5"'],
    [{ above: Number.NaN }, 'rules.r.above: expected a number, found NaN'],
    [{ above: undefined }, 'rules.r.above: expected a threshold in above: or below:, found neither'],
    [{ until: 9 }, 'rules.r.until: expected at most the threshold (above: 5), found 9'],
    [{ window: '0s' }, 'rules.r.window: expected a duration of 10s to 7d, found "0s"'],
    [{ window: '5s' }, 'rules.r.window: expected a duration of 10s to 7d, found "5s"'],
    [{ for: '2d' }, 'rules.r.for: expected a duration of 1s to 1d, found "2d"'],
    [{ groupBy: ['modle'] }, 'rules.r.groupBy.0: expected a name of the event view such as agent, model or tags.team, found "modle"; did you mean "model"?'],
    [{ groupsMax: 1_000_000 }, 'rules.r.groupsMax: expected at most 10000, found 1000000'],
    [{ when: "event.durationMs == 'x'" }, 'rules.r.when: expected a condition over event'],
    [{ on: 'llm.cal' }, 'rules.r.on: expected a type of event'],
  ])('%j is told', (more, expected) => {
    expect(problemOf({ ...rule, ...more })).toContain(expected)
  })

  it('whose settings have a wrong name is told the nearest', () => {
    const wrong = (text: object): string => problemOf(text)
    expect(wrong({ on: 'llm.call', measure: 'count', abov: 5 })).toContain('rules.r.abov: unknown setting, did you mean "above"?')
    expect(wrong({ on: 'llm.call', measur: 'count', above: 5 })).toContain('rules.r.measur: unknown setting, did you mean "measure"?')
    expect(wrong({ on: 'llm.call', absnt: '10m' })).toContain('rules.r.absnt: unknown setting, did you mean "absent"?')
  })

  it.each([{}, { for: '5m', window: '7d' }, { measure: 'p99(event.inputTokens)' }, { measure: 'sum(costUsd)', above: 0 }, { above: undefined, below: 1, until: 3 }, { groupBy: ['tags.team', 'detail.host'] }])('%j is fine', (more) => {
    expect(problemOf({ ...rule, ...more })).toBe('fine')
  })
})

describe('a rule that waits', () => {
  it.each([
    [{ absent: '1s' }, 'rules.r.absent: expected a duration of 10s to 30d, found "1s"'],
    [{ since: 'session.strat' }, 'rules.r.since: expected a type of event'],
    [{ again: '1s' }, 'rules.r.again: expected a duration of 1m to 7d, found "1s"'],
  ])('%j is told', (more, expected) => {
    expect(problemOf({ on: 'session.end', absent: '10m', ...more })).toContain(expected)
  })
})

import { describe, expect, test } from 'vitest'
import { shownOf, withMore, withoutRow, withRow, type Row } from './conditions'
import { measureOf, measureText } from './measure'

const rowsOf = (text: string): readonly Row[] => {
  const shown = shownOf(text)
  if (shown.kind !== 'rows') throw new Error(`expected rows, found ${shown.why}: ${shown.part}`)
  return shown.rows
}
const said = (text: string): readonly (readonly [string, string, ...string[]])[] => rowsOf(text).map(({ field, operator, values }) => [field, operator, ...values] as const)

describe('the text is read into rows', () => {
  test.each([
    ['', []],
    ['event.outputTokens > 20000', [['outputTokens', 'above', '20000']]],
    ["event.tool == 'pay' && event.status != \"ok\"", [['tool', 'is', 'pay'], ['status', 'is-not', 'ok']]],
    ['event.costUsd >= 0.5 && event.retries < 3 && event.durationMs <= 1e3 && event.statusCode == -1', [['costUsd', 'at-least', '0.5'], ['retries', 'below', '3'], ['durationMs', 'at-most', '1e3'], ['statusCode', 'is', '-1']]],
    ["event.tags.team == 'a' && event.detail['my part'] == 'b'", [['tags.team', 'is', 'a'], ['detail.my part', 'is', 'b']]],
    ["event.model in ['gpt-5', \"o4\"] && event.statusCode in [429, 503]", [['model', 'one-of', 'gpt-5', 'o4'], ['statusCode', 'one-of', '429', '503']]],
    ["has(event.tool) && !has(event.tags.team)", [['tool', 'known'], ['tags.team', 'unknown']]],
    ["'my team' in event.tags && !( 'x' in event.detail ) && !('y' in event.detail)", [['tags.my team', 'known'], ['detail.x', 'unknown'], ['detail.y', 'unknown']]],
    ["event.errorMessage.contains('a && b // \"c\"') && event.name.startsWith('x') && event.name.endsWith('y') && event.name.matches('z[0-9]+')", [['errorMessage', 'contains', 'a && b // "c"'], ['name', 'starts', 'x'], ['name', 'ends', 'y'], ['name', 'matches', 'z[0-9]+']]],
    ["  event.agent == 'it\\'s'\n  &&\n  event.user == r'a\\d'  ", [['agent', 'is', "it's"], ['user', 'is', 'a\\d']]],
  ])('%s', (text, expected) => {
    expect(said(text)).toEqual(expected)
  })
})

describe('what the form cannot show is left as text, with the reason', () => {
  test.each([
    ['event.agent ==', 'unreadable', undefined],
    ["event.agent == 'a' || event.agent == 'b'", 'part', "event.agent == 'a' || event.agent == 'b'"],
    ["event.costUsd > 1 && event.tags.exists(name, name.startsWith('t'))", 'part', "event.tags.exists(name, name.startsWith('t'))"],
    ["!(event.agent == 'a')", 'part', undefined],
    ['5 < event.durationMs', 'part', '5 < event.durationMs'],
    ['event.inputTokens > event.outputTokens', 'part', 'event.inputTokens > event.outputTokens'],
    ['event.inputTokens * 2 > 10', 'part', 'event.inputTokens * 2 > 10'],
    ["event.agnet == 'a'", 'part', "event.agnet == 'a'"],
    ["event.agent > 'a'", 'part', "event.agent > 'a'"],
    ["event.costUsd == '1'", 'part', "event.costUsd == '1'"],
    ["event.constructor == 'a'", 'part', "event.constructor == 'a'"],
    ["event.agent in event.tags", 'part', undefined],
    ["!(event.agent in ['a'])", 'part', undefined],
    ["event.agent == 'a' // the first\n && event.user == 'b'", 'comment', '// the first'],
    ["event.agent == // why\n 'a'", 'comment', '// why'],
    ["(event.agent == 'a') && event.user == 'b'", 'between', '('],
    ["event.agent == 'a' && (event.user == 'b' && event.tool == 'c')", 'between', '&& ('],
    ['true', 'part', 'true'],
  ])('%s', (text, why, part) => {
    expect(shownOf(text)).toMatchObject({ kind: 'text', why, ...(part !== undefined && { part }) })
  })
})

describe('a change in the form rewrites what it shows, and nothing else', () => {
  const text = "event.tool   ==  'pay'\n  && event.costUsd>1 &&event.tags['a b'] in ['x', 'y']"
  const changed = (index: number, change: Partial<Row>): string => {
    const row = rowsOf(text)[index]
    if (row === undefined) throw new Error('expected a row')
    return withRow(text, row, { ...row, ...change })
  }
  test.each([
    ['a value', changed(0, { values: ["it's"] }), "event.tool   ==  'it\\'s'\n  && event.costUsd>1 &&event.tags['a b'] in ['x', 'y']"],
    ['a number', changed(1, { values: ['2.5'] }), "event.tool   ==  'pay'\n  && event.costUsd>2.5 &&event.tags['a b'] in ['x', 'y']"],
    ['a list', changed(2, { values: ['z'] }), "event.tool   ==  'pay'\n  && event.costUsd>1 &&event.tags['a b'] in ['z']"],
    ['an operator', changed(1, { operator: 'at-most' }), "event.tool   ==  'pay'\n  && event.costUsd <= 1 &&event.tags['a b'] in ['x', 'y']"],
    ['a field', changed(2, { field: 'tags.c-d', operator: 'known', values: [] }), "event.tool   ==  'pay'\n  && event.costUsd>1 &&\"c-d\" in event.tags"],
    ['one more', withMore(text, { field: 'status', operator: 'is', values: ['error'] }), `${text} && event.status == "error"`],
    ['the first goes', withoutRow(text, rowsOf(text), 0), "event.costUsd>1 &&event.tags['a b'] in ['x', 'y']"],
    ['one in between goes', withoutRow(text, rowsOf(text), 1), "event.tool   ==  'pay' &&event.tags['a b'] in ['x', 'y']"],
    ['the last goes', withoutRow(text, rowsOf(text), 2), "event.tool   ==  'pay'\n  && event.costUsd>1"],
  ])('%s', (_what, after, expected) => {
    expect(after).toBe(expected)
    expect(shownOf(after).kind).toBe('rows')
  })

  test('the only one goes: every event, and the first is written', () => {
    const only = 'event.costUsd > 1'
    expect(withoutRow(only, rowsOf(only), 0)).toBe('')
    expect(withMore('', { field: 'agent', operator: 'is', values: ['a'] })).toBe('event.agent == "a"')
  })
})

test.each(['count', 'rate', 'sum(costUsd)', 'avg(durationMs)', 'min(retries)', 'max(inputTokens)', 'p50(durationMs)', 'p99(timeToFirstTokenMs)', "share(event.status == 'error')"])('%s as a form and back', (text) => {
  const measure = measureOf(text)
  expect(measure && measureText(measure)).toBe(text)
})

test.each(['', 'count(a)', 'p49(durationMs)', 'p9(durationMs)', 'sum', 'sum(a + b)', 'median(durationMs)', 'sharp'])('"%s" is no measure that the form shows', (text) => {
  expect(measureOf(text)).toBeUndefined()
})

import { expect, test } from 'vitest'
import { backtestFigure, rangeOf } from './backtest-figure'
import { clustersOf, numbered } from './clusters'
import type { Backtest, Mark } from './use-backtest'

const minuteMs = 60_000
const words = { value: 'count', expected: 'usual' }
const alert = { severity: 'high', title: 'Rule a', key: '', count: 1 } as const
const result: Backtest = {
  rule: 'a', fromMs: 0, untilMs: 10 * minuteMs, events: 4, daysOfData: 1, alerts: [{ ...alert, atMs: 2 * minuteMs, overAtMs: 4 * minuteMs }, { ...alert, atMs: 9 * minuteMs }], alertsTotal: 2, messages: [], messagesTotal: 0, decisions: {}, notices: [], marks: [],
  markTotals: { told: 0, merged: 0, held: 0 },
  chart: {
    kind: 'threshold', measure: 'count', unit: 'plain', stepMs: minuteMs, groupBy: ['agent'], groups: 2, thresholds: [{ value: 2, isBelow: false }],
    series: [{ group: 'one', points: [{ atMs: 1.5 * minuteMs, value: 3 }, { atMs: 2.2 * minuteMs, value: 0 }, { atMs: 8 * minuteMs, value: 5 }] }, { group: 'two', points: [{ atMs: 5 * minuteMs, value: 9 }] }],
  },
}

test('a gap stays a gap, what is 0 is 0, and the whole time is drawn', () => {
  const figure = backtestFigure(result, 0, [{ value: 2, label: '▲ 2' }], words)
  expect(figure.times).toEqual(Array.from({ length: 11 }, (_, minute) => minute * minuteMs))
  expect(figure.lines[0]?.values).toEqual([null, null, 3, 0, null, null, null, null, 5, null, null])
  expect(figure.levels).toEqual([{ value: 2, label: '▲ 2', kind: 'warning' }])
  expect(rangeOf(figure)).toEqual({ low: 0, high: 5 })
  expect(backtestFigure(result, 1, [], words).lines[0]?.values[5]).toBe(9)
})

test('it is hatched while it fires, to the end where it still does; without a measure there is only when it began', () => {
  const { strips } = backtestFigure({ ...result, cutMs: 9.5 * minuteMs }, 0, [], words)
  expect(strips).toEqual([{ fromMs: 2 * minuteMs, untilMs: 4 * minuteMs }, { fromMs: 9 * minuteMs, untilMs: 9.5 * minuteMs }])
  const { chart: _chart, ...plain } = result
  expect(backtestFigure(plain, 0, [], words)).toEqual({ times: [0, 10 * minuteMs], lines: [], strips: [{ fromMs: 2 * minuteMs, untilMs: 4 * minuteMs }, { fromMs: 9 * minuteMs, untilMs: 9 * minuteMs }] })
})

test('those that told are counted by themselves, and marks that would lie on each other are one button', () => {
  const mark = (kind: Mark['kind'], minute: number): Mark => ({ kind, atMs: minute * minuteMs, person: 'dana', channel: 'mail', alerts: [], moreAlerts: 0 })
  const marks = numbered([mark('told', 1), mark('merged', 1), mark('told', 2), mark('told', 9)])
  expect(marks.map(({ mark: { kind }, number }) => `${kind} ${number}`)).toEqual(['told 1', 'merged 1', 'told 2', 'told 3'])
  const clusters = clustersOf(marks.filter(({ mark: { kind } }) => kind === 'told'), { left: 50, width: 300, fromMs: 0, untilMs: 10 * minuteMs })
  expect(clusters.map(({ x, marks: inside }) => [x, inside.map(({ number }) => number)])).toEqual([[80, [1, 2]], [320, [3]]])
})

import { describe, expect, test } from 'vitest'
import { differenceDimensionsMax, differenceFactsMax, differenceValuesMax, explainDifference, otherValue, type ModelUse, type SpendBreakdown } from './difference.ts'

const breakdown = (intervals: number, spend: Readonly<Record<string, Readonly<Record<string, number>>>>, models: Readonly<Record<string, ModelUse>> = {}): SpendBreakdown => ({
  intervals,
  spend: new Map(Object.entries(spend).map(([dimension, values]) => [dimension, new Map(Object.entries(values))])),
  models: new Map(Object.entries(models)),
})

describe('what made the difference', () => {
  test('is the agent that spent more, when all else stayed', () => {
    const before = breakdown(6, { agent: { writer: 6, critic: 12, planner: 6 }, model: { large: 12, small: 12 } })
    const now = breakdown(1, { agent: { writer: 1, critic: 10, planner: 1 }, model: { large: 6, small: 6 } })
    const [first] = explainDifference(now, before)
    expect(first).toEqual({ dimension: 'agent', value: 'critic', from: 2, to: 10, shareOfChange: 1 })
  })

  test('is told by the dimension whose shares changed, before one where everything grew alike', () => {
    const before = breakdown(1, { agent: { a: 5, b: 5 }, model: { large: 1, small: 9 } })
    const now = breakdown(1, { agent: { a: 10, b: 10 }, model: { large: 11, small: 9 } })
    expect(explainDifference(now, before).map(({ dimension, value }) => `${dimension} ${value}`)).toEqual(['model large', 'agent a', 'agent b'])
  })

  test('is as few values as explain most of it', () => {
    const before = breakdown(1, { tool: { a: 1, b: 1, c: 1, d: 1 } })
    const now = breakdown(1, { tool: { a: 21, b: 3, c: 2, d: 1 } })
    expect(explainDifference(now, before).map(({ value }) => value)).toEqual(['a'])
  })

  test('is nothing that a dimension does not explain: a hundred values that grew a little are no explanation', () => {
    const values = (amount: number): Record<string, number> => Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`user ${i}`, amount]))
    expect(explainDifference(breakdown(1, { user: values(2) }), breakdown(1, { user: values(1) }))).toEqual([])
  })

  test('is what fell, when spend fell', () => {
    const [first] = explainDifference(breakdown(1, { agent: { a: 1, b: 0 } }), breakdown(1, { agent: { a: 1, b: 4 } }))
    expect(first).toEqual({ dimension: 'agent', value: 'b', from: 4, to: 0, shareOfChange: 1 })
  })

  test('is more than all of it, when another value made up for a part', () => {
    const [first] = explainDifference(breakdown(1, { agent: { a: 7, b: 1 } }), breakdown(1, { agent: { a: 1, b: 3 } }))
    expect(first?.shareOfChange).toBe(1.5)
  })
})

describe('why the same work costs more', () => {
  const use = (spend: number, cacheReadTokens: number, inputTokens = 1_000_000): ModelUse => ({ spend, inputTokens, cacheReadTokens, outputTokens: 0 })

  test('is the cache, when its share of the input fell at the same price', () => {
    // A fresh token costs 1 in a million, one from the cache a tenth of it.
    const before = breakdown(1, { model: { large: 0.28 } }, { large: use(0.28, 800_000) })
    const now = breakdown(1, { model: { large: 1 } }, { large: use(1, 0) })
    const facts = explainDifference(now, before)
    expect(facts[0]).toMatchObject({ dimension: 'cache-read-share', value: 'large', from: 0.8, to: 0 })
    expect(facts[0]?.shareOfChange).toBeCloseTo(1)
    expect(facts.map(({ dimension }) => dimension)).toEqual(['cache-read-share', 'model'])
  })

  test('is the price, when tokens and cache stayed', () => {
    const facts = explainDifference(breakdown(1, { model: { large: 3 } }, { large: use(3, 0) }), breakdown(2, { model: { large: 2 } }, { large: use(2, 0, 2_000_000) }))
    expect(facts[0]).toMatchObject({ dimension: 'price-per-token', value: 'large' })
    expect(facts[0]?.shareOfChange).toBeCloseTo(1)
    expect(facts[0]?.to).toBeCloseTo(3 * (facts[0]?.from ?? 0))
  })

  test('is the cache alone, where half of the price is asked for what is read from it, if that is said', () => {
    const half = { cacheReadWeight: 0.5 }
    const facts = explainDifference(breakdown(1, { model: { large: 1 } }, { large: { ...use(1, 0), ...half } }), breakdown(1, { model: { large: 0.6 } }, { large: { ...use(0.6, 800_000), ...half } }))
    expect(facts.map(({ dimension }) => dimension)).toEqual(['cache-read-share', 'model'])
    expect(facts[0]?.shareOfChange).toBeCloseTo(1)
  })

  test('is no price, when only more was written', () => {
    const written = (outputTokens: number): ModelUse => ({ spend: 1 + outputTokens * 6e-6, inputTokens: 1_000_000, cacheReadTokens: 0, outputTokens })
    const facts = explainDifference(breakdown(1, { model: { large: 7 } }, { large: written(1_000_000) }), breakdown(1, { model: { large: 1 } }, { large: written(0) }))
    expect(facts.map(({ dimension }) => dimension)).toEqual(['model'])
  })

  test('is neither, when there is only more of the same', () => {
    const facts = explainDifference(breakdown(1, { model: { large: 3 } }, { large: use(3, 1_500_000, 3_000_000) }), breakdown(1, { model: { large: 1 } }, { large: use(1, 500_000) }))
    expect(facts.map(({ dimension }) => dimension)).toEqual(['model'])
  })
})

describe('whatever comes', () => {
  test('nothing is said where nothing changed, or nothing is known', () => {
    const same = breakdown(1, { agent: { a: 1 } })
    expect(explainDifference(same, same)).toEqual([])
    expect(explainDifference(breakdown(1, {}), breakdown(1, {}))).toEqual([])
    expect(explainDifference(breakdown(0, { agent: { a: 1 } }), breakdown(0, {}))).toEqual([])
  })

  test('amounts that are no amounts count as nothing', () => {
    const now = breakdown(1, { agent: { a: Number.NaN, b: -5, c: 4 } }, { large: { spend: Number.NaN, inputTokens: -1, cacheReadTokens: Infinity, outputTokens: 1 } })
    const before = breakdown(1, { agent: { c: 1 } }, { large: { spend: 1, inputTokens: 1, cacheReadTokens: 2, outputTokens: 1 } })
    expect(explainDifference(now, before)).toEqual([{ dimension: 'agent', value: 'c', from: 1, to: 4, shareOfChange: 1 }])
  })

  test('a million values are no more than the largest and the others', () => {
    const many = new Map(Array.from({ length: 5 * differenceValuesMax }, (_, i) => [`v${i}`, 1]))
    const [fact] = explainDifference({ intervals: 1, spend: new Map([['agent', many]]) }, { intervals: 1, spend: new Map() })
    expect(fact).toEqual({ dimension: 'agent', value: otherValue, from: 0, to: 4 * differenceValuesMax, shareOfChange: 0.8 })
  })

  test('dimensions beyond the most are not looked at: those that stand last by name', () => {
    const of = (amount: number): SpendBreakdown => breakdown(1, Object.fromEntries(Array.from({ length: differenceDimensionsMax + 1 }, (_, i) => [`d${String(i).padStart(2, '0')}`, { all: i === differenceDimensionsMax ? amount : 1 }])))
    expect(explainDifference(of(9), of(1))).toEqual([])
  })

  test('names that mean something to the language are names like others', () => {
    const spend = (amount: number): SpendBreakdown => ({ intervals: 1, spend: new Map([['agent', new Map([['__proto__', amount], ['constructor', 1]])]]) })
    expect(explainDifference(spend(9), spend(1))[0]).toMatchObject({ value: '__proto__', from: 1, to: 9 })
  })

  test('the order of what is handed in does not matter, ties go by name, and facts are few', () => {
    const dimensions = Array.from({ length: 10 }, (_, i) => `d${i}`)
    const of = (names: readonly string[], amount: number): SpendBreakdown => breakdown(1, Object.fromEntries(names.map((name) => [name, amount === 1 ? { b: 1, a: 1 } : { a: amount, b: amount }])))
    const facts = explainDifference(of(dimensions, 2), of(dimensions, 1))
    expect(facts).toEqual(explainDifference(of(dimensions.toReversed(), 2), of(dimensions, 1)))
    expect(facts).toHaveLength(differenceFactsMax)
    expect(facts.slice(0, 2).map(({ dimension, value }) => `${dimension} ${value}`)).toEqual(['d0 a', 'd0 b'])
  })
})

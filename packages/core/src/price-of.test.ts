import { describe, expect, it } from 'vitest'
import { priceOf } from './price-of.ts'
import { createPrice } from './rules/pricing.ts'

const atMs = Date.UTC(2026, 10, 1, 12)
const call = { provider: 'openai', model: 'gpt-5-mini', inputTokens: 12_000, outputTokens: 900 }

describe('priceOf', () => {
  it('says what the engine would book, in dollars and in nano-dollars', () => {
    const booked = createPrice({})({ ...call, operation: 'chat' }, atMs)
    expect(priceOf(call, { atMs })).toEqual({ costNanoUsd: booked.costNanoUsd, costUsd: 0.0048, source: 'priced' })
    expect(priceOf({ ...call, provider: ' OpenAI', model: 'GPT-5-mini ' })).toEqual(priceOf(call))
  })

  it('keeps a cost that was reported', () => {
    expect(priceOf({ ...call, costNanoUsd: 5 })).toEqual({ costNanoUsd: 5, costUsd: 5e-9, source: 'reported' })
  })

  it('takes prices of your own, and discounts, and refuses what is none', () => {
    const prices = { 'gpt-5-mini': { inputUsd: 1, outputUsd: 10 } }
    expect(priceOf(call, { prices }).costUsd).toBe(0.021)
    expect(priceOf(call, { prices: { 'openai/*': { discount: 0.5 } } }).costUsd).toBe(0.0024)
    expect(() => priceOf(call, { prices: { m: { inputUsd: -1, outputUsd: 1 } } })).toThrow(/prices\.m\.inputUsd: expected dollars for a million tokens, 0 to 1,000,000, found -1/)
    expect(() => priceOf(call, { prices: { m: { discount: 15 } } })).toThrow(/prices\.m\.discount: expected a share from 0 to 1, found 15/)
    expect(() => priceOf(call, { prices: { m: { inputUsd: 1 } } })).toThrow(/prices\.m: expected inputUsd and outputUsd, or a discount, found neither/)
  })

  it('is unknown, and no amount, where model or tokens are, or are no numbers', () => {
    for (const odd of [{ model: 'no-such-model' }, { outputTokens: undefined }, { inputTokens: Number.NaN }, { inputTokens: -1 }, { outputTokens: Infinity }]) {
      expect(priceOf({ ...call, ...odd })).toEqual({ source: 'unknown' })
    }
    expect(priceOf({ ...call, costNanoUsd: Number.NaN }).source).toBe('priced')
    expect(priceOf({ provider: 'openai', model: 'text-embedding-3-small', operation: 'embeddings', inputTokens: 1_000 }).costUsd).toBe(0.00002)
  })
})

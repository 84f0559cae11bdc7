import { calcPrice } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LlmCall } from '../model/event.ts'
import { createPrice } from './pricing.ts'

const atMs = Date.UTC(2026, 10, 1, 12)

function call(change: Partial<LlmCall>): LlmCall {
  return { provider: 'openai', model: 'gpt-4o-mini', operation: 'chat', inputTokens: 1_000, outputTokens: 100, ...change }
}

describe('the price of a model call', () => {
  it('is what its source reported, where it did', () => {
    expect(createPrice({})(call({ costNanoUsd: 5 }), atMs)).toEqual({ costNanoUsd: 5, costSource: 'reported' })
  })

  it('comes from own prices before the bundled ones, by model or by provider and model', () => {
    const price = createPrice({ 'GPT-4o-mini': { inputUsd: 1, outputUsd: 2, cacheReadUsd: 0.1 }, 'azure/gpt-4o-mini': { inputUsd: 10, outputUsd: 20 } })
    expect(price(call({ cacheReadTokens: 400 }), atMs)).toEqual({ costNanoUsd: 600 * 1_000 + 400 * 100 + 100 * 2_000, costSource: 'priced' })
    expect(price(call({ provider: 'azure' }), atMs)).toEqual({ costNanoUsd: 1_000 * 10_000 + 100 * 20_000, costSource: 'priced' })
  })

  it('is less by a discount, on the bundled price alone', () => {
    const list = createPrice({})(call({}), atMs).costNanoUsd ?? 0
    const price = createPrice({ 'openai/*': { discount: 0.15 }, 'openai/gpt-5': { discount: 0 }, 'my-own': { inputUsd: 1, outputUsd: 2 } })
    expect(price(call({}), atMs)).toEqual({ costNanoUsd: Math.round(list * 0.85), costSource: 'priced' })
    expect(price(call({ model: 'gpt-5' }), atMs)).toEqual(createPrice({})(call({ model: 'gpt-5' }), atMs))
    expect(price(call({ model: 'my-own' }), atMs).costNanoUsd).toBe(1_000 * 1_000 + 100 * 2_000)
    expect(price(call({ provider: 'azure', model: 'gpt-4o' }), atMs)).toEqual(createPrice({})(call({ provider: 'azure', model: 'gpt-4o' }), atMs))
    expect(price(call({ costNanoUsd: 100 }), atMs).costNanoUsd).toBe(100)
  })

  it('of all models of a provider, or of all there are, may be given at once', () => {
    const price = createPrice({ 'home/*': { inputUsd: 0, outputUsd: 0 }, '*': { inputUsd: 1, outputUsd: 1 } })
    expect(price(call({ provider: 'home', model: 'anything' }), atMs)).toEqual({ costNanoUsd: 0, costSource: 'priced' })
    expect(price(call({}), atMs).costNanoUsd).toBe(1_100 * 1_000)
  })

  it('is unknown, not nothing, where model, provider or tokens are', () => {
    const price = createPrice({})
    for (const unknown of [{ model: 'no-such-model' }, { provider: 'my-own-server' }, { inputTokens: undefined }, { outputTokens: undefined }]) {
      expect(price(call(unknown), atMs)).toEqual({ costSource: 'unknown' })
    }
  })

  it('is known without output where nothing is put out', () => {
    expect(createPrice({})(call({ model: 'text-embedding-3-small', operation: 'embeddings', outputTokens: undefined }), atMs)).toEqual({ costNanoUsd: 20_000, costSource: 'priced' })
  })

  it('holds where a source left cached tokens out of the input', () => {
    const price = createPrice({ m: { inputUsd: 1, outputUsd: 1, cacheReadUsd: 0.5 } })
    expect(price(call({ model: 'm', inputTokens: 10, cacheReadTokens: 100, outputTokens: 0 }), atMs)).toEqual({ costNanoUsd: 100 * 500, costSource: 'priced' })
  })

  it('agrees with the bundled list for any model and any tokens, tiers, dates and hours included', () => {
    const price = createPrice({})
    const models = fc.constantFrom(
      ['openai', 'gpt-4o-mini-2024-07-18'], ['openai', 'gpt-5'], ['openai', 'o3'], ['anthropic', 'claude-sonnet-4-20250514'], ['anthropic', 'claude-sonnet-4-5'],
      ['google', 'gemini-2.5-pro'], ['google', 'gemini-1.5-flash'], ['azure', 'gpt-4o'], ['deepseek', 'deepseek-chat'], ['deepseek', 'deepseek-reasoner'], ['x_ai', 'grok-4'], ['perplexity', 'sonar'],
    )
    const tokens = fc.nat(400_000)
    const when = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2026, 10, 1) })
    fc.assert(
      fc.property(models, tokens, tokens, fc.nat(50), fc.nat(50), when, ([provider = '', model = ''], inputTokens, outputTokens, readShare, writeShare, at) => {
        const cacheReadTokens = Math.floor((inputTokens * readShare) / 100)
        const cacheWriteTokens = Math.floor((inputTokens * writeShare) / 100)
        const ours = price(call({ provider, model, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }), at)
        const usage = { input_tokens: inputTokens, output_tokens: outputTokens, cache_read_tokens: cacheReadTokens, cache_write_tokens: cacheWriteTokens }
        const theirs = calcPrice(usage, model, { providerId: provider.replace('_', '-'), timestamp: new Date(at) })
        expect(theirs, `${provider}/${model} is not in the list`).not.toBeNull()
        expect(Math.abs((ours.costNanoUsd ?? Number.NaN) - (theirs?.total_price ?? 0) * 1e9)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 400 },
    )
  })
})

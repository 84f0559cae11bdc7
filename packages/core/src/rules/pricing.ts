import type * as prices from '@pydantic/genai-prices'
import type { ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices'
import type { Config } from '../model/config.ts'
import { eventBounds } from '../model/event.ts'
import type { CostSource, LlmCall } from '../model/event.ts'
import { ownPrices, type OwnPrice } from './own-prices.ts'

/**
 * What a model call costs. `reported` where its source said so; `priced` from own prices, else from the bundled list;
 * `unknown`, without an amount, where no price or no token count is known. `atMs` chooses among dated prices.
 */
export type Price = (llm: LlmCall, atMs: number) => { readonly costNanoUsd?: number; readonly costSource: CostSource }

const unknown = { costSource: 'unknown' } as const

/**
 * @param prices by model name, `provider/model`, `provider/*` or `*`: USD for a million tokens in place of the bundled prices, or a discount on these
 * @example createPrice({ 'my-model': { inputUsd: 1, outputUsd: 4 }, 'openai/*': { discount: 0.15 } })(llm, Date.UTC(2026, 10, 1))
 */
export function createPrice(prices: Config['prices']): Price {
  const ownOf = ownPrices(prices)
  const ratesOfOwn = new Map<OwnPrice, Rates | undefined>(Object.values(prices).map((own) => [own, ratesOf({
    input_mtok: own.inputUsd,
    output_mtok: own.outputUsd,
    cache_read_mtok: own.cacheReadUsd,
    cache_write_mtok: own.cacheWriteUsd,
  })]))
  const bundled = createBundledRates()
  return (llm, atMs) => {
    if (llm.costNanoUsd !== undefined) return { costNanoUsd: llm.costNanoUsd, costSource: 'reported' }
    if (!isCounted(llm)) return unknown
    const model = llm.model.toLowerCase()
    const own = ownOf(llm.provider, model)
    const rates = (own === undefined ? undefined : ratesOfOwn.get(own)) ?? bundled(llm.provider, model, atMs)
    if (rates === undefined) return unknown
    const costNanoUsd = costOf(llm, rates, 1 - (own?.discount ?? 0))
    return costNanoUsd > eventBounds.costNanoUsdMax ? unknown : { costNanoUsd, costSource: 'priced' }
  }
}

/** A call whose tokens are known well enough to have a price. Embeddings put nothing out. */
function isCounted(llm: LlmCall): boolean {
  if (llm.inputTokens === undefined) return false
  return llm.outputTokens !== undefined || llm.operation === 'embeddings' || llm.operation === 'other'
}

/** USD for a million tokens is a whole number of pico-dollars for one token: sums of these are exact. */
const picoPerMtokUsd = 1_000_000
const picoPerNano = 1_000

/** Price of one token in pico-dollars; with tiers, the last one whose start the call's whole input exceeds holds for all of it. */
interface Rate {
  readonly base: number
  readonly tiers: readonly { readonly start: number; readonly price: number }[]
}

interface Rates {
  readonly input?: Rate
  readonly output?: Rate
  readonly cacheRead?: Rate
  readonly cacheWrite?: Rate
  readonly reasoning?: Rate
  readonly requestPico: number
}

/** @param paidShare what is left of the price after a discount, 0 to 1 */
function costOf(llm: LlmCall, rates: Rates, paidShare: number): number {
  const read = llm.cacheReadTokens ?? 0
  const write = llm.cacheWriteTokens ?? 0
  // Some sources leave cached tokens out of the input; the input is never less than its parts.
  const input = Math.max(llm.inputTokens ?? 0, read + write)
  const reasoning = llm.reasoningTokens ?? 0
  const output = Math.max(llm.outputTokens ?? 0, reasoning)
  let pico = rates.requestPico
  pico += part(read, rates.cacheRead ?? rates.input, input)
  pico += part(write, rates.cacheWrite ?? rates.input, input)
  pico += part(input - read - write, rates.input, input)
  pico += part(reasoning, rates.reasoning ?? rates.output, input)
  pico += part(output - reasoning, rates.output, input)
  return Math.round((pico * paidShare) / picoPerNano)
}

function part(tokens: number, rate: Rate | undefined, inputTokens: number): number {
  if (rate === undefined || tokens === 0) return 0
  let price = rate.base
  for (const tier of rate.tiers) if (inputTokens > tier.start) price = tier.price
  return tokens * price
}

/** Rates where tokens have a price at all; a model paid by the hour of sound has none here. */
function ratesOf(price: ModelPrice): Rates | undefined {
  const input = rateOf(price['input_mtok'])
  const output = rateOf(price['output_mtok'])
  if (input === undefined && output === undefined) return undefined
  const perRequest = price['requests_kcount']
  return {
    input,
    output,
    cacheRead: rateOf(price['cache_read_mtok']),
    cacheWrite: rateOf(price['cache_write_mtok']),
    reasoning: rateOf(price['output_reasoning_mtok']),
    requestPico: typeof perRequest === 'number' ? Math.round((perRequest / 1_000) * 1e12) : 0,
  }
}

function rateOf(value: ModelPrice[string]): Rate | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number') return { base: Math.round(value * picoPerMtokUsd), tiers: [] }
  const tiers = value.tiers.map(({ start, price }) => ({ start, price: Math.round(price * picoPerMtokUsd) })).sort((a, b) => a.start - b.start)
  return { base: Math.round(value.base * picoPerMtokUsd), tiers }
}

/** Models whose match is remembered; matching walks hundreds of patterns. */
const modelsMax = 1_000

interface Match {
  readonly provider: Provider
  readonly model: ModelInfo
  /** Absent where the price depends on the date or the hour. */
  readonly rates?: Rates
}

type BundledPrices = typeof prices

function createBundledRates(): (provider: string, model: string, atMs: number) => Rates | undefined {
  let library: BundledPrices | undefined
  const matches = new Map<string, Match | undefined>()
  const ratesByPrice = new WeakMap<ModelPrice, Rates>()
  return (provider, model, atMs) => {
    // Loaded at the first call that needs it: the list costs 50 ms and 20 MB, and a process that only delivers never needs it.
    library ??= loadPrices()
    const key = `${provider}|${model}`
    let match = matches.get(key)
    if (match === undefined && !matches.has(key)) {
      match = findModel(library, provider, model)
      if (matches.size >= modelsMax) matches.clear()
      matches.set(key, match)
    }
    if (match === undefined || match.rates !== undefined) return match?.rates
    const price = library.calcPrice({}, model, { provider: match.provider, timestamp: new Date(atMs) })?.model_price
    if (price === undefined) return undefined
    let rates = ratesByPrice.get(price)
    if (rates === undefined) {
      rates = ratesOf(price)
      if (rates !== undefined) ratesByPrice.set(price, rates)
    }
    return rates
  }
}

/**
 * Whether the bundled list says that a model's maker has given it up. A model it does not know is not.
 *
 * @example createDeprecations()('openai', 'gpt-4-32k')
 */
export function createDeprecations(): (provider: string, model: string) => boolean {
  let library: BundledPrices | undefined
  const known = new Map<string, boolean>()
  return (provider, model) => {
    const key = `${provider}|${model}`
    const kept = known.get(key)
    if (kept !== undefined) return kept
    library ??= loadPrices()
    const isDeprecated = findModel(library, provider, model)?.model.deprecated === true
    if (known.size >= modelsMax) known.clear()
    known.set(key, isDeprecated)
    return isDeprecated
  }
}

/** A provider that is named but not in the list has no known price, even where its model's name is known elsewhere. */
function findModel(library: BundledPrices, provider: string, model: string): Match | undefined {
  const isNamed = provider !== '' && provider !== 'unknown'
  const ids = isNamed ? [provider, provider.replaceAll('_', '-')] : [undefined]
  for (const providerId of ids) {
    const found = library.calcPrice({}, model, providerId === undefined ? {} : { providerId })
    if (found === null) continue
    const isDated = Array.isArray(found.model.prices)
    // One provider with one model: what is looked up again for its date is found at once.
    const only: Provider = { ...found.provider, models: [{ ...found.model, match: { contains: '' } }], extractors: [] }
    return { provider: only, model: found.model, ...(isDated ? {} : { rates: ratesOf(found.model_price) }) }
  }
  return undefined
}

function loadPrices(): BundledPrices {
  // The library publishes CommonJS too, so that it can be loaded late and at once; `require` is untyped.
  // Importing `node:module` would load it into every agent that imports the package.
  const { createRequire } = process.getBuiltinModule('node:module')
  return createRequire(import.meta.url)('@pydantic/genai-prices') as BundledPrices
}

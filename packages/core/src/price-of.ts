import { wholeNumber } from './mapping/normalise-fields.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import { eventBounds, type CostSource, type LlmCall } from './model/event.ts'
import { usdFromNano } from './model/money.ts'
import { createPrice, type Price } from './rules/pricing.ts'

/** A model call as `priceOf` takes it: whose model, and the tokens of it; input with cached tokens, output with reasoning. */
export type PricedCall = Pick<LlmCall, 'provider' | 'model'> & Partial<Omit<LlmCall, 'provider' | 'model'>>

export interface PriceOptions {
  /** As under `prices:` of a configuration: dollars for a million tokens, or discounts. Give the same object each time: it is read once. @default none */
  readonly prices?: ConfigInput['prices']
  /** When the call was made, milliseconds since 1970: some prices are dated. @default now */
  readonly atMs?: number
}

/** What a call costs. Without an amount where `source` is `unknown`: that is not 0. */
export interface CallPrice {
  /** Dollars, for showing; add up `costNanoUsd`. */
  readonly costUsd?: number
  /** Whole nano-dollars (1 USD = 1,000,000,000), so that sums are exact. At most a million dollars. */
  readonly costNanoUsd?: number
  /** `reported`: the call brought its cost. `priced`: by its tokens. `unknown`: no such model in the list, or no token counts. */
  readonly source: CostSource
}

/**
 * What a model call costs: the same price that sessions, budgets and rules reckon with. From the list that comes with this
 * version, without a network; own prices and discounts by `options`. Some microseconds; the first call reads the list, about 50 ms.
 *
 * @param call a number that is none (negative, NaN, endless) counts as not given. Provider and model are found whatever their case.
 *   Without `operation` it is a `chat`, which has no price without its output; `embeddings` put nothing out
 * @throws TocsinError `config-invalid` where `prices` are no prices
 * @example
 * const { costUsd, source } = priceOf({ provider: 'openai', model: 'gpt-5-mini', inputTokens: 12_000, outputTokens: 900 })
 * console.log(source === 'unknown' ? 'price unknown' : `$${costUsd}`) // $0.0048
 */
export function priceOf(call: PricedCall, options: PriceOptions = {}): CallPrice {
  const { costNanoUsd, costSource } = pricesBy(options.prices)(
    {
      ...call,
      provider: call.provider.trim().toLowerCase(),
      model: call.model.trim(),
      operation: call.operation ?? 'chat',
      inputTokens: wholeNumber(call.inputTokens, eventBounds.tokensMax),
      outputTokens: wholeNumber(call.outputTokens, eventBounds.tokensMax),
      cacheReadTokens: wholeNumber(call.cacheReadTokens, eventBounds.tokensMax),
      cacheWriteTokens: wholeNumber(call.cacheWriteTokens, eventBounds.tokensMax),
      reasoningTokens: wholeNumber(call.reasoningTokens, eventBounds.tokensMax),
      costNanoUsd: call.costSource === 'unknown' ? undefined : wholeNumber(call.costNanoUsd, eventBounds.costNanoUsdMax),
    },
    options.atMs ?? systemClock.nowMs(),
  )
  return costNanoUsd === undefined ? { source: costSource } : { costUsd: usdFromNano(costNanoUsd), costNanoUsd, source: costSource }
}

let listed: Price | undefined
/** As long as their owner keeps them. */
const byOwn = new WeakMap<object, Price>()

function pricesBy(own: ConfigInput['prices']): Price {
  if (own === undefined) return (listed ??= createPrice({}))
  let price = byOwn.get(own)
  if (price === undefined) {
    for (const [name, rates] of Object.entries(own)) check(name, rates)
    byOwn.set(own, (price = createPrice(own)))
  }
  return price
}

/** The schema of the configuration says it better, but takes longer to load than all the rest of this. */
function check(name: string, rates: NonNullable<ConfigInput['prices']>[string]): void {
  for (const [key, usd] of Object.entries(rates)) {
    if (usd !== undefined && !(usd >= 0 && usd <= (key === 'discount' ? 1 : 1_000_000))) {
      throw new TocsinError('config-invalid', `prices.${name}.${key}: expected ${key === 'discount' ? 'a share from 0 to 1' : 'dollars for a million tokens, 0 to 1,000,000'}, found ${String(usd)}`)
    }
  }
  const isPriced = rates.inputUsd !== undefined && rates.outputUsd !== undefined
  if (!isPriced && rates.discount === undefined) throw new TocsinError('config-invalid', `prices.${name}: expected inputUsd and outputUsd, or a discount, found neither`)
}

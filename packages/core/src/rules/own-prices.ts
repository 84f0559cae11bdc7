import type { Config } from '../model/config.ts'

/** What the configuration says of a model's price. */
export type OwnPrice = Config['prices'][string]

/**
 * Looks up what the configuration says of a model: `provider/model` before the model's name alone, before `provider/*`,
 * before `*`. The first that there is holds whole, so that a price of one's own is not discounted by a wider entry.
 */
export function ownPrices(given: Config['prices']): (provider: string, model: string) => OwnPrice | undefined {
  const byName = new Map(Object.entries(given).map(([name, price]) => [name.toLowerCase(), price]))
  if (byName.size === 0) return () => undefined
  return (provider, model) => byName.get(`${provider}/${model}`) ?? byName.get(model) ?? byName.get(`${provider}/*`) ?? byName.get('*')
}

/**
 * Money is a whole number of nano-dollars (1 USD = 1_000_000_000), so that sums are exact.
 * The largest amount that is kept exactly is 9,007,199 USD.
 */
const nanoPerUsd = 1_000_000_000

/** Nano-dollars of an amount in dollars, rounded to the nearest. */
export function nanoFromUsd(usd: number): number {
  return Math.round(usd * nanoPerUsd)
}

/** Dollars of an amount in nano-dollars, for showing and for conditions; sums are made before this. */
export function usdFromNano(nano: number): number {
  return nano / nanoPerUsd
}

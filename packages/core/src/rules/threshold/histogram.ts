/**
 * A histogram whose percentiles are off by a known share and never by a rank: DDSketch (Masson, Rim, Lee: "DDSketch: a
 * fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019), sparse, over whole numbers.
 * Where a piece would have more than `binsMax` bins, pairs of neighbours become one (uniform collapse, Epicoco et al.:
 * "UDDSketch", 2020). How often depends on the values alone, so the order in which they come changes nothing.
 */
export interface Histogram {
  /** How often neighbours were joined: 0 is 1 % of relative error, 1 is 2 %, 2 is 4 %, … */
  level: number
  /** Bin → how many values are in it. Bin -1 holds zeros. */
  readonly bins: Map<number, number>
}

/** Relative error at level 0. */
const accuracy = 0.01
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)
/** Thirteen pieces with so many bins fit into the row of a key, at eight characters a bin. */
export const binsMax = 128
/** The bin of zeros. */
const zeroBin = -1

export function emptyHistogram(): Histogram {
  return { level: 0, bins: new Map() }
}

/** @param value a whole number, at least 0 */
export function addValue(histogram: Histogram, value: number): void {
  addToBin(histogram, value < 1 ? zeroBin : raised(Math.ceil(Math.log(value) / logGamma), histogram.level), 1)
  fit(histogram)
}

/** Joins neighbours until there are at most `binsMax` bins. */
export function fit(histogram: Histogram): void {
  while (histogram.bins.size > binsMax) raise(histogram)
}

/** Adds what is in `from`, whatever bins that makes: see `fit`. */
export function addHistogram(into: Histogram, from: Histogram): void {
  while (into.level < from.level) raise(into)
  for (const [bin, count] of from.bins) addToBin(into, raised(bin, into.level - from.level), count)
}

/** The value below which the share `quantile` of all lies; `undefined` where there are none. */
export function quantileOf({ level, bins }: Histogram, quantile: number): number | undefined {
  let total = 0
  for (const count of bins.values()) total += count
  if (total === 0) return undefined
  const rank = quantile * (total - 1)
  let passed = 0
  let last = zeroBin
  for (const [bin, count] of [...bins].sort(([a], [b]) => a - b)) {
    passed += count
    last = bin
    if (passed > rank) break
  }
  const wide = gamma ** (2 ** level)
  return last === zeroBin ? 0 : (2 * wide ** last) / (wide + 1)
}

/** As text: the level, then distance to the bin before and count, in base 36. */
export function histogramText({ level, bins }: Histogram): string {
  let before = zeroBin
  const parts = [...bins].sort(([a], [b]) => a - b).map(([bin, count]) => {
    const text = `${(bin - before).toString(36)}.${count.toString(36)}`
    before = bin
    return text
  })
  return `${level};${parts.join(',')}`
}

export function histogramFrom(text: string): Histogram {
  const [level = '0', list = ''] = text.split(';')
  const histogram: Histogram = { level: Number(level), bins: new Map() }
  let bin = zeroBin
  for (const part of list === '' ? [] : list.split(',')) {
    const [distance = '0', count = '0'] = part.split('.')
    bin += Number.parseInt(distance, 36)
    histogram.bins.set(bin, Number.parseInt(count, 36))
  }
  return histogram
}

function addToBin({ bins }: Histogram, bin: number, count: number): void {
  bins.set(bin, (bins.get(bin) ?? 0) + count)
}

/** Bin i of a finer level lies in bin ceil(i / 2) of the next. */
function raised(bin: number, levels: number): number {
  let at = bin
  for (let level = 0; level < levels && at > zeroBin; level++) at = Math.ceil(at / 2)
  return at
}

function raise(histogram: Histogram): void {
  const finer = [...histogram.bins]
  histogram.bins.clear()
  histogram.level += 1
  for (const [bin, count] of finer) addToBin(histogram, raised(bin, 1), count)
}

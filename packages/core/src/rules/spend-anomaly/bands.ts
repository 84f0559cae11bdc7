import { learningIntervals, rangeOf, type SpendRange } from './detector.ts'
import { emptyMemory, hour, remember, week } from './memory.ts'
import { usualFor, usualOfHour, type Usual, type UsualOfHour } from './usual.ts'

/** What a chart shows of one interval of ten minutes. */
export interface Band extends SpendRange {
  /** Counted in intervals since 1970. */
  readonly slot: number
}

/**
 * What was usual for each interval, as the detector of spend knew it before the interval came; beyond the last one that is known, what it
 * expects when what is usual comes. Nothing is said of the first two days, nor beyond a gap of a week.
 *
 * @param first the interval at which the series begins; eight days before the first that is asked for say all that counts
 * @param values what was spent, by interval from `first` on; what comes after the last of them is foreseen
 * @param until the first interval that is not asked for
 */
export function expectedBands(first: number, values: readonly number[], until: number): readonly Band[] {
  const memory = emptyMemory()
  const bands: Band[] = []
  let ofHour: UsualOfHour | undefined
  const usualAt = (slot: number): Usual => {
    if (ofHour?.index !== Math.floor(slot / hour)) ofHour = usualOfHour(memory, slot)
    return usualFor(memory, slot, ofHour)
  }
  for (let slot = first; slot < until; slot += 1) {
    const usual = usualAt(slot)
    if (memory.known >= learningIntervals) bands.push({ slot, ...rangeOf(usual) })
    const value = values[slot - first]
    // A detector begins with the first interval in which anything was spent.
    if (memory.known === 0 && (value === undefined || value === 0)) continue
    remember(memory, slot, value ?? usual.expected)
  }
  return bands
}

/** So many intervals before the first that is asked for decide what is usual for it. */
export const bandsNeed = week + 176

/**
 * What is usual for a longer time: within an hour spend that is high stays so, so that what each interval may be beyond the expected adds up;
 * hours are taken to differ independently.
 */
export function bandOver(bands: readonly Band[]): SpendRange {
  let expected = 0
  const up = new Map<number, number>()
  const down = new Map<number, number>()
  for (const band of bands) {
    const at = Math.floor(band.slot / hour)
    expected += band.expected
    up.set(at, (up.get(at) ?? 0) + band.high - band.expected)
    down.set(at, (down.get(at) ?? 0) + band.expected - band.low)
  }
  const together = (of: ReadonlyMap<number, number>): number => Math.sqrt([...of.values()].reduce((sum, one) => sum + one * one, 0))
  return { expected, low: Math.max(0, expected - together(down)), high: expected + together(up) }
}

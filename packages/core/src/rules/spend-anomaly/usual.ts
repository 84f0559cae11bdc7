import { day, hour, hourSum, hourTop, intervalAt, sixHours, week, type Memory } from './memory.ts'

/** What the days and the week before say about one hour. It is the same for all its intervals, and is worked out once. */
export interface UsualOfHour {
  readonly index: number
  /** The mean of an interval over the week, or over what is known of it. */
  readonly mean: number
  /** The highest mean of half an hour in the week, the hour just ended left out. */
  readonly record: number
  /** Six hours of last week as a mean of an interval, ending an hour before this hour began, when it began, and so on. */
  readonly sixHoursLastWeek: readonly [number, number, number, number]
  /** The highest mean of half an hour last week: in the hour before, in this one, in the next. */
  readonly topLastWeek: readonly [number, number, number]
  readonly knowsLastWeek: boolean
}

/** What was usual, as it stood before the interval came. Amounts are means of an interval of ten minutes. */
export interface Usual {
  readonly mean: number
  readonly record: number
  /** One interval: the highest of the last six hours, of yesterday and of last week around the same time. */
  readonly highest: number
  /** Six hours: the highest and the lowest of the six before, yesterday's and last week's, half an hour earlier or later. */
  readonly sixHoursHigh: number
  readonly sixHoursLow: number
  /** One interval: the last hour, yesterday around the same time, and last week's hour, the middle one of them. */
  readonly middle: number
  readonly lowest: number
}

const shift = 3

/** Looks a week back, once an hour. */
export function usualOfHour(memory: Memory, index: number): UsualOfHour {
  const finished = Math.min(168, Math.floor(memory.known / hour))
  let sum = 0
  let record = 0
  for (let back = 1; back <= finished; back += 1) {
    sum += hourSum(memory, index - back)
    // The week of the record begins one hour earlier, so that what rises just now is not yet its own record.
    const top = hourTop(memory, index - back - 1)
    if (top > record) record = top
  }
  const endsAt = (end: number): number => {
    let six = 0
    for (let back = 1; back <= 6; back += 1) six += hourSum(memory, end - back)
    return six / sixHours
  }
  const then = index - 168
  return {
    index,
    mean: finished === 0 ? 0 : sum / (finished * hour),
    record,
    sixHoursLastWeek: [endsAt(then - 1), endsAt(then), endsAt(then + 1), endsAt(then + 2)],
    topLastWeek: [hourTop(memory, then - 1), hourTop(memory, then), hourTop(memory, then + 1)],
    knowsLastWeek: memory.known >= week + sixHours,
  }
}

/** The mean of the six hours that end with an interval. */
export function sixHoursTo(memory: Memory, slot: number): number {
  let sum = 0
  for (let back = 0; back < sixHours; back += 1) sum += intervalAt(memory, slot - back)
  return sum / sixHours
}

/** The mean of the half hour that ends with an interval. */
export function halfHourTo(memory: Memory, slot: number): number {
  return (intervalAt(memory, slot) + intervalAt(memory, slot - 1) + intervalAt(memory, slot - 2)) / 3
}

/**
 * What was usual for an interval.
 *
 * @param slot the interval; nothing of it or of what comes after is looked at
 */
export function usualFor(memory: Memory, slot: number, ofHour: UsualOfHour): Usual {
  let lastSixHours = 0
  let recent = 0
  for (let back = 1; back <= sixHours; back += 1) {
    const amount = intervalAt(memory, slot - back)
    if (amount > lastSixHours) lastSixHours = amount
    if (back <= hour) recent += amount
  }
  let yesterdayHigh = 0
  let yesterdayLow = Infinity
  let yesterday = 0
  for (let offset = -shift; offset <= shift; offset += 1) {
    const amount = intervalAt(memory, slot - day + offset)
    yesterday += amount
    if (amount > yesterdayHigh) yesterdayHigh = amount
    if (amount < yesterdayLow) yesterdayLow = amount
  }
  const before = sixHoursTo(memory, slot - sixHours)
  let six = sixHoursTo(memory, slot - day - shift)
  let high = Math.max(before, six)
  let low = Math.min(before, six)
  for (let end = slot - day - shift + 1; end <= slot - day + shift; end += 1) {
    six += (intervalAt(memory, end) - intervalAt(memory, end - sixHours)) / sixHours
    if (six > high) high = six
    if (six < low) low = six
  }
  const middles = [recent / hour, yesterday / (2 * shift + 1)]
  let lastWeekHigh = 0
  if (ofHour.knowsLastWeek) {
    const phase = slot % hour
    const [topBefore, top, topAfter] = ofHour.topLastWeek
    lastWeekHigh = Math.max(top, phase < shift ? topBefore : topAfter)
    const at = 1 + (phase + 1) / hour
    for (const position of [at - 0.5, at, at + 0.5]) {
      const then = between(ofHour.sixHoursLastWeek, position)
      if (then > high) high = then
      if (then < low) low = then
    }
    middles.push((hourSum(memory, Math.floor(slot / hour) - 168)) / hour)
  }
  middles.sort((a, b) => a - b)
  return {
    mean: ofHour.mean,
    record: ofHour.record,
    highest: Math.max(lastSixHours, yesterdayHigh, lastWeekHigh),
    sixHoursHigh: Math.max(high, ofHour.mean),
    sixHoursLow: low,
    middle: middles.length === 3 ? (middles[1] ?? 0) : ((middles[0] ?? 0) + (middles[1] ?? 0)) / 2,
    lowest: Math.min(yesterdayLow, middles[0] ?? 0),
  }
}

/** The value at a position between two places of a list. */
function between(list: readonly number[], position: number): number {
  const place = Math.min(Math.floor(position), list.length - 2)
  const from = list[place] ?? 0
  return from + (position - place) * ((list[place + 1] ?? 0) - from)
}

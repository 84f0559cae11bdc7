import { day, hour, hourSum, hourTop, meanTo, placeOf, sixHours, week, type Memory } from './memory.ts'

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
  /** The mean of this hour last week. */
  readonly lastWeek: number
  readonly knowsLastWeek: boolean
}

/** What was usual, as it stood before the interval came. Amounts are means of an interval of ten minutes. */
export interface Usual {
  readonly mean: number
  readonly record: number
  /** One interval: the highest of the last hour, of yesterday and of last week around the same time. */
  readonly highest: number
  /** Six hours: the highest and the lowest of the six before, yesterday's and last week's, half an hour earlier or later. */
  readonly sixHoursHigh: number
  readonly sixHoursLow: number
  /** Six hours: the middle one of the six before, yesterday's and last week's. */
  readonly sixHoursExpected: number
  /** One interval: the last hour, yesterday around the same time, and last week's hour, the middle one of them. */
  readonly expected: number
  readonly lowest: number
}

const shift = 3

/**
 * Looks a week back, once an hour.
 *
 * @param slot any interval of the hour, not yet taken: the answer is the same for all of them, so that a series that is
 *   restored within an hour goes on as the one that was saved
 */
export function usualOfHour(memory: Memory, slot: number): UsualOfHour {
  const index = Math.floor(slot / hour)
  const knownBefore = Math.max(0, memory.known - (slot % hour))
  const finished = Math.min(168, Math.floor(knownBefore / hour))
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
    lastWeek: hourSum(memory, then) / hour,
    knowsLastWeek: knownBefore >= week + sixHours,
  }
}

/** What came: the interval itself, and the spans that end with it, as means of an interval. */
export interface Came {
  readonly interval: number
  readonly halfHour: number
  readonly sixHours: number
}

/** What came with an interval that was taken. */
export function cameWith({ intervals }: Memory, slot: number): Came {
  const place = placeOf(slot)
  return { interval: intervals[place] ?? 0, halfHour: meanTo(intervals, place, 3), sixHours: meanTo(intervals, place, sixHours) }
}

/**
 * What was usual for an interval.
 *
 * @param slot the interval; nothing of it or of what comes after is looked at
 */
export function usualFor(memory: Memory, slot: number, ofHour: UsualOfHour): Usual {
  const { intervals } = memory
  const place = placeOf(slot)
  let lastHourHigh = 0
  for (let at = place - hour; at < place; at += 1) lastHourHigh = Math.max(lastHourHigh, intervals[at] ?? 0)
  const then = place - day
  let yesterdayHigh = 0
  let yesterdayLow = Infinity
  let six = meanTo(intervals, then - shift - 1, sixHours)
  const sixBefore = meanTo(intervals, place - sixHours, sixHours)
  let high = sixBefore
  let low = sixBefore
  for (let at = then - shift; at <= then + shift; at += 1) {
    const amount = intervals[at] ?? 0
    yesterdayHigh = Math.max(yesterdayHigh, amount)
    yesterdayLow = Math.min(yesterdayLow, amount)
    six += (amount - (intervals[at - sixHours] ?? 0)) / sixHours
    high = Math.max(high, six)
    low = Math.min(low, six)
  }
  const lastHour = meanTo(intervals, place - 1, hour)
  const yesterday = meanTo(intervals, then + shift, 2 * shift + 1)
  let expected = (lastHour + yesterday) / 2
  const sixYesterday = meanTo(intervals, then, sixHours)
  let sixHoursExpected = (sixBefore + sixYesterday) / 2
  let lastWeekHigh = 0
  if (ofHour.knowsLastWeek) {
    const phase = slot % hour
    const [topBefore, top, topAfter] = ofHour.topLastWeek
    lastWeekHigh = Math.max(top, phase < shift ? topBefore : topAfter)
    for (let shifted = phase + 1 + hour - shift; shifted <= phase + 1 + hour + shift; shifted += shift) {
      const lastWeek = between(ofHour.sixHoursLastWeek, shifted / hour)
      high = Math.max(high, lastWeek)
      low = Math.min(low, lastWeek)
    }
    expected = middleOf(lastHour, yesterday, ofHour.lastWeek)
    sixHoursExpected = middleOf(sixBefore, sixYesterday, between(ofHour.sixHoursLastWeek, (phase + 1 + hour) / hour))
  }
  return {
    mean: ofHour.mean,
    record: ofHour.record,
    highest: Math.max(lastHourHigh, yesterdayHigh, lastWeekHigh),
    sixHoursHigh: Math.max(high, ofHour.mean),
    sixHoursLow: Math.max(0, low),
    sixHoursExpected,
    expected,
    lowest: Math.min(yesterdayLow, lastHour, expected),
  }
}

/** The one of three that is neither the highest nor the lowest. */
function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** The value at a position between two places of a list. */
function between(list: readonly number[], position: number): number {
  const place = Math.min(Math.floor(position), list.length - 2)
  const from = list[place] ?? 0
  return from + (position - place) * ((list[place + 1] ?? 0) - from)
}

import type { StormConfig } from '../model/attention-config.ts'

/**
 * What is known of the messages to one reader on one channel.
 *
 * calm   messages are counted in windows of `within`, each from its first message
 * storm  there were more than `count` in a window: what comes is told in summaries. The first is due `every` after the storm was noticed, each
 *        further one waits twice as long as the one before, up to `everyMost`. It is over when the time between two summaries brought fewer
 *        than `count`
 */
export interface Weather {
  /** Messages since the window began or, in a storm, since the last summary was due. */
  readonly seen: { readonly sinceMs: number; readonly count: number }
  readonly storm?: Storm
}

export interface Storm {
  readonly sinceMs: number
  /** When the summary that runs now is due. */
  readonly dueMs: number
  /** Which it is, from 1. */
  readonly number: number
}

/** The clocks of processes may differ by so much, milliseconds: what lies further ahead was written by one that was wrong. */
const skewMs = 60_000

/** What has become of it by now, where nothing more came. */
export function weatherAt(known: Weather | undefined, settings: StormConfig, nowMs: number): Weather {
  const calm: Weather = { seen: { sinceMs: nowMs, count: 0 } }
  if (known === undefined || known.seen.sinceMs > nowMs + skewMs) return calm
  if (known.storm === undefined) return nowMs - known.seen.sinceMs < settings.within ? known : calm
  let { seen, storm } = known
  if (storm.dueMs > nowMs + Math.max(settings.every, settings.everyMost) + skewMs) return calm
  while (storm.dueMs <= nowMs) {
    if (seen.count < settings.count) return calm
    seen = { sinceMs: storm.dueMs, count: 0 }
    const { sinceMs, dueMs, number } = storm
    storm = { sinceMs, dueMs: dueMs + lengthMs(number + 1, settings), number: number + 1 }
  }
  return { seen, storm }
}

/** After so many more messages, and how many of them are told by themselves. */
export function weatherAfter(weather: Weather, messages: number, settings: StormConfig, nowMs: number): { readonly weather: Weather; readonly alone: number } {
  const { seen, storm } = weather
  const count = seen.count + messages
  if (storm !== undefined) return { weather: { seen: { ...seen, count }, storm }, alone: 0 }
  if (count <= settings.count) return { weather: { seen: { ...seen, count } }, alone: messages }
  const alone = Math.max(0, settings.count - seen.count)
  return { weather: { seen: { sinceMs: nowMs, count: messages - alone }, storm: { sinceMs: nowMs, dueMs: nowMs + settings.every, number: 1 } }, alone }
}

/** How long the summary with this number waits. */
function lengthMs(number: number, { every, everyMost }: StormConfig): number {
  return Math.min(every * 2 ** (number - 1), Math.max(every, everyMost))
}

import { systemClock, type Clock } from '../model/clock.ts'

/** The wall clock, moved by hand; waiting is real. */
export interface MovedClock extends Clock {
  /** How far it is ahead of the machine's, milliseconds. */
  aheadMs: number
}

/** For a test over a real store and real channels, in which hours pass between two lines. */
export function movedClock(aheadMs = 0): MovedClock {
  return {
    aheadMs,
    nowMs() {
      return systemClock.nowMs() + this.aheadMs
    },
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs, task) => systemClock.after(delayMs, task),
  }
}

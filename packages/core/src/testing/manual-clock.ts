import type { Clock } from '../model/clock.ts'

export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms` (0 or more) and runs every task that falls due on the way, in the order of their times (of
   * equal times: in the order they were asked for). A task sees the clock at its own time, and tasks it asks for run
   * too where they are due. What tasks await goes on after this returns: `await` something to let it.
   */
  advance(ms: number): void
  /** The wall clock alone jumps by `ms`, which may be negative; no task runs and durations do not notice. */
  jump(ms: number): void
  /** Milliseconds until the next task is due, 0 or more; absent: none waits. */
  readonly nextTaskInMs: number | undefined
}

/**
 * A clock that stands still until it is moved: tests and the simulation move time instead of sleeping.
 *
 * @param startMs wall clock at the start, milliseconds since 1970
 * @example
 * const clock = manualClock(1_700_000_000_000)
 * clock.after(1_000, () => console.log('a second later'))
 * clock.advance(1_000)
 */
export function manualClock(startMs: number): ManualClock {
  let elapsedMs = 0
  let wallOffsetMs = startMs
  // Bounded by what the test asks for; kept in the order in which tasks are due.
  const tasks: { dueMs: number; run: () => void }[] = []

  return {
    nowMs: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    after(delayMs, run) {
      const task = { dueMs: elapsedMs + Math.max(0, delayMs), run }
      const later = tasks.findIndex((other) => other.dueMs > task.dueMs)
      tasks.splice(later === -1 ? tasks.length : later, 0, task)
      return () => {
        const index = tasks.indexOf(task)
        if (index !== -1) tasks.splice(index, 1)
      }
    },
    advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`expected to advance by 0 ms or more, got ${ms}; jump() moves the wall clock back`)
      const targetMs = elapsedMs + ms
      for (let next = tasks[0]; next !== undefined && next.dueMs <= targetMs; next = tasks[0]) {
        tasks.shift()
        elapsedMs = Math.max(elapsedMs, next.dueMs)
        next.run()
      }
      elapsedMs = targetMs
    },
    jump(ms) {
      wallOffsetMs += ms
    },
    get nextTaskInMs() {
      const next = tasks[0]
      return next === undefined ? undefined : Math.max(0, next.dueMs - elapsedMs)
    },
  }
}

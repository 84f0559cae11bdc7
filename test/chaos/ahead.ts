/*
 * Moves the wall clock of the process that loads it before anything else (`node --import`), as a machine's that was set wrong. Timers and the
 * monotonic clock stay as they are.
 */
const aheadMs = Number(process.env['CHAOS_AHEAD_MS'] ?? 0)
const Real = Date

class Moved extends Real {
  constructor(...given: readonly [] | readonly [number | string | Date]) {
    if (given.length === 0) super(Real.now() + aheadMs)
    else super(given[0])
  }

  static override now(): number {
    return Real.now() + aheadMs
  }
}

// Reason for the cast: called with more than one value, or without `new`, it is used by nothing that a server loads.
globalThis.Date = Moved as unknown as DateConstructor

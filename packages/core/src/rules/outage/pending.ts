import type { Outcome } from './tally.ts'

/** Calls that succeeded are kept so long before they are written, milliseconds. */
const keptMs = 1_000
/** So many are kept of one provider, and of so many providers. */
const outcomesMax = 1_000
const providersMax = 1_000

/**
 * Successes of a second, in this process alone: they only say how large the share of failures is, and a row for each of them would be most of what
 * looking for outages costs. With a failure, and while an outage is open, nothing is kept back. What a process that dies had kept makes
 * the share of failures a little larger.
 */
export class PendingSuccesses {
  readonly #kept = new Map<string, { outcomes: Outcome[]; writtenMs: number; isOpen: boolean }>()

  /** Whether these, and nothing but successes, can wait. */
  keep(provider: string, outcomes: readonly Outcome[], nowMs: number): boolean {
    const known = this.#kept.get(provider)
    if (known === undefined || known.isOpen || nowMs - known.writtenMs >= keptMs || nowMs < known.writtenMs || known.outcomes.length + outcomes.length > outcomesMax) return false
    known.outcomes.push(...outcomes)
    return true
  }

  /** What waited, to be written now. */
  take(provider: string): readonly Outcome[] {
    return this.#kept.get(provider)?.outcomes.splice(0) ?? []
  }

  /** @param isOpen while an outage is open, each success may be the one that ends it */
  written(provider: string, isOpen: boolean, nowMs: number): void {
    if (!this.#kept.has(provider) && this.#kept.size >= providersMax) this.#kept.clear()
    this.#kept.set(provider, { outcomes: [], writtenMs: nowMs, isOpen })
  }
}

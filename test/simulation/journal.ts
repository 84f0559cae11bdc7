import { createHash } from 'node:crypto'

/** What must hold in every world, whatever happens to it. */
export const invariants = [
  'events-kept',
  'sums-exact',
  'alerts-made',
  'reasons-named',
  'sent-means-received',
  'sent-once',
  'repeats-marked',
  'crossings-told-once',
  'rates-held',
  'retry-after-honoured',
  'attempts-bounded',
  'memory-bounded',
  'secrets-kept',
  'critical-first',
  'fences-held',
  'quiet-hours-held',
  'roles-obeyed',
  'bad-addresses-left-alone',
  'everything-settles',
] as const
export type Invariant = (typeof invariants)[number]

export interface Violation {
  readonly invariant: Invariant
  readonly elapsedMs: number
  readonly what: string
}

/** Counts for the report. */
export interface Counts {
  events: number
  resent: number
  refused: number
  alerts: number
  handed: number
  received: number
  crashes: number
  faults: number
  transactions: number
  checks: number
}

const violationsMax = 20
const tailLines = 60

/** What happened, in order: a digest of all of it, the last lines, and what was violated. */
export class Journal {
  readonly counts: Counts = { events: 0, resent: 0, refused: 0, alerts: 0, handed: 0, received: 0, crashes: 0, faults: 0, transactions: 0, checks: 0 }
  readonly violations: Violation[] = []
  /** The last lines before the first violation, else before the end. */
  tail: readonly string[] = []
  readonly #nowMs: () => number
  readonly #hash = createHash('sha256')
  readonly #print: ((line: string) => void) | undefined
  #lines: string[] = []

  constructor(nowMs: () => number, print?: (line: string) => void) {
    this.#nowMs = nowMs
    this.#print = print
  }

  note(what: string): void {
    const line = `${(this.#nowMs() / 1_000).toFixed(3).padStart(11)} ${what}`
    this.#hash.update(line).update('\n')
    this.#print?.(line)
    this.#lines.push(line)
    if (this.#lines.length > 2 * tailLines) this.#lines = this.#lines.slice(-tailLines)
  }

  /** One look at one invariant: `what` says how it was violated, and is only asked for then. */
  check(invariant: Invariant, holds: boolean, what: () => string): void {
    this.counts.checks += 1
    if (holds) return
    const text = what()
    this.note(`VIOLATED ${invariant}: ${text}`)
    if (this.violations.length === 0) this.tail = this.#lines.slice(-tailLines)
    if (this.violations.length < violationsMax) this.violations.push({ invariant, elapsedMs: this.#nowMs(), what: text })
  }

  /** Of everything noted; the same for the same seed. */
  finish(): string {
    if (this.tail.length === 0) this.tail = this.#lines.slice(-tailLines)
    return this.#hash.digest('hex').slice(0, 16)
  }
}

import { createHash } from 'node:crypto'

/** What must hold in every world, whatever happens to it. */
export const invariants = {
  'events-kept': 'what was acknowledged is on record once until it is older than it is kept, what is wrong or older is refused, and nothing else is',
  'sums-exact': 'sessions and budgets hold the sum over the distinct accepted events, a call seen twice counted once',
  'alerts-made': 'every announcement, failed session and failed call made its alert, and only one',
  'reasons-named': 'whoever an alert concerns has a delivery or a reason why not, and what ended unsent says why',
  'parts-in-their-cause': 'what is part of an outage names it and says so, what came while it was open is told by no message of its own, and nothing of it outlives it',
  'nothing-vanishes': 'what became too old or was merged into a summary is told by another delivery',
  'sent-means-received': 'what is on record as sent was received',
  'sent-once': 'nothing is sent a second time unless an answer or a lease was lost before',
  'repeats-marked': 'a message that may have arrived before says so, and the record does too',
  'crossings-told-once': 'each threshold of a budget that was passed is told once, by whichever process',
  'rates-held': 'no receiver is handed more than its rate in any span of it',
  'retry-after-honoured': 'nothing is sent before the time its receiver asked for',
  'attempts-bounded': 'nothing is tried more often than is allowed',
  'memory-bounded': 'sends under way, sends not settled and timers have a bound',
  'secrets-kept': 'no planted secret is in the database file, in a message or in a notice',
  'critical-first': 'nothing else is claimed on a channel while something critical is due there',
  'fences-held': 'whoever lost a lease settles nothing',
  'quiet-hours-held': 'only what is critical is sent in quiet hours',
  'limits-held': 'nobody is sent more on a channel in an hour than their limit, what is critical has its own',
  'acknowledged-quiet': 'what somebody has acknowledged is not told again by itself',
  'silences-held': 'what is silenced, in a silence or snoozed is not told',
  'steps-once': 'each step of an escalation is taken once, by whichever process',
  'roles-obeyed': 'nobody is sent what their role may not receive, and no channel tells of its own trouble',
  'bad-addresses-left-alone': 'an address known not to work is not used',
  'everything-settles': 'when the faults have ended the world comes to rest: nothing waits, no alert stays open, no session runs on',
  'old-forgotten': 'months after it came to rest nothing is left of what is over',
} as const
export type Invariant = keyof typeof invariants

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

/** How much may be under way in one process at once. */
export interface IntakeBounds {
  /** Requests that bring events and have no answer yet. @default 1_000 */
  readonly requestsMax: number
  /** Unpacked bytes of their bodies, all together. @default 67_108_864 */
  readonly bytesMax: number
  /** Unpacked bytes of one body. @default 16_777_216 */
  readonly bodyBytesMax: number
  /** Unpacked bytes of the bodies that are read and stored right now; the others wait as they came. One body may be larger. @default 8_388_608 */
  readonly workingBytesMax: number
}

const defaults: IntakeBounds = { requestsMax: 1_000, bytesMax: 64 * 1024 * 1024, bodyBytesMax: 16 * 1024 * 1024, workingBytesMax: 8 * 1024 * 1024 }

/** What came in since the process started; they only grow. */
export interface IntakeCounts {
  requests: number
  /** Refused because too much was under way. */
  refusedBusy: number
  /** Refused because the body could not be read. */
  refusedMalformed: number
  spans: number
  /** Spans that are about neither agents nor models. */
  spansOther: number
  /** Without ids or times, too many in one message, or refused by the engine. */
  spansRejected: number
  logs: number
  logsOther: number
  /** Of a known program, but another record or a span tells what counts. */
  logsUnused: number
  logsRejected: number
  /** Data points of metrics. */
  points: number
  /** Of metrics that nobody reads. */
  pointsOther: number
  /** Their session's calls are on record: log records or spans tell the same. */
  pointsTold: number
  pointsCumulative: number
  pointsWithoutSession: number
  /** Tokens without the money that they cost. */
  pointsWithoutCost: number
  /** Without times or amount, too many in one message, or refused by the engine. */
  pointsRejected: number
  events: number
  eventsRefused: number
}

/** One request on its way through. */
export interface Admission {
  /** Counts bytes of its body; `false`: there is no room for them. */
  hold(bytes: number): boolean
  /** Resolves when its body may be read and stored: first come, first served. */
  turn(): Promise<void>
  /** Gives back all it held. A second time it does nothing. */
  leave(): void
}

interface Waiting {
  readonly bytes: number
  readonly go: () => void
}

/**
 * The door for whatever brings events. Memory is bounded: who comes when it is full is told to come again later, and whoever is
 * inside waits as bytes, which are a tenth of what they become when they are read.
 */
export class Intake {
  readonly bounds: IntakeBounds
  readonly counts: IntakeCounts = {
    requests: 0, refusedBusy: 0, refusedMalformed: 0, spans: 0, spansOther: 0, spansRejected: 0, logs: 0, logsOther: 0, logsUnused: 0, logsRejected: 0, points: 0, pointsOther: 0, pointsTold: 0, pointsCumulative: 0, pointsWithoutSession: 0, pointsWithoutCost: 0, pointsRejected: 0, events: 0, eventsRefused: 0,
  }
  #requests = 0
  #bytes = 0
  #working = 0
  #workingBytes = 0
  readonly #waiting: Waiting[] = []

  constructor(bounds: Partial<IntakeBounds> = {}) {
    this.bounds = { ...defaults, ...bounds }
  }

  /** What is inside now. */
  get underWay(): { readonly requests: number; readonly bytes: number } {
    return { requests: this.#requests, bytes: this.#bytes }
  }

  /** Nothing where as many are inside as may be. */
  enter(): Admission | undefined {
    if (this.#requests >= this.bounds.requestsMax) return undefined
    this.#requests++
    this.counts.requests++
    let held = 0
    let state: 'reading' | 'waiting' | 'working' | 'gone' = 'reading'
    const begin = (bytes: number): void => {
      state = 'working'
      this.#working++
      this.#workingBytes += bytes
    }
    let waits: Waiting | undefined
    return {
      hold: (bytes) => {
        if (state === 'gone' || this.#bytes + bytes > this.bounds.bytesMax) return false
        held += bytes
        this.#bytes += bytes
        return true
      },
      turn: () =>
        new Promise((resolve) => {
          if (this.#waiting.length === 0 && this.#hasRoomFor(held)) {
            begin(held)
            resolve()
            return
          }
          state = 'waiting'
          waits = {
            bytes: held,
            go() {
              begin(held)
              resolve()
            },
          }
          this.#waiting.push(waits)
        }),
      leave: () => {
        if (state === 'gone') return
        if (state === 'working') {
          this.#working--
          this.#workingBytes -= held
        }
        // Whoever gave up while waiting leaves the line; nobody waits for the answer any more.
        if (state === 'waiting' && waits !== undefined) this.#waiting.splice(this.#waiting.indexOf(waits), 1)
        state = 'gone'
        this.#requests--
        this.#bytes -= held
        this.#next()
      },
    }
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#working === 0 || this.#workingBytes + bytes <= this.bounds.workingBytesMax
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined && this.#hasRoomFor(first.bytes); first = this.#waiting[0]) {
      this.#waiting.shift()
      first.go()
    }
  }
}

import { EventBuffer } from './buffer.ts'
import type { Chance } from './model/chance.ts'
import { systemClock, type Clock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import { packEvents, unpackEvents, type PackedEvents } from './packed-events.ts'

export interface HandoverOptions {
  readonly bufferEvents: number
  readonly handoverMs: number
  /** Does not keep the process alive. */
  readonly clock: Clock
  readonly chance: Chance
  /** Gives one batch to the engine; its answer comes by `confirm` or `failed`. Throws where it cannot be handed to another thread. */
  readonly post: (batch: number, events: PackedEvents) => void
  /** Whether the process must stay alive because somebody waits. */
  readonly hold: (somebodyWaits: boolean) => void
  /** What to report about losses, as an event; given when there is something to report. */
  readonly lossEvent: (count: number) => EventInput
}

/** Events of one batch, and batches under way at once unless somebody waits for all of them. */
const batchMax = 500
const batchesMax = 4
/** Wait before a failed batch is given again, milliseconds. */
const againMs = 250

interface Waiter {
  /** Done when this batch and all before it are, and nothing is untaken. */
  batch: number
  /** Events that were in the buffer when the waiting began, at most; they are taken in order. */
  untaken: number
  readonly settle: (failure?: TocsinError) => void
}

/**
 * Keeps what was recorded until its commit is known. What the engine did not confirm is given again, under the same
 * event ids, so that nothing is lost and nothing counts twice.
 */
export class Handover {
  readonly #options: HandoverOptions
  readonly #buffer: EventBuffer
  readonly #unconfirmed = new Map<number, PackedEvents>()
  readonly #waiters = new Set<Waiter>()
  /** Begins the ids of the events that bring none; drawn when the first is handed over. */
  #prefix = ''
  #lastEvent = 0
  #lastBatch = 0
  #planned = false
  #againPlanned = false
  #unreported = 0
  #lastFailure = ''

  constructor(options: HandoverOptions) {
    this.#options = options
    this.#buffer = new EventBuffer(options.bufferEvents)
  }

  /** Events that would be lost if only batches up to `committed` were kept. */
  pendingAfter(committed: number): number {
    let count = this.#buffer.waiting
    for (const [batch, events] of this.#unconfirmed) if (batch > committed) count += events.count
    return count
  }

  record(event: EventInput): void {
    this.#buffer.push(event)
    if (this.#planned) return
    this.#planned = true
    this.#options.clock.after(this.#options.handoverMs, () => {
      this.#planned = false
      this.give()
    })
  }

  /**
   * Gives the engine what waits, while few batches are under way; while somebody waits for a commit, as many as the buffer's
   * half holds. What is under way cannot make room any more: the other half is for what tells of something worse.
   */
  give(): void {
    const most = this.#untaken() ? Infinity : batchesMax
    const underWayMax = Math.ceil(this.#options.bufferEvents / 2)
    this.#unreported += this.#buffer.takeDropped()
    while (this.#buffer.waiting > 0 && this.#unconfirmed.size < most && this.#buffer.handedOver < underWayMax) {
      this.#take(Math.min(batchMax, underWayMax - this.#buffer.handedOver))
    }
    this.#settleWaiters()
  }

  #take(max: number): void {
    const events = this.#buffer.take(max)
    this.#post(events)
    // Those who wait for something that was still in the buffer now wait for this batch.
    for (const waiter of this.#waiters) {
      if (waiter.untaken <= 0) continue
      waiter.untaken = this.#buffer.waiting === 0 ? 0 : waiter.untaken - events.length
      waiter.batch = this.#lastBatch
    }
  }

  #untaken(): boolean {
    for (const waiter of this.#waiters) if (waiter.untaken > 0) return true
    return false
  }

  confirm(batch: number): void {
    const events = this.#unconfirmed.get(batch)
    if (events === undefined) return
    this.#unconfirmed.delete(batch)
    this.#buffer.confirm(events.count)
    this.#unreported += this.#buffer.takeDropped()
    if (this.#unreported > 0) {
      this.#buffer.push(this.#options.lossEvent(this.#unreported))
      this.#unreported = 0
    }
    this.give()
  }

  /** The engine could not keep this batch; it is given again after a while. */
  failed(why: string): void {
    this.#lastFailure = why
    if (this.#againPlanned) return
    this.#againPlanned = true
    this.#options.clock.after(againMs, () => {
      this.#againPlanned = false
      this.giveAgain()
    })
  }

  /** Gives the engine everything it has not confirmed: after a failure, and to a new engine. */
  giveAgain(): void {
    for (const [batch, packed] of Array.from(this.#unconfirmed)) this.#give(batch, packed)
  }

  /** The last chance: all that waits is given, and what was given before is given again where the engine did not take it, or `again` says so. */
  giveEverything(again: boolean): void {
    if (again || this.#againPlanned) this.giveAgain()
    while (this.#buffer.waiting > 0) this.#take(batchMax)
  }

  /** Resolves when everything recorded so far is committed; rejects after `timeoutMs`, and what waits is still kept. */
  flush(timeoutMs: number): Promise<void> {
    if (this.#buffer.waiting === 0 && this.#unconfirmed.size === 0) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (failure?: TocsinError): void => {
        cancel()
        this.#waiters.delete(waiter)
        this.#options.hold(this.#waiters.size > 0)
        if (failure === undefined) resolve()
        else reject(failure)
      }
      const waiter: Waiter = { batch: this.#lastBatch, untaken: this.#buffer.waiting, settle }
      const cancel = systemClock.after(timeoutMs, () => {
        const because = this.#lastFailure === '' ? '' : ` (${this.#lastFailure})`
        settle(new TocsinError('flush-timeout', `expected a commit within ${timeoutMs} ms, none came${because}; what was recorded is kept and tried again`))
      })
      this.#waiters.add(waiter)
      this.#options.hold(true)
      this.give()
    })
  }

  /** The engine will never come: everybody who waits is told. */
  giveUp(failure: TocsinError): void {
    for (const waiter of this.#waiters) waiter.settle(failure)
  }

  /**
   * Each event gets its identity before it leaves this thread, so that giving it again after a crash changes nothing: a prefix that
   * is this hand-over's alone, and a number.
   */
  #post(events: readonly EventInput[]): void {
    this.#prefix ||= this.#options.chance.id() + this.#options.chance.id()
    const packed = packEvents(events, this.#prefix, this.#lastEvent + 1)
    this.#lastEvent += events.length
    this.#lastBatch += 1
    this.#unconfirmed.set(this.#lastBatch, packed)
    this.#give(this.#lastBatch, packed)
  }

  #give(batch: number, packed: PackedEvents): void {
    try {
      this.#options.post(batch, packed)
    } catch (failure) {
      this.#lastFailure = errorText(failure)
      this.#giveByHalves(batch, unpackEvents(packed))
    }
  }

  /** Something in this batch cannot go to another thread, such as a function among the tags: that event is lost and counted, the others still go. */
  #giveByHalves(batch: number, events: readonly EventInput[]): void {
    this.#unconfirmed.delete(batch)
    if (events.length > 1) {
      const middle = Math.ceil(events.length / 2)
      this.#post(events.slice(0, middle))
      this.#post(events.slice(middle))
    } else {
      this.#buffer.confirm(events.length)
      this.#buffer.countDropped(events.length)
    }
    for (const waiter of this.#waiters) if (waiter.batch >= batch) waiter.batch = this.#lastBatch
    this.#settleWaiters()
  }

  #settleWaiters(): void {
    for (const waiter of this.#waiters) if (waiter.untaken <= 0 && this.#isDone(waiter.batch)) waiter.settle()
  }

  #isDone(batch: number): boolean {
    for (const open of this.#unconfirmed.keys()) if (open <= batch) return false
    return true
  }
}

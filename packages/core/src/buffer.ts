import { isWeighty, type EventInput } from './model/event.ts'

/**
 * What was recorded and is not yet known to be committed, bounded. When it is full the oldest event that tells of nothing
 * wrong makes room; only when there is none left does the oldest of the others. Every loss is counted.
 */
export class EventBuffer {
  readonly #eventsMax: number
  /** In order of recording; a dropped one leaves a hole until it is passed. */
  #events: (EventInput | undefined)[] = []
  #head = 0
  /** Before this index nothing is droppable first. */
  #lowFrom = 0
  #lowCount = 0
  #waiting = 0
  #handedOver = 0
  #dropped = 0

  constructor(eventsMax: number) {
    this.#eventsMax = Math.max(1, Math.floor(eventsMax))
  }

  /** Events that wait to be handed over. */
  get waiting(): number {
    return this.#waiting
  }

  /** Events handed over whose commit is not known yet; they count against the bound. */
  get handedOver(): number {
    return this.#handedOver
  }

  push(event: EventInput): void {
    if (this.#waiting + this.#handedOver >= this.#eventsMax && !this.#makeRoomFor(event)) return
    if (this.#events.length - this.#head > 2 * this.#eventsMax + 1_024) this.#compact()
    this.#events.push(event)
    this.#waiting += 1
    if (!isWeighty(event)) this.#lowCount += 1
  }

  /** Takes the oldest events, at most `max`; they stay counted until `confirm`. */
  take(max: number): EventInput[] {
    const taken: EventInput[] = []
    while (taken.length < max && this.#head < this.#events.length) {
      const event = this.#events[this.#head]
      this.#head += 1
      if (event === undefined) continue
      taken.push(event)
      if (!isWeighty(event)) this.#lowCount -= 1
    }
    this.#waiting -= taken.length
    this.#handedOver += taken.length
    if (this.#head > 1_024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head)
      this.#lowFrom = Math.max(0, this.#lowFrom - this.#head)
      this.#head = 0
    }
    return taken
  }

  /** So many that were taken are committed, or given up. */
  confirm(count: number): void {
    this.#handedOver = Math.max(0, this.#handedOver - count)
  }

  /** How many were dropped since this was last asked. */
  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** Counts events lost elsewhere on the way out, so that they are reported too. */
  countDropped(count: number): void {
    this.#dropped += count
  }

  #makeRoomFor(event: EventInput): boolean {
    this.#dropped += 1
    if (this.#lowCount > 0) {
      this.#drop(this.#oldestLow())
      return true
    }
    // All that waits tells of something wrong: an event that does not is the one to lose, else the oldest is.
    if (!isWeighty(event) || this.#waiting === 0) return false
    this.#drop(this.#oldest())
    return true
  }

  #drop(index: number): void {
    const event = this.#events[index]
    if (event !== undefined && !isWeighty(event)) this.#lowCount -= 1
    this.#events[index] = undefined
    this.#waiting -= 1
  }

  /** Dropped events leave holes: without this a buffer that stays full would grow. */
  #compact(): void {
    this.#events = this.#events.slice(this.#head).filter((event) => event !== undefined)
    this.#head = 0
    this.#lowFrom = 0
  }

  #oldestLow(): number {
    let index = Math.max(this.#lowFrom, this.#head)
    for (; index < this.#events.length; index += 1) {
      const event = this.#events[index]
      if (event !== undefined && !isWeighty(event)) break
    }
    this.#lowFrom = index + 1
    return index
  }

  #oldest(): number {
    while (this.#events[this.#head] === undefined && this.#head < this.#events.length) this.#head += 1
    return this.#head
  }
}

import { Readable } from 'node:stream'
import type { Clock } from 'tocsin/engine'

/** Why a stream was ended by the server. Each is told as the last event, with the time after which to come again. */
export type EndReason =
  /** Its client has not read for too long. */
  | 'slow'
  /** The server stops; another takes over, or it starts again. */
  | 'shutdown'
  /** It was open for so long; a new one is checked anew for what it may see. */
  | 'renew'
  /** Whoever listens may not any more. */
  | 'forbidden'
  /** The database did not answer. */
  | 'failed'

export interface StreamBounds {
  /** Bytes that wait for a client before it is told more: with one piece of news on top, that is all that ever waits. */
  readonly waitingBytesMax: number
  /** So long a client may read nothing while something waits, milliseconds. */
  readonly slowMs: number
  /** Between signs of life, milliseconds. */
  readonly heartbeatMs: number
  /** After which a stream ends, to be opened again, milliseconds. */
  readonly lifeMs: number
  /** Within which an ended stream must have been read, milliseconds. */
  readonly leaveMs: number
}

export const streamBounds: StreamBounds = { waitingBytesMax: 65_536, slowMs: 30_000, heartbeatMs: 15_000, lifeMs: 900_000, leaveMs: 5_000 }

const retryMs: Readonly<Record<EndReason, number>> = { slow: 5_000, shutdown: 2_000, renew: 100, forbidden: 60_000, failed: 5_000 }

/** Server-sent events for one client (https://html.spec.whatwg.org/multipage/server-sent-events.html), of which only so much waits: whoever tells waits for `room` before it tells more. */
export class EventStream extends Readable {
  readonly #bounds: StreamBounds
  readonly #clock: Clock
  readonly #cancels: (() => void)[] = []
  readonly #onRoom: (() => void)[] = []
  #place: number
  #isEnded = false

  constructor(clock: Clock, place: number, bounds: StreamBounds = streamBounds) {
    super({ highWaterMark: bounds.waitingBytesMax })
    this.#clock = clock
    this.#bounds = bounds
    this.#place = place
    this.#beat()
    this.#cancels.push(clock.after(bounds.lifeMs, () => this.leave('renew')))
  }

  /** Resolves when its client has read what waits, or it has ended. */
  room(): Promise<void> {
    if (this.#isEnded || this.readableLength < this.#bounds.waitingBytesMax) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(this.#bounds.slowMs, () => this.leave('slow'))
      this.#onRoom.push(() => {
        cancel()
        resolve()
      })
    })
  }

  /** Pushed as it comes: nothing is fetched when there is room. */
  override _read(): void {}

  /** Whoever pipes it reads by this, when its client has taken what was sent before. */
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size)
    if (this.readableLength < this.#bounds.waitingBytesMax) this.#tellRoom()
    return chunk
  }

  #tellRoom(): void {
    for (const resolve of this.#onRoom.splice(0)) resolve()
  }

  override _destroy(failure: Error | null, done: (failure?: Error | null) => void): void {
    this.#isEnded = true
    this.#tellRoom()
    for (const cancel of this.#cancels.splice(0)) cancel()
    done(failure)
  }

  /** One event. The place is told with the last one of what was committed together: whoever comes again after less than all gets all of it. */
  tell(event: string, data: unknown, place?: number): void {
    if (this.#isEnded) return
    if (place !== undefined) this.#place = place
    this.push(`${place === undefined ? '' : `id: ${place}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** All up to there was told, or is not for this client. */
  reached(place: number): void {
    this.#place = place
  }

  leave(reason: EndReason): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#tellRoom()
    for (const cancel of this.#cancels.splice(0)) cancel()
    // The place stands in the data too: of what waits the client may not have read everything.
    this.push(`retry: ${retryMs[reason]}\nevent: end\ndata: ${JSON.stringify({ reason, retryMs: retryMs[reason] })}\n\n`)
    this.push(null)
    this.#cancels.push(this.#clock.after(this.#bounds.leaveMs, () => this.destroy()))
  }

  #beat(): void {
    this.#cancels[0] = this.#clock.after(this.#bounds.heartbeatMs, () => {
      if (this.#isEnded) return
      this.push(`: heartbeat\nid: ${this.#place}\n\n`)
      this.#beat()
    })
  }
}

import type { OpenChannel } from '../model/channel.ts'
import type { Lane, Rest } from './claim.ts'

/** Beyond a channel's concurrency one more may be under way, if it is critical: a slot that the rest can never fill. */
const criticalExtra = 1

/** At most so many deliveries are claimed for one channel in one transaction. */
const claimMax = 1_000

/** What this process has under way on each of its channels, and until when a channel rests because of its rate or a pause. */
export class LaneBook {
  readonly #channels: ReadonlyMap<string, OpenChannel>
  readonly #inFlight = new Map<string, number>()
  readonly #restUntilMs = { all: new Map<string, number>(), 'not-critical': new Map<string, number>() }

  constructor(channels: ReadonlyMap<string, OpenChannel>) {
    this.#channels = channels
  }

  get inFlight(): number {
    let sum = 0
    for (const count of this.#inFlight.values()) sum += count
    return sum
  }

  /** Channels that take another send now. */
  free(nowMs: number): readonly Lane[] {
    return [...this.#channels.values()].flatMap((open) => {
      const inFlight = this.#inFlight.get(open.name) ?? 0
      const free = Math.min(claimMax, open.limits.concurrency + criticalExtra - inFlight)
      if (free <= 0 || this.#rests('all', open.name, nowMs)) return []
      const freeForRest = this.#rests('not-critical', open.name, nowMs) ? 0 : Math.max(0, free - criticalExtra)
      return [{ open, inFlight, free, freeForRest }]
    })
  }

  enter(channel: string): OpenChannel {
    const open = this.#channels.get(channel)
    if (open === undefined) throw new Error(`claimed for channel ${channel}, which this process does not hold`)
    this.#inFlight.set(channel, (this.#inFlight.get(channel) ?? 0) + 1)
    return open
  }

  leave(channel: string): void {
    this.#inFlight.set(channel, Math.max(0, (this.#inFlight.get(channel) ?? 0) - 1))
  }

  rest(rests: readonly Rest[]): void {
    for (const rest of rests) this.#restUntilMs[rest.for].set(rest.channel, rest.untilMs)
  }

  /** The channel works again: nothing keeps it waiting but its rates. */
  resume(channel: string): void {
    this.#restUntilMs.all.delete(channel)
  }

  /** The earlier of `dueMs` and the first end of a rest. */
  nextMs(dueMs: number | undefined, nowMs: number): number | undefined {
    let nextMs = dueMs ?? Infinity
    for (const rests of Object.values(this.#restUntilMs)) {
      for (const untilMs of rests.values()) if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs)
    }
    return nextMs === Infinity ? undefined : nextMs
  }

  #rests(whom: Rest['for'], channel: string, nowMs: number): boolean {
    return (this.#restUntilMs[whom].get(channel) ?? 0) > nowMs
  }
}

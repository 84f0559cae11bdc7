import type { Chance } from './model/chance.ts'
import { sleep, type Clock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { Post } from './remote-post.ts'
import { verdictOf, type Verdict } from './remote-verdict.ts'
import type { Loss, Spool, SpooledEvent, SpoolRow } from './stores/spool.ts'

export interface SenderOptions {
  readonly own: Spool
  /** The spool of a process that is gone, if there is one. */
  readonly leftover: () => Spool | undefined
  readonly post: Post
  readonly clock: Clock
  readonly chance: Chance
  readonly notice: (text: string) => void
  /** The host of the server, for notices. */
  readonly host: string
  /** Most characters of one request. */
  readonly charsMax: number
  /** How a loss is reported to the server. */
  readonly lossRow: (loss: Loss) => SpoolRow
  /** Of this process; what the server takes under it belongs to it. */
  readonly keyMark: string
  /** Some events of the own spool need not be kept any more. */
  readonly onSettled: () => void
  /** The spool is damaged: only another start helps. */
  readonly onBroken: (why: string) => void
}

/** As the server takes them. */
const eventsMax = 1_000
/** Full jitter: a random part of a wait that doubles from the first to the second, milliseconds. */
const backOffMs = { first: 250, most: 30_000 } as const
/** Wait where somebody has to do something: a wrong key, a wrong address. Milliseconds. */
const wrongMs = 60_000
/** How often spools of processes that are gone are looked for, milliseconds. */
const leftoverMs = 60_000
/** After so many events given up in a row the server is taken for one that takes nothing, and is asked once a minute. */
const givenUpMax = 100
/** Failures after which an outage is told: one alone is no news. */
const toldAfter = 2
/** Failures after which the end of the process asks no more: a connection that was kept may have been closed just now. */
const failuresAtEnd = 2

/**
 * Empties spools to the server, oldest first, one request at a time.
 *
 *   idle ──wake──▶ sending ──taken──▶ sending … until nothing waits ──▶ idle
 *                     │ again, later, a wrong key or address
 *                     └──▶ waiting ──time──▶ sending
 *   finish(): what waits is sent as long as the server takes it, and not tried again for longer than the time allows
 */
export class RemoteSender {
  readonly #options: SenderOptions
  #running: Promise<void> | undefined
  #stopped = false
  /** Cuts a wait short. */
  #hurry = new AbortController()
  /** Cuts the request under way short; only at the end. */
  #request = new AbortController()
  #isCut = false
  #cancelLook: (() => void) | undefined
  #leftover: Spool | undefined
  #leftoverTold = false
  #lookedMs = Number.NEGATIVE_INFINITY
  /** Events of the next request, at most: halved where the server cannot take so many, and doubled when it could. */
  #most = eventsMax
  #failures = 0
  #givenUp = 0
  #refused = 0
  #dropped = 0
  /** What is wrong and was told; empty when the server took what it got last. */
  #told = ''
  /** Whether the server took what it got last: then it also takes reports of what was lost. */
  #reached = false
  /** The server said, or somebody has to do, something first: the end of the process does not ask it again. */
  #mustWait = false
  #finishing: { readonly which: 'all' | 'critical'; failures: number } | undefined

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#stopped || this.#finishing !== undefined) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /**
   * Sends what the server takes until `untilMs` (monotonic), then stops for good. With `critical` what is critical goes before the
   * rest. Not asked is a server that wants to be left alone; one that is away is asked once more.
   */
  async finish(which: 'all' | 'critical', untilMs: number): Promise<void> {
    const { clock } = this.#options
    this.#cancelLook?.()
    this.#finishing = { which, failures: this.#failures > 0 ? 1 : 0 }
    this.#hurry.abort()
    const cancel = clock.after(Math.max(0, untilMs - clock.monotonicMs()), () => {
      this.#isCut = true
      this.#request.abort()
    })
    await this.#running
    if (!this.#mustWait && this.#finishing.failures < failuresAtEnd) await this.#run()
    cancel()
    this.#stopped = true
    this.#leftover?.close()
    this.#options.post.close()
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    try {
      while (!this.#isCut) {
        const spool = this.#next()
        const events = spool === undefined ? [] : this.#take(spool)
        if (spool === undefined || events.length === 0) return this.#lookAgain()
        this.#request = new AbortController()
        const result = await this.#options.post(events.map(({ body }) => body), this.#request.signal)
        // Cut short: nothing is known of it, and it is sent again by the next process.
        if (this.#request.signal.aborted && result.kind === 'failed') return
        const waitMs = this.#judge(verdictOf(result, events.length), spool, events)
        if (this.#finishing !== undefined) {
          if (waitMs > 0 && (this.#mustWait || ++this.#finishing.failures >= failuresAtEnd)) return
        } else if (waitMs > 0) {
          this.#hurry = new AbortController()
          await sleep(clock, waitMs, this.#hurry.signal)
          if (this.#finishing !== undefined) return
        }
      }
    } catch (failure) {
      this.#broken(failure)
    }
  }

  /** The next spool with something in it: what was left behind is older than what is recorded now. */
  #next(): Spool | undefined {
    const { own, clock } = this.#options
    for (;;) {
      if (this.#leftover === undefined && clock.monotonicMs() - this.#lookedMs >= leftoverMs && this.#finishing?.which !== 'critical') {
        this.#leftover = this.#look()
        if (this.#leftover === undefined) this.#lookedMs = clock.monotonicMs()
      }
      const spool = this.#leftover ?? own
      if (this.#reached && spool.losses.length > 0) spool.report(spool.losses.map(this.#options.lossRow))
      if (spool.waiting > 0) return spool
      if (spool === own) return undefined
      // Empty, and what it lost is reported, or will be by whoever reaches the server.
      if (spool.losses.length > 0) return own
      spool.close()
      this.#leftover = undefined
    }
  }

  #look(): Spool | undefined {
    try {
      return this.#options.leftover()
    } catch (failure) {
      if (!this.#leftoverTold) this.#options.notice(`what another process left behind cannot be read: ${errorText(failure)}`)
      this.#leftoverTold = true
      return undefined
    }
  }

  #take(spool: Spool): readonly SpooledEvent[] {
    const { charsMax } = this.#options
    const critical = this.#finishing?.which === 'critical' ? spool.oldest(this.#most, charsMax, 'critical') : []
    return critical.length > 0 ? critical : spool.oldest(this.#most, charsMax)
  }

  /** @returns how long to wait before the next request, milliseconds */
  #judge(verdict: Verdict, spool: Spool, events: readonly SpooledEvent[]): number {
    const { notice, host, chance } = this.#options
    const seqs = events.map(({ seq }) => seq)
    this.#mustWait = false
    if (verdict.kind !== 'taken') this.#reached = false
    switch (verdict.kind) {
      case 'taken':
        this.#settled(spool, seqs)
        spool.own(this.#options.keyMark)
        this.#tellRefused(verdict.refused)
        if (this.#told !== '') notice(`${host} takes events again`)
        this.#told = ''
        this.#failures = 0
        this.#givenUp = 0
        this.#reached = true
        this.#most = Math.min(eventsMax, this.#most * 2)
        return 0
      case 'smaller':
        if (events.length > 1) {
          this.#most = Math.ceil(events.length / 2)
          return 0
        }
        return this.#giveUp(verdict.reason, spool, seqs)
      case 'later':
        this.#mustWait = true
        return Math.max(1, verdict.afterMs)
      case 'again':
        this.#failures += 1
        if (this.#failures >= toldAfter) this.#tell('away', `${host} cannot be reached (${verdict.why}); ${this.#whereItWaits()}`)
        return Math.max(1, chance.next() * Math.min(backOffMs.most, backOffMs.first * 2 ** Math.min(20, this.#failures - 1)))
      case 'unknown-key':
        spool.refuse()
        return this.#wrong('key', `${host} does not know this key (401). Make one there with: tocsin keys create, and give it to init({ endpoint, apiKey }); ${this.#whereItWaits()}`)
      case 'forbidden':
        return this.#wrong('key', `${host} does not let this key send events (403). Give init({ endpoint, apiKey }) a key with the scope ingest; ${this.#whereItWaits()}`)
      case 'stranger':
        return this.#wrong('stranger', `${host} does not answer as a Tocsin server does (${verdict.why}). Check the endpoint; ${this.#whereItWaits()}`)
    }
  }

  #giveUp(reason: string, spool: Spool, seqs: readonly number[]): number {
    if (this.#givenUp >= givenUpMax) return this.#wrong('takes-nothing', `${this.#options.host} has refused ${givenUpMax} events one after the other (${reason}); it is asked once a minute now, and what waits is kept`)
    this.#givenUp += 1
    this.#dropped += 1
    if (isTold(this.#dropped - 1, this.#dropped)) this.#options.notice(`${this.#dropped} events were dropped so far; the last: ${reason}`)
    this.#settled(spool, seqs, reason)
    return 0
  }

  #settled(spool: Spool, seqs: readonly number[], reason?: string): void {
    spool.settle(seqs, reason)
    if (spool === this.#options.own) this.#options.onSettled()
  }

  #wrong(what: string, text: string): number {
    this.#mustWait = true
    this.#tell(what, text)
    return wrongMs
  }

  /** Once for each trouble, until it is over. */
  #tell(what: string, text: string): void {
    if (this.#told === what) return
    this.#told = what
    this.#options.notice(text)
  }

  #tellRefused(refused: readonly string[]): void {
    const before = this.#refused
    this.#refused += refused.length
    if (isTold(before, this.#refused)) this.#options.notice(`${this.#refused} events were refused by the server so far; the last: ${refused.at(-1)}`)
  }

  #whereItWaits(): string {
    const { file } = this.#options.own
    return file === undefined ? 'events wait in memory' : `events wait in ${file} and are tried again`
  }

  #lookAgain(): void {
    if (this.#finishing !== undefined) return
    this.#cancelLook?.()
    this.#cancelLook = this.#options.clock.after(leftoverMs, () => this.wake())
  }

  /** The disk, not the network. What was sent and could not be taken off the list is sent again, which changes nothing. */
  #broken(failure: unknown): void {
    const why = errorText(failure)
    if (failure instanceof TocsinError && failure.code === 'store-corrupt') return this.#options.onBroken(why)
    this.#tell('spool', `events that wait for the server cannot be read or taken off the list, and are tried again: ${why}`)
    if (this.#finishing === undefined) this.#cancelLook = this.#options.clock.after(wrongMs, () => this.wake())
  }
}

/** When their number reaches 1, 10, 100 and so on: a source that is always wrong must not fill the log. */
export function isTold(before: number, now: number): boolean {
  return now > before && (before === 0 || String(before).length < String(now).length)
}

import type { Refusal } from '../../packages/core/src/mapping/normalise.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { Dice } from './dice.ts'
import type { Journal } from './journal.ts'
import type { SimProcess } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { PlannedEvent } from './world-events.ts'
import type { World } from './world.ts'

/** What became of an event as its source knows it. */
export interface Reported {
  readonly planned: PlannedEvent
  readonly input: EventInput
  state: 'given' | 'acknowledged' | Refusal['refused']
}

const againMs = 1_000
/** Without an answer for so long a source asks the other process. */
const patienceMs = 10_000

/** The agents: they stamp events as they happen, hand them over out of order, and again until they are acknowledged. */
export class Sources {
  readonly reported = new Map<string, Reported>()
  readonly #world: World
  readonly #time: VirtualTime
  readonly #journal: Journal
  readonly #processes: () => readonly SimProcess[]
  readonly #dice: Dice
  /** The time of a call, which is the same for every source that saw it. */
  readonly #callTimes = new Map<string, number>()

  constructor(world: World, time: VirtualTime, journal: Journal, processes: () => readonly SimProcess[]) {
    this.#world = world
    this.#time = time
    this.#journal = journal
    this.#processes = processes
    this.#dice = new Dice(world.seed, 'sources')
  }

  get areDone(): boolean {
    return this.reported.size === this.#world.planned.events.length && [...this.reported.values()].every(({ state }) => state !== 'given')
  }

  /** Ids of the sessions of this world. */
  get sessions(): ReadonlySet<string> {
    return new Set([...this.reported.values()].flatMap(({ input }) => input.sessionId ?? []))
  }

  start(): void {
    for (const planned of this.#world.planned.events) this.#time.after(planned.happensMs, () => this.#happens(planned))
  }

  #happens(planned: PlannedEvent): void {
    const { call } = planned
    const atMs = (call === undefined ? undefined : this.#callTimes.get(call.key)) ?? this.#time.wallMs
    if (call !== undefined) this.#callTimes.set(call.key, atMs)
    const reported: Reported = { planned, input: { ...planned.input, id: planned.id, atMs }, state: 'given' }
    this.reported.set(planned.id, reported)
    this.#journal.counts.events += 1
    this.#time.after(planned.lagMs, () => this.#give(reported))
    if (planned.againMs !== undefined) this.#time.after(planned.lagMs + planned.againMs, () => this.#give(reported))
  }

  /** Hands it to a process, and again until it is acknowledged; what comes again after that must change nothing. */
  #give(reported: Reported): void {
    const up = this.#processes()
    if (up.length === 0) {
      this.#time.after(againMs, () => this.#give(reported))
      return
    }
    const process = this.#dice.one(up)
    if (reported.state !== 'given') this.#journal.counts.resent += 1
    const wait = this.#time.after(patienceMs, () => {
      if (reported.state === 'given') this.#give(reported)
    })
    process.onwards(() => {
      process.engine.accept([reported.input]).then(
        ({ refused }) => {
          if (!process.isUp) return
          wait()
          const [refusal] = refused
          this.#journal.note(`${process.label} ${refusal?.refused ?? 'acknowledged'} ${reported.planned.id} ${reported.input.type}`)
          // What was acknowledged stays so when it comes again after it was forgotten.
          if (reported.state !== 'acknowledged') reported.state = refusal?.refused ?? 'acknowledged'
          if (refusal?.refused === 'too-old') this.#checkAge(reported)
        },
        (failure: unknown) => {
          wait()
          this.#journal.note(`${process.label} could not keep ${reported.planned.id}: ${failure instanceof Error ? failure.message : 'unknown'}`)
          if (reported.state === 'given') this.#time.after(againMs, () => this.#give(reported))
        },
      )
    })
  }

  /** Too old is what is older than is kept by the clock of some process. */
  #checkAge({ planned, input }: Reported): void {
    const latestMs = Math.max(...this.#processes().map(({ nowMs }) => nowMs))
    const { keptMs } = this.#world.config
    this.#journal.check('events-kept', (input.atMs ?? 0) < latestMs - keptMs, () => `${planned.id} was refused as too old although it is ${latestMs - (input.atMs ?? 0)} ms old and ${keptMs} ms are kept`)
  }
}

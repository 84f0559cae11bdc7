import type { Store } from '../../packages/core/src/model/store.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import type { Tamper } from './breaks.ts'
import type { Journal } from './journal.ts'
import { observe } from './observer.ts'
import type { Committed } from './observer.ts'
import { assemble, configOf, SimProcess } from './process.ts'
import type { Receivers } from './receivers.ts'
import type { Troubles } from './troubles.ts'
import { drained } from './virtual-time.ts'
import type { VirtualTime } from './virtual-time.ts'
import { watchedStore } from './watched-store.ts'
import type { Fate } from './watched-store.ts'
import type { Fault } from './world-faults.ts'
import type { World } from './world.ts'

export interface HostParts {
  readonly world: World
  readonly time: VirtualTime
  readonly journal: Journal
  readonly committed: Committed
  readonly troubles: Troubles
  readonly receivers: Receivers
  readonly broken: Tamper
  readonly file: string
}

interface Place {
  readonly name: 'a' | 'b' | 'c' | 'd'
  lives: number
  process: SimProcess | undefined
  store: Store | undefined
  fate: Fate | undefined
  refusesUntilMs: number
}

/** Longest wait of the driver after failures of the store, milliseconds: so much longer the trouble lasts. */
const driverWaitMs = 6_000
const drainMs = 2_000
const noticesMax = 1_000
/** Timers as the observer names them. */
const retentionTimer = 'retention '
const learningTimers = 'rule spend-anomaly|'

/** One machine with processes over one database file, and what goes wrong on it. */
export class Host {
  readonly file: string
  readonly notices: string[] = []
  readonly #parts: HostParts
  readonly #places: readonly Place[]
  #starts = 0

  constructor(parts: HostParts) {
    this.#parts = parts
    this.file = parts.file
    const place = (name: Place['name']): Place => ({ name, lives: 0, process: undefined, store: undefined, fate: undefined, refusesUntilMs: -Infinity })
    this.#places = (['a', 'b', 'c', 'd'] as const).slice(0, parts.world.processes).map(place)
  }

  /** Those that run and take events. */
  get processes(): readonly SimProcess[] {
    return this.#places.flatMap(({ process }) => (process === undefined ? [] : [process]))
  }

  get isHealed(): boolean {
    return this.#places.every(({ process, fate }) => process !== undefined && !process.isFrozen && fate === undefined)
  }

  start(): void {
    const { world, time } = this.#parts
    for (const place of this.#places) this.#open(place)
    for (const fault of world.faults) time.after(fault.atMs, () => this.#happens(fault))
    time.after(world.activeMs, () => {
      for (const place of this.#places) place.fate = undefined
    })
  }

  /** Stops both for good, so that the file can be looked at. */
  async end(): Promise<void> {
    for (const place of this.#places) place.process?.end()
    let isOpen = true
    const closed = Promise.all(this.#places.flatMap(({ store }) => (store === undefined ? [] : [store.close()]))).finally(() => {
      isOpen = false
    })
    await drained()
    // A transaction that waits for its turn still has its place in time.
    while (isOpen && this.#parts.time.nextMs !== undefined) await this.#parts.time.runNext()
    await closed
  }

  /**
   * Elapsed time until which nothing happens but that processes look for work: nothing is under way, and nothing is due.
   * Infinity where nothing will ever happen again; nothing where something goes on.
   */
  async idleUntilMs(): Promise<number | undefined> {
    const { time } = this.#parts
    const isBusy = this.processes.some((process) => process.isFrozen || process.engine.pipeline.inFlight > 0 || process.engine.pipeline.unsettled > 0 || process.timers > 1)
    if (isBusy) return undefined
    let nextMs = time.nextOfWorldMs ?? Infinity
    if (nextMs <= time.elapsedMs + 1) return undefined
    const isAllDone = await this.#isAllDone()
    for (const process of this.processes) {
      const dueMs = await process.engine.pipeline.nextDueMs()
      if (dueMs === undefined) continue
      if (dueMs <= process.nowMs) return undefined
      if (isAllDone) continue
      nextMs = Math.min(nextMs, time.elapsedMs + dueMs - process.nowMs)
    }
    return nextMs
  }

  /** What is old is looked for every hour for ever; where nothing else waits, nothing else will happen. */
  #isAllDone(): Promise<boolean> {
    return this.#onlyWaitFor((name) => name === retentionTimer)
  }

  /** Nothing waits but that what is old is forgotten, and that what has become quiet is learned and forgotten in its turn. */
  onlyLearns(): Promise<boolean> {
    return this.#onlyWaitFor((name) => name === retentionTimer || name.startsWith(learningTimers))
  }

  async #onlyWaitFor(isOne: (timer: string) => boolean): Promise<boolean> {
    const { committed } = this.#parts
    const [process] = this.processes
    if (process === undefined || ![...committed.timers.keys()].every(isOne)) return false
    return (await process.engine.store.read.waiting('sim')).length === 0
  }

  /** Everything a process holds in memory has a bound. */
  checkBounds(): void {
    const { journal } = this.#parts
    for (const process of this.processes) {
      const { pipeline, config } = process.engine
      const sends = Object.values(config.channels).reduce((sum, { concurrency }) => sum + (concurrency ?? 0) + 1, 0)
      journal.check('memory-bounded', pipeline.inFlight <= sends && pipeline.unsettled <= sends, () => `${process.label} has ${pipeline.inFlight} sends under way and ${pipeline.unsettled} not settled, its channels take ${sends}`)
      journal.check('memory-bounded', process.timers <= 2 * sends + timersBeside, () => `${process.label} waits for ${process.timers} timers with at most ${sends} sends`)
    }
  }

  #open(place: Place): void {
    const { world, time, journal, committed, receivers, broken } = this.#parts
    place.lives += 1
    const label = `${place.name}${place.lives}`
    const process = new SimProcess(label, time)
    const variant = world.config.variants[this.#starts < world.processes ? 0 : (this.#starts - 1) % world.config.variants.length] ?? {}
    this.#starts += 1
    const types = broken.types?.(receivers.types(process)) ?? receivers.types(process)
    const config = configOf(variant, types)
    const real = openSqliteStore({ file: this.file, clock: { ...process.clock, after: (ms, task) => time.after(ms, task, 'process') }, durability: config.store.durability })
    const store = watchedStore(real, {
      process,
      journal,
      takeFate: () => {
        const { fate } = place
        place.fate = undefined
        return fate
      },
      isRefusing: () => place.refusesUntilMs > time.elapsedMs,
      crash: () => this.#crash(place),
      watch: (tx) => {
        const watcher = observe(tx, { process, journal, committed, config, people: world.config.people, silences: world.attention.silences, onClaim: () => this.#parts.troubles.lookAtClocks() })
        return { ...watcher, tx: broken.tx?.({ ...tx, ...watcher.tx }, label) ?? watcher.tx }
      },
    })
    journal.note(`${label} starts`)
    place.process = process
    place.store = real
    process.run(assemble(process, { config: broken.config?.(config) ?? config, store, types, seed: world.seed, notice: (text) => this.#notice(label, text), tamper: broken.parts, redact: broken.redact }))
  }

  #notice(label: string, text: string): void {
    this.#parts.journal.note(`${label} says: ${text}`)
    if (this.notices.length < noticesMax) this.notices.push(text)
  }

  #happens(fault: Fault): void {
    const { time, journal, troubles } = this.#parts
    const place = this.#places[fault.kind === 'jump' ? 0 : fault.which]
    if (place === undefined) return
    const { process } = place
    if (fault.kind !== 'jump' && process === undefined) return
    journal.counts.faults += 1
    journal.note(`FAULT ${fault.kind} ${fault.kind === 'jump' ? `${fault.byMs} ms` : (process?.label ?? '')}${fault.kind === 'crash' ? ` ${fault.where}` : ''}`)
    switch (fault.kind) {
      case 'crash':
        if (fault.where === 'anywhere') this.#crash(place, fault.backAfterMs)
        else place.fate = { where: fault.where, at: fault.at }
        break
      case 'stop':
        this.#stop(place, fault.backAfterMs)
        break
      case 'freeze':
        process?.freeze()
        troubles.befalls(process?.label ?? '', fault.forMs)
        time.after(fault.forMs, () => process?.thaw())
        break
      case 'refuse':
        place.refusesUntilMs = time.elapsedMs + fault.forMs
        troubles.befalls(process?.label ?? '', fault.forMs + driverWaitMs)
        break
      case 'jump':
        time.jumpWall(fault.byMs)
        troubles.jumped()
        break
    }
  }

  #crash(place: Place, backAfterMs = backMs): void {
    const { time, journal, troubles } = this.#parts
    const { process, store } = place
    if (process === undefined) return
    journal.counts.crashes += 1
    journal.note(`${process.label} is gone`)
    process.end()
    troubles.befalls(process.label, Infinity)
    place.process = undefined
    place.store = undefined
    void store?.close()
    time.after(backAfterMs, () => this.#open(place))
  }

  #stop(place: Place, backAfterMs: number): void {
    const { time, journal, troubles } = this.#parts
    const { process, store } = place
    if (process === undefined) return
    troubles.befalls(process.label, Infinity)
    place.process = undefined
    place.store = undefined
    const stopped = async (): Promise<void> => {
      const { driver } = process.engine
      await driver.stop()
      await driver.drain('all', process.clock.monotonicMs() + drainMs)
    }
    const closed = (how: string): void => {
      journal.note(`${process.label} ${how}`)
      process.end()
      void store?.close()
      time.after(backAfterMs, () => this.#open(place))
    }
    stopped().then(
      () => closed('has stopped'),
      (failure: unknown) => closed(`stopped with ${String(failure)}`),
    )
  }
}

/** After a crash inside a transaction the process is back so much later, milliseconds. */
const backMs = 2_000
/** A driver, an intake, and rounding. */
const timersBeside = 4


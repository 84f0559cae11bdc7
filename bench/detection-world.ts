import { join } from 'node:path'
import { seededChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import type { Event } from '../packages/core/src/model/event.ts'
import type { Store, Transaction } from '../packages/core/src/model/store.ts'
import { createTimers, type Timers } from '../packages/core/src/queue/timers.ts'
import { applyNews, quietTimer, resolveQuiet } from '../packages/core/src/rules/alerts.ts'
import { createDetector, type Detector } from '../packages/core/src/rules/detect.ts'
import { ruleTimerKind } from '../packages/core/src/rules/rule.ts'
import { silenceTimer } from '../packages/core/src/rules/silent-sessions.ts'
import { newWalk } from '../packages/core/src/rules/walk/walk.ts'
import { writeWalk } from '../packages/core/src/rules/walk/walk-text.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import { detectionConfig } from './detection-config.ts'
import { EventSource, type Actor } from './detection-events.ts'

const batchEvents = 500
/** Sessions that a batch is from, each anew any of those that are known: nothing that was read for one batch helps the next. */
const sessionsPerBatch = 50
/** Time that passes from batch to batch: a thousand events a second. */
const batchMs = 500
const seededAtOnce = 5_000

/** What one batch cost, in microseconds of processor time for each event. */
export interface BatchCost {
  readonly detect: number
  /** Timers that were due: what a rule does when time has passed, whether or not events came. */
  readonly timers: number
  /** The commit of what detection wrote. */
  readonly commit: number
}

/** A store with so many sessions and users, and the rules over it. Time is its own. */
export class DetectionWorld {
  readonly #store: Store
  readonly #detector: Detector
  readonly #timers: Timers
  readonly #chance = seededChance(7)
  readonly #source = new EventSource(this.#chance)
  readonly #sessions: number
  readonly #users: number
  #nowMs = Date.UTC(2026, 10, 22, 12)
  alerts = 0

  private constructor(store: Store, sessions: number, users: number) {
    const config = detectionConfig()
    this.#store = store
    this.#sessions = sessions
    this.#users = users
    this.#detector = createDetector(config)
    this.#timers = createTimers(
      config.project,
      {
        [ruleTimerKind]: async (tx, due, nowMs) => void (await applyNews(tx, await this.#detector.due(tx, due, nowMs), nowMs)),
        [quietTimer]: async (tx, due, nowMs) => {
          for (const { key } of due) await resolveQuiet(tx, Number(key), nowMs)
        },
        // Nothing falls silent in the minutes that this lasts.
        [silenceTimer]: async () => {},
      },
      {},
    )
  }

  static async open(folder: string, { sessions, users }: { readonly sessions: number; readonly users: number }): Promise<DetectionWorld> {
    const store = openSqliteStore({ file: join(folder, `${sessions}-${users}.db`), clock: systemClock, durability: 'full' })
    const world = new DetectionWorld(store, sessions, users)
    await world.#seedSessions()
    await store.transaction((tx) => world.#detector.begin(tx, world.#nowMs))
    await world.#seedUsers()
    return world
  }

  /** One batch. With `isScattered` each of its events is of another user. */
  async batch(isScattered = false): Promise<BatchCost> {
    this.#nowMs += batchMs
    const actors = Array.from({ length: isScattered ? batchEvents : sessionsPerBatch }, () => this.#actor())
    return this.#detect(this.#source.batch(batchEvents, actors, (number) => ({ ...this.#actor(), sessionId: `s_${this.#chance.id()}${number}` }), this.#nowMs))
  }

  async close(): Promise<void> {
    await this.#store.close()
  }

  async #detect(events: readonly Event[]): Promise<BatchCost> {
    const spent = { detect: 0, timers: 0 }
    const all = await costUs(() =>
      this.#store.transaction(async (tx) => {
        spent.timers = await costUs(() => this.#fire(tx))
        spent.detect = await costUs(async () => {
          const changes = await applyNews(tx, await this.#detector.detect(tx, events, this.#nowMs), this.#nowMs)
          this.alerts += changes.filter(({ change }) => change === 'opened').length
        })
      }),
    )
    return { detect: spent.detect / events.length, timers: spent.timers / events.length, commit: (all - spent.detect - spent.timers) / events.length }
  }

  async #fire(tx: Transaction): Promise<void> {
    for (let fired = 1; fired > 0; ) fired = await this.#timers.fire(tx, this.#nowMs)
  }

  #actor(): Actor {
    return { sessionId: sessionName(Math.floor(this.#chance.next() * this.#sessions)), user: userName(Math.floor(this.#chance.next() * this.#users)) }
  }

  async #seedSessions(): Promise<void> {
    const walk = writeWalk({ ...newWalk(), tools: 3, run: { tool: 'search', args: '5f0c1a2b3c4d5e6f', times: 1, atMs: this.#nowMs } })
    for (let first = 0; first < this.#sessions; first += seededAtOnce) {
      const deltas = Array.from({ length: Math.min(seededAtOnce, this.#sessions - first) }, (_, i) => ({
        project: 'bench', sessionId: sessionName(first + i), firstAtMs: this.#nowMs - 60_000, lastAtMs: this.#nowMs, startedAtMs: this.#nowMs - 60_000,
        calls: 9, errors: 0, costNanoUsd: 12_000_000, unpriced: 0, agent: 'support-bot', environment: 'production', user: userName(i % this.#users), name: 'answer-ticket',
      }))
      await this.#store.transaction((tx) => tx.applySessions(deltas, () => walk))
    }
  }

  /** Each user has made a call, so that each has a row in each rule that is grouped by user. */
  async #seedUsers(): Promise<void> {
    for (let first = 0; first < this.#users; first += batchEvents) {
      this.#nowMs += batchMs
      const actors = Array.from({ length: Math.min(batchEvents, this.#users - first) }, (_, i) => ({ ...this.#actor(), user: userName(first + i) }))
      await this.#detect(actors.map((actor) => this.#source.modelCall(actor, this.#nowMs)))
    }
  }
}

/** Spread over the whole index, as ids are. */
function sessionName(number: number): string {
  return `s_${(Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}`
}

function userName(number: number): string {
  return `user-${(Math.imul(number + 1, 0x85ebca6b) >>> 0).toString(16).padStart(8, '0')}`
}

/** Processor time of this thread: what else the machine does is not counted. */
async function costUs(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurationFrom } from '../configuration.ts'
import { createEngine, type Engine } from '../engine.ts'
import { systemChance } from '../model/chance.ts'
import type { ConfigInput } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { Announcement, ErrorClass, EventInput } from '../model/event.ts'
import type { DeliveryRecord } from '../model/reader.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { movedClock, type MovedClock } from './moved-clock.ts'
import type { Receiver } from './receiver.ts'

/** One process as the store sees it: an engine with its own configuration over a store that others may share. */
export interface EngineWorld {
  readonly engine: Engine
  readonly store: Store
  readonly clock: MovedClock
  /** Of the database; empty where the store was handed in. */
  readonly file: string
  /** Does what is due now; what is in flight after so long stays there. */
  tick(forMs?: number): Promise<void>
  /** Moves the clock to so long after the beginning of this world, and does what is due. */
  at(aheadMs: number): Promise<void>
  /** Oldest first. */
  deliveries(): Promise<readonly DeliveryRecord[]>
  /** Of all alerts, or of one. */
  decisions(alert?: number): Promise<readonly Decision[]>
  close(): Promise<void>
}

const fast: ConfigInput['delivery'] = { retryMs: 20, retryMaxMs: 40, batchMs: 50, pauseMs: 1_000, leaseMs: 600_000 }

/**
 * Dana, an admin, with one channel for each receiver, named as its type. Times in `delivery` are short, but the lease,
 * so that the clock can be moved while something is in flight; what fails waits for no others of its cause, and nobody's attention has limits.
 *
 * @param from `store`: in place of one in a file; the world closes it
 */
export function engineWorld(config: ConfigInput, receivers: readonly Receiver[], from: { readonly file?: string; readonly aheadMs?: number; readonly store?: Store } = {}): EngineWorld {
  const types = receivers.map(({ type }) => type)
  const clock = movedClock(from.aheadMs)
  const file = from.store === undefined ? (from.file ?? join(mkdtempSync(join(tmpdir(), 'tocsin-world-')), 'tocsin.db')) : ''
  const channels = Object.fromEntries(types.map(({ type }) => [type, { type }]))
  const parsed = configurationFrom({ channels, people: { dana: { role: 'admin', email: 'dana@example.com' } }, detection: { wait: '0s' }, limits: false, storm: false, ...config, delivery: { ...fast, ...config.delivery } }, types, {})
  const store = from.store ?? openSqliteStore({ file, clock, durability: 'normal' })
  const engine = createEngine({ config: parsed, store, clock, chance: systemChance, notice: () => undefined, channelTypes: types })
  let closed: Promise<void> | undefined
  const world: EngineWorld = {
    engine,
    store,
    clock,
    file,
    // A database beside this process is slower, and slower still beside other tests; it ends when nothing is due.
    async tick(forMs = from.store === undefined ? 400 : 5_000) {
      await engine.drain('all', forMs)
    },
    async at(aheadMs) {
      clock.aheadMs = aheadMs
      await world.tick()
    },
    async deliveries() {
      return (await store.read.deliveries()).toReversed()
    },
    async decisions(alert) {
      const alerts = alert === undefined ? (await store.read.alerts()).map(({ id }) => id) : [alert]
      return (await Promise.all(alerts.map((id) => store.read.decisionsOf(id)))).flat()
    },
    close: () => (closed ??= engine.close()),
  }
  open.push({ world, receivers })
  return world
}

/** Bounded by the test: what it opened, closed after it. */
const open: { readonly world: EngineWorld; readonly receivers: readonly Receiver[] }[] = []

/** Answers what still waits, closes every world and its store, and removes its files. */
export async function closeWorlds(): Promise<void> {
  const closing = open.splice(0)
  for (const { receivers } of closing) for (const receiver of receivers) receiver.release()
  for (const { world } of closing) await world.close()
  for (const { world } of closing) if (world.file !== '') rmSync(join(world.file, '..'), { recursive: true, force: true })
}

/** A message by hand, told as it is. */
export function said(id: string, atMs: number, more: Partial<Announcement> = {}): EventInput {
  return { source: 'native', type: 'custom', id, atMs, announcement: { title: id, severity: 'high', ...more } }
}

/** News of severity high that asks nothing of anybody: it is over as it opens. */
export function sessionFailed(sessionId: string, atMs: number): EventInput {
  return { source: 'client', type: 'session.end', sessionId, id: `${sessionId}-end`, agent: 'bot', atMs, status: 'error', endState: 'fail', endReason: 'gave up' }
}

/** One model call that failed; all of the same agent and model are one alert. */
export function callFailed(id: string, atMs: number, errorClass: ErrorClass = 'server'): EventInput {
  return { source: 'observe', type: 'llm.call', id, atMs, agent: 'bot', status: 'error', error: { class: errorClass, message: 'no answer' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } }
}

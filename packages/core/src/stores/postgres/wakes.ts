import type { Notification, Pool, PoolClient } from 'pg'
import type { Clock } from '../../model/clock.ts'
import { errorText } from '../../model/error.ts'
import { quotedName } from './statement.ts'

/** Least time between two notices about one project from this process, milliseconds: notices in every commit cost a third of all commits. */
const coalesceMs = 50
/** Wait before it listens again after the connection was lost, milliseconds; doubled up to the most. */
const retryMs = 100
const retryMaxMs = 10_000
/** Projects whose last notice is remembered; beyond it the memory begins anew, and some are told once too often. */
const projectsMax = 10_000

/**
 * Tells the other processes at once that a project has something to do, and hears of it. Nothing depends on it: whoever hears nothing looks
 * for itself a moment later, so that what cannot be told is let go.
 */
export class Wakes {
  readonly #pool: Pool
  readonly #channel: string
  readonly #clock: Clock
  readonly #notice: (text: string) => void
  readonly #listeners = new Set<(project: string) => void>()
  /** When each project was told last; `pending`: it is told again as soon as that is allowed. */
  readonly #told = new Map<string, { readonly atMs: number; pending: boolean }>()
  readonly #cancels = new Set<() => void>()
  #listening: PoolClient | undefined
  #connecting: Promise<void> | undefined
  #failures = 0
  #closed = false

  constructor(pool: Pool, schema: string, clock: Clock, notice: (text: string) => void) {
    this.#pool = pool
    this.#channel = `${schema}_wake`
    this.#clock = clock
    this.#notice = notice
  }

  tell(project: string): void {
    if (this.#closed) return
    const nowMs = this.#clock.monotonicMs()
    const last = this.#told.get(project)
    const waitMs = last === undefined ? 0 : last.atMs + coalesceMs - nowMs
    if (waitMs <= 0) {
      if (this.#told.size >= projectsMax) this.#told.clear()
      this.#told.set(project, { atMs: nowMs, pending: false })
      // Lost with the connection: the others look for themselves.
      this.#pool.query('select pg_notify($1, $2)', [this.#channel, project]).catch(nobody)
      return
    }
    if (last === undefined || last.pending) return
    last.pending = true
    this.#after(waitMs, () => {
      this.#told.delete(project)
      this.tell(project)
    })
  }

  /** Hears of every project until the returned function is called. It takes one connection of the pool. */
  listen(listener: (project: string) => void): () => void {
    this.#listeners.add(listener)
    this.#connect()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#leave()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#listeners.clear()
    for (const cancel of this.#cancels) cancel()
    await this.#connecting
    this.#leave()
  }

  #connect(): void {
    if (this.#closed || this.#listening !== undefined || this.#connecting !== undefined || this.#listeners.size === 0) return
    this.#connecting = this.#begin()
      .then(() => {
        this.#failures = 0
      })
      .catch((lost: unknown) => this.#again(lost))
      .finally(() => {
        this.#connecting = undefined
      })
  }

  async #begin(): Promise<void> {
    const client = await this.#pool.connect()
    client.on('error', (lost: Error) => {
      if (this.#listening !== client) return
      this.#leave()
      this.#again(lost)
    })
    client.on('notification', ({ payload = '' }: Notification) => {
      for (const listener of this.#listeners) listener(payload)
    })
    try {
      await client.query(`listen ${quotedName(this.#channel)}`)
    } catch (cause) {
      client.release(true)
      throw cause
    }
    this.#listening = client
    if (this.#closed) this.#leave()
  }

  /** The connection is thrown away and not given back: whoever took it next would hear of everything. */
  #leave(): void {
    const client = this.#listening
    this.#listening = undefined
    client?.release(true)
  }

  #again(lost: unknown): void {
    if (this.#closed) return
    this.#failures += 1
    if (this.#failures === 3) this.#notice(`other processes are heard of up to two seconds later, until the database answers again: ${errorText(lost)}`)
    this.#after(Math.min(retryMaxMs, retryMs * 2 ** (this.#failures - 1)), () => this.#connect())
  }

  #after(delayMs: number, task: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#cancels.delete(cancel)
      task()
    })
    this.#cancels.add(cancel)
  }
}

function nobody(): void {}

import { periodAt, sleep, spendSlotMs, type Clock, type SpendSlotSum, type Store } from 'tocsin/engine'

export interface Spend {
  readonly nanoUsd: number
  readonly calls: number
  readonly unpriced: number
  /** Of the days before up to the same time of day; absent: there are too few. */
  readonly usualNanoUsd?: number
}

const dayMs = 86_400_000
/** Days that say what is usual, and the fewest of them that do. */
const daysBack = 7
const daysLeast = 3
/** What was read is shown so long, milliseconds: of a day that runs, and of one that is over, to which only what comes very late is added. */
const keptMs = { runs: 2_000, over: 600_000 } as const
/** For so long after its end a day counts as running, milliseconds: most of what comes late comes then. */
const lateMs = 3_600_000

/**
 * What today has cost, and what is usual by this time. Made of the sums of ten minutes that the intake keeps, so that no event is looked at: a day of
 * sums at a time, and between two days everybody else has their turn. Days that are over are remembered for ten minutes.
 */
export class SpendToday {
  readonly #read: Pick<Store['read'], 'spendSlots'>
  readonly #clock: Clock
  readonly #project: string
  /** By the first instant of their day of UTC, in which the sums are kept; at most ten days. */
  readonly #days = new Map<number, { readonly readAtMs: number; readonly isOver: boolean; readonly slots: Promise<readonly SpendSlotSum[]> }>()

  constructor({ read, clock, project }: { readonly read: Pick<Store['read'], 'spendSlots'>; readonly clock: Clock; readonly project: string }) {
    this.#read = read
    this.#clock = clock
    this.#project = project
  }

  /** @param timezone whose day it is */
  async of(timezone: string): Promise<Spend> {
    const nowMs = this.#clock.nowMs()
    let { startMs } = periodAt('day', timezone, nowMs)
    const untilNowMs = nowMs - startMs
    const today = await this.#spent(startMs, nowMs)
    const before: number[] = []
    for (let back = 1; back <= daysBack; back += 1) {
      const day = periodAt('day', timezone, startMs - 1)
      startMs = day.startMs
      const { nanoUsd, calls } = await this.#spent(startMs, Math.min(startMs + untilNowMs, day.endMs))
      if (calls > 0 || nanoUsd > 0) before.push(nanoUsd)
    }
    for (const firstMs of this.#days.keys()) if (firstMs < startMs - dayMs) this.#days.delete(firstMs)
    return { ...today, ...(before.length >= daysLeast && { usualNanoUsd: Math.round(before.reduce((sum, day) => sum + day, 0) / before.length) }) }
  }

  /** In a stretch of time, with all that began in it; of ten minutes that were not over at its end their share, where they are over now. */
  async #spent(fromMs: number, untilMs: number): Promise<Omit<Spend, 'usualNanoUsd'>> {
    const sum = { nanoUsd: 0, calls: 0, unpriced: 0 }
    const nowMs = this.#clock.nowMs()
    for (let firstMs = Math.floor(fromMs / dayMs) * dayMs; firstMs <= untilMs; firstMs += dayMs) {
      for (const { atMs = 0, nanoUsd, calls, unpriced } of await this.#dayOf(firstMs, nowMs)) {
        if (atMs < fromMs || atMs > untilMs) continue
        const share = atMs + spendSlotMs > nowMs ? 1 : Math.min(1, (untilMs - atMs) / spendSlotMs)
        sum.nanoUsd += nanoUsd * share
        sum.calls += calls
        sum.unpriced += unpriced
      }
    }
    return sum
  }

  async #dayOf(firstMs: number, nowMs: number): Promise<readonly SpendSlotSum[]> {
    const known = this.#days.get(firstMs)
    const readAtMs = this.#clock.monotonicMs()
    if (known !== undefined && readAtMs - known.readAtMs < (known.isOver ? keptMs.over : keptMs.runs)) return known.slots
    const slots = this.#read.spendSlots({ project: this.#project, fromMs: firstMs, untilMs: firstMs + dayMs, by: 'time' })
    this.#days.set(firstMs, { readAtMs, isOver: firstMs + dayMs + lateMs <= nowMs, slots })
    // What could not be read is read anew.
    slots.catch(() => this.#days.delete(firstMs))
    await sleep(this.#clock, 0)
    return slots
  }
}

import type { Journal } from './journal.ts'
import type { SimProcess } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { WorldAct } from './world-attention.ts'
import type { World } from './world.ts'

/** Alerts that somebody chooses from. */
const openMax = 200

/** What people do about alerts, each by some process that runs then; where it dies over it, it was done or it was not. */
export class People {
  readonly #world: World
  readonly #time: VirtualTime
  readonly #journal: Journal
  readonly #processes: () => readonly SimProcess[]

  constructor(world: World, time: VirtualTime, journal: Journal, processes: () => readonly SimProcess[]) {
    this.#world = world
    this.#time = time
    this.#journal = journal
    this.#processes = processes
  }

  start(): void {
    for (const act of this.#world.attention.acts) this.#time.after(act.atMs, () => this.#acts(act))
  }

  #acts({ action, by, pick, forMs }: WorldAct): void {
    const up = this.#processes()
    const process = up[Math.floor(pick * up.length)]
    if (process === undefined) return
    process.onwards(() => {
      const { store, pipeline } = process.engine
      const acted = store.transaction(async (tx) => {
        const open = await tx.openAlerts('sim', 0, openMax)
        const chosen = open[Math.floor(pick * open.length)]
        if (chosen === undefined) return undefined
        return pipeline.actIn(tx, { project: 'sim', alerts: [chosen.id], action, by, via: 'command', ...(action === 'snooze' && { forMs }) }, process.nowMs)
      })
      acted.then(
        (done) => this.#journal.note(`${by} by ${process.label}: ${action} ${done?.map(({ alert, result }) => `${alert} ${result}`).join(', ') ?? 'nothing'}`),
        (failure: unknown) => this.#journal.note(`${by} by ${process.label}: ${action} failed: ${failure instanceof Error ? failure.message : 'unknown'}`),
      )
    })
  }
}

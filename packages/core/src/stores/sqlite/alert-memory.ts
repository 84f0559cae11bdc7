import type { Alert } from '../../model/alert.ts'

/** Alerts held in memory, some 2 kB each. Numbers follow each other: a place is taken over by the number so much higher. */
const alertsMax = 2_000

/**
 * The alerts that this process opened last: most are told a moment later, and reading one back takes longer than it took to
 * write. What is held is what is on record, as of the transaction that runs: whoever writes to an alert forgets it, a
 * rollback and the commit of another process forget all.
 */
export class AlertMemory {
  readonly #places = Array.from<Alert | undefined>({ length: alertsMax })

  remember(alert: Alert): void {
    this.#places[alert.id % alertsMax] = alert
  }

  get(id: number): Alert | undefined {
    const alert = this.#places[id % alertsMax]
    return alert?.id === id ? alert : undefined
  }

  forget(id: number): void {
    if (this.get(id) !== undefined) this.#places[id % alertsMax] = undefined
  }

  forgetAll(): void {
    this.#places.fill(undefined)
  }
}

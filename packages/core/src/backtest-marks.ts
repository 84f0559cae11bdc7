import type { Store } from './model/store.ts'

/** What became of an alert for somebody at a time. */
export interface BacktestMark {
  readonly kind: 'told' | 'merged' | 'held'
  readonly atMs: number
  /** Of what is held, where it is known. */
  readonly untilMs?: number
  /** `*`: everybody, or a channel that is its own address. */
  readonly person: string
  readonly channel: string
  /** Why, for what is merged or held. */
  readonly reason?: string
  /** Places of the alerts in the list of alerts, at most ten of a message; those beyond it are counted in `moreAlerts`. */
  readonly alerts: readonly number[]
  readonly moreAlerts: number
}

const alertsNamed = 10
const pageRows = 1_000

/** Marks for under a chart, oldest first, at most `most` of each kind; `totals` counts all. With `person` only theirs, and what is for everybody. */
export async function marksOf(store: Store, placeOf: ReadonlyMap<number, number>, most: number, person?: string): Promise<{ readonly marks: readonly BacktestMark[]; readonly totals: Readonly<Record<BacktestMark['kind'], number>> }> {
  const told: BacktestMark[] = []
  let before: number | undefined
  for (;;) {
    const page = await store.read.deliveries({ limit: pageRows, ...(before !== undefined && { before }) })
    for (const { id, person: to, channel, address, result, doneAtMs, createdAtMs, alerts } of page) {
      before = id
      if (result !== 'sent') continue
      const places = alerts.flatMap((alert) => placeOf.get(alert) ?? [])
      told.push({ kind: 'told', atMs: doneAtMs ?? createdAtMs, person: address === '' ? '*' : to, channel, alerts: places.slice(0, alertsNamed), moreAlerts: Math.max(0, alerts.length - Math.min(places.length, alertsNamed)) })
    }
    if (page.length < pageRows) break
  }
  const others: BacktestMark[] = []
  for (const [alert, place] of placeOf) {
    for (const { reason, atMs, person: to, channel, params } of await store.read.decisionsOf(alert)) {
      const kind = reason.startsWith('merged.') ? 'merged' : reason.startsWith('held.') ? 'held' : undefined
      if (kind === undefined) continue
      const until = params['until'] ?? params['time']
      others.push({ kind, atMs, person: to, channel, reason, alerts: [place], moreAlerts: 0, ...(kind === 'held' && typeof until === 'number' && until > atMs && { untilMs: until }) })
    }
  }
  const all = [...told, ...others].filter((one) => person === undefined || one.person === person || one.person === '*').toSorted((one, other) => one.atMs - other.atMs)
  const totals = { told: 0, merged: 0, held: 0 }
  return { marks: all.filter(({ kind }) => (totals[kind] += 1) <= most), totals }
}

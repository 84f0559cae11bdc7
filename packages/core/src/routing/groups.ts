import type { RouteConfig } from '../model/attention-config.ts'
import type { Alert } from '../model/alert.ts'
import type { GroupValue } from '../model/turn.ts'
import { alertValueReader, viewOfAlert } from '../rules/view.ts'

/** How a route groups. */
export interface Grouping {
  readonly waitMs: number
  readonly intervalMs: number
  /** What an alert has in common with the others of its group. */
  of(alert: Alert): readonly GroupValue[]
}

/** How long the first of a group waits for others where the route does not say, milliseconds. */
const groupWaitMs = 30_000
/** How long at least from one message about a group to the next where the route does not say, milliseconds. */
const groupIntervalMs = 300_000

/** Nothing where the route tells each alert by itself. */
export function groupingOf({ groupBy, groupWait, groupInterval }: RouteConfig): Grouping | undefined {
  if (groupBy === undefined) return undefined
  const readers = groupBy.map((name) => ({ name: name.replace(/^alert\./, ''), read: alertValueReader(name) }))
  return {
    waitMs: groupWait ?? groupWaitMs,
    intervalMs: groupInterval ?? groupIntervalMs,
    of(alert) {
      const view = viewOfAlert(alert)
      return readers.map(({ name, read }) => ({ name, value: read(view) }))
    },
  }
}

import { groupPaceKey } from '../model/batch-key.ts'
import type { Config } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { BatchItem, Transaction } from '../model/store.ts'
import type { GroupValue } from '../model/turn.ts'
import { groupingOf, type Grouping } from './groups.ts'
import { routeName } from './matching.ts'
import type { Plan } from './plan.ts'

/** When groups are told: their first message after the route's wait, each further one not before its interval is over. */
export interface GroupPace {
  /**
   * What joins a collection that is open is told with it. What opens one about a group that was told before waits for the group's
   * interval. Says of each member of a group how long it waits.
   */
  readonly arrange: (tx: Transaction, plan: Plan, nowMs: number) => Promise<Plan>
  /** Of what is about to be sent: the next message about the same group has to wait. In the transaction that claims it. */
  told(tx: Transaction, claimed: readonly ClaimedDelivery[], nowMs: number): Promise<void>
}

export function createGroupPace({ routes = [] }: Pick<Config, 'routes'>): GroupPace {
  // Where a route collects, a group has the digest's time.
  const groupings = new Map(routes.map((route, index) => [routeName(route, index), route.digest === undefined ? groupingOf(route) : undefined]))

  return {
    async arrange(tx, plan, nowMs) {
      if (!plan.batched.some(({ collection }) => collection !== undefined)) return plan
      const untilOf = new Map<string, number>()
      const batched: BatchItem[] = []
      const waits: Decision[] = []
      let decisions = plan.decisions
      for (const item of plan.batched) {
        const intervalMs = groupings.get(item.route)?.intervalMs ?? 0
        const untilMs = await dueOf(tx, item, untilOf, nowMs + intervalMs + skewMs)
        const isQuiet = plan.decisions.some((one) => one.reason === 'held.quiet_hours' && isAbout(one, item))
        const dueMs = isQuiet ? Math.max(item.dueMs, untilMs) : untilMs
        batched.push(dueMs === item.dueMs ? item : { ...item, dueMs, expiresMs: item.expiresMs + Math.max(0, dueMs - item.dueMs) })
        // Quiet hours say for themselves until when, and several devices of one person wait as one.
        if (item.collection?.kind === 'group' && !isQuiet && !waits.some((one) => isAbout(one, item))) waits.push(waitOf(item, dueMs, nowMs))
        if (item.collection?.kind === 'digest' && dueMs !== item.dueMs) decisions = decisions.map((one) => (one.reason === 'held.digest' && isAbout(one, item) ? { ...one, params: { ...one.params, time: dueMs } } : one))
      }
      return { ...plan, batched, decisions: [...decisions, ...waits] }
    },

    async told(tx, claimed, nowMs) {
      const keys = new Map<string, number>()
      for (const { notification, priority } of claimed) {
        const grouping = groupings.get(notification.route)
        const of = grouping === undefined || priority === 0 ? undefined : groupOf(notification, grouping)
        if (grouping !== undefined && of !== undefined) keys.set(groupPaceKey(notification, of), grouping.intervalMs)
      }
      if (keys.size === 0) return
      const known = await tx.paces([...keys.keys()])
      await tx.putPaces([...keys].map(([key, intervalMs]) => ({ key, sinceMs: known.get(key)?.sinceMs ?? nowMs, atMs: nowMs + intervalMs, count: (known.get(key)?.count ?? 0) + 1 })))
    },
  }
}

/** What opened the collection may have said why it is told now, such as after a silence. */
function groupOf({ turn, alerts: [alert] }: ClaimedDelivery['notification'], grouping: Grouping): readonly GroupValue[] | undefined {
  return turn?.kind === 'group' ? turn.of : alert && grouping.of(alert)
}

/** The clocks of processes may differ by so much, milliseconds: a time further ahead was written by one that was wrong, or for an interval that was longer. */
const skewMs = 60_000

/**
 * With those that wait already, or the group's next time.
 *
 * @param latestMs no group waits longer
 */
async function dueOf(tx: Transaction, item: BatchItem, untilOf: Map<string, number>, latestMs: number): Promise<number> {
  const { collection, project, batchKey, dueMs } = item
  if (collection === undefined) return dueMs
  const known = untilOf.get(batchKey)
  if (known !== undefined) return known
  const open = await tx.openBatch(project, batchKey)
  const untilMs = open?.dueMs ?? (collection.kind === 'group' ? await notBefore(tx, item, collection.of, latestMs) : dueMs)
  untilOf.set(batchKey, untilMs)
  return untilMs
}

async function notBefore(tx: Transaction, item: BatchItem, of: readonly GroupValue[], latestMs: number): Promise<number> {
  const key = groupPaceKey(item, of)
  const atMs = (await tx.paces([key])).get(key)?.atMs ?? 0
  return atMs <= latestMs ? Math.max(item.dueMs, atMs) : item.dueMs
}

function isAbout(decision: Decision, { alert, recipient: { person }, channel }: BatchItem): boolean {
  return decision.alert === alert && decision.person === nameOf(person) && decision.channel === channel
}

function waitOf({ alert, recipient: { person }, channel }: BatchItem, dueMs: number, nowMs: number): Decision {
  return { alert, person: nameOf(person), channel, reason: 'held.group_wait', params: { wait: Math.max(0, dueMs - nowMs) }, atMs: nowMs, count: 1 }
}

function nameOf(person: string): string {
  return person === '' ? '*' : person
}

import type { Config } from '../../packages/core/src/model/config.ts'
import type { ClaimedDelivery } from '../../packages/core/src/model/delivery.ts'
import { permissions } from '../../packages/core/src/model/roles.ts'
import type { DueDelivery, SpendChange, Transaction } from '../../packages/core/src/model/store.ts'
import type { Journal } from './journal.ts'
import type { SimProcess } from './process.ts'
import type { WorldPerson } from './world-config.ts'
import type { Watcher } from './watched-store.ts'

/** Who holds a delivery, as far as committed. */
export interface Holder {
  readonly process: SimProcess
  readonly fence: number
  readonly untilMs: number
  /** Elapsed time at which it was claimed. */
  readonly atMs: number
}

/** What was committed by all processes, learned by watching their transactions. */
export class Committed {
  readonly holders = new Map<number, Holder>()
  /** Deliveries that ended, and how. */
  readonly ended = new Map<number, string>()
  /** The last sum of each budget, scope, period and epoch. */
  readonly spend = new Map<string, SpendChange>()
  /** Channel and address of those that are known not to work, and until when each is left alone. */
  readonly badAddresses = new Map<string, number>()
  /** Events that were committed as new. */
  readonly events = new Set<string>()
  /** What happened before may have been forgotten. */
  eventsSinceMs = -Infinity
  /** Timers by kind and key, and when they are due. */
  readonly timers = new Map<string, number>()
  /** Claims a process has not settled. */
  readonly open = new Map<SimProcess, Map<number, string>>()
}

export interface ObserverParts {
  readonly process: SimProcess
  readonly journal: Journal
  readonly committed: Committed
  readonly config: Config
  readonly people: readonly WorldPerson[]
  /** Called with each claim. */
  readonly onClaim: () => void
}

const criticalShown = 50
const dayMinutes = 1_440

/** Stands between one process and its store, changes nothing, and looks at what is claimed and settled. */
export function observe(tx: Transaction, parts: ObserverParts): Watcher {
  const { journal, committed, process } = parts
  const onCommit: (() => void)[] = []

  const watched: Transaction = {
    ...tx,
    async lease(ids, untilMs, nowMs) {
      const found = await Promise.all(ids.map((id) => tx.delivery(id)))
      const dues = found.flatMap((one) => (one === undefined ? [] : [one.due]))
      await checkCriticalFirst(tx, dues, parts)
      for (const due of dues) checkMayBeSent(due, parts)
      const fences = await tx.lease(ids, untilMs, nowMs)
      onCommit.push(() => {
        const open = committed.open.get(process) ?? new Map<number, string>()
        committed.open.set(process, open)
        for (const [index, id] of ids.entries()) {
          committed.holders.set(id, { process, fence: fences[index] ?? 0, untilMs, atMs: process.clock.monotonicMs() })
          const channel = dues[index]?.notification.channel ?? ''
          open.set(id, channel)
          parts.onClaim()
          journal.note(`${process.label} claims ${id} ${channel} p${dues[index]?.priority ?? '?'} attempt ${(dues[index]?.attemptsBefore ?? 0) + 1}`)
        }
        checkConcurrency(open, parts)
      })
      return fences
    },
    async settle(settlements) {
      const held = await tx.settle(settlements)
      for (const [index, settlement] of settlements.entries()) {
        const holder = committed.holders.get(settlement.id)
        journal.check('fences-held', held[index] !== true || holder?.process === process, () => `${process.label} settled delivery ${settlement.id}, which ${holder?.process.label ?? 'nobody'} holds`)
      }
      onCommit.push(() => {
        for (const [index, settlement] of settlements.entries()) {
          committed.open.get(process)?.delete(settlement.id)
          journal.note(`${process.label} settles ${settlement.id} ${settlement.kind === 'done' ? settlement.result : `later ${settlement.attempt?.outcome ?? 'uncounted'}`}${held[index] === true ? '' : ' (lease lost)'}`)
          if (held[index] === true && settlement.kind === 'done') committed.ended.set(settlement.id, settlement.result)
        }
      })
      return held
    },
    async finish(ids, result, atMs) {
      await tx.finish(ids, result, atMs)
      onCommit.push(() => {
        for (const id of ids) journal.note(`${process.label} ends ${id} ${result}`)
      })
    },
    async insertEvents(events) {
      const isNew = await tx.insertEvents(events)
      onCommit.push(() => {
        for (const [index, { id }] of events.entries()) if (isNew[index] === true) committed.events.add(id)
      })
      return isNew
    },
    async forget(query) {
      const forgotten = await tx.forget(query)
      const { what, contentBeforeMs } = query
      onCommit.push(() => {
        if (forgotten.rows > 0) journal.note(`${process.label} forgets ${forgotten.rows} ${what}`)
        if (what === 'events' && forgotten.rows > 0) committed.eventsSinceMs = Math.max(committed.eventsSinceMs, contentBeforeMs)
      })
      return forgotten
    },
    async putTimers(timers) {
      await tx.putTimers(timers)
      onCommit.push(() => {
        for (const { kind, key, dueMs } of timers) committed.timers.set(`${kind} ${key}`, dueMs)
      })
    },
    async putFirstTimer(timer) {
      await tx.putFirstTimer(timer)
      onCommit.push(() => {
        if (![...committed.timers.keys()].some((name) => name.startsWith(`${timer.kind} `))) committed.timers.set(`${timer.kind} ${timer.key}`, timer.dueMs)
      })
    },
    async removeTimers(timers) {
      await tx.removeTimers(timers)
      onCommit.push(() => {
        for (const { kind, key } of timers) committed.timers.delete(`${kind} ${key}`)
      })
    },
    async addSpend(deltas) {
      const changes = await tx.addSpend(deltas)
      onCommit.push(() => {
        for (const change of changes) committed.spend.set(spendKey(change), change)
      })
      return changes
    },
    async addBadAddress(bad) {
      await tx.addBadAddress(bad)
      onCommit.push(() => committed.badAddresses.set(`${bad.channel}|${bad.address}`, bad.untilMs))
    },
  }
  return {
    tx: watched,
    committed() {
      for (const apply of onCommit) apply()
    },
  }
}

export function spendKey({ budget, scope, periodStartMs }: Pick<SpendChange, 'budget' | 'scope' | 'periodStartMs'>): string {
  return `${budget}|${scope}|${periodStartMs}`
}

/** Where anything that is not critical is claimed, nothing critical that is due on that channel is left. */
async function checkCriticalFirst(tx: Transaction, dues: readonly DueDelivery[], { journal, process, config }: ObserverParts): Promise<void> {
  const channels = new Set(dues.filter((due) => due.priority > 0).map((due) => due.notification.channel))
  for (const channel of channels) {
    const critical = await tx.due({ project: config.project, channel, priority: 0, nowMs: process.nowMs, limit: criticalShown })
    const left = critical.filter(({ id }) => !dues.some((due) => due.id === id))
    journal.check('critical-first', left.length === 0, () => `${process.label} claims others on ${channel} while critical ${left.map(({ id }) => id).join(', ')} is due`)
  }
}

function checkMayBeSent(due: Omit<ClaimedDelivery, 'fence'>, { journal, process, config, people, committed }: ObserverParts): void {
  const { notification } = due
  const { person, address } = notification.recipient
  journal.check('bad-addresses-left-alone', address === '' || (committed.badAddresses.get(`${notification.channel}|${address}`) ?? 0) <= process.nowMs, () => `delivery ${due.id} goes to ${address}, which is known not to work`)
  if (person === '') return
  const role = config.people[person]?.role
  for (const alert of notification.alerts) {
    // That their own address does not work, everybody may hear.
    const isOwn = alert.message === 'system.address-bad' && alert.params.person === person
    journal.check('roles-obeyed', role !== undefined && (isOwn || permissions[role].receives.includes(alert.kind)), () => `delivery ${due.id} tells ${person} (${role ?? 'unknown'}) of ${alert.kind} alert ${alert.id}`)
    journal.check('roles-obeyed', alert.aboutChannel !== notification.channel, () => `delivery ${due.id} tells of trouble with ${notification.channel} by ${notification.channel}`)
  }
  if (due.priority === 0) return
  const isQuiet = isQuietFor(people.find(({ name }) => name === person), process.nowMs)
  journal.check('quiet-hours-held', !isQuiet, () => `delivery ${due.id} (priority ${due.priority}) goes to ${person} by ${notification.channel} in quiet hours`)
}

/** Quiet hours by plain arithmetic: the zones of the worlds have no clock changes. */
function isQuietFor(person: WorldPerson | undefined, nowMs: number): boolean {
  if (person?.quiet === undefined) return false
  const { fromMinute, toMinute, zoneMinutes } = person.quiet
  if (fromMinute === toMinute) return false
  const minute = (Math.floor(nowMs / 60_000) + zoneMinutes) % dayMinutes
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : minute >= fromMinute || minute < toMinute
}

/** No more sends under way than a channel takes, and the one more that is kept for what is critical. */
function checkConcurrency(open: ReadonlyMap<number, string>, { journal, process, config }: ObserverParts): void {
  const counts = new Map<string, number>()
  for (const channel of open.values()) counts.set(channel, (counts.get(channel) ?? 0) + 1)
  for (const [channel, count] of counts) {
    const most = (config.channels[channel]?.concurrency ?? Infinity) + 1
    journal.check('memory-bounded', count <= most, () => `${process.label} has ${count} sends under way on ${channel}, which takes ${most}`)
  }
}

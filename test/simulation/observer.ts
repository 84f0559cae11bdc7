import type { Config } from '../../packages/core/src/model/config.ts'
import type { ClaimedDelivery } from '../../packages/core/src/model/delivery.ts'
import { permissions } from '../../packages/core/src/model/roles.ts'
import { slotKinds, type SpendChange } from '../../packages/core/src/model/spend.ts'
import type { DueDelivery, Transaction } from '../../packages/core/src/model/store.ts'
import type { Journal } from './journal.ts'
import type { SimProcess } from './process.ts'
import type { WorldSilence } from './world-attention.ts'
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
  /** How often each step of an escalation was taken for somebody. */
  readonly steps = new Map<string, number>()
  /** How often an alert began to be told anew: it became worse, fired again, was given back, or a silence of it ended. */
  readonly begun = new Map<number, number>()
  /** Whom each delivery that was claimed is for, and how urgent it is. */
  readonly readers = new Map<number, { readonly person: string; readonly priority: number }>()
  /** Claims a process has not settled. */
  readonly open = new Map<SimProcess, Map<number, string>>()
}

export interface ObserverParts {
  readonly process: SimProcess
  readonly journal: Journal
  readonly committed: Committed
  readonly config: Config
  readonly people: readonly WorldPerson[]
  readonly silences: readonly WorldSilence[]
  /** Called with each claim. */
  readonly onClaim: () => void
}

const criticalShown = 50
const dayMinutes = 1_440

/** Stands between one process and its store, changes nothing, and looks at what is claimed and settled. */
export function observe(tx: Transaction, parts: ObserverParts): Watcher {
  const { journal, committed, process } = parts
  const onCommit: (() => void)[] = []
  /** Critical deliveries that were due while others were claimed: each must end, be put off or be claimed itself in this transaction. */
  const overlooked = new Map<number, string>()

  const looking: Partial<Transaction> = {
    async lease(ids, untilMs, nowMs) {
      const found = await Promise.all(ids.map((id) => tx.delivery(id)))
      const dues = found.flatMap((one) => (one === undefined ? [] : [one.due]))
      for (const [id, channel] of await criticalLeft(tx, dues, parts)) overlooked.set(id, channel)
      for (const due of dues) checkMayBeSent(due, parts)
      for (const due of dues) await checkAttention(tx, due, parts)
      const fences = await tx.lease(ids, untilMs, nowMs)
      onCommit.push(() => {
        const open = committed.open.get(process) ?? new Map<number, string>()
        committed.open.set(process, open)
        for (const [index, id] of ids.entries()) {
          committed.holders.set(id, { process, fence: fences[index] ?? 0, untilMs, atMs: process.clock.monotonicMs() })
          const channel = dues[index]?.notification.channel ?? ''
          open.set(id, channel)
          const due = dues[index]
          if (due !== undefined) committed.readers.set(id, { person: due.notification.recipient.person, priority: due.priority })
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
    async postpone(ids, dueMs, nowMs) {
      for (const id of ids) overlooked.delete(id)
      await tx.postpone(ids, dueMs, nowMs)
    },
    async finish(ids, result, atMs) {
      for (const id of ids) overlooked.delete(id)
      await tx.finish(ids, result, atMs)
      onCommit.push(() => {
        for (const id of ids) journal.note(`${process.label} ends ${id} ${result}`)
      })
    },
    async enqueue(notifications) {
      for (const { turn, alert, route, recipient, channel } of notifications) {
        if (turn?.kind === 'step') onCommit.push(() => checkStep(parts, alert, `${alert}|${route}|${turn.step}|${recipient.person}|${channel}|${recipient.address}`))
      }
      return tx.enqueue(notifications)
    },
    async updateAlerts(updates) {
      for (const { id, state } of updates) if (state === 'firing') onCommit.push(() => void committed.begun.set(id, (committed.begun.get(id) ?? 0) + 1))
      return tx.updateAlerts(updates)
    },
    async unhush(alerts) {
      onCommit.push(() => {
        for (const id of alerts) committed.begun.set(id, (committed.begun.get(id) ?? 0) + 1)
      })
      return tx.unhush(alerts)
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
        // What is drawn counts calls without a price in a row of its own.
        for (const change of changes) committed.spend.set(change.epoch === slotKinds.unpriced ? `${spendKey(change)}|${slotKinds.unpriced}` : spendKey(change), change)
      })
      return changes
    },
    async addBadAddress(bad) {
      await tx.addBadAddress(bad)
      onCommit.push(() => committed.badAddresses.set(`${bad.channel}|${bad.address}`, bad.untilMs))
    },
  }
  return {
    // What is not looked at is found behind it: there are a hundred methods, and thousands of transactions in a world.
    tx: Object.setPrototypeOf(looking, tx) as Transaction, // what it lacks, `tx` has
    committed() {
      journal.check('critical-first', overlooked.size === 0, () => `${process.label} claims others while critical ${[...overlooked].map(([id, channel]) => `${id} on ${channel}`).join(', ')} is due`)
      for (const apply of onCommit) apply()
    },
  }
}

export function spendKey({ budget, scope, periodStartMs }: Pick<SpendChange, 'budget' | 'scope' | 'periodStartMs'>): string {
  return `${budget}|${scope}|${periodStartMs}`
}

/** Where anything that is not critical is claimed, what is critical, due on that channel and not claimed with it. */
async function criticalLeft(tx: Transaction, dues: readonly DueDelivery[], { process, config }: ObserverParts): Promise<readonly (readonly [number, string])[]> {
  const all: (readonly [number, string])[] = []
  const channels = new Set(dues.filter((due) => due.priority > 0).map((due) => due.notification.channel))
  for (const channel of channels) {
    const critical = await tx.due({ project: config.project, channel, priority: 0, nowMs: process.nowMs, limit: criticalShown })
    const left = critical.filter(({ id }) => !dues.some((due) => due.id === id))
    all.push(...left.map(({ id }) => [id, channel] as const))
  }
  return all
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
    // Where the channel is the address several read the same message, and it is told while one of them may hear it.
    const readers = address === '' ? Object.values(config.people).map((one) => one.role) : [role]
    journal.check('roles-obeyed', readers.some((one) => one !== undefined && (isOwn || permissions[one].receives.includes(alert.kind))), () => `delivery ${due.id} tells ${person} (${role ?? 'unknown'}) of ${alert.kind} alert ${alert.id}`)
    journal.check('roles-obeyed', alert.aboutChannel !== notification.channel, () => `delivery ${due.id} tells of trouble with ${notification.channel} by ${notification.channel}`)
  }
  if (due.priority === 0) return
  const isQuiet = isQuietFor(people.find(({ name }) => name === person), process.nowMs)
  journal.check('quiet-hours-held', !isQuiet, () => `delivery ${due.id} (priority ${due.priority}) goes to ${person} by ${notification.channel} in quiet hours`)
}

/** Quiet hours by the clock on the wall there. */
function isQuietFor(person: WorldPerson | undefined, nowMs: number): boolean {
  if (person?.quiet === undefined) return false
  const { fromMinute, toMinute, zone } = person.quiet
  if (fromMinute === toMinute) return false
  const minute = localMinute(zone, nowMs)
  // An end of theirs that is skipped or comes twice is the product's to interpret.
  if (isNearChange(zone, nowMs) && [fromMinute, toMinute].some((one) => one >= 120 && one <= 240)) return false
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : minute >= fromMinute || minute < toMinute
}

/** Of what is told by itself: nobody has taken it, and nothing silences it. What is collected with others may have been taken since. */
async function checkAttention(tx: Transaction, due: DueDelivery, { journal, process, silences }: ObserverParts): Promise<void> {
  const { alerts, news, moreAlerts, recipient } = due.notification
  const [first] = alerts
  if (first === undefined || alerts.length > 1 || moreAlerts > 0 || news !== 'firing' || recipient.person === '') return
  const alert = (await tx.alert(first.id)) ?? first
  journal.check('acknowledged-quiet', alert.state !== 'acknowledged', () => `delivery ${due.id} tells ${recipient.person} of alert ${alert.id}, which ${alert.taken?.by ?? 'somebody'} acknowledged`)
  const silence = silences.find(({ kind, fromMs, untilMs }) => kind === alert.kind && fromMs <= process.nowMs && process.nowMs < untilMs)
  journal.check('silences-held', silence === undefined, () => `delivery ${due.id} tells ${recipient.person} of ${alert.kind} alert ${alert.id} in silence ${silence?.name ?? ''}`)
  const [hush] = await tx.hushes([alert.id])
  journal.check('silences-held', hush === undefined || hush.untilMs <= process.nowMs || alert.severity !== first.severity, () => `delivery ${due.id} tells ${recipient.person} of alert ${alert.id}, which is hushed by ${hush?.by ?? ''}`)
}

/** Each step is taken once, and once more for each time the alert began anew. */
function checkStep({ journal, committed, process }: ObserverParts, alert: number, step: string): void {
  const count = (committed.steps.get(step) ?? 0) + 1
  committed.steps.set(step, count)
  const most = 1 + (committed.begun.get(alert) ?? 0)
  journal.check('steps-once', count <= most, () => `${process.label} takes step ${step} for the ${count}. time, and the alert began ${most} times`)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function localMinute(zone: string, nowMs: number): number {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', minute: 'numeric', hourCycle: 'h23' })
  clocks.set(zone, clock)
  const [hour = '0', minute = '0'] = clock.formatToParts(nowMs).flatMap(({ type, value }) => (type === 'hour' || type === 'minute' ? [value] : []))
  return Number(hour) * 60 + Number(minute)
}

const nearMs = 2 * 3_600_000

function isNearChange(zone: string, nowMs: number): boolean {
  const passed = (localMinute(zone, nowMs + nearMs) - localMinute(zone, nowMs - nearMs) + dayMinutes) % dayMinutes
  return passed !== (2 * nearMs) / 60_000
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

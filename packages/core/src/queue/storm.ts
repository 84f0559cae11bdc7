import type { StormConfig } from '../model/attention-config.ts'
import { batchKeyOf } from '../model/batch-key.ts'
import type { OpenChannel } from '../model/channel.ts'
import type { Decision, DecisionReason } from '../model/decision.ts'
import { priorityOf } from '../model/severity.ts'
import type { BatchItem, NewNotification, Timer, Transaction } from '../model/store.ts'
import { attentionOf } from './attention.ts'
import { weatherAfter, weatherAt, type Storm, type Weather } from './storm-weather.ts'
import type { Fire } from './timers.ts'

/** What is about to be enqueued in one transaction. */
interface Planned {
  readonly notifications: readonly NewNotification[]
  readonly batched: readonly BatchItem[]
  readonly decisions: readonly Decision[]
}

interface Storms {
  /** Takes the place of many messages to one reader by one that is told at growing intervals. Before rows are made: of 100,000 alerts are not 100,000 deliveries. */
  readonly arrange: <P extends Planned>(tx: Transaction, plan: P, nowMs: number) => Promise<P>
  readonly timers: Readonly<Record<string, Fire>>
}

/** As many as a store holds of one batch. */
const summaryMax = 1_000_000

const stormTimer = 'storm'

/** What is due within so long counts as of now, milliseconds: what waits for others of its cause, and groups that are about to be told. */
const soonMs = 600_000

/**
 * Storms: see `storm-weather.ts`. Counted for each person and channel, as their limits are; what is critical is neither counted nor collected.
 * What joins a collection that is open is no message of its own, and neither is what opens one that is told later. Messages that wait for the end of quiet hours are counted
 * by that time: at once they would come in a moment, however slowly they gathered.
 */
export function createStorms(settings: StormConfig | false, channels: ReadonlyMap<string, OpenChannel>): Storms {
  if (settings === false) return { arrange: async (_tx, plan) => plan, timers: { [stormTimer]: clearWeather } }
  return {
    arrange: (tx, plan, nowMs) => arrangeStorms(tx, plan, settings, channels, nowMs),
    timers: { [stormTimer]: (tx, due, nowMs) => endStorms(tx, due, settings, nowMs) },
  }
}

async function arrangeStorms<P extends Planned>(tx: Transaction, plan: P, settings: StormConfig, channels: ReadonlyMap<string, OpenChannel>, nowMs: number): Promise<P> {
  const messages = await messagesOf(tx, plan, (one) => {
    const open = channels.get(one.channel)
    // That somebody has an alert changes the message that told it, and wakes nobody.
    return open === undefined || one.priority === priorityOf('critical') || one.news === 'acknowledged' ? undefined : attentionOf(one, open)
  }, nowMs)
  if (messages.size === 0) return plan
  const changed = new Map<string, Weather>()
  const timers: Timer[] = []
  const summed: BatchItem[] = []
  const gone = new Set<NewNotification>()
  const decisions: Decision[] = []
  const known = await weatherOf(tx, [...messages.keys()])
  for (const [counted, { heldUntilMs, messages: ofReader }] of messages) {
    const { weather, alone, storm } = heldUntilMs === undefined ? after(known.get(counted), ofReader.length, settings, nowMs) : whileHeld(known.get(counted), ofReader.length, settings, heldUntilMs, nowMs)
    changed.set(counted, weather)
    if (storm === undefined) continue
    // What is told by itself before the rest is what matters most.
    const collected = ofReader.toSorted(mostUrgentFirst).slice(alone).flat()
    for (const one of collected) {
      gone.add(one)
      summed.push(summaryItem(one, storm))
      decisions.push({ alert: one.alert, person: one.recipient.person, channel: one.channel, reason: 'merged.storm', params: { time: storm.sinceMs, count: weather.seen.count }, atMs: nowMs, count: 1 })
    }
    const [first] = collected
    if (first !== undefined && heldUntilMs === undefined && storm.number !== known.get(counted)?.storm?.number) timers.push({ project: first.project, kind: stormTimer, key: counted, dueMs: storm.dueMs })
  }
  await putWeather(tx, known, changed)
  if (timers.length > 0) await tx.putTimers(timers)
  if (gone.size === 0) return plan
  const isKept = (one: NewNotification): boolean => !gone.has(one)
  return { ...plan, notifications: plan.notifications.filter(isKept), batched: [...plan.batched.filter(isKept), ...summed], decisions: [...withoutTold(plan.decisions, decisions), ...decisions] }
}

interface Counted {
  readonly weather: Weather
  /** How many are told by themselves. */
  readonly alone: number
  /** What the others are told in. */
  readonly storm: Storm | undefined
}

function after(known: Weather | undefined, messages: number, settings: StormConfig, nowMs: number): Counted {
  const { weather, alone } = weatherAfter(weatherAt(known, settings, nowMs), messages, settings, nowMs)
  return { weather, alone, storm: weather.storm }
}

/** All that waits for one time comes at once. */
function whileHeld(known: Weather | undefined, messages: number, settings: StormConfig, heldUntilMs: number, nowMs: number): Counted {
  const { sinceMs, count } = known?.seen ?? { sinceMs: nowMs, count: 0 }
  const alone = Math.min(messages, Math.max(0, settings.count - count))
  return { weather: { seen: { sinceMs, count: count + messages } }, alone, storm: alone === messages ? undefined : { sinceMs, dueMs: heldUntilMs, number: 1 } }
}

/** What is told together counts as one. */
type Message = readonly NewNotification[]

interface OfReader {
  readonly heldUntilMs: number | undefined
  readonly messages: Message[]
}

/** Messages by whose attention they take: each by itself, and each collection that is opened. What is held is counted apart, by until when. */
async function messagesOf(tx: Transaction, { notifications, batched }: Planned, whose: (one: NewNotification) => string | undefined, nowMs: number): Promise<ReadonlyMap<string, OfReader>> {
  const messages = new Map<string, OfReader>()
  const add = (message: Message, reader: string, heldUntilMs?: number): void => {
    const counted = heldUntilMs === undefined ? reader : `${reader}|until ${heldUntilMs}`
    const known = messages.get(counted) ?? { heldUntilMs, messages: [] }
    messages.set(counted, known)
    known.messages.push(message)
  }
  const isSoon = ({ dueMs }: NewNotification): boolean => dueMs <= nowMs + soonMs
  for (const one of notifications) {
    const reader = whose(one)
    if (reader !== undefined) add([one], reader, isSoon(one) ? undefined : one.dueMs)
  }
  for (const collection of Map.groupBy(batched.filter(isSoon), ({ project, batchKey }) => JSON.stringify([project, batchKey])).values()) {
    const [first] = collection
    const reader = first === undefined ? undefined : whose(first)
    if (first !== undefined && reader !== undefined && (await tx.openBatch(first.project, first.batchKey)) === undefined) add(collection, reader)
  }
  return messages
}

/** Beginnings before ends, then by severity. */
function mostUrgentFirst([one]: Message, [other]: Message): number {
  if (one === undefined || other === undefined) return 0
  return Number(one.news === 'resolved') - Number(other.news === 'resolved') || one.priority - other.priority
}

/** Ends are summed up apart, as in every collection. */
function summaryItem(one: NewNotification, { sinceMs, dueMs, number }: Storm): BatchItem {
  const { turn: _itsOwn, ...shared } = one
  const item: NewNotification = { ...shared, dueMs, expiresMs: one.expiresMs + Math.max(0, dueMs - one.dueMs), turn: { kind: 'storm', number, sinceMs } }
  return { ...item, batchKey: `storm|${batchKeyOf({ ...shared, route: '' })}`, batchMax: summaryMax }
}

/** What the plan said of when these are told is true no more. */
function withoutTold(planned: readonly Decision[], collected: readonly Decision[]): readonly Decision[] {
  const nameOf = ({ alert, person, channel }: Decision): string => JSON.stringify([alert, person, channel])
  const names = new Set(collected.map(nameOf))
  return planned.filter((decision) => !toldWhen.has(decision.reason) || !names.has(nameOf(decision)))
}

const toldWhen: ReadonlySet<DecisionReason> = new Set(['sent.now', 'sent.direct', 'held.digest', 'held.group_wait', 'held.cause'])

/** At the end of an interval: the next one begins, or the storm is over and nothing is kept of it. */
async function endStorms(tx: Transaction, due: readonly Timer[], settings: StormConfig, nowMs: number): Promise<void> {
  const known = await weatherOf(tx, due.map(({ key }) => key))
  const changed = new Map<string, Weather>()
  const over: string[] = []
  const timers: Timer[] = []
  for (const timer of due) {
    const weather = weatherAt(known.get(timer.key), settings, nowMs)
    if (weather.storm === undefined) over.push(timer.key)
    else {
      changed.set(timer.key, weather)
      timers.push({ ...timer, dueMs: weather.storm.dueMs })
    }
  }
  await tx.removePaces(over.flatMap(rowsOf))
  await putWeather(tx, known, changed)
  if (timers.length > 0) await tx.putTimers(timers)
}

/** Storms were switched off: nothing is kept of those that went on. */
async function clearWeather(tx: Transaction, due: readonly Timer[]): Promise<void> {
  await tx.removePaces(due.flatMap(({ key }) => rowsOf(key)))
}

function rowsOf(whose: string): readonly [seen: string, storm: string] {
  return [`storm seen ${whose}`, `storm ${whose}`]
}

async function weatherOf(tx: Transaction, readers: readonly string[]): Promise<ReadonlyMap<string, Weather>> {
  const paces = await tx.paces(readers.flatMap(rowsOf))
  return new Map(readers.flatMap((whose) => {
    const [seen, storm] = rowsOf(whose).map((key) => paces.get(key))
    if (seen === undefined) return []
    const { sinceMs, count } = seen
    return [[whose, { seen: { sinceMs, count }, ...(storm !== undefined && { storm: { sinceMs: storm.sinceMs, dueMs: storm.atMs, number: storm.count } }) }]]
  }))
}

/** One row where only the count has changed. */
async function putWeather(tx: Transaction, known: ReadonlyMap<string, Weather>, changed: ReadonlyMap<string, Weather>): Promise<void> {
  const over: string[] = []
  const paces = [...changed].flatMap(([whose, { seen, storm }]) => {
    const [seenKey, stormKey] = rowsOf(whose)
    const before = known.get(whose)?.storm
    if (storm === undefined && before !== undefined) over.push(stormKey)
    const isSame = storm === undefined || (before?.number === storm.number && before.dueMs === storm.dueMs)
    return [{ key: seenKey, sinceMs: seen.sinceMs, atMs: seen.sinceMs, count: seen.count }, ...(isSame ? [] : [{ key: stormKey, sinceMs: storm.sinceMs, atMs: storm.dueMs, count: storm.number }])]
  })
  if (over.length > 0) await tx.removePaces(over)
  if (paces.length > 0) await tx.putPaces(paces)
}

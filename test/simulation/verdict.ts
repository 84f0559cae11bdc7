import { existsSync, readFileSync } from 'node:fs'
import type { Alert } from '../../packages/core/src/model/alert.ts'
import type { Decision } from '../../packages/core/src/model/decision.ts'
import type { DeliveryRecord, Page, StoredEvent } from '../../packages/core/src/model/reader.ts'
import { slotKinds } from '../../packages/core/src/model/spend.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import type { Journal } from './journal.ts'
import { spendKey } from './observer.ts'
import type { Committed } from './observer.ts'
import type { Receivers } from './receivers.ts'
import type { Reported, Sources } from './sources.ts'
import type { World } from './world.ts'

export interface VerdictParts {
  readonly world: World
  readonly journal: Journal
  /** Opened anew, after both processes are gone. */
  readonly store: Store
  readonly sources: Sources
  readonly receivers: Receivers
  readonly committed: Committed
  readonly notices: readonly string[]
  readonly isQuiet: boolean
  readonly file: string
}

/** What the database must say when the world has come to rest, worked out from what really happened. */
export async function verdict(parts: VerdictParts): Promise<void> {
  const { store, journal, sources } = parts
  const events = await allOf((page) => store.read.events(page), (event) => event.seq)
  const alerts = await allOf((page) => store.read.alerts(page), (alert) => alert.id)
  const deliveries = await allOf((page) => store.read.deliveries(page), (delivery) => delivery.id)
  journal.counts.alerts = alerts.length
  const reported = [...sources.reported.values()]
  checkEvents(parts, reported, events)
  await checkSums(parts, events)
  checkAlerts(parts, reported, alerts)
  checkCrossings(parts, alerts)
  checkDrawn(parts)
  for (const alert of alerts) await checkReasons(parts, alert, deliveries.filter((delivery) => delivery.alerts.includes(alert.id)))
  for (const alert of alerts) await checkPart(parts, alert, alerts, deliveries.filter((delivery) => delivery.alerts.includes(alert.id)))
  for (const delivery of deliveries) checkDelivery(parts, delivery)
  if (parts.isQuiet) await checkSettled(parts, alerts)
  checkSecrets(parts)
}

function checkEvents({ journal, committed }: VerdictParts, reported: readonly Reported[], events: readonly StoredEvent[]): void {
  const stored = new Map<string, number>()
  for (const event of events) stored.set(event.id, (stored.get(event.id) ?? 0) + 1)
  for (const { planned, input, state } of reported) {
    const count = stored.get(planned.id) ?? 0
    const isForgotten = count === 0 && (input.atMs ?? 0) < committed.eventsSinceMs
    journal.check('events-kept', state !== 'acknowledged' || count === 1 || isForgotten, () => `${planned.id} was acknowledged and is ${count} times on record`)
    const isRefused = state === 'event-invalid' || state === 'too-old'
    journal.check('events-kept', planned.isWrong ? isRefused : state !== 'event-invalid', () => `${planned.id} was ${state}${planned.isWrong ? ' although it is wrong' : ''}`)
    if (isRefused) journal.counts.refused += 1
  }
}

/** Sums equal what the distinct accepted events cost, a call that two sources saw counted once. */
async function checkSums({ journal, store, sources, world, committed }: VerdictParts, events: readonly StoredEvent[]): Promise<void> {
  const sessions = new Map<string, { calls: number; errors: number; nanoUsd: number }>()
  const spend = new Map<string, number>()
  const seen = new Set<string>()
  const kept = keptOf(committed, [...sources.reported.values()])
  // A call belongs to a session if any of the sources that saw it knew of it.
  const sessionOfCall = new Map(kept.flatMap(({ planned, input }) => (planned.call === undefined || input.sessionId === undefined ? [] : [[planned.call.key, input.sessionId] as const])))
  for (const { planned, input } of kept) {
    const isCall = input.type === 'llm.call' || input.type === 'tool.call'
    if (planned.call !== undefined && seen.has(planned.call.key)) continue
    if (planned.call !== undefined) seen.add(planned.call.key)
    const nanoUsd = planned.call?.costNanoUsd ?? 0
    const sessionId = input.sessionId ?? (planned.call === undefined ? undefined : sessionOfCall.get(planned.call.key))
    if (sessionId !== undefined) {
      const sum = sessions.get(sessionId) ?? { calls: 0, errors: 0, nanoUsd: 0 }
      sessions.set(sessionId, { calls: sum.calls + Number(isCall), errors: sum.errors + Number(isCall && input.status === 'error'), nanoUsd: sum.nanoUsd + nanoUsd })
    }
    const atMs = input.atMs ?? 0
    for (const [budget, scope, periodMs] of [['all', '', world.config.budget.periodMs], ['each', input.agent ?? '', dayMs]] as const) {
      const key = spendKey({ budget, scope, periodStartMs: Math.floor(atMs / periodMs) * periodMs })
      if (nanoUsd > 0) spend.set(key, (spend.get(key) ?? 0) + nanoUsd)
    }
  }
  for (const [sessionId, sum] of sessions) {
    const found = await store.read.session('sim', sessionId)
    journal.check('sums-exact', found?.calls === sum.calls && found.errors === sum.errors && found.costNanoUsd === sum.nanoUsd, () =>
      `${sessionId} is kept with ${found?.calls ?? 0} calls, ${found?.errors ?? 0} errors, ${found?.costNanoUsd ?? 0} nano-dollars instead of ${sum.calls}, ${sum.errors}, ${sum.nanoUsd}`)
  }
  for (const [key, nanoUsd] of spend) {
    const found = committed.spend.get(key)?.spentNanoUsd ?? 0
    journal.check('sums-exact', found === nanoUsd, () => `budget ${key} is kept with ${found} nano-dollars instead of ${nanoUsd}`)
  }
  const doubles = events.filter((event) => event.duplicateOf === event.id)
  journal.check('sums-exact', doubles.length === 0, () => `${doubles[0]?.id ?? ''} is marked as its own duplicate`)
}

/** What the product has taken: also what it refused as too old when it came again, because the first answer was lost. */
function keptOf({ events }: Committed, reported: readonly Reported[]): readonly Reported[] {
  return reported.filter(({ planned, state }) => state === 'acknowledged' || events.has(planned.id))
}

/** What must be found is found: every announcement, every failed session, every failed call. */
function checkAlerts({ journal, committed }: VerdictParts, reported: readonly Reported[], alerts: readonly Alert[]): void {
  const kept = keptOf(committed, reported)
  for (const { planned, input } of kept) {
    if (input.announcement !== undefined) {
      const count = alerts.filter((alert) => alert.rule === 'custom' && alert.key === planned.id).length
      journal.check('alerts-made', count === 1, () => `announcement ${planned.id} made ${count} alerts`)
    }
    if (input.type === 'session.end' && input.endState === 'fail') {
      const count = alerts.filter((alert) => alert.rule === 'session-failed' && alert.key === input.sessionId).length
      journal.check('alerts-made', count === 1, () => `${input.sessionId ?? ''} failed and made ${count} alerts`)
    }
  }
  const failed = kept.filter(({ input }) => input.type === 'llm.call' && input.status === 'error' && input.error?.class !== 'cancelled').length
  const counted = alerts.filter(({ rule }) => rule === 'model-failed').reduce((sum, { count }) => sum + count, 0)
  journal.check('alerts-made', failed === counted, () => `${failed} failed calls are counted as ${counted}`)
}

/** Every threshold that a sum has passed is told once, or left to a higher one of the same commit. */
function checkCrossings({ journal, world, committed }: VerdictParts, alerts: readonly Alert[]): void {
  const told = alerts.filter(({ rule }) => rule === 'budget')
  for (const { budget, scope, periodStartMs, spentNanoUsd } of committed.spend.values()) {
    // What is kept to be drawn is no budget: see below.
    if (isDrawn(budget)) continue
    const { amountNanoUsd, thresholds } = budget === 'all' ? world.config.budget : { amountNanoUsd: 400_000_000, thresholds: [0.9] }
    const about = told.filter(({ params }) => params.budget === budget && (params.scope ?? '') === scope && params.periodStart === periodStartMs)
    const passed = thresholds.filter((threshold) => Math.round(amountNanoUsd * threshold) <= spentNanoUsd)
    for (const threshold of passed) {
      const count = about.filter(({ params }) => params.percent === Math.round(threshold * 10_000) / 100).length
      journal.check('crossings-told-once', count <= 1, () => `${budget} ${scope} at ${threshold} is told by ${count} alerts`)
    }
    const highest = passed.at(-1)
    journal.check('crossings-told-once', highest === undefined || about.some(({ params }) => params.percent === Math.round(highest * 10_000) / 100), () => `${budget} ${scope} has passed ${highest ?? 0} and nobody was told`)
    journal.check('crossings-told-once', about.length <= passed.length, () => `${budget} ${scope} is told ${about.length} times with ${passed.length} thresholds passed`)
  }
}

/** Sums of ten minutes by agent and model, under the number of their day. */
const isDrawn = (budget: string): boolean => /^~\d+$/.test(budget)

/** What is drawn of a period adds up to what its budget counted. */
function checkDrawn({ journal, world, committed }: VerdictParts): void {
  const { periodMs } = world.config.budget
  const rows = [...committed.spend.values()]
  for (const { periodStartMs, spentNanoUsd } of rows.filter(({ budget }) => budget === 'all')) {
    const drawn = rows.filter((row) => isDrawn(row.budget) && row.epoch === slotKinds.spent && row.periodStartMs >= periodStartMs && row.periodStartMs < periodStartMs + periodMs).reduce((sum, row) => sum + row.spentNanoUsd, 0)
    journal.check('crossings-told-once', drawn === spentNanoUsd, () => `of the period from ${periodStartMs} ${drawn} nano-dollars are drawn, and the budget counted ${spentNanoUsd}`)
  }
}

/** Reasons that promise a delivery. */
const promises: readonly Decision['reason'][] = ['sent.now', 'sent.passed_quiet', 'sent.direct', 'sent.resolved', 'sent.fallback', 'held.quiet_hours', 'held.cause', 'held.digest', 'held.retry', 'held.rate', 'held.group_wait', 'sent.repeated', 'sent.escalated', 'sent.after_silence', 'sent.flapping', 'merged.storm', 'limited.person']

/** Whoever an alert concerns has a delivery or a reason why not; nothing that was promised is missing; nothing ended without a reason. */
async function checkReasons({ journal, store, world }: VerdictParts, alert: Alert, deliveries: readonly DeliveryRecord[]): Promise<void> {
  const decisions = await store.read.decisionsOf(alert.id)
  const about = (person: string, channel: string): readonly Decision[] =>
    decisions.filter((one) => (one.person === '*' || one.person === person || person === '') && (one.channel === '*' || one.channel === channel || channel === '*'))
  for (const person of concernedBy(alert, world)) {
    const isNamed = deliveries.some((delivery) => delivery.person === person) || about(person, '*').length > 0
    journal.check('reasons-named', isNamed, () => `alert ${alert.id} (${alert.rule}) concerns ${person}, who has neither a delivery nor a decision`)
  }
  for (const { reason, person, channel } of decisions) {
    if (!promises.includes(reason)) continue
    const isKept = deliveries.some((delivery) => delivery.channel === channel && (person === '*' || delivery.person === person)) || about(person, channel).some((one) => !promises.includes(one.reason) && isEnd(one.reason))
    journal.check('reasons-named', isKept, () => `alert ${alert.id}: ${reason} for ${person} by ${channel}, but there is no delivery`)
  }
  checkTakenOn(journal, alert, deliveries, decisions)
  for (const delivery of deliveries) {
    if (delivery.state !== 'done' || delivery.result === 'sent') continue
    const isNamed = about(delivery.person, delivery.channel).some(({ reason }) => isEnd(reason))
    journal.check('reasons-named', isNamed, () => `delivery ${delivery.id} of alert ${alert.id} to ${delivery.person} by ${delivery.channel} ended as ${delivery.result ?? ''} without a reason (${decisions.map(({ person, channel, reason }) => `${person} ${channel} ${reason}`).join(', ')})`)
  }
}

/** What is part of an outage: which one, and that nobody is told of it by itself where it was from the beginning. */
async function checkPart({ journal, store, isQuiet }: VerdictParts, alert: Alert, alerts: readonly Alert[], deliveries: readonly DeliveryRecord[]): Promise<void> {
  const reasons = (await store.read.decisionsOf(alert.id)).map(({ reason }) => reason)
  const isMerged = reasons.includes('merged.cause')
  const cause = alerts.find(({ id }) => id === alert.parent)
  // What lasts may come again by itself, and is part of nothing then.
  const wasPart = isMerged && alert.ends === 'at-once'
  journal.check('parts-in-their-cause', alert.parent === undefined ? !wasPart : isMerged && cause?.rule === 'model-outage', () => `alert ${alert.id} (${alert.rule}) is part of ${alert.parent ?? 'nothing'} (${cause?.rule ?? 'gone'}), and its reasons are ${reasons.join(', ')}`)
  const isToldAlone = wasPart && deliveries.length > 0 && !reasons.some((reason) => promises.includes(reason))
  journal.check('parts-in-their-cause', !isToldAlone, () => `alert ${alert.id} was part of an outage from the beginning, and is told by delivery ${deliveries[0]?.id ?? 0}`)
  journal.check('parts-in-their-cause', !isQuiet || cause?.state !== 'resolved' || alert.state === 'resolved', () => `alert ${alert.id} goes on, and the outage ${cause?.id ?? 0} it is part of is over`)
}

/** What became too old is told late, and what was merged into a summary is in one: by another delivery to the same person, unless it was one itself. */
function checkTakenOn(journal: Journal, alert: Alert, deliveries: readonly DeliveryRecord[], decisions: readonly Decision[]): void {
  for (const delivery of deliveries) {
    if (delivery.news !== 'firing' || delivery.person === '') continue
    const others = deliveries.filter(({ id, person, news }) => id !== delivery.id && person === delivery.person && news === 'firing')
    const isOver = alert.state !== 'firing' && alert.ends !== 'at-once' && alert.severity !== 'critical'
    const isLateItself = delivery.alerts.length > 1 || others.some(({ id, result }) => id < delivery.id && result === 'too-old')
    journal.check('nothing-vanishes', delivery.result !== 'too-old' || others.length > 0 || isOver || isLateItself, () => `delivery ${delivery.id} of alert ${alert.id} to ${delivery.person} became too old, and nothing else tells it`)
    const reasons = decisions.filter(({ person, channel }) => (person === delivery.person || person === '*') && (channel === delivery.channel || channel === '*')).map(({ reason }) => reason)
    // What was taken out of a summary again has a reason of its own.
    const isTakenOut = reasons.some((reason) => reason.startsWith('silenced.') || reason === 'merged.superseded' || reason === 'merged.cause' || reason === 'refused.resolved_before_told')
    const isMerged = delivery.result === 'superseded' && reasons.includes('limited.person') && !isTakenOut
    journal.check('nothing-vanishes', !isMerged || others.some(({ channel }) => channel === delivery.channel), () => `delivery ${delivery.id} of alert ${alert.id} to ${delivery.person} was merged into a summary on ${delivery.channel} that does not hold it (${reasons.join(', ')})`)
  }
}

function isEnd(reason: Decision['reason']): boolean {
  return /^(refused|failed|doubt|merged|limited|silenced)\./.test(reason)
}

/** The people the routes of the world name for an alert, worked out without the product. */
function concernedBy(alert: Alert, { config }: World): readonly string[] {
  if (alert.announcement?.direct !== undefined) return []
  const names = config.people.map(({ name }) => name)
  if (alert.announcement?.to !== undefined) return alert.announcement.to.filter((name) => names.includes(name))
  const people = new Set<string>()
  for (const route of config.routes) {
    if (route.severities !== undefined && !route.severities.includes(alert.severity)) continue
    if (route.kind !== undefined && route.kind !== alert.kind) continue
    for (const name of route.to) people.add(name)
    if (route.stop) break
  }
  return [...people]
}

function checkDelivery({ journal, world, receivers }: VerdictParts, delivery: DeliveryRecord): void {
  const { attemptsMax } = world.config
  const handings = receivers.handings(`tocsin-sim-${delivery.id}-${delivery.createdAtMs.toString(36)}`)
  const received = handings.filter(({ receivedMs }) => receivedMs !== undefined)
  journal.check('sent-means-received', delivery.result !== 'sent' || received.length > 0, () => `delivery ${delivery.id} is on record as sent by ${delivery.channel}, which never received it`)
  journal.check('attempts-bounded', delivery.attempts.length <= attemptsMax, () => `delivery ${delivery.id} was attempted ${delivery.attempts.length} times, at most ${attemptsMax} are allowed`)
  const doubtful = delivery.attempts.filter(({ outcome }) => outcome === 'in-doubt').length
  journal.check('repeats-marked', received.length <= 1 || doubtful > 0, () => `delivery ${delivery.id} was received ${received.length} times and its record says nothing of a doubt`)
}

async function checkSettled({ journal, store, sources }: VerdictParts, alerts: readonly Alert[]): Promise<void> {
  const waiting = await store.read.waiting()
  journal.check('everything-settles', waiting.length === 0, () => `deliveries wait for ever: ${waiting.map(({ channel, priority, count }) => `${count} on ${channel} p${priority}`).join(', ')}`)
  for (const id of sources.sessions) {
    const session = await store.read.session('sim', id)
    journal.check('everything-settles', session?.state !== 'running', () => `${id} runs for ever`)
  }
  const open = alerts.filter(({ state }) => state === 'firing')
  journal.check('everything-settles', open.length === 0, () => `alerts never end: ${open.map(({ id, rule, ends }) => `${id} ${rule} (${ends})`).join(', ')}`)
}

/** No planted secret in the database file, in any message, or in anything said to the operator. */
function checkSecrets({ journal, world, receivers, notices, file }: VerdictParts): void {
  const secrets = [...world.planned.secrets, ...world.config.channels.map(({ token }) => token)]
  const kept = [file, `${file}-wal`].filter((path) => existsSync(path)).map((path) => readFileSync(path, 'latin1'))
  const messages = receivers.all().flatMap((handings) => handings.map(({ message }) => [message.id, JSON.stringify(message)] as const))
  // One pass for all: one by one was a tenth of a world.
  const anySecret = new RegExp(secrets.map((secret) => secret.replace(/\W/g, '\\$&')).join('|'))
  const suspect = kept.filter((text) => anySecret.test(text))
  for (const secret of secrets) {
    journal.check('secrets-kept', !suspect.some((text) => text.includes(secret)), () => `the database file holds the planted secret ${secret}`)
    const message = messages.find(([, text]) => text.includes(secret))
    journal.check('secrets-kept', message === undefined, () => `message ${message?.[0] ?? ''} holds the planted secret ${secret}`)
    journal.check('secrets-kept', !notices.some((text) => text.includes(secret)), () => `a notice holds the planted secret ${secret}`)
  }
}

const dayMs = 86_400_000
const pagesMax = 1_000

async function allOf<T>(read: (page: Page) => Promise<readonly T[]>, place: (one: T) => number): Promise<readonly T[]> {
  const all: T[] = []
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const last = all.at(-1)
    const page = await read(last === undefined ? { limit: 1_000 } : { limit: 1_000, before: place(last) })
    if (page.length === 0) break
    all.push(...page)
  }
  return all
}

import { messageIdOf } from './delivery/message-id.ts'
import type { Render } from './delivery/render.ts'
import { keepEvents, type Fate } from './mapping/keep-events.ts'
import type { Normalise, Refusal } from './mapping/normalise.ts'
import { tellsEnd, type AlertChange } from './model/alert.ts'
import type { Chance } from './model/chance.ts'
import type { OpenChannel, SendTools } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import type { Decision } from './model/decision.ts'
import type { Event, EventInput } from './model/event.ts'
import type { Redact } from './model/redact.ts'
import { threadOf } from './model/thread.ts'
import type { BatchItem, DueDelivery, NewNotification, Store, Transaction } from './model/store.ts'
import { claim, type Hold } from './queue/claim.ts'
import { limitReached } from './queue/crowd.ts'
import { recordDecided } from './queue/decide.ts'
import { askNextChannel, fallbackTimers, type Unreached } from './queue/fallback.ts'
import { queueTimers, type FireParts } from './queue/fire.ts'
import type { Delivered } from './queue/driver.ts'
import { Deadlines } from './queue/deadlines.ts'
import { LaneBook } from './queue/lanes.ts'
import { tellLate, type LateParts } from './queue/late.ts'
import { beginForgetting, forgetSome, retentionTimer } from './queue/retention.ts'
import { send } from './queue/send.ts'
import { settle, type Finished } from './queue/settle.ts'
import { createTimers } from './queue/timers.ts'
import { createQuietHours } from './routing/quiet-hours.ts'
import { objectAtClaim } from './routing/recheck.ts'
import type { Plan } from './routing/plan.ts'
import type { Router } from './routing/route.ts'
import { supersededBy, withoutSpared } from './routing/spared.ts'
import { planUnderCause } from './routing/under-cause.ts'
import { applyFindings, applyNews, quietTimer, resolveQuiet } from './rules/alerts.ts'
import { endPauses } from './rules/own-events.ts'
import type { Detector } from './rules/detect.ts'
import { ruleFailed } from './rules/rule-failed.ts'
import { ruleTimerKind, type ProjectFinding, type RuleNews } from './rules/rule.ts'
import { withoutSameCalls } from './rules/same-call.ts'
import { rollUp } from './rules/roll-up.ts'
import { endSilentSessions, silenceTimer } from './rules/silent-sessions.ts'

export interface PipelineParts {
  readonly store: Store
  readonly clock: Clock
  readonly chance: Chance
  readonly config: Config
  /** Channels this process holds; it claims for no others. */
  readonly channels: ReadonlyMap<string, OpenChannel>
  /** For what comes from outside: it is not believed to be the product itself. */
  readonly normalise: Normalise
  /** For the product's own events. */
  readonly normaliseOwn: Normalise
  readonly detector: Detector
  readonly router: Router
  readonly render: Render
  /** Destroys secrets in what channels say of their attempts. */
  readonly redact: Redact
  /** Called when a send came back, so that whoever drives the pipeline settles it. */
  readonly onFinished: () => void
}

/** What became of a batch of events; given only after the commit. */
export interface Accepted {
  /** New events, now on record with every notification they caused. */
  readonly accepted: number
  /** Events that were there already and changed nothing. */
  readonly duplicates: number
  readonly refused: readonly (Refusal & { readonly index: number })[]
  /** What became of each, in order. */
  readonly fates: readonly Fate[]
}

/** The sums of these fates. */
export function summed(fates: readonly Fate[]): Accepted {
  return {
    accepted: fates.filter((fate) => fate === 'accepted').length,
    duplicates: fates.filter((fate) => fate === 'duplicate').length,
    refused: fates.flatMap((fate, index) => (typeof fate === 'string' ? [] : [{ ...fate, index }])),
    fates,
  }
}

export interface Pipeline {
  /** First half of the route, in one transaction. Throws a store error when nothing of the batch was kept. */
  accept(inputs: readonly EventInput[], own?: readonly EventInput[]): Promise<Accepted>
  /**
   * Second half: records what came back, fires timers that are due, claims and starts sending; all but the sending in one
   * transaction. With `critical` only what is critical is claimed, with `none` nothing is.
   */
  deliver(which?: 'all' | 'critical' | 'none'): Promise<Delivered>
  /** When there is next something to do here, milliseconds since 1970. */
  nextDueMs(): Promise<number | undefined>
  /** Sends under way. */
  readonly inFlight: number
  /** Sends that came back and are not on record yet. */
  readonly unsettled: number
}

/**
 * THE ROUTE. An event goes down `accept → detect → route → enqueue` in one transaction; its deliveries go down
 * `claim → render → redact → send → settle` later, here or in another process. The two halves meet only in the store.
 */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { store, clock, config, detector, router } = parts
  const quietHours = createQuietHours(config)
  const lanes = new LaneBook(parts.channels)
  const deadlines = new Deadlines(clock, config.delivery.leaseMs / 2)
  const inbox: SendTools['inbox'] = { put: (message, channel) => store.putInbox(message, channel, clock.nowMs()) }
  const queueParts: LateParts & FireParts = {
    delivery: config.delivery, channels: Object.keys(config.channels), recipientsOn: router.recipientsOn,
    planOf: (alert, nowMs) => router.plan({ alert, change: 'opened' }, nowMs),
  }
  const schedule = createTimers(
    config.project,
    {
      ...queueTimers(queueParts),
      [quietTimer]: async (tx, due, nowMs) => {
        for (const timer of due) await tellQuiet(tx, Number(timer.key), nowMs)
      },
      [ruleTimerKind]: async (tx, due, nowMs) => tell(tx, await applyAll(tx, await detector.due(tx, due, nowMs), nowMs), nowMs),
      [silenceTimer]: (tx, due, nowMs) => endSilentSessions(tx, due, config.sessions.idle, nowMs),
    },
    { [retentionTimer]: (tx, due, nowMs) => forgetSome(tx, due, config.retention, nowMs) },
  )
  let finished: Finished[] = []
  let orphansLookedMs = 0
  let hasBegun = false

  async function accept(inputs: readonly EventInput[], own: readonly EventInput[] = []): Promise<Accepted> {
    const normals = [...inputs.map((input) => parts.normalise(input)), ...own.map((input) => parts.normaliseOwn(input))]
    const events = normals.flatMap(normalOnly)
    const fates = events.length === 0 ? [] : await store.transaction((tx) => detectAndTell(tx, events))
    let place = 0
    return summed(normals.map((normal): Fate => ('event' in normal ? (fates[place++] ?? 'duplicate') : normal)))
  }

  async function detectAndTell(tx: Transaction, events: readonly Event[]): Promise<readonly Fate[]> {
    const nowMs = clock.nowMs()
    await beginForgetting(tx, config.project, nowMs)
    const fates = await keepEvents(tx, config.project, events)
    const fresh = events.filter((_, index) => fates[index] === 'accepted')
    const { counting, attributed } = await withoutSameCalls(tx, fresh)
    const detection = await detector.detect(tx, counting, nowMs, attributed)
    await tell(tx, await applyAll(tx, detection, nowMs), nowMs, detection.supersededBudgets)
    return fates
  }

  /** Alerts, and those that are part of others. */
  async function applyAll(tx: Transaction, news: RuleNews, nowMs: number): Promise<readonly AlertChange[]> {
    return rollUp(tx, await applyNews(tx, news, nowMs), nowMs)
  }

  /** Route and enqueue. */
  async function tell(tx: Transaction, changes: readonly AlertChange[], nowMs: number, more: DecisionsOf = noDecisions): Promise<void> {
    const notifications: NewNotification[] = []
    const batched: BatchItem[] = []
    const decisions: Decision[] = []
    const failed: ProjectFinding[] = []
    for (const change of changes.filter(({ under }) => under === undefined)) {
      const planned = change.change === 'resolved' ? await planResolved(tx, change, nowMs, decisions) : router.plan(change, nowMs)
      const plan = change.change === 'reopened' ? await planReopened(tx, change, planned, nowMs, decisions) : planned
      if (change.change === 'raised') await supersede(tx, change, plan.notifications, nowMs, decisions)
      notifications.push(...plan.notifications)
      batched.push(...plan.batched)
      decisions.push(...plan.decisions, ...more(change))
      // An alert about the product itself never causes another: it may well meet the same broken route.
      if (change.alert.kind !== 'system') failed.push(...plan.failed.map(({ route, cause }) => ruleFailed(config.project, `route ${route}`, cause, nowMs)))
    }
    await enqueue(tx, { notifications, batched, decisions })
    const members = changes.filter(({ under }) => under !== undefined)
    if (members.length > 0) await enqueue(tx, await planUnderCause(tx, router, members, nowMs))
    if (failed.length > 0) await tell(tx, await applyFindings(tx, failed, nowMs), nowMs)
  }

  async function enqueue(tx: Transaction, { notifications, batched, decisions }: Omit<Plan, 'failed'>): Promise<void> {
    const timers = [
      ...(notifications.length === 0 ? [] : fallbackTimers(notifications, await tx.enqueue(notifications))),
      ...(batched.length === 0 ? [] : fallbackTimers(batched, await tx.enqueueInBatch(batched))),
    ]
    if (timers.length > 0) await tx.putTimers(timers)
    if (decisions.length > 0) await tx.recordDecisions(decisions)
  }

  /** The end of an alert is told to those who were told of it; those who still wait are spared both. */
  async function planResolved(tx: Transaction, change: AlertChange, nowMs: number, decisions: Decision[]): Promise<Plan> {
    const { alert } = change
    if (!tellsEnd(alert)) return emptyPlan
    if (alert.severity !== 'critical') {
      for (const { recipient: { person }, channel } of await tx.withdraw(alert.id, 'resolved-before-told', nowMs)) {
        decisions.push({ alert: alert.id, person, channel, reason: 'refused.resolved_before_told', params: { time: alert.resolvedAtMs ?? nowMs }, atMs: nowMs, count: 1 })
      }
    }
    return router.planResolved(change, (await tx.toldAbout(alert.id)).filter(({ news }) => news === 'firing'), nowMs)
  }

  /** The alert fires again: nobody is to hear that it is over, nor the older news, nor once more what they know. */
  async function planReopened(tx: Transaction, change: AlertChange, plan: Plan, nowMs: number, decisions: Decision[]): Promise<Plan> {
    const withdrawn = await tx.withdraw(change.alert.id, 'superseded', nowMs)
    decisions.push(...withdrawn.map((spared) => supersededBy(change, spared, nowMs)))
    return withdrawn.length === 0 ? plan : withoutSpared(plan, change, withdrawn, await tx.toldAbout(change.alert.id), nowMs)
  }

  /** An alert may have ended while its news was in flight: whoever it reached now is told of the end, too. */
  async function tellLateEnds(tx: Transaction, back: readonly Finished[], nowMs: number): Promise<void> {
    for (const { claimed, ...one } of back) {
      const { notification } = claimed
      if (!('outcome' in one) || one.outcome.kind !== 'sent' || notification.news !== 'firing') continue
      for (const alert of notification.alerts) {
        // What had ended when it was claimed was told as over.
        if (!tellsEnd(alert) || alert.state === 'resolved' || nowMs - alert.updatedAtMs < alert.quietMs) continue
        const now = await tx.alert(alert.id)
        if (now?.state !== 'resolved') continue
        const { recipient, channel, route, without } = notification
        const plan = router.planResolved({ alert: now, change: 'resolved' }, [{ recipient, channel, route, without }], nowMs)
        await enqueue(tx, plan)
      }
    }
  }

  /** One unsettled delivery for each alert, person and channel: a newer one takes the place of an older that still waits. */
  async function supersede(tx: Transaction, change: AlertChange, newer: readonly NewNotification[], nowMs: number, decisions: Decision[]): Promise<void> {
    for (const { recipient, channel } of newer) {
      const withdrawn = await tx.withdraw(change.alert.id, 'superseded', nowMs, { person: recipient.person, channel })
      decisions.push(...withdrawn.map((spared) => supersededBy(change, spared, nowMs)))
    }
  }

  async function deliver(which: 'all' | 'critical' | 'none' = 'all'): Promise<Delivered> {
    const back = finished
    finished = []
    // What came back makes room for what is claimed in the same transaction.
    for (const one of back) lanes.leave(one.open.name)
    const { claims, fired, resumed, ended } = await store
      .transaction(async (tx) => {
        // Asked here: a transaction may have waited for its turn, and rates and leases count from when it had it.
        const nowMs = clock.nowMs()
        const free = which === 'none' ? [] : lanes.free(nowMs).map((lane) => (which === 'critical' ? { ...lane, freeForRest: 0 } : lane))
        const settled = await settle(tx, back, { project: config.project, chance: parts.chance, delivery: config.delivery }, nowMs)
        const own = settled.events.flatMap((input) => normalOnly(parts.normaliseOwn(input)))
        if (own.length > 0) await detectAndTell(tx, own)
        if (settled.resumed.length > 0) await tell(tx, await endPauses(tx, config.project, settled.resumed, nowMs), nowMs)
        await tellLateEnds(tx, back, nowMs)
        if (!hasBegun) await detector.begin(tx, nowMs)
        const firedNow = await schedule.fire(tx, nowMs)
        const orphans = await endOrphans(tx, nowMs)
        const claimsNow = await claim(tx, free, { project: config.project, chance: parts.chance, delivery: config.delivery, object: (due, atMs) => objectAtClaim(config, due, atMs), hold }, nowMs)
        await recordDecided(tx, claimsNow.decisions, nowMs)
        const limits = claimsNow.limited.flatMap((limited) => normalOnly(parts.normaliseOwn(limitReached(limited, nowMs))))
        if (limits.length > 0) await detectAndTell(tx, limits)
        const unreached: Unreached[] = [
          ...settled.ended.map(({ claimed, inDoubt }) => ({ due: claimed, outcome: 'failed', inDoubt })),
          ...orphans.map((due) => ({ due, outcome: 'too-old', inDoubt: due.inDoubtSinceMs !== undefined })),
          ...claimsNow.ended,
        ]
        if (unreached.length > 0) await tellLate(tx, await askNextChannel(tx, unreached, router.recipientsOn, nowMs), queueParts, nowMs)
        return { claims: claimsNow, fired: firedNow, resumed: settled.resumed, ended: orphans.length }
      })
      .catch((failure: unknown) => {
        finished.unshift(...back)
        for (const one of back) lanes.enter(one.open.name)
        throw failure
      })
    hasBegun = true
    lanes.rest(claims.rests)
    for (const channel of resumed) lanes.resume(channel)
    for (const claimed of claims.claimed) start(claimed)
    return { settled: back.length, fired, claimed: claims.claimed.length, moved: claims.moved + ended }
  }

  /**
   * What waits for a channel that no process holds any more is ended when it has become too old, by whichever process looks; once in a
   * while, because it is rare and the look is not free.
   */
  async function endOrphans(tx: Transaction, nowMs: number): Promise<readonly DueDelivery[]> {
    if (nowMs - orphansLookedMs < orphansEveryMs) return []
    orphansLookedMs = nowMs
    const expired = await tx.expired(config.project, [...parts.channels.keys()], nowMs, orphansAtOnce)
    if (expired.length === 0) return []
    await tx.finish(expired.map((due) => due.id), 'too-old', nowMs)
    await recordDecided(tx, expired.map((due) => ({ due, reason: 'refused.too_old', params: { expires: due.expiresMs } })), nowMs)
    return expired
  }

  function hold({ notification }: DueDelivery, atMs: number): Hold | undefined {
    const { person } = notification.recipient
    const quiet = quietHours.at(person, atMs)
    return quiet === undefined ? undefined : { untilMs: quiet.untilMs, params: { until: quiet.untilMs, zone: quiet.zone, range: quiet.range, person } }
  }

  function start(claimed: (typeof finished)[number]['claimed']): void {
    const open = lanes.enter(claimed.notification.channel)
    const thread = threadOf(claimed.notification)
    const render = (possiblyRepeated: boolean): ReturnType<Render> => {
      const message = parts.render(claimed.notification, {
        type: open.type,
        limits: open.limits,
        messageId: messageIdOf(claimed.notification),
        possiblyRepeated,
        nowMs: clock.nowMs(),
      })
      return thread === undefined ? message : { ...message, thread, ...(claimed.follows === undefined ? {} : { follows: claimed.follows }) }
    }
    void send(claimed, open, { clock, inbox, deadlines, render, redact: parts.redact }).then((one) => {
      finished.push(one)
      parts.onFinished()
    })
  }

  async function tellQuiet(tx: Transaction, alert: number, nowMs: number): Promise<void> {
    const change = await resolveQuiet(tx, alert, nowMs)
    if (change !== undefined) await tell(tx, [change], nowMs)
  }

  async function nextDueMs(): Promise<number | undefined> {
    const nowMs = clock.nowMs()
    const free = lanes.free(nowMs)
    const criticalOnly = free.filter((lane) => lane.freeForRest === 0)
    const names = (some: typeof free): string[] => some.map((lane) => lane.open.name)
    return lanes.nextMs(await store.read.nextDueMs(config.project, names(free.filter((lane) => lane.freeForRest > 0)), names(criticalOnly)), nowMs)
  }

  return {
    accept,
    deliver,
    nextDueMs,
    get inFlight() {
      return lanes.inFlight
    },
    get unsettled() {
      return finished.length
    },
  }
}

type DecisionsOf = (change: AlertChange) => readonly Decision[]

const orphansEveryMs = 600_000
const orphansAtOnce = 100
const emptyPlan: Plan = { notifications: [], batched: [], decisions: [], failed: [] }
const noDecisions: DecisionsOf = () => []

function normalOnly(normal: ReturnType<Normalise>): readonly Event[] {
  return 'event' in normal ? [normal.event] : []
}

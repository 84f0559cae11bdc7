import { messageIdOf } from './delivery/message-id.ts'
import type { Render } from './delivery/render.ts'
import type { Fate } from './mapping/keep-events.ts'
import type { Normalise, Refusal } from './mapping/normalise.ts'
import { keepWithUsageOnce, type Keep } from './mapping/usage-once.ts'
import type { AlertChange } from './model/alert.ts'
import type { Chance } from './model/chance.ts'
import type { OpenChannel, SendTools } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import type { Event, EventInput } from './model/event.ts'
import type { Redact } from './model/redact.ts'
import { threadOf } from './model/thread.ts'
import type { DueDelivery, Store, Transaction } from './model/store.ts'
import { claim, type Hold } from './queue/claim.ts'
import { limitReached } from './queue/crowd.ts'
import { channelNews, type ChannelNews } from './queue/health.ts'
import { recordDecided } from './queue/decide.ts'
import { askNextChannel, type Unreached } from './queue/fallback.ts'
import { queueTimers, type FireParts } from './queue/fire.ts'
import type { Delivered } from './queue/driver.ts'
import { Deadlines } from './queue/deadlines.ts'
import { LaneBook } from './queue/lanes.ts'
import { tellLate, type LateParts } from './queue/late.ts'
import { beginForgetting, forgetSome, retentionTimer } from './queue/retention.ts'
import { beginHold, heldAgainMs, sayHeld } from './queue/hold.ts'
import { send } from './queue/send.ts'
import { settle, type Finished } from './queue/settle.ts'
import { Starts } from './queue/starts.ts'
import { createStorms } from './queue/storm.ts'
import { createTimers } from './queue/timers.ts'
import { createFlaps, flapTimer } from './routing/flap.ts'
import { createGroupPace } from './routing/group-pace.ts'
import { createEscalation, escalationTimer, type EscalationParts } from './routing/on-call/escalation.ts'
import { createQuietHours } from './routing/quiet-hours.ts'
import { createObjectors } from './routing/objecting.ts'
import { createRepeats, repeatTimer } from './routing/on-call/repeat.ts'
import { typesOfOpen } from './routing/people.ts'
import type { Router } from './routing/route.ts'
import { withoutQuiet } from './routing/silences/at-claim.ts'
import { beginSilences } from './routing/silences/begin.ts'
import { expectedGate, silenceGate } from './routing/silences/gate.ts'
import { silenceTimers } from './routing/silences/timers.ts'
import { createPresence } from './routing/silences/presence.ts'
import { createSilences } from './routing/silences/silences.ts'
import { applyNews, quietTimer, resolveQuiet } from './rules/alerts.ts'
import { endPauses } from './rules/own-events.ts'
import type { Detector } from './rules/detect.ts'
import { ruleTimerKind, type RuleNews } from './rules/rule.ts'
import { withoutSameCalls } from './rules/same-call.ts'
import { rollUp } from './rules/roll-up.ts'
import { recordSimilar } from './rules/similar/told.ts'
import { endSilentSessions, silenceTimer } from './rules/silent-sessions.ts'
import { createReports } from './reports/reports.ts'
import { createActIn, createTeller, type ActIn } from './tell.ts'

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
  /** Puts a batch on record. @default with money that two signals tell counted once */
  readonly keep?: Keep
  readonly detector: Detector
  readonly router: Router
  readonly render: Render
  /** Destroys secrets in what channels say of their attempts. */
  readonly redact: Redact
  /** One sentence for the operator. */
  readonly notice: (text: string) => void
  readonly onChannel?: ((news: ChannelNews) => void) | undefined
  /** Called when a send came back or a report was made, so that whoever drives the pipeline goes on. */
  readonly onFinished: () => void
}

/** What became of a batch of events; given only after the commit. */
export interface Accepted {
  /** New events, now on record with every notification they caused. */
  readonly accepted: number
  /** Events that were there already, or whose calls were, and changed nothing. */
  readonly duplicates: number
  readonly refused: readonly (Refusal & { readonly index: number })[]
  /** What became of each, in order. */
  readonly fates: readonly Fate[]
}

/** The sums of these fates. */
export function summed(fates: readonly Fate[]): Accepted {
  return {
    accepted: fates.filter((fate) => fate === 'accepted').length,
    duplicates: fates.filter((fate) => fate === 'duplicate' || fate === 'told').length,
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
  /** What people do about alerts, and what that tells others, in the caller's transaction. */
  readonly actIn: ActIn
  /** The product's own events, accepted and told in the caller's transaction. */
  tellOwn(tx: Transaction, own: readonly EventInput[]): Promise<void>
  /** Nothing is delivered here any more: others need not reckon with what only this process knows. */
  leave(): Promise<void>
  /** When there is next something to do here, milliseconds since 1970. */
  nextDueMs(): Promise<number | undefined>
  /** Sends under way, and reports that are being made. */
  readonly inFlight: number
  /** Sends that came back and are not on record yet. */
  readonly unsettled: number
}

/**
 * THE ROUTE. An event goes down `accept → detect → route → enqueue` in one transaction; its deliveries go down
 * `claim → render → redact → send → settle` later, here or in another process. The two halves meet only in the store.
 */
export function createPipeline(parts: PipelineParts): Pipeline {
  const { store, clock, config, detector, router, keep = keepWithUsageOnce } = parts
  const quietHours = createQuietHours(config)
  const lanes = new LaneBook(parts.channels)
  const deadlines = new Deadlines(clock, config.delivery.leaseMs / 2)
  const inbox: SendTools['inbox'] = { put: (message, channel) => store.putInbox(message, channel, clock.nowMs()) }
  const queueParts: LateParts & FireParts = {
    delivery: config.delivery, channels: Object.keys(config.channels), recipientsOn: router.recipientsOn,
    planOf: (alert, nowMs) => router.plan({ alert, change: 'opened' }, nowMs),
  }
  const groups = createGroupPace(config)
  const storms = createStorms(config.storm, parts.channels)
  const silences = createSilences(config)
  const presence = createPresence(config.project, silences)
  const silencing = { silences, router, channelTypeOf: typesOfOpen(parts.channels) }
  const objectors = createObjectors(config, router, silencing)
  const pursuing: EscalationParts = { config, router, enqueue: (tx, plan, nowMs) => teller.enqueue(tx, plan, nowMs, 'goes-on') }
  const escalation = createEscalation(pursuing)
  const repeats = createRepeats(pursuing)
  const flaps = createFlaps(config.flapping, router, (tx, changes, nowMs) => teller.tell(tx, changes, nowMs))
  const teller = createTeller({ config, router, acknowledgesOf: (channel) => parts.channels.get(channel)?.type.can.acknowledges, gates: [expectedGate, silenceGate(silencing), flaps.gate], arrangements: [groups.arrange, storms.arrange, sayHeld], followers: [escalation.follow, repeats.follow] })
  // A report is a message of its own, also in a storm.
  const alone = createTeller({ config, router, acknowledgesOf: () => undefined, gates: [], arrangements: [sayHeld], followers: [] })
  const reports = createReports({ config, store, clock, planReport: (alert, to, nowMs) => router.planReport(alert, to, nowMs), enqueue: (tx, plan, nowMs) => alone.enqueue(tx, plan, nowMs), onFinished: parts.onFinished, notice: parts.notice })
  const schedule = createTimers(
    config.project,
    {
      ...queueTimers(queueParts),
      ...storms.timers,
      [quietTimer]: async (tx, due, nowMs) => {
        for (const timer of due) await tellQuiet(tx, Number(timer.key), nowMs)
      },
      [ruleTimerKind]: async (tx, due, nowMs) => teller.tell(tx, await applyAll(tx, await detector.due(tx, due, nowMs), nowMs), nowMs),
      ...silenceTimers(config, silencing, (tx, plan, nowMs, as, routed) => teller.enqueue(tx, plan, nowMs, as, routed), teller.tellFailed),
      [flapTimer]: flaps.fire,
      [escalationTimer]: escalation.fire,
      [repeatTimer]: repeats.fire,
      ...reports.timers,
      [silenceTimer]: (tx, due, nowMs) => endSilentSessions(tx, due, config.sessions.idle, nowMs),
    },
    { [retentionTimer]: (tx, due, nowMs) => forgetSome(tx, due, config.retention, nowMs) },
  )
  let finished: Finished[] = []
  const starts = new Starts(clock, start)
  let orphansLookedMs = 0
  let hasBegun = false
  /** As of the last look: another process may have ended it since. */
  let isHeld = false
  let heldLookedMs = 0

  async function accept(inputs: readonly EventInput[], own: readonly EventInput[] = []): Promise<Accepted> {
    const normals = [...inputs.map((input) => parts.normalise(input)), ...own.map((input) => parts.normaliseOwn(input))]
    const events = normals.flatMap(normalOnly)
    const fates = events.length === 0 ? [] : await store.transaction((tx) => detectAndTell(tx, events), config)
    let place = 0
    return summed(normals.map((normal): Fate => ('event' in normal ? (fates[place++] ?? 'duplicate') : normal)))
  }

  async function detectAndTell(tx: Transaction, given: readonly Event[]): Promise<readonly Fate[]> {
    const nowMs = clock.nowMs()
    await beginForgetting(tx, config.project, nowMs)
    const { events, fates } = await keep(tx, config.project, given)
    const fresh = events.filter((_, index) => fates[index] === 'accepted')
    const { counting, attributed } = await withoutSameCalls(tx, fresh)
    const detection = await detector.detect(tx, counting, nowMs, attributed)
    await teller.tell(tx, await applyAll(tx, detection, nowMs), nowMs, detection.supersededBudgets)
    return fates
  }

  /** Alerts, and those that are part of others. */
  async function applyAll(tx: Transaction, news: RuleNews, nowMs: number): Promise<readonly AlertChange[]> {
    return rollUp(tx, await applyNews(tx, news, nowMs), nowMs)
  }

  async function deliver(which: 'all' | 'critical' | 'none' = 'all'): Promise<Delivered> {
    const back = finished
    finished = []
    // What came back makes room for what is claimed in the same transaction.
    for (const one of back) lanes.leave(one.open.name)
    const { claims, fired, settledNow: { events, resumed }, ended } = await store
      .transaction(async (tx) => {
        // Asked here: a transaction may have waited for its turn, and rates and leases count from when it had it.
        const nowMs = clock.nowMs()
        if (!hasBegun) await beginHold(tx, config, nowMs)
        isHeld = (await tx.hold(config.project)) !== undefined
        heldLookedMs = nowMs
        const free = which === 'none' || isHeld ? [] : lanes.free(nowMs).map((lane) => (which === 'critical' ? { ...lane, freeForRest: 0 } : lane))
        const settled = await settle(tx, back, { project: config.project, chance: parts.chance, delivery: config.delivery }, nowMs)
        await tellOwn(tx, settled.events)
        if (settled.resumed.length > 0) await teller.tell(tx, await endPauses(tx, config.project, settled.resumed, nowMs), nowMs)
        await teller.tellLateEnds(tx, back, nowMs)
        await recordSimilar(tx, back.flatMap((one) => ('outcome' in one && one.outcome.kind === 'sent' ? [one.claimed.notification] : [])), nowMs)
        for (const one of hasBegun ? [] : [detector, reports]) await one.begin(tx, nowMs)
        await presence.say(tx, nowMs)
        if (!hasBegun) await beginSilences(tx, config, silences, nowMs)
        const firedNow = await schedule.fire(tx, nowMs)
        const orphans = isHeld ? [] : await endOrphans(tx, nowMs)
        const claimsNow = await claim(tx, free, { project: config.project, chance: parts.chance, delivery: config.delivery, object: objectors.one, objectAmong: objectors.among, hold, sift, limits: config.limits }, nowMs)
        await recordDecided(tx, claimsNow.decisions, nowMs)
        await groups.told(tx, claimsNow.claimed, nowMs)
        await tellOwn(tx, claimsNow.limited.map((limited) => limitReached(limited, nowMs)))
        const unreached: Unreached[] = [
          ...settled.ended.map(({ claimed, inDoubt }) => ({ due: claimed, outcome: 'failed', inDoubt })),
          ...orphans.map((due) => ({ due, outcome: 'too-old', inDoubt: due.inDoubtSinceMs !== undefined })),
          ...claimsNow.ended,
        ]
        if (unreached.length > 0) await askOthers(tx, unreached, nowMs)
        return { claims: claimsNow, fired: firedNow, settledNow: settled, ended: orphans.length }
      }, config)
      .catch((failure: unknown) => {
        finished.unshift(...back)
        for (const one of back) lanes.enter(one.open.name)
        throw failure
      })
    hasBegun = true
    lanes.rest(claims.rests)
    for (const channel of resumed) lanes.resume(channel)
    for (const news of channelNews(events, resumed)) parts.onChannel?.(news)
    reports.work()
    await starts.take(claims.claimed.map((claimed) => [claimed, lanes.enter(claimed.notification.channel)]))
    return { settled: back.length, fired, claimed: claims.claimed.length, moved: claims.moved + ended }
  }

  /** The next channel, a later collection, the next step: whoever is left. */
  async function askOthers(tx: Transaction, unreached: readonly Unreached[], nowMs: number): Promise<void> {
    await tellLate(tx, await askNextChannel(tx, unreached, router.recipientsOn, nowMs), queueParts, nowMs)
    await escalation.unreached(tx, unreached.flatMap(({ due }) => due.notification.alerts.map(({ id }) => id)), nowMs)
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

  function sift(tx: Transaction, due: DueDelivery, atMs: number): Promise<DueDelivery | undefined> {
    return withoutQuiet(tx, silencing, due, async (id) => (await tx.delivery(id))?.due, atMs)
  }

  function hold({ notification }: DueDelivery, atMs: number): Hold | undefined {
    const { person } = notification.recipient
    const quiet = quietHours.at(person, atMs)
    return quiet === undefined ? undefined : { untilMs: quiet.untilMs, params: { until: quiet.untilMs, zone: quiet.zone, range: quiet.range, person } }
  }

  function start(claimed: Finished['claimed'], open: OpenChannel): void {
    const thread = threadOf(claimed.notification)
    const render = (possiblyRepeated: boolean): ReturnType<Render> => {
      const message = parts.render(claimed.notification, {
        type: open.type,
        limits: open.limits,
        messageId: messageIdOf(claimed.notification),
        possiblyRepeated, nowMs: clock.nowMs(),
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
    if (change !== undefined) await teller.tell(tx, [change], nowMs)
  }

  async function tellOwn(tx: Transaction, own: readonly EventInput[]): Promise<void> {
    const events = own.flatMap((input) => normalOnly(parts.normaliseOwn(input)))
    if (events.length > 0) await detectAndTell(tx, events)
  }

  async function nextDueMs(): Promise<number | undefined> {
    const nowMs = clock.nowMs()
    // What a process does first waits for nothing.
    if (!hasBegun) return nowMs
    const free = isHeld ? [] : lanes.free(nowMs)
    const criticalOnly = free.filter((lane) => lane.freeForRest === 0)
    const names = (some: typeof free): string[] => some.map((lane) => lane.open.name)
    const nextMs = lanes.nextMs(await store.read.nextDueMs(config.project, names(free.filter((lane) => lane.freeForRest > 0)), names(criticalOnly)), nowMs)
    const others = [...(isHeld ? [heldLookedMs + heldAgainMs] : []), presence.nextMs(nowMs)].filter((one) => one !== undefined)
    return others.length === 0 ? nextMs : Math.min(nextMs ?? Infinity, ...others)
  }

  return {
    accept,
    leave: async () => {
      if (presence.isSaid) await store.transaction((tx) => presence.leave(tx), config)
    },
    deliver,
    actIn: createActIn(teller),
    tellOwn,
    nextDueMs,
    get inFlight() {
      return lanes.inFlight + reports.underWay
    },
    get unsettled() {
      return finished.length
    },
  }
}

const orphansEveryMs = 600_000
const orphansAtOnce = 100

function normalOnly(normal: ReturnType<Normalise>): readonly Event[] {
  return 'event' in normal ? [normal.event] : []
}

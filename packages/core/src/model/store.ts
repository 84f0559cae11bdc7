import type { Alert, Finding } from './alert.ts'
import type { Attention } from './attention.ts'
import type { Decision } from './decision.ts'
import type { AlsoFor, Attempt, ClaimedDelivery, DeliveryResult } from './delivery.ts'
import type { Event } from './event.ts'
import type { AlertFamilies } from './family.ts'
import type { Lists } from './lists.ts'
import type { News, Recipient } from './notification.ts'
import type { PersonalWrites } from './personal.ts'
import type { Reader } from './reader.ts'
import type { TakenTimers } from './report-reads.ts'
import type { ForgetQuery, Forgotten } from './retention.ts'
import type { Part } from './roles.ts'
import type { RuleStates } from './rule-state.ts'
import type { Attribution, CallPrint, SameCall } from './same-call.ts'
import type { Session, SessionChange, SessionDelta } from './session.ts'
import type { Message } from './channel.ts'
import type { Spending } from './spend.ts'
import type { FirstMessages } from './first-message.ts'
import type { SentDeliveries } from './sent.ts'
import type { Tellings } from './telling.ts'
import type { CollectionTurn, Turn } from './turn.ts'

/**
 * The store is the only state. Everything the engine decides is written in one transaction with what caused it.
 *
 * Two implementations obey one suite (`testing/store-suite.ts`). Methods of a transaction take whole batches, because
 * that is what keeps the hot path fast; each sorts its keys, so that several writers never lock in opposite order.
 * All methods throw TocsinError with a `store-*` code, and a transaction that throws leaves nothing behind.
 */
export interface Store {
  /**
   * Runs `work` alone against all other writers and commits durably before it resolves. Inside it, use only `tx`, and
   * await nothing but its methods.
   *
   * @param scope the one project whose rows `work` writes: only its writers wait for it, where the store can tell them apart. Absent: all do
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, scope?: Scope): Promise<T>
  /** 32 bytes drawn when the store was made, the same for all processes that share it: see `model/redact/mark.ts`. */
  readonly redactionKey: Uint8Array
  /** Reads that hold no transaction open. */
  readonly read: Reader & Lists
  /** Writes to `inbox`, on its own. */
  putInbox(message: Message, channel: string, atMs: number): Promise<void>
  /**
   * Tells when another process, or this one, committed something that is due in a project, such as a delivery or a timer; until the returned function
   * is called. A hint that may be lost: whoever needs it looks for itself as well. Absent: the store cannot tell.
   */
  onWake?(listener: (project: string) => void): () => void
  /** Tells when this process committed something that `read.changesAfter` tells of, until the returned function is called. Of other processes it does not tell. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** What a transaction is about. */
export interface Scope {
  readonly project: string
}

export interface NewAlert extends Finding {
  readonly project: string
  readonly count: number
  readonly openedAtMs: number
}

export interface AlertUpdate {
  readonly id: number
  readonly addCount: number
  readonly updatedAtMs: number
  /** Replace what was kept where given. */
  readonly severity?: Alert['severity']
  readonly params?: Alert['params']
  readonly evidence?: Alert['evidence']
  readonly state?: Alert['state']
  readonly resolvedAtMs?: number
  /** Who acknowledged it and when; `null`: nobody any more. */
  readonly taken?: Alert['taken'] | null
  /** How often it fired again after it had ended. */
  readonly cycles?: number
  /** 0: it is part of no other any more. */
  readonly parent?: number
}

export interface NewNotification {
  readonly project: string
  readonly channel: string
  readonly recipient: Recipient
  readonly route: string
  readonly news: News
  readonly alert: number
  readonly without: readonly Part[]
  /** Of a collection that of its first member. */
  readonly turn?: Turn
  readonly priority: number
  readonly dueMs: number
  readonly expiresMs: number
  readonly fallback: readonly string[]
  /** Others who read it, with next channels of their own. */
  readonly alsoFor?: readonly AlsoFor[]
  readonly fallbackAfterMs?: number
  readonly createdAtMs: number
}

/** Joins the open batch of this key or opens it. */
export interface BatchItem extends NewNotification {
  readonly batchKey: string
  /** At so many the batch closes and is due at once. 1 to 1,000. */
  readonly batchMax: number
  /** Closed it keeps its time: it is a part of what is told then. */
  readonly keepsTime?: true
  /** The group or the digest that it is for, whatever else is said of why it is told now; not kept. */
  readonly collection?: CollectionTurn
  /** It was not sent in time: in the collection it is a line that says so. */
  readonly isLate?: true
}

/** The last news of an alert that somebody was sent by a channel. */
export interface LastTold {
  readonly recipient: Recipient
  readonly channel: string
  readonly route: string
  readonly without: readonly Part[]
  readonly news: News
  readonly atMs: number
}

/** News that somebody will not hear any more. */
export interface Withdrawn {
  readonly recipient: Recipient
  readonly channel: string
  readonly news: News
}

export interface Enqueued {
  readonly notification: number
  readonly delivery: number
}

/** What a worker looks for in one lane. */
export interface DueQuery {
  /** Names of channels and people belong to a project: another project in the same store has its own. */
  readonly project: string
  readonly channel: string
  readonly priority: number
  readonly nowMs: number
  readonly limit: number
}

/** Where something may be due: deliveries of one channel and priority. */
export type DueLane = Pick<DueQuery, 'channel' | 'priority'>

/** A due delivery before it is decided whether to claim it. */
export type DueDelivery = Omit<ClaimedDelivery, 'fence'>

export type Settlement =
  | { readonly id: number; readonly fence: number; readonly attempt?: Attempt; readonly kind: 'done'; readonly result: DeliveryResult; readonly atMs: number }
  | {
      readonly id: number
      readonly fence: number
      readonly attempt?: Attempt
      readonly kind: 'later'
      readonly dueMs: number
      /** Take the attempt back: it was never made. */
      readonly uncounted?: true
      readonly cost?: number
    }

export interface Timer {
  readonly project: string
  readonly kind: string
  readonly key: string
  readonly dueMs: number
}

export interface ChannelPause {
  readonly project: string
  readonly channel: string
  /** `failing`: what was sent came back as `retry` or `in-doubt`, and nothing else, for too long. */
  readonly why: 'bad-config' | 'failing'
  readonly cause: string
  readonly sinceMs: number
  /** When one delivery is let through to see whether the channel works again; while it is under way, when it is given up. */
  readonly untilMs: number
  /** How long it lasts from one that is let through to the next, milliseconds. */
  readonly lengthMs: number
  /** How many were let through in vain. */
  readonly failedProbes: number
  /** The delivery that was let through and is under way. */
  readonly probe?: number
}

/** Failures of a channel since it last worked. No row: it works, or nothing was sent. */
export interface ChannelHealth {
  readonly project: string
  readonly channel: string
  readonly failingSinceMs: number
  readonly lastMs: number
  readonly failures: number
  /** The first delivery that failed, and whether others did too. */
  readonly firstDelivery: number
  readonly areSeveral: boolean
}

export interface BadAddress {
  readonly project: string
  readonly channel: string
  /** A person's, or the channel's own (`OpenChannel.place`). */
  readonly address: string
  readonly code: string
  readonly sinceMs: number
  /** From then on it is tried again: a full mailbox is emptied, a number is given out anew. */
  readonly untilMs: number
}

export interface Transaction extends PersonalWrites, RuleStates, AlertFamilies, Tellings, Attention, SentDeliveries, FirstMessages, TakenTimers, Spending {
  // accept
  /** What happened before may have been deleted: whether such an event was there already, nobody can tell. 0: nothing was deleted. */
  eventsSince(project: string): Promise<number>
  /** For each event whether it is new. An event that is not new changes nothing. */
  insertEvents(events: readonly Event[]): Promise<readonly boolean[]>
  /** For each event that is on record whether it says there what it says here: its type, status, time taken, agent, model and tokens. */
  sayTheSame(events: readonly Event[]): Promise<readonly boolean[]>
  /** For each call the earlier event from another source that is the same call, if there is one. */
  findSameCalls(prints: readonly CallPrint[]): Promise<readonly (SameCall | undefined)[]>
  markDuplicates(events: readonly { readonly event: Event; readonly duplicateOf: string }[]): Promise<void>
  /** Events on record that name no session are given theirs; one that names one keeps it. */
  attributeEvents(attributions: readonly Attribution[]): Promise<void>
  /** @param walkOf what the session's walk becomes, called once for each delta in order; absent: it stays as it was */
  applySessions(deltas: readonly SessionDelta[], walkOf?: (before: Session | undefined, index: number) => string | undefined): Promise<readonly SessionChange[]>
  /** For each the session on record, if there is one. */
  sessions(of: readonly Pick<SessionDelta, 'project' | 'sessionId'>[]): Promise<readonly (Session | undefined)[]>
  /**
   * Sessions that run and whose last sign of life is not later than `sinceMs` end as `indeterminate`, without a time of
   * their end. For each the time of its last sign of life where it runs on; absent: it does not run.
   */
  endSilentSessions(sessions: readonly Pick<SessionDelta, 'project' | 'sessionId'>[], sinceMs: number): Promise<readonly (number | undefined)[]>

  // alerts
  /** The open alert of each key, else the one resolved at or after `resolvedSinceMs`, else nothing. */
  findAlerts(keys: readonly { readonly project: string; readonly rule: string; readonly key: string }[], resolvedSinceMs: number): Promise<readonly (Alert | undefined)[]>
  /** Alerts that end `at-once` are inserted resolved. */
  insertAlerts(alerts: readonly NewAlert[]): Promise<readonly number[]>
  updateAlerts(updates: readonly AlertUpdate[]): Promise<void>
  alert(id: number): Promise<Alert | undefined>
  /** Those of these that are on record, by their numbers. */
  alerts(ids: readonly number[]): Promise<ReadonlyMap<number, Alert>>
  /** Firing news of this alert for this person, enqueued at or after `sinceMs`, that was sent or may still be; of a collection what was sent then or may be. */
  onTheWay(alert: number, person: string, sinceMs: number): Promise<readonly { readonly delivery: number; readonly channel: string; readonly address: string }[]>
  /** Who was sent news of this alert, by which channel, and what they heard last. */
  toldAbout(alert: number): Promise<readonly LastTold[]>

  // enqueue
  enqueue(notifications: readonly NewNotification[]): Promise<readonly Enqueued[]>
  enqueueInBatch(items: readonly BatchItem[]): Promise<readonly Enqueued[]>
  /** The batch of this key that is open, and when it is due; absent: the next item opens one. */
  openBatch(project: string, batchKey: string): Promise<{ readonly delivery: number; readonly dueMs: number } | undefined>
  /**
   * Puts every alert that `fromDelivery` carries as a batch into the batch of `item`, however many they are; `item.alert` is
   * not read. What is late stays late. Alerts about trouble with `item.channel` are left out. Absent: there was nothing to copy, and nothing was opened.
   */
  copyBatch(fromDelivery: number, item: BatchItem): Promise<Enqueued | undefined>
  /**
   * Alerts that this delivery carries and that are still worth a late line on `channel`: not those that are late in it already, nor
   * what is over or acknowledged (but critical ones that are over, and news that was over as it opened), nor trouble with that channel.
   */
  stillNews(delivery: number, channel: string): Promise<readonly number[]>
  /**
   * Ends the waiting deliveries of this alert with `result`; in a batch only this alert's part. With `resolved-before-told` digests stay as they are:
   * they say what was, and that it is over.
   * Returns who will not hear it any more.
   */
  withdraw(
    alert: number,
    result: DeliveryResult,
    atMs: number,
    only?: { readonly person: string; readonly channel: string } | { readonly news: News },
  ): Promise<readonly Withdrawn[]>
  recordDecisions(decisions: readonly Decision[]): Promise<void>
  /** The same decision about every alert in a delivery, also those beyond what is loaded with it. */
  recordDecisionsForDelivery(delivery: number, decision: Omit<Decision, 'alert'>): Promise<void>
  /** That alerts of a collection are told by the line of another (`merged.similar`), by that one with what is said of it: about each that says the same and has no line. */
  recordSimilar(delivery: number, decision: Pick<Decision, 'person' | 'channel' | 'atMs'>, lines: readonly Pick<Decision, 'alert' | 'params'>[]): Promise<void>

  // claim and settle
  /** Of these channels those lanes in which `due` may find something; in others it finds nothing. */
  dueLanes(project: string, channels: readonly string[], nowMs: number): Promise<readonly DueLane[]>
  /**
   * Due deliveries of one lane and priority, oldest due first. One that cannot be read is ended as `failed`, and a timer of kind
   * `unreadable` with its number as key is due: see `remains`.
   */
  due(query: DueQuery): Promise<readonly DueDelivery[]>
  /** What can still be said of a delivery that cannot be read: by which channel it told what, of at most a hundred alerts; not whom. */
  remains(delivery: number): Promise<{ readonly channel: string; readonly news: News; readonly createdAtMs: number; readonly alerts: readonly number[] } | undefined>
  /** Waiting deliveries of channels other than these that have expired, oldest first. */
  expired(project: string, otherThan: readonly string[], nowMs: number, limit: number): Promise<readonly DueDelivery[]>
  /** Leases these deliveries; returns the fencing number of each. A batch among them is closed. */
  lease(ids: readonly number[], leaseUntilMs: number, nowMs: number): Promise<readonly number[]>
  /** For each whether it still held the lease; without it nothing is changed. */
  settle(settlements: readonly Settlement[]): Promise<readonly boolean[]>
  /** Notes that the next channel was asked for this delivery, whatever becomes of it. */
  markFallbackAsked(id: number): Promise<void>
  /** For each whether the next channel was asked, as of now: of a delivery in flight it may have been asked since it was claimed. */
  fallbackAsked(ids: readonly number[]): Promise<readonly boolean[]>
  /** Ends waiting deliveries without a claim, such as those too old. */
  finish(ids: readonly number[], result: DeliveryResult, atMs: number): Promise<void>
  /** Puts waiting deliveries off; a delivery whose lease holds at `nowMs` is left alone. */
  postpone(ids: readonly number[], dueMs: number, nowMs: number): Promise<void>
  delivery(id: number): Promise<{ readonly state: 'waiting' | 'claimed' | 'done'; readonly result?: DeliveryResult; readonly due: DueDelivery } | undefined>
  /** Rate state by key: the theoretical arrival time of GCRA, milliseconds. Absent keys are absent. */
  rates(keys: readonly string[]): Promise<ReadonlyMap<string, number>>
  putRates(rates: ReadonlyMap<string, number>): Promise<void>

  // timers, channels, addresses
  putTimers(timers: readonly Timer[]): Promise<void>
  /** Puts it unless one of its project and kind waits, whatever its key. */
  putFirstTimer(timer: Timer): Promise<void>
  dueTimers(project: string, nowMs: number, limit: number): Promise<readonly Timer[]>
  /** Takes due timers away; what they cause is written in the same transaction. */
  removeTimers(timers: readonly Pick<Timer, 'project' | 'kind' | 'key'>[]): Promise<void>
  /** Deletes some of what is older than it is kept. One call looks at a bounded part of the store. */
  forget(query: ForgetQuery): Promise<Forgotten>
  pauses(project: string): Promise<readonly ChannelPause[]>
  pauseChannel(pause: ChannelPause): Promise<void>
  resumeChannel(project: string, channel: string): Promise<void>
  channelHealth(project: string): Promise<readonly ChannelHealth[]>
  putChannelHealth(health: ChannelHealth): Promise<void>
  clearChannelHealth(project: string, channel: string): Promise<void>
  /** For each what is known against it at `nowMs`; absent: nothing, or it is time to try again. */
  badAddresses(addresses: readonly Pick<BadAddress, 'project' | 'channel' | 'address'>[], nowMs: number): Promise<readonly (BadAddress | undefined)[]>
  addBadAddress(bad: BadAddress): Promise<void>
  /** They work: what was known against them is forgotten. Cheap where nothing was. */
  clearBadAddresses(addresses: readonly Pick<BadAddress, 'project' | 'channel' | 'address'>[]): Promise<void>
}

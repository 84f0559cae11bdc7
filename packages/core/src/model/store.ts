import type { Alert, Finding } from './alert.ts'
import type { Decision } from './decision.ts'
import type { Attempt, ClaimedDelivery, DeliveryResult } from './delivery.ts'
import type { EndState, Event } from './event.ts'
import type { News, Recipient } from './notification.ts'
import type { Reader } from './reader.ts'
import type { Part } from './roles.ts'
import type { Session, SessionFailure } from './session.ts'
import type { Message } from './channel.ts'

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
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** Reads that hold no transaction open. */
  readonly read: Reader
  /** Writes to `inbox`, on its own. */
  putInbox(message: Message, channel: string, atMs: number): Promise<void>
  close(): Promise<void>
}

/** What one batch of events adds to a session. */
export interface SessionDelta {
  readonly project: string
  readonly sessionId: string
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly calls: number
  readonly errors: number
  readonly costNanoUsd: number
  /** Model calls whose price is not known. */
  readonly unpriced: number
  readonly agent?: string
  readonly user?: string
  readonly environment?: string
  readonly name?: string
  /** Present when the batch holds the session's start. */
  readonly startedAtMs?: number
  /** Present when the batch holds the session's end. */
  readonly end?: { readonly atMs: number; readonly state: EndState; readonly reason?: string }
  /** The earliest failing call of the batch, kept if it is the earliest of the session. */
  readonly firstFailure?: SessionFailure
}

/** A session before (absent: new) and after a batch. */
export interface SessionChange {
  readonly before?: Session
  readonly after: Session
}

/** Money to add to one budget in one period. */
export interface SpendDelta {
  readonly project: string
  readonly budget: string
  /** Value of the budget's groupBy, or empty. */
  readonly scope: string
  /** First instant of the period, milliseconds since 1970. */
  readonly periodStartMs: number
  /** Changes when what is counted changes: then the sum begins again. */
  readonly epoch: string
  readonly nanoUsd: number
  readonly unpriced: number
}

export interface SpendChange extends SpendDelta {
  /** Sums after the addition. */
  readonly spentNanoUsd: number
  readonly unpricedTotal: number
}

/** Identity of one crossing: it is told once, whoever sees it. */
export interface Crossing {
  readonly project: string
  readonly budget: string
  readonly scope: string
  readonly periodStartMs: number
  readonly epoch: string
  /** Share of the amount, such as 0.8. */
  readonly threshold: number
  readonly atMs: number
}

/** A model call as another source would also describe it. */
export interface CallPrint {
  readonly project: string
  readonly eventId: string
  readonly source: string
  /** Hash of provider, response id, model and tokens: 12 hexadecimal digits. */
  readonly print: string
  readonly startMs: number
  readonly endMs: number
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
}

export interface NewNotification {
  readonly project: string
  readonly channel: string
  readonly recipient: Recipient
  readonly route: string
  readonly news: News
  readonly alert: number
  readonly without: readonly Part[]
  readonly priority: number
  readonly dueMs: number
  readonly expiresMs: number
  readonly fallback: readonly string[]
  readonly fallbackAfterMs?: number
  readonly createdAtMs: number
}

/** Joins the open batch of this key or opens it. */
export interface BatchItem extends NewNotification {
  readonly batchKey: string
  /** At so many the batch closes and is due at once. 1 to 1,000. */
  readonly batchMax: number
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
  readonly cause: string
  readonly sinceMs: number
  /** When one delivery is let through to see whether the channel works again. */
  readonly untilMs: number
}

export interface BadAddress {
  readonly project: string
  readonly channel: string
  readonly address: string
  readonly code: string
  readonly sinceMs: number
  /** From then on it is tried again: a full mailbox is emptied, a number is given out anew. */
  readonly untilMs: number
}

export interface Transaction {
  // accept
  /** For each event whether it is new. An event that is not new changes nothing. */
  insertEvents(events: readonly Event[]): Promise<readonly boolean[]>
  /** For each call the id of an earlier event from another source that is the same call, if there is one. */
  findSameCalls(prints: readonly CallPrint[]): Promise<readonly (string | undefined)[]>
  markDuplicates(events: readonly { readonly event: Event; readonly duplicateOf: string }[]): Promise<void>
  applySessions(deltas: readonly SessionDelta[]): Promise<readonly SessionChange[]>
  addSpend(deltas: readonly SpendDelta[]): Promise<readonly SpendChange[]>
  /** For each crossing whether it is new. */
  recordCrossings(crossings: readonly Crossing[]): Promise<readonly boolean[]>

  // alerts
  /** The open alert of each key, else the one resolved at or after `resolvedSinceMs`, else nothing. */
  findAlerts(keys: readonly { readonly project: string; readonly rule: string; readonly key: string }[], resolvedSinceMs: number): Promise<readonly (Alert | undefined)[]>
  /** Alerts that end `at-once` are inserted resolved. */
  insertAlerts(alerts: readonly NewAlert[]): Promise<readonly number[]>
  updateAlerts(updates: readonly AlertUpdate[]): Promise<void>
  alert(id: number): Promise<Alert | undefined>
  /** Firing news of this alert for this person, enqueued at or after `sinceMs`, that was sent or may still be. */
  onTheWay(alert: number, person: string, sinceMs: number): Promise<readonly { readonly delivery: number; readonly channel: string }[]>
  /** Who was sent news of this alert, and by which channel. */
  toldAbout(alert: number): Promise<readonly { readonly recipient: Recipient; readonly channel: string; readonly route: string; readonly without: readonly Part[] }[]>

  // enqueue
  enqueue(notifications: readonly NewNotification[]): Promise<readonly Enqueued[]>
  enqueueInBatch(items: readonly BatchItem[]): Promise<readonly Enqueued[]>
  /**
   * Puts every alert that `fromDelivery` carries as a batch into the batch of `item`, however many they are; `item.alert` is
   * not read. Alerts about trouble with `item.channel` are left out. Absent: there was nothing to copy, and nothing was opened.
   */
  copyBatch(fromDelivery: number, item: BatchItem): Promise<Enqueued | undefined>
  /**
   * Ends the waiting deliveries of this alert with `result`; in a batch only this alert's part.
   * Returns who will not hear it any more.
   */
  withdraw(
    alert: number,
    result: DeliveryResult,
    atMs: number,
    only?: { readonly person: string; readonly channel: string },
  ): Promise<readonly { readonly person: string; readonly channel: string }[]>
  recordDecisions(decisions: readonly Decision[]): Promise<void>
  /** The same decision about every alert in a delivery, also those beyond what is loaded with it. */
  recordDecisionsForDelivery(delivery: number, decision: Omit<Decision, 'alert'>): Promise<void>

  // claim and settle
  /** Due deliveries of one lane and priority, oldest due first. */
  due(query: DueQuery): Promise<readonly DueDelivery[]>
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
  dueTimers(project: string, nowMs: number, limit: number): Promise<readonly Timer[]>
  /** Takes due timers away; what they cause is written in the same transaction. */
  removeTimers(timers: readonly Pick<Timer, 'project' | 'kind' | 'key'>[]): Promise<void>
  pauses(project: string): Promise<readonly ChannelPause[]>
  pauseChannel(pause: ChannelPause): Promise<void>
  resumeChannel(project: string, channel: string): Promise<void>
  /** For each what is known against it at `nowMs`; absent: nothing, or it is time to try again. */
  badAddresses(addresses: readonly Pick<BadAddress, 'project' | 'channel' | 'address'>[], nowMs: number): Promise<readonly (BadAddress | undefined)[]>
  addBadAddress(bad: BadAddress): Promise<void>
  /** They work: what was known against them is forgotten. Cheap where nothing was. */
  clearBadAddresses(addresses: readonly Pick<BadAddress, 'project' | 'channel' | 'address'>[]): Promise<void>
}

import type { Alert, AlertKind, AlertState } from './alert.ts'
import type { TakenAction } from './attention.ts'
import type { Decision, DecisionReason } from './decision.ts'
import type { DeliveryResult } from './delivery.ts'
import type { EventType } from './event.ts'
import type { PersonalReads } from './personal.ts'
import type { DeliveryRecord, InboxMessage, StoredEvent } from './reader.ts'
import type { FailureCause } from './report.ts'
import type { Session, SessionState } from './session.ts'
import type { Severity } from './severity.ts'
import type { SpendReads } from './spend.ts'

/**
 * Lists for people who look: each of one project, filtered, in pages. A page goes on where the one before ended, by the key of its last row and not by a
 * number of rows, so that what arrives meanwhile neither repeats nor hides anything.
 */

/** Rows of one page. `next` is there where there may be more: a filter that few rows pass gives short or empty pages before the last one, so that each is quick. */
export interface Listed<T, Place> {
  readonly items: readonly T[]
  readonly next?: Place
}

interface ListAsk<Place> {
  readonly project: string
  /** `next` of the page before; absent: from the beginning. */
  readonly after?: Place
  /** 1 to 200. */
  readonly limit: number
}

/** Place in a list by time; of one instant by the id. */
export interface TimePlace<Id> {
  readonly atMs: number
  readonly id: Id
}

/** Which alerts. What is left out passes everything. */
/** Messages of one alert. */
export interface ToldCount {
  readonly sent: number
  readonly waiting: number
}

export interface AlertListAsk extends ListAsk<TimePlace<number>> {
  readonly states?: readonly AlertState[]
  readonly kinds?: readonly AlertKind[]
  readonly severities?: readonly Severity[]
  readonly rule?: string
  readonly agent?: string
  readonly sessionId?: string
  /** Only what is part of this alert; `none`: only what is part of nothing. */
  readonly parent?: number | 'none'
  /** Opened at or after. */
  readonly sinceMs?: number
  /** Opened before. */
  readonly untilMs?: number
}

export interface DeliveryListAsk extends ListAsk<number> {
  readonly person?: string
  /** Any of these. */
  readonly channels?: readonly string[]
  readonly state?: DeliveryRecord['state']
  /** Any of these: implies `done`. */
  readonly results?: readonly DeliveryResult[]
  readonly alert?: number
  /** Enqueued at or after. */
  readonly sinceMs?: number
}

export interface SessionListAsk extends ListAsk<TimePlace<string>> {
  readonly states?: readonly SessionState[]
  readonly agent?: string
  readonly user?: string
  /** Nano-dollars, at least. */
  readonly minCostNanoUsd?: number
  /** Began at or after. */
  readonly sinceMs?: number
  /** Began before. */
  readonly untilMs?: number
}

/** Place in a list by cost: the stretch of time is that of the first page. */
export interface CostPlace {
  readonly costNanoUsd: number
  readonly id: string
  readonly fromMs: number
  readonly untilMs: number
}

export type CostliestAsk = Omit<SessionListAsk, 'after'> & { readonly after?: CostPlace; readonly nowMs: number }

export interface EventListAsk extends ListAsk<TimePlace<string>> {
  readonly types?: readonly EventType[]
  /** Events of a session come oldest first, all others newest first. */
  readonly sessionId?: string
  readonly agent?: string
  readonly status?: 'ok' | 'error'
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** Place in a list of decisions: the key of one. */
export type DecisionPlace = Pick<Decision, 'alert' | 'person' | 'channel' | 'reason'>

export interface DecisionListAsk extends ListAsk<DecisionPlace> {
  readonly alert?: number
  readonly person?: string
  readonly reasons?: readonly DecisionReason[]
  /** Of alerts of these kinds. */
  readonly kinds?: readonly AlertKind[]
  /** Taken at or after. */
  readonly sinceMs?: number
}

/** What was committed after a place in the order of commits. */
export interface Changes {
  readonly alerts: readonly number[]
  readonly deliveries: readonly number[]
  /** Sessions that began, ended, or failed for the first time. */
  readonly sessions: readonly string[]
  /** The place to go on from. */
  readonly last: number
  /** Some are not kept any more, or too many were made at once: what was read before may be out of date. */
  readonly isGap: boolean
}

export interface Lists extends PersonalReads, SpendReads {
  /** By the time at which they opened, newest first; parts of one alert by their number. Reports are none. At most 20,000 are looked at for a page, with `agent` 3,000, and fewer where that takes long. */
  listAlerts(ask: AlertListAsk): Promise<Listed<Alert, TimePlace<number>>>
  /** How many alerts of these kinds fire and nobody has, parts of another apart; at most 1,000 are counted. */
  countFiring(project: string, kinds: readonly AlertKind[]): Promise<number>
  /** For each alert how many are part of it. At most 200. */
  countParts(alerts: readonly number[]): Promise<readonly number[]>
  /** For each alert how many messages that it fires were sent, by itself or with others, and how many are still to be. At most 200. */
  countTold(alerts: readonly number[]): Promise<readonly ToldCount[]>
  /** What people did about it, in order. */
  actionsOn(alert: number): Promise<readonly TakenAction[]>
  /** What the same rule told of the same key before and is over, the last to end first; news that was over as it opened is not among them. `limit` is 1 to 100. */
  alertsBefore(alert: Pick<Alert, 'id' | 'project' | 'rule' | 'key'>, limit: number): Promise<readonly Alert[]>
  /** Those of these numbers that are on record and of this project. At most 1,000. */
  alertsNumbered(project: string, ids: readonly number[]): Promise<ReadonlyMap<number, Alert>>
  /** In the order in which they were enqueued, newest first. */
  listDeliveries(ask: DeliveryListAsk): Promise<Listed<DeliveryRecord, number>>
  /** Those of these numbers that are on record and of this project. At most 1,000. */
  deliveriesNumbered(project: string, ids: readonly number[]): Promise<readonly DeliveryRecord[]>
  /** Of messages that are kept (those of an inbox), by the id under which they were sent. At most 1,000. */
  messagesKept(ids: readonly string[]): Promise<ReadonlyMap<string, InboxMessage>>
  /** By their first sign of life, newest first. */
  listSessions(ask: SessionListAsk): Promise<Listed<Session, TimePlace<string>>>
  /** The dearest first, of at most the newest 20,000 in that time: `fromMs` says since when these began. */
  costliestSessions(ask: CostliestAsk): Promise<Listed<Session, CostPlace> & { readonly fromMs: number }>
  /** How many of the sessions that began since are in which state, and what they cost; of at most the newest 30,000. */
  countSessions(project: string, sinceMs: number): Promise<readonly { readonly state: SessionState; readonly count: number; readonly costNanoUsd: number }[]>
  /** By their time, newest first; those of a session oldest first. */
  listEvents(ask: EventListAsk): Promise<Listed<StoredEvent, TimePlace<string>>>
  /** Why calls of models and tools failed since then, the most frequent first: of at most the newest 5,000 events that failed, fewer where looking takes long. At most 50. */
  failureCauses(project: string, sinceMs: number): Promise<readonly FailureCause[]>
  /** By the number of their alert, newest first. */
  listDecisions(ask: DecisionListAsk): Promise<Listed<Decision, DecisionPlace>>
  /** What changed after a place that `lastChange` or an earlier call gave; at most 1,000 commits are looked at. */
  changesAfter(project: string, after: number): Promise<Changes>
  /** The end of the order of commits of a project, as of now. Survives restarts and is the same for all processes. */
  lastChange(project: string): Promise<number>
}

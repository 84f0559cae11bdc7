import type { AlertKind } from './alert.ts'
import type { DecisionReason } from './decision.ts'
import type { DeliveryResult } from './delivery.ts'
import type { ChannelTrouble, FailureCause } from './report.ts'
import type { SessionState } from './session.ts'

/** From `fromMs` (included) to `untilMs` (excluded). */
export interface ReportSpan {
  readonly project: string
  readonly fromMs: number
  readonly untilMs: number
}

/** One slice of what a report counts: it ends at `next`, or there is no more. */
interface Slice<Place> {
  /** Where the next slice begins. */
  readonly next?: Place
}

interface EventPlace {
  readonly atMs: number
  readonly id: string
}

export interface UsageSlice extends Slice<EventPlace> {
  /** Calls of models that no other source reported before. Empty names: not known. */
  readonly usage: readonly { readonly agent: string; readonly provider: string; readonly model: string; readonly calls: number; readonly nanoUsd: number; readonly unpriced: number }[]
  /** Calls of models and tools that failed. */
  readonly failures: readonly FailureCause[]
}

export interface SessionSlice extends Slice<string> {
  /** Sessions that ended in the span, or ran in it and still do. */
  readonly outcomes: readonly { readonly state: SessionState; readonly count: number }[]
  /** The calls that failed first in those that failed. */
  readonly causes: readonly FailureCause[]
}

export interface AlertSlice extends Slice<number> {
  /** Alerts that were opened in the span, reports apart. `cycles`: how often they fired again. */
  readonly opened: readonly { readonly rule: string; readonly key: string; readonly kind: AlertKind; readonly alerts: number; readonly informing: number; readonly cycles: number }[]
  /** What was decided in the span about alerts opened at most its own length before it. */
  readonly decided: readonly { readonly kind: AlertKind; readonly person: string; readonly reason: DecisionReason; readonly count: number }[]
}

export interface DeliverySlice extends Slice<number> {
  /** Deliveries that ended in the span, those of reports apart. */
  readonly ended: readonly { readonly channel: string; readonly person: string; readonly result: DeliveryResult; readonly count: number }[]
  /** Messages that were sent in the span, by what they told of; one that tells of several rules counts for each. */
  readonly told: readonly { readonly rule: string; readonly kind: AlertKind; readonly person: string; readonly route: string; readonly messages: number }[]
}

/**
 * What reports are made of, in slices: each is one short read, however much there is. `after` is the `next` of the slice before; `limit` is 1
 * to 10,000 rows that are looked at.
 */
export interface ReportReads {
  reportUsage(ask: ReportSpan & { readonly after?: EventPlace; readonly limit: number }): Promise<UsageSlice>
  reportSessions(ask: ReportSpan & { readonly after?: string; readonly limit: number }): Promise<SessionSlice>
  /** From the newest backwards. */
  reportAlerts(ask: ReportSpan & { readonly after?: number; readonly limit: number }): Promise<AlertSlice>
  /** From the newest backwards. */
  reportDeliveries(ask: ReportSpan & { readonly after?: number; readonly limit: number }): Promise<DeliverySlice>
  /** Of each what was spent in that period: the sum of the group that spent most, and how many groups there are. */
  reportSpent(project: string, of: readonly { readonly budget: string; readonly epoch: string; readonly periodStartMs: number }[]): Promise<readonly { readonly nanoUsd: number; readonly groups: number }[]>
  /** Channels that are paused, or fail. */
  reportTrouble(project: string): Promise<readonly ChannelTrouble[]>
  /** What happened before may be forgotten, milliseconds since 1970. */
  eventsSinceMs(project: string): Promise<number>
}


/** A timer that is put once and taken by one (`Timer` in `store.ts`). */
interface OneTimer {
  readonly project: string
  readonly kind: string
  readonly key: string
  readonly dueMs: number
}

/** The part of a transaction by which work outside of it is done by one process only. */
export interface TakenTimers {
  /** Puts those of which none of their project, kind and key waits. */
  putMissingTimers(timers: readonly OneTimer[]): Promise<void>
  /** Takes timers away; for each whether it was there with this very due time, else nothing was done. */
  takeTimers(timers: readonly OneTimer[]): Promise<readonly boolean[]>
}

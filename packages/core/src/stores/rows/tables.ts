import type { Alert, AlertState, Finding } from '../../model/alert.ts'
import type { DecisionParams, DecisionReason } from '../../model/decision.ts'
import type { DeliveryResult } from '../../model/delivery.ts'
import type { CostSource, Event, EventSource, EventType, LlmCall } from '../../model/event.ts'
import type { News } from '../../model/notification.ts'
import type { OutcomeKind } from '../../model/outcome.ts'
import type { Role } from '../../model/roles.ts'
import type { AlertAction } from '../../model/attention.ts'
import type { ChannelPause } from '../../model/store.ts'
import type { Turn } from '../../model/turn.ts'
import type { Severity } from '../../model/severity.ts'
import type { SessionFailure, SessionState } from '../../model/session.ts'
import type { Json } from './json.ts'
import type { Source } from './source.ts'

/**
 * The tables as the queries see them; `migrations.ts` makes them, `docs/adr/0012-sqlite-schema.md` says why they look
 * like this. Times are milliseconds since 1970, money is nano-dollars, `project` is the number of a row in `projects`,
 * JSON columns hold what nothing is looked up by.
 */
export const tables = {
  /** `events_since`: what happened before may have been deleted. */
  projects: { from: 'projects' } as Source<{ id: number; name: string; events_since: number }>,
  events: { from: 'events' } as Source<EventRow>,
  calls: { from: 'calls' } as Source<CallRow>,
  /** Which sources ever reported a call. */
  callSources: { from: 'call_sources' } as Source<{ project: number; source: string }>,
  sessions: { from: 'sessions' } as Source<SessionRow>,
  ruleStates: { from: 'rule_states' } as Source<{ project: number; rule: string; key: string; value: string; at: number }>,
  spend: { from: 'spend' } as Source<SpendRow>,
  crossings: { from: 'crossings' } as Source<CrossingRow>,
  alerts: { from: 'alerts' } as Source<AlertRow>,
  destinations: { from: 'destinations' } as Source<DestinationRow>,
  deliveries: { from: 'deliveries' } as Source<DeliveryRow>,
  /** One row: the last fencing number that was given out. */
  fences: { from: 'fences' } as Source<{ id: number; last: number }>,
  /** `late` is 1 where the alert was not sent in time. */
  batchItems: { from: 'batch_items' } as Source<{ delivery: number; alert: number; late: number }>,
  /** Attempts after which the delivery went on waiting. */
  attempts: { from: 'attempts' } as Source<AttemptRow>,
  /** Those, and the last one of each delivery that is done. */
  everyAttempt: { from: 'every_attempt' } as Source<AttemptRow>,
  decisions: { from: 'decisions' } as Source<DecisionRow>,
  rates: { from: 'rates' } as Source<{ key: string; tat: number }>,
  timers: { from: 'timers' } as Source<{ project: number; kind: string; key: string; due_at: number }>,
  pauses: { from: 'pauses' } as Source<PauseRow>,
  channelHealth: { from: 'channel_health' } as Source<ChannelHealthRow>,
  badAddresses: { from: 'bad_addresses' } as Source<{ project: number; channel: string; address: string; code: string; since_at: number; until_at: number }>,
  threads: { from: 'threads' } as Source<{ thread: string; provider_id: string; at: number }>,
  inbox: { from: 'inbox' } as Source<InboxRow>,
  silences: { from: 'silences' } as Source<SilenceRow>,
  hushes: { from: 'hushes' } as Source<HushRow>,
  actions: { from: 'actions' } as Source<ActionRow>,
  usedLinks: { from: 'used_links' } as Source<{ link: string; expires_at: number }>,
  expected: { from: 'expected' } as Source<{ project: number; rule: string; key: string; by: string; since_at: number; until_at: number }>,
  optOuts: { from: 'opt_outs' } as Source<{ project: number; channel_type: string; address: string; since_at: number }>,
  holds: { from: 'holds' } as Source<{ project: number; by: string; since_at: number }>,
  paces: { from: 'paces' } as Source<{ key: string; since_at: number; at: number; count: number }>,
  /** What each commit changed of what people look at (`changes.ts`); `project` is its name, null where it may be any. */
  changes: { from: 'changes' } as Source<{ seq: number; project: string | null; what: string }>,
  /** One row. `redaction_key`: 32 bytes in hexadecimal. */
  installation: { from: 'installation' } as Source<{ id: number; redaction_key: string }>,
} as const

/** Fields of an event that have no column. */
export type MoreOfEvent = Pick<Event, 'name' | 'depth' | 'error' | 'tool' | 'endState' | 'endReason' | 'excerpt' | 'detail' | 'announcement'> & {
  readonly tags?: Event['tags']
  readonly llm?: Omit<LlmCall, 'provider' | 'model' | 'inputTokens' | 'outputTokens' | 'costNanoUsd' | 'costSource'>
}

/** Fields of an alert that have no column. */
export type AlertFacts = Pick<Alert, 'params' | 'evidence' | 'agent' | 'environment' | 'tags' | 'announcement' | 'report' | 'aboutChannel'> & { readonly of?: Alert['cause'] }

export interface EventRow {
  seq: number
  project: number
  at: number
  id: string
  type: EventType
  source: EventSource
  status: Event['status']
  dur: number
  session: string | null
  agent: string | null
  user_id: string | null
  env: string | null
  provider: string | null
  model: string | null
  tokens_in: number | null
  tokens_out: number | null
  cost: number | null
  cost_source: CostSource | null
  duplicate_of: string | null
  more: Json<MoreOfEvent> | null
}

interface CallRow {
  project: number
  /** Quarter of a day since 1970 in which it ends, or its end where nobody looks for it: see `call-period.ts`. */
  period: number
  print: string
  event_id: string
  source: string
  start_at: number
  end_at: number
  /** The event that reported the call first; null where it was this one. */
  first_id: string | null
}

export interface SessionRow {
  project: number
  id: string
  state: SessionState
  name: string | null
  agent: string | null
  user_id: string | null
  env: string | null
  first_at: number
  last_at: number
  started_at: number | null
  ended_at: number | null
  end_reason: string | null
  calls: number
  errors: number
  cost: number
  unpriced: number
  failure: Json<SessionFailure> | null
  walk: string | null
}

interface SpendRow {
  project: number
  budget: string
  scope: string
  period: number
  epoch: string
  nano: number
  unpriced: number
}

interface CrossingRow {
  project: number
  budget: string
  scope: string
  period: number
  epoch: string
  threshold: number
  at: number
}

export interface AlertRow {
  id: number
  project: number
  rule: string
  key: string
  kind: Finding['kind']
  severity: Severity
  state: AlertState
  ends: Finding['ends']
  quiet_ms: number
  message: Finding['message']
  session: string | null
  opened_at: number
  updated_at: number
  resolved_at: number | null
  count: number
  /** Key of the outage that would be its cause. */
  cause: string | null
  parent: number | null
  pattern: string | null
  taken_by: string | null
  taken_at: number | null
  cycles: number
  facts: Json<AlertFacts>
}

/** A delivery and the notification it carries: there is exactly one of each, so they are one row with one number. */
export interface DeliveryRow {
  id: number
  channel: string
  priority: number
  /** When it may be claimed; of a claimed one, when its lease runs out. */
  due_at: number
  fence: number
  attempts: number
  /** When it was claimed; null while it waits. */
  claimed_at: number | null
  /** When an attempt was first left open or in doubt. */
  doubt_at: number | null
  /** How many attempts were made to the end and had no answer. */
  doubts: number
  cost: number
  result: DeliveryResult | null
  done_at: number | null
  /** Null where it carries a batch. */
  alert: number | null
  /** 1 when its next channel was asked. */
  fallback_asked: number
  /** How many alerts are in it. */
  items: number
  /** Set while a batch is open. */
  batch_key: string | null
  project: number
  destination: number
  news: News
  created_at: number
  expires_at: number
  turn: Json<Turn> | null
  /** The attempt that ended it: its number, and what `every_attempt` makes of the rest. */
  last_n: number | null
  last_at: number | null
  last_ms: number | null
  last_outcome: OutcomeKind | null
  last_code: string | null
  last_detail: string | null
  last_provider_id: string | null
}

/** Who and how, the same for thousands of deliveries: a row is never changed, another is made. */
export interface DestinationRow {
  id: number
  channel: string
  person: string
  role: Role
  address: string
  locale: string
  timezone: string
  route: string
  /** Parts left out, with commas. */
  without: string
  /** Channels, with commas. */
  fallback: string
  /** -1: the fallback waits for failure only. */
  fallback_after_ms: number
}

export interface AttemptRow {
  delivery: number
  n: number
  at: number
  ms: number
  outcome: OutcomeKind
  code: string | null
  detail: string
  /** Of the message that was accepted. */
  provider_id: string | null
}

export interface PauseRow {
  project: number
  channel: string
  why: ChannelPause['why']
  cause: string
  since_at: number
  until_at: number
  length_ms: number
  failed_probes: number
  /** A delivery. */
  probe: number | null
}

interface ChannelHealthRow {
  project: number
  channel: string
  since_at: number
  last_at: number
  failures: number
  first_delivery: number
  several: number
}

export interface DecisionRow {
  alert: number
  person: string
  channel: string
  reason: DecisionReason
  at: number
  count: number
  params: Json<DecisionParams> | null
}

export interface InboxRow {
  seq: number
  id: string
  channel: string
  address: string
  subject: string
  body: string
  severity: Severity
  at: number
}

interface SilenceRow {
  id: number
  project: number
  match: string
  from_at: number
  until_at: number
  author: string
  comment: string
}

export interface HushRow {
  alert: number
  project: number
  by: string
  since_at: number
  until_at: number
}

export interface ActionRow {
  id: number
  alert: number
  action: AlertAction
  by: string
  via: string
  at: number
  until_at: number | null
}

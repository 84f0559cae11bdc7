import type { AlertKind } from '../model/alert.ts'
import type { DecisionReason } from '../model/decision.ts'
import type { DeliveryResult } from '../model/delivery.ts'
import type { EndState, ErrorClass } from '../model/event.ts'
import type { FailureEnd } from '../model/failure-end.ts'
import type { MessageId } from '../model/message.ts'
import type { Part, Role } from '../model/roles.ts'
import type { Severity } from '../model/severity.ts'
import type { Phrase } from './phrase.ts'

/** What is said about one message; each list holds phrases, and a phrase whose parameters are not all there is left out. */
export interface MessageWords {
  /** What, where, how bad, how much: joined by the language's comma after the severity. */
  readonly subject: readonly Phrase[]
  /** Sentences of the body, each list a line of its own. */
  readonly lines: readonly (readonly Phrase[])[]
  /** One line for a text message, joined by the comma after the severity. English uses GSM-7 characters only. */
  readonly short: readonly Phrase[]
}

/** A row of the table of facts: a label, and phrases joined by the comma. */
export interface FactWords {
  readonly label: string
  readonly value: readonly Phrase[]
}

export const factNames = [
  'agent', 'name', 'session', 'environment', 'at', 'started', 'ended', 'duration', 'endState', 'reason', 'calls', 'cost', 'limit', 'firstFailure',
  'node', 'gitCommit', 'host', 'packages', 'model', 'tokens', 'retries', 'times', 'period', 'spent', 'rule', 'tool', 'type', 'status',
  'channel', 'until', 'waiting', 'person', 'address', 'code', 'file', 'since', 'models', 'agents', 'sessions', 'owner', 'group', 'measure', 'measured', 'expected', 'bound', 'window', 'samples',
] as const
export type FactName = (typeof factNames)[number]

/** Why a decision was taken, in one word: the part of its code before the dot. */
export type Verdict = 'sent' | 'held' | 'merged' | 'limited' | 'silenced' | 'refused' | 'failed' | 'doubt'

/** Sentences around the messages. Every one is a phrase: alternatives, of which the first complete one is said. */
export const frameNames = [
  'severityPrefix', 'shortPrefix', 'resolved', 'wasAndIsOver', 'repeated', 'resolvedLine', 'overLine', 'overItem', 'repeatedLine', 'resolvedBadge',
  'why', 'whyNamed', 'whyReport', 'whyBatch', 'without', 'alertName', 'open', 'openWord', 'trace', 'traceWord', 'runbook', 'runbookWord', 'acknowledge', 'acknowledgeWord', 'snooze', 'snoozeWord', 'acknowledgedBadge', 'acknowledgedLine', 'linkForged', 'linkExpired', 'linkUsed', 'linkGone', 'linkForbidden', 'resolveWord', 'expectedWord', 'unacknowledgeWord', 'pageBy', 'pageTaken', 'pageWorksOnce', 'doneAcknowledge', 'doneSnooze', 'doneResolve', 'doneExpected', 'doneUnacknowledge', 'doneAlready', 'doneNothing', 'more', 'moreItems', 'cut', 'cutNote', 'batch', 'batchOfKind', 'batchShort', 'batchItem', 'batchLate', 'group', 'groupOfKind', 'collectedLine', 'severityCount', 'lateItem', 'similarItem', 'similarExample', 'lateLine', 'summaryLine', 'call', 'failure', 'tokens', 'perMinute', 'factLine', 'quote',
  'turnRepeat', 'turnRepeatTitle', 'turnStepTitle', 'turnStep', 'turnLastStep', 'shortLastStep', 'turnSilence', 'turnFlap', 'turnStorm', 'turnLimit',
  'explainTold', 'explainWaiting', 'explainNotTold', 'explainNobody', 'explainParts', 'explainSince', 'explainProviderId',
  'routeAlert', 'routeRoutes', 'routeMatches', 'routeStops', 'routeLacks', 'routeFails', 'routeNotAsked', 'routeTold', 'routeNobody', 'routeWhy', 'routeNow', 'routeAt', 'routeNext', 'explainOpened', 'explainOver', 'explainDue', 'explainAcknowledged', 'explainUnacknowledged', 'explainSnoozed', 'explainEnded', 'explainExpected', 'explainUnsnoozed', 'explainUnexpected', 'explainNotUseful', 'explainUseful', 'explainNothing', 'explainEvent', 'explainDelivery',
  'overviewOpen', 'overviewSpent',
] as const
export type FrameName = (typeof frameNames)[number]

/** What stands in the tables of a report, and beneath them. */
export const reportWordNames = [
  'agents', 'models', 'budgets', 'sessions', 'failures', 'told', 'rules', 'channels', 'agent', 'model', 'budget', 'outcome', 'cause', 'rule',
  'channel', 'what', 'calls', 'spent', 'amount', 'used', 'share', 'count', 'alerts', 'messages', 'you', 'everybody', 'state', 'noAgent', 'noModel',
  'rest', 'restCauses', 'running', 'success', 'fail', 'indeterminate', 'perPeriod', 'highestOf', 'causeOf', 'first', 'sent',
  'held', 'merged', 'limited', 'silenced', 'refused', 'lost', 'paused', 'failing', 'failed', 'mostly', 'ofRule', 'suggestCount', 'suggestAfter',
  'suggestQuiet', 'suggestGroup', 'suggestDigest', 'suggestOff',
] as const
export type ReportWordName = (typeof reportWordNames)[number]

/** Everything the product says in one language. A missing key is a type error; a test compares the parameters. */
export interface Catalogue {
  readonly messages: Readonly<Record<MessageId, MessageWords>>
  readonly facts: Readonly<Record<FactName, FactWords>>
  readonly decisions: Readonly<Record<DecisionReason, Phrase>>
  readonly frames: Readonly<Record<FrameName, Phrase>>
  readonly report: Readonly<Record<ReportWordName, Phrase>>
  readonly severities: Readonly<Record<Severity, string>>
  /** The same before the word for alerts, in the middle of a sentence. */
  readonly severitiesInline: Readonly<Record<Severity, string>>
  readonly verdicts: Readonly<Record<Verdict, string>>
  readonly results: Readonly<Record<DeliveryResult | 'waiting' | 'sending', string>>
  readonly kinds: Readonly<Record<AlertKind, string>>
  /** `{count}` alerts of a kind, for the line that sums up a batch. */
  readonly kindCounts: Readonly<Record<AlertKind, Phrase>>
  readonly periods: Readonly<Record<'hour' | 'day' | 'week' | 'month', string>>
  readonly errorClasses: Readonly<Record<ErrorClass, string>>
  /** What `{call}` did, as a clause: “openai gpt-5-mini refused, quota used up”. */
  readonly failures: Readonly<Record<ErrorClass, Phrase>>
  readonly endStates: Readonly<Record<EndState, string>>
  /** How a session ended badly where no call failed, as a clause, and in two or three words. */
  readonly endings: Readonly<Record<FailureEnd, Phrase>>
  readonly endingsShort: Readonly<Record<FailureEnd, string>>
  readonly parts: Readonly<Record<Part, string>>
  readonly roles: Readonly<Record<Role, string>>
  readonly punctuation: {
    /** Between phrases of one line. */
    readonly comma: string
    /** Between the items of a list, and before the last one. */
    readonly listComma: string
    readonly listAnd: string
    /** Between sentences of one line. */
    readonly sentenceGap: string
  }
  readonly numbers: {
    /** Between thousands, and before cents. */
    readonly group: string
    readonly decimal: string
    /** What stands before and behind an amount of dollars, and a share. */
    readonly dollars: readonly [before: string, behind: string]
    readonly percent: readonly [before: string, behind: string]
  }
  /** January first, as `monthName` in `times`. */
  readonly monthNames: readonly [string, string, string, string, string, string, string, string, string, string, string, string]
  readonly units: Readonly<Record<'ms' | 's' | 'min' | 'h' | 'd', string>>
  /** Parameters: year month monthName day clock zone, all text. */
  readonly times: Readonly<Record<'full' | 'brief' | 'day', Phrase>>
}

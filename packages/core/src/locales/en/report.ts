import type { MessageId } from '../../model/message.ts'
import type { MessageWords, ReportWordName } from '../shape.ts'
import type { Phrase } from '../phrase.ts'
import { unpriced } from './phrases.ts'

const failed = '{failedSessions, plural, =0 {} other {# of {sessions, plural, one {# session} other {# sessions}} failed}}'
const told = '{told, plural, =0 {} one {# message to you} other {# messages to you}}'
const spent = ['{costUsd} ({changePercent})', '{costUsd}'] as const
const quiet = '{isQuiet, select, other {quiet}}'
const body = [
  ['{isQuiet, select, other {Quiet: nothing happened.}}', '{watchedRules, plural, =0 {} one {# rule watches.} other {# rules watch.}}', '{watchedBudgets, plural, =0 {} one {# budget watches.} other {# budgets watch.}}', '{watchedChannels, plural, =0 {} one {# channel is ready.} other {# channels are ready.}}'],
  [['Spent: {costUsd}, {changeUsd} ({changePercent}) against the time before.', 'Spent: {costUsd}, {changeUsd} against the time before.', 'Spent: {costUsd}.'], unpriced],
  ['{sessions, plural, =0 {No sessions.} one {# session, of which {failedSessions, number} failed.} other {# sessions, of which {failedSessions, number} failed.}}', '{failedCalls, plural, =0 {No call failed.} one {# call failed.} other {# calls failed.}}'],
  ['Calls are counted since {sinceAt}: what was before is not kept any more.'],
  ['{told, plural, =0 {You were sent nothing.} one {You were sent # message.} other {You were sent # messages.}}'],
] as const

export const reportMessages = {
  'report.day': { subject: [['Report for {fromDay}', 'Report of a day'], quiet, spent, failed], lines: body, short: [['report for {fromDay}', 'report of a day'], quiet, spent, failed, told] },
  'report.week': { subject: [['Report for {fromDay} to {lastDay}', 'Report of a week'], quiet, spent, failed], lines: body, short: [['report for {fromDay} to {lastDay}', 'report of a week'], quiet, spent, failed, told] },
} satisfies Partial<Record<MessageId, MessageWords>>

export const reportWords: Readonly<Record<ReportWordName, Phrase>> = {
  agents: 'Spend by agent',
  models: 'Spend by model',
  budgets: 'Budgets',
  sessions: 'Sessions',
  failures: 'Failures by cause',
  told: 'Messages',
  rules: 'Rules that told most',
  channels: 'Channels',
  agent: 'Agent',
  model: 'Model',
  budget: 'Budget',
  outcome: 'Outcome',
  cause: 'Cause',
  rule: 'Rule',
  channel: 'Channel',
  what: 'What became of them',
  calls: 'Calls',
  spent: 'Spent',
  amount: 'Amount',
  used: 'Used',
  share: 'Share',
  count: 'Count',
  alerts: 'Alerts',
  messages: 'Messages',
  you: 'You',
  everybody: 'All',
  state: 'State',
  noAgent: '(no agent)',
  noModel: '(no model)',
  rest: '{names, plural, one {# more} other {# more}}',
  restCauses: 'other causes',
  running: 'still running',
  success: 'succeeded',
  fail: 'failed',
  indeterminate: 'ended without a word',
  perPeriod: '{name} a {period}',
  highestOf: '{name} a {period}, highest of {groups, plural, one {# group} other {# groups}}',
  causeOf: ['{provider} {name}: {class}', '{name}: {class}', '{provider}: {class}', '{class}'],
  first: '{count, plural, one {# session that failed began with {cause}.} other {# sessions that failed began with {cause}.}}',
  sent: 'sent',
  held: 'held for a while',
  merged: 'merged with others',
  limited: 'over a limit, collected',
  silenced: 'silenced',
  refused: 'not told',
  lost: 'failed',
  paused: ['paused since {since}', 'paused'],
  failing: ['failing since {since}', 'failing'],
  failed: '{messages, plural, one {# message not delivered} other {# messages not delivered}}',
  mostly: ['{rule}: {count, number} of {alerts, number} alerts were about {key}.', '{rule}: {count, number} of {alerts, number} alerts were about one thing.'],
  ofRule: '{rule}: {count, plural, one {# alert.} other {# alerts.}}',
  suggestCount: ['To hear less of it, raise {setting}, now {now}.', 'To hear less of it, raise {setting}.'],
  suggestAfter: ['To hear less of it, raise {setting}, now {now}.', 'To hear less of it, raise {setting}.'],
  suggestQuiet: ['It ends and fires again: raise {setting}, now {now}.', 'It ends and fires again: raise {setting}.'],
  suggestGroup: 'To hear of it together, set {setting}, such as to [agent].',
  suggestDigest: 'To hear of it once a day, set {setting}, such as to daily: "09:00".',
  suggestOff: 'It only informs: {setting}: false switches it off.',
}

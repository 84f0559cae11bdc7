import type { Alert, AlertKind } from '../../model/alert.ts'
import { messages, type MessageId, type MessageParams } from '../../model/message.ts'
import type { News, Notification } from '../../model/notification.ts'
import { parts } from '../../model/roles.ts'
import type { TemplateName } from '../../model/template.ts'

/** When everything in the samples happened: a Sunday afternoon in the middle of a month. */
const sampleAtMs = Date.UTC(2026, 10, 22, 14, 5, 11)

/**
 * Notifications to try a template with: everything known, little known, over, not for this reader's role; of a collection one
 * that is whole and one that has more than it lists.
 */
export function sampleNotifications(name: Exclude<TemplateName, '*'>, locale: string): readonly Notification[] {
  if (name === 'batch') {
    const alerts = (['session.failed', 'model.failed', 'budget.crossed'] as const).map((id) => sampleAlert(id, sampleParams(id)))
    return [sampleNotification(alerts, locale, 'firing'), { ...sampleNotification(alerts, locale, 'resolved'), moreAlerts: 12 }]
  }
  const whole = sampleAlert(name, sampleParams(name))
  return [sampleNotification([whole], locale, 'firing'), { ...sampleNotification([whole], locale, 'resolved'), without: parts, route: '' }, sampleNotification([sampleAlert(name, {})], locale, 'firing')]
}

/** A value for every parameter: times, amounts and counts as numbers, the rest as words. */
export function sampleParams(id: MessageId, text: (name: string) => string = (name) => `sample ${name}`): MessageParams {
  return Object.fromEntries(messages[id].map((name) => [name, sampleValue(name, text)]))
}

function sampleValue(name: string, text: (name: string) => string): string | number {
  if (name.endsWith('Usd')) return 1.25
  if (name === 'durationMs') return 191_000
  if (/(?:At|^at|Start|End|until|Day)$/.test(name)) return sampleAtMs
  return counts.includes(name) ? 3 : text(name)
}

const counts: readonly string[] = ['calls', 'errors', 'unpriced', 'inputTokens', 'outputTokens', 'retries', 'count', 'waiting', 'percent', 'usualPercent', 'modelsMax', 'causeStep', 'causeStatus', 'statusCode', 'failures', 'failedTimes', 'recovered', 'spread', 'beforeTimes', 'repeatedTimes', 'turnTimes', 'relayTimes', 'depth', 'depthMax', 'callsMax', 'samples', 'least', 'flaps', 'value', 'limit', 'failedCalls', 'sessions', 'moreVictims', 'madePercent', 'madePercent2', 'changePercent', 'failedSessions', 'told', 'watchedRules', 'watchedBudgets', 'watchedChannels']

function sampleAlert(message: MessageId, params: MessageParams): Alert {
  return {
    id: 51, project: 'sample', rule: 'sample-rule', key: 'sample', kind: kindOf(message), severity: 'high', message, params, ends: 'quiet', quietMs: 600_000, evidence: {},
    state: 'firing', count: 1, openedAtMs: sampleAtMs, updatedAtMs: sampleAtMs,
    ...(message === 'custom' ? { announcement: { title: 'Sample title', body: 'Sample body', severity: 'high' } } : {}),
  }
}

/** The kind of alert that says this. */
export function kindOf(message: MessageId): AlertKind {
  if (message.startsWith('system.') || message.startsWith('report.')) return 'system'
  if (message.startsWith('model.')) return 'model'
  if (message.startsWith('tool.')) return 'tool'
  return /^(?:budget|spend|cost)\./.test(message) ? 'cost' : 'session'
}

function sampleNotification(alerts: readonly Alert[], locale: string, news: News): Notification {
  return {
    id: 7, project: 'sample', channel: 'sample-channel', route: 'sample-route', news, moreAlerts: 0, without: [], createdAtMs: sampleAtMs,
    alerts: news === 'resolved' ? alerts.map((alert) => ({ ...alert, state: 'resolved' as const, resolvedAtMs: sampleAtMs + 60_000 })) : alerts,
    recipient: { person: 'dana', role: 'admin', address: 'dana@example.com', locale, timezone: 'Asia/Shanghai' },
  }
}

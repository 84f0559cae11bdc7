import { alertName, type Alert } from '../model/alert.ts'
import type { About, AboutAlert } from '../model/card.ts'
import type { Notification, Similar } from '../model/notification.ts'
import { partOf, safeText, valueCharsMax, type Reader } from './alert-values.ts'

/** What a notification is about, for machines: without what its reader may not see, redacted and neutralised like its sentences. */
export function aboutOf({ project, alerts, moreAlerts, similar }: Notification, reader: Reader): About {
  return { project, alerts: alerts.slice(0, alertsMax).map((alert) => aboutAlert(alert, similar?.get(alert.id), reader)), moreAlerts: moreAlerts + Math.max(0, alerts.length - alertsMax) }
}

/** Alerts of a collection that are told to machines one by one. */
const alertsMax = 100

function aboutAlert(alert: Alert, similar: Similar | undefined, reader: Reader): AboutAlert {
  const { id, rule, kind, severity, state, message, count, openedAtMs, updatedAtMs, resolvedAtMs, sessionId, agent, environment } = alert
  const name = (text: string): string => safeText(text, reader.redact, 'single', valueCharsMax.name)
  return {
    name: alertName(id), rule, kind, severity, state, message, count, openedAtMs, updatedAtMs,
    ...(resolvedAtMs === undefined ? {} : { resolvedAtMs }),
    ...(sessionId === undefined ? {} : { sessionId: name(sessionId) }),
    ...(agent === undefined ? {} : { agent: name(agent) }),
    ...(environment === undefined ? {} : { environment: name(environment) }),
    ...(similar === undefined ? {} : { similar: countsOf(similar) }),
    params: safeParams(alert, reader),
  }
}

/** Names stand in the sentences, where they are made safe. */
function countsOf({ agentNames: _inSentences, ...counts }: Similar): Similar {
  return counts
}

function safeParams({ params }: Alert, { redact, without }: Reader): AboutAlert['params'] {
  const shown: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(params)) {
    const part = partOf(name)
    if (part !== undefined && without.includes(part)) continue
    if (typeof value === 'number' ? Number.isFinite(value) : value !== '') shown[name] = typeof value === 'string' ? safeText(value, redact, 'multi', valueCharsMax.quote) : value
  }
  return shown
}

import { alertName, type Alert } from './alert.ts'
import type { Decision } from './decision.ts'

/** That an alert is part of another and told within it, to everybody and by every channel. */
export function toldUnder(alert: Pick<Alert, 'id'>, cause: Pick<Alert, 'id' | 'params'>, nowMs: number): Decision {
  const { sessions, failedCalls } = cause.params
  return { alert: alert.id, person: '*', channel: '*', reason: 'merged.cause', params: { parent: alertName(cause.id), count: Number(sessions ?? 0) > 0 ? Number(sessions) : Number(failedCalls ?? 1) }, atMs: nowMs, count: 1 }
}

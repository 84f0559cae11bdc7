import { createRenderer, type RendererOptions, type Unwritten } from '../delivery/render.ts'
import type { Alert } from '../model/alert.ts'
import type { ChannelType, Message } from '../model/channel.ts'
import type { MessageId, MessageParams } from '../model/message.ts'
import type { Notification } from '../model/notification.ts'
import type { Role } from '../model/roles.ts'

/** When everything in these tests happened. */
const happenedAtMs = Date.UTC(2026, 10, 22, 14, 5, 11)

export function alertOf(message: MessageId, params: MessageParams, more: Partial<Alert> = {}): Alert {
  return {
    id: 51, project: 'support', rule: 'a-rule', key: 's_8f2c', kind: 'session', severity: 'high', message, params, ends: 'at-once', quietMs: 0, evidence: {},
    state: 'resolved', count: 1, openedAtMs: happenedAtMs, updatedAtMs: happenedAtMs, resolvedAtMs: happenedAtMs, ...more,
  }
}

export function notify(alerts: readonly Alert[], locale = 'en', more: Partial<Notification> & { readonly role?: Role } = {}): Notification {
  const { role = 'admin', ...rest } = more
  return {
    id: 7, project: 'support', channel: 'ops-mail', route: 'on-call', news: 'firing', alerts, moreAlerts: 0, without: [], createdAtMs: happenedAtMs,
    recipient: { person: 'dana', role, address: 'dana@example.com', locale, timezone: locale.startsWith('zh') ? 'Asia/Shanghai' : 'UTC' },
    ...rest,
  }
}

export interface Rendered extends Message {
  readonly failures: readonly (Unwritten & { readonly cause: unknown })[]
}

/** As the engine renders it, with what it would report. */
export function renderAs(
  shape: ChannelType['shape'], notification: Notification, options: Partial<RendererOptions> & { readonly bodyCharsMax?: number; readonly possiblyRepeated?: boolean } = {},
): Rendered {
  const { bodyCharsMax = 10_000, possiblyRepeated = false, ...own } = options
  const failures: (Unwritten & { readonly cause: unknown })[] = []
  const render = createRenderer({ redact: (text) => text, onFailure: (_id, cause, about) => failures.push({ cause, ...about }), ...own })
  const message = render(notification, { type: { shape }, limits: { bodyCharsMax }, messageId: 'msg-1', possiblyRepeated, nowMs: happenedAtMs })
  return { ...message, failures }
}

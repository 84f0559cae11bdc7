import type { Event } from '../../model/event.ts'
import type { Recipient } from '../../model/notification.ts'
import type { SessionDelta } from '../../model/session.ts'
import type { SpendDelta } from '../../model/spend.ts'
import type { BatchItem, NewAlert, NewNotification } from '../../model/store.ts'

/** When the samples happen: 2023-11-14T22:13:20Z. */
export const sampleMs = 1_700_000_000_000

export function sampleEvent(change: Partial<Event> = {}): Event {
  return { id: 'event-1', project: 'bots', type: 'llm.call', source: 'observe', atMs: sampleMs, durationMs: 120, tags: {}, status: 'ok', ...change }
}

export function sampleAlert(change: Partial<NewAlert> = {}): NewAlert {
  return {
    project: 'bots',
    rule: 'model-failed',
    key: 'support|gpt',
    kind: 'model',
    severity: 'high',
    message: 'model.failed',
    params: { agent: 'support', model: 'gpt', statusCode: 500 },
    ends: 'quiet',
    quietMs: 600_000,
    evidence: { event: 'event-1', atMs: sampleMs },
    count: 1,
    openedAtMs: sampleMs,
    ...change,
  }
}

export const dana: Recipient = { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai' }
export const lee: Recipient = { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' }

export function sampleNotification(alert: number, change: Partial<NewNotification> = {}): NewNotification {
  return {
    project: 'bots',
    channel: 'mail',
    recipient: dana,
    route: 'everything',
    news: 'firing',
    alert,
    without: [],
    priority: 1,
    dueMs: sampleMs,
    expiresMs: sampleMs + 86_400_000,
    fallback: [],
    createdAtMs: sampleMs,
    ...change,
  }
}

export function sampleItem(alert: number, change: Partial<BatchItem> = {}): BatchItem {
  return { ...sampleNotification(alert, { priority: 3, dueMs: sampleMs + 30_000 }), batchKey: 'dana|mail', batchMax: 100, ...change }
}

export function sampleSession(change: Partial<SessionDelta> = {}): SessionDelta {
  return {
    project: 'bots',
    sessionId: 's1',
    firstAtMs: sampleMs,
    lastAtMs: sampleMs,
    calls: 1,
    errors: 0,
    costNanoUsd: 0,
    unpriced: 0,
    ...change,
  }
}

export function sampleSpend(change: Partial<SpendDelta> = {}): SpendDelta {
  return { project: 'bots', budget: 'day', scope: '', periodStartMs: sampleMs, epoch: 'a1', nanoUsd: 1, unpriced: 0, ...change }
}

/** The only one of a list. */
export function only<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`)
  return first
}

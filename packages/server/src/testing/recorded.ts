import type { Alert, Store } from 'tocsin/engine'

type NewAlert = Parameters<Parameters<Parameters<Store['transaction']>[0]>[0]['insertAlerts']>[0][number]
type NewNotification = Parameters<Parameters<Parameters<Store['transaction']>[0]>[0]['enqueue']>[0][number]

/** When what these tests put on record happened: a minute ago. */
export const recordedMs = Date.parse('2026-11-23T10:00:00Z')

export function recordedAlert(change: Partial<NewAlert> & Pick<Alert, 'key'>): NewAlert {
  return {
    project: 'bots', rule: 'session-failed', kind: 'session', severity: 'high', message: 'session.failed', ends: 'quiet', quietMs: 600_000, count: 1, openedAtMs: recordedMs, agent: 'refund-bot',
    params: { agent: 'refund-bot', session: change.key, causeKind: 'llm.call', causeClass: 'quota', causeName: 'gpt-5', causeMessage: 'quota of the secret plan used up', costUsd: 0.42 },
    evidence: { event: `${change.key}-end`, atMs: recordedMs, costUsd: 0.42 }, sessionId: change.key, ...change,
  }
}

export function recordedNotification(alert: number, change: Partial<NewNotification> = {}): NewNotification {
  return {
    project: 'bots', channel: 'inbox', recipient: { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'en', timezone: 'UTC' }, route: 'everything', news: 'firing', alert, without: [], priority: 1,
    // Later than the tests run: nothing sends it.
    dueMs: Date.parse('2099-01-01T00:00:00Z'), expiresMs: Date.parse('2099-02-01T00:00:00Z'), fallback: [], createdAtMs: recordedMs, ...change,
  }
}

/** Puts alerts on record as another process would; their numbers. */
export async function record(store: Store, alerts: readonly NewAlert[]): Promise<readonly number[]> {
  return store.transaction((tx) => tx.insertAlerts(alerts))
}

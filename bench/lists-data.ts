import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import type { DecisionReason } from '../packages/core/src/model/decision.ts'
import type { Event } from '../packages/core/src/model/event.ts'
import type { SessionDelta } from '../packages/core/src/model/session.ts'
import type { NewAlert, NewNotification } from '../packages/core/src/model/store.ts'
import { SlotBook, SlotScopes } from '../packages/core/src/rules/budgets/slots.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'

/** How much is stored: for ten events one notification, as in the promise. */
export interface ListsData {
  readonly folder: string
  readonly events: number
  readonly notifications: number
}

const eventsPerSession = 20
/** Events, and notifications, of one commit. */
const atOnce = 5_000
const people = 60
const channels = ['mail', 'sms', 'inbox'] as const
const agents = 40
const dayMs = 86_400_000
/** Over so long it all happened. */
const spreadMs = 14 * dayMs

/**
 * Fills a database as a busy installation would, once for each folder: what is there already is used again.
 *
 * @param project whose all of it is
 */
export async function fillLists(folder: string, events: number, project: string, progress: (doing: string) => void): Promise<ListsData> {
  const notifications = Math.ceil(events / 10)
  const data = { folder, events, notifications }
  const mark = join(folder, `filled-${events}`)
  if (existsSync(mark)) return data
  mkdirSync(folder, { recursive: true })
  const chance = seededChance(7)
  const beganMs = systemClock.nowMs() - spreadMs
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'normal', isListed: true })
  try {
    const stepMs = spreadMs / events
    const scopes = new SlotScopes()
    for (let first = 0; first < events; first += atOnce) {
      const count = Math.min(atOnce, events - first)
      const numbers = Array.from({ length: count }, (_, index) => first + index)
      await store.transaction(async (tx) => {
        const made = numbers.map((number) => eventOf(number, project, beganMs + Math.floor(number * stepMs)))
        const slots = new SlotBook(scopes)
        for (const event of made) slots.add(event)
        await tx.insertEvents(made)
        await tx.addSpend(slots.deltas())
        await tx.applySessions(sessionsOf(numbers, project, (number) => beganMs + Math.floor(number * stepMs), chance.next()))
      }, { project })
      if (first % (atOnce * 20) === 0) progress(`${first.toLocaleString('en-US')} of ${events.toLocaleString('en-US')} events`)
    }
    const stepNotifiedMs = spreadMs / notifications
    for (let first = 0; first < notifications; first += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, notifications - first) }, (_, index) => first + index)
      const atMs = (number: number): number => beganMs + Math.floor(number * stepNotifiedMs)
      await store.transaction(async (tx) => {
        const told = numbers.filter((number) => number % 4 === 0)
        const ids = await tx.insertAlerts(told.map((number) => alertOf(number, project, atMs(number))))
        const made = await tx.enqueue(numbers.map((number, index) => notificationOf(number, ids[Math.floor(index / 4)] ?? 0, project, atMs(number))))
        await tx.recordDecisions(numbers.map((number, index) => ({ alert: ids[Math.floor(index / 4)] ?? 0, person: personOf(number), channel: channelOf(number), reason: reasons[number % reasons.length] ?? 'sent.now', params: { route: 'everything' }, atMs: atMs(number), count: 1 })))
        const ended = made.filter((_, index) => index % 500 !== 0).map(({ delivery }) => delivery)
        await tx.finish(ended.filter((_, index) => index % 100 !== 0), 'sent', atMs(first))
        await tx.finish(ended.filter((_, index) => index % 100 === 0), 'failed', atMs(first))
        // One in fifty goes on.
        await tx.updateAlerts(ids.filter((_, index) => index % 50 !== 0).map((id) => ({ id, addCount: 0, updatedAtMs: atMs(first), state: 'resolved' as const, resolvedAtMs: atMs(first) })))
      }, { project })
      if (first % (atOnce * 20) === 0) progress(`${first.toLocaleString('en-US')} of ${notifications.toLocaleString('en-US')} notifications`)
    }
  } finally {
    await store.close()
  }
  writeFileSync(mark, '')
  return data
}

const reasons: readonly DecisionReason[] = ['sent.now', 'sent.digest', 'held.quiet_hours', 'merged.group']

export function personOf(number: number): string {
  return `person-${number % people}`
}

function channelOf(number: number): string {
  return channels[number % channels.length] ?? 'mail'
}

export function agentOf(number: number): string {
  return `agent-${Math.floor(number / eventsPerSession) % agents}`
}

/** Sessions run beside one another: events of a hundred alternate. */
export function sessionOf(number: number): string {
  const block = Math.floor(number / (eventsPerSession * 100))
  return `session-${block * 100 + (number % 100)}`
}

function eventOf(number: number, project: string, atMs: number): Event {
  return {
    id: `event-${number}`, project, type: number % 3 === 0 ? 'tool.call' : 'llm.call', source: 'otel', atMs, durationMs: 900, tags: { team: 'support' }, status: number % 50 === 0 ? 'error' : 'ok', sessionId: sessionOf(number),
    agent: agentOf(number), environment: 'production',
    ...(number % 50 === 0 && { error: { class: 'rate-limit' as const, message: 'too many requests', statusCode: 429 } }),
    ...(number % 3 === 0 ? { tool: { name: 'search' } } : { llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat' as const, inputTokens: 1_200, outputTokens: 180, costNanoUsd: 660_000, costSource: 'priced' as const } }),
  }
}

function sessionsOf(numbers: readonly number[], project: string, atMs: (number: number) => number, draw: number): readonly SessionDelta[] {
  const bySession = Map.groupBy(numbers, sessionOf)
  return [...bySession].map(([sessionId, of]) => {
    const [first = 0] = of
    const last = of.at(-1) ?? first
    const isOver = of.length >= eventsPerSession
    return {
      project, sessionId, firstAtMs: atMs(first), lastAtMs: atMs(last), calls: of.length, errors: 0, costNanoUsd: Math.floor(of.length * 660_000 * (1 + draw)), unpriced: 0, agent: agentOf(first), startedAtMs: atMs(first),
      ...(isOver && { end: { atMs: atMs(last), state: first % 7 === 0 ? ('fail' as const) : ('success' as const) } }),
    }
  })
}

function alertOf(number: number, project: string, atMs: number): NewAlert {
  const kinds = ['session', 'model', 'tool', 'session', 'cost'] as const
  return {
    project, rule: number % 5 === 0 ? 'session-failed' : 'model-failed', key: `key-${number}`, kind: kinds[number % kinds.length] ?? 'session', severity: number % 9 === 0 ? 'critical' : 'warning', message: 'session.failed', ends: 'quiet', quietMs: 600_000,
    count: 1, openedAtMs: atMs, sessionId: sessionOf(number * 10), agent: agentOf(number), params: { agent: agentOf(number), session: sessionOf(number * 10), causeKind: 'llm.call', causeClass: 'rate-limit', causeName: 'gpt-5-mini', costUsd: 0.4 },
    evidence: { event: `event-${number * 10}`, atMs },
  }
}

function notificationOf(number: number, alert: number, project: string, atMs: number): NewNotification {
  const person = personOf(number)
  return {
    project, channel: channelOf(number), recipient: { person, role: 'developer', address: `${person}@example.com`, locale: 'en', timezone: 'UTC' }, route: 'everything', news: 'firing', alert, without: [], priority: 2,
    dueMs: atMs, expiresMs: atMs + dayMs, fallback: [], createdAtMs: atMs,
  }
}

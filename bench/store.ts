/**
 * What the store costs alone: from an event to its settled delivery, with nothing else in the thread.
 *
 * @example node bench/store.ts 100000
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { seededChance } from '../packages/core/src/model/chance.ts'
import type { Event } from '../packages/core/src/model/event.ts'
import type { SessionDelta } from '../packages/core/src/model/session.ts'
import type { NewAlert, NewNotification, Store } from '../packages/core/src/model/store.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'

const total = Number(process.argv[2] ?? 50_000)
const batch = 500
const claimAtOnce = 100
const sessions = 50
const chance = seededChance(1)
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'tocsin-bench-'))
const file = join(folder, 'tocsin.db')
/** Processor time of this thread, which other programs on the machine disturb less than the clock. */
const busyMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
const spentMs = new Map<string, number>()

const store = openSqliteStore({ file, clock: systemClock, durability: 'full' })
const inserted = await measured(() => insertAll(store))
const settled = await measured(() => settleAll(store))
const { events, deliveries, attempts } = await store.read.counts()
await store.close()

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`
console.log(`${machine}, ${new Date(systemClock.nowMs()).toISOString()}, node bench/store.ts ${total}`)
console.log(`${events} events, ${deliveries} deliveries, ${attempts} attempts, ${(statSync(file).size / events).toFixed(0)} bytes an event`)
print('event, session share, alert, delivery, decision; commit of 500', inserted)
print('due, lease, settle, attempt; commit of 100', settled)
print('together', { ms: inserted.ms + settled.ms, busyMs: inserted.busyMs + settled.busyMs })
for (const [name, ms] of spentMs) console.log(`    ${name.padEnd(10)} ${((ms * 1000) / total).toFixed(2).padStart(6)} µs an event`)
rmSync(folder, { recursive: true })

async function insertAll(into: Store): Promise<void> {
  for (let first = 0; first < total; first += batch) {
    const list = Array.from({ length: batch }, (_, index) => eventOf(first + index))
    await into.transaction(async (tx) => {
      await timed('events', () => tx.insertEvents(list))
      await timed('sessions', () => tx.applySessions(Array.from({ length: sessions }, (_, index) => sessionOf(index, list))))
      const alerts = await timed('alerts', () => tx.insertAlerts(list.map(alertOf)))
      await timed('enqueue', () => tx.enqueue(alerts.map((alert) => notificationOf(alert, systemClock.nowMs()))))
      await timed('decisions', () =>
        tx.recordDecisions(alerts.map((alert) => ({ alert, person: 'dana', channel: 'mail', reason: 'sent.now', params: {}, atMs: 1, count: 1 }))),
      )
    })
  }
}

/** Settling what was sent and claiming the next is one transaction, as in the pipeline. */
async function settleAll(into: Store): Promise<void> {
  let flying: { readonly id: number; readonly fence: number }[] = []
  do {
    flying = await into.transaction(async (tx) => {
      const nowMs = systemClock.nowMs()
      const attempt = { number: 1, atMs: nowMs, tookMs: 1, outcome: 'sent', detail: '250 ok' } as const
      await timed('settle', () => tx.settle(flying.map(({ id, fence }) => ({ id, fence, kind: 'done', result: 'sent', atMs: nowMs, attempt }))))
      const due = await timed('due', () => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs, limit: claimAtOnce }))
      const fences = await timed('lease', () => tx.lease(due.map(({ id }) => id), nowMs + 60_000, nowMs))
      return due.map(({ id }, index) => ({ id, fence: fences[index] ?? 0 }))
    })
  } while (flying.length > 0)
}

function eventOf(index: number): Event {
  return {
    id: `${chance.id()}${chance.id()}:${chance.id()}:llm.call`,
    project: 'bots',
    type: 'llm.call',
    source: 'observe',
    // Arrivals of one moment are spread over five seconds of event time.
    atMs: 1_700_000_000_000 + index + Math.floor(chance.next() * 5_000),
    durationMs: 812,
    sessionId: `session-${index % sessions}`,
    agent: 'support',
    environment: 'production',
    tags: { team: 'support' },
    status: 'error',
    error: { class: 'server', message: 'The server had an error while processing your request.', statusCode: 500 },
    llm: { provider: 'openai', model: 'gpt-5.2', operation: 'chat', inputTokens: 1_200, outputTokens: 300, costNanoUsd: 4_500_000, costSource: 'priced' },
  }
}

function sessionOf(index: number, list: readonly Event[]): SessionDelta {
  const atMs = list[index]?.atMs ?? 0
  return {
    project: 'bots', sessionId: `session-${index}`, firstAtMs: atMs, lastAtMs: atMs, calls: batch / sessions, errors: 1, costNanoUsd: 45_000_000, unpriced: 0,
    agent: 'support', environment: 'production',
    firstFailure: { eventId: 'e', atMs, step: 1, type: 'llm.call', name: 'gpt-5.2', class: 'server', message: 'The server had an error.' },
  }
}

function alertOf(event: Event): NewAlert {
  return {
    project: 'bots', rule: 'model-recorded', key: event.id, kind: 'model', severity: 'high', message: 'model.failed', ends: 'at-once', quietMs: 0, count: 1,
    openedAtMs: event.atMs, sessionId: event.sessionId, agent: event.agent, environment: event.environment, evidence: { event: event.id, atMs: event.atMs },
    params: { agent: 'support', session: event.sessionId, provider: 'openai', model: 'gpt-5.2', at: event.atMs, errorClass: 'server', statusCode: 500 },
  }
}

function notificationOf(alert: number, nowMs: number): NewNotification {
  return {
    project: 'bots', channel: 'mail', route: 'errors', news: 'firing', alert, without: [], priority: 1, dueMs: nowMs, expiresMs: nowMs + 86_400_000, fallback: ['sms'],
    createdAtMs: nowMs, recipient: { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai' },
  }
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startMs = systemClock.monotonicMs()
  const result = await work()
  spentMs.set(name, (spentMs.get(name) ?? 0) + systemClock.monotonicMs() - startMs)
  return result
}

interface Measured {
  readonly ms: number
  readonly busyMs: number
}

async function measured(work: () => Promise<void>): Promise<Measured> {
  const startMs = systemClock.monotonicMs()
  const startBusyMs = busyMs()
  await work()
  return { ms: systemClock.monotonicMs() - startMs, busyMs: busyMs() - startBusyMs }
}

function print(what: string, { ms, busyMs: busy }: Measured): void {
  const each = (some: number): string => ((some * 1000) / total).toFixed(1)
  console.log(`  ${what}: ${Math.round((total * 1000) / ms)}/s, ${each(ms)} µs an event, ${each(busy)} µs of processor time`)
}

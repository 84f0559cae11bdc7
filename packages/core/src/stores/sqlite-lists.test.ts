import { mkdtempSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { sampleAlert, sampleMs, sampleNotification, sampleSession } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-lists-'))
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

/** Queries that the planner of SQLite is free to answer by reading everything: each new index may change its mind about old ones. */
test('no list and nothing that waits for work reads a whole table or all of a project', async () => {
  const prepare = vi.spyOn(DatabaseSync.prototype, 'prepare')
  const file = join(folder, 'tocsin.db')
  const store = openSqliteStore({ file, clock: manualClock(sampleMs), durability: 'normal', isListed: true })
  const made = await store.transaction(async (tx) => {
    const [alert = 0] = await tx.insertAlerts([sampleAlert()])
    await tx.applySessions([sampleSession()])
    return (await tx.enqueue([sampleNotification(alert)]))[0]
  })
  prepare.mockClear()
  const { read } = store
  const list = { project: 'bots', limit: 10 }
  const [alertPlace, sessionPlace] = [{ atMs: sampleMs + 1, id: 9 }, { atMs: sampleMs + 1, id: 'x' }]
  for (const ask of [{}, { after: alertPlace }, { states: ['firing' as const], after: alertPlace }, { sessionId: 's1' }, { parent: 1 }, { parent: 'none' as const }, { agent: 'a', kinds: ['cost' as const] }, { sinceMs: 1, untilMs: sampleMs + 5, rule: 'r' }]) await read.listAlerts({ ...list, ...ask })
  for (const ask of [{}, { after: 9 }, { person: 'dana' }, { person: 'dana', state: 'done' as const }, { state: 'waiting' as const }, { results: ['failed' as const] }, { results: ['sent' as const] }, { alert: 1 }, { sinceMs: 1 }]) await read.listDeliveries({ ...list, ...ask })
  for (const ask of [{}, { after: sessionPlace }, { states: ['fail' as const], agent: 'a', minCostNanoUsd: 5 }]) await read.listSessions({ ...list, ...ask })
  await read.costliestSessions({ ...list, nowMs: sampleMs + 5 })
  for (const ask of [{}, { after: sessionPlace, status: 'error' as const }, { status: 'error' as const, agent: 'a', untilMs: sampleMs }, { status: 'ok' as const, sinceMs: 1 }, { sessionId: 's1' }]) await read.listEvents({ ...list, ...ask })
  await read.failureCauses('bots', 1)
  await read.reportAlerts({ project: 'bots', fromMs: 1, untilMs: sampleMs, limit: 10 })
  await read.reportDeliveries({ project: 'bots', fromMs: 1, untilMs: sampleMs, limit: 10 })
  for (const ask of [{}, { alert: 1 }, { person: 'dana', kinds: ['model' as const] }]) await read.listDecisions({ ...list, ...ask })
  await read.countFiring('bots', ['model'])
  await read.countParts([1, 2])
  await read.countTold([1, 2])
  await read.countSessions('bots', 1)
  await read.actionsOn(1)
  await read.alertsNumbered('bots', [1])
  await read.deliveriesNumbered('bots', [made?.delivery ?? 0])
  await read.messagesKept(['m'])
  await read.changesAfter('bots', 0)
  await store.transaction(async (tx) => {
    await tx.hurry('bots', 1_000, sampleMs)
    await tx.expired('bots', ['mail'], sampleMs, 10)
    await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 10 })
  })
  await read.waiting('bots')
  const texts = [...new Set(prepare.mock.calls.map(([text]) => text))].filter((text) => /^\s*(?:select|update)/i.test(text))
  await store.close()
  vi.restoreAllMocks()

  const db = new DatabaseSync(file)
  const wrong: string[] = []
  for (const text of texts) {
    const plan = db.prepare(`explain query plan ${text}`).all(...Array.from({ length: text.split('?').length - 1 }, () => 1)).map(({ detail }) => String(detail))
    const reads = plan.filter((step) => /^SCAN (?:alerts|deliveries|sessions|events|decisions|actions|inbox)\b/.test(step))
    const isWork = /done_at is null/.test(text) && !text.includes('order by id desc')
    const isOfFailed = /from events .*where .*status = 'error'/.test(text)
    if (isOfFailed && !plan.some((step) => step.includes('events_failed'))) wrong.push(`${text} -> ${plan.join('; ')}`)
    // Slices by number: all alerts of a project are no way into them.
    if (/from (?:decisions join alerts|alerts where id >=)/.test(text) && plan.some((step) => /alerts USING (?:COVERING )?INDEX/.test(step))) wrong.push(`${text} -> ${plan.join('; ')}`)
    if (reads.length > 0 || (isWork && !plan.some((step) => step.includes('deliveries_due')))) wrong.push(`${text} -> ${plan.join('; ')}`)
  }
  db.close()
  expect(texts.length).toBeGreaterThan(40)
  expect(texts.filter((text) => text.includes("status = 'error'")).length).toBeGreaterThan(2)
  expect(wrong).toEqual([])
})

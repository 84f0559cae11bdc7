import { join } from 'node:path'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { unlistedAlerts } from '../packages/core/src/model/notification.ts'
import type { BatchItem, NewAlert, Transaction } from '../packages/core/src/model/store.ts'
import { withPatterns } from '../packages/core/src/rules/similar/pattern.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import type { Benchmark, Figure } from './figure.ts'
import { median } from './quantile.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const kinds = 40
const alertsInBatch = 100_000
const rounds = 200
const alertsInRound = 50

/** What it costs to tell which alerts say the same, and to read a collection of very many by what they say. */
export const similar: Benchmark = {
  name: 'similar',
  title: 'alerts that say the same of different things, SQLite',
  run: (progress) =>
    inTemporaryFolder(async (folder) => {
      const store = openSqliteStore({ file: join(folder, 'similar.db'), clock: systemClock, durability: 'normal' })
      try {
        progress('patterns')
        const tookUs = new Float64Array(rounds)
        for (let round = -rounds; round < rounds; round += 1) {
          const alerts = Array.from({ length: alertsInRound }, (_, index) => failed(Math.abs(round) * alertsInRound + index))
          const since = await store.transaction(async (tx) => {
            const beganMs = systemClock.monotonicMs()
            await withPatterns(tx, alerts, systemClock.nowMs())
            return systemClock.monotonicMs() - beganMs
          })
          if (round >= 0) tookUs[round] = (since * 1_000) / alertsInRound
        }
        progress(`a collection of ${alertsInBatch} alerts`)
        for (let from = 0; from < alertsInBatch; from += 1_000) await store.transaction((tx) => collect(tx, from))
        const sinceMs = systemClock.monotonicMs()
        const [due] = await store.transaction((tx) => tx.due({ project: 'bench', channel: 'mail', priority: 1, nowMs: atMs + 60_000, limit: 1 }))
        const readMs = systemClock.monotonicMs() - sinceMs
        const lines = due?.notification.alerts.length ?? 0
        const listed = due === undefined ? 0 : alertsInBatch - unlistedAlerts(due.notification)
        const figures: readonly Figure[] = [
          { what: 'pattern of an alert that opens, median', value: median(tookUs), unit: 'µs', target: { atMost: 20 }, note: `${kinds} kinds known` },
          { what: `reading a collection of ${alertsInBatch.toLocaleString('en')} alerts`, value: readMs, unit: 'ms', target: { atMost: 1_000 }, note: `${lines} lines, ${listed.toLocaleString('en')} counted in them` },
        ]
        return figures
      } finally {
        await store.close()
      }
    }),
}

const atMs = 1_795_000_000_000
const things = ['order', 'customer', 'invoice', 'shipment', 'refund', 'ticket', 'product', 'warehouse', 'contract', 'payment']
const troubles = ['could not be found in the register', 'is locked by another job since', 'was refused by the service behind it, code', 'has a field that cannot be read, number']

function failed(index: number): NewAlert {
  const thing = things[index % things.length] ?? ''
  const trouble = troubles[Math.floor(index / things.length) % troubles.length] ?? ''
  const agent = `agent-${index % 12}`
  return {
    project: 'bench', rule: 'tool-failed', key: `${agent}|tool-${index}`, kind: 'tool', severity: 'high', message: 'tool.failed', ends: 'told', quietMs: 600_000, count: 1, openedAtMs: atMs + index, evidence: { event: `event-${index}` }, agent,
    params: { agent, tool: 'registry', errorClass: 'other', session: `s_${index.toString(36)}`, errorMessage: `${thing} ${(index * 7_919).toString(16)} ${trouble} ${index} (request req_${index.toString(36)}, see https://status.example.com/${index})` },
  }
}

async function collect(tx: Transaction, from: number): Promise<void> {
  const ids = await tx.insertAlerts(await withPatterns(tx, Array.from({ length: 1_000 }, (_, index) => failed(from + index)), atMs))
  const item: Omit<BatchItem, 'alert'> = {
    project: 'bench', channel: 'mail', recipient: { person: 'dana', role: 'admin', address: 'dana@example.com', locale: 'en', timezone: 'UTC' }, route: 'all', news: 'firing', without: [], priority: 1,
    dueMs: atMs + 60_000, expiresMs: atMs + 86_400_000, fallback: [], createdAtMs: atMs, batchKey: 'bench', batchMax: Infinity,
  }
  await tx.enqueueInBatch(ids.map((alert) => ({ ...item, alert })))
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import { systemClock } from '../model/clock.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { movedClock } from '../testing/moved-clock.ts'
import { until } from '../testing/receiver.ts'
import { createReports, reportTimer, type Reports } from './reports.ts'

const dayMs = 86_400_000
const minuteMs = 60_000
const config = configurationFrom({ channels: { box: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['dana'], via: ['box'] }] }, [], {})

let folder: string
let store: Store
const clock = movedClock()
const told: string[] = []
const notices: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-reports-'))
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'normal' })
  clock.aheadMs = 0
  told.length = 0
  notices.length = 0
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** One process, and how it takes what is due. */
function process(name: string, read: Store['read'] = store.read): { readonly reports: Reports; take(): Promise<void>; made(): Promise<void> } {
  const own: Store = { ...store, transaction: (work) => store.transaction(work), putInbox: (...args) => store.putInbox(...args), close: () => store.close(), read }
  const reports = createReports({
    config, store: own, clock, onFinished: () => undefined, notice: (text) => notices.push(text),
    planReport: () => ({ notifications: [], batched: [], decisions: [], failed: [] }),
    enqueue: async () => void told.push(name),
  })
  return {
    reports,
    take: () => store.transaction(async (tx) => {
      const due = (await tx.dueTimers('default', clock.nowMs(), 100)).filter(({ kind }) => kind === reportTimer)
      await tx.removeTimers(due)
      await reports.timers[reportTimer]?.(tx, due, clock.nowMs())
    }),
    async made() {
      reports.work()
      await until(() => reports.underWay === 0)
    },
  }
}

const begin = ({ reports }: ReturnType<typeof process>) => store.transaction((tx) => reports.begin(tx, clock.nowMs()))

describe('a report that several processes could make', () => {
  test('is told by the one that took it', async () => {
    const [one, other] = [process('one'), process('other')]
    await begin(one)
    await begin(other)
    clock.aheadMs = dayMs
    await one.take()
    await other.take()
    await Promise.all([one.made(), other.made()])
    expect(told).toEqual(['one'])
  })

  test('is told by another when the one that took it is slow, and not again when that one is ready at last', async () => {
    const [slow, other] = [process('slow'), process('other')]
    await begin(slow)
    clock.aheadMs = dayMs
    await slow.take()
    clock.aheadMs = dayMs + 11 * minuteMs
    await other.take()
    await other.made()
    await slow.made()
    expect(told).toEqual(['other'])
  })

  test('that could not be counted is said to the operator, and told later', async () => {
    const broken = process('broken', { ...store.read, reportUsage: () => Promise.reject(new Error('disk on fire')) })
    await begin(broken)
    clock.aheadMs = dayMs
    await broken.take()
    await broken.made()
    expect([told, notices]).toEqual([[], ['a report is told later: disk on fire']])
    const next = process('next')
    await next.take()
    await next.made()
    expect(told).toEqual([])
    clock.aheadMs = dayMs + 11 * minuteMs
    await next.take()
    await next.made()
    expect(told).toEqual(['next'])
  })

  test('waits for its next time when it was told, and a process that begins later changes nothing', async () => {
    const one = process('one')
    await begin(one)
    clock.aheadMs = dayMs
    await begin(process('later'))
    await one.take()
    await one.made()
    await one.take()
    await one.made()
    expect(told).toEqual(['one'])
    clock.aheadMs = 2 * dayMs
    await one.take()
    await one.made()
    expect(told).toEqual(['one', 'one'])
  })
})

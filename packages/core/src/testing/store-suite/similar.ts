import { expect, test } from 'vitest'
import { unlistedAlerts } from '../../model/notification.ts'
import type { BatchItem, DueDelivery, NewAlert } from '../../model/store.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { only, sampleAlert, sampleItem, sampleMs } from './samples.ts'

/** How a collection is loaded where alerts in it say the same of different things. */
export function similarSuite(here: StoreUnderTest): void {
  const alerts = (some: readonly Partial<NewAlert>[]): Promise<readonly number[]> =>
    here.write((tx) => tx.insertAlerts(some.map((change, index) => sampleAlert({ key: `key ${index}`, pattern: 'same', ...change }))))
  const add = (ids: readonly number[], change: Partial<BatchItem> = {}) => here.write((tx) => tx.enqueueInBatch(ids.map((id) => sampleItem(id, { batchMax: 1_000, ...change }))))
  const due = (nowMs = sampleMs + 30_000): Promise<readonly DueDelivery[]> => here.write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 3, nowMs, limit: 10 }))
  const notification = async () => only(await due()).notification
  /** All that the collection holds, however it is listed. */
  const counted = ({ alerts: lines, similar, ...rest }: DueDelivery['notification']) => lines.reduce((sum, { id }) => sum + (similar?.get(id)?.alerts ?? 1), 0) + unlistedAlerts({ similar, ...rest })

  test('alerts of one pattern are one line, the oldest of them, with how many, since when and of how many agents', async () => {
    const [a = 0, b = 0, c = 0, d = 0] = await alerts([{ agent: 'support' }, { agent: 'refund', openedAtMs: sampleMs + 5_000 }, { pattern: 'other', agent: 'triage' }, { agent: 'refund', openedAtMs: sampleMs + 2_000 }])
    await add([d, c, b, a])
    const { alerts: lines, similar, moreAlerts, ...rest } = await notification()
    expect(lines.map(({ id }) => id)).toEqual([a, c])
    expect([...(similar ?? [])]).toEqual([[a, { alerts: 3, firstMs: sampleMs, lastMs: sampleMs + 5_000, agents: 2, agentNames: ['refund', 'support'] }]])
    expect(moreAlerts).toBe(2)
    expect(unlistedAlerts({ moreAlerts, similar, ...rest })).toBe(0)
  })

  test('without a pattern each stands for itself', async () => {
    const without = Array.from({ length: 3 }, (_, index) => {
      const { pattern: _none, ...alert } = sampleAlert({ key: `plain ${index}` })
      return alert
    })
    const ids = await here.write((tx) => tx.insertAlerts(without))
    await add(ids)
    const found = await notification()
    expect(found.alerts.map(({ id }) => id)).toEqual(ids)
    expect(found).toMatchObject({ moreAlerts: 0 })
    expect(found).not.toHaveProperty('similar')
  })

  test('what is critical and what is late stays a line of its own', async () => {
    const [a = 0, b = 0, c = 0, d = 0] = await alerts([{ severity: 'critical' }, { severity: 'critical' }, {}, {}])
    await add([a, b, c])
    await add([d], { isLate: true })
    const { alerts: lines, late, moreAlerts } = await notification()
    expect(lines.map(({ id }) => id)).toEqual([a, b, c, d])
    expect([late, moreAlerts]).toEqual([[d], 0])
  })

  test('what stands otherwise is another line: another severity, over, taken', async () => {
    const ids = await alerts([{}, { severity: 'warning' }, {}, {}, {}])
    const [, , over = 0, taken = 0] = ids
    await add(ids)
    await here.write((tx) => tx.updateAlerts([{ id: over, addCount: 0, updatedAtMs: sampleMs, state: 'resolved', resolvedAtMs: sampleMs }, { id: taken, addCount: 0, updatedAtMs: sampleMs, state: 'acknowledged', taken: { by: 'dana', atMs: sampleMs } }]))
    const { alerts: lines, similar } = await notification()
    expect(lines.map(({ id }) => id)).toEqual(ids.slice(0, 4))
    expect([...(similar ?? [])].map(([id, { alerts: count }]) => [id, count])).toEqual([[ids[0], 2]])
  })

  test('of more lines than are loaded the most urgent and then the most frequent are, and all is counted', async () => {
    const many = Array.from({ length: 150 }, (_, index): Partial<NewAlert> => ({ pattern: `pattern ${index}`, severity: 'warning' }))
    const ids = await alerts([...many, ...Array.from({ length: 40 }, (): Partial<NewAlert> => ({ pattern: 'pattern 149', severity: 'warning' })), { pattern: 'urgent', severity: 'high' }])
    await add(ids)
    const found = await notification()
    expect(found.alerts).toHaveLength(100)
    expect(found.alerts.map(({ pattern }) => pattern)).toEqual(expect.arrayContaining(['urgent', 'pattern 149']))
    expect(found.alerts.map(({ id }) => id)).toEqual(found.alerts.map(({ id }) => id).toSorted((one, other) => one - other))
    expect(unlistedAlerts(found)).toBe(51)
    expect(counted(found)).toBe(191)
  })

  test('a thousand alerts of forty patterns are forty lines that count them all', async () => {
    await add(await alerts(Array.from({ length: 1_000 }, (_, index) => ({ pattern: `pattern ${index % 40}`, openedAtMs: sampleMs + index }))))
    const found = await notification()
    expect(found.alerts).toHaveLength(40)
    expect(new Set([...(found.similar ?? [])].map(([, { alerts: count }]) => count))).toEqual(new Set([25]))
    expect([unlistedAlerts(found), counted(found)]).toEqual([0, 1_000])
  })

  test('that they were told by the line of another is on record for each that has none', async () => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = await alerts([{}, {}, { pattern: 'other' }, { severity: 'critical' }, {}])
    await add([a, b, c, d, e])
    const { id } = only(await due())
    await here.write((tx) => tx.recordSimilar(id, { person: 'dana', channel: 'mail', atMs: sampleMs }, [{ alert: a, params: { count: 2, template: 'no <*>' } }]))
    const decisions = await Promise.all([a, b, c, d, e].map((alert) => here.store.read.decisionsOf(alert)))
    const expected = { reason: 'merged.similar', person: 'dana', channel: 'mail', params: { count: 2, template: 'no <*>' }, atMs: sampleMs, count: 1 }
    expect(decisions).toEqual([[], [{ alert: b, ...expected }], [], [], [{ alert: e, ...expected }]])
  })
}

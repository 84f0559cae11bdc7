import { expect, test } from 'vitest'
import type { Event } from '../../model/event.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { dana, lee, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification, sampleSession, sampleSpend } from './samples.ts'

const hourMs = 3_600_000
const span = { project: 'bots', fromMs: sampleMs, untilMs: sampleMs + hourMs }

export function reportSuite(here: StoreUnderTest): void {
  const llm = (model: string, costNanoUsd?: number): Event['llm'] => ({ provider: 'openai', model, operation: 'chat', ...(costNanoUsd === undefined ? { costSource: 'unknown' } : { costNanoUsd, costSource: 'priced' }) })
  const insert = (...events: readonly Partial<Event>[]) => here.write((tx) => tx.insertEvents(events.map((event, index) => sampleEvent({ id: `e${index}`, agent: 'support', ...event }))))

  test('calls are summed by agent and model, those without a price apart; the span begins with its first instant and ends before its last', async () => {
    await insert(
      { atMs: sampleMs - 1, llm: llm('gpt', 1) }, { atMs: sampleMs, llm: llm('gpt', 5) }, { atMs: sampleMs + 1, llm: llm('gpt', 7) }, { atMs: sampleMs + 1, llm: llm('mini') },
      { atMs: sampleMs + hourMs - 1, agent: 'writer', llm: llm('gpt', 11) }, { atMs: sampleMs + hourMs, llm: llm('gpt', 100) },
      { atMs: sampleMs + 2, llm: llm('gpt', 1_000), duplicateOf: 'e1' }, { atMs: sampleMs + 2, type: 'tool.call', tool: { name: 'search' } }, { atMs: sampleMs + 2, project: 'other', llm: llm('gpt', 9) },
    )
    const { usage, next } = await here.store.read.reportUsage({ ...span, limit: 1_000 })
    expect(usage.toSorted((a, b) => a.nanoUsd - b.nanoUsd)).toEqual([
      { agent: 'support', provider: 'openai', model: 'mini', calls: 1, nanoUsd: 0, unpriced: 1 },
      { agent: 'writer', provider: 'openai', model: 'gpt', calls: 1, nanoUsd: 11, unpriced: 0 },
      { agent: 'support', provider: 'openai', model: 'gpt', calls: 2, nanoUsd: 12, unpriced: 0 },
    ])
    expect(next).toBeUndefined()
  })

  test('what was added up counts as money and not as calls', async () => {
    await insert({ llm: llm('gpt', 5) }, { type: 'llm.usage', llm: llm('gpt', 7) }, { type: 'llm.usage', llm: llm('mini', 3) }, { type: 'llm.usage', llm: llm('mini') }, { type: 'llm.pending', llm: llm('gpt') })
    const { usage } = await here.store.read.reportUsage({ ...span, limit: 1_000 })
    expect(usage.toSorted((a, b) => a.nanoUsd - b.nanoUsd).map(({ model, calls, nanoUsd, unpriced }) => [model, calls, nanoUsd, unpriced])).toEqual([['mini', 0, 3, 1], ['gpt', 1, 12, 0]])
  })

  test('a slice ends after so many rows and the next goes on behind it, also within one instant', async () => {
    await insert(...Array.from({ length: 7 }, () => ({ atMs: sampleMs + 5, llm: llm('gpt', 1) })))
    const sums: number[] = []
    let slice = await here.store.read.reportUsage({ ...span, limit: 3 })
    for (;;) {
      sums.push(slice.usage.reduce((sum, { calls }) => sum + calls, 0))
      if (slice.next === undefined) break
      slice = await here.store.read.reportUsage({ ...span, limit: 3, after: slice.next })
    }
    expect(sums).toEqual([3, 3, 1])
  })

  test('what failed is counted by class, provider and what was called', async () => {
    const error = { class: 'timeout', message: 'late' } as const
    await insert(
      { status: 'error', llm: llm('gpt'), error }, { status: 'error', llm: llm('gpt'), error }, { status: 'error', type: 'tool.call', tool: { name: 'search' }, error: { class: 'auth', message: 'no' } },
      { status: 'error', type: 'session.end' }, { status: 'ok', llm: llm('gpt', 1) },
    )
    const { failures } = await here.store.read.reportUsage({ ...span, limit: 1_000 })
    expect(failures.toSorted((a, b) => a.count - b.count)).toEqual([{ class: 'auth', name: 'search', provider: '', count: 1 }, { class: 'timeout', name: 'gpt', provider: 'openai', count: 2 }])
  })

  test('sessions count by how they ended, where they ended; those that run count where they ran', async () => {
    const firstFailure = { eventId: 'e1', atMs: sampleMs, step: 1, type: 'llm.call', name: 'gpt', provider: 'openai', class: 'quota', message: 'no money' } as const
    const end = (sessionId: string, atMs: number, state: 'success' | 'fail') => sampleSession({ sessionId, firstAtMs: atMs - 5, lastAtMs: atMs, end: { atMs, state }, ...(state === 'fail' && { firstFailure: { ...firstFailure, atMs } }) })
    await here.write((tx) => tx.applySessions([
      end('a', sampleMs, 'success'), end('b', sampleMs + 1, 'fail'), end('c', sampleMs + 2, 'fail'), end('before', sampleMs - 1, 'fail'), end('after', sampleMs + hourMs, 'fail'),
      sampleSession({ sessionId: 'runs', firstAtMs: sampleMs + 3, lastAtMs: sampleMs + 4 }), sampleSession({ sessionId: 'ran', firstAtMs: sampleMs - 9, lastAtMs: sampleMs - 8 }), { ...end('d', sampleMs, 'success'), project: 'other' },
    ]))
    const slices = [await here.store.read.reportSessions({ ...span, limit: 3 })]
    for (let next = slices[0]?.next; next !== undefined; next = slices.at(-1)?.next) slices.push(await here.store.read.reportSessions({ ...span, limit: 3, after: next }))
    expect(slices.length).toBeGreaterThan(1)
    const counts: Record<string, number> = {}
    for (const { state, count } of slices.flatMap(({ outcomes }) => outcomes)) counts[state] = (counts[state] ?? 0) + count
    expect(counts).toEqual({ success: 1, fail: 2, running: 1 })
    expect(slices.flatMap(({ causes }) => causes).reduce((sum, { count }) => sum + count, 0)).toBe(2)
    expect(slices.flatMap(({ causes }) => causes)[0]).toMatchObject({ class: 'quota', provider: 'openai', name: 'gpt' })
  })

  test('alerts count by rule and what they are about, and decisions by person and reason', async () => {
    await here.write(async (tx) => {
      const ids = await tx.insertAlerts([
        sampleAlert({ key: 'old', openedAtMs: sampleMs - 3 * hourMs }), sampleAlert({ key: 'before', openedAtMs: sampleMs - 1 }), sampleAlert({ key: 'a', severity: 'info' }), sampleAlert({ key: 'b' }),
        sampleAlert({ rule: 'report:week', key: 'dana', message: 'report.week', ends: 'at-once' }), sampleAlert({ key: 'c', project: 'other' }),
      ])
      const decide = (alert: number | undefined, person: string, atMs: number) => ({ alert: alert ?? 0, person, channel: 'mail', reason: 'held.digest', params: {}, atMs, count: 2 }) as const
      await tx.recordDecisions([decide(ids[1], 'dana', sampleMs + 1), decide(ids[2], 'dana', sampleMs), decide(ids[3], 'lee', sampleMs + hourMs), decide(ids[4], 'dana', sampleMs)])
    })
    const slices = [await here.store.read.reportAlerts({ ...span, limit: 2 })]
    for (let next = slices[0]?.next; next !== undefined; next = slices.at(-1)?.next) slices.push(await here.store.read.reportAlerts({ ...span, limit: 2, after: next }))
    expect(slices.flatMap(({ opened }) => opened).toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { rule: 'model-failed', key: 'a', kind: 'model', alerts: 1, informing: 1, cycles: 0 }, { rule: 'model-failed', key: 'b', kind: 'model', alerts: 1, informing: 0, cycles: 0 },
    ])
    expect(slices.flatMap(({ decided }) => decided).reduce((sum, { count }) => sum + count, 0)).toBe(4)
    expect(slices.flatMap(({ decided }) => decided).every(({ person, reason }) => person === 'dana' && reason === 'held.digest')).toBe(true)
  })

  test('messages count by channel, person and result where they ended, and by what they told; a collection once for each rule in it', async () => {
    await here.write(async (tx) => {
      const [one = 0, two = 0, three = 0] = await tx.insertAlerts([sampleAlert({ key: 'a' }), sampleAlert({ key: 'b', rule: 'slow' }), sampleAlert({ key: 'c', rule: 'slow' })])
      const enqueued = [
        ...(await tx.enqueue([sampleNotification(one), sampleNotification(one, { recipient: lee }), sampleNotification(two, { recipient: dana })])),
        ...(await tx.enqueueInBatch([sampleItem(one), sampleItem(two), sampleItem(three)])),
      ]
      const ids = [...new Set(enqueued.map(({ delivery }) => delivery))]
      await tx.finish(ids.slice(0, 1), 'sent', sampleMs + 1)
      await tx.finish(ids.slice(1, 2), 'failed', sampleMs + 1)
      await tx.finish(ids.slice(2, 3), 'sent', sampleMs + hourMs)
      await tx.finish(ids.slice(3, 4), 'sent', sampleMs + 2)
    })
    const { ended, told } = await here.store.read.reportDeliveries({ ...span, limit: 100 })
    expect(ended.toSorted((a, b) => (a.person < b.person ? -1 : 1))).toEqual([{ channel: 'mail', person: 'dana', result: 'sent', count: 2 }, { channel: 'mail', person: 'lee', result: 'failed', count: 1 }])
    const sums: Record<string, number> = {}
    for (const { rule, person, messages } of told) sums[`${rule} ${person}`] = (sums[`${rule} ${person}`] ?? 0) + messages
    expect(sums).toEqual({ 'model-failed dana': 2, 'slow dana': 1 })
    const first = await here.store.read.reportDeliveries({ ...span, limit: 1 })
    expect(first.next).toBeDefined()
  })

  test('of a budget the group that spent most counts, in its period and as it counts now', async () => {
    await here.write((tx) => tx.addSpend([sampleSpend({ scope: 'a', nanoUsd: 5 }), sampleSpend({ scope: 'b', nanoUsd: 9 }), sampleSpend({ scope: 'c', nanoUsd: 90, epoch: 'old' }), sampleSpend({ scope: 'a', nanoUsd: 70, periodStartMs: sampleMs - 1 })]))
    expect(await here.store.read.reportSpent('bots', [{ budget: 'day', epoch: 'a1', periodStartMs: sampleMs }, { budget: 'none', epoch: 'a1', periodStartMs: sampleMs }])).toEqual([{ nanoUsd: 9, groups: 2 }, { nanoUsd: 0, groups: 0 }])
  })

  test('channels that are paused or fail are known, each once', async () => {
    await here.write(async (tx) => {
      await tx.pauseChannel({ project: 'bots', channel: 'sms', why: 'failing', cause: 'no answer', sinceMs: 5, untilMs: 10, lengthMs: 5, failedProbes: 0 })
      for (const channel of ['sms', 'mail']) await tx.putChannelHealth({ project: 'bots', channel, failingSinceMs: 3, lastMs: 4, failures: 7, firstDelivery: 1, areSeveral: true })
    })
    expect(await here.store.read.reportTrouble('bots')).toEqual([{ channel: 'sms', state: 'paused', sinceMs: 5 }, { channel: 'mail', state: 'failing', sinceMs: 3, messages: 7 }])
  })

  test('a project that was never heard of has nothing to report', async () => {
    const ask = { ...span, project: 'unheard', limit: 10 }
    expect([await here.store.read.reportUsage(ask), await here.store.read.reportSessions(ask), await here.store.read.reportAlerts(ask), await here.store.read.reportDeliveries(ask)])
      .toEqual([{ usage: [], failures: [] }, { outcomes: [], causes: [] }, { opened: [], decided: [] }, { ended: [], told: [] }])
    expect([await here.store.read.reportSpent('unheard', [{ budget: 'day', epoch: 'a1', periodStartMs: 0 }]), await here.store.read.reportTrouble('unheard'), await here.store.read.eventsSinceMs('unheard')]).toEqual([[{ nanoUsd: 0, groups: 0 }], [], 0])
  })

  test('a timer that waits is left as it is where it is put as missing, and taken only by whoever knows when it is due', async () => {
    const timer = { project: 'bots', kind: 'report', key: 'a', dueMs: 10 }
    await here.write((tx) => tx.putMissingTimers([timer]))
    await here.write((tx) => tx.putMissingTimers([{ ...timer, dueMs: 50 }, { ...timer, key: 'b', dueMs: 20 }]))
    expect(await here.write((tx) => tx.dueTimers('bots', 100, 10))).toEqual([timer, { ...timer, key: 'b', dueMs: 20 }])
    expect(await here.write((tx) => tx.takeTimers([{ ...timer, dueMs: 50 }, { ...timer, key: 'b', dueMs: 20 }]))).toEqual([false, true])
    expect(await here.write((tx) => tx.dueTimers('bots', 100, 10))).toEqual([timer])
  })
}

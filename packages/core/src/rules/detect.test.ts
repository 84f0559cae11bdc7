import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { Alert, AlertChange } from '../model/alert.ts'
import { configSchema } from '../model/config.ts'
import type { ConfigInput } from '../model/config.ts'
import type { Decision } from '../model/decision.ts'
import type { ErrorClass, Event } from '../model/event.ts'
import { nanoFromUsd } from '../model/money.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { seededChance } from '../model/chance.ts'
import { applyFindings, resolveQuiet } from './alerts.ts'
import { createDetector } from './detect.ts'

const startMs = Date.UTC(2026, 10, 22, 12)

interface World {
  readonly store: Store
  /** Accepts a batch as the engine does; returns what changed. */
  accept(events: readonly Event[], nowMs?: number): Promise<readonly AlertChange[]>
  /** Decisions about budgets that were not told by themselves. */
  readonly superseded: Decision[]
  dispose(): Promise<void>
}

const worlds: World[] = []
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.dispose()
})

function world(config: ConfigInput = {}): World {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-rules-'))
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(startMs), durability: 'normal' })
  const detector = createDetector(configSchema.parse(config))
  const superseded: Decision[] = []
  const made: World = {
    store,
    superseded,
    accept: (events, nowMs = startMs) =>
      store.transaction(async (tx) => {
        const isNew = await tx.insertEvents(events)
        const { findings, supersededBudgets } = await detector.detect(tx, events.filter((_, i) => isNew[i]), nowMs)
        const changes = await applyFindings(tx, findings, nowMs)
        for (const change of changes) superseded.push(...supersededBudgets(change))
        return changes
      }),
    async dispose() {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
  worlds.push(made)
  return made
}

let count = 0
function event(change: Partial<Event>): Event {
  count += 1
  return { id: `e${count}`, project: 'bots', type: 'llm.call', source: 'observe', atMs: startMs, durationMs: 100, tags: {}, status: 'ok', agent: 'refund-bot', ...change }
}

function call(costUsd: number, change: Partial<Event> = {}): Event {
  return event({ sessionId: 's1', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: nanoFromUsd(costUsd), costSource: 'priced' }, ...change })
}

function failed(errorClass: ErrorClass, change: Partial<Event> = {}): Event {
  return event({
    sessionId: 's1', status: 'error', error: { class: errorClass, message: 'insufficient_quota', statusCode: 429 },
    llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costSource: 'unknown', retries: 3 }, ...change,
  })
}

const start = event({ type: 'session.start', sessionId: 's1', name: 'answer', environment: 'production', detail: { node: 'v24.21.0', gitCommit: 'abc', host: 'h1' }, tags: { team: 'support' } })
const end = (endState: 'success' | 'fail' | 'indeterminate', change: Partial<Event> = {}): Event =>
  event({ type: 'session.end', sessionId: 's1', endState, endReason: 'gave up', atMs: startMs + 60_000, ...change })

function told(changes: readonly AlertChange[]): readonly string[] {
  return changes.map(({ alert, change }) => `${change} ${alert.rule} ${alert.severity}`)
}

function alertOf(changes: readonly AlertChange[], rule: string): Alert {
  const found = changes.find(({ alert }) => alert.rule === rule)
  if (found === undefined) throw new Error(`no ${rule} among ${told(changes).join(', ')}`)
  return found.alert
}

describe('sessions', () => {
  it('are told when they start, with Node, commit and host', async () => {
    const alert = alertOf(await world().accept([start]), 'session-started')
    expect(alert).toMatchObject({ kind: 'session', severity: 'info', state: 'resolved', agent: 'refund-bot', tags: { team: 'support' }, environment: 'production' })
    expect(alert.params).toEqual({ agent: 'refund-bot', name: 'answer', session: 's1', environment: 'production', at: startMs, node: 'v24.21.0', gitCommit: 'abc', host: 'h1' })
  })

  it('are told once when they fail, with the call that failed first and why', async () => {
    const w = world()
    await w.accept([start, call(0.4), failed('quota', { atMs: startMs + 20 }), failed('server', { atMs: startMs + 10, id: 'first', error: { class: 'server', message: 'overloaded' } })])
    const changes = await w.accept([end('fail')])
    expect(told(changes)).toEqual(['opened session-failed high'])
    expect(alertOf(changes, 'session-failed').params).toMatchObject({
      endReason: 'gave up', calls: 3, errors: 2, costUsd: 0.4, durationMs: 60_000, startedAt: startMs,
      causeStep: 2, failedTimes: 2, causeName: 'gpt-5', causeProvider: 'openai', causeClass: 'server', causeMessage: 'overloaded', causeAt: startMs + 10,
    })
    expect(told(await w.accept([end('fail', { source: 'otel', id: 'other', atMs: startMs + 60_010 })]))).toEqual([])
  })

  it('are told when they end otherwise, or end failed while that rule is off', async () => {
    const w = world()
    expect(told(await w.accept([start, end('success')]))).toEqual(['opened session-started info', 'opened session-ended info'])
    const off = world({ rules: { 'session-failed': false, 'session-started': false } })
    expect(alertOf(await off.accept([start, end('fail')]), 'session-ended').params).toMatchObject({ endState: 'fail', endReason: 'gave up' })
  })

  it('count no call without a price as free, nor one that was refused as unpriced', async () => {
    const w = world()
    await w.accept([failed('auth'), event({ sessionId: 's1', llm: { provider: 'x', model: 'y', operation: 'chat', inputTokens: 9, costSource: 'unknown' } })])
    expect(await w.store.read.session('bots', 's1')).toMatchObject({ costNanoUsd: 0, unpriced: 1, errors: 1, calls: 2 })
  })

  it('pass their limit exactly once however their calls are batched and re-sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 }), fc.array(fc.nat(24), { maxLength: 20 }), fc.integer({ min: 1, max: 6 }), async (cents, again, size) => {
        const w = world({ rules: { 'session-expensive': { aboveUsd: 2 } } })
        const calls = cents.map((c) => call(c / 10))
        const sent = [...calls, ...again.flatMap((i) => calls[i] ?? [])]
        const opened: Alert[] = []
        for (let i = 0; i < sent.length; i += size) for (const { alert } of await w.accept(sent.slice(i, i + size))) if (alert.rule === 'session-expensive') opened.push(alert)
        const total = cents.reduce((sum, c) => sum + c, 0)
        expect(opened).toHaveLength(total > 20 ? 1 : 0)
        await w.dispose()
        worlds.length = 0
      }),
      { numRuns: 25 },
    )
  })
})

describe('model calls', () => {
  it('that fail open one alert for each agent, provider, model and class, high where somebody has to act', async () => {
    const w = world()
    expect(told(await w.accept([failed('quota'), failed('quota'), failed('timeout'), failed('cancelled')]))).toEqual(['opened model-failed high', 'opened model-failed warning'])
    const changes = await w.accept([failed('quota', { id: 'third' })], startMs + 1_000)
    expect(told(changes)).toEqual(['counted model-failed high'])
    expect(alertOf(changes, 'model-failed')).toMatchObject({ count: 3, key: 'refund-bot|openai|gpt-5|quota', params: { count: 3, statusCode: 429, errorMessage: 'insufficient_quota', retries: 3 } })
  })

  it('that cost more than a limit are told, and those at the limit are not', async () => {
    expect(told(await world().accept([call(1)]))).toEqual([])
    const alert = alertOf(await world().accept([call(1.000000001)]), 'model-expensive')
    expect(alert).toMatchObject({ kind: 'cost', ends: 'told', key: 'refund-bot|gpt-5', params: { limitUsd: 1, costUsd: 1.000000001 } })
    expect(told(await world({ rules: { 'model-expensive': { aboveUsd: 3, severity: 'warning' } } }).accept([call(3.5)]))).toEqual(['opened model-expensive warning'])
  })

  it('are told each only where that is asked for', async () => {
    expect(told(await world().accept([call(0.1)]))).toEqual([])
    expect(told(await world({ rules: { 'model-recorded': { on: true } } }).accept([call(0.1), call(0.2)]))).toEqual(['opened model-recorded info', 'opened model-recorded info'])
  })
})

describe('own rules', () => {
  it('match by type and condition, and group', async () => {
    const w = world({ rules: { slow: { on: 'llm.call', when: 'event.durationMs > 50 && event.costUsd < 1', groupBy: ['tags.team'], severity: 'critical' } } })
    const changes = await w.accept([call(0.1, { tags: { team: 'a' } }), call(0.1, { tags: { team: 'b' } }), call(0.1, { tags: { team: 'a' } }), call(0.1, { durationMs: 1 })])
    expect(changes.map(({ alert }) => [alert.key, alert.count, alert.severity, alert.kind])).toEqual([['a', 2, 'critical', 'model'], ['b', 1, 'critical', 'model']])
  })

  it('that cannot be evaluated are said once, and the others go on', async () => {
    const w = world({ rules: { broken: { on: 'llm.call', when: "int(event.tags.n) > 1" }, works: { on: 'llm.call', groupBy: ['id'] } } })
    const changes = await w.accept([call(0.1, { tags: { n: 'x' } }), call(0.1, { tags: { n: 'y' } })])
    expect(told(changes)).toEqual(['opened rule-failed warning', 'opened works warning', 'opened works warning'])
    expect(alertOf(changes, 'rule-failed')).toMatchObject({ count: 2, kind: 'system', key: 'broken', params: { rule: 'broken' } })
  })

  it('with a wrong name are refused with the name that was meant', () => {
    const detector = (rules: ConfigInput['rules']): unknown => createDetector(configSchema.parse({ rules }))
    expect(() => detector({ r: { on: 'llm.call', when: 'event.cosUsd > 1' } })).toThrow('rules.r.when: event has no "cosUsd"; did you mean "event.costUsd"?')
    expect(() => detector({ r: { on: 'llm.call', groupBy: ['modell'] } })).toThrow('"model"')
    expect(() => detector({ 'model-faild': { severity: 'high' } })).toThrow('"model-failed"')
  })
})

describe('messages', () => {
  it('that somebody asked for keep their severity and say who is meant', async () => {
    const announcement = { title: 'Approve refund', body: 'now', severity: 'critical', to: ['dana'] } as const
    const alert = alertOf(await world().accept([event({ type: 'custom', announcement, tags: { kind: 'cost' } })]), 'custom')
    expect(alert).toMatchObject({ severity: 'critical', kind: 'cost', state: 'resolved', announcement, params: { title: 'Approve refund', body: 'now' } })
  })

  it('about a channel name it, so that it is not used', async () => {
    const paused = event({ type: 'tocsin.channel-paused', source: 'engine', detail: { channel: 'mail', cause: 'auth', until: String(startMs + 5), waiting: 'many' } })
    const alert = alertOf(await world().accept([paused]), 'tocsin.channel-paused')
    expect(alert).toMatchObject({ kind: 'system', aboutChannel: 'mail', params: { channel: 'mail', cause: 'auth', until: startMs + 5, at: startMs } })
    expect(alert.params).not.toHaveProperty('waiting')
    const unwritten = ['m1', 'm2'].map((message) => event({ type: 'tocsin.render-failed', source: 'engine', detail: { message, kind: 'session.failed', channel: 'mail', cause: 'x' } }))
    expect(await world().accept(unwritten)).toMatchObject([{ alert: { key: 'session.failed|mail', aboutChannel: 'mail', count: 2 } }])
    expect(told(await world().accept([event({ type: 'tocsin.constructor', source: 'engine' })]))).toEqual([])
    expect(told(await world().accept([{ ...paused, source: 'native' }]))).toEqual([])
  })
})

describe('budgets', () => {
  const day: ConfigInput = { budgets: { team: { amountUsd: 10, thresholds: [0.5, 0.8, 1] } }, rules: { 'model-expensive': false, 'session-expensive': false } }

  it('tell each threshold once, and of several at once the highest', async () => {
    const w = world(day)
    expect(told(await w.accept([call(4.999999999)]))).toEqual([])
    expect(told(await w.accept([call(0.000000001)]))).toEqual(['opened budget warning'])
    const changes = await w.accept([call(6)])
    expect(told(changes)).toEqual(['opened budget critical'])
    expect(alertOf(changes, 'budget').params).toMatchObject({ budget: 'team', period: 'day', percent: 100, spentUsd: 11, amountUsd: 10, remainingUsd: -1, periodStart: Date.UTC(2026, 10, 22), periodEnd: Date.UTC(2026, 10, 23) })
    expect(w.superseded).toEqual([{ alert: changes[0]?.alert.id, person: '*', channel: '*', reason: 'merged.higher_threshold', params: { thresholds: '80%', higher: '100%' }, atMs: startMs, count: 1 }])
    expect(told(await w.accept([call(50)]))).toEqual([])
  })

  it('begin anew with each period, and with each edit', async () => {
    const w = world(day)
    await w.accept([call(20)])
    expect(told(await w.accept([call(6, { atMs: startMs + 86_400_000 })], startMs + 86_400_000))).toEqual(['opened budget warning'])
  })

  it('tell a late crossing of a period that is over as information', async () => {
    const changes = await world(day).accept([call(20)], startMs + 86_400_000)
    expect(told(changes)).toEqual(['opened budget info'])
    expect(alertOf(changes, 'budget').params).toMatchObject({ late: 'yes', percent: 100 })
  })

  it('count what their condition says, in scopes of their own', async () => {
    const w = world({ ...day, budgets: { team: { amountUsd: 10, where: "event.tags.team == 'support'", groupBy: ['user'], thresholds: [1] } } })
    const support = (user: string): Partial<Event> => ({ tags: { team: 'support' }, user })
    expect(told(await w.accept([call(50), call(9, support('a')), call(9, support('b'))]))).toEqual([])
    const changes = await w.accept([call(1, support('b'))])
    expect(alertOf(changes, 'budget').params).toMatchObject({ scopeUser: 'b', spentUsd: 10 })
  })

  it('say how many calls have no price', async () => {
    const w = world(day)
    await w.accept([event({ llm: { provider: 'x', model: 'y', operation: 'chat', inputTokens: 9, costSource: 'unknown' } })])
    expect(alertOf(await w.accept([call(9)]), 'budget').params).toMatchObject({ unpriced: 1 })
  })

  it('are crossed exactly once under duplicates, reordering and any batching', async () => {
    const thresholds = [0.1, 0.5, 0.75, 1, 1.5]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }), fc.array(fc.nat(29), { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), fc.nat(), async (cents, again, size, seed) => {
        const w = world({ ...day, budgets: { team: { amountUsd: 10, thresholds } } })
        const calls = cents.map((c) => call(c / 100))
        const chance = seededChance(seed)
        const sent = [...calls, ...again.flatMap((i) => calls[i] ?? [])].map((one) => ({ one, order: chance.next() })).sort((a, b) => a.order - b.order).map(({ one }) => one)
        const crossed: number[] = []
        for (let i = 0; i < sent.length; i += size) for (const { alert } of await w.accept(sent.slice(i, i + size))) crossed.push(Number(alert.params.percent) / 100)
        const superseded = w.superseded.flatMap(({ params }) => String(params['thresholds']).split(', ').map((text) => Number.parseFloat(text) / 100))
        const total = cents.reduce((sum, c) => sum + c, 0)
        expect([...crossed, ...superseded].sort((a, b) => a - b)).toEqual(thresholds.filter((t) => total >= t * 1_000))
        await w.dispose()
        worlds.length = 0
      }),
      { numRuns: 25 },
    )
  })
})

describe('alerts', () => {
  it('end when nothing was counted in for their quiet time, and not before', async () => {
    const w = world()
    const alert = alertOf(await w.accept([failed('server')]), 'model-failed')
    await w.accept([failed('server')], startMs + 300_000)
    const fire = async (nowMs: number): Promise<AlertChange | undefined> =>
      w.store.transaction(async (tx) => {
        const timers = await tx.dueTimers('bots', nowMs, 10)
        await tx.removeTimers(timers)
        expect(timers).toEqual([{ project: 'bots', kind: 'alert-quiet', key: String(alert.id), dueMs: nowMs }])
        return resolveQuiet(tx, alert.id, nowMs)
      })
    expect(await fire(startMs + 600_000)).toBeUndefined()
    expect(await fire(startMs + 900_000)).toMatchObject({ change: 'resolved', alert: { id: alert.id, state: 'resolved', count: 2, resolvedAtMs: startMs + 900_000 } })
    expect(await w.store.read.alert(alert.id)).toMatchObject({ state: 'resolved' })
  })

  it('are the same alert again within ten minutes, and a new one after', async () => {
    const w = world()
    const alert = alertOf(await w.accept([failed('server')]), 'model-failed')
    const resolve = (nowMs: number): Promise<AlertChange | undefined> => w.store.transaction((tx) => resolveQuiet(tx, alert.id, nowMs))
    await resolve(startMs + 600_000)
    const again = await w.accept([failed('server')], startMs + 1_100_000)
    expect(again[0]).toMatchObject({ change: 'reopened', alert: { id: alert.id, state: 'firing', count: 2 } })
    expect(again[0]?.alert).not.toHaveProperty('resolvedAtMs')
    expect(await w.store.read.alert(alert.id)).not.toHaveProperty('resolvedAtMs')
    await resolve(startMs + 1_700_000)
    const later = await w.accept([failed('server')], startMs + 2_400_001)
    expect(later[0]).toMatchObject({ change: 'opened', alert: { count: 1 } })
    expect(later[0]?.alert.id).not.toBe(alert.id)
  })

  it('are raised by a more severe finding, also when somebody has acknowledged them', async () => {
    const w = world({ rules: { 'model-failed': false, spread: { on: 'llm.call', when: "event.status == 'error'", severity: 'warning' } } })
    const alert = alertOf(await w.accept([failed('server')]), 'spread')
    const finding = { ...alert, severity: 'critical' as const, evidence: { why: 'worse' } }
    await w.store.transaction((tx) => tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: startMs, state: 'acknowledged' }]))
    const changes = await w.store.transaction((tx) => applyFindings(tx, [finding], startMs + 1))
    expect(changes[0]).toMatchObject({ change: 'raised', alert: { severity: 'critical', state: 'firing', count: 2, evidence: { why: 'worse' } } })
    expect(await w.store.read.alert(alert.id)).toMatchObject({ severity: 'critical', state: 'firing' })
  })
})

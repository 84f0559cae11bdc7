import { afterEach, describe, expect, test } from 'vitest'
import type { Alert } from './model/alert.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { restoreMemory } from './rules/spend-anomaly/memory.ts'
import { giveFeedback, type Verdict } from './rules/unusual/feedback.ts'
import { seriesFrom } from './rules/unusual/series.ts'
import { closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const slotMs = 10 * minuteMs
const quiet = { 'session-started': false, 'model-expensive': false, 'price-unknown': false, 'spend-velocity': false, 'budget-forecast': false } as const

interface Spent {
  readonly agent: string
  readonly usd: number
  readonly durationMs?: number
  readonly type?: EventInput['type']
}

/** A world in which time goes by in tens of minutes, each with what is spent in it. */
class Days {
  readonly mail = new Receiver('mail')
  readonly world: EngineWorld
  /** Whole tens of minutes after the first, at which this world begins. */
  #slot = 0
  readonly #offsetMs: number

  constructor(rules: ConfigInput['rules']) {
    this.world = engineWorld({ rules: { ...quiet, ...rules } }, [this.mail])
    const nowMs = this.world.clock.nowMs()
    this.#offsetMs = Math.ceil(nowMs / slotMs) * slotMs - nowMs
  }

  async live(slots: number, spentAt: (slot: number) => readonly Spent[]): Promise<void> {
    const until = this.#slot + slots
    for (; this.#slot < until; this.#slot += 1) {
      this.world.clock.aheadMs = this.#offsetMs + this.#slot * slotMs + 5 * minuteMs
      const atMs = this.world.clock.nowMs()
      const events = spentAt(this.#slot).map(({ agent, usd, durationMs = 1_000, type = 'llm.call' }, index): EventInput => ({
        type, source: 'native', id: `${this.#slot}-${index}`, atMs, agent, durationMs,
        llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: Math.round(usd * 10_000), outputTokens: Math.round(usd * 1_000), costNanoUsd: Math.round(usd * 1e9) },
      }))
      if (events.length > 0) await this.world.engine.accept(events)
      await this.world.tick()
    }
  }

  async verdict(verdict: Verdict): Promise<boolean> {
    const [alert] = await this.world.store.read.alerts({ limit: 1 })
    if (alert === undefined) throw new Error('no alert')
    return this.world.store.transaction((tx) => giveFeedback(tx, alert, verdict, this.world.clock.nowMs()))
  }
}

/** Two agents that spend about the same all day. */
const usual = (slot: number): readonly Spent[] => [{ agent: 'writer', usd: 0.5 + 0.02 * (slot % 7) }, { agent: 'critic', usd: 0.4 }]
const runaway = (slot: number): readonly Spent[] => [...usual(slot), { agent: 'critic', usd: 9 + (slot % 3) }]

describe('spend that is not as usual', () => {
  test('what was added up is spend too', async () => {
    const days = new Days({})
    await days.live(3 * 144, usual)
    await days.live(6, (slot) => runaway(slot).map((one) => ({ ...one, type: one.usd > 1 ? 'llm.usage' : 'llm.call' })))
    expect(days.mail.subjects).toEqual([expect.stringMatching(/^\[High\] Unusual spend: \$\d/)])
  })

  test('is told once with what was expected and which agent made the difference, and its end', async () => {
    const days = new Days({})
    await days.live(3 * 144, usual)
    expect(days.mail.subjects).toEqual([])
    await days.live(6, runaway)
    expect(days.mail.subjects).toEqual([expect.stringMatching(/^\[High\] Unusual spend: \$\d+(\.\d+)?, usually \$\d/)])
    expect(days.mail.messages[0]?.text).toMatch(/Agent critic made (9\d|100)% of the difference\./)
    const [alert] = await days.world.store.read.alerts({ limit: 1 })
    expect(alert?.evidence).toMatchObject({ unit: 'usd', kind: 'sum', everyMs: slotMs, difference1: expect.stringMatching(/^agent critic: /) as string })
    await days.live(18, usual)
    expect(days.mail.subjects.slice(1).filter((subject) => subject.startsWith('Resolved'))).toHaveLength(1)
  }, 60_000)

  test('says nothing while it learns, however wild', async () => {
    const days = new Days({})
    await days.live(100, (slot) => [{ agent: 'writer', usd: slot % 9 === 0 ? 40 : 0.1 }])
    expect(days.mail.subjects).toEqual([])
  }, 60_000)

  test('is not worth a message below the least impact, and is seen all the same', async () => {
    const days = new Days({ 'spend-anomaly': { aboveUsd: 100_000 } })
    await days.live(3 * 144, usual)
    await days.live(6, runaway)
    expect(days.mail.subjects).toEqual([])
    const [state] = await days.world.store.transaction((tx) => tx.ruleStates([{ project: 'default', rule: 'spend-anomaly', key: '' }]))
    expect(state?.length).toBeLessThan(16_000)
  }, 60_000)

  test('by very many agents and users of long names takes a row of bounded length', async () => {
    const days = new Days({})
    await days.live(12, (slot) => Array.from({ length: 60 }, (_, index) => ({ agent: `${'"\u0001'.repeat(90)}${slot % 3}-${index}`, usd: 0.001 + index / 999_983 })))
    const [state] = await days.world.store.transaction((tx) => tx.ruleStates([{ project: 'default', rule: 'spend-anomaly', key: '' }]))
    expect(state?.length).toBeLessThan(16_000)
  }, 60_000)

  test('that was called expected is quiet the next time', async () => {
    const days = new Days({})
    await days.live(3 * 144, usual)
    await days.live(3, runaway)
    const told = days.mail.subjects.length
    expect(told).toBeGreaterThan(0)
    expect(await days.verdict('expected')).toBe(true)
    await days.live(150, usual)
    const before = days.mail.subjects.filter((subject) => !subject.startsWith('Resolved')).length
    await days.live(3, runaway)
    expect(days.mail.subjects.filter((subject) => !subject.startsWith('Resolved'))).toHaveLength(before)
  }, 60_000)
})

describe('what is said of an alarm', () => {
  const latency: ConfigInput['rules'] = { ...quiet, 'spend-anomaly': false, 'model-slow': false, latency: { on: 'llm.call', anomaly: 'p95(durationMs)', every: '10m', groupBy: ['agent'], severity: 'high' } }
  const steady = (slot: number): readonly Spent[] => [{ agent: 'critic', usd: 0.01, durationMs: 2_000 + (slot % 5) * 40 }]
  const forgivenIn = async ({ world }: Days, alert: Alert): Promise<readonly number[]> => {
    const [state] = await world.store.transaction((tx) => tx.ruleStates([alert]))
    const series = seriesFrom(state)
    return series?.detector === undefined || alert.rule === 'latency' ? [series?.forgiven ?? Number.NaN] : [...restoreMemory(series.detector).forgiven]
  }

  test.each([
    ['spend-anomaly', {}, usual, runaway],
    ['latency', latency, steady, (slot: number) => steady(slot).map((one) => ({ ...one, durationMs: 60_000 }))],
  ] as const)('is on record, said once, and taken back whole: %s', async (_rule, rules, normal, wild) => {
    const days = new Days(rules)
    await days.live(3 * 144, normal)
    await days.live(3, wild)
    const { acting } = days.world.engine
    const [alert] = await days.world.store.read.alerts({ limit: 1 })
    if (alert === undefined) throw new Error('no alert')
    const act = async (action: 'not-useful' | 'useful' | 'expected' | 'unexpected', by = 'dana'): Promise<unknown> => (await acting.act({ alerts: [alert.id] }, { action, by, via: 'dashboard' }))[0]
    const before = await forgivenIn(days, alert)
    expect(await act('useful')).toMatchObject({ result: 'already' })
    expect(await act('not-useful')).toMatchObject({ result: 'done' })
    expect(await act('not-useful', 'lee')).toMatchObject({ result: 'already', by: 'dana' })
    const half = await forgivenIn(days, alert)
    expect(Math.max(...half)).toBeGreaterThan(Math.max(...before))
    expect(await act('useful')).toMatchObject({ result: 'done' })
    for (const [index, one] of (await forgivenIn(days, alert)).entries()) expect(one).toBeCloseTo(before[index] ?? 0, 6)
    // So is all of it.
    await act('expected')
    expect(Math.max(...(await forgivenIn(days, alert)))).toBeGreaterThan(Math.max(...half))
    await act('unexpected')
    for (const [index, one] of (await forgivenIn(days, alert)).entries()) expect(one).toBeCloseTo(before[index] ?? 0, 6)
    expect((await days.world.store.read.actionsOn(alert.id)).map(({ action }) => action)).toEqual(['not-useful', 'useful', 'expected', 'unexpected'])
  }, 60_000)
})

describe('a rule of the configuration with anomaly', () => {
  const rules: ConfigInput['rules'] = { ...quiet, 'spend-anomaly': false, 'model-slow': false, latency: { on: 'llm.call', anomaly: 'p95(durationMs)', every: '10m', groupBy: ['agent'], severity: 'high' } }
  const steady = (slot: number): readonly Spent[] => ['writer', 'critic'].map((agent) => ({ agent, usd: 0.01, durationMs: 2_000 + (slot % 5) * 40 }))

  test('learns each group by itself and tells the one that changed', async () => {
    const days = new Days(rules)
    await days.live(150, steady)
    expect(days.mail.subjects).toEqual([])
    await days.live(3, (slot) => steady(slot).map((one) => (one.agent === 'critic' ? { ...one, durationMs: 60_000 } : one)))
    expect(days.mail.subjects).toEqual([expect.stringMatching(/^\[High\] Rule latency: (1 min|\d+ s), usually 2\.?\d* s, critic/)])
    expect(await days.verdict('expected')).toBe(true)
    await days.live(5, steady)
    expect(days.mail.subjects.at(-1)).toMatch(/^Resolved: Rule latency/)
  }, 60_000)
})

import { afterEach, describe, expect, test } from 'vitest'
import type { EventInput } from '../model/event.ts'
import { closeWorlds, engineWorld } from '../testing/engine-world.ts'
import { Receiver } from '../testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000

/** What it adds up to, over the minute that ends then. */
function usage(atMs: number, more: Partial<EventInput> = {}): EventInput {
  return { type: 'llm.usage', source: 'otel', id: `usage-${atMs}`, atMs, durationMs: minuteMs, sessionId: 's', agent: 'claude-code', llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', inputTokens: 100, outputTokens: 10, costNanoUsd: 2_000_000_000, costSource: 'reported' }, ...more }
}

/** As a log record of Claude Code tells it. */
function call(atMs: number, more: Partial<EventInput> = {}): EventInput {
  return { type: 'llm.call', source: 'otel', id: `call-${atMs}`, atMs, sessionId: 's', agent: 'claude-code', name: 'claude_code.api_request', llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', inputTokens: 50, outputTokens: 5, costNanoUsd: 1_000_000_000, costSource: 'reported' }, ...more }
}

function world() {
  const mail = new Receiver('mail')
  const { engine, store, clock, tick } = engineWorld({ project: 'p', budgets: { month: { amountUsd: 3, thresholds: [1] } } }, [mail])
  const nowMs = clock.nowMs()
  // Sums are of ten minutes: at the beginning of one, what was a minute ago is in the one before.
  const asked = { project: 'p', fromMs: nowMs - 1_800_000, untilMs: nowMs + 1_800_000 }
  return {
    nowMs, mail, tick, store,
    accept: async (...events: readonly EventInput[]) => (await engine.accept(events)).fates,
    /** Calls and nano-dollars: of the session, of the sums that charts are drawn from, and of reports. */
    async spent() {
      const [session] = await store.transaction((tx) => tx.sessions([{ project: 'p', sessionId: 's' }]))
      const slots = await store.read.spendSlots({ ...asked, by: 'scope' })
      const { usage: reported } = await store.read.reportUsage({ ...asked, limit: 100 })
      return [session, ...[slots, reported].map((sums) => ({ calls: sums.reduce((sum, { calls }) => sum + calls, 0), costNanoUsd: sums.reduce((sum, { nanoUsd }) => sum + nanoUsd, 0) }))].map((one) => [one?.calls, one?.costNanoUsd])
    },
  }
}

/** The same in all three. */
function thrice(calls: number, costNanoUsd: number): readonly (readonly number[])[] {
  return Array.from({ length: 3 }, () => [calls, costNanoUsd])
}

describe('money that both calls and sums of them tell counts once', () => {
  test('sums alone count in session, spend, report and budget, and not as calls', async () => {
    const { accept, spent, nowMs, mail, tick } = world()
    expect(await accept(usage(nowMs - minuteMs), usage(nowMs))).toEqual(['accepted', 'accepted'])
    expect(await spent()).toEqual(thrice(0, 4e9))
    await tick()
    expect(mail.subjects).toEqual([expect.stringContaining('month')])
  })

  test('sums after calls add nothing', async () => {
    const { accept, spent, nowMs } = world()
    await accept(call(nowMs - 30_000), call(nowMs - 20_000))
    expect(await accept(usage(nowMs))).toEqual(['told'])
    expect(await accept(usage(nowMs), usage(nowMs + minuteMs))).toEqual(['told', 'told'])
    expect(await spent()).toEqual(thrice(2, 2e9))
  })

  test('calls after sums are calls that cost nothing more', async () => {
    const { accept, spent, nowMs } = world()
    await accept(usage(nowMs))
    expect(await accept(call(nowMs - 30_000), call(nowMs - 20_000))).toEqual(['accepted', 'accepted'])
    expect(await spent()).toEqual(thrice(2, 2e9))
    // Of the next minute the same, in this order and in the other.
    expect(await accept(usage(nowMs + minuteMs))).toEqual(['accepted'])
    expect(await accept(call(nowMs + 30_000))).toEqual(['accepted'])
    expect(await spent()).toEqual(thrice(3, 4e9))
    expect(await accept(call(nowMs + 90_000))).toEqual(['accepted'])
    expect(await accept(usage(nowMs + 2 * minuteMs))).toEqual(['told'])
    expect(await spent()).toEqual(thrice(4, 5e9))
  })

  test('tools, and calls that failed and cost nothing, tell no money: what was spent counts', async () => {
    const { accept, spent, nowMs } = world()
    const tool: EventInput = { type: 'tool.call', source: 'native', id: 'tool', atMs: nowMs - 40_000, sessionId: 's', tool: { name: 'Bash' } }
    const failed = call(nowMs - 35_000, { status: 'error', error: { class: 'server', message: 'overloaded' }, name: 'claude_code.api_error', llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat' } })
    await accept(tool, failed)
    expect(await accept(usage(nowMs))).toEqual(['accepted'])
    expect((await spent())[0]).toEqual([2, 2e9])
    // In one batch with them, too.
    expect(await accept({ ...tool, id: 'other' }, { ...failed, id: 'another' }, usage(nowMs + minuteMs))).toEqual(['accepted', 'accepted', 'accepted'])
    expect((await spent())[0]).toEqual([4, 4e9])
  })

  test('a call without a price tells money too, and the sum that was not known stays one', async () => {
    const { accept, spent, nowMs } = world()
    await accept(call(nowMs - 30_000, { llm: { provider: 'anthropic', model: 'nobody-knows', operation: 'chat', inputTokens: 50 } }))
    expect(await accept(usage(nowMs))).toEqual(['told'])
    expect((await spent())[0]).toEqual([1, 0])
  })

  test('calls that were refused tell nothing', async () => {
    const { accept, spent, nowMs } = world()
    await accept(call(nowMs - 5, { sessionId: 'other' }))
    // The id of another.
    const reused = call(nowMs - 5, { llm: { provider: 'anthropic', model: 'claude-haiku-5', operation: 'chat', costNanoUsd: 7, costSource: 'reported' } })
    expect(await accept(reused, usage(nowMs))).toEqual([expect.objectContaining({ refused: 'id-reused' }), 'accepted'])
    expect((await spent())[0]).toEqual([0, 2e9])
  })

  test('both in one batch', async () => {
    const { accept, spent, nowMs } = world()
    expect(await accept(usage(nowMs), call(nowMs - 5), usage(nowMs, { id: 'other', sessionId: 'other' }))).toEqual(['told', 'accepted', 'accepted'])
    expect((await spent())[0]).toEqual([1, 1e9])
  })

  test('sent again, either changes nothing', async () => {
    const { accept, spent, nowMs } = world()
    await accept(usage(nowMs))
    expect(await accept(usage(nowMs))).toEqual(['duplicate'])
    await accept(call(nowMs - 30_000))
    expect(await accept(call(nowMs - 30_000), usage(nowMs))).toEqual(['duplicate', 'duplicate'])
    expect(await spent()).toEqual(thrice(1, 2e9))
  })

  test('what is remembered of a session stays small, whatever comes, and stretches that touch are one', async () => {
    const { accept, nowMs, store } = world()
    const kept = async (): Promise<string> => (await store.transaction((tx) => tx.ruleStates([{ project: 'p', rule: '~usage', key: 's' }])))[0] ?? ''
    await accept(...Array.from({ length: 50 }, (_, index) => usage(nowMs - index * minuteMs)))
    expect(JSON.parse(await kept())).toEqual({ nanoUsd: 100e9, unpriced: 0, stretches: [[expect.any(String), nowMs - 50 * minuteMs, nowMs]] })
    await accept(...Array.from({ length: 300 }, (_, index) => usage(nowMs - index, { id: `m${index}`, llm: { provider: 'anthropic', model: '"\u0001'.repeat(90) + String(index), operation: 'chat', costNanoUsd: 1, costSource: 'reported' } })))
    expect(JSON.parse(await kept())).toMatchObject({ nanoUsd: 100e9 + 300, stretches: { length: 100 } })
    expect((await kept()).length).toBeLessThan(16_000)
  })

  test('a row that is damaged is as none', async () => {
    const { accept, nowMs, store, spent } = world()
    for (const [index, value] of ['{', '7', '[[1,2]]', '{"stretches":[[1,2]]}'].entries()) {
      await store.transaction((tx) => tx.putRuleStates([{ project: 'p', rule: '~usage', key: 's', value, atMs: nowMs }]))
      await accept(call(nowMs - index))
    }
    expect((await spent())[0]).toEqual([4, 4e9])
  })

  test('a call of another session, model or time, or of another program, costs what it costs', async () => {
    const { accept, spent, nowMs } = world()
    await accept(usage(nowMs))
    await accept(call(nowMs - 2 * minuteMs), call(nowMs + 2_000), call(nowMs - 1, { llm: { provider: 'anthropic', model: 'claude-haiku-5', operation: 'chat', costNanoUsd: 5, costSource: 'reported' } }), call(nowMs - 2, { name: 'chat', source: 'native' }))
    expect((await spent())[0]).toEqual([4, 2e9 + 3e9 + 5])
  })
})

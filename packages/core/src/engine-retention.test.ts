import { afterEach, describe, expect, test } from 'vitest'
import { explainAlert } from './delivery/explain.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Moves the clock and lets the world forget until it has come through. */
async function forgetAt(world: EngineWorld, aheadMs: number): Promise<void> {
  world.clock.aheadMs = aheadMs
  for (let steps = 0; steps < 200; steps += 1) {
    await world.tick()
    if (!(await timersOf(world, world.clock.nowMs())).some(({ kind }) => kind === 'retention')) return
  }
  throw new Error('expected it to come through')
}

const timersOf = (world: EngineWorld, untilMs: number) => world.store.transaction((tx) => tx.dueTimers('default', untilMs, 1_000))
const paid = (id: string, atMs: number, costNanoUsd = 100_000_000): EventInput => ({
  source: 'observe', type: 'llm.call', id, atMs, sessionId: 'long', excerpt: 'the customer asked', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', responseId: id, inputTokens: 1, outputTokens: 1, costNanoUsd, costSource: 'reported' },
})
const config: ConfigInput = { rules: { 'session-started': false, 'session-expensive': false, 'model-expensive': false }, budgets: { month: { amountUsd: 100, period: 'month' } } }

/** How long it is to the tenth of the next month, so that no month ends while a test goes on. */
function untilMidMonthMs(): number {
  const now = new Date(systemClock.nowMs())
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 10) - now.getTime()
}

describe('what is old', () => {
  test('goes class by class, from the shortest to the longest kept', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(config, [mail])
    const atMs = world.clock.nowMs()
    await world.engine.accept([paid('p', atMs), sessionFailed('s', atMs), callFailed('c', atMs), said('Please look', atMs, { body: 'the invoice of Dana' })])
    await forgetAt(world, 60_000)
    const failed = (await world.store.read.alerts()).find(({ rule }) => rule === 'session-failed')
    const announced = (await world.store.read.alerts()).find(({ rule }) => rule === 'custom')
    const explained = async (): Promise<string> => {
      const alert = await world.store.read.alert(announced?.id ?? 0)
      if (alert === undefined) throw new Error('expected the alert to be on record')
      return explainAlert(alert, await world.decisions(alert.id), await world.store.read.deliveriesOf(alert.id), 'en').join('\n')
    }
    await forgetAt(world, hourMs)
    await forgetAt(world, 13.9 * dayMs)
    expect(await world.store.read.counts()).toEqual({ events: 4, alerts: 3, deliveries: 4, attempts: 4 })
    expect(await world.store.read.session('default', 's')).toMatchObject({ state: 'fail', endReason: 'gave up' })
    expect(await explained()).toContain('Please look')

    await forgetAt(world, 14.1 * dayMs)
    expect(await world.store.read.counts()).toEqual({ events: 0, alerts: 3, deliveries: 4, attempts: 4 })
    expect(await world.store.read.session('default', 's')).not.toHaveProperty('endReason')
    expect((await world.store.read.alert(failed?.id ?? 0))?.params).toEqual(expect.not.objectContaining({ endReason: 'gave up' }))
    expect(await explained()).toContain('Please look')

    await forgetAt(world, 30.1 * dayMs)
    expect(await world.store.read.counts()).toEqual({ events: 0, alerts: 3, deliveries: 0, attempts: 0 })
    expect((await world.store.read.alert(announced?.id ?? 0))).not.toHaveProperty('announcement')
    expect((await world.decisions(failed?.id)).map(({ reason }) => reason)).toEqual(['sent.now'])
    expect(await explained()).toMatch(/alt_\d+.*\n[^]*Told at once/)
    expect(await explained()).not.toContain('Please look')

    await forgetAt(world, 90.1 * dayMs)
    expect(await world.store.read.counts()).toEqual({ events: 0, alerts: 0, deliveries: 0, attempts: 0 })
    expect(await world.decisions(failed?.id)).toEqual([])
    expect([await world.store.read.session('default', 's'), await world.store.read.session('default', 'long')]).toEqual([undefined, undefined])
  })

  test('stays as long as it is asked to', async () => {
    const world = engineWorld({ ...config, retention: { content: '2h', bodies: '1d', decisions: '400d' } }, [new Receiver('mail')])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await forgetAt(world, 3 * hourMs)
    expect(await world.store.read.counts()).toMatchObject({ events: 0, alerts: 1, deliveries: 1 })
    await forgetAt(world, 2 * dayMs)
    expect(await world.store.read.counts()).toMatchObject({ alerts: 1, deliveries: 0 })
    await forgetAt(world, 399 * dayMs)
    expect(await world.store.read.counts()).toMatchObject({ alerts: 1 })
    await forgetAt(world, 401 * dayMs)
    expect(await world.store.read.counts()).toMatchObject({ alerts: 0 })
  })

  test('stays where it is open: an alert that fires with all it says, who was told, what waits, a session that runs, the budget of this month', async () => {
    const mail = new Receiver('mail')
    const open: ConfigInput = {
      ...config,
      retention: { content: '2h', bodies: '2h', decisions: '2h' },
      rules: { ...config.rules, 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '3h' } },
      routes: [{ match: "alert.rule == 'failing'", to: ['dana'], via: ['mail'] }, { match: 'true', to: ['dana'], via: ['mail'], digest: '4h' }],
      sessions: { idle: '1d' },
    }
    const beginMs = untilMidMonthMs()
    const world = engineWorld(open, [mail], { aheadMs: beginMs })
    await world.engine.accept([paid('p', world.clock.nowMs(), 60_000_000_000), callFailed('c', world.clock.nowMs()), sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    const before = (await world.store.read.alerts()).toReversed()
    await forgetAt(world, beginMs + 2.9 * hourMs)
    // A crossed threshold and a failed session wait for their digest; the failed call has been told and still fires.
    expect((await world.store.read.alerts()).toReversed()).toEqual(before)
    expect((await world.deliveries()).map(({ state }) => state).toSorted()).toEqual(['done', 'waiting'])
    expect(await world.store.read.session('default', 'long')).toMatchObject({ state: 'running', calls: 1 })
    expect(await world.store.read.counts()).toMatchObject({ events: 0 })
    await forgetAt(world, beginMs + 4.1 * hourMs)
    expect(mail.messages.map(({ text }) => text)).toEqual([expect.stringContaining('no answer'), expect.stringMatching(/Session failed[^]*\$60 of \$100/), expect.stringContaining('It is over')])
    // The budget goes on from where it was.
    await world.engine.accept([paid('q', world.clock.nowMs(), 40_000_000_000)])
    expect((await world.store.read.alerts()).filter(({ rule }) => rule === 'budget').map(({ params }) => [params.percent, params.spentUsd])).toContainEqual([100, 100])
  })
})

describe('an event that is sent again', () => {
  test('after it was forgotten is refused by name, and counts no second time', async () => {
    const world = engineWorld({ ...config, budgets: { month: { amountUsd: 1, period: 'month', thresholds: [0.15] } }, retention: { content: '2h' } }, [new Receiver('mail')])
    const event = paid('p', world.clock.nowMs())
    expect(await world.engine.accept([event])).toMatchObject({ accepted: 1 })
    await forgetAt(world, 1.9 * hourMs)
    expect(await world.engine.accept([event])).toMatchObject({ duplicates: 1 })
    await forgetAt(world, 4 * hourMs)
    expect((await world.store.read.counts()).events).toBe(0)
    const again = await world.engine.accept([event, paid('new', world.clock.nowMs(), 1)])
    expect(again).toMatchObject({ accepted: 1, duplicates: 0, refused: [{ index: 0, refused: 'too-old' }] })
    expect(again.refused[0]?.why).toContain('expected an event that is not older than what is kept')
    expect(await world.store.read.session('default', 'long')).toMatchObject({ calls: 2, costNanoUsd: 100_000_001 })
    expect(await world.store.read.alerts()).toEqual([])
  })

  test('to a process whose clock is behind that of the one that forgot it, is refused all the same', async () => {
    const ahead = engineWorld({ ...config, retention: { content: '2h' } }, [new Receiver('mail')])
    const behind = engineWorld({ ...config, retention: { content: '2h' } }, [new Receiver('mail')], { file: ahead.file })
    const event = paid('p', ahead.clock.nowMs())
    await ahead.engine.accept([event])
    await forgetAt(ahead, 2 * hourMs + 1_000)
    expect(await behind.engine.accept([event, paid('new', behind.clock.nowMs() + 2_000)])).toMatchObject({ accepted: 1, refused: [{ index: 0, refused: 'too-old' }] })
    expect(await behind.store.read.session('default', 'long')).toMatchObject({ calls: 2 })
  })

  test('by another source, just before its print is forgotten, is still the same call', async () => {
    const world = engineWorld({ ...config, retention: { content: '2h' } }, [new Receiver('mail')])
    const event = paid('p', world.clock.nowMs())
    await world.engine.accept([event])
    await forgetAt(world, 1.9 * hourMs)
    await world.engine.accept([{ ...event, source: 'otel', id: 'otel-p' }])
    expect(await world.store.read.session('default', 'long')).toMatchObject({ calls: 1 })
  })
})

describe('forgetting', () => {
  test('is one timer for a project, however many processes there are, and comes again after an hour', async () => {
    const first = engineWorld(config, [new Receiver('mail')])
    const second = engineWorld(config, [new Receiver('mail')], { file: first.file })
    const other = engineWorld({ ...config, project: 'other' }, [new Receiver('mail')], { file: first.file })
    for (const world of [first, second, other]) await world.engine.accept([said(`by ${world === first ? 'one' : 'two'}`, world.clock.nowMs())])
    await Promise.all([first, second, other].map((world) => world.tick()))
    const own = (await timersOf(first, first.clock.nowMs() + dayMs)).filter(({ kind }) => kind === 'retention')
    expect(own).toEqual([{ project: 'default', kind: 'retention', key: '', dueMs: expect.closeTo(first.clock.nowMs() + hourMs, -4) as number }])
  })

  test('goes on where it was after a process died in between', async () => {
    const first = engineWorld({ ...config, retention: { content: '1h' } }, [new Receiver('mail')])
    const atMs = first.clock.nowMs()
    await first.engine.accept(Array.from({ length: 1_200 }, (_, index): EventInput => ({ type: 'custom', source: 'native', id: `e${index}`, atMs })))
    await first.tick()
    first.clock.aheadMs = 2 * hourMs
    await first.tick()
    expect((await first.store.read.counts()).events).toBe(700)
    await first.close()
    const second = engineWorld({ ...config, retention: { content: '1h' } }, [new Receiver('mail')], { file: first.file })
    await forgetAt(second, 2 * hourMs)
    expect((await second.store.read.counts()).events).toBe(0)
  })

  test('does not keep the process: closing does not wait until all is forgotten', async () => {
    const world = engineWorld({ ...config, retention: { content: '1h' } }, [new Receiver('mail')])
    const atMs = world.clock.nowMs()
    await world.engine.accept(Array.from({ length: 2_000 }, (_, index): EventInput => ({ type: 'custom', source: 'native', id: `e${index}`, atMs })))
    world.clock.aheadMs = 2 * hourMs
    expect(await world.engine.drain('all', 60_000)).toEqual({ waiting: 0 })
    expect((await world.store.read.counts()).events).toBeGreaterThan(0)
  })
})

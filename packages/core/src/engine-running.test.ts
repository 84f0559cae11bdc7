import { afterEach, describe, expect, test } from 'vitest'
import { lostRule, processName, signLife } from './rules/process-signs.ts'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
const minuteMs = 60_000

const start = (world: EngineWorld, sessionId = 's', detail?: EventInput['detail']): EventInput => ({ source: 'client', type: 'session.start', sessionId, agent: 'refund-bot', id: `${sessionId}-start`, atMs: world.clock.nowMs(), ...(detail !== undefined && { detail }) })
const end = (world: EngineWorld, sessionId = 's'): EventInput => ({ source: 'client', type: 'session.end', sessionId, agent: 'refund-bot', id: `${sessionId}-end`, atMs: world.clock.nowMs(), endState: 'success' })
const tool = (world: EngineWorld, id: string, sessionId = 's'): EventInput => ({ source: 'client', type: 'tool.call', sessionId, agent: 'refund-bot', id, atMs: world.clock.nowMs(), tool: { name: 'search' } })
const quiet = { 'session-started': false, 'session-ended': false } as const

function worldOf(rules: NonNullable<Parameters<typeof engineWorld>[0]['rules']>): { readonly world: EngineWorld; readonly mail: Receiver } {
  const mail = new Receiver('mail')
  return { world: engineWorld({ rules: { ...quiet, ...rules } }, [mail]), mail }
}

describe('a session that hangs', () => {
  test('is told once when nothing came for 15 minutes, and its end when something comes', async () => {
    const { world, mail } = worldOf({ 'session-long': false, 'session-hung': { after: '15m' } })
    await world.engine.accept([start(world)])
    await world.at(10 * minuteMs)
    await world.engine.accept([tool(world, 'one')])
    await world.at(24 * minuteMs)
    expect(mail.subjects).toEqual([])
    await world.at(25.1 * minuteMs)
    expect(mail.subjects).toEqual([expect.stringContaining('Session hangs: refund-bot, silent for 15 min')])
    await world.at(29 * minuteMs)
    expect(mail.subjects).toHaveLength(1)
    await world.engine.accept([tool(world, 'two')])
    await world.tick()
    expect(mail.subjects.slice(1)).toEqual([expect.stringContaining('Resolved: Session hangs: refund-bot')])
    await world.at(46 * minuteMs)
    expect(mail.subjects).toHaveLength(3)
  })

  test('is not told where it goes on, nor where it ended', async () => {
    const { world, mail } = worldOf({ 'session-hung': { after: '5m' } })
    await world.engine.accept([start(world, 'goes-on'), start(world, 'ends')])
    for (let minute = 4; minute <= 20; minute += 4) {
      await world.at(minute * minuteMs)
      await world.engine.accept([tool(world, `at-${minute}`, 'goes-on'), ...(minute === 4 ? [end(world, 'ends')] : [])])
    }
    await world.tick()
    expect(mail.subjects).toEqual([])
  })

  test('goes on when what was held up arrives, in however small steps of time', async () => {
    const { world, mail } = worldOf({ 'session-long': false, 'session-hung': { after: '15m' } })
    const startMs = world.clock.nowMs()
    await world.engine.accept([start(world)])
    await world.at(16 * minuteMs)
    for (const minute of [5, 10, 15]) await world.engine.accept([{ ...tool(world, `at-${minute}`), atMs: startMs + minute * minuteMs }])
    await world.tick()
    expect(mail.subjects).toEqual([expect.stringContaining('Session hangs'), expect.stringContaining('Resolved: Session hangs')])
  })

  test('and only its end is told late, by the end of the session', async () => {
    const { world, mail } = worldOf({ 'session-hung': { after: '5m', severity: 'high' } })
    await world.engine.accept([start(world)])
    await world.at(6 * minuteMs)
    await world.engine.accept([end(world)])
    await world.tick()
    expect(mail.subjects).toEqual([expect.stringContaining('Session hangs'), expect.stringContaining('Resolved: Session hangs')])
  })
})

describe('a session that runs long', () => {
  test('is told once, and its end with that of the session', async () => {
    const { world, mail } = worldOf({ 'session-hung': false, 'session-long': { after: '1h' } })
    await world.engine.accept([start(world), start(world, 'short')])
    for (let minute = 20; minute <= 80; minute += 20) {
      await world.at(minute * minuteMs)
      await world.engine.accept([tool(world, `at-${minute}`), ...(minute === 40 ? [end(world, 'short')] : [])])
    }
    await world.tick()
    expect(mail.subjects).toEqual([expect.stringMatching(/Long session: refund-bot, 1 h( 20 min)? so far \(limit 1 h\)/)])
    await world.engine.accept([end(world)])
    await world.tick()
    expect(mail.subjects.slice(1)).toEqual([expect.stringContaining('Resolved: Long session')])
  })
})

describe('a process that dies', () => {
  const detail = { host: 'box-1', process: '4711' }
  const name = processName('box-1', '4711')
  const sign = (world: EngineWorld, process = name, isFirst = false) => world.store.transaction((tx) => signLife(tx, 'default', process, world.clock.nowMs(), isFirst))

  test('loses the sessions that it did not end: each is told when no sign came for a minute, and none by the next one', async () => {
    const { world, mail } = worldOf({})
    await sign(world, name, true)
    await world.engine.accept([start(world, 'a', detail), start(world, 'b', detail), start(world, 'c', { host: 'box-1', process: '99' })])
    await world.at(20 * secondMs)
    await world.engine.accept([end(world, 'b')])
    await sign(world)
    await world.at(70 * secondMs)
    expect(mail.subjects).toEqual([])
    await world.at(82 * secondMs)
    expect(mail.subjects).toEqual([])
    await world.at(103 * secondMs)
    // The third is of a process that has no engine of ours: nobody knows whether it lives.
    expect(mail.subjects).toEqual([expect.stringContaining('Session lost: refund-bot, its process on box-1 died')])
    await world.at(10 * minuteMs)
    expect(mail.subjects).toHaveLength(1)
    expect(await world.store.transaction((tx) => tx.countRuleKeys({ project: 'default', rule: lostRule, most: 100 }))).toBe(0)
  })

  test('is not taken for dead while it signs', async () => {
    const { world, mail } = worldOf({ 'session-hung': false })
    await sign(world, name, true)
    await world.engine.accept([start(world, 'a', detail)])
    for (let seconds = 20; seconds <= 400; seconds += 20) {
      await world.at(seconds * secondMs)
      await sign(world)
      await world.tick()
    }
    expect(mail.subjects).toEqual([])
  })

  test('is not taken for dead by a machine that slept, which looks before it signs', async () => {
    const { world, mail } = worldOf({ 'session-hung': false })
    await sign(world, name, true)
    await world.engine.accept([start(world, 'a', detail)])
    await world.at(30 * minuteMs - secondMs)
    await sign(world)
    await world.at(31 * minuteMs)
    await sign(world)
    await world.tick()
    expect(mail.subjects).toEqual([])
  })

  test('is found out by the next one of the same number, at once', async () => {
    const { world, mail } = worldOf({})
    await sign(world, name, true)
    await world.engine.accept([start(world, 'a', detail)])
    await world.at(5 * secondMs)
    await sign(world, name, true)
    await world.engine.accept([start(world, 'b', detail)])
    await world.tick()
    expect(mail.subjects).toEqual([expect.stringContaining('Session lost: refund-bot')])
    expect((await world.store.read.alerts()).map(({ sessionId }) => sessionId)).toEqual(['a'])
  })

  test('that begins and ends a session leaves no note of it', async () => {
    const { world } = worldOf({})
    await sign(world, name, true)
    await world.engine.accept([start(world, 'a', detail), end(world, 'a'), start(world, 'b', detail)])
    await world.engine.accept([end(world, 'b')])
    expect((await world.store.transaction((tx) => tx.ruleKeys({ project: 'default', rule: lostRule, after: '', limit: 10 }))).map(({ key }) => key)).toEqual([`beat|${name}`])
  })
})

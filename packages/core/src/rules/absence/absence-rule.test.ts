import { afterEach, describe, expect, it } from 'vitest'
import type { ConfigInput } from '../../model/config.ts'
import type { Event } from '../../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as startMs } from '../../testing/rule-world.ts'

afterEach(closeRuleWorlds)

const minuteMs = 60_000
let made = 0

function event(atMs: number, more: Partial<Event> = {}): Event {
  return { id: `e-${++made}`, project: 'default', type: 'custom', source: 'client', atMs, durationMs: 0, tags: {}, status: 'ok', agent: 'bot', ...more }
}

describe('nothing heard', () => {
  const rules = { heartbeat: { on: 'custom', absent: '10m', severity: 'high' } } as const

  it('is told from the start of the product on, and its end when something comes', async () => {
    const world = ruleWorld(rules)
    await world.until(startMs)
    await world.until(startMs + 9 * minuteMs)
    expect(world.told).toEqual([])
    await world.until(startMs + 20 * minuteMs)
    expect(world.told).toEqual(['12:10:00 opened heartbeat'])
    expect(world.changes[0]?.alert).toMatchObject({ severity: 'high', message: 'rule.absent', params: { type: 'custom', silentMs: 10 * minuteMs, sinceAt: startMs } })
    await world.accept([event(startMs + 25 * minuteMs)], startMs + 25 * minuteMs)
    expect(world.told[1]).toBe('12:25:00 resolved heartbeat')
  })

  it('is not told while something comes, whatever the order in which it is told', async () => {
    const world = ruleWorld(rules)
    for (let i = 0; i < 10; i++) await world.accept([event(startMs + i * 8 * minuteMs), event(startMs + i * 8 * minuteMs - 5 * minuteMs)], startMs + i * 8 * minuteMs)
    expect(world.told).toEqual([])
    await world.until(startMs + 90 * minuteMs)
    expect(world.told).toEqual(['13:22:00 opened heartbeat'])
  })

  it('waits longer where telemetry comes late, and takes nothing that is later still for a sign of life', async () => {
    const world = ruleWorld(rules)
    await world.accept([event(startMs)], startMs + 4 * minuteMs)
    await world.until(startMs + 13 * minuteMs)
    expect(world.told).toEqual([])
    await world.until(startMs + 30 * minuteMs)
    expect(world.told).toEqual(['12:14:00 opened heartbeat'])
    await world.accept([event(startMs + minuteMs)], startMs + 60 * minuteMs)
    expect(world.told).toHaveLength(1)
  })

  it('does not count the time in which nobody listened', async () => {
    const world = ruleWorld(rules)
    await world.accept([event(startMs)], startMs)
    const night = startMs + 8 * 60 * minuteMs
    // Timers are fired late, as after a stop: the one of 12:10 at 20:00.
    const later = world.again({ rules })
    await later.store.transaction(async (tx) => tx.putTimers((await tx.dueTimers('default', night, 10)).map((timer) => ({ ...timer, dueMs: night }))))
    await later.until(night + 9 * minuteMs)
    expect(later.told).toEqual([])
    await later.until(night + 11 * minuteMs)
    expect(later.told).toEqual(['20:10:00 opened heartbeat'])
  })

  it('is told again while it lasts where that was asked for', async () => {
    const world = ruleWorld({ heartbeat: { on: 'custom', absent: '10m', again: '1h' } })
    await world.accept([event(startMs)], startMs)
    await world.until(startMs + 140 * minuteMs)
    expect(world.told).toEqual(['12:10:00 opened heartbeat', '13:10:00 raised heartbeat', '14:10:00 raised heartbeat'])
  })

  it('is told for each group once it was seen, and a group that stays silent for a week is given up', async () => {
    const world = ruleWorld({ heartbeat: { on: 'custom', absent: '10m', groupBy: ['agent'], when: "event.name == 'beat'" } })
    await world.accept([event(startMs, { name: 'beat', agent: 'a' }), event(startMs, { name: 'beat', agent: 'b' }), event(startMs, { name: 'other', agent: 'c' })], startMs)
    for (let i = 1; i < 5; i++) await world.accept([event(startMs + i * 5 * minuteMs, { name: 'beat', agent: 'a' })], startMs + i * 5 * minuteMs)
    expect(world.told).toEqual(['12:10:00 opened heartbeat b'])
    await world.until(startMs + 9 * 24 * 60 * minuteMs)
    expect(world.told.map((line) => line.slice(9))).toEqual(['opened heartbeat b', 'opened heartbeat a', 'resolved heartbeat b', 'resolved heartbeat a'])
    await world.store.transaction(async (tx) => expect(await tx.countRuleKeys({ project: 'default', rule: 'heartbeat', most: 10 })).toBe(0))
  })
})

describe('an end that does not come', () => {
  const rules = { unended: { on: 'session.end', since: 'session.start', absent: '1h', groupBy: ['sessionId'] } } satisfies ConfigInput['rules']
  const start = (sessionId: string, atMs: number): Event => event(atMs, { type: 'session.start', sessionId })
  const end = (sessionId: string, atMs: number): Event => event(atMs, { type: 'session.end', sessionId, endState: 'success' })

  it('is told for the one that has it not, and over when it comes', async () => {
    const world = ruleWorld(rules)
    await world.accept([start('s1', startMs), start('s2', startMs)], startMs)
    await world.accept([end('s1', startMs + 30 * minuteMs)], startMs + 30 * minuteMs)
    await world.until(startMs + 120 * minuteMs)
    expect(world.told).toEqual(['13:00:00 opened unended s2'])
    expect(world.changes[0]?.alert).toMatchObject({ sessionId: 's2', params: { after: 'session.start', type: 'session.end', group: 's2' } })
    await world.accept([end('s2', startMs + 120 * minuteMs)], startMs + 120 * minuteMs)
    expect(world.told[1]).toBe('14:00:00 resolved unended s2')
    await world.until(startMs + 180 * minuteMs)
    await world.store.transaction(async (tx) => expect(await tx.countRuleKeys({ project: 'default', rule: 'unended', most: 10 })).toBe(0))
  })

  it('is not waited for where it comes before its beginning', async () => {
    const world = ruleWorld(rules)
    await world.accept([end('s1', startMs + minuteMs)], startMs + minuteMs)
    await world.accept([start('s1', startMs)], startMs + 2 * minuteMs)
    await world.until(startMs + 180 * minuteMs)
    expect(world.told).toEqual([])
  })

  it('is waited for from the first beginning that has none', async () => {
    const world = ruleWorld(rules)
    await world.accept([start('s1', startMs)], startMs)
    await world.accept([start('s1', startMs + 50 * minuteMs)], startMs + 50 * minuteMs)
    await world.until(startMs + 65 * minuteMs)
    expect(world.told).toEqual(['13:00:00 opened unended s1'])
  })
})

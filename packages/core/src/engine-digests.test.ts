import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

type Route = NonNullable<ConfigInput['routes']>[number]
const digest = (schedule: Route['digest'], more: Partial<Route> = {}): Route => ({ name: 'digest', match: "alert.kind != 'system'", to: ['dana'], via: ['mail'], digest: schedule, ...more })
const dana = (more: Readonly<Record<string, string>> = {}): ConfigInput['people'] => ({ dana: { role: 'admin', email: 'dana@example.com', ...more } })

const tell = (world: EngineWorld, ...names: readonly string[]) => world.engine.accept(names.map((name) => said(name, world.clock.nowMs())))
const lines = (text: string | undefined): readonly string[] => text?.match(/^\d.*\d\d:\d\d {2}.*$/gm) ?? []
/** Which of the names a message lists. */
const names = (text: string | undefined): readonly string[] => lines(text).map((line) => /\d {2}(\S+)/.exec(line)?.[1] ?? '')

/** Moves the world to the next such time of day in UTC, at least an hour ahead, and says how far ahead that is. */
function next(world: EngineWorld, hour: number, minute = 0): number {
  const nowMs = world.clock.nowMs()
  const today = Math.floor(nowMs / dayMs) * dayMs + hour * hourMs + minute * minuteMs
  const atMs = today > nowMs + hourMs ? today : today + dayMs
  return world.clock.aheadMs + atMs - nowMs
}

describe('a digest', () => {
  test('lists everything that was collected, with when and what, behind one line that sums it up', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [digest('15m')] }, [mail])
    await tell(world, 'first', 'second')
    await world.at(10 * minuteMs)
    await tell(world, 'third')
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.at(14 * minuteMs + 50 * secondMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(15 * minuteMs + secondMs)
    expect(mail.subjects).toEqual([expect.stringMatching(/^\[High\] 4 updates, first: /)])
    expect(mail.messages[0]?.text).toMatch(/^Since .*: 4 high\.$/m)
    expect(names(mail.messages[0]?.text).slice(0, 3)).toEqual(['first', 'second', 'third'])
    expect(lines(mail.messages[0]?.text)).toHaveLength(4)
  })

  test('lists what began and ended meanwhile as over, and its end is told by no message of its own', async () => {
    const mail = new Receiver('mail')
    const rules: ConfigInput['rules'] = { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '2m', groupBy: ['agent'] } }
    const world = engineWorld({ rules, routes: [digest('15m')] }, [mail])
    await world.engine.accept([callFailed('one', world.clock.nowMs())])
    await world.at(5 * minuteMs)
    expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
    await world.at(15 * minuteMs + secondMs)
    await world.at(hourMs)
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('It was over at')
    expect((await world.decisions()).map(({ reason }) => reason)).toEqual(['held.digest'])
    expect((await world.deliveries()).map(({ result, news }) => [news, result])).toEqual([['firing', 'sent']])
  })

  test('says of each member until when it waits, and when it was told with how many others', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [digest('15m')] }, [mail])
    await tell(world, 'first')
    await world.at(10 * minuteMs)
    await tell(world, 'second')
    const held = (await world.decisions()).filter(({ reason }) => reason === 'held.digest').map(({ params }) => Number(params['time']))
    expect(held).toHaveLength(2)
    expect(held[0]).toBe(held[1])
    await world.at(15 * minuteMs + secondMs)
    const sent = (await world.decisions()).filter(({ reason }) => reason === 'sent.digest')
    expect(sent.map(({ params }) => params['count'])).toEqual([1, 1])
    expect(sent.every(({ params }) => Math.abs(Number(params['time']) - (held[0] ?? 0)) < 3 * secondMs)).toBe(true)
  })

  test('holds what was committed since the one before, each once, and is not sent when there is nothing', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [digest('15m')] }, [mail])
    await tell(world, 'a')
    await tell(world, 'b')
    await world.at(15 * minuteMs + secondMs)
    await world.at(hourMs)
    await world.at(2 * hourMs)
    expect(mail.messages).toHaveLength(1)
    await tell(world, 'c', 'd')
    await world.at(2 * hourMs + 16 * minuteMs)
    expect(mail.messages.map(({ text }) => names(text))).toEqual([['a', 'b'], ['c', 'd']])
  })

  test('does not hold what is critical', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [digest({ daily: '09:00' })] }, [mail])
    await world.engine.accept([said('down', world.clock.nowMs(), { severity: 'critical' }), said('later', world.clock.nowMs())])
    await world.tick()
    expect(mail.subjects).toEqual(['[Critical] down'])
  })

  test('comes at its time of day where its reader is', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people: dana({ timezone: 'Asia/Shanghai' }), routes: [digest({ daily: '09:00' })] }, [mail])
    await world.at(next(world, 1) - hourMs / 2)
    await tell(world, 'a', 'b')
    await world.at(world.clock.aheadMs + 29 * minuteMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(world.clock.aheadMs + 2 * minuteMs)
    expect(names(mail.messages[0]?.text)).toEqual(['a', 'b'])
  })

  test('of a group is one message for each, all at its time', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [digest('1h', { groupBy: ['agent'] })] }, [mail])
    for (const agent of ['refund-bot', 'mail-bot']) await world.engine.accept([1, 2].map((number) => ({ ...sessionFailed(`${agent}${number}`, world.clock.nowMs()), agent })))
    await world.at(hourMs - minuteMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(hourMs + secondMs)
    expect(mail.subjects.map((subject) => /2 alerts on \S+(?=, first)/.exec(subject)?.[0] ?? subject).toSorted()).toEqual(['2 alerts on mail-bot', '2 alerts on refund-bot'])
  })

  test('of more than a message lists leaves out no kind of alert, and says how urgent the most urgent is', async () => {
    const mail = new Receiver('mail', { limits: { bodyCharsMax: 1_000_000, concurrency: 5 } })
    const world = engineWorld({ routes: [digest('1h')], budgets: { all: { amountUsd: 1, thresholds: [0.5] } } }, [mail])
    const titles = ['alpha', 'beta', 'gamma', 'delta', 'omega']
    await world.engine.accept(Array.from({ length: 180 }, (_, index) => said(`${titles[index % 5]}${String.fromCodePoint(97 + (index % 26))}${String.fromCodePoint(97 + Math.floor(index / 26))} failed`, world.clock.nowMs(), { severity: 'warning' })))
    await world.engine.accept([sessionFailed('last', world.clock.nowMs())])
    await world.engine.accept([{ source: 'observe', type: 'llm.call', id: 'paid', atMs: world.clock.nowMs(), llm: { provider: 'p', model: 'm', operation: 'chat', costNanoUsd: 600_000_000 } }])
    await world.at(hourMs + secondMs)
    expect(mail.subjects).toEqual(['[High] 182 updates: 181 on sessions and 1 on cost'])
    expect(mail.messages[0]?.text).toMatch(/^Since .*: 1 high and 181 warning\.$/m)
    for (const { id } of await world.store.read.alerts()) expect((await world.decisions(id)).map(({ reason }) => reason)).toContain('sent.digest')
  })
})

describe('a digest and quiet hours', () => {
  const people = dana({ timezone: 'UTC', quietHours: '22:00-07:00' })

  test('one that is due in them waits until they end; what is critical does not', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, routes: [digest('1h')] }, [mail])
    const evening = next(world, 21, 30)
    await world.at(evening)
    await tell(world, 'a', 'b')
    await world.at(evening + 61 * minuteMs)
    await world.engine.accept([said('down', world.clock.nowMs(), { severity: 'critical' })])
    await world.at(evening + 62 * minuteMs)
    expect(mail.subjects).toEqual(['[Critical] down'])
    await world.at(evening + 9 * hourMs + 29 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(evening + 9 * hourMs + 31 * minuteMs)
    expect(names(mail.messages[1]?.text)).toEqual(['a', 'b'])
    expect((await world.decisions()).filter(({ reason }) => reason === 'held.quiet_hours')).toHaveLength(2)
  })

  test('what comes in them joins the one that waits', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, routes: [digest({ daily: '06:00' })] }, [mail])
    const evening = next(world, 21, 30)
    await world.at(evening)
    await tell(world, 'a')
    await world.at(evening + 2 * hourMs)
    await tell(world, 'b')
    await world.at(evening + 9 * hourMs)
    await tell(world, 'c')
    expect(mail.messages).toHaveLength(0)
    await world.at(evening + 9 * hourMs + 31 * minuteMs)
    expect(mail.messages.flatMap(({ text }) => names(text))).toEqual(['a', 'b', 'c'])
    expect(mail.messages).toHaveLength(1)
  })
})

describe('a digest that was not sent yet', () => {
  test.each<readonly [string, ConfigInput]>([
    ['is renamed', { routes: [digest('1h', { name: 'other' })] }],
    ['is gone', { routes: [] }],
    ['collects no more', { routes: [{ to: ['dana'], via: ['mail'] }] }],
    ['has another time', { routes: [digest({ weekly: 'mon' })] }],
  ])('is sent at its time also where its route %s, after a restart', async (_, config) => {
    const mail = new Receiver('mail')
    const first = engineWorld({ routes: [digest('1h')] }, [mail])
    await tell(first, 'a', 'b', 'c')
    await first.tick()
    await first.close()
    const second = engineWorld(config, [mail], { file: first.file, aheadMs: minuteMs })
    await second.tick()
    expect(mail.messages).toHaveLength(0)
    await second.at(hourMs + secondMs)
    await second.at(2 * hourMs)
    expect(mail.messages.map(({ text }) => names(text))).toEqual([['a', 'b', 'c']])
  })

  test('is filled by two processes, and sent once', async () => {
    const mail = new Receiver('mail')
    const config: ConfigInput = { routes: [digest('15m')] }
    const one = engineWorld(config, [mail])
    const other = engineWorld(config, [mail], { file: one.file })
    await tell(one, 'a')
    await tell(other, 'b')
    await tell(one, 'c')
    await Promise.all([one.at(16 * minuteMs), other.at(16 * minuteMs)])
    expect(mail.messages.map(({ text }) => names(text))).toEqual([['a', 'b', 'c']])
  })

  test('does not mix projects that share a store', async () => {
    const mail = new Receiver('mail')
    const bots = engineWorld({ project: 'bots', routes: [digest('15m')] }, [mail])
    const shop = engineWorld({ project: 'shop', routes: [digest('15m')] }, [mail], { file: bots.file })
    await tell(bots, 'a', 'b')
    await tell(shop, 'c', 'd')
    await bots.at(16 * minuteMs)
    await shop.at(16 * minuteMs)
    expect(mail.messages.map(({ text }) => names(text))).toEqual([['a', 'b'], ['c', 'd']])
  })

  test('is sent by the next process where one ended between collecting and sending, late as it is', async () => {
    const mail = new Receiver('mail', { can: { deduplicates: true, resolves: true } })
    const config: ConfigInput = { routes: [digest('15m')], delivery: { leaseMs: 30_000 } }
    const first = engineWorld(config, [mail])
    await tell(first, 'a', 'b')
    mail.hold()
    await first.at(16 * minuteMs)
    // The first never hears of its message, and what comes now is in the next one.
    await tell(first, 'c')
    mail.answer = () => ({ kind: 'sent' })
    const second = engineWorld(config, [mail], { file: first.file, aheadMs: 17 * minuteMs })
    await second.tick()
    expect(mail.messages.map(({ text }) => names(text))).toEqual([['a', 'b'], ['a', 'b']])
    expect(mail.messages[0]?.id).toBe(mail.messages[1]?.id)
    await second.at(40 * minuteMs)
    expect(mail.subjects.slice(2)).toEqual(['[High] c'])
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import { periodAt } from './model/calendar.ts'
import type { Message } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const dayMs = 86_400_000
const hourMs = 3_600_000
const minuteMs = 60_000

const people: ConfigInput['people'] = {
  dana: { role: 'admin', email: 'dana@example.com', timezone: 'Europe/Berlin' },
  wei: { role: 'viewer', email: 'wei@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai' },
  bill: { role: 'billing', email: 'bill@example.com', timezone: 'UTC' },
}

/** Told at noon of the reader; nothing else is told. */
const daily: ConfigInput = { people, routes: [], budgets: { all: { amountUsd: 10, period: 'day', timezone: 'UTC' } }, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['dana', 'wei', 'bill'], via: ['mail'] }] }

const mail = (): Receiver => new Receiver('mail', { shape: 'mail', limits: { bodyCharsMax: 100_000, concurrency: 5 } })
const to = ({ messages }: Receiver, person: string): readonly Message[] => messages.filter((message) => message.to.startsWith(person))

function call(id: string, atMs: number, more: Partial<EventInput> = {}): EventInput {
  return { source: 'observe', type: 'llm.call', id, atMs, agent: 'support-bot', status: 'ok', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 2_000_000_000, costSource: 'reported' }, ...more }
}

function toolFailed(id: string, atMs: number): EventInput {
  return { source: 'observe', type: 'tool.call', id, atMs, agent: 'support-bot', sessionId: 's2', status: 'error', tool: { name: 'search' }, error: { class: 'timeout', message: 'secret words of a user' } }
}

function ended(sessionId: string, atMs: number, endState: 'success' | 'fail'): EventInput {
  return { source: 'client', type: 'session.end', sessionId, id: `${sessionId}-end`, agent: 'support-bot', atMs, status: endState === 'fail' ? 'error' : 'ok', endState }
}

/** How far the clock is ahead at this hour (UTC) so many days after today. */
function ahead(world: EngineWorld, days: number, hour: number): number {
  const nowMs = world.clock.nowMs()
  return world.clock.aheadMs + periodAt('day', 'UTC', nowMs).startMs + days * dayMs + hour * hourMs - nowMs
}

/** A world at 13:00 UTC tomorrow, where noon is over in all three zones, on the same date in all three. */
async function worldAtNoon(config: ConfigInput, box: Receiver): Promise<EngineWorld> {
  const world = engineWorld(config, [box])
  world.clock.aheadMs = ahead(world, 1, 13)
  await world.tick()
  return world
}

/** A day's work: $4 by two agents, a tool that fails, one session of two that fails. */
async function work(world: EngineWorld, more: readonly EventInput[] = []): Promise<void> {
  const nowMs = world.clock.nowMs()
  await world.engine.accept([toolFailed(`t-${nowMs}`, nowMs - 3), call(`c1-${nowMs}`, nowMs - 2), call(`c2-${nowMs}`, nowMs - 1, { agent: 'writer' }), ended('s1', nowMs, 'success'), ended('s2', nowMs, 'fail'), ...more])
  await world.tick()
}

describe('a daily report', () => {
  test('comes to each reader at their own time, once', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world)
    const base = world.clock.aheadMs
    const arrivals: Record<string, number> = {}
    // From 13:00 UTC on; noon is at 04:00 UTC in Shanghai, 10:00 or 11:00 in Berlin.
    for (let hour = 1; hour <= 24; hour += 1) {
      await world.at(base + hour * hourMs)
      for (const { to: address } of box.messages) arrivals[address] ??= (13 + hour) % 24
    }
    expect(arrivals['wei@example.com']).toBe(4)
    expect([10, 11]).toContain(arrivals['dana@example.com'])
    expect(arrivals['bill@example.com']).toBe(12)
    expect(box.messages).toHaveLength(3)
  })

  test('says what the day cost, how sessions ended and what failed, in the language of its reader', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world)
    await world.at(world.clock.aheadMs + dayMs)
    const [dana] = to(box, 'dana')
    expect(dana?.subject).toMatch(/^\[Info\] Report for \d+ \w+, \$4, 1 of 2 sessions failed$/)
    expect(dana?.text).toContain('Spent: $4.\n')
    expect(dana?.text).toMatch(/^support-bot +1 +\$2 +50%$/m)
    expect(dana?.text).toMatch(/^openai gpt-5 +2 +\$4 +100%$/m)
    expect(dana?.text).toMatch(/^all a day +\$4 +\$10 +40%$/m)
    expect(dana?.text).toMatch(/^search: no answer in time +1$/m)
    expect(dana?.text).toContain('1 session that failed began with search: no answer in time.')
    expect(dana?.text).toContain('Sent because report “noon” names you.')
    expect(dana?.html).toContain('support-bot')
    const [wei] = to(box, 'wei')
    expect(wei?.text).toContain('2 个会话，其中 1 个失败')
    expect(wei?.text).toMatch(/^search：未按时应答|^search：/m)
  })

  test('holds no cost for a viewer and nothing but cost for billing, also not by a total', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world)
    await world.at(world.clock.aheadMs + dayMs)
    const whole = (message: Message | undefined): string => `${message?.subject} ${message?.text} ${message?.html}`
    const [[wei], [bill]] = [to(box, 'wei'), to(box, 'bill')]
    expect(whole(wei).replace(/<style>.*<\/style>/s, '')).not.toMatch(/\$|gpt-5|预算|花费/)
    expect(whole(bill)).toContain('$4')
    expect(whole(bill)).not.toMatch(/session|search|failed/)
    expect(box.messages.map(whole).join()).not.toContain('secret words')
    const kept = (await world.store.read.alerts()).filter(({ message }) => message === 'report.day')
    expect(kept.find(({ params }) => params.person === 'wei')?.params).not.toHaveProperty('costUsd')
    expect(kept.find(({ params }) => params.person === 'wei')?.report?.spend).toBeUndefined()
    expect(kept.find(({ params }) => params.person === 'bill')?.report).not.toHaveProperty('sessions')
  })

  test('counts calls without a price apart, and says so', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world, [call('free', world.clock.nowMs(), { llm: { provider: 'own', model: 'nobody-knows-it', operation: 'chat' } })])
    await world.at(world.clock.aheadMs + dayMs)
    expect(to(box, 'dana')[0]?.text).toContain('1 call has no known price and is not counted.')
    expect(to(box, 'dana')[0]?.text).toMatch(/^own nobody-knows-it +1 +\$0 +0%$/m)
  })

  test('says in one line that a day was quiet, and what watches', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await world.at(world.clock.aheadMs + dayMs)
    // That it was told is nothing that happened.
    await world.at(world.clock.aheadMs + dayMs)
    const [, dana] = to(box, 'dana')
    expect(dana?.subject).toMatch(/, quiet$/)
    expect(dana?.text).toMatch(/^Quiet: nothing happened\. \d+ rules watch\. 1 budget watches\. 1 channel is ready\.\n\nalt_\d+\. Sent because/m)
    expect(dana?.html).not.toContain('<h2')
  })

  test('compares with the day before', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world, [call('two days before', world.clock.nowMs() - 2 * dayMs)])
    await world.at(world.clock.aheadMs + dayMs)
    await world.engine.accept([call('next day', world.clock.nowMs())])
    await world.at(world.clock.aheadMs + dayMs)
    expect(to(box, 'dana')[1]?.text).toContain('Spent: $2, -$2 (-50%) against the time before.')
  })

  test('compares neither with a day that began before the first event, nor with one of which nothing is on record', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    for (const spends of [true, true, false, true]) {
      if (spends) await world.engine.accept([call(`at ${world.clock.nowMs()}`, world.clock.nowMs())])
      await world.at(world.clock.aheadMs + dayMs)
    }
    expect(to(box, 'dana').map(({ text }) => /Spent: .*/.exec(text)?.[0])).toEqual(['Spent: $2.', 'Spent: $2.', undefined, 'Spent: $2.'])
  })

  test('comes once after three days in which nothing ran, for the last whole day', async () => {
    const box = mail()
    const first = await worldAtNoon(daily, box)
    await work(first)
    const { file, clock: { aheadMs } } = first
    await first.close()
    const world = engineWorld(daily, [box], { file, aheadMs: aheadMs + 3 * dayMs })
    await world.tick()
    expect(['dana', 'wei', 'bill'].map((person) => to(box, person).length)).toEqual([1, 1, 1])
    expect(to(box, 'dana')[0]?.subject).toMatch(/, quiet$/)
    await world.at(aheadMs + 4 * dayMs)
    expect(to(box, 'dana')).toHaveLength(2)
  })

  test('is one where two processes share the store, and none is lost where the one that took it dies', async () => {
    const box = mail()
    const first = await worldAtNoon(daily, box)
    const second = engineWorld(daily, [box], { file: first.file, aheadMs: first.clock.aheadMs })
    await work(first)
    first.clock.aheadMs += dayMs
    second.clock.aheadMs += dayMs
    await Promise.all([first.tick(), second.tick(), first.tick(), second.tick()])
    await Promise.all([first.tick(), second.tick()])
    expect(['dana', 'wei', 'bill'].map((person) => to(box, person).length)).toEqual([1, 1, 1])
    // Taken by a process that died at once: its row is put off, and comes again.
    const keys = await first.store.transaction(async (tx) => {
      const due = (await tx.dueTimers('default', first.clock.nowMs() + 2 * dayMs, 100)).filter(({ kind }) => kind === 'report')
      await tx.putTimers(due.map((timer) => ({ ...timer, dueMs: first.clock.nowMs() + 10 * minuteMs })))
      return due
    })
    expect(keys).toHaveLength(3)
    await first.tick()
    expect(box.messages).toHaveLength(3)
    await first.at(first.clock.aheadMs + 11 * minuteMs)
    expect(box.messages).toHaveLength(6)
  })

  // A viewer's holds sessions, which billing may not hear of, though billing sees more parts of a message.
  test.each([['admin', 'viewer'], ['viewer', 'billing']] as const)('made for %s is not told to whoever is %s by the time it is sent', async (role, later) => {
    const box = mail()
    const quiet: ConfigInput = { ...daily, people: { dana: { role, email: 'dana@example.com', timezone: 'UTC', quietHours: '11:00-16:00' } }, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['dana'], via: ['mail'] }] }
    const first = await worldAtNoon(quiet, box)
    await work(first)
    await first.at(first.clock.aheadMs + dayMs)
    expect(box.messages).toEqual([])
    const alert = (await first.store.read.alerts()).find(({ message }) => message === 'report.day')
    expect((await first.decisions(alert?.id)).map(({ reason }) => reason)).toContain('held.quiet_hours')
    const { file, clock: { aheadMs } } = first
    await first.close()
    const world = engineWorld({ ...quiet, people: { dana: { role: later, email: 'dana@example.com', timezone: 'UTC' } } }, [box], { file, aheadMs: aheadMs + 4 * hourMs })
    await world.tick()
    expect(box.messages).toEqual([])
    expect((await world.decisions(alert?.id)).map(({ reason }) => reason)).toContain('refused.role_changed')
  })

  test('that nobody can be told has its reason on record, and one that was taken out of the configuration ends', async () => {
    const box = mail()
    const nobody: ConfigInput = { ...daily, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['role:owner'], via: ['mail'] }] }
    const first = await worldAtNoon(nobody, box)
    await first.at(first.clock.aheadMs + dayMs)
    const alert = (await first.store.read.alerts()).find(({ message }) => message === 'report.day')
    expect((await first.decisions(alert?.id)).map(({ reason }) => reason)).toEqual(['refused.nobody'])
    const { file, clock: { aheadMs } } = first
    await first.close()
    const world = engineWorld({ ...nobody, reports: [] }, [box], { file, aheadMs: aheadMs + 5 * dayMs })
    await world.tick()
    expect((await world.store.read.alerts()).filter(({ message }) => message === 'report.day')).toHaveLength(1)
    expect(await world.store.transaction((tx) => tx.dueTimers('default', world.clock.nowMs() + 9 * dayMs, 100)).then((due) => due.filter(({ kind }) => kind === 'report'))).toEqual([])
    expect(box.messages).toEqual([])
  })

  test('one that another process has in its configuration is left to that one', async () => {
    const box = mail()
    const config: ConfigInput = { ...daily, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['bill'], via: ['mail'] }] }
    const knows = await worldAtNoon(config, box)
    const other = engineWorld({ ...config, reports: [] }, [box], { file: knows.file, aheadMs: knows.clock.aheadMs })
    await other.at(ahead(other, 1, 12) + minuteMs)
    expect(box.messages).toEqual([])
    await knows.at(ahead(knows, 1, 12) + 2 * minuteMs)
    expect(to(box, 'bill')).toHaveLength(1)
    await knows.at(knows.clock.aheadMs + dayMs)
    expect(to(box, 'bill')).toHaveLength(2)
  })

  test('is a message of its own beside what is collected, short where there is little room', async () => {
    const [box, chat, phone] = [mail(), new Receiver('chat', { shape: 'card' }), new Receiver('phone', { shape: 'short', limits: { bodyCharsMax: 320, concurrency: 5 } })]
    const config: ConfigInput = { people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC' } }, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['dana'], via: ['mail', 'chat', 'phone'] }] }
    const world = engineWorld(config, [box, chat, phone])
    world.clock.aheadMs = ahead(world, 1, 13)
    await world.tick()
    await work(world)
    const before = chat.messages.length
    await world.at(world.clock.aheadMs + dayMs)
    // What informs is collected for the same reader and channel; the report is none of it.
    const [report, ...others] = chat.messages.slice(before).filter(({ text }) => text.includes('Spent: $4'))
    expect(others).toEqual([])
    expect(report?.text).not.toContain('Session: ')
    expect(chat.messages.at(-1)?.text).not.toContain('SPEND BY AGENT')
    expect(phone.messages.at(-1)?.text).toMatch(/^Tocsin INFO: report for \d+ \w+, \$4, 1 of 2 sessions failed, \d+ messages? to you$/)
  })
})

describe('a report', () => {
  test('comes by itself in a storm, and makes none', async () => {
    const box = mail()
    const config: ConfigInput = {
      people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC' } }, storm: { count: 2 },
      reports: Array.from({ length: 6 }, (_, index) => ({ name: `noon-${index}`, every: 'day' as const, at: '12:00', to: ['dana'], via: ['mail'] })),
    }
    const world = await worldAtNoon(config, box)
    world.clock.aheadMs = ahead(world, 1, 12) - minuteMs / 2
    await world.engine.accept(Array.from({ length: 20 }, (_, index) => ended(`s${index}`, world.clock.nowMs() + index, 'fail')))
    await world.tick()
    await world.at(world.clock.aheadMs + minuteMs)
    const reports = box.messages.filter(({ subject }) => subject.includes('Report for'))
    expect(reports).toHaveLength(6)
    expect(new Set(reports.map(({ text }) => /report “(.*)”/.exec(text)?.[1])).size).toBe(6)
  })

  test('is explained like any other message', async () => {
    const box = mail()
    const world = await worldAtNoon(daily, box)
    await work(world)
    await world.at(world.clock.aheadMs + dayMs)
    const alert = (await world.store.read.alerts()).find(({ message, params }) => message === 'report.day' && params.person === 'dana')
    expect(await world.decisions(alert?.id)).toMatchObject([{ person: 'dana', channel: 'mail', reason: 'sent.direct', params: { route: 'noon' } }])
    expect(await world.store.read.deliveriesOf(alert?.id ?? 0)).toMatchObject([{ person: 'dana', result: 'sent', route: 'noon' }])
  })

  test('goes to whoever is on duty when it is told', async () => {
    const box = mail()
    const config: ConfigInput = {
      people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC' }, lee: { role: 'admin', email: 'lee@example.com', timezone: 'UTC' } },
      routes: [], rotations: { ops: { members: ['dana', 'lee'], every: 'day', at: '00:00', timezone: 'UTC' } },
      reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['rotation:ops'], via: ['mail'] }],
    }
    const world = await worldAtNoon(config, box)
    for (let days = 0; days < 4; days += 1) await world.at(world.clock.aheadMs + dayMs)
    expect(box.messages).toHaveLength(4)
    const [first, second, third, fourth] = box.messages.map((message) => message.to)
    expect([first === second, first === third, second === fourth]).toEqual([false, true, true])
  })

  test('compares with what the one before said, where its events are forgotten, and says since when it counts', async () => {
    const box = mail()
    const config: ConfigInput = { ...daily, people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC' } }, reports: [{ name: 'noon', every: 'day', at: '12:00', to: ['dana'], via: ['mail'] }] }
    const first = await worldAtNoon(config, box)
    await work(first, [call('the evening before', first.clock.nowMs() - 15 * hourMs)])
    await first.at(first.clock.aheadMs + dayMs - hourMs / 2)
    expect(box.messages.at(-1)?.text).not.toContain('counted since')
    await first.close()
    const world = engineWorld({ ...config, retention: { content: '30h' } }, [box], { file: first.file, aheadMs: first.clock.aheadMs })
    await world.engine.accept([call('early', world.clock.nowMs() - 11 * hourMs), call('second', world.clock.nowMs() + hourMs)])
    for (let hour = 0; hour < 24; hour += 1) await world.at(world.clock.aheadMs + hourMs)
    expect(to(box, 'dana')).toHaveLength(2)
    expect(box.messages.at(-1)?.text).toContain('Spent: $2, -$2 (-50%) against the time before.')
    expect(box.messages.at(-1)?.text).toMatch(/^Calls are counted since \d+ \w+ \d+, /m)
  })

  test('needs a name of its own, and somebody who is known', () => {
    const report = { name: 'noon', to: ['dana'], via: ['mail'] }
    expect(() => engineWorld({ reports: [report, report] }, [mail()])).toThrow('reports.1.name: expected a name of its own')
    expect(() => engineWorld({ reports: [{ ...report, to: ['nobody'] }] }, [mail()])).toThrow('reports.0.to.0')
  })
})

describe('a weekly report', () => {
  test('comes on its day and covers Monday to Sunday, with what told most and what can be done about it', async () => {
    const box = mail()
    const config: ConfigInput = {
      people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC' } },
      routes: [{ name: 'work', match: "alert.kind == 'tool'", to: ['dana'], via: ['mail'] }],
      rules: { slow: { on: 'tool.call', kind: 'tool', severity: 'high', groupBy: ['id'] } },
      reports: [{ name: 'week', every: 'week', on: 'mon', at: '08:00', to: ['dana'], via: ['mail'] }],
    }
    const world = engineWorld(config, [box])
    // Wednesday of the next week.
    const monday = periodAt('week', 'UTC', world.clock.nowMs()).endMs
    world.clock.aheadMs = monday + 2 * dayMs - world.clock.nowMs()
    await world.tick()
    for (let index = 0; index < 8; index += 1) await world.engine.accept([{ source: 'observe', type: 'tool.call', id: `t${index}`, atMs: world.clock.nowMs() + index, agent: `bot-${index}`, tool: { name: 'search' } }])
    await world.tick()
    const told = box.messages.length
    expect(told).toBe(8)
    await world.at(monday + 7 * dayMs + 7 * hourMs - (world.clock.nowMs() - world.clock.aheadMs))
    expect(box.messages).toHaveLength(told)
    await world.at(monday + 7 * dayMs + 9 * hourMs - (world.clock.nowMs() - world.clock.aheadMs))
    expect(box.messages).toHaveLength(told + 1)
    const report = box.messages.at(-1)
    expect(report?.text).toMatch(/^slow +8 +8$/m)
    expect(report?.text).toContain('slow: 8 alerts. To hear of it once a day, set routes.0.digest')
    expect(report?.text).toMatch(/^sent +8 +8$/m)
  })
})

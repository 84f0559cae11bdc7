import { afterEach, describe, expect, test } from 'vitest'
import { configurationFrom } from './configuration.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
const minuteMs = 60_000

/** Told by the agent's name, thirty seconds after the first. */
const byAgent: NonNullable<ConfigInput['routes']>[number] = { name: 'by-agent', match: "alert.kind != 'system'", to: ['dana'], via: ['mail'], groupBy: ['agent'] }
/** What fails is an alert for each agent and tool, and over when it was not seen for ten minutes. */
const failing = (severity: 'warning' | 'high' | 'critical' = 'high', quiet = '6h'): ConfigInput['rules'] => ({ failing: { on: 'tool.call', when: "event.status == 'error'", severity, quiet, groupBy: ['agent', 'tool'] }, 'tool-failed': false, 'tool-failing': false })
const grouped: ConfigInput = { routes: [byAgent], rules: failing() }

function toolFailed(agent: string, tool: string, atMs: number): EventInput {
  return { source: 'observe', type: 'tool.call', id: `${agent}-${tool}-${atMs}`, atMs, agent, tool: { name: tool }, status: 'error' }
}

const fail = (world: EngineWorld, agent: string, ...tools: readonly string[]) => world.engine.accept(tools.map((tool) => toolFailed(agent, tool, world.clock.nowMs())))
/** The lines of news in a message. */
const lines = (text: string | undefined): readonly string[] => text?.match(/^\d.*\d\d:\d\d {2}.*$/gm) ?? []
const reasonsOf = async (world: EngineWorld): Promise<readonly string[]> => (await world.decisions()).map(({ reason }) => reason)

describe('a group', () => {
  test('is told once, so long after its first member, however many join meanwhile, and names what they have in common', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(grouped, [mail])
    await fail(world, 'refund-bot', 'search', 'pay')
    await world.at(20 * secondMs)
    await fail(world, 'refund-bot', 'print')
    await world.at(29 * secondMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(31 * secondMs)
    expect(mail.messages).toHaveLength(1)
    expect(mail.subjects[0]).toMatch(/^\[High\] 3 alerts on refund-bot, first: /)
    expect(lines(mail.messages[0]?.text)).toHaveLength(3)
    expect(mail.messages[0]?.text).toMatch(/^Since .*: 3 high\.$/m)
    const decided = await world.decisions()
    expect(decided.filter(({ reason }) => reason === 'held.group_wait').map(({ params }) => Math.round(Number(params['wait']) / secondMs))).toEqual([10, 30, 30])
    expect(decided.filter(({ reason }) => reason === 'sent.digest').map(({ params }) => params['count'])).toEqual([2, 2, 2])
  })

  test('tells whoever is in it once, also who is asked again because nobody acknowledged what joined it late', async () => {
    const mail = new Receiver('mail')
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' } }
    const world = engineWorld({ ...grouped, people, routes: [{ ...byAgent, groupWait: '2m', escalate: [{ after: '5m', to: ['role:admin', 'lee'] }] }] }, [mail])
    await fail(world, 'refund-bot', 'search')
    await world.at(minuteMs)
    await fail(world, 'refund-bot', 'pay')
    for (let minute = 2; minute < 20; minute += 1) await world.at(minute * minuteMs + 2 * secondMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'lee@example.com', 'lee@example.com'])
    for (const { text } of mail.messages.slice(1)) expect(text).toMatch(/Escalated to you: dana did not acknowledge for \d min/)
    expect((await reasonsOf(world)).filter((reason) => reason === 'merged.already_told')).toHaveLength(2)
  })

  test('does not wait for a time that a clock wrote which was wrong', async () => {
    const mail = new Receiver('mail')
    const wrong = engineWorld(grouped, [mail], { aheadMs: 10 * 24 * 60 * minuteMs })
    await fail(wrong, 'refund-bot', 'search')
    await wrong.at(10 * 24 * 60 * minuteMs + 31 * secondMs)
    await wrong.close()
    const right = engineWorld(grouped, [mail], { file: wrong.file })
    await fail(right, 'refund-bot', 'pay')
    await right.at(31 * secondMs)
    expect(mail.messages).toHaveLength(2)
    await fail(right, 'refund-bot', 'print')
    await right.at(4 * minuteMs)
    expect(mail.messages).toHaveLength(2)
    await right.at(6 * minuteMs)
    expect(mail.messages).toHaveLength(3)
  })

  test('is another one for another value, and for another person', async () => {
    const mail = new Receiver('mail')
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com', locale: 'zh-CN' } }
    const world = engineWorld({ ...grouped, people, routes: [{ ...byAgent, to: ['dana', 'lee'] }] }, [mail])
    await fail(world, 'refund-bot', 'a', 'b')
    await fail(world, 'mail-bot', 'a', 'b')
    await world.at(31 * secondMs)
    expect(mail.messages.map(({ to, subject }) => `${to} ${/refund-bot|mail-bot/.exec(subject)?.[0]}`).toSorted()).toEqual([
      'dana@example.com mail-bot', 'dana@example.com refund-bot', 'lee@example.com mail-bot', 'lee@example.com refund-bot',
    ])
    expect(mail.subjects.filter((subject) => subject.startsWith('【重要】mail-bot 有 2 条告警，首条：'))).toHaveLength(1)
  })

  test('of one member is told as it is', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(grouped, [mail])
    await fail(world, 'refund-bot', 'search')
    await world.at(31 * secondMs)
    expect(mail.messages).toHaveLength(1)
    expect(mail.subjects[0]).not.toContain('alert')
    expect(mail.messages[0]?.text).not.toContain('Since')
  })

  test('is told again not before the interval after its last message, with what came meanwhile; then it waits as at first', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(grouped, [mail])
    await fail(world, 'refund-bot', 'a', 'b')
    await world.at(31 * secondMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(40 * secondMs)
    await fail(world, 'refund-bot', 'c')
    await world.at(3 * minuteMs)
    await fail(world, 'refund-bot', 'd')
    // Another group is not held by this one.
    await fail(world, 'mail-bot', 'e')
    await world.at(5 * minuteMs + 20 * secondMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.subjects[1]).toContain('mail-bot')
    await world.at(5 * minuteMs + 32 * secondMs)
    expect(mail.messages).toHaveLength(3)
    expect(lines(mail.messages[2]?.text)).toHaveLength(2)
    await world.at(60 * minuteMs)
    await fail(world, 'refund-bot', 'f')
    await world.at(60 * minuteMs + 29 * secondMs)
    expect(mail.messages).toHaveLength(3)
    await world.at(60 * minuteMs + 31 * secondMs)
    expect(mail.messages).toHaveLength(4)
  })

  test('takes its wait and its interval from the route', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...grouped, routes: [{ ...byAgent, groupWait: '2m', groupInterval: '3m' }] }, [mail])
    await fail(world, 'refund-bot', 'a')
    await world.at(119 * secondMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(121 * secondMs)
    await fail(world, 'refund-bot', 'b')
    await world.at(299 * secondMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(302 * secondMs)
    expect(mail.messages).toHaveLength(2)
  })

  test('does not hold what is critical, which is told by itself and at once', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...grouped, rules: failing('critical') }, [mail])
    await fail(world, 'refund-bot', 'a', 'b')
    await world.tick()
    expect(mail.messages).toHaveLength(2)
    expect(await reasonsOf(world)).not.toContain('held.group_wait')
  })

  test('does not hold a message that names its receivers', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(grouped, [mail])
    await world.engine.accept([said('lunch', world.clock.nowMs(), { to: ['dana'] })])
    await world.tick()
    expect(mail.subjects).toEqual(['[High] lunch'])
  })

  test('groups by a tag, and what lacks it is a group of its own', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...grouped, routes: [{ ...byAgent, groupBy: ['tags.team', 'agent'] }] }, [mail])
    const event = (tool: string, tags: Readonly<Record<string, string>>): EventInput => ({ ...toolFailed('bot', tool, world.clock.nowMs()), tags })
    await world.engine.accept([event('a', { team: 'support' }), event('b', { team: 'support' }), event('c', { team: 'sales' }), event('d', { team: 'sales' }), event('e', {}), event('f', {})])
    await world.at(31 * secondMs)
    expect(mail.subjects.map((subject) => /2 alerts on .*?, first/.exec(subject)?.[0] ?? subject).toSorted()).toEqual(['2 alerts on bot, first', '2 alerts on sales · bot, first', '2 alerts on support · bot, first'])
  })
})

describe('what is over before its group is told', () => {
  test('is left out, with its reason, and a group of which nothing is left is not told', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [{ ...byAgent, groupWait: '5m' }], rules: failing('high', '1m') }, [mail])
    await fail(world, 'refund-bot', 'gone')
    await fail(world, 'other-bot', 'gone')
    await world.at(50 * secondMs)
    await fail(world, 'refund-bot', 'stays', 'too')
    await world.at(70 * secondMs)
    for (let at = 100; at <= 300; at += 40) {
      await world.at(at * secondMs)
      await fail(world, 'refund-bot', 'stays', 'too')
    }
    await world.at(301 * secondMs)
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).not.toContain('gone')
    expect(lines(mail.messages[0]?.text)).toHaveLength(2)
    expect((await reasonsOf(world)).filter((reason) => reason === 'refused.resolved_before_told')).toHaveLength(2)
  })

  test('ends of one group are told together, apart from what begins', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [byAgent], rules: failing('high', '1m') }, [mail])
    await fail(world, 'refund-bot', 'a', 'b')
    await world.at(31 * secondMs)
    await world.at(55 * secondMs)
    await fail(world, 'refund-bot', 'c', 'd')
    // Both end while the two others wait for the interval.
    await world.at(65 * secondMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(110 * secondMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.subjects[1]).toMatch(/^Resolved: 2 alerts on refund-bot, first: /)
    expect(lines(mail.messages[1]?.text)).toHaveLength(2)
  })
})

describe('a group after a silence', () => {
  test('is told together with what still fires, and its pace holds', async () => {
    const mail = new Receiver('mail')
    const until = new Date(systemClock.nowMs() + 10 * minuteMs).toISOString()
    const world = engineWorld({ ...grouped, silences: [{ name: 'deploy', match: "alert.kind != 'system'", until, author: 'dana', comment: 'new version' }] }, [mail])
    await fail(world, 'refund-bot', 'a', 'b')
    await world.at(9 * minuteMs)
    expect(mail.messages).toHaveLength(0)
    for (const at of [601, 602, 633, 634]) await world.at(at * secondMs)
    expect(mail.messages.map(({ text }) => lines(text).length)).toEqual([2])
    expect(await reasonsOf(world)).toContain('held.group_wait')
    await fail(world, 'refund-bot', 'c')
    await world.at(14 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(16 * minuteMs)
    expect(mail.messages).toHaveLength(2)
  })
})

describe('groups of several processes', () => {
  test('what one collected before it ended, another tells, and nothing else', async () => {
    const mail = new Receiver('mail')
    const first = engineWorld(grouped, [mail])
    await fail(first, 'refund-bot', 'a', 'b', 'c')
    await first.tick()
    await first.close()
    const second = engineWorld(grouped, [mail], { file: first.file, aheadMs: 31 * secondMs })
    await second.tick()
    await second.at(10 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    expect(lines(mail.messages[0]?.text)).toHaveLength(3)
  })

  test('two that collect at once fill one group, and its pace holds for both', async () => {
    const mail = new Receiver('mail')
    const one = engineWorld(grouped, [mail])
    const other = engineWorld(grouped, [mail], { file: one.file })
    await Promise.all([fail(one, 'refund-bot', 'a', 'b'), fail(other, 'refund-bot', 'c', 'd')])
    await one.at(31 * secondMs)
    await other.at(31 * secondMs)
    expect(mail.messages).toHaveLength(1)
    expect(lines(mail.messages[0]?.text)).toHaveLength(4)
    await other.at(minuteMs)
    await fail(other, 'refund-bot', 'e')
    await one.at(5 * minuteMs)
    await other.at(5 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    await other.at(5 * minuteMs + 32 * secondMs)
    await one.at(5 * minuteMs + 32 * secondMs)
    expect(mail.messages).toHaveLength(2)
  })

  test('a process that ends while it sends leaves the group to another, which tells all of it and what came later apart', async () => {
    const mail = new Receiver('mail', { can: { deduplicates: true, resolves: true } })
    const first = engineWorld({ ...grouped, delivery: { leaseMs: 30_000 } }, [mail])
    await fail(first, 'refund-bot', 'a', 'b')
    mail.hold()
    await first.at(31 * secondMs)
    await fail(first, 'refund-bot', 'c', 'd')
    mail.answer = () => ({ kind: 'sent' })
    const second = engineWorld({ ...grouped, delivery: { leaseMs: 30_000 } }, [mail], { file: first.file, aheadMs: 70 * secondMs })
    await second.tick()
    expect(mail.subjects).toHaveLength(2)
    expect([lines(mail.messages[0]?.text), lines(mail.messages[1]?.text)].map(({ length }) => length)).toEqual([2, 2])
    expect(mail.subjects[1]).toContain('possibly repeated')
    await second.at(7 * minuteMs)
    expect(mail.messages.slice(2).map(({ text }) => lines(text).length)).toEqual([2])
  })
})

describe('a group by the next channel', () => {
  test('is told whole and as the group that it is', async () => {
    const [mail, other] = [new Receiver('mail'), new Receiver('other')]
    mail.answer = () => ({ kind: 'bad-content', detail: 'too long' })
    const world = engineWorld({ ...grouped, routes: [{ ...byAgent, via: { first: ['mail', 'other'], after: '5m' } }] }, [mail, other])
    await fail(world, 'refund-bot', 'a', 'b', 'c')
    await world.at(31 * secondMs)
    await world.tick()
    expect(other.subjects).toHaveLength(1)
    expect(other.subjects[0]).toMatch(/^\[High\] 3 alerts on refund-bot, first: /)
    expect(lines(other.messages[0]?.text)).toHaveLength(3)
  })

  test('is asked no sooner than so long after the group is due, however late its last member joined', async () => {
    const [mail, other] = [new Receiver('mail'), new Receiver('other')]
    const world = engineWorld({ ...grouped, routes: [{ ...byAgent, groupWait: '2m', via: { first: ['mail', 'other'], after: '1m' } }] }, [mail, other])
    await fail(world, 'refund-bot', 'a')
    await world.at(110 * secondMs)
    await fail(world, 'refund-bot', 'b')
    mail.hold()
    await world.at(121 * secondMs)
    await world.at(179 * secondMs)
    expect(other.messages).toHaveLength(0)
    await world.at(182 * secondMs)
    expect(other.messages).toHaveLength(1)
  })
})

describe('a group past what one message holds', () => {
  test('is told in parts, all at its time, and none is lost', async () => {
    const mail = new Receiver('mail', { limits: { bodyCharsMax: 1_000_000, concurrency: 5 } })
    const world = engineWorld({ routes: [{ ...byAgent, groupBy: ['message'] }] }, [mail])
    const names = Array.from({ length: 1_003 }, (_, index) => `n${index}.`)
    for (let from = 0; from < names.length; from += 200) await world.engine.accept(names.slice(from, from + 200).map((name) => said(name, world.clock.nowMs())))
    await world.at(20 * secondMs)
    expect(mail.messages).toHaveLength(0)
    await world.at(35 * secondMs)
    expect(mail.subjects.map((subject) => /[\d,]+ alerts/.exec(subject)?.[0] ?? subject).toSorted()).toEqual(['1,000 alerts', '3 alerts'])
  })
})

describe('a configuration with groups', () => {
  const problemOf = (route: Readonly<Record<string, unknown>>): string => {
    try {
      configurationFrom({ routes: [{ to: ['you'], via: ['inbox'], ...route }] }, [], {})
      return ''
    } catch (problem) {
      return String(problem)
    }
  }

  test('names only what an alert has for as long as it lasts', () => {
    for (const groupBy of [['agent'], ['alert.agent'], ['kind', 'tags.team'], ['rule', 'severity']]) expect(problemOf({ groupBy })).toBe('')
    expect(problemOf({ groupBy: ['agnet'] })).toMatch(/routes\.0\.groupBy\.0: .*found "agnet"; did you mean "agent"/)
    for (const name of ['count', 'state', 'tags', 'tags.', 'detail.region', 'toString', 'event.agent']) expect(problemOf({ groupBy: [name] })).toContain(`found "${name}"`)
  })

  test('says what to do where a time of groups stands without groups, or beside a digest', () => {
    for (const key of ['groupWait', 'groupInterval']) {
      expect(problemOf({ [key]: '10s' })).toMatch(new RegExp(`routes\\.0\\.${key}: expected groupBy beside it`))
      expect(problemOf({ [key]: '10s', groupBy: ['agent'], digest: '1h' })).toMatch(new RegExp(`routes\\.0\\.${key}: expected no digest beside it`))
      expect(problemOf({ [key]: '10s', groupBy: ['agent'] })).toBe('')
    }
    expect(problemOf({ groupBy: ['agent'], digest: '1h' })).toBe('')
  })
})

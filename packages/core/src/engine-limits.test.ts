import { afterEach, describe, expect, test } from 'vitest'
import type { Message } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import type { Severity } from './model/severity.ts'
import { callFailed, closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

const roomy = { limits: { bodyCharsMax: 100_000, concurrency: 5 } }
const mailOnly: ConfigInput['routes'] = [{ match: "alert.kind != 'system'", to: ['dana'], via: ['mail'] }]
/** Four in an hour, of which two may go at once and then one in 20 minutes. */
const few = { perHour: 4, perDay: 1_000, critical: { perHour: 2, perDay: 1_000 } }

const named = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}.`)
const holds = (messages: readonly Message[], names: readonly string[]): readonly string[] => messages.flatMap(({ subject, text }) => names.filter((name) => `${subject} ${text}`.includes(name)))
const tell = (world: EngineWorld, names: readonly string[], severity: Severity = 'high') => world.engine.accept(names.map((name) => said(name, world.clock.nowMs(), { severity })))

describe('the limit of a person on a channel', () => {
  test('lets half of an hour go at once; the rest is one digest when it allows one again, with everything in it', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, limits: few }, [mail])
    const names = named('news', 40)
    await tell(world, names)
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(2)
    await world.at(19 * minuteMs)
    expect(mail.messages).toHaveLength(2)
    await world.at(20 * minuteMs + 1_000)
    expect(mail.messages).toHaveLength(3)
    expect(holds(mail.messages, names).toSorted()).toEqual(names)
    expect(mail.messages[2]?.subject).toMatch(/38 updates/)
    expect(mail.messages[2]?.text).toContain('Told together: your limit is 4 in 1 h.')
    await world.at(6 * hourMs)
    expect(mail.messages).toHaveLength(3)
  })

  test('gives each its reason: how many, in what time, and when the digest comes', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, limits: few }, [mail])
    const startMs = world.clock.nowMs()
    await tell(world, named('news', 5))
    await world.tick(3_000)
    const limited = (await world.decisions()).filter(({ reason }) => reason === 'limited.person')
    expect(limited).toHaveLength(3)
    for (const { params, person, channel } of limited) {
      expect({ person, channel, ...params }).toMatchObject({ person: 'dana', limit: 4, channel: 'mail', period: hourMs })
      expect(Number(params['time']) - startMs).toBeGreaterThan(19 * minuteMs)
      expect(Number(params['time']) - startMs).toBeLessThan(21 * minuteMs)
    }
    await world.at(hourMs)
    for (const { alert } of limited) expect((await world.store.read.deliveriesOf(alert)).map(({ result }) => result)).toEqual(['superseded', 'sent'])
  })

  test('is never exceeded in any hour, nor in any day, and nothing of it is lost', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, limits: { ...few, perDay: 12 } }, [mail])
    const names: string[] = []
    const times: number[] = []
    for (let minute = 0; minute < 30 * 60; minute += 10) {
      await world.at(minute * minuteMs)
      if (minute < 27 * 60) {
        const name = `at${minute}.`
        names.push(name)
        await tell(world, [name])
        await world.tick(3_000)
      }
      while (times.length < mail.messages.length) times.push(minute)
    }
    const mostIn = (minutes: number): number => Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + minutes).length))
    expect(mostIn(60)).toBeLessThanOrEqual(4)
    expect(mostIn(24 * 60)).toBeLessThanOrEqual(12)
    expect(times.filter((at) => at >= 24 * 60).length).toBeGreaterThan(0)
    await world.at(60 * hourMs)
    expect(holds(mail.messages, names).toSorted()).toEqual(names.toSorted())
  }, 30_000)

  test('is theirs on one channel: others, and the same person elsewhere, are told', async () => {
    const [mail, other] = [new Receiver('mail', roomy), new Receiver('other', roomy)]
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
    const world = engineWorld({ people, routes: [{ to: ['dana', 'lee'], via: ['mail', 'other'] }], limits: few }, [mail, other])
    await tell(world, named('news', 2))
    await world.tick(3_000)
    expect([mail.messages.length, other.messages.length]).toEqual([4, 4])
  })

  test('can be another for a channel, and none at all', async () => {
    const [mail, other] = [new Receiver('mail', roomy), new Receiver('other', roomy)]
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail', 'other'] }]
    const first = engineWorld({ routes, limits: { ...few, channels: { other: { perHour: 20 } } } }, [mail, other])
    await tell(first, named('news', 9))
    await first.tick(3_000)
    expect([mail.messages.length, other.messages.length]).toEqual([2, 9])
    await closeWorlds()
    const second = engineWorld({ routes, limits: false }, [mail, other])
    await tell(second, named('more', 9))
    await second.tick(3_000)
    expect([mail.messages.length, other.messages.length]).toEqual([11, 18])
  })

  test('holds over a restart and over two processes on one file', async () => {
    const mail = new Receiver('mail', roomy)
    const first = engineWorld({ routes: mailOnly, limits: few }, [mail])
    const other = engineWorld({ routes: mailOnly, limits: few }, [mail], { file: first.file })
    await tell(first, named('one', 10))
    await tell(other, named('two', 10))
    await Promise.all([first.tick(3_000), other.tick(3_000)])
    expect(mail.messages).toHaveLength(2)
    await first.close()
    await other.close()
    const next = engineWorld({ routes: mailOnly, limits: few }, [mail], { file: first.file, aheadMs: 5 * minuteMs })
    await tell(next, named('three', 10))
    await next.tick(3_000)
    expect(mail.messages).toHaveLength(2)
    await next.at(21 * minuteMs)
    expect(mail.messages).toHaveLength(3)
    const names = [...named('one', 10), ...named('two', 10), ...named('three', 10)]
    expect(holds(mail.messages, names).toSorted()).toEqual(names.toSorted())
  })

  test('is one over all projects of a store', async () => {
    const mail = new Receiver('mail', roomy)
    const first = engineWorld({ project: 'one', routes: mailOnly, limits: few }, [mail])
    const second = engineWorld({ project: 'two', routes: mailOnly, limits: few }, [mail], { file: first.file })
    await tell(first, named('one', 2))
    await first.tick(3_000)
    await tell(second, named('two', 2))
    await second.tick(3_000)
    expect(mail.messages).toHaveLength(2)
    for (let minutes = 20; minutes <= 60; minutes += 20) {
      await second.at(minutes * minuteMs + 1_000)
      await first.at(minutes * minuteMs + 1_000)
    }
    expect(holds(mail.messages, [...named('one', 2), ...named('two', 2)])).toHaveLength(4)
  })

  test('is charged once for a message that is tried again', async () => {
    const mail = new Receiver('mail', roomy)
    mail.answer = (_message, count) => (count <= 5 ? { kind: 'retry', detail: 'busy' } : { kind: 'sent' })
    const world = engineWorld({ routes: mailOnly, limits: few }, [mail])
    await tell(world, ['one.'])
    for (let second = 0; second < 6; second += 1) await world.at(second * 1_000)
    expect(mail.messages).toHaveLength(6)
    await tell(world, ['two.'])
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(7)
  })

  test('is not theirs where a message was addressed by hand, where nobody is interrupted, and is the place’s where the channel is the address', async () => {
    const quiet = new Receiver('quiet', { ...roomy, can: { deduplicates: false, resolves: true, interrupts: false } })
    const [mail, room] = [new Receiver('mail', roomy), new Receiver('room', { ...roomy, address: 'none' })]
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
    const world = engineWorld({ people, routes: [{ to: ['dana'], via: ['quiet', 'room'] }, { to: ['lee'], via: ['quiet', 'room'] }], limits: few }, [mail, quiet, room])
    await tell(world, named('news', 6))
    await world.engine.accept(named('guest', 6).map((id) => said(id, world.clock.nowMs(), { direct: { channel: 'mail', address: 'guest@example.com' } })))
    await world.tick(3_000)
    expect([mail.messages.length, quiet.messages.length, room.messages.length]).toEqual([6, 12, 2])
  })

  test('takes in collections: a digest and a group are one message, and join what waits', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: [{ name: 'a', match: "alert.severity == 'warning'", to: ['dana'], via: ['mail'], digest: '10m' }, { name: 'b', to: ['dana'], via: ['mail'] }], limits: few }, [mail])
    const [warnings, rest] = [named('warning', 3), named('news', 3)]
    await tell(world, warnings, 'warning')
    await world.at(9 * minuteMs)
    await tell(world, rest)
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(2)
    await world.at(10 * minuteMs + 1_000)
    expect(mail.messages).toHaveLength(2)
    await world.at(30 * minuteMs)
    expect(mail.messages).toHaveLength(3)
    expect(holds(mail.messages.slice(2), [...warnings, ...rest])).toHaveLength(4)
    expect(holds(mail.messages, [...warnings, ...rest]).toSorted()).toEqual([...warnings, ...rest].toSorted())
  })
})

describe('quiet hours and a limit', () => {
  test('together are one digest at their end', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC', quietHours: '22:00-07:00' } }, routes: mailOnly, limits: few }, [mail])
    // Ten minutes before the quiet hours of the next day.
    const toTenMs = dayMs - (world.clock.nowMs() % dayMs) + 22 * hourMs
    await world.at(toTenMs - 10 * minuteMs)
    const [before, within] = [named('before', 8), named('within', 8)]
    await tell(world, before)
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(2)
    await world.at(toTenMs + hourMs)
    await tell(world, within)
    await world.tick(3_000)
    await world.at(toTenMs + 9 * hourMs - minuteMs)
    expect(mail.messages).toHaveLength(2)
    await world.at(toTenMs + 9 * hourMs + 1_000)
    expect(mail.messages).toHaveLength(3)
    expect(holds(mail.messages, [...before, ...within]).toSorted()).toEqual([...before, ...within].toSorted())
  })

  test('do not hold what is critical', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ people: { dana: { role: 'admin', email: 'dana@example.com', quietHours: '00:00-23:59' } }, routes: mailOnly, limits: few }, [mail])
    await world.at(dayMs - (world.clock.nowMs() % dayMs) + 12 * hourMs)
    await tell(world, ['low.', 'lower.', 'lowest.'])
    await tell(world, ['down.'], 'critical')
    await world.tick(3_000)
    expect(mail.subjects).toEqual(['[Critical] down.'])
  })
})

describe('what is critical', () => {
  test('has a reserve of its own that nothing else uses up', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, limits: few }, [mail])
    await tell(world, named('news', 30))
    await world.tick(3_000)
    await tell(world, ['down.'], 'critical')
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(3)
    expect(mail.subjects[2]).toBe('[Critical] down.')
  })

  test('is past its reserve a summary at once, and then one in five minutes, whole', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, limits: few }, [mail])
    const names: string[] = []
    const sent: number[] = []
    for (let second = 0; second <= 30 * 60; second += 20) {
      await world.at(second * 1_000)
      if (second <= 20 * 60) {
        const wave = named(`at${second}-`, 2)
        names.push(...wave)
        await tell(world, wave, 'critical')
        await world.tick(3_000)
      }
      while (sent.length < mail.messages.length) sent.push(second)
    }
    expect(holds(mail.messages, names).toSorted()).toEqual(names.toSorted())
    // One by one the reserve, then summaries.
    const summaries = mail.messages.flatMap(({ text }, index) => (text.includes('Told together: your limit is 2 in 1 h.') ? [sent[index] ?? 0] : []))
    expect(summaries[0]).toBeLessThanOrEqual(40)
    for (const [index, second] of summaries.slice(1).entries()) {
      expect(second - (summaries[index] ?? 0)).toBeGreaterThanOrEqual(300 - 20)
      expect(second - (summaries[index] ?? 0)).toBeLessThanOrEqual(300 + 40)
    }
    expect(mail.messages.length).toBeLessThan(10)
  }, 20_000)
})

describe('a next channel', () => {
  const after: ConfigInput['routes'] = [{ match: "alert.kind != 'system'", to: ['dana'], via: { first: ['mail', 'other'], after: '2m' } }]

  test('is asked of what is critical and past its reserve in the time that its route gives the first', async () => {
    const [mail, other] = [new Receiver('mail', roomy), new Receiver('other', roomy)]
    const world = engineWorld({ routes: after, limits: few }, [mail, other])
    const names = named('down', 3)
    await tell(world, names, 'critical')
    await world.tick(3_000)
    // One by itself, and what is past the reserve at once.
    expect(mail.messages).toHaveLength(2)
    await tell(world, ['later.'], 'critical')
    await world.tick(3_000)
    expect(other.messages).toHaveLength(0)
    await world.at(2 * minuteMs + 1_000)
    expect(other.messages).toHaveLength(1)
    await world.at(10 * minuteMs)
    expect(holds([...mail.messages, ...other.messages], [...names, 'later.']).toSorted()).toEqual([...names, 'later.'])
  })

  test('has its time from when the digest is due, where it is not critical', async () => {
    const [mail, other] = [new Receiver('mail', roomy), new Receiver('other', roomy)]
    const world = engineWorld({ routes: after, limits: few }, [mail, other])
    await tell(world, named('news', 6))
    await world.tick(3_000)
    await world.at(10 * minuteMs)
    expect([mail.messages.length, other.messages.length]).toEqual([2, 0])
    await world.at(20 * minuteMs + 1_000)
    expect([mail.messages.length, other.messages.length]).toEqual([3, 0])
  })
})

describe('the ends of alerts', () => {
  const failing: ConfigInput['rules'] = { 'model-failed': false, 'model-outage': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '1m', groupBy: ['agent'] } }

  test('cost, and leave a fifth of what may go at once to what begins', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, rules: failing, limits: { ...few, perHour: 20 } }, [mail])
    await world.engine.accept(Array.from({ length: 5 }, (_, index) => ({ ...callFailed(`call-${index}`, world.clock.nowMs()), agent: `bot-${index}` })))
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(5)
    // Ten may go at once, and ends leave two of them: three go, and the digest of the others when the limit allows them one.
    await world.at(90_000)
    expect(mail.messages.map(({ news }) => news)).toEqual([...Array.from({ length: 5 }, () => 'firing'), ...Array.from({ length: 3 }, () => 'resolved')])
    await tell(world, ['one.', 'two.'])
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(10)
    await world.at(3 * hourMs)
    expect(mail.messages).toHaveLength(11)
    expect(mail.messages.at(-1)).toMatchObject({ news: 'resolved', subject: expect.stringContaining('2 updates') as unknown })
  })
})

describe('that somebody has an alert', () => {
  test.each([
    ['past a limit', {}],
    ['in quiet hours', { quietHours: '00:00-23:59', timezone: 'UTC' }],
  ])('is shown at once %s, takes nobody’s attention, and nothing else is told with it', async (_when, more) => {
    const chat = new Receiver('chat', { needsFirst: true, ...roomy, can: { deduplicates: false, resolves: true, acknowledges: 'first' } })
    chat.answer = (_message, count) => ({ kind: 'sent', providerId: `id-${count}` })
    const failing: ConfigInput['rules'] = { 'model-failed': false, 'model-outage': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '6h', groupBy: ['agent'] } }
    const config: ConfigInput = { rules: failing, routes: [{ match: "alert.kind != 'system'", to: ['dana'], via: ['chat'] }], limits: few }
    const world = engineWorld(config, [chat])
    const fail = async (agent: string): Promise<void> => {
      await world.engine.accept([{ ...callFailed(`of-${agent}`, world.clock.nowMs()), agent }])
      await world.tick()
    }
    await fail('bot-a')
    await fail('bot-b')
    // From here on, so that what was told before is known.
    const quiet = engineWorld({ ...config, people: { dana: { role: 'admin', email: 'dana@example.com', ...more } } }, [chat], { file: world.file })
    await quiet.engine.acting.act({ alerts: [1, 2] }, { action: 'acknowledge', by: 'dana', via: 'command' })
    await quiet.tick()
    expect(chat.messages.slice(2).map(({ news, follows }) => [news, follows])).toEqual([['acknowledged', 'id-1'], ['acknowledged', 'id-2']])
    await fail('bot-c')
    await fail('bot-d')
    await world.at(hourMs)
    const later = chat.messages.slice(4)
    expect(later.map(({ news, subject }) => [news, subject])).toEqual([['firing', expect.stringContaining('2 updates')]])
  })
})

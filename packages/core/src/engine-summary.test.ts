import { afterEach, describe, expect, test } from 'vitest'
import type { Message, Rate } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const limited = (type: string, rate: Rate, address: 'channel' | 'address' = 'channel'): Receiver =>
  new Receiver(type, { limits: { bodyCharsMax: 20_000, concurrency: 5, ...(address === 'channel' ? { rate } : { ratePerAddress: rate }) } })

/** Trouble with the limit itself is told nobody here: it has a test of its own. */
const withoutTrouble: ConfigInput['routes'] = [{ match: "alert.kind != 'system'", to: ['dana'], via: ['mail'] }]

const critical = (world: EngineWorld, names: readonly string[]) => world.engine.accept(names.map((name) => said(name, world.clock.nowMs(), { severity: 'critical' })))
const named = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}.`)
/** Which of the names a message holds. */
const holds = (message: Message | undefined, names: readonly string[]): readonly string[] => names.filter((name) => message !== undefined && `${message.subject} ${message.text}`.includes(name))

describe('what is critical past the reserve of a channel', () => {
  test('is one message to each person as soon as the rate allows one, with everything in it', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs })
    const world = engineWorld({ routes: withoutTrouble }, [mail])
    const names = named('down', 40)
    await critical(world, names)
    await world.tick()
    expect(mail.messages).toHaveLength(1)
    await world.at(hourMs + 1_000)
    expect(mail.messages).toHaveLength(2)
    const [first, summary] = mail.messages
    expect([...holds(first, names), ...holds(summary, names)].toSorted()).toEqual(names)
    expect(summary?.severity).toBe('critical')
    expect(summary?.subject).toMatch(/^\[Critical\] 39 updates/)
    expect(summary?.text.match(/^\d.*\d\d:\d\d.*down\d+/gm)).toHaveLength(39)
    expect(summary?.text).toContain('more is critical than may be sent here one by one')
  })

  test('has a reason on record for each, and each is known as told', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs })
    const world = engineWorld({ routes: withoutTrouble }, [mail])
    await critical(world, named('down', 3))
    await world.tick()
    await world.at(hourMs + 1_000)
    const alerts = (await world.store.read.alerts()).filter(({ kind }) => kind !== 'system').toReversed().slice(1)
    for (const { id } of alerts) {
      const decisions = await world.decisions(id)
      expect(decisions.find(({ reason }) => reason === 'limited.person')?.params).toMatchObject({ limit: 1, channel: 'mail', period: hourMs, time: expect.any(Number) as unknown })
      expect((await world.store.read.deliveriesOf(id)).map(({ result }) => result)).toEqual(['superseded', 'sent'])
    }
  })

  test('is told to each person apart, and one who has a single one gets it as it is', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs })
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com', locale: 'zh-CN' }, kim: { role: 'admin', email: 'kim@example.com' } }
    const world = engineWorld({ people, routes: [{ match: "alert.kind != 'system'", to: ['dana', 'lee'], via: ['mail'] }] }, [mail])
    await critical(world, ['one', 'two', 'three'])
    await world.engine.accept([said('for kim', world.clock.nowMs(), { severity: 'critical', to: ['kim'] })])
    for (let hour = 0; hour < 5; hour += 1) await world.at(hour * (hourMs + 1_000))
    const of = (name: string): readonly string[] => mail.messages.filter(({ to }) => to.startsWith(name)).map(({ subject }) => subject)
    expect([of('dana').length, of('lee').length]).toEqual([2, 1])
    expect(of('lee')).toEqual([expect.stringContaining('3 条更新')])
    expect(of('kim')).toEqual(['[Critical] for kim'])
  })

  test('is summed up at most once in five minutes, and goes one by one where the rate allows it', async () => {
    const mail = limited('mail', { count: 10, perMs: minuteMs })
    const world = engineWorld({ routes: withoutTrouble }, [mail])
    const sums: number[] = []
    const names: string[] = []
    let seen = 0
    for (let second = 0; second < 16 * 60; second += 20) {
      if (second < 10 * 60) {
        const wave = named(`at${second}-`, 8)
        names.push(...wave)
        await world.at(second * 1_000)
        await critical(world, wave)
      }
      await world.at(second * 1_000 + 1)
      for (const { subject } of mail.messages.slice(seen)) if (subject.includes('updates')) sums.push(second)
      seen = mail.messages.length
    }
    expect(mail.messages.flatMap((message) => holds(message, names)).toSorted()).toEqual(names.toSorted())
    expect(sums.length).toBeGreaterThan(1)
    for (const [index, second] of sums.slice(1).entries()) expect(second - (sums[index] ?? 0)).toBeGreaterThanOrEqual(5 * 60 - 20)
  })

  test('of one address is summed up while others are told', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs }, 'address')
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
    const world = engineWorld({ people, routes: withoutTrouble }, [mail])
    const names = named('down', 20)
    await critical(world, names)
    await world.tick()
    await world.engine.accept([said('for lee', world.clock.nowMs(), { severity: 'high', to: ['lee'] })])
    await world.tick()
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'lee@example.com'])
    await world.at(hourMs + 1_000)
    expect(mail.messages).toHaveLength(3)
    expect(mail.messages.flatMap((message) => holds(message, names)).toSorted()).toEqual(names)
  })

  test('is not lost with the process that merged it', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs })
    const first = engineWorld({ routes: withoutTrouble }, [mail])
    const names = named('down', 12)
    await critical(first, names)
    await first.tick()
    const next = engineWorld({ routes: withoutTrouble }, [mail], { file: first.file })
    await next.at(hourMs + 1_000)
    expect(mail.messages.flatMap((message) => holds(message, names)).toSorted()).toEqual(names)
  })

  test('goes to the next channel, whole, in the time that its route gives the first', async () => {
    const [mail, other] = [limited('mail', { count: 1, perMs: hourMs }), new Receiver('other')]
    const world = engineWorld({ routes: [{ match: "alert.kind != 'system'", to: ['dana'], via: { first: ['mail', 'other'], after: '5m' } }] }, [mail, other])
    const names = named('down', 12)
    await critical(world, names)
    await world.tick()
    for (let minutes = 1; minutes <= 6; minutes += 1) await world.at(minutes * minuteMs + 1_000)
    expect(mail.messages).toHaveLength(1)
    expect(other.messages).toHaveLength(1)
    expect([...holds(mail.messages[0], names), ...holds(other.messages[0], names)].toSorted()).toEqual(names)
  })

  test('that somebody wrote to an address by hand stays as it was written', async () => {
    const mail = limited('mail', { count: 1, perMs: hourMs })
    const world = engineWorld({ routes: withoutTrouble }, [mail])
    const direct = { channel: 'mail', address: 'guest@example.com' }
    await world.engine.accept(['one', 'two', 'three'].map((id) => said(id, world.clock.nowMs(), { severity: 'critical', direct })))
    for (let hour = 0; hour < 4; hour += 1) await world.at(hour * (hourMs + 1_000))
    expect(mail.subjects).toEqual(['one', 'two', 'three'])
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import type { Message } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import type { Severity } from './model/severity.ts'
import { callFailed, closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

const roomy = { limits: { bodyCharsMax: 100_000, concurrency: 5 } }
const mailOnly: ConfigInput['routes'] = [{ match: "alert.kind != 'system'", to: ['dana'], via: ['mail'] }]

const named = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}.`)
const holds = (messages: readonly Message[], names: readonly string[]): readonly string[] => messages.flatMap(({ subject, text }) => names.filter((name) => `${subject} ${text}`.includes(name)))
const tell = (world: EngineWorld, names: readonly string[], severity: Severity = 'high') => world.engine.accept(names.map((name) => said(name, world.clock.nowMs(), { severity })))
const kept = (world: EngineWorld) => world.store.transaction((tx) => tx.paces(['storm person|dana|mail', 'storm seen person|dana|mail']))

describe('a storm', () => {
  test('begins past eight messages in a minute: the rest is one summary a minute later, with everything in it', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: {} }, [mail])
    const names = named('news', 60)
    await tell(world, names.slice(0, 8))
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(8)
    await world.at(30 * secondMs)
    await tell(world, names.slice(8))
    await world.at(89 * secondMs)
    expect(mail.messages).toHaveLength(8)
    await world.at(91 * secondMs)
    expect(mail.messages).toHaveLength(9)
    expect(mail.messages[8]?.subject).toMatch(/52 updates/)
    expect(mail.messages[8]?.text).toMatch(/More than usual since .*: told in one summary, number 1\./)
    expect(holds(mail.messages, names).toSorted()).toEqual(names)
  })

  test('gives each its reason, in place of that it was told at once', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 } }, [mail])
    await tell(world, named('news', 5))
    const decisions = await world.decisions()
    expect(decisions.filter(({ reason }) => reason === 'sent.now')).toHaveLength(2)
    const merged = decisions.filter(({ reason }) => reason === 'merged.storm')
    expect(merged.map(({ person, channel, params }) => ({ person, channel, ...params }))).toEqual(Array.from({ length: 3 }, () => ({ person: 'dana', channel: 'mail', time: expect.any(Number) as unknown, count: 3 })))
    await world.at(2 * minuteMs)
    for (const { alert } of merged) expect((await world.store.read.deliveriesOf(alert)).map(({ result }) => result)).toEqual(['sent'])
  })

  test('makes one delivery of any number of alerts', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: {} }, [mail])
    for (let batch = 0; batch < 5; batch += 1) await tell(world, named(`wave${batch}-`, 300))
    expect(await world.deliveries()).toHaveLength(9)
    await world.at(minuteMs + secondMs)
    expect(mail.messages).toHaveLength(9)
    expect(mail.messages[8]?.subject).toMatch(/1,492 updates/)
  })

  test('is told at growing intervals, and is over when one brought fewer than begin a storm', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 3, everyMost: '4m' } }, [mail])
    const names: string[] = []
    const sent: number[] = []
    for (let second = 0; second <= 20 * 60; second += 10) {
      await world.at(second * secondMs)
      const name = `at${second}.`
      if (second < 12 * 60) {
        names.push(name)
        await tell(world, [name])
        await world.tick(3_000)
      }
      while (sent.length < mail.messages.length) sent.push(second)
    }
    // Three by themselves, the storm is noticed at 30 s, then after 1, 2, 4 and 4 minutes.
    expect(sent.slice(0, 6)).toEqual([0, 10, 20, 90, 210, 450])
    expect(sent).toHaveLength(8)
    expect(holds(mail.messages, names).toSorted()).toEqual(names.toSorted())
    expect((await kept(world)).size).toBe(0)
    await tell(world, ['after.'])
    await world.tick(3_000)
    expect(mail.subjects.at(-1)).toContain('after.')
  }, 20_000)

  test('leaves nothing behind, and no timer, when it is over', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 } }, [mail])
    await tell(world, named('news', 3))
    expect((await kept(world)).size).toBe(2)
    await world.at(minuteMs + secondMs)
    expect((await kept(world)).size).toBe(0)
    expect(mail.messages).toHaveLength(3)
  })

  test('tells by itself what is most urgent, and what is critical always and at once', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 } }, [mail])
    await world.engine.accept([...named('low', 5).map((name) => said(name, world.clock.nowMs(), { severity: 'warning' })), said('high.', world.clock.nowMs())])
    await tell(world, named('down', 3), 'critical')
    await world.tick(3_000)
    expect(mail.subjects.toSorted()).toEqual(['[Critical] down000.', '[Critical] down001.', '[Critical] down002.', '[High] high.', '[Warning] low000.'])
  })

  test('is of one person on one channel: others, and the same one elsewhere, are told', async () => {
    const [mail, other] = [new Receiver('mail', roomy), new Receiver('other', roomy)]
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
    const world = engineWorld({ people, routes: [{ match: "alert.severity == 'warning'", to: ['lee'], via: ['mail', 'other'] }, { match: "alert.severity == 'high'", to: ['dana'], via: ['mail'] }], storm: { count: 2 } }, [mail, other])
    await tell(world, named('news', 6))
    await tell(world, named('less', 2), 'warning')
    await world.tick(3_000)
    const toLee = [...mail.messages, ...other.messages].filter(({ to }) => to.startsWith('lee'))
    expect([mail.messages.length, toLee.length]).toEqual([4, 4])
  })

  test('is none where nobody is interrupted, and of the place where the channel is the address', async () => {
    const quiet = new Receiver('quiet', { ...roomy, can: { deduplicates: false, resolves: true, interrupts: false } })
    const room = new Receiver('room', { ...roomy, address: 'none' })
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
    const world = engineWorld({ people, routes: [{ match: "alert.severity == 'warning'", to: ['lee'], via: ['quiet', 'room'] }, { match: "alert.severity == 'high'", to: ['dana'], via: ['quiet', 'room'] }], storm: { count: 3 } }, [quiet, room])
    await tell(world, named('news', 2))
    await tell(world, named('less', 2), 'warning')
    await world.tick(3_000)
    expect([quiet.messages.length, room.messages.length]).toEqual([4, 3])
  })

  test('leaves to a digest what joins it, and counts the digest once', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 }, delivery: { batchMs: 20_000 } }, [mail])
    const infos = named('info', 30)
    await tell(world, infos, 'info')
    await tell(world, ['one.'])
    await world.at(21 * secondMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.messages[1]?.subject).toMatch(/30 updates/)
    await tell(world, ['two.'])
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(2)
  })

  test('holds over a restart and over two processes on one file', async () => {
    const mail = new Receiver('mail', roomy)
    const config: ConfigInput = { routes: mailOnly, storm: {} }
    const first = engineWorld(config, [mail])
    const second = engineWorld(config, [mail], { file: first.file })
    const names = [...named('one', 6), ...named('two', 6), ...named('three', 6)]
    await tell(first, names.slice(0, 6))
    await tell(second, names.slice(6, 12))
    await Promise.all([first.tick(3_000), second.tick(3_000)])
    expect(mail.messages).toHaveLength(8)
    await first.close()
    await second.close()
    const next = engineWorld(config, [mail], { file: first.file, aheadMs: 30 * secondMs })
    await tell(next, names.slice(12))
    await next.tick(3_000)
    expect(mail.messages).toHaveLength(8)
    await next.at(minuteMs + 5 * secondMs)
    expect(mail.messages).toHaveLength(9)
    expect(holds(mail.messages, names).toSorted()).toEqual(names.toSorted())
  })

  test('that went on while no process ran is told when one runs again, and is over', async () => {
    const mail = new Receiver('mail', roomy)
    const config: ConfigInput = { routes: mailOnly, storm: { count: 2 } }
    const first = engineWorld(config, [mail])
    const names = named('news', 20)
    await tell(first, names)
    await first.close()
    const next = engineWorld(config, [mail], { file: first.file, aheadMs: 5 * hourMs })
    await next.tick(3_000)
    expect(holds(mail.messages, names).toSorted()).toEqual(names)
    expect(mail.messages).toHaveLength(3)
    await tell(next, ['after.'])
    await next.tick(3_000)
    expect(mail.messages).toHaveLength(4)
  })

  test('that is switched off in the configuration is forgotten, and what it collected is told', async () => {
    const mail = new Receiver('mail', roomy)
    const first = engineWorld({ routes: mailOnly, storm: { count: 2 } }, [mail])
    await tell(first, named('news', 5))
    await first.close()
    const next = engineWorld({ routes: mailOnly, storm: false }, [mail], { file: first.file, aheadMs: minuteMs + secondMs })
    await next.tick(3_000)
    expect(holds(mail.messages, named('news', 5)).toSorted()).toEqual(named('news', 5))
    expect((await kept(next)).size).toBe(0)
  })

  test('that meets the limit of its reader waits for it, and loses nothing', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 }, limits: { perHour: 4 } }, [mail])
    const names: string[] = []
    const times: number[] = []
    for (let second = 0; second <= 3 * 3_600; second += 60) {
      await world.at(second * secondMs)
      if (second < 3_600) {
        const wave = named(`at${second}-`, 4)
        names.push(...wave)
        await tell(world, wave)
        await world.tick(3_000)
      }
      while (times.length < mail.messages.length) times.push(second)
    }
    expect(Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 3_600).length))).toBeLessThanOrEqual(4)
    const counted = mail.subjects.map((subject) => Number(/(\d+) updates/.exec(subject)?.[1] ?? 1)).reduce((sum, count) => sum + count, 0)
    expect(counted).toBe(names.length)
  }, 20_000)

  test('past the limit of its reader stays one summary that waits', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: { count: 2 }, limits: { perHour: 4 } }, [mail])
    await tell(world, named('news', 10))
    await world.tick(3_000)
    await world.at(2 * minuteMs)
    expect(mail.messages).toHaveLength(2)
    await world.at(21 * minuteMs)
    expect(mail.messages).toHaveLength(3)
    expect(mail.messages[2]?.text).toContain('told in one summary')
    expect((await world.decisions()).filter(({ reason }) => reason === 'limited.person')).toEqual([])
  })

  test('in quiet hours is told when they end', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC', quietHours: '22:00-07:00' } }, routes: mailOnly, storm: { count: 2 } }, [mail])
    const toTenMs = 24 * hourMs - (world.clock.nowMs() % (24 * hourMs)) + 22 * hourMs
    await world.at(toTenMs - 10 * secondMs)
    const names = named('news', 10)
    await tell(world, names)
    await world.tick(3_000)
    await world.at(toTenMs + hourMs)
    expect(mail.messages).toHaveLength(2)
    await world.at(toTenMs + 9 * hourMs + secondMs)
    expect(mail.messages).toHaveLength(3)
    expect(holds(mail.messages, names).toSorted()).toEqual(names)
  })
})

describe('what waits for the end of quiet hours', () => {
  test('comes as the first eight and a summary, however slowly it gathered, and is as few deliveries', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'UTC', quietHours: '22:00-07:00' } }, routes: mailOnly, storm: {} }, [mail])
    const toTenMs = 24 * hourMs - (world.clock.nowMs() % (24 * hourMs)) + 22 * hourMs
    const names = named('night', 40)
    for (const [index, name] of names.entries()) {
      await world.at(toTenMs + minuteMs + index * 10 * minuteMs)
      await tell(world, [name])
    }
    await tell(world, ['down.'], 'critical')
    await world.tick(3_000)
    expect(mail.subjects).toEqual(['[Critical] down.'])
    expect((await world.deliveries()).filter(({ state }) => state === 'waiting')).toHaveLength(9)
    await world.at(toTenMs + 9 * hourMs + secondMs)
    expect(mail.messages).toHaveLength(10)
    expect(holds(mail.messages, names).toSorted()).toEqual(names)
  })
})

describe('the ends of alerts in a storm', () => {
  const failing: ConfigInput['rules'] = { 'model-failed': false, 'model-outage': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '2m', groupBy: ['agent'] } }

  test('are summed up apart', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, rules: failing, storm: { count: 2 } }, [mail])
    await world.engine.accept(Array.from({ length: 9 }, (_, index) => ({ ...callFailed(`call-${index}`, world.clock.nowMs()), agent: `bot-${index}` })))
    for (let second = 0; second <= 600; second += 10) await world.at(second * secondMs)
    const news = mail.messages.map(({ news: what, subject }) => `${what} ${/(\d+) updates/.exec(subject)?.[1] ?? 1}`)
    expect(news).toEqual(['firing 1', 'firing 1', 'firing 7', 'resolved 9'])
    expect(mail.messages[3]?.text).toContain('9 agents')
  })
})

describe('where messages are changed in place', () => {
  const chat = (): Receiver => {
    const receiver = new Receiver('chat', { ...roomy, address: 'none', can: { deduplicates: false, resolves: true, threads: true, updates: true }, needsFirst: true })
    receiver.answer = (_message, count) => ({ kind: 'sent', providerId: `ts-${count}` })
    return receiver
  }

  test('the second summary changes the first, and the next storm has one of its own', async () => {
    const room = chat()
    const world = engineWorld({ people: { dana: { role: 'admin' } }, routes: [{ match: "alert.kind != 'system'", to: ['dana'], via: ['chat'] }], storm: { count: 2 } }, [room])
    await tell(world, named('first', 6))
    await world.at(10 * secondMs)
    await tell(world, named('second', 3))
    await world.at(61 * secondMs)
    await tell(world, named('third', 3))
    await world.at(185 * secondMs)
    const summaries = room.messages.filter(({ subject }) => subject.includes('updates'))
    expect(summaries.map(({ follows }) => follows)).toEqual([undefined, 'ts-3'])
    expect(new Set(summaries.map(({ thread }) => thread)).size).toBe(1)
    await world.at(hourMs)
    await tell(world, named('later', 6))
    await world.at(hourMs + 61 * secondMs)
    const last = room.messages.at(-1)
    expect(last?.subject).toContain('updates')
    expect(last?.follows).toBeUndefined()
    expect(last?.thread).not.toBe(summaries[0]?.thread)
  })
})

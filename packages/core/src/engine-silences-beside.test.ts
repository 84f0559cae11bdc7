import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from './model/clock.ts'
import { callFailed, closeWorlds, engineWorld, sessionFailed } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'
import { failingForHours as base, failOnce as fail, silenceFor as silence } from './testing/silence-world.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs

describe('with other parts of telling', () => {
  test('who ended an alert within a silence is not told of the end, others are', async () => {
    const mail = new Receiver('mail')
    const people = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } } as const
    const world = engineWorld({ ...base, people, routes: [{ to: ['dana', 'lee'], via: ['mail'] }] }, [mail])
    await fail(world, 'one')
    await silence(world, hourMs)
    await world.tick()
    await world.engine.acting.act({ alerts: [1] }, { action: 'resolve', by: 'dana', via: 'command' })
    await world.at(30 * minuteMs)
    expect(mail.messages).toHaveLength(2)
    await world.at(hourMs + minuteMs)
    expect(mail.messages.slice(2).map(({ news, to }) => [news, to])).toEqual([['resolved', 'lee@example.com']])
  })

  test('an end is told at the end of a silence also where nothing was hushed yet when it came', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(base, [mail])
    await fail(world, 'one')
    const nowMs = world.clock.nowMs()
    await world.store.transaction((tx) => tx.addSilence({ project: 'default', match: 'true', fromMs: nowMs, untilMs: nowMs + hourMs, author: 'lee', comment: 'new version' }))
    await world.engine.acting.act({ alerts: [1] }, { action: 'resolve', by: 'lee', via: 'command' })
    await world.at(30 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(hourMs + minuteMs)
    expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'resolved'])
  })

  test('nobody else is asked while it is silenced, and from its end on again', async () => {
    const mail = new Receiver('mail')
    const people = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } } as const
    const world = engineWorld({ ...base, people, routes: [{ to: ['dana'], via: ['mail'], escalate: [{ after: '10m', to: ['lee'] }] }] }, [mail])
    await fail(world, 'one')
    await silence(world, hourMs)
    await world.at(20 * minuteMs)
    await world.at(50 * minuteMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com'])
    await world.at(hourMs + minuteMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'dana@example.com'])
    await world.at(hourMs + 12 * minuteMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'dana@example.com', 'lee@example.com'])
  })

  test('in quiet hours the message after a silence waits for their end, and says both', async () => {
    const mail = new Receiver('mail')
    const clock = (aheadMs: number): string => new Date(systemClock.nowMs() + aheadMs).toISOString().slice(11, 16)
    const world = engineWorld({ ...base, people: { dana: { role: 'admin', email: 'dana@example.com', quietHours: `${clock(0)}-${clock(2 * hourMs)}` } } }, [mail])
    await fail(world, 'one')
    await silence(world, hourMs)
    await world.tick()
    await world.at(hourMs + minuteMs)
    expect(mail.messages).toEqual([])
    expect((await world.deliveries()).map(({ state, result }) => result ?? state)).toEqual(['superseded', 'waiting'])
    await world.at(2 * hourMs + minuteMs)
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('“new version”')
  })
})

describe('what is part of an outage', () => {
  test('is told to nobody while the outage is silenced, and to all of its people when that is over', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...base, rules: {}, detection: { wait: '10s' }, routes: [{ match: "alert.rule == 'model-failed'", to: ['dana'], via: ['mail'] }] }, [mail])
    // Shorter than the five minutes without a call after which an outage is over: what is over is told to nobody.
    const id = await silence(world, 4 * minuteMs, "alert.rule == 'model-outage'")
    for (let i = 0; i < 6; i += 1) await world.engine.accept([{ ...callFailed(`call ${i}`, world.clock.nowMs()), agent: `bot ${i}` }])
    await world.at(20_000)
    const outage = (await world.store.read.alerts()).find(({ rule }) => rule === 'model-outage')
    expect(outage).toMatchObject({ state: 'firing' })
    expect(mail.messages).toEqual([])
    expect(await world.store.transaction((tx) => tx.hushes([outage?.id ?? 0]))).toMatchObject([{ by: `silence#${id}` }])
    await world.at(4 * minuteMs + 1_000)
    expect(mail.subjects).toEqual([expect.stringContaining('openai')])
  })
})

describe('a condition that cannot be evaluated for an alert', () => {
  const fails = 'int(alert.tags.n) > 1'
  const ended = (id: string, atMs: number): ReturnType<typeof sessionFailed> => ({ ...sessionFailed(id, atMs), tags: { n: 'x' } })

  test('holds nothing back, stops no other, and the admins hear of it once', async () => {
    const mail = new Receiver('mail')
    const until = new Date(systemClock.nowMs() + 3 * hourMs).toISOString()
    const says = { author: 'lee', comment: 'new version', until }
    const world = engineWorld({
      ...base,
      silences: [{ ...says, name: 'broken', match: fails }, { ...says, name: 'sound', match: "alert.agent == 'quiet'" }],
      maintenance: [{ name: 'always', match: fails, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], hours: '00:00-00:00' }],
    }, [mail])
    await silence(world, hourMs, fails)
    for (const id of ['one', 'two']) {
      await world.engine.accept([ended(id, world.clock.nowMs()), { ...ended(`quiet ${id}`, world.clock.nowMs()), agent: 'quiet' }])
      await world.tick()
    }
    const alerts = await world.store.read.alerts()
    expect(alerts.filter(({ message }) => message === 'system.rule-failed').map(({ params }) => String(params.rule)).sort()).toEqual(['maintenance always', 'silence broken', 'silence#1'])
    expect(mail.subjects.filter((one) => one.includes('ession'))).toHaveLength(2)
    expect(mail.subjects.filter((one) => one.includes('silence#1'))).toHaveLength(1)
    const reasons = await Promise.all(alerts.filter(({ agent }) => agent === 'quiet').map(({ id }) => world.decisions(id)))
    expect(reasons.flat().map(({ reason }) => reason)).toEqual(['silenced.silence', 'silenced.silence'])
  })

  test('is told also where the alert fires already when the silence begins', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(base, [mail])
    await world.engine.accept([{ ...callFailed('one', world.clock.nowMs()), tags: { n: 'x' } }])
    await world.tick()
    await silence(world, hourMs, fails)
    await world.tick()
    await world.at(30 * minuteMs)
    expect((await world.store.read.alerts()).map(({ message, params }) => [message, params.rule])).toContainEqual(['system.rule-failed', 'silence#1'])
    expect(mail.messages).toHaveLength(2)
  })

  test('of a silence that cannot be read any more does the same', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(base, [mail])
    await silence(world, hourMs, 'alert.forgotten == 1')
    await fail(world, 'one')
    expect((await world.store.read.alerts()).find(({ message }) => message === 'system.rule-failed')?.params).toMatchObject({ rule: 'silence#1', cause: expect.stringContaining('forgotten') as string })
    expect(mail.messages).toHaveLength(2)
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const [one, two] = [`one:${'a'.repeat(60)}one-end`, `two:${'b'.repeat(60)}two-end`] as const
const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com', push: [one, two] } }
const pushThenMail: ConfigInput['routes'] = [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['push', 'mail'], after: '1m' } }]
const mailThenPush: ConfigInput['routes'] = [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['mail', 'push'], after: '1m' } }]

function receivers(): readonly [push: Receiver, mail: Receiver] {
  return [new Receiver('push', { address: 'push' }), new Receiver('mail')]
}

async function fail(world: EngineWorld, name = 's'): Promise<void> {
  await world.engine.accept([sessionFailed(name, world.clock.nowMs())])
  await world.tick()
}

/** What follows from what came back: the waits before another attempt are over. */
async function rest(world: EngineWorld): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await world.at(world.clock.aheadMs + 100)
}

/** News of the session, and not that an address is bad. */
function told({ subjects }: Receiver): readonly string[] {
  return subjects.filter((subject) => /Session failed|updates/.test(subject))
}

const gone = { kind: 'bad-address', code: 'UNREGISTERED', detail: 'gone' } as const

describe('the next channel after one with several devices', () => {
  test('is not asked where one device was told', async () => {
    const [push, mail] = receivers()
    push.answer = ({ to }) => (to === one ? gone : { kind: 'sent' })
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    await world.at(2 * minuteMs)
    expect([push.messages.length, told(mail).length]).toEqual([2, 0])
  })

  test('is asked once where no device could be told', async () => {
    const [push, mail] = receivers()
    push.answer = () => gone
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    await world.at(2 * minuteMs)
    expect([push.messages.length, told(mail).length]).toEqual([2, 1])
    expect((await world.decisions()).filter(({ reason }) => reason === 'sent.fallback').map(({ channel, count }) => [channel, count])).toEqual([['mail', 1]])
  })

  test('is asked for a digest once, however much was collected', async () => {
    const [push, mail] = receivers()
    push.answer = () => gone
    const world = engineWorld({ people, routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['push', 'mail'] }, digest: '1s' }] }, [push, mail])
    await world.engine.accept(Array.from({ length: 150 }, (_, index) => sessionFailed(`s${index}`, world.clock.nowMs())))
    await world.at(2_000)
    await rest(world)
    expect(push.messages).toHaveLength(2)
    expect(told(mail)).toEqual([expect.stringContaining('150 updates')])
  })

  test('is asked by the device that fails last', async () => {
    const [push, mail] = receivers()
    let late: ((outcome: unknown) => void) | undefined
    push.answer = ({ to }) => (to === one ? gone : new Promise((resolve) => (late = resolve)))
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    expect(told(mail)).toHaveLength(0)
    late?.(gone)
    await rest(world)
    expect(told(mail)).toHaveLength(1)
    await world.at(2 * minuteMs)
    expect(told(mail)).toHaveLength(1)
  })

  test('is not asked when the time is over for one device and another was told', async () => {
    const [push, mail] = receivers()
    let isBusy = true
    push.answer = ({ to }) => (to === one && isBusy ? { kind: 'retry', afterMs: 3 * minuteMs, detail: 'busy' } : { kind: 'sent' })
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    await world.at(minuteMs + 1_000)
    expect(told(mail)).toHaveLength(0)
    isBusy = false
    await world.at(4 * minuteMs)
    expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['push', 'sent'], ['push', 'sent']])
  })

  test('takes the place of all devices when the time is over for all', async () => {
    const [push, mail] = receivers()
    push.answer = () => ({ kind: 'retry', afterMs: 3 * minuteMs, detail: 'busy' })
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    await world.at(minuteMs + 1_000)
    await world.at(4 * minuteMs)
    expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['push', 'superseded'], ['push', 'superseded'], ['mail', 'sent']])
    expect([push.messages.length, told(mail).length]).toEqual([2, 1])
  })

  test('takes the place of a device that was under way when the time was over and then asks to be tried again', async () => {
    const [push, mail] = receivers()
    push.hold()
    const world = engineWorld({ people, routes: pushThenMail }, [push, mail])
    await fail(world)
    await world.at(minuteMs + 1_000)
    push.release({ kind: 'retry', detail: 'busy' })
    await world.at(minuteMs + 5_000)
    await rest(world)
    expect([push.messages.length, told(mail).length]).toEqual([2, 1])
    expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['push', 'superseded'], ['push', 'superseded'], ['mail', 'sent']])
  })
})

describe('a next channel with several devices', () => {
  test('tells all of them', async () => {
    const [push, mail] = receivers()
    mail.answer = () => ({ kind: 'bad-content', detail: 'no' })
    const world = engineWorld({ people, routes: mailThenPush }, [push, mail])
    await fail(world)
    await rest(world)
    expect(push.messages.map(({ to }) => to).toSorted()).toEqual([one, two])
    expect((await world.decisions()).filter(({ reason }) => reason === 'sent.fallback')).toMatchObject([{ channel: 'push', count: 1 }])
  })

  test('tells all of them all that was collected', async () => {
    const [push, mail] = receivers()
    mail.answer = () => ({ kind: 'bad-content', detail: 'no' })
    const world = engineWorld({ people, routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['mail', 'push'] }, digest: '1s' }] }, [push, mail])
    await world.engine.accept(Array.from({ length: 3 }, (_, index) => sessionFailed(`s${index}`, world.clock.nowMs())))
    await world.at(2_000)
    await rest(world)
    expect(push.messages.map(({ to }) => to).toSorted()).toEqual([one, two])
    for (const { subject } of push.messages) expect(subject).toContain('3 updates')
  })
})

describe('the address of a device', () => {
  test('is nowhere on record whole but where it is needed to send', async () => {
    const [push, mail] = receivers()
    push.answer = () => gone
    const world = engineWorld({ people, routes: [...(pushThenMail ?? []), { match: "alert.kind == 'system'", to: ['dana'], via: ['mail'] }] }, [push, mail])
    await fail(world)
    await fail(world, 's2')
    await world.at(minuteMs)
    const refusals = (await world.decisions()).filter(({ reason }) => reason === 'refused.bad_address')
    expect(new Set(refusals.map(({ params }) => params['address']))).toEqual(new Set(['token …wo-end']))
    const alerts = (await world.store.read.alerts()).filter(({ rule }) => rule === 'tocsin.address-bad')
    expect(alerts).toHaveLength(2)
    for (const text of [JSON.stringify(await world.decisions()), JSON.stringify(alerts), JSON.stringify(mail.messages)]) expect(text).not.toContain('aaaaaaaa')
    expect(mail.messages.map(({ text }) => text).join()).toContain('token …ne-end')
  })
})

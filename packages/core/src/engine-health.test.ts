import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
const minuteMs = 60_000
/** News by mail, trouble by another channel. */
const routes: ConfigInput['routes'] = [{ match: "alert.kind == 'system'", to: ['dana'], via: ['other'], stop: true }, { to: ['dana'], via: ['mail'] }]
const delivery: ConfigInput['delivery'] = { unhealthyMs: minuteMs, pauseMs: 2 * minuteMs, retryMs: 5_000, retryMaxMs: 20_000 }

/** Looks every ten seconds, so that what is tried again is tried in its time. */
async function live(world: EngineWorld, fromMs: number, toMs: number): Promise<void> {
  for (let atMs = fromMs; atMs <= toMs; atMs += 10 * secondMs) await world.at(atMs)
}

function sick(more: ConfigInput = {}): { readonly mail: Receiver; readonly other: Receiver; readonly world: EngineWorld } {
  const [mail, other] = [new Receiver('mail'), new Receiver('other')]
  mail.answer = () => ({ kind: 'retry', detail: 'connection refused' })
  return { mail, other, world: engineWorld({ routes, ...more, delivery: { ...delivery, ...more.delivery } }, [mail, other]) }
}

const say = (world: EngineWorld, ...names: readonly string[]) => world.engine.accept(names.map((name) => said(name, world.clock.nowMs())))
const pausesOf = (world: EngineWorld) => world.store.transaction((tx) => tx.pauses('default'))

describe('a channel that fails and does nothing else', () => {
  test('is paused after a time, keeps what waits, and the admins hear of it by another channel', async () => {
    const { mail, other, world } = sick()
    await say(world, 'one', 'two')
    await live(world, 0, 50 * secondMs)
    expect([await pausesOf(world), other.messages.length]).toEqual([[], 0])
    await live(world, minuteMs, 90 * secondMs)
    expect(await pausesOf(world)).toMatchObject([{ channel: 'mail', why: 'failing', cause: 'connection refused', lengthMs: 2 * minuteMs }])
    expect(other.subjects).toEqual([expect.stringContaining('mail is paused')])
    expect(other.messages[0]?.text).toContain('connection refused')
    const before = mail.messages.length
    await say(world, 'three')
    await live(world, 100 * secondMs, 160 * secondMs)
    expect(mail.messages.length).toBe(before)
    expect((await world.deliveries()).filter(({ channel }) => channel === 'mail').map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting'])
  })

  test('is tried with one delivery when the pause is over, over all processes, and paused twice as long in vain', async () => {
    const { mail, other, world } = sick()
    const second = engineWorld({ routes, delivery }, [mail, other], { file: world.file })
    await say(world, 'one', 'two', 'three')
    await live(world, 0, 90 * secondMs)
    const [pause] = await pausesOf(world)
    const overMs = (pause?.untilMs ?? 0) - (world.clock.nowMs() - 90 * secondMs)
    const before = mail.messages.length
    mail.hold()
    await world.at(overMs + secondMs)
    await second.at(overMs + secondMs)
    expect(mail.messages.length - before).toBe(1)
    mail.release({ kind: 'retry', detail: 'connection refused' })
    mail.answer = () => ({ kind: 'retry', detail: 'connection refused' })
    await world.at(overMs + 2 * secondMs)
    expect(await pausesOf(world)).toMatchObject([{ lengthMs: 4 * minuteMs, failedProbes: 1 }])
    expect(mail.messages.length - before).toBe(1)
    expect(other.subjects.filter((subject) => subject.includes('paused'))).toHaveLength(1)
  })

  test('never waits longer than an hour for the next try', async () => {
    const { world } = sick({ delivery: { ...delivery, pauseMs: 20 * minuteMs } })
    await say(world, ...Array.from({ length: 8 }, (_, index) => `news ${index}`))
    await live(world, 0, 2 * minuteMs)
    for (let minutes = 5; minutes < 5 * 60; minutes += 5) await world.at(minutes * minuteMs)
    const [pause] = await pausesOf(world)
    expect([pause?.lengthMs, (pause?.failedProbes ?? 0) > 2]).toEqual([60 * minuteMs, true])
  })

  test('goes on when one gets through, also after a restart, and those who heard of the pause hear that it is over', async () => {
    const { mail, other, world } = sick()
    await say(world, 'one', 'two', 'three')
    await live(world, 0, 90 * secondMs)
    mail.answer = () => ({ kind: 'sent' })
    const before = mail.messages.length
    await world.close()
    const next = engineWorld({ routes, delivery }, [mail, other], { file: world.file, aheadMs: 100 * secondMs })
    await next.tick()
    expect(mail.messages.length).toBe(before)
    await live(next, 2 * minuteMs, 5 * minuteMs)
    expect(mail.subjects.slice(before).toSorted()).toEqual(['[High] one', '[High] three', '[High] two'])
    expect(await pausesOf(next)).toEqual([])
    expect(other.subjects).toEqual([expect.stringContaining('mail is paused'), expect.stringMatching(/^Resolved: .*mail is paused/)])
  })

  test('that breaks down again is told again', async () => {
    const { mail, other, world } = sick()
    await say(world, 'one', 'two')
    await live(world, 0, 90 * secondMs)
    mail.answer = () => ({ kind: 'sent' })
    await live(world, 100 * secondMs, 5 * minuteMs)
    mail.answer = () => ({ kind: 'retry', detail: 'connection refused' })
    await say(world, 'three', 'four')
    await live(world, 5 * minuteMs, 8 * minuteMs)
    expect(other.subjects.map((subject) => (subject.startsWith('Resolved') ? 'over' : 'paused'))).toEqual(['paused', 'over', 'paused'])
  })
})

describe('a channel is not ill', () => {
  test.each([
    ['because it names a time to wait', { kind: 'retry', afterMs: 10_000, code: '429', detail: 'too many requests' }, ['one', 'two']],
    ['because one message cannot be sent', { kind: 'retry', detail: 'not this one' }, ['one']],
  ])('%s', async (_, outcome, names) => {
    const { mail, other, world } = sick()
    mail.answer = () => outcome
    await say(world, ...names)
    await live(world, 0, 3 * minuteMs)
    expect(mail.messages.length).toBeGreaterThan(5)
    expect([await pausesOf(world), other.messages.length]).toEqual([[], 0])
  })

  test('while anything gets through', async () => {
    const { mail, world } = sick()
    mail.answer = ({ subject }) => (subject.includes('well') ? { kind: 'sent' } : { kind: 'retry', detail: 'busy' })
    await say(world, 'one', 'two')
    for (let second = 0; second < 180; second += 30) {
      await say(world, `well ${second}`)
      await live(world, second * secondMs, (second + 20) * secondMs)
    }
    expect(mail.messages.length).toBeGreaterThan(10)
    expect(await pausesOf(world)).toEqual([])
  })
})

describe('a message that makes its channel look wrong', () => {
  test('is not the only one that is tried: others go first after it was tried in vain', async () => {
    const [mail, other] = [new Receiver('mail'), new Receiver('other')]
    const world = engineWorld({ routes, delivery: { pauseMs: minuteMs } }, [mail, other])
    mail.answer = ({ subject }) => (subject.includes('restricted') ? { kind: 'bad-config', detail: 'not for you' } : { kind: 'sent' })
    await world.engine.accept([said('restricted', world.clock.nowMs(), { severity: 'critical' })])
    await world.tick()
    await say(world, 'one', 'two')
    await live(world, 10 * secondMs, 3 * minuteMs)
    expect(mail.subjects.filter((subject) => !subject.includes('restricted')).toSorted()).toEqual(['[High] one', '[High] two'])
  })
})

test('a provider that asks for no wait, or a short one, does not use up the attempts in a moment', async () => {
  for (const afterMs of [0, 1]) {
    const { mail, world } = sick()
    mail.answer = () => ({ kind: 'retry', afterMs, code: '429', detail: 'too many requests' })
    await say(world, 'one')
    await world.tick(300)
    expect(mail.messages).toHaveLength(1)
    await live(world, 10 * secondMs, minuteMs)
    expect(mail.messages.length).toBeGreaterThan(2)
    expect((await world.deliveries()).find(({ channel }) => channel === 'mail')?.state).toBe('waiting')
  }
})

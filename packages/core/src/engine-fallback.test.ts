import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { closeWorlds, engineWorld, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** First by a, after so long by b. */
const firstA = (after = '1m'): ConfigInput['routes'] => [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['a', 'b'], after } }]

describe('the next channel', () => {
  test('is asked once where the time ran out with the first in flight and the first then fails for good', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: firstA() }, [a, b])
    a.hold()
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(minuteMs + 500)
    expect([a.messages.length, b.messages.length]).toEqual([1, 1])
    a.release({ kind: 'bad-content', detail: 'too long' })
    await world.at(minuteMs + 2_000)
    expect([a.messages.length, b.messages.length]).toEqual([1, 1])
    expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['a', 'failed'], ['b', 'sent']])
    expect((await world.decisions()).map(({ reason }) => reason)).toContain('doubt.fallback')
  })

  test('takes the place of a first that asks to be tried again', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: firstA() }, [a, b])
    a.hold()
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(minuteMs + 500)
    a.release({ kind: 'retry', detail: 'busy' })
    await world.at(minuteMs + 2_000)
    await world.at(minuteMs + 4_000)
    expect([a.messages.length, b.messages.length]).toEqual([1, 1])
    expect((await world.deliveries()).map(({ channel, result }) => [channel, result])).toEqual([['a', 'superseded'], ['b', 'sent']])
  })

  test('is not asked where another route tells the same person there anyway', async () => {
    const [sms, mail] = [new Receiver('sms-like'), new Receiver('mail')]
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: { first: ['sms-like', 'mail'], after: '1m' } }, { to: ['dana'], via: ['mail'] }]
    const world = engineWorld({ routes }, [sms, mail])
    sms.answer = () => ({ kind: 'bad-content', detail: 'no' })
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(2 * minuteMs)
    expect([sms.messages.length, mail.messages.length]).toEqual([1, 1])
  })

  test('that another route asks for leaves the first its retries', async () => {
    const [sms, mail] = [new Receiver('sms-like'), new Receiver('mail')]
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: { first: ['sms-like', 'mail'], after: '1m' } }, { to: ['dana'], via: ['mail'] }]
    const world = engineWorld({ routes }, [sms, mail])
    sms.answer = (_message, count) => (count === 1 ? { kind: 'retry', detail: 'busy' } : { kind: 'sent' })
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(1_000)
    expect([sms.messages.length, mail.messages.length]).toEqual([2, 1])
  })

  test('is asked by time for a digest, too', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['a', 'b'], after: '5m' }, digest: '1s' }], delivery: { pauseMs: hourMs } }, [a, b])
    a.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.at(2_000)
    expect([a.messages.length, b.messages.length]).toEqual([1, 0])
    await world.at(5 * minuteMs + 2_000)
    expect(b.subjects).toEqual([expect.stringContaining('Session failed')])
  })

  test('gets a digest whole, however much was collected', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['a', 'b'] }, digest: '1s' }] }, [a, b])
    a.answer = () => ({ kind: 'bad-content', detail: 'no' })
    await world.engine.accept(Array.from({ length: 150 }, (_, index) => sessionFailed(`s${index}`, world.clock.nowMs())))
    world.clock.aheadMs = 2_000
    await world.tick(3_000)
    expect((await world.deliveries()).map(({ channel, alerts }) => [channel, alerts.length])).toEqual([['a', 150], ['b', 150]])
    expect(b.subjects).toEqual([expect.stringContaining('150')])
    for (const alert of await world.store.read.alerts({ limit: 150 })) expect((await world.decisions(alert.id)).map(({ reason }) => reason)).toEqual(expect.arrayContaining(['failed.content', 'sent.fallback']))
  })

  test('is left to a process that has it', async () => {
    const [a, b, c] = [new Receiver('a'), new Receiver('b'), new Receiver('c')]
    const world = engineWorld({ routes: firstA('5m') }, [a, b])
    a.answer = () => ({ kind: 'retry', afterMs: 2 * hourMs, detail: 'later' })
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    const other = engineWorld({}, [c], { file: world.file })
    await other.at(6 * minuteMs)
    await world.at(7 * minuteMs)
    expect([a.messages.length, b.messages.length, c.messages.length]).toEqual([1, 1, 0])
  })

  test('waits while no process gave the first a chance', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: firstA('5m') }, [a, b])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.at(6 * minuteMs)
    await world.at(20 * minuteMs)
    expect([a.messages.length, b.messages.length]).toEqual([1, 0])
  })

  test('does not wait for a paused first that every new process finds paused', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: firstA('5m'), delivery: { pauseMs: hourMs } }, [a, b])
    a.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(20 * minuteMs)
    expect([a.messages.length, b.messages.length]).toEqual([1, 1])
  })

  test('and that both may arrive is on record where the first may have arrived before', async () => {
    for (const moment of ['waiting', 'refused'] as const) {
      const [a, b] = [new Receiver('a', { shape: 'mail' }), new Receiver('b')]
      const world = engineWorld({ routes: firstA('5m'), delivery: moment === 'waiting' ? { retryMs: 10 * minuteMs, retryMaxMs: hourMs } : {} }, [a, b])
      a.answer = (_message, count) => (count === 1 ? { kind: 'in-doubt', detail: 'no answer' } : { kind: 'bad-content', detail: 'no' })
      await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
      await world.tick()
      // The least wait is a tenth of the longest.
      await world.at(moment === 'waiting' ? 5 * minuteMs + 500 : 1_000)
      expect(b.messages).toHaveLength(1)
      const reasons = (await world.decisions()).map(({ reason }) => reason)
      expect(reasons).toEqual(expect.arrayContaining(['sent.fallback', 'doubt.fallback']))
    }
  })
})

describe('what became part of an outage after the first channel was asked', () => {
  const routes: ConfigInput['routes'] = [{ to: ['dana'], via: { first: ['a', 'b'], after: '1m' } }]
  /** A call that fails, and its session of it. */
  function failing(world: EngineWorld, i: number): readonly EventInput[] {
    const base = { source: 'native', sessionId: `s-${i}`, agent: 'bot', atMs: world.clock.nowMs() } as const
    return [
      { ...base, type: 'llm.call', id: `c-${i}`, status: 'error', error: { class: 'server', message: 'overloaded', statusCode: 503 }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } },
      { ...base, type: 'session.end', id: `e-${i}`, endState: 'fail' },
    ]
  }
  /** The first failure is in flight; then the provider is out. */
  async function outWhileInFlight(world: EngineWorld): Promise<void> {
    await world.engine.accept(failing(world, 1))
    await world.tick()
    for (let i = 2; i <= 12; i += 1) await world.engine.accept(failing(world, i))
    await world.at(1_000)
  }
  async function reasonsOf(world: EngineWorld, rule: string): Promise<readonly string[]> {
    const alerts = (await world.store.read.alerts({ limit: 100 })).filter((alert) => alert.rule === rule)
    return (await Promise.all(alerts.map(({ id }) => world.decisions(id)))).flat().map(({ reason }) => reason)
  }

  test('is told by the next channel within the outage, where the time of the first is over', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes }, [a, b])
    a.hold()
    await outWhileInFlight(world)
    expect(a.subjects.map((subject) => subject.includes('Outage'))).toEqual([false, false, true])
    await world.at(62_000)
    await world.tick()
    expect(b.subjects).toEqual([expect.stringContaining('Outage of openai')])
    for (const rule of ['session-failed', 'model-failed']) {
      expect(await reasonsOf(world, rule)).toContain('merged.cause')
      expect(await reasonsOf(world, rule)).not.toContain('sent.fallback')
    }
    a.release({ kind: 'retry', detail: 'busy' })
    await world.at(64_000)
    await world.at(66_000)
    expect(b.messages).toHaveLength(1)
    expect(new Set((await world.deliveries()).filter(({ channel }) => channel === 'a').map(({ result }) => result))).toEqual(new Set(['superseded']))
  })

  test('is told by the next channel within the outage, where the first failed for good', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: [{ to: ['dana'], via: { first: ['a', 'b'] } }] }, [a, b])
    a.hold()
    await outWhileInFlight(world)
    a.release({ kind: 'bad-content', detail: 'no' })
    await world.at(3_000)
    await world.tick()
    expect(b.subjects).toEqual([expect.stringContaining('Outage of openai')])
    for (const rule of ['session-failed', 'model-failed']) expect(await reasonsOf(world, rule)).not.toContain('sent.fallback')
  })

  test('is left out of a digest that the next channel gets', async () => {
    const [a, b] = [new Receiver('a'), new Receiver('b')]
    const world = engineWorld({ routes: [{ match: "alert.rule == 'model-outage'", to: ['dana'], via: ['a'] }, { match: "alert.kind == 'session'", to: ['dana'], via: { first: ['a', 'b'] }, digest: '1s' }] }, [a, b])
    a.hold()
    await world.engine.accept([1, 2].map((i) => sessionFailed(`own-${i}`, world.clock.nowMs())))
    await world.engine.accept(failing(world, 1))
    await world.at(2_000)
    for (let i = 2; i <= 12; i += 1) await world.engine.accept(failing(world, i))
    await world.at(3_000)
    a.release({ kind: 'bad-content', detail: 'no' })
    await world.at(6_000)
    await world.tick()
    const digest = (await world.deliveries()).find(({ channel }) => channel === 'b')
    expect([b.messages.length, digest?.alerts.length]).toEqual([1, 2])
  })
})

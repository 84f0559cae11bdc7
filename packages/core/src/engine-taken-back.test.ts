import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const failing = (quiet: string): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet, groupBy: ['agent'] } })
const both: ConfigInput = { people: { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' } }, rules: failing('30m'), routes: [{ to: ['dana', 'lee'], via: ['mail'] }] }
const by = { by: 'dana', via: 'command' } as const

const fail = async (world: EngineWorld, id = 'call'): Promise<void> => {
  await world.engine.accept([callFailed(id, world.clock.nowMs())])
  await world.tick()
}

test('a snooze that is taken back tells whoever was not told, and nobody a second time', async () => {
  const [mail, sms] = [new Receiver('mail'), new Receiver('sms')]
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['mail'] }, { to: ['lee'], via: ['sms'], digest: '10m' }] }, [mail, sms])
  await fail(world)
  expect([mail.messages.length, sms.messages.length]).toEqual([1, 0])
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'snooze' })).toMatchObject([{ result: 'done' }])
  await world.at(11 * minuteMs)
  expect(sms.messages).toEqual([])
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unsnooze' })).toEqual([{ alert: 1, result: 'done' }])
  await world.tick()
  for (const aheadMs of [22 * minuteMs, 23 * minuteMs]) await world.at(aheadMs)
  expect([mail.messages.length, sms.messages.length]).toEqual([1, 1])
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unsnooze' })).toEqual([{ alert: 1, result: 'already' }])
  expect((await world.store.read.actionsOn(1)).map(({ action }) => action)).toEqual(['snooze', 'unsnooze'])
})

test('of two snoozes the last is taken back first, and the one before it holds again', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, rules: failing('1d') }, [mail])
  await fail(world)
  const [first] = await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'snooze', forMs: hourMs })
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'snooze', forMs: 5 * hourMs })
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unsnooze' })).toEqual([{ alert: 1, result: 'done', untilMs: first?.untilMs }])
  await world.at(50 * minuteMs)
  expect(mail.messages).toHaveLength(2)
  // It runs out, and everybody hears that it still fires.
  await world.at(61 * minuteMs)
  await world.at(62 * minuteMs)
  expect(mail.messages).toHaveLength(4)
})

test('that an alert is expected is taken back: it fires again, and the same is told when it comes anew', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(both, [mail])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'expected' })
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unexpected' })).toEqual([{ alert: 1, result: 'done' }])
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
  expect(await world.store.read.alert(1)).not.toHaveProperty('taken')
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unexpected' })).toEqual([{ alert: 1, result: 'already' }])
  await world.at(40 * minuteMs)
  world.clock.aheadMs = 2 * hourMs
  await fail(world, 'anew')
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'firing', 'resolved', 'resolved', 'firing', 'firing'])
})

test('who has taken an alert keeps it when that it is expected is taken back', async () => {
  const world = engineWorld(both, [new Receiver('mail')])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, { ...by, by: 'lee', action: 'acknowledge' })
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'expected' })
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unexpected' })
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'lee' } })
  // A rule that does not learn has nothing to learn.
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'not-useful' })).toEqual([{ alert: 1, result: 'not-learning' }])
})

import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { stoppedCode } from './model/outcome.ts'
import { closeWorlds, engineWorld, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const dayMs = 86_400_000
const phone = '+13125550123'
const config: ConfigInput = {
  people: { dana: { role: 'admin', email: 'dana@example.com', phone }, lee: { role: 'developer', email: 'lee@example.com', phone: '+13125550124' } },
  routes: [{ to: ['dana', 'lee'], via: { first: ['text', 'mail'], after: '5m' } }],
}
const receivers = (): { readonly text: Receiver; readonly mail: Receiver } => ({
  text: new Receiver('text', { shape: 'short', address: 'phone', can: { deduplicates: false, resolves: false, stops: true } }), mail: new Receiver('mail'),
})
const fail = async (world: EngineWorld, session: string): Promise<void> => {
  await world.engine.accept([sessionFailed(session, world.clock.nowMs())])
  await world.tick()
}

test('who replies STOP is told by the next channel from then on, on every machine, and who replies START by the first again', async () => {
  const { text, mail } = receivers()
  const world = engineWorld(config, [text, mail])
  const other = engineWorld(config, [text, mail], { file: world.file })
  expect(await other.engine.acting.reply({ channelType: 'text', address: phone, text: ' stop. ' })).toBe('stop')
  await fail(world, 's1')
  expect([text.messages.map(({ to }) => to), mail.messages.map(({ to }) => to)]).toEqual([['+13125550124'], ['dana@example.com']])
  const refused = (await world.decisions()).find(({ reason }) => reason === 'refused.stopped')
  expect(refused).toMatchObject({ person: 'dana', channel: 'text', params: { person: 'dana' } })
  expect(Number(refused?.params['date'])).toBeGreaterThan(0)
  expect((await world.deliveries()).map(({ person, result }) => `${person} ${result}`)).toEqual(['dana opted-out', 'lee sent', 'dana sent'])
  expect(await world.engine.acting.reply({ channelType: 'text', address: phone, text: 'Start' })).toBe('start')
  await fail(other, 's2')
  expect(text.messages.map(({ to }) => to)).toEqual(['+13125550124', phone, '+13125550124'])
})

test('what waits when STOP comes is not sent', async () => {
  const { text, mail } = receivers()
  const world = engineWorld({ ...config, delivery: { retryMs: 1_000, retryMaxMs: 1_000 }, routes: [{ to: ['dana'], via: { first: ['text', 'mail'], after: '5m' } }] }, [text, mail])
  text.answer = () => ({ kind: 'retry', detail: 'busy' })
  await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
  await world.tick(200)
  await world.engine.acting.reply({ channelType: 'text', address: phone, text: 'UNSUBSCRIBE' })
  const before = text.messages.length
  await world.at(20_000)
  expect(text.messages).toHaveLength(before)
  expect(mail.messages).toHaveLength(1)
})

test('what the provider says of a STOP that it heard itself is heeded too; nobody is called to mend an address that works', async () => {
  const { text, mail } = receivers()
  const world = engineWorld({ ...config, routes: [{ match: "alert.kind == 'session'", to: ['dana'], via: { first: ['text', 'mail'], after: '5m' } }, { match: "alert.kind == 'system'", to: ['lee'], via: ['mail'] }] }, [text, mail])
  text.answer = () => ({ kind: 'bad-address', code: stoppedCode, detail: '400 Attempt to send to unsubscribed recipient' })
  await fail(world, 's1')
  await fail(world, 's2')
  expect(text.messages).toHaveLength(1)
  expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'dana@example.com'])
  expect((await world.store.read.alerts()).map(({ message }) => message)).not.toContain('system.address-bad')
  expect((await world.deliveries()).filter(({ channel }) => channel === 'text').map(({ result }) => result)).toEqual(['opted-out', 'opted-out'])
  // A day later it is tried again: where nobody hears of START here, the provider has.
  text.answer = () => ({ kind: 'sent' })
  world.clock.aheadMs = dayMs + 60_000
  await fail(world, 's3')
  expect(text.messages).toHaveLength(2)
})

test('a START ends what the provider said at once', async () => {
  const { text, mail } = receivers()
  const world = engineWorld({ ...config, routes: [{ to: ['dana'], via: { first: ['text', 'mail'], after: '5m' } }] }, [text, mail])
  text.answer = () => ({ kind: 'bad-address', code: stoppedCode, detail: '400 unsubscribed' })
  await fail(world, 's1')
  text.answer = () => ({ kind: 'sent' })
  await world.engine.acting.reply({ channelType: 'text', address: phone, text: 'unstop' })
  await fail(world, 's2')
  expect(text.messages).toHaveLength(2)
})

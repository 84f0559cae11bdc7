import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { Message } from './model/channel.ts'
import { callFailed, closeWorlds, engineWorld, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dana = { role: 'admin', email: 'dana@example.com' } as const
const lee = { role: 'developer', email: 'lee@example.com' } as const
const failing = (severity: 'warning' | 'high' | 'critical'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '30m', groupBy: ['agent'] } })
const both: ConfigInput = { people: { dana, lee }, rules: failing('high'), routes: [{ to: ['dana', 'lee'], via: ['mail'] }] }
const by = { action: 'acknowledge', by: 'dana', via: 'command' } as const

const fail = async (world: EngineWorld, id = 'call'): Promise<void> => {
  await world.engine.accept([callFailed(id, world.clock.nowMs())])
  await world.tick()
}
const reasons = async (world: EngineWorld): Promise<readonly string[]> => (await world.decisions()).map(({ person, reason }) => `${person} ${reason}`)
const toOf = (messages: readonly Message[]): readonly string[] => messages.map(({ to, news }) => `${to} ${news}`)

test('what is acknowledged on one machine is sent by none: not what waits, nor what is retried, nor by the next channel', async () => {
  const [mail, sms] = [new Receiver('mail'), new Receiver('sms')]
  const config: ConfigInput = { ...both, delivery: { retryMs: hourMs, retryMaxMs: hourMs }, routes: [{ to: ['dana', 'lee'], via: { first: ['mail', 'sms'], after: '5m' } }] }
  const one = engineWorld(config, [mail, sms])
  const other = engineWorld(config, [mail, sms], { file: one.file })
  mail.answer = ({ to }) => (to === 'dana@example.com' ? { kind: 'sent' } : { kind: 'retry', detail: 'busy' })
  await fail(one)
  expect(toOf(mail.messages)).toEqual(['dana@example.com firing', 'lee@example.com firing'])
  expect(await other.engine.acting.act({ alerts: [1] }, by)).toEqual([{ alert: 1, result: 'done' }])
  for (const aheadMs of [6 * minuteMs, 20 * minuteMs, 2 * hourMs]) {
    await one.at(aheadMs)
    await other.at(aheadMs)
  }
  expect(mail.messages.filter(({ news }) => news === 'firing')).toHaveLength(2)
  expect(sms.messages).toEqual([])
  expect(await reasons(one)).toContain('lee silenced.acknowledged')
  expect((await one.deliveries()).map(({ person, news, result }) => [person, news, result])).toEqual([['dana', 'firing', 'sent'], ['lee', 'firing', 'acknowledged'], ['dana', 'resolved', 'sent']])
})

test('what is in flight while it is acknowledged is not sent again where it fails', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['mail'] }] }, [mail])
  mail.hold()
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  mail.release({ kind: 'retry', detail: 'busy' })
  await world.at(minuteMs)
  await world.at(2 * minuteMs)
  expect(mail.messages).toHaveLength(1)
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['acknowledged'])
})

test('what was in flight is sent again where it fails and nobody has it any more', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, delivery: { retryMs: 5 * minuteMs, retryMaxMs: 5 * minuteMs }, routes: [{ to: ['dana'], via: ['mail'] }] }, [mail])
  mail.hold()
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  mail.release({ kind: 'retry', detail: 'busy' })
  await world.tick()
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })
  await world.at(6 * minuteMs)
  expect(mail.messages).toHaveLength(2)
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['sent'])
})

test('it is acknowledged once, and whoever comes later is told who has it', async () => {
  const world = engineWorld(both, [new Receiver('mail')])
  await fail(world)
  const atMs = world.clock.nowMs()
  await world.engine.acting.act({ delivery: 1 }, by)
  const [again] = await world.engine.acting.act({ delivery: 2 }, { ...by, by: 'lee' })
  expect(again).toMatchObject({ alert: 1, result: 'already', by: 'dana' })
  expect(again?.atMs).toBeGreaterThanOrEqual(atMs)
  expect(await world.store.transaction((tx) => tx.actionsOf(1))).toMatchObject([{ action: 'acknowledge', by: 'dana', via: 'command' }])
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'dana' } })
})

test('all that a large collection carried is acted on, by its number and by its link', async () => {
  const mail = new Receiver('mail', { shape: 'mail', limits: { bodyCharsMax: 100_000, concurrency: 5 } })
  const rules = Object.fromEntries([0, 1].map((part) => [`failing-${part}`, { on: 'llm.call', when: `event.environment == 'e${part}'`, severity: 'high', quiet: '6h', groupBy: ['agent'] } as const]))
  const world = engineWorld({ publicUrl: 'https://t.example.com', people: { dana }, rules: { 'model-failed': false, 'model-outage': false, ...rules }, routes: [{ to: ['dana'], via: ['mail'] }], storm: { count: 1 } }, [mail])
  const calls = [0, 1].flatMap((part) => Array.from({ length: 600 }, (_, index) => ({ ...callFailed(`call-${part}-${index}`, world.clock.nowMs()), agent: `bot-${index}`, environment: `e${part}` })))
  for (const events of [calls.slice(0, 600), calls.slice(600)]) await world.engine.accept(events)
  await world.at(2 * minuteMs)
  const token = /\/a\/([\w-]+)/.exec(mail.messages[1]?.text ?? '')?.[1] ?? ''
  const results = (each: readonly { readonly result: string }[]): readonly unknown[] => [each.length, [...new Set(each.map(({ result }) => result))]]
  const used = await world.engine.acting.useLink(token, 'acknowledge')
  expect('each' in used && results(used.each)).toEqual([1_199, ['done']])
  expect(await world.engine.acting.useLink(token, 'resolve')).toMatchObject({ refused: 'used' })
  const delivery = (await world.deliveries())[1]?.id ?? 0
  expect(results(await world.engine.acting.act({ delivery }, { ...by, action: 'resolve' }))).toEqual([1_199, ['done']])
})

test('what became worse since it was acknowledged is told again, and nobody has it any more', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['mail'] }], rules: failing('warning') }, [mail])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  await fail(world, 'as bad')
  expect(mail.messages).toHaveLength(1)
  const worse = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['mail'] }], rules: failing('critical') }, [mail], { file: world.file })
  await fail(worse, 'worse')
  expect(mail.messages.map(({ severity }) => severity)).toEqual(['warning', 'critical'])
  const alert = await world.store.read.alert(1)
  expect(alert?.state).toBe('firing')
  expect(alert?.taken).toBeUndefined()
})

test('what is given back fires and is told no second time', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(both, [mail])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })).toEqual([{ alert: 1, result: 'done' }])
  await fail(world, 'once more')
  expect(mail.messages).toHaveLength(2)
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })).toEqual([{ alert: 1, result: 'already' }])
})

test('what is snoozed waits, and is told at the end where it still fires', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, delivery: { retryMs: 5 * minuteMs, retryMaxMs: 5 * minuteMs } }, [mail])
  mail.answer = () => ({ kind: 'retry', detail: 'busy' })
  await fail(world)
  const [snoozed] = await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'snooze', forMs: 20 * minuteMs })
  expect(snoozed?.result).toBe('done')
  expect((snoozed?.untilMs ?? 0) - world.clock.nowMs()).toBeGreaterThan(19 * minuteMs)
  expect(await reasons(world)).toEqual(expect.arrayContaining(['dana silenced.snoozed', 'lee silenced.snoozed']))
  mail.answer = () => ({ kind: 'sent' })
  await world.at(10 * minuteMs)
  expect(mail.messages).toHaveLength(2)
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'snooze', forMs: 5 * minuteMs })).toMatchObject([{ result: 'already', by: 'dana' }])
  expect((await world.deliveries()).map(({ result }) => result)).toEqual(['silenced', 'silenced'])
})

test('who ends an alert is not told that it ended; the others are, and it may begin anew', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(both, [mail])
  await fail(world)
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'resolve' })).toEqual([{ alert: 1, result: 'done' }])
  await world.tick()
  expect(toOf(mail.messages)).toEqual(['dana@example.com firing', 'lee@example.com firing', 'lee@example.com resolved'])
  expect(await reasons(world)).toContain('dana merged.already_told')
  expect(await world.engine.acting.act({ alerts: [1] }, by)).toMatchObject([{ result: 'over' }])
  world.clock.aheadMs = 20 * minuteMs
  await fail(world, 'anew')
  expect(mail.messages).toHaveLength(5)
})

test('what was in flight when somebody ended it is told as ended, too', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ ...both, routes: [{ to: ['lee'], via: ['mail'] }] }, [mail])
  mail.hold()
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'resolve' })
  mail.release()
  await world.tick()
  await world.tick()
  expect(toOf(mail.messages)).toEqual(['lee@example.com firing', 'lee@example.com resolved'])
})

test('what is expected is acknowledged, and is not told when it comes again', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(both, [mail])
  await fail(world)
  const [expected] = await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'expected' })
  expect(expected?.result).toBe('done')
  expect((expected?.untilMs ?? 0) - world.clock.nowMs()).toBeGreaterThan(27 * 24 * hourMs)
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'dana' } })
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, by: 'lee', action: 'expected' })).toMatchObject([{ result: 'already', by: 'dana' }])
  // Its own end is told to those who were told; that it begins anew is not.
  await world.at(40 * minuteMs)
  world.clock.aheadMs = 2 * hourMs
  await fail(world, 'anew')
  expect((await world.store.read.alerts()).map(({ state }) => state)).toEqual(['firing', 'resolved'])
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'firing', 'resolved', 'resolved'])
  expect((await world.decisions(2)).map(({ reason }) => reason)).toEqual(['silenced.expected'])
})

test('news, which is over as it opens, is taken too: whoever was not told yet is not', async () => {
  const [mail, sms] = [new Receiver('mail'), new Receiver('sms')]
  const world = engineWorld({ people: { dana, lee }, routes: [{ to: ['dana'], via: ['mail'] }, { to: ['lee'], via: ['sms'], digest: '10m' }] }, [mail, sms])
  await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
  await world.tick()
  expect(await world.engine.acting.act({ delivery: 1 }, by)).toMatchObject([{ result: 'done' }])
  await world.at(hourMs)
  expect([mail.messages.length, sms.messages.length]).toEqual([1, 0])
  expect(await world.engine.acting.act({ alerts: [1] }, { ...by, by: 'lee' })).toMatchObject([{ result: 'already', by: 'dana' }])
  for (const action of ['snooze', 'resolve', 'expected'] as const) expect(await world.engine.acting.act({ alerts: [1] }, { ...by, action })).toMatchObject([{ result: 'over' }])
})

test('what is not there, or of another project, is unknown', async () => {
  const world = engineWorld(both, [new Receiver('mail')])
  await fail(world)
  const other = engineWorld({ ...both, project: 'another' }, [new Receiver('mail')], { file: world.file })
  expect(await other.engine.acting.act({ alerts: [1, 7] }, by)).toEqual([{ alert: 1, result: 'unknown' }, { alert: 7, result: 'unknown' }])
  expect(await world.engine.acting.act({ delivery: 99 }, by)).toEqual([])
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
})

test('where incidents are kept it is acknowledged where it was told, once, and its end is told there all the same', async () => {
  const [pager, mail] = [new Receiver('pager', { address: 'none', shape: 'card', can: { deduplicates: true, resolves: true, acknowledges: 'incident' } }), new Receiver('mail')]
  const world = engineWorld({ ...both, routes: [{ to: ['dana', 'lee'], via: ['pager', 'mail'] }] }, [pager, mail])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, { ...by, by: 'lee' })
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.tick()
  expect(pager.messages.map(({ news }) => news)).toEqual(['firing', 'acknowledged'])
  expect(pager.messages[1]?.card).toMatchObject({ badge: 'Acknowledged', about: { alerts: [{ name: 'alt_1', state: 'acknowledged' }] } })
  expect(pager.messages[1]?.text).toMatch(/^lee acknowledged this at /)
  expect(mail.messages).toHaveLength(2)
  await world.at(40 * minuteMs)
  expect(pager.messages.map(({ news }) => news)).toEqual(['firing', 'acknowledged', 'resolved'])
  expect(mail.messages.filter(({ news }) => news === 'resolved')).toHaveLength(2)
})

test('what was in flight to it when somebody took it is acknowledged when it has arrived', async () => {
  const pager = new Receiver('pager', { address: 'none', shape: 'card', can: { deduplicates: true, resolves: true, acknowledges: 'incident' } })
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['pager'] }] }, [pager])
  pager.hold()
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.tick()
  expect(pager.messages).toHaveLength(1)
  pager.release()
  await world.tick()
  await world.tick()
  expect(pager.messages.map(({ news }) => news)).toEqual(['firing', 'acknowledged'])
})

test('a first message that can be changed says who has it, in the words of its reader, and that nobody has it any more', async () => {
  const chat = new Receiver('chat', { address: 'none', shape: 'card', needsFirst: true, can: { deduplicates: false, resolves: true, threads: true, updates: true, acknowledges: 'first' } })
  chat.answer = (_message, count) => ({ kind: 'sent', providerId: `m${count}` })
  const world = engineWorld({ ...both, people: { dana: { ...dana, locale: 'zh-CN' } }, routes: [{ to: ['dana'], via: ['chat'] }] }, [chat])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.tick()
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })
  await world.tick()
  expect(chat.messages.map(({ news, follows, card }) => [news, follows, card?.badge])).toEqual([['firing', undefined, '重要'], ['acknowledged', 'm1', '已确认'], ['acknowledged', 'm1', '重要']])
  expect(chat.messages[1]?.text).toContain('dana 已于')
})

test('a chat whose answers name no message has nothing to change', async () => {
  const chat = new Receiver('chat', { address: 'none', shape: 'card', needsFirst: true, can: { deduplicates: false, resolves: true, acknowledges: 'first' } })
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['chat'] }] }, [chat])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.tick()
  expect(chat.messages).toHaveLength(1)
})

test('what is acknowledged on one machine is repeated by none, and nobody else is asked', async () => {
  const [mail, sms] = [new Receiver('mail'), new Receiver('sms')]
  const config: ConfigInput = { ...both, routes: [{ to: ['dana'], via: ['mail'], repeatInterval: '5m', escalate: [{ after: '3m', to: ['lee'], via: ['sms'] }] }] }
  const one = engineWorld(config, [mail, sms])
  const other = engineWorld(config, [mail, sms], { file: one.file })
  await fail(one)
  await one.at(2 * minuteMs)
  await other.engine.acting.act({ alerts: [1] }, by)
  for (const aheadMs of [4, 6, 12, 20].map((minutes) => minutes * minuteMs)) {
    await one.at(aheadMs)
    await other.at(aheadMs)
  }
  expect([mail.messages.length, sms.messages.length]).toEqual([1, 0])
})

test('where nobody acknowledges the same machines repeat it and ask somebody else', async () => {
  const [mail, sms] = [new Receiver('mail'), new Receiver('sms')]
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['mail'], repeatInterval: '5m', escalate: [{ after: '3m', to: ['lee'], via: ['sms'] }] }] }, [mail, sms])
  await fail(world)
  for (const minutes of [2, 4, 6, 12]) await world.at(minutes * minuteMs)
  expect(sms.messages.length).toBeGreaterThan(0)
  expect(mail.messages.length).toBeGreaterThan(1)
})

test('what was given back before it could be shown is not shown as taken', async () => {
  const pager = new Receiver('pager', { address: 'none', shape: 'card', can: { deduplicates: true, resolves: true, acknowledges: 'incident' } })
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['pager'] }] }, [pager])
  await fail(world)
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })
  await world.tick()
  expect(pager.messages.map(({ news }) => news)).toEqual(['firing'])
  // An incident that was acknowledged cannot be given back there.
  await world.engine.acting.act({ alerts: [1] }, by)
  await world.tick()
  await world.engine.acting.act({ alerts: [1] }, { ...by, action: 'unacknowledge' })
  await world.tick()
  expect(pager.messages.map(({ news }) => news)).toEqual(['firing', 'acknowledged'])
})

test('whoever was told is not said to be spared the news, where it ends before it could be shown who has it', async () => {
  const chat = new Receiver('chat', { needsFirst: true, can: { deduplicates: false, resolves: true, acknowledges: 'first' } })
  chat.answer = (_message, count) => ({ kind: 'sent', providerId: `id-${count}` })
  const world = engineWorld({ ...both, routes: [{ to: ['dana'], via: ['chat'] }] }, [chat])
  await fail(world)
  for (const action of ['acknowledge', 'resolve'] as const) await world.engine.acting.act({ alerts: [1] }, { ...by, action, by: 'lee' })
  await world.tick()
  expect(chat.messages.map(({ news }) => news)).toEqual(['firing', 'resolved'])
  expect(await reasons(world)).toEqual(['dana sent.now', 'dana sent.resolved'])
})

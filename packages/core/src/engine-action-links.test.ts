import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { Message } from './model/channel.ts'
import { segmentsOf } from './model/sms-segments.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const dayMs = 86_400_000
const publicUrl = 'https://t.example.com'
const dana = { role: 'admin', email: 'dana@example.com' } as const
const failing: ConfigInput['rules'] = { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '10d', groupBy: ['agent'] } }
const config: ConfigInput = { publicUrl, people: { dana }, rules: failing, retention: { decisions: '90d' } }
const mailReceiver = (): Receiver => new Receiver('mail', { shape: 'mail' })

const fail = async (world: EngineWorld, id = 'call'): Promise<void> => {
  await world.engine.accept([callFailed(id, world.clock.nowMs())])
  await world.tick()
}
const urlsIn = ({ text }: Pick<Message, 'text'>): readonly string[] => text.match(/https:\S+/g) ?? []
const refusalOf = (answer: object): string => ('refused' in answer && 'text' in answer ? `${String(answer.refused)}: ${String(answer.text)}` : '')
const tokenIn = (message: Message | undefined): string => /\/a\/([\w-]+)/.exec(message?.text ?? '')?.[1] ?? ''

test('a mail has three actions, and what the link leads to says what it is about and changes nothing, however often a machine opens it', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  await fail(world)
  const [message] = mail.messages
  const token = tokenIn(message)
  expect(urlsIn(message ?? { text: '' })).toEqual([`${publicUrl}/p/default/alerts/alt_1`, `${publicUrl}/a/${token}`, `${publicUrl}/a/${token}?do=snooze`])
  expect(message?.text).toContain(`Acknowledge: ${publicUrl}/a/${token}\nSnooze 1 h: ${publicUrl}/a/${token}?do=snooze`)
  expect(message?.html).toContain(`href="${publicUrl}/a/${token}?do=snooze"`)
  for (let opened = 0; opened < 5; opened += 1) {
    expect(await world.engine.acting.readLink(token)).toMatchObject({
      by: 'dana', locale: 'en', alerts: [{ name: 'alt_1', severity: 'high', state: 'firing' }], moreAlerts: 0, actions: ['acknowledge', 'snooze', 'resolve', 'expected'], url: `${publicUrl}/p/default/alerts/alt_1`,
    })
  }
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
  expect(await world.store.transaction((tx) => tx.actionsOf(1))).toEqual([])
})

test('a link works once, on every machine', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  const other = engineWorld(config, [mail], { file: world.file })
  await fail(world)
  const token = tokenIn(mail.messages[0])
  expect(await other.engine.acting.useLink(token, 'acknowledge')).toMatchObject({ by: 'dana', each: [{ alert: 1, result: 'done' }], text: 'Acknowledged. Nobody else is told, and nothing is repeated.' })
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'dana' } })
  for (const again of [await world.engine.acting.useLink(token, 'unacknowledge'), await other.engine.acting.readLink(token)]) expect(refusalOf(again)).toMatch(/^used: This link was used by dana at .*npx tocsin explain alt_1$/)
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged' })
})

test('of two who use links of one alert the first has it, and the other one is told so and may still use theirs', async () => {
  const mail = mailReceiver()
  const world = engineWorld({ ...config, people: { dana, lee: { role: 'developer', email: 'lee@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai' } } }, [mail])
  await fail(world)
  const [first, second] = mail.messages.map(tokenIn)
  await world.engine.acting.useLink(first ?? '', 'acknowledge')
  expect(await world.engine.acting.readLink(second ?? '')).toMatchObject({ by: 'lee', locale: 'zh-CN', alerts: [{ state: 'acknowledged', taken: { by: 'dana' } }], actions: ['snooze', 'resolve', 'expected', 'unacknowledge'] })
  expect(await world.engine.acting.useLink(second ?? '', 'acknowledge')).toMatchObject({ each: [{ result: 'already', by: 'dana' }] })
  expect(await world.engine.acting.useLink(second ?? '', 'snooze')).toMatchObject({ by: 'lee', each: [{ result: 'done' }] })
  expect(refusalOf(await world.engine.acting.useLink(second ?? '', 'resolve'))).toMatch(/^used: lee 已于 .*使用此链接；每个链接只能用一次/)
})

test('after 7 days it is refused, and says what to do', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  await fail(world)
  const token = tokenIn(mail.messages[0])
  world.clock.aheadMs = 7 * dayMs - 60_000
  expect(await world.engine.acting.readLink(token)).toMatchObject({ alerts: [{ name: 'alt_1' }] })
  world.clock.aheadMs = 7 * dayMs + 3_600_000
  expect(refusalOf(await world.engine.acting.useLink(token, 'acknowledge'))).toMatch(/^expired: This link expired at .*npx tocsin ack alt_1$/)
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
})

test('what is none of ours is refused, and so is a link of another project or of nobody any more', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  await fail(world)
  const token = tokenIn(mail.messages[0])
  for (const forged of ['', 'abc', `${token}A`, token.slice(1), token.toUpperCase(), '../../etc']) expect(await world.engine.acting.useLink(forged, 'acknowledge')).toMatchObject({ refused: 'forged' })
  expect(await engineWorld({ ...config, project: 'other' }, [mail], { file: world.file }).engine.acting.readLink(token)).toMatchObject({ refused: 'gone' })
  expect(await engineWorld({ ...config, people: {} }, [mail], { file: world.file }).engine.acting.useLink(token, 'acknowledge')).toMatchObject({ refused: 'forbidden' })
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
})

test('whose role may only look gets no link, and a link is no use to who became one', async () => {
  const mail = mailReceiver()
  const world = engineWorld({ ...config, people: { dana, vic: { role: 'viewer', email: 'vic@example.com' } } }, [mail])
  await fail(world)
  const [toDana, toVic] = mail.messages
  expect(tokenIn(toVic)).toBe('')
  expect(toVic?.text).toContain(`${publicUrl}/p/default/alerts/alt_1`)
  const demoted = engineWorld({ ...config, people: { dana: { ...dana, role: 'viewer' } } }, [mail], { file: world.file })
  for (const answer of [await demoted.engine.acting.readLink(tokenIn(toDana)), await demoted.engine.acting.useLink(tokenIn(toDana), 'acknowledge')]) expect(refusalOf(answer)).toMatch(/^forbidden: Role .*Ask an admin or a developer/)
})

test('who may act on some kinds alone may not on others', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  await fail(world)
  const paying = engineWorld({ ...config, people: { dana: { ...dana, role: 'billing' } } }, [mail], { file: world.file })
  expect(await paying.engine.acting.readLink(tokenIn(mail.messages[0]))).toMatchObject({ actions: [] })
  expect(refusalOf(await paying.engine.acting.useLink(tokenIn(mail.messages[0]), 'acknowledge'))).toMatch(/^forbidden: /)
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
})

test('who pays may act on costs', async () => {
  const mail = mailReceiver()
  const world = engineWorld({ ...config, people: { bo: { role: 'billing', email: 'bo@example.com' } }, budgets: { all: { amountUsd: 1, thresholds: [0.5] } } }, [mail])
  await world.engine.accept([{ source: 'observe', type: 'llm.call', id: 'paid', atMs: world.clock.nowMs(), llm: { provider: 'p', model: 'm', operation: 'chat', costNanoUsd: 700_000_000 } }])
  await world.tick()
  expect(await world.engine.acting.useLink(tokenIn(mail.messages[0]), 'acknowledge')).toMatchObject({ by: 'bo', each: [{ result: 'done' }] })
})

test('an end, a message to an address and what only informs have no link to act; without publicUrl nothing has', async () => {
  const mail = mailReceiver()
  const world = engineWorld({ ...config, rules: { ...failing, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '1m' } } }, [mail])
  await fail(world)
  await world.at(120_000)
  await world.engine.accept([said('by hand', world.clock.nowMs(), { direct: { channel: 'mail', address: 'a@example.com' } }), said('to know', world.clock.nowMs(), { to: ['dana'], severity: 'info' })])
  await world.tick()
  expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'resolved', 'firing', 'firing'])
  expect(mail.messages.map((message) => tokenIn(message) !== '')).toEqual([true, false, false, false])
  const { publicUrl: _none, ...without } = config
  const other = mailReceiver()
  await fail(engineWorld(without, [other]))
  expect(urlsIn(other.messages[0] ?? { text: '' })).toEqual([])
})

test('a text message has one link, by which its reader acts, and stays in one segment; its news can be taken', async () => {
  const sms = new Receiver('sms', { shape: 'short', address: 'phone' })
  const world = engineWorld({ ...config, people: { dana: { ...dana, phone: '+13125550123' } } }, [sms])
  await world.engine.accept([sessionFailed('s_8f2c', world.clock.nowMs())])
  await world.tick()
  const [message] = sms.messages
  expect(urlsIn(message ?? { text: '' })).toEqual([`${publicUrl}/a/${tokenIn(message)}`])
  expect(segmentsOf(message?.text ?? '')).toMatchObject({ encoding: 'GSM-7', count: 1 })
  expect(await world.engine.acting.readLink(tokenIn(message))).toMatchObject({ alerts: [{ state: 'news' }], actions: ['acknowledge'] })
  expect(await world.engine.acting.useLink(tokenIn(message), 'acknowledge')).toMatchObject({ each: [{ result: 'done' }] })
})

test('a collection is acknowledged whole, with what is not listed in it', async () => {
  const mail = mailReceiver()
  const world = engineWorld({ ...config, routes: [{ to: ['dana'], via: ['mail'], digest: '10m' }] }, [mail])
  await world.engine.accept(Array.from({ length: 130 }, (_, index) => sessionFailed(`s${index}`, world.clock.nowMs())))
  await world.at(660_000)
  expect(mail.messages).toHaveLength(1)
  const token = tokenIn(mail.messages[0])
  const page = await world.engine.acting.readLink(token)
  expect(page).toMatchObject({ actions: ['acknowledge'] })
  expect('alerts' in page ? page.alerts.length + page.moreAlerts : 0).toBe(130)
  const used = await world.engine.acting.useLink(token, 'acknowledge')
  expect('each' in used ? used.each.filter(({ result }) => result === 'done').length : 0).toBe(130)
})

test('where the channel is the address whoever reads there acts, and is not taken for the person that it was written for', async () => {
  const room = new Receiver('room', { shape: 'card', address: 'none' })
  const world = engineWorld(config, [room])
  await fail(world)
  const token = /\/a\/([\w-]+)/.exec(JSON.stringify(room.messages[0]?.card?.links))?.[1] ?? ''
  expect(room.messages[0]?.card?.links.map(({ word }) => word)).toEqual(['Open alert', 'Acknowledge', 'Snooze 1 h'])
  expect(await world.engine.acting.useLink(token, 'acknowledge')).toMatchObject({ by: 'room' })
  expect(await world.store.read.alert(1)).toMatchObject({ taken: { by: 'room' } })
})

test('where the process dies within it nothing was done, and the link still works', async () => {
  const mail = mailReceiver()
  const world = engineWorld(config, [mail])
  await fail(world)
  const token = tokenIn(mail.messages[0])
  const { store } = world
  const transaction = store.transaction.bind(store)
  Object.assign(store, {
    transaction: (work: Parameters<typeof transaction>[0]) => transaction(async (tx) => {
      await work(tx)
      throw new Error('killed')
    }),
  })
  await expect(world.engine.acting.useLink(token, 'acknowledge')).rejects.toThrow('killed')
  Object.assign(store, { transaction })
  expect(await store.read.alert(1)).toMatchObject({ state: 'firing' })
  expect(await world.engine.acting.useLink(token, 'acknowledge')).toMatchObject({ each: [{ result: 'done' }] })
})

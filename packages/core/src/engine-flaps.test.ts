import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
/** One alert that is over a minute after the last failure. */
const failing = (severity: 'warning' | 'critical' = 'warning'): ConfigInput['rules'] => ({ 'model-failed': false, 'model-outage': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '1m', groupBy: ['agent'] } })
const config = (more: ConfigInput = {}): ConfigInput => ({ rules: failing(), routes: [{ name: 'by-mail', to: ['dana'], via: ['mail'] }], flapping: { count: 3, within: '30m' }, storm: false, limits: false, ...more })

/** It fires at this minute, and is over a minute later. */
async function flap(world: EngineWorld, minute: number): Promise<void> {
  await world.at(minute * minuteMs)
  await world.engine.accept([callFailed(`at ${minute}`, world.clock.nowMs())])
  await world.tick()
}

const reasonsOf = async (world: EngineWorld): Promise<readonly string[]> => (await world.decisions()).map(({ reason }) => reason)

test('what ends and fires again three times in half an hour is told once as unsteady; then neither, and its end when it has held', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config(), [mail])
  for (const minute of [0, 2, 4, 6]) await flap(world, minute)
  const news = () => mail.messages.map(({ news: what }) => what)
  expect(news()).toEqual(['firing', 'resolved', 'firing', 'resolved', 'firing', 'resolved', 'firing'])
  expect(mail.messages.at(-1)?.text).toContain('It began and ended 3 times in 30 min. You hear of it again when it holds.')
  expect(mail.messages.slice(0, -1).some(({ text }) => text.includes('began and ended'))).toBe(false)
  for (const minute of [8, 10, 12, 14]) await flap(world, minute)
  await world.at(16 * minuteMs)
  expect(mail.messages).toHaveLength(7)
  expect((await world.store.read.alerts())[0]).toMatchObject({ state: 'resolved', cycles: 7 })
  const decisions = await world.decisions()
  expect(decisions.find(({ reason }) => reason === 'sent.flapping')).toMatchObject({ person: 'dana', channel: 'mail', params: { count: 3, window: 30 * minuteMs } })
  expect(decisions.find(({ reason }) => reason === 'merged.flap')).toMatchObject({ person: '*', count: 9, params: { count: 7, window: 30 * minuteMs } })
  await world.at(24 * minuteMs)
  expect(mail.messages).toHaveLength(7)
  await world.at(26 * minuteMs)
  expect(news().slice(7)).toEqual(['resolved'])
})

test('what fires for as long without a break is steady again: its next end is told as always', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config({ flapping: { count: 2, within: '10m' } }), [mail])
  for (const minute of [0, 2, 4]) await flap(world, minute)
  expect(mail.messages.at(-1)?.text).toContain('It began and ended 2 times in 10 min.')
  for (let half = 9; half <= 30; half += 1) {
    await world.at((half * minuteMs) / 2)
    await world.engine.accept([callFailed(`keeps ${half}`, world.clock.nowMs())])
  }
  const before = mail.messages.length
  await world.at(17 * minuteMs)
  expect(mail.messages.slice(before).map(({ news }) => news)).toEqual(['resolved'])
})

test('what comes back less often, or where it is switched off, is told each time', async () => {
  for (const [flapping, minutes] of [[{ count: 3, within: '5m' }, [0, 4, 8, 12, 16]], [false, [0, 2, 4, 6, 8]]] as const) {
    const mail = new Receiver('mail')
    const world = engineWorld(config({ flapping }), [mail])
    for (const minute of minutes) await flap(world, minute)
    expect(mail.messages.filter(({ news }) => news === 'firing')).toHaveLength(5)
    expect(await reasonsOf(world)).not.toContain('sent.flapping')
    expect(mail.messages.some(({ text }) => text.includes('began and ended'))).toBe(false)
  }
})

test('critical: the first two times as always, and that it is unsteady as critical', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config({ rules: failing('critical') }), [mail])
  for (const minute of [0, 2, 4, 6, 8, 10]) await flap(world, minute)
  const firing = mail.messages.filter(({ news }) => news === 'firing')
  expect(firing).toHaveLength(4)
  expect(firing.at(-1)).toMatchObject({ severity: 'critical' })
  expect(firing.at(-1)?.text).toContain('It began and ended 3 times')
})

test('a restart and a second process on the same file tell it once together', async () => {
  const mail = new Receiver('mail')
  const first = engineWorld(config(), [mail])
  const second = engineWorld(config(), [mail], { file: first.file })
  for (const [index, minute] of [0, 2, 4, 6, 8, 10].entries()) {
    const [one, other] = index % 2 === 0 ? [first, second] : [second, first]
    other.clock.aheadMs = minute * minuteMs
    await flap(one, minute)
    await other.tick()
  }
  expect(mail.messages.filter(({ text }) => text.includes('began and ended'))).toHaveLength(1)
  const before = mail.messages.length
  await first.close()
  await second.close()
  const third = engineWorld(config(), [mail], { file: first.file })
  await flap(third, 13)
  await third.at(15 * minuteMs)
  expect(mail.messages).toHaveLength(before)
  const fourth = engineWorld(config(), [mail], { file: first.file })
  fourth.clock.aheadMs = 26 * minuteMs
  await Promise.all([third.at(26 * minuteMs), fourth.tick()])
  expect(mail.messages.slice(before).map(({ news }) => news)).toEqual(['resolved'])
})

test('that it is unsteady is told although it is over at that moment, and what ended in flight is not told as over before it held', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config(), [mail])
  for (const minute of [0, 2, 4]) await flap(world, minute)
  await world.at(5.5 * minuteMs)
  mail.hold()
  await flap(world, 6)
  const before = mail.messages.length
  expect(mail.messages.at(-1)?.text).toContain('began and ended')
  await world.at(8 * minuteMs)
  expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
  mail.release()
  await world.tick()
  await world.at(12 * minuteMs)
  expect(mail.messages).toHaveLength(before)
  await world.at(18 * minuteMs)
  expect(mail.messages.slice(before).map(({ news }) => news)).toEqual(['resolved'])
})

test('collected, that it is unsteady is told although it is over by then', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config({ routes: [{ to: ['dana'], via: ['mail'], digest: '90s' }] }), [mail])
  for (const minute of [0, 2, 4, 6]) await flap(world, minute)
  const before = mail.messages.length
  for (const { text } of mail.messages) expect(text).toContain('It was over')
  await world.at(7.6 * minuteMs)
  expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
  expect(mail.messages.slice(before)).toMatchObject([{ news: 'firing' }])
  expect(mail.messages.at(-1)?.text).toContain('began and ended 3 times')
})

test('what nobody acknowledges is handed on although it was over for the moment when its time came; and not when it has held', async () => {
  const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, eve: { role: 'admin', email: 'eve@example.com' } }
  const mail = new Receiver('mail')
  const world = engineWorld(config({ people, rules: failing('critical'), routes: [{ to: ['dana'], via: ['mail'], escalate: [{ after: '3m', to: ['eve'] }] }] }), [mail])
  const toEve = () => mail.messages.filter(({ to, news }) => to === 'eve@example.com' && news === 'firing')
  for (const minute of [0, 2, 4, 6]) await flap(world, minute)
  await world.at(9.5 * minuteMs)
  expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
  expect(toEve()).toEqual([])
  await flap(world, 11)
  await world.at(11.8 * minuteMs)
  expect(toEve()).toHaveLength(1)
  const other = engineWorld(config({ people, rules: failing('critical'), routes: [{ to: ['dana'], via: ['mail'], escalate: [{ after: '3m', to: ['eve'] }] }] }), [mail])
  const before = toEve().length
  for (const minute of [0, 2, 4, 6]) await flap(other, minute)
  for (let minute = 8; minute < 30; minute += 1) await other.at(minute * minuteMs)
  expect(toEve()).toHaveLength(before)
})

test('what gets worse while it is unsteady is told', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld(config(), [mail])
  const worse = engineWorld(config({ rules: failing('critical') }), [mail], { file: world.file })
  for (const minute of [0, 2, 4, 6, 8]) await flap(world, minute)
  const before = mail.messages.length
  await world.at(9.5 * minuteMs)
  await flap(worse, 10)
  expect(mail.messages.slice(before)).toMatchObject([{ news: 'firing', severity: 'critical' }])
})

import { afterEach, expect, test } from 'vitest'
import { periodAt } from './model/calendar.ts'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const dayMs = 86_400_000
const hourMs = 3_600_000
const zone = 'Asia/Shanghai'

const config: ConfigInput = {
  defaults: { timezone: zone },
  people: { dana: { role: 'admin', email: 'dana@example.com' }, olga: { role: 'owner', email: 'olga@example.com', locale: 'zh-CN' }, lee: { role: 'developer', email: 'lee@example.com' } },
  // Told past the routes.
  routes: [],
  selfTest: { at: '09:00', channels: ['mail'] },
}

/** How far the clock is ahead so many days after today, at this hour there. */
function ahead({ clock }: EngineWorld, days: number, hour: number): number {
  const nowMs = clock.nowMs()
  return clock.aheadMs + periodAt('day', zone, nowMs).startMs + days * dayMs + hour * hourMs - nowMs
}

test('once a day, at its time in the configured zone, owners and admins get a marked message by each channel named', async () => {
  const [mail, chat] = [new Receiver('mail'), new Receiver('chat')]
  const world = engineWorld(config, [mail, chat])
  await world.at(ahead(world, 1, 8))
  const before = mail.messages.length
  const told = (): readonly string[] => mail.messages.slice(before).map(({ to, subject }) => `${to} ${subject}`).toSorted()
  await world.at(ahead(world, 0, 9.01))
  const day = ['dana@example.com Self-test of mail: nothing is wrong', 'olga@example.com mail 自检：一切正常']
  expect(told().map((line) => line.replace(/\[.*?\] |【.*?】/, ''))).toEqual(day)
  await world.at(ahead(world, 0, 20))
  expect(told()).toHaveLength(2)
  // After three days in which nothing ran it is tried once.
  await world.at(ahead(world, 3, 12))
  expect(told()).toHaveLength(4)
  expect(chat.messages).toEqual([])
  const [newest] = await world.store.read.alerts()
  expect(newest).toMatchObject({ rule: 'self-test', kind: 'system', severity: 'info', message: 'system.self-test' })
})

test('of several processes on one store one tries the channels, and a channel that fails is in trouble as always', async () => {
  const mail = new Receiver('mail')
  const first = engineWorld({ ...config, people: { dana: { role: 'admin', email: 'dana@example.com' } } }, [mail])
  const second = engineWorld({ ...config, people: { dana: { role: 'admin', email: 'dana@example.com' } } }, [mail], { file: first.file })
  await Promise.all([first, second].map((world) => world.at(ahead(world, 1, 8))))
  const before = mail.messages.length
  mail.answer = () => ({ kind: 'bad-config', code: 'denied', detail: 'the key was revoked' })
  await Promise.all([first, second].map((world) => world.at(ahead(world, 0, 9.01))))
  expect(mail.messages.slice(before)).toHaveLength(1)
  expect(await first.store.transaction((tx) => tx.pauses('default'))).toEqual([expect.objectContaining({ channel: 'mail', why: 'bad-config' })])
})

import { afterEach, expect, test } from 'vitest'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

const secondMs = 1_000
const minuteMs = 60_000
const hourMs = 60 * minuteMs

let world: World | undefined

afterEach(async () => {
  await world?.close()
  world = undefined
})

const news = (prefix: string, count: number, severity: 'high' | 'critical' = 'high'): readonly SomeEvent[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'custom', announcement: { title: `${prefix} ${String(index).padStart(2, '0')}.`, severity } }))

const told = (of: World): readonly string[] => of.mailsTo('lee').map(({ parsed }) => parsed.subject ?? '')

test('by default twenty messages in a minute are eight mails and a summary that lists the others, and what is critical comes at once', async () => {
  world = await openWorld(`
project: support
channels:${lines}
people: { lee: { role: developer, email: lee@example.com, phone: "+14155550101" } }
routes: [{ name: all, match: "true", to: [lee], via: [mail] }]`)
  await world.happen(...news('News', 20))
  await world.happen(...news('Down', 1, 'critical'))
  expect(told(world)).toEqual([...Array.from({ length: 8 }, (_, index) => `[High] News 0${index}.`), '[Critical] Down 00.'])
  await world.moveOn(minuteMs + secondMs)
  expect(told(world)).toHaveLength(10)
  const summary = world.mailsTo('lee').at(-1)?.parsed.text ?? ''
  for (let index = 8; index < 20; index += 1) expect(summary).toContain(`News ${String(index).padStart(2, '0')}.`)
  expect(summary).toContain('told in one summary, number 1')
})

test('a limit of a channel in the file holds over a restart, and what is past it is one text message later', async () => {
  const yaml = `
project: support
channels:${lines}
people: { lee: { role: developer, email: lee@example.com, phone: "+14155550101" } }
routes: [{ name: all, match: "true", to: [lee], via: [sms] }]
limits: { channels: { sms: { perHour: 2 } } }
storm: false`
  world = await openWorld(yaml)
  await world.happen(...news('News', 5))
  expect(world.sms.messages).toHaveLength(1)
  await world.restart(yaml)
  await world.moveOn(10 * minuteMs)
  await world.happen(...news('More', 2))
  expect(world.sms.messages).toHaveLength(1)
  await world.moveOn(hourMs)
  expect(world.sms.messages).toHaveLength(2)
  expect(world.sms.messages[1]?.body).toMatch(/6 updates/)
})

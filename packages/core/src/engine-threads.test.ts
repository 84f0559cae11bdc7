import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'
import { startSmtpServer } from './testing/smtp-server.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const failing = (severity: 'warning' | 'high'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', severity, quiet: '1m', groupBy: ['agent'] } })

test('all news of an alert to one person on one channel is one thread: raised, resolved, fired again', async () => {
  const [mail, other] = [new Receiver('mail'), new Receiver('other')]
  const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }
  const calm = engineWorld({ people, rules: failing('warning') }, [mail, other])
  const grave = engineWorld({ people, rules: failing('high') }, [mail, other], { file: calm.file })
  await calm.engine.accept([callFailed('one', calm.clock.nowMs())])
  await calm.tick()
  await grave.engine.accept([callFailed('two', grave.clock.nowMs())])
  await calm.tick()
  await calm.at(2 * minuteMs)
  await calm.engine.accept([callFailed('three', calm.clock.nowMs())])
  await calm.at(2 * minuteMs + 1_000)
  const threads = (receiver: Receiver, to: string): readonly (string | undefined)[] => receiver.messages.filter((message) => message.to === to).map(({ thread }) => thread)
  const ofDana = threads(mail, 'dana@example.com')
  expect(ofDana).toHaveLength(4)
  const roots = [ofDana, threads(mail, 'lee@example.com'), threads(other, 'dana@example.com')].map((all) => [...new Set(all)])
  expect(roots.map((root) => root.length)).toEqual([1, 1, 1])
  expect(new Set(roots.flat()).size).toBe(3)
  expect(roots.flat().every((root) => root !== undefined && !root.includes('dana'))).toBe(true)
})

test('another alert is another thread; what nothing follows, and a collection, is none', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ rules: failing('high') }, [mail])
  await world.engine.accept([callFailed('one', world.clock.nowMs()), { ...callFailed('two', world.clock.nowMs()), agent: 'another' }])
  await world.tick()
  expect(new Set(mail.messages.map(({ thread }) => thread)).size).toBe(2)
  await world.engine.accept([sessionFailed('s', world.clock.nowMs()), said('by hand', world.clock.nowMs())])
  await world.tick()
  expect(mail.messages.slice(2).map(({ thread }) => thread)).toEqual([undefined, undefined])
})

test('a mail that says that it is over answers to the same root as the one that said it began', async () => {
  const server = await startSmtpServer()
  const post = { type: 'email', from: 'noreply@example.com', url: server.url, ca: server.ca }
  const world = engineWorld({ channels: { post }, rules: failing('high') }, [])
  await world.engine.accept([callFailed('one', world.clock.nowMs())])
  await world.tick(2_000)
  world.clock.aheadMs = 2 * minuteMs
  await world.tick(2_000)
  await world.close()
  const [began, over] = server.mails.map(({ parsed }) => parsed)
  await server.close()
  expect([began?.subject, over?.subject]).toEqual([expect.stringContaining('[High]'), expect.stringContaining('Resolved')])
  expect(began?.references).toMatch(/^<tocsin-default-alert-1-.*@example\.com>$/)
  expect([over?.references, over?.inReplyTo]).toEqual([began?.references, began?.references])
  expect(over?.messageId).not.toBe(began?.messageId)
})

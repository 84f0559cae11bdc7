import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { explain } from '../../packages/core/src/commands/explain.ts'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { runInScope } from '../../packages/core/src/observe/context.ts'
import { Observation } from '../../packages/core/src/observe/observation.ts'
import { observe } from '../../packages/core/src/observe/observe.ts'
import { startModelProvider, type ModelProvider } from '../../packages/core/src/testing/model-provider.ts'
import { lines, openWorld, type World } from './world.ts'

const yaml = `
project: support
channels:${lines}
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  mei: { role: developer, email: mei@example.com, locale: zh-CN, timezone: Asia/Shanghai }
  vic: { role: viewer, email: vic@example.com }
routes:
  - { name: models, match: "alert.kind == 'model'", to: [ana, mei], via: [mail, sms] }
  - { name: sessions, match: "alert.kind == 'session'", to: [ana, vic], via: [mail] }
`

const sessions = Array.from({ length: 20 }, (_, i) => `ticket-${i + 1}`)
let world: World
let provider: ModelProvider
let events: EventInput[] = []

beforeAll(async () => {
  world = await openWorld(yaml)
  let isDown = true
  provider = await startModelProvider({ script: (request) => (isDown && !JSON.stringify(request.body).includes('is it back') ? { kind: 'server-error' } : ((isDown = false), { kind: 'ok' })) })
})
afterAll(async () => {
  await provider.close()
  await world.close()
})

/** A real client, watched; what it did is committed in pieces as they come. */
async function ask(sessionId: string, text: string): Promise<void> {
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: world.clock, chance: systemChance })
  const client = observe(new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' }), observation)
  const failed = await runInScope({ sessionId, agent: 'support-bot' }, () => client.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: text }] })).then(() => false, () => true)
  events.push({ type: 'session.end', source: 'client', sessionId, agent: 'support-bot', atMs: world.clock.nowMs(), id: `${sessionId}-end`, endState: failed ? 'fail' : 'success' })
}

async function commit(): Promise<void> {
  for (; events.length > 0; events = events.slice(3)) expect((await world.engine.accept(events.slice(0, 3))).refused).toEqual([])
}

test('a provider is down for twenty sessions: one message with all of them in it, and one when it works again', async () => {
  await Promise.all(sessions.map((session) => ask(session, 'where is my order?')))
  await commit()
  await world.moveOn(0)
  expect(world.mail.mails).toEqual([])
  await world.moveOn(6_000)
  const [toAna, ...more] = world.mailsTo('ana')
  expect(more).toEqual([])
  expect(toAna?.parsed.subject).toBe('[Critical] Outage of openai gpt-5-mini, server error, 20 of 20 calls failed')
  for (const session of sessions) expect(toAna?.parsed.text).toContain(`${session} (support-bot)\n`)
  expect(toAna?.parsed.text).toContain('Sessions: 20')
  for (const session of sessions) expect(toAna?.parsed.html).toContain(`${session} (support-bot)`)
  expect(world.mailsTo('mei').map(({ parsed }) => parsed.subject)).toEqual(['【紧急】模型服务中断：openai gpt-5-mini，服务器错误，20 次调用中 20 次失败，20 个会话'])
  expect(world.mailsTo('mei')[0]?.parsed.text).toContain('因此失败或受影响的会话：\nticket-1')
  // No route of the outage reaches them: they hear of it because their sessions failed of it, and see which.
  expect(world.mailsTo('vic').map(({ parsed }) => parsed.subject)).toEqual([toAna?.parsed.subject])
  expect(world.mailsTo('vic')[0]?.parsed.text).toContain('ticket-20 (support-bot)')
  expect(world.sms.messages.map(({ body }) => body)).toEqual(['Tocsin CRITICAL: outage of openai gpt-5-mini, server error, 20 of 20 calls failed, 20 sessions'])

  await world.moveOn(40_000)
  for (let i = 0; i < 5; i += 1) await ask(`again-${i}`, 'is it back?')
  await commit()
  await world.moveOn(20_000)
  const ends = world.mailsTo('ana').slice(1)
  expect(ends.map(({ parsed }) => parsed.subject)).toEqual(['Resolved: Outage of openai gpt-5-mini, server error, 20 of 25 calls failed'])
  expect([world.mailsTo('mei').length, world.mailsTo('vic').length, world.sms.messages.length]).toEqual([2, 2, 1])
  expect(world.notices).toEqual([])
})

test('tocsin explain says of a victim why it was not told, and of the outage what is in it', async () => {
  const said = async (id: string, locale = 'en'): Promise<string> => (await explain(id, { data: world.data, locale, timezone: 'UTC' }, () => undefined)).lines.join('\n').replaceAll(/\s+/g, ' ')
  const outage = await world.alertOf('model-outage')
  const victim = await said('ticket-7')
  expect(victim).toContain('Session failed: support-bot')
  expect(victim).toContain(`Told under its cause: "alt_${outage.id} [Critical]`)
  expect(victim).toContain('Outage of openai gpt-5-mini, server error')
  expect(await said('ticket-7', 'zh-CN')).toContain(`归入起因"alt_${outage.id}`)
  expect(await said(`alt_${outage.id}`)).toMatch(/Told within it: (alt_\d+ \[High\] Session failed: support-bot, .*){19}/)
})

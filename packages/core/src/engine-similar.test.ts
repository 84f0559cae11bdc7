import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { closeWorlds, engineWorld, said } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const digest: ConfigInput['routes'] = [{ name: 'news', to: ['dana'], via: ['mail'], digest: '5m' }]
const only = (...names: readonly string[]): ConfigInput['rules'] => Object.fromEntries(builtInRuleNames.filter((name) => !names.includes(name)).map((name) => [name, false]))

/** A tool of an agent that failed with these words. */
function toolFailed(id: string, agent: string, message: string, atMs: number): EventInput {
  return { source: 'observe', type: 'tool.call', id, atMs, agent, status: 'error', tool: { name: 'search' }, error: { class: 'other', message } }
}

function sessionFailed(id: string, reason: string, atMs: number, agent = 'bot'): EventInput {
  return { source: 'client', type: 'session.end', sessionId: id, id: `${id}-end`, agent, atMs, status: 'error', endState: 'fail', endReason: reason }
}

/** The list of news in a message. */
function itemsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^\d+ \w{3} [\d:]+ {2}/.test(line)).map((line) => line.replace(/^\d+ \w{3} [\d:]+ {2}/, ''))
}

test('what fails of the same in many sessions is one line with how many, within how long and of how many agents; what fails of another thing is another', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ rules: only('session-failed'), routes: digest }, [mail])
  const startMs = world.clock.nowMs()
  await world.engine.accept(Array.from({ length: 30 }, (_, index) => sessionFailed(`s${index}`, `no order with id ORD-${index * 7919}`, startMs, `bot-${index % 4}`)))
  await world.at(2 * minuteMs)
  await world.engine.accept([sessionFailed('late', 'no order with id ORD-1', startMs + 2 * minuteMs, 'bot-9'), sessionFailed('card', 'the card was declined by the bank', startMs + 2 * minuteMs)])
  await world.at(6 * minuteMs)
  expect(mail.messages).toHaveLength(1)
  const items = itemsOf(mail.messages[0]?.text ?? '')
  expect(items).toHaveLength(2)
  expect(items[0]).toMatch(/^Session failed: bot-0.*: “no order with id ORD-0” \(×31 within 2 min: bot-0, bot-\d, bot-\d, bot-\d and bot-\d\)$/)
  expect(items[1]).toMatch(/^Session failed: bot/)
  expect(items[1]).not.toContain('×')
  expect(mail.messages[0]?.text).not.toMatch(/and \d+ more/)
  const decisions = await world.decisions()
  const merged = decisions.filter(({ reason }) => reason === 'merged.similar')
  expect(merged).toHaveLength(30)
  expect(merged[0]).toMatchObject({ person: 'dana', channel: 'mail', params: { count: 30, template: 'no order with id <*>' } })
  expect(decisions.filter(({ reason }) => reason === 'sent.digest')).toHaveLength(32)
})

test('in Chinese as well; and what a session said is not shown to who may not see it', async () => {
  const mail = new Receiver('mail')
  const people: ConfigInput['people'] = { dana: { role: 'viewer', email: 'dana@example.com', locale: 'zh-CN' } }
  const world = engineWorld({ rules: only('session-failed'), routes: digest, people }, [mail])
  await world.engine.accept([1, 2, 3].map((number) => sessionFailed(`s${number}`, `no order with id ORD-${number}`, world.clock.nowMs())))
  await world.at(6 * minuteMs)
  const text = mail.messages[0]?.text ?? ''
  expect(text).toContain('（×3）')
  expect(text).not.toContain('ORD-')
  expect(text).not.toContain('no order')
})

test('a restart and a second process tell the same kinds apart', async () => {
  const mail = new Receiver('mail')
  const config: ConfigInput = { rules: only('tool-failed'), routes: digest }
  const first = engineWorld(config, [mail])
  const nowMs = first.clock.nowMs()
  // As many words as the others, so that only what is kept tells which of them is which.
  await first.engine.accept([toolFailed('a', 'bot-a', 'the catalogue is locked by another job that will end soon', nowMs)])
  await first.engine.accept([toolFailed('b', 'bot-b', 'could not reach index eu-1 of the catalogue after 20 s', nowMs)])
  const second = engineWorld(config, [mail], { file: first.file })
  await second.engine.accept([toolFailed('c', 'bot-c', 'could not reach index us-7 of the catalogue after 3 s', nowMs)])
  await first.close()
  const third = engineWorld(config, [mail], { file: first.file })
  await third.engine.accept([toolFailed('d', 'bot-d', 'could not reach index ap-2 of the catalogue after 40 s', nowMs)])
  const patterns = (await third.store.read.alerts()).toSorted((one, other) => one.id - other.id).map(({ pattern }) => pattern)
  expect(patterns[1]).toBeDefined()
  expect([patterns[2], patterns[3]]).toEqual([patterns[1], patterns[1]])
  expect(patterns[0]).not.toBe(patterns[1])
  await third.at(6 * minuteMs)
  expect(itemsOf(mail.messages[0]?.text ?? '')).toHaveLength(2)
})

test('by hand the same is what says the same: other words are another line', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ routes: digest }, [mail])
  const nowMs = world.clock.nowMs()
  await world.engine.accept([{ ...said('one', nowMs, { title: 'Refund 12 waits' }) }, { ...said('two', nowMs, { title: 'Refund 13 waits' }) }, { ...said('three', nowMs, { title: 'Refund 12 waits' }) }])
  await world.at(6 * minuteMs)
  expect(itemsOf(mail.messages[0]?.text ?? '')).toEqual(['Refund 12 waits (×2)', 'Refund 13 waits'])
})

test('all that a message has no room for is counted', async () => {
  const mail = new Receiver('mail', { limits: { bodyCharsMax: 700, concurrency: 5 } })
  const world = engineWorld({ rules: only('session-failed'), routes: digest, delivery: { batchMax: 1_000 } }, [mail])
  const words = ['apple', 'pear', 'plum', 'fig', 'lime', 'kiwi', 'melon', 'grape', 'cherry', 'quince']
  await world.engine.accept(Array.from({ length: 200 }, (_, index) => sessionFailed(`s${index}`, `${words[index % 10] ?? ''} went wrong at ${index}`, world.clock.nowMs())))
  await world.at(6 * minuteMs)
  const text = mail.messages[0]?.text ?? ''
  const shown = [...text.matchAll(/×(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0)
  const more = Number(/and (\d+) more/.exec(text)?.[1] ?? 0)
  expect(shown).toBeGreaterThan(0)
  expect(more).toBeGreaterThan(0)
  expect(shown + more).toBe(200)
})

test('the end of what has no line of its own is told, also where it ends while the collection is in flight', async () => {
  const mail = new Receiver('mail')
  const rules: ConfigInput['rules'] = { ...only(), failing: { on: 'tool.call', when: "event.status == 'error'", severity: 'warning', quiet: '1m', groupBy: ['agent'] } }
  const world = engineWorld({ rules, routes: [{ to: ['dana'], via: ['mail'], digest: '30s' }] }, [mail])
  const nowMs = world.clock.nowMs()
  await world.engine.accept(['a', 'b', 'c'].map((name) => toolFailed(name, `bot-${name}`, 'the catalogue is locked', nowMs)))
  mail.hold()
  await world.at(40_000)
  expect(mail.messages).toHaveLength(1)
  expect(itemsOf(mail.messages[0]?.text ?? '')).toHaveLength(1)
  await world.at(2 * minuteMs)
  mail.release()
  await world.at(2 * minuteMs + 1_000)
  await world.at(4 * minuteMs)
  const resolved = mail.messages.filter(({ news }) => news === 'resolved')
  expect(resolved).toHaveLength(1)
  expect(resolved[0]?.text).toContain('×3')
})

test('what became part of an outage stands in no line beside it; its victims are named in it', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ routes: digest }, [mail])
  const startMs = world.clock.nowMs()
  const calls = Array.from({ length: 40 }, (_, index): EventInput => ({
    source: 'observe', type: 'llm.call', id: `call-${index}`, atMs: startMs + index * 100, agent: ['support-bot', 'refund-bot', 'triage'][index % 3] ?? '', sessionId: `s${index}`, status: 'error',
    error: { class: 'server', message: `The server had an error (req_${index}a)` }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' },
  }))
  for (const call of calls) await world.engine.accept([call])
  await world.engine.accept(Array.from({ length: 10 }, (_, index) => sessionFailed(`s${index}`, 'gave up', startMs + 5_000, ['support-bot', 'refund-bot', 'triage'][index % 3])))
  await world.at(6 * minuteMs)
  const alerts = await world.store.read.alerts()
  const outage = alerts.find(({ rule }) => rule === 'model-outage')
  expect(outage).toBeDefined()
  const members = alerts.filter(({ parent }) => parent === outage?.id)
  expect(members.length).toBeGreaterThan(3)
  const [message] = mail.messages
  expect(message?.text).toContain('openai')
  expect(itemsOf(message?.text ?? '').filter((line) => line.includes('Session failed') || line.includes('Model call failed'))).toEqual([])
  expect(message?.text).toMatch(/support-bot/)
})

import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { askApproval } from '../../packages/core/src/observe/approval.ts'
import { Observation } from '../../packages/core/src/observe/observation.ts'
import { observe } from '../../packages/core/src/observe/observe.ts'
import { Sessions } from '../../packages/core/src/observe/session.ts'
import { Steps } from '../../packages/core/src/observe/step.ts'
import { startModelProvider, type ModelProvider } from '../../packages/core/src/testing/model-provider.ts'
import { expectHeard, hear, type Case } from './hear.ts'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

const yaml = `
project: support
channels:${lines}
limits: false
storm: false
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  mei: { role: owner, email: mei@example.com, phone: "+8613800138000", locale: zh-CN, timezone: Asia/Shanghai }
rules: { session-started: false, session-ended: false, model-outage: false, run-away: { count: 20 } }
routes:
  - { name: everything, match: "true", to: [ana, mei], via: [mail, sms] }
delivery: { batchMs: 0 }
`

const tool = (sessionId: string, name: string, args: string, more: Partial<SomeEvent> = {}): SomeEvent => ({ type: 'tool.call', agent: 'refund-bot', sessionId, tool: { name, argumentsHash: args }, ...more })
const priced = (sessionId: string): SomeEvent => ({ type: 'llm.call', agent: 'refund-bot', sessionId, llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', inputTokens: 9, outputTokens: 9, answerChars: 20, costNanoUsd: 10_000_000 } })
const times = (count: number, ...events: readonly SomeEvent[]): readonly SomeEvent[] => Array.from({ length: count }, () => events).flat()
const down = { error: { class: 'server', statusCode: 502, message: 'CRM is down' } } as const

const cases: readonly Case[] = [
  {
    rule: 'tool-failed',
    events: [tool('s-1', 'lookUpOrder', 'a', down)],
    english: ['[Warning] Tool failed: lookUpOrder, server error (502), refund-bot'],
    chinese: ['【警告】工具失败：lookUpOrder，服务器错误（502），refund-bot'],
    says: ['tool lookUpOrder failed, server error (502).', '“CRM is down”', 'Tool: lookUpOrder'],
    short: 'Tocsin WARNING: tool lookUpOrder failed, server error (502), refund-bot',
    shortChinese: '【Tocsin】警告：工具 lookUpOrder 失败，服务器错误（502），refund-bot',
  },
  {
    rule: 'tool-failing',
    events: [1, 2, 3, 4, 5].map((n) => tool('s-2', 'payOut', `order ${n}`, { ...down, agent: 'pay-bot' })),
    english: ['[High] Tool fails every time: payOut, 5 calls in a row, server error (502)', '[Warning] Tool failed: payOut'],
    chinese: ['【重要】工具持续失败：payOut，连续 5 次，服务器错误（502），pay-bot', '【警告】工具失败：payOut'],
    says: ['Its last 5 calls all failed, since', 'The last time: tool payOut failed, server error (502).'],
    short: 'Tocsin HIGH: tool payOut fails every time, 5 calls in a row, server error (502), pay-bot',
    shortChinese: '【Tocsin】重要：工具 payOut 持续失败，连续 5 次，服务器错误（502），pay-bot',
  },
  {
    rule: 'call-repeated',
    events: [priced('s-3'), ...times(5, tool('s-3', 'search', 'same'))],
    english: ['[Warning] Same call again and again: search, 5 times in a row, $0.01 so far'],
    chinese: ['【警告】反复发起同一调用：search，连续 5 次，目前 $0.01，refund-bot'],
    says: ['Tool search was called 5 times in a row with the same arguments. The session has cost $0.01 so far.', 'Calls: 6'],
    short: 'Tocsin WARNING: tool search called again and again, 5 times, $0.01 so far, refund-bot',
    shortChinese: '【Tocsin】警告：工具 search 反复调用，5 次，目前 $0.01，refund-bot',
  },
  {
    rule: 'run-away',
    events: times(20, priced('s-4')),
    english: ['[High] Session runs away: refund-bot, 20 calls, 0 ms, $0.20 so far'],
    chinese: ['【重要】会话失控：refund-bot，20 次调用，0 毫秒，目前 $0.20'],
    says: ['It has made 20 calls; the limit is 20. The session has cost $0.20 so far.'],
    short: 'Tocsin HIGH: refund-bot runs away, 20 calls, 0 ms, $0.20 so far',
    shortChinese: '【Tocsin】重要：refund-bot 失控，20 次调用，0 毫秒，目前 $0.20',
  },
  {
    rule: 'run-away in turns',
    events: times(5, tool('s-5', 'read', 'a'), tool('s-5', 'write', 'b')),
    english: ['[High] Session runs away: refund-bot, 10 calls'],
    chinese: ['【重要】会话失控：refund-bot，10 次调用'],
    says: ['It calls read, write in turn, always with the same arguments: 10 calls so far.'],
    short: 'Tocsin HIGH: refund-bot runs away, 10 calls',
    shortChinese: '【Tocsin】重要：refund-bot 失控，10 次调用',
  },
  {
    rule: 'ping-pong',
    events: times(3, ...['triage', 'billing'].map((from, i): SomeEvent => ({ type: 'agent.step', name: 'handoff', sessionId: 's-6', agent: from, detail: { from, to: ['billing', 'triage'][i] ?? '' } }))),
    english: ['[High] Agents hand over back and forth: billing, triage, 6 times'],
    chinese: ['【重要】智能体来回移交：billing, triage，6 次'],
    says: ['billing, triage handed over to each other 6 times, and neither finished.'],
    short: 'Tocsin HIGH: billing, triage hand over back and forth, 6 times',
    shortChinese: '【Tocsin】重要：billing, triage 来回移交，6 次',
  },
  {
    rule: 'approval-waiting',
    events: [{ type: 'approval.request', name: 'refund $900', sessionId: 's-7', agent: 'refund-bot', excerpt: 'order B-2001' }],
    english: ['[High] Approval needed: refund $900, refund-bot'],
    chinese: ['【重要】需要审批：refund $900，refund-bot'],
    says: ['refund-bot waits until somebody approves refund $900.', '“order B-2001”'],
    short: 'Tocsin HIGH: approval needed: refund $900, refund-bot',
    shortChinese: '【Tocsin】重要：需要审批：refund $900，refund-bot',
  },
  {
    rule: 'guardrail-tripped',
    events: [{ type: 'agent.step', name: 'no-refunds', agent: 'refund-bot', detail: { triggered: 'true' } }],
    english: ['[Warning] Guardrail tripped: no-refunds, refund-bot'],
    chinese: ['【警告】触发护栏：no-refunds，refund-bot'],
    says: ['Guardrail no-refunds stopped refund-bot.'],
    short: 'Tocsin WARNING: guardrail no-refunds tripped, refund-bot',
    shortChinese: '【Tocsin】警告：护栏 no-refunds 被触发，refund-bot',
  },
  {
    rule: 'session-failed after answers that were cut',
    events: [
      { ...priced('s-8'), llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', inputTokens: 9, outputTokens: 9, finishReason: 'length' } },
      { type: 'session.end', sessionId: 's-8', agent: 'refund-bot', endState: 'fail', endReason: 'no JSON in the answer' },
    ],
    english: ['[High] Session failed: refund-bot, answer cut short', '[Warning] Answer cut off'],
    chinese: ['【重要】会话失败：refund-bot，回答被截断', '【警告】回答被截断'],
    says: ['The last answer of gpt-5-mini was cut short at its length limit.', 'Reason given: no JSON in the answer'],
    short: 'Tocsin HIGH: refund-bot failed, answer cut short',
    shortChinese: '【Tocsin】重要：refund-bot 失败，回答被截断',
  },
]

let world: World
let provider: ModelProvider

beforeAll(async () => {
  world = await openWorld(yaml)
  provider = await startModelProvider({ script: () => ({ kind: 'ok', text: '', toolCalls: [{ name: 'search', arguments: { query: 'refund policy' } }] }) })
})
afterAll(async () => {
  await provider.close()
  await world.close()
})

test.each(cases)('$rule: told in English and in Chinese, by mail and by text message', (one) => expectHeard(world, one))

test('an agent that a model sends round in circles is told while it runs, and what it came to when it gives up', async () => {
  const events: EventInput[] = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: world.clock, chance: systemChance })
  const client = observe(new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' }), observation)
  const steps = new Steps(observation)
  const answer = async (): Promise<void> => {
    for (let round = 0; round < 6; round += 1) {
      const completion = await client.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'refund?' }], tools: [{ type: 'function', function: { name: 'search', parameters: {} } }] })
      for (const call of completion.choices[0]?.message.tool_calls ?? []) if (call.type === 'function') steps.tool(call.function.name, (_given: string) => 'nothing found', call.function.arguments)
    }
    throw new Error('no answer after 6 rounds')
  }
  await new Sessions(observation).run('answer-ticket', () => answer(), { id: 'loop-1', agent: 'loop-bot' }).catch(() => undefined)
  const heard = await hear(world, events)
  expect(heard.ana).toEqual([
    expect.stringContaining('[High] Session failed: loop-bot, going in circles'),
    expect.stringMatching(/^\[Warning\] Same call again and again: search, [56] times in a row, .* so far$/),
  ])
  expect(heard.text).toContain('It went in circles: tool search was called 6 times in a row with the same arguments.')
  expect(heard.text).toContain('Reason given: no answer after 6 rounds')
  expect(heard.mei[0]).toContain('【重要】会话失败：loop-bot，原地打转')
})

test('an approval that was answered is over, and that is told', async () => {
  const heard = await hear(world, [{ type: 'tool.call', agent: 'refund-bot', sessionId: 's-7', tool: { name: 'refund' } }])
  expect(heard.ana).toEqual([expect.stringContaining('Resolved: Approval needed: refund $900')])
  expect(heard.mei).toEqual([expect.stringContaining('已恢复：需要审批：refund $900')])
})

test('a tool that works again is told to those who heard that it did not', async () => {
  const heard = await hear(world, [tool('s-2', 'payOut', 'order 6', { agent: 'pay-bot' })])
  expect(heard.ana).toEqual([expect.stringContaining('Resolved: Tool fails every time: payOut')])
  expect(heard.mei).toEqual([expect.stringContaining('已恢复：工具持续失败：payOut')])
})

test('an agent in process asks a person: told while it waits, and when it was answered', async () => {
  const events: EventInput[] = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: world.clock, chance: systemChance })
  let say: (isApproved: boolean) => void = () => undefined
  const asking = new Sessions(observation).run('refund', () => askApproval(observation, 'payout of $40', () => new Promise<boolean>((resolve) => (say = resolve))), { id: 'ask-1', agent: 'pay-bot' })
  expect((await hear(world, events.splice(0))).ana).toEqual([expect.stringContaining('[High] Approval needed: payout of $40, pay-bot')])
  say(true)
  expect(await asking).toBe(true)
  expect((await hear(world, events.splice(0))).ana).toEqual([expect.stringContaining('Resolved: Approval needed: payout of $40')])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LlmCall } from '../../packages/core/src/model/event.ts'
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
rules:
  model-slow: { after: 90s }
routes:
  - { name: everything, match: "true", to: [ana, mei], via: [mail, sms] }
delivery: { batchMs: 0 }
`

const call = (llm: Partial<LlmCall>, more: Partial<SomeEvent> = {}): SomeEvent => ({
  type: 'llm.call', agent: 'quote-bot', durationMs: 1_500, ...more,
  llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', inputTokens: 900, outputTokens: 120, answerChars: 400, finishReason: 'stop', ...llm },
})

const cases: readonly Case[] = [
  {
    rule: 'model-slow',
    events: [call({}, { durationMs: 89_000 }), call({}, { durationMs: 200_000 })],
    english: ['[Warning] Slow model call: openai gpt-5-mini, 3 min 20 s (limit 1 min 30 s)'],
    chinese: ['【警告】模型调用缓慢：openai gpt-5-mini，3 分 20 秒（上限 1 分 30 秒），quote-bot'],
    says: ['A call took 3 min 20 s; the limit is 1 min 30 s.'],
    short: 'Tocsin WARNING: openai gpt-5-mini took 3 min 20 s, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 调用耗时 3 分 20 秒，quote-bot',
  },
  {
    rule: 'model-empty',
    events: [call({ answerChars: 0 }), call({ answerChars: 0, finishReason: 'tool-calls' })],
    english: ['[Warning] Empty answer: openai gpt-5-mini, quote-bot'],
    chinese: ['【警告】空回答：openai gpt-5-mini，quote-bot'],
    says: ['The model answered with nothing: no text, and no tool asked for.'],
    short: 'Tocsin WARNING: Empty answer from openai gpt-5-mini, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 回答为空，quote-bot',
  },
  {
    rule: 'model-cut',
    events: [call({ finishReason: 'length', outputTokens: 4_096 }, { excerpt: 'The order was sent on' })],
    english: ['[Warning] Answer cut off: openai gpt-5-mini, 4,096 tokens, quote-bot'],
    chinese: ['【警告】回答被截断：openai gpt-5-mini，4,096 个 token，quote-bot'],
    says: ['The answer ended at its largest length, 4,096 tokens.', '“The order was sent on”'],
    short: 'Tocsin WARNING: openai gpt-5-mini answer cut off, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 回答被截断，quote-bot',
  },
  {
    rule: 'model-refused',
    events: [call({ finishReason: 'content-filter', answerChars: 0 })],
    english: ['[Warning] Answer refused: openai gpt-5-mini, quote-bot'],
    chinese: ['【警告】模型拒绝回答：openai gpt-5-mini，quote-bot'],
    says: ['The model refused, or its answer was filtered; the provider says so.'],
    short: 'Tocsin WARNING: openai gpt-5-mini refused, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 拒绝回答，quote-bot',
  },
  {
    rule: 'model-malformed',
    events: [call({ flaw: 'malformed-tool-call' }, { excerpt: '{"amount": 12' })],
    english: ['[Warning] Unreadable answer: openai gpt-5-mini, quote-bot'],
    chinese: ['【警告】回答无法解析：openai gpt-5-mini，quote-bot'],
    says: ['The model asked for a tool with arguments that are no JSON.', '{"amount": 12'],
    short: 'Tocsin WARNING: Unreadable answer from openai gpt-5-mini, tool arguments, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 的回答无法解析，工具参数，quote-bot',
  },
  {
    rule: 'model-repeating',
    events: [call({ flaw: 'repetition', outputTokens: 900 })],
    english: ['[Warning] Answer goes in circles: openai gpt-5-mini, 900 tokens, quote-bot'],
    chinese: ['【警告】回答陷入重复：openai gpt-5-mini，900 个 token，quote-bot'],
    says: ['The answer says the same words over and over at its end.'],
    short: 'Tocsin WARNING: openai gpt-5-mini answer goes in circles, quote-bot',
    shortChinese: '【Tocsin】警告：openai gpt-5-mini 回答陷入重复，quote-bot',
  },
  {
    rule: 'model-fallback',
    events: [call({ model: 'gpt-5-2025-08-07', requestedModel: 'gpt-5' }), call({ model: 'gpt-5-nano', requestedModel: 'gpt-5' })],
    english: ['[Warning] Another model answered: openai gpt-5-nano, for gpt-5, quote-bot'],
    chinese: ['【警告】由其他模型作答：openai gpt-5-nano，代替 gpt-5，quote-bot'],
    says: ['The program asked for gpt-5, and gpt-5-nano answered.'],
    short: 'Tocsin WARNING: gpt-5-nano answered for gpt-5, quote-bot',
    shortChinese: '【Tocsin】警告：gpt-5-nano 代替 gpt-5 作答，quote-bot',
  },
  {
    rule: 'model-deprecated',
    events: [call({ model: 'gpt-5-nano' }), call({ provider: 'moonshotai', model: 'kimi-k2-thinking' })],
    english: ['[Info] Deprecated model in use: moonshotai kimi-k2-thinking, quote-bot'],
    chinese: ['【提示】正在使用已弃用的模型：moonshotai kimi-k2-thinking，quote-bot'],
    says: ['Its maker has given it up and may switch it off.'],
    short: 'Tocsin INFO: Deprecated model moonshotai kimi-k2-thinking, quote-bot',
    shortChinese: '【Tocsin】提示：已弃用的模型 moonshotai kimi-k2-thinking，quote-bot',
  },
]

let world: World
beforeAll(async () => {
  world = await openWorld(yaml)
})
afterAll(() => world.close())

test.each(cases)('$rule: told in English and in Chinese, by mail and by text message', (one) => expectHeard(world, one))

test('a call that does not come back is told while it hangs, and its end to the same people', async () => {
  const pending = (durationMs: number): SomeEvent => ({ ...call({}), type: 'llm.pending', durationMs, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' }, detail: { pending: 'p-1' } })
  expect((await hear(world, [pending(30_000)])).ana).toEqual([])
  const hung = await hear(world, [pending(60_000)])
  expect([hung.ana, hung.mei]).toEqual([
    [expect.stringContaining('[High] Model call hangs: openai gpt-5, 1 min so far, quote-bot')],
    [expect.stringContaining('【重要】模型调用无响应：openai gpt-5，已等待 1 分，quote-bot')],
  ])
  expect((await hear(world, [pending(120_000)])).ana).toEqual([])
  const back = await hear(world, [call({ model: 'gpt-5' }, { detail: { pending: 'p-1' }, durationMs: 80_000 })])
  expect(back.ana).toEqual([expect.stringContaining('Resolved: Model call hangs: openai gpt-5')])
})

test('an answer that hung and came back in one batch is no news', async () => {
  const pending: SomeEvent = { ...call({}), type: 'llm.pending', durationMs: 70_000, detail: { pending: 'p-2' } }
  expect((await hear(world, [pending, call({}, { detail: { pending: 'p-2' }, durationMs: 75_000 })])).ana).toEqual([])
})

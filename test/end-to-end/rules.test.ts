import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectHeard, hear, type Case } from './hear.ts'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

/** Everybody hears everything, one in English and one in Chinese, by mail and by text message. */
const yaml = `
project: support
defaults: { locale: en, timezone: UTC, environment: production }
channels:${lines}
limits: false
storm: false
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  mei: { role: owner, email: mei@example.com, phone: "+8613800138000", locale: zh-CN, timezone: Asia/Shanghai }
rules:
  model-recorded: { on: true }
  model-expensive: { aboveUsd: 1 }
  session-expensive: { aboveUsd: 3 }
  slow-search: { on: tool.call, when: "event.durationMs > 5000.0 && event.tool == 'search'", severity: high, groupBy: [agent, tags.team] }
budgets:
  day: { amountUsd: 100, period: day, where: "event.tags.team == 'budgeted'", thresholds: [0.5, 0.8, 1] }
routes:
  - { name: everything, match: "true", to: [ana, mei], via: [mail, sms] }
delivery: { batchMs: 0 }
`

const priced = (costUsd: number, more: Partial<SomeEvent> = {}): SomeEvent => ({
  type: 'llm.call', agent: 'quote-bot', durationMs: 1_500, ...more,
  llm: { provider: 'openai', model: 'gpt-5-mini', operation: 'chat', inputTokens: 900, outputTokens: 120, costNanoUsd: Math.round(costUsd * 1e9) },
})
const search = (agent: string, team: string, durationMs: number): SomeEvent => ({ type: 'tool.call', agent, tags: { team }, durationMs, tool: { name: 'search' } })

const cases: readonly Case[] = [
  {
    rule: 'session-started',
    events: [{ type: 'session.start', sessionId: 's-1', name: 'refund', agent: 'refund-bot', detail: { node: 'v24.1.0', gitCommit: 'abcdef1234567', host: 'box-1' } }],
    english: ['[Info] Session started: refund-bot, production, Node v24.1.0'],
    chinese: ['【提示】会话开始：refund-bot，production，Node v24.1.0，提交 abcdef1234，主机 box-1'],
    says: ['Operation: refund', 'Session: s-1', 'Git commit: abcdef1234', 'Host: box-1'],
    short: 'Tocsin INFO: refund-bot started, Node v24.1.0, commit abcdef1234, host box-1',
    shortChinese: '【Tocsin】提示：refund-bot 已开始，Node v24.1.0，提交 abcdef1234，主机 box-1',
  },
  {
    rule: 'session-ended',
    events: [{ type: 'session.end', sessionId: 's-1', name: 'refund', agent: 'refund-bot', endState: 'success', endReason: 'ticket closed' }],
    english: ['[Info] Session ended: refund-bot, success, '],
    chinese: ['【提示】会话结束：refund-bot，成功，'],
    says: ['Reason given: ticket closed', 'End state: success', 'Calls: 0'],
    short: 'Tocsin INFO: refund-bot ended, success, ',
    shortChinese: '【Tocsin】提示：refund-bot 已结束，成功，',
  },
  {
    rule: 'session-failed',
    events: [
      { type: 'tool.call', sessionId: 's-2', agent: 'refund-bot', tool: { name: 'readTicket' } },
      { type: 'tool.call', sessionId: 's-2', agent: 'refund-bot', tool: { name: 'lookUpOrder' }, error: { class: 'server', statusCode: 502, message: 'CRM is down' } },
      { type: 'tool.call', sessionId: 's-2', agent: 'refund-bot', tool: { name: 'apologise' }, error: { class: 'other', message: 'no words' } },
      { type: 'session.end', sessionId: 's-2', agent: 'refund-bot', endState: 'fail', endReason: 'gave up' },
    ],
    english: ['[High] Session failed: refund-bot, tool lookUpOrder: server error, $0', '[Warning] Tool failed: ', '[Warning] Tool failed: '],
    chinese: ['【重要】会话失败：refund-bot，工具 lookUpOrder 服务器错误，$0', '【警告】工具失败：', '【警告】工具失败：'],
    says: ['Stopped at step 2: tool lookUpOrder failed, server error (502). One later step failed too: apologise.', 'Reason given: gave up', '“CRM is down”', 'Calls: 3, 2 failed'],
    short: 'Tocsin HIGH: refund-bot failed at step 2, tool lookUpOrder: server error (502), $0',
    shortChinese: '【Tocsin】重要：refund-bot 在第 2 步失败，工具 lookUpOrder 服务器错误（502），$0',
  },
  {
    rule: 'model-recorded',
    events: [priced(0.02)],
    english: ['[Info] Model call: openai gpt-5-mini, 1.5 s, $0.02'],
    chinese: ['【提示】模型调用：openai gpt-5-mini，1.5 秒，$0.02'],
    says: ['Tokens: 900 in, 120 out', 'Cost: $0.02'],
    short: 'Tocsin INFO: openai gpt-5-mini called, $0.02, quote-bot',
    shortChinese: '【Tocsin】提示：已调用 openai gpt-5-mini，$0.02，quote-bot',
  },
  {
    rule: 'model-recorded where the price is not known',
    events: [{ type: 'llm.call', agent: 'quote-bot', llm: { provider: 'home', model: 'own-1', operation: 'chat' } }],
    english: ['[Warning] Price unknown: home own-1, quote-bot', '[Info] Model call: home own-1, 0 ms, price unknown'],
    chinese: ['【警告】价格未知：home own-1，quote-bot', '【提示】模型调用：home own-1，0 毫秒，价格未知'],
    says: ['Sessions and budgets do not count what it costs. The calls do not say how many tokens they used: report their tokens or their cost.'],
    short: 'Tocsin WARNING: price unknown: home own-1, not counted in budgets, quote-bot',
    shortChinese: '【Tocsin】警告：价格未知：home own-1，未计入预算，quote-bot',
  },
  {
    rule: 'model-failed',
    events: [
      {
        type: 'llm.call', agent: 'quote-bot', error: { class: 'quota', statusCode: 429, code: 'insufficient_quota', message: 'You exceeded your current quota' },
        llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', retries: 2 },
      },
    ],
    english: ['[High] Model call failed: openai gpt-5, quota used up (429), quote-bot'],
    chinese: ['【重要】模型调用失败：openai gpt-5，配额用尽（429），quote-bot'],
    says: ['openai gpt-5 refused, quota used up (429). The client library tried 2 times more, in vain.', '“You exceeded your current quota”'],
    short: 'Tocsin HIGH: openai gpt-5 failed, quota used up (429), quote-bot',
    shortChinese: '【Tocsin】重要：openai gpt-5 调用失败，配额用尽（429），quote-bot',
  },
  {
    rule: 'model-expensive',
    events: [priced(1.5, { agent: 'dear-bot' })],
    english: ['[High] Expensive model call: openai gpt-5-mini, $1.50 (limit $1), dear-bot', '[Info] Model call: openai gpt-5-mini'],
    chinese: ['【重要】模型调用费用过高：openai gpt-5-mini，$1.50（上限 $1），dear-bot', '【提示】模型调用：openai gpt-5-mini'],
    says: ['One call cost $1.50; the limit is $1.'],
    short: 'Tocsin HIGH: openai gpt-5-mini call cost $1.50, limit $1, dear-bot',
    shortChinese: '【Tocsin】重要：openai gpt-5-mini 单次调用花费 $1.50，上限 $1，dear-bot',
  },
  {
    rule: 'session-expensive',
    events: [1, 2, 3, 4].map(() => priced(0.9, { agent: 'long-bot', sessionId: 's-9' })),
    english: ['[High] Session over $3: long-bot, $3.60 so far', ...Array.from({ length: 4 }, () => '[Info] Model call: openai gpt-5-mini')],
    chinese: ['【重要】会话费用超过 $3：long-bot，目前 $3.60', ...Array.from({ length: 4 }, () => '【提示】模型调用：openai gpt-5-mini')],
    says: ['It has cost $3.60 so far; the limit is $3.', 'Calls: 4'],
    short: 'Tocsin HIGH: long-bot over $3, $3.60 so far',
    shortChinese: '【Tocsin】重要：long-bot 费用超过 $3，目前 $3.60',
  },
  {
    rule: 'a rule of the configuration, once for each of its groups',
    events: [search('a-bot', 'red', 6_000), search('a-bot', 'red', 7_000), search('a-bot', 'blue', 8_000), search('a-bot', 'green', 1_000)],
    english: ['[High] Rule slow-search: a-bot, search', '[High] Rule slow-search: a-bot, search'],
    chinese: ['【重要】规则 slow-search：a-bot，search', '【重要】规则 slow-search：a-bot，search'],
    says: ['Tool: search', 'The rule matched tool.call of a-bot.'],
    short: 'Tocsin HIGH: rule slow-search, a-bot, search',
    shortChinese: '【Tocsin】重要：规则 slow-search 命中，a-bot，search',
  },
  {
    rule: 'a message by hand',
    events: [{ type: 'custom', announcement: { title: 'Approval waits', body: 'Refund of $900 for B-2001', severity: 'warning' } }],
    english: ['[Warning] Approval waits'],
    chinese: ['【警告】Approval waits'],
    says: ['Refund of $900 for B-2001'],
    short: 'Tocsin WARNING: Approval waits: Refund of $900 for B-2001',
    shortChinese: '【Tocsin】警告：Approval waits：Refund of $900 for B-2001',
  },
]

let world: World

beforeAll(async () => {
  world = await openWorld(yaml)
})

afterAll(() => world.close())

test.each(cases)('$rule: told in English and in Chinese, by mail and by text message', (one) => expectHeard(world, one))

test('a budget tells each threshold once, and of several crossed together the highest', async () => {
  const spend = async (costUsd: number): Promise<readonly string[]> => {
    const { ana, mei } = await hear(world, [priced(costUsd, { agent: 'team-bot', tags: { team: 'budgeted' } })])
    return [...ana, ...mei].filter((subject) => /Budget|预算/.test(subject))
  }
  expect(await spend(49)).toEqual([])
  expect(await spend(2)).toEqual(['[Warning] Budget day: 50% used, $51 of $100', '【警告】预算 day：已用 50%，$51 / $100'])
  expect(await spend(1)).toEqual([])
  expect(await spend(60)).toEqual(['[Critical] Budget day: 100% used, $112 of $100', '【紧急】预算 day：已用 100%，$112 / $100'])
  expect(await spend(60)).toEqual([])
  const decisions = await world.decisionsOf('budget')
  expect(decisions).toContainEqual(expect.objectContaining({ reason: 'merged.higher_threshold', params: { thresholds: '80%', higher: '100%' } }))
})

test('every mail came over an encrypted connection with a login, in text and in HTML', () => {
  expect(world.mail.mails.length).toBeGreaterThan(20)
  for (const mail of world.mail.mails) {
    expect(mail).toMatchObject({ secure: true, user: 'apikey' })
    expect(mail.parsed.html).toContain('<html')
  }
  expect(world.notices).toEqual([])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

/** One in English who may see all, one in Chinese, and one who pays and may not see who the users are. */
const yaml = `
project: support
channels:${lines}
limits: false
storm: false
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  mei: { role: owner, email: mei@example.com, phone: "+8613800138000", locale: zh-CN, timezone: Asia/Shanghai }
  bo: { role: billing, email: bo@example.com }
rules: { session-started: false, session-expensive: false, model-expensive: false }
budgets:
  even: { amountUsd: 24, where: "event.agent == 'even'", thresholds: [1] }
  fast: { amountUsd: 100, where: "event.agent == 'fast'", thresholds: [1], forecast: false }
  window: { amountUsd: 10, rolling: 24h, where: "event.agent == 'window'", groupBy: [user], thresholds: [0.5] }
  sample: { amountUsd: 10, where: "event.agent == 'sample'", thresholds: [0.5] }
routes:
  - { name: everything, match: "true", to: [ana, mei, bo], via: [mail, sms] }
delivery: { batchMs: 0 }
`

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const midnightMs = Date.UTC(2026, 10, 22)
const nowMs = midnightMs + 6 * hourMs

let count = 0
const call = (agent: string, atMs: number, costUsd: number, more: Partial<SomeEvent> = {}, llm: Partial<NonNullable<SomeEvent['llm']>> = {}): SomeEvent => ({
  id: `call-${(count += 1)}`, atMs, type: 'llm.call', agent, ...more,
  llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', inputTokens: 10_000, outputTokens: 10, costNanoUsd: Math.round(costUsd * 1e9), ...llm },
})

let world: World
beforeAll(async () => {
  world = await openWorld(yaml, nowMs)
}, 30_000)
afterAll(() => world.close())

/** What each of them heard last, and the last text messages. */
function heard(): { readonly english: string; readonly chinese: string; readonly billing: string; readonly short: readonly string[] } {
  const last = (name: string): string => {
    const mail = world.mailsTo(name).at(-1)
    return mail === undefined ? '' : `${mail.parsed.subject ?? ""}\n${mail.parsed.text ?? ""}`
  }
  return { english: last('ana'), chinese: last('mei'), billing: last('bo'), short: world.sms.messages.slice(-2).map(({ body }) => body) }
}

test('a forecast says when the amount is used up, and what the day comes to', async () => {
  await world.happen(...Array.from({ length: 24 }, (_, index) => call('even', midnightMs + (index + 1) * 15 * minuteMs - 1_000, 0.5)))
  const { english, chinese, short } = heard()
  expect(english).toContain('[Warning] Budget even: over on 22 Nov 12:15:00 at this pace, $12 of $24')
  expect(english).toMatch(/Spent \$12 of \$24 so far this day\. At this pace it is used up on 22 Nov 2026, 12:15:00 UTC, and the day ends near \$46\.\d\d\./)
  expect(chinese).toMatch(/按当前速度将于 2026 年 11 月 22 日 20:15:00 GMT\+8 用尽，本日结束时约为 \$46\.\d\d。/)
  expect(short[0]).toContain('Tocsin WARNING: budget even over on 22 Nov 12:15:00 at this pace, $12 of $24, end near $46')
  expect(await world.store.read.alerts()).toHaveLength(1)
})

test('velocity says how long the amount lasts, and when it is over', async () => {
  await world.happen(...Array.from({ length: 24 }, (_, index) => call('fast', nowMs - 6 * minuteMs + index * 15_000, 0.75)))
  expect(heard().english).toMatch(/\[High\] Budget fast: used up in \d+ min[^,]*, \$[\d.]+ a minute/)
  expect(heard().english).toMatch(/At \$[23]\.?\d* a minute the budget is used up in 2\d min/)
  expect(heard().chinese).toMatch(/按每分钟 \$[23]\.?\d* 计，预算将在 2\d 分[^，]*后用尽。/)
  await world.moveOn(11 * minuteMs)
  expect(heard().english).toContain('Resolved: Budget fast')
})

test('a rolling budget says over what time, and not whose it is to those who may not see users', async () => {
  await world.happen(call('window', nowMs, 0.9, { user: 'dr-who' }), ...Array.from({ length: 5 }, () => call('window', nowMs, 0.9, { user: 'dr-who' })))
  const { english, chinese, billing } = heard()
  expect(english).toContain('[Warning] Budget window (dr-who): 50% used, $5.40 of $10')
  expect(english).toContain('Spent $5.40 of $10 in the last 1 d; $4.60 left.')
  expect(chinese).toContain('最近 1 天内已花费 $5.40，预算 $10，剩余 $4.60。')
  expect(billing).toContain('[Warning] Budget window: 50% used')
  expect(billing).not.toContain('dr-who')
})

test('a sum over a sample is at least so much', async () => {
  await world.happen(...Array.from({ length: 6 }, () => call('sample', nowMs, 0.9, { tags: { 'tocsin.sampled': '0.1' } })))
  expect(heard().english).toContain('at least $5.40 of $10')
  expect(heard().english).toContain('Only a sample of the calls is known: what was spent is at least this.')
  expect(heard().chinese).toContain('至少 $5.40 / $10')
})

test('a cache that is not hit any more says what it was, what it is and what that costs', async () => {
  await world.happen(...Array.from({ length: 20 }, (_, index) => call('cached', midnightMs + index * 15 * minuteMs, 0.001, {}, { cacheReadTokens: 8_000 })))
  await world.happen(...Array.from({ length: 12 }, (_, index) => call('cached', nowMs + index * minuteMs, 0.001, {}, { cacheReadTokens: 0 })))
  expect(heard().english).toContain('[Warning] Cache hits fell: openai gpt-5, 0%, usually 80%, cached')
  expect(heard().english).toMatch(/That cost \$0\.1\d* more than usual\./)
  expect(heard().chinese).toContain('最近 30 分内有 0% 的输入来自缓存，通常为 80%。')
})

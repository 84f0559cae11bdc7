import { afterAll, beforeAll, expect, test } from 'vitest'
import { lines, openWorld, type SomeEvent, type World } from './world.ts'

const yaml = `
project: support
defaults: { locale: en, timezone: UTC }
channels:${lines}
limits: false
storm: false
people:
  ana: { role: admin, email: ana@example.com, phone: "+14155550101" }
  mei: { role: viewer, email: mei@example.com, locale: zh-CN, timezone: Asia/Shanghai }
rules:
  model-slow: false
  model-failed: false
  slow-p95: { on: llm.call, measure: p95(durationMs), above: 8000, for: 5m, window: 15m, groupBy: [model], severity: warning }
  failing: { on: tool.call, measure: "share(event.status == 'error')", above: 0.5, window: 5m, groupBy: [tool], severity: high }
  spent: { on: llm.call, when: "event.agent == 'dear-bot'", measure: sum(costUsd), above: 2, window: 1h, kind: model }
  heartbeat: { on: custom, when: "event.name == 'beat'", absent: 10m, severity: high }
routes:
  - { name: everything, match: "alert.rule in ['slow-p95', 'failing', 'spent', 'heartbeat']", to: [ana, mei], via: [mail, sms] }
delivery: { batchMs: 0 }
`

const minuteMs = 60_000
let world: World
beforeAll(async () => {
  world = await openWorld(yaml)
})
afterAll(() => world.close())

const slowCall = (model: string): SomeEvent => ({ type: 'llm.call', agent: 'quote-bot', durationMs: 9_200, llm: { provider: 'openai', model, operation: 'chat' } })
const subjects = (name: string): readonly string[] => world.mailsTo(name).map(({ parsed }) => parsed.subject ?? '')

async function pass(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) await world.moveOn(minuteMs)
}

test('a percentile that stays above its threshold is told, in both languages, and so is its end', async () => {
  await world.happen({ type: 'custom', name: 'beat' }, ...Array.from({ length: 20 }, () => slowCall('gpt-5')))
  await pass(4)
  expect(subjects('ana')).toEqual([])
  await pass(4)
  expect(subjects('ana')).toEqual(['[Warning] Rule slow-p95: 9.2 s, above 8 s, gpt-5'])
  expect(subjects('mei')).toEqual(['【警告】规则 slow-p95：9.2 秒，高于 8 秒，gpt-5'])
  const text = world.mailsTo('ana')[0]?.parsed.text ?? ''
  for (const line of ['p95(durationMs) over 15 min is 9.2 s, above 8 s.', 'Model: gpt-5', 'Threshold: above 8 s', 'Window: 15 min', 'Samples: 20', 'Since: ']) expect(text).toContain(line)
  expect(world.mailsTo('mei')[0]?.parsed.text).toContain('15 分内 p95(durationMs) 为 9.2 秒，高于 8 秒。')
  expect(world.sms.messages[0]?.body).toContain('Tocsin WARNING: rule slow-p95: 9.2 s, above 8 s, gpt-5')
  await pass(4)
  expect(subjects('ana')).toContain('[High] Rule heartbeat: nothing for 10 min')
  await pass(8)
  // That nothing came since does not mean that it is over.
  expect(subjects('ana')).toHaveLength(2)
  await world.happen(...Array.from({ length: 20 }, () => ({ ...slowCall('gpt-5'), durationMs: 800 })))
  await pass(3)
  expect(subjects('ana')).toContain('Resolved: Rule slow-p95: 9.2 s, above 8 s, gpt-5')
})

test('silence is over when something comes', async () => {
  await world.happen({ type: 'custom', name: 'beat' })
  expect(subjects('ana')).toContain('Resolved: Rule heartbeat: nothing for 10 min')
  const mail = world.mailsTo('ana').find(({ parsed }) => parsed.subject === '[High] Rule heartbeat: nothing for 10 min')
  expect(mail?.parsed.text).toContain('No custom came for 10 min.')
})

test('a share is told with the commit that passes it', async () => {
  const failed: SomeEvent = { type: 'tool.call', agent: 'a-bot', tool: { name: 'search' }, status: 'error', error: { class: 'server', message: 'down' } }
  await world.happen(...Array.from({ length: 8 }, () => failed), ...Array.from({ length: 4 }, (): SomeEvent => ({ type: 'tool.call', agent: 'a-bot', tool: { name: 'search' } })))
  expect(subjects('ana')).toContain('[High] Rule failing: 66.7%, above 50%, search')
})

test('an amount is for those who may see money', async () => {
  const dear: SomeEvent = { ...slowCall('gpt-5'), agent: 'dear-bot', durationMs: 10, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 1_250_000_000 } }
  await world.happen(dear, dear)
  expect(subjects('ana')).toContain('[Warning] Rule spent: $2.50, above $2')
  expect(subjects('mei')).toContain('【警告】规则 spent')
  const mail = world.mailsTo('mei').find(({ parsed }) => parsed.subject === '【警告】规则 spent')
  expect(mail?.parsed.text).not.toContain('$')
})

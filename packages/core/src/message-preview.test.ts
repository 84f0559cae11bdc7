import { expect, test } from 'vitest'
import { messageOf, previewMessage, type PreviewAsk } from './message-preview.ts'
import { openChannels } from './channels/registry.ts'
import { configurationFrom } from './configuration.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { messages } from './model/message.ts'

const config = configurationFrom({
  project: 'bots', people: { bill: { role: 'billing', email: 'bill@example.com' } },
  channels: { mail: { type: 'email', url: 'smtps://u:p@mail.example.com', from: 'tocsin@example.com' } },
  rules: { slow: { on: 'llm.call', measure: 'p95(durationMs)', above: 8_000, window: '15m' }, quiet: { on: 'session.end', absent: '1h' }, odd: { on: 'llm.call', anomaly: 'count' }, big: { on: 'llm.call', when: 'event.costUsd > 1' } },
  budgets: { month: { amountUsd: 500, period: 'month' } },
})
const preview = (ask: Partial<PreviewAsk>) => previewMessage({ config, channels: openChannels(config.channels), redact: (text) => text, linkSettings: { publicUrl: 'https://tocsin.example.com' }, nowMs: Date.parse('2026-11-23T10:00:00Z') }, {
  of: { message: 'session.failed' }, by: { channel: 'mail' }, news: 'firing', reader: { person: 'dana', role: 'admin', locale: 'en', timezone: 'UTC' }, ...ask,
})

test('every rule says one of the messages', () => {
  expect(builtInRuleNames.filter((rule) => messageOf(config, rule) === undefined)).toEqual([])
  expect(['slow', 'quiet', 'odd', 'big', 'month', 'nothing'].map((name) => messageOf(config, name))).toEqual(['rule.threshold', 'rule.absent', 'rule.anomaly', 'rule.matched', 'budget.crossed', undefined])
})

test('every message has likely values, so that each is written whole, in every language and form', () => {
  const wrong: string[] = []
  for (const message of [...(Object.keys(messages) as (keyof typeof messages)[]), 'batch' as const]) {
    if (message.startsWith('report.')) continue
    for (const locale of ['en', 'zh-CN']) {
      for (const type of ['email', 'sms', 'slack', 'inbox']) {
        const seen = preview({ of: { message }, by: { type }, reader: { person: 'dana', role: 'admin', locale, timezone: 'UTC' } })
        if (seen.faults.length > 0 || seen.message.text === '' || /undefined|NaN|\{\w+\}/.test(seen.message.text)) wrong.push(`${message} ${locale} ${type}: ${seen.message.text} ${seen.faults.join()}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

test('who may not see a part gets a preview without it, and is told that such news is not for them', () => {
  const { message, isForThem } = preview({ reader: { person: 'bill', role: 'billing', locale: 'en', timezone: 'UTC' } })
  expect([isForThem, message.text.includes('exceeded your current quota')]).toEqual([false, false])
  expect(preview({}).message.html).toContain('exceeded your current quota')
})

test('a draft of a template is written in place of what the product says, and one that fails says so', () => {
  expect(preview({ templates: { 'session.failed': { subject: { text: 'Help: {{ alert.agent }}' } } } }).message.subject).toBe('Help: refund-bot')
  const failing = preview({ templates: { 'session.failed': { subject: { text: '{% for a in (1..100000000) %}x{% endfor %}' } } } })
  expect(failing.faults.length).toBeGreaterThan(0)
  expect(failing.message.subject).toContain('refund-bot')
})

test('a type without a channel is shown as it is by default, and one that is none is refused', () => {
  expect(preview({ by: { type: 'sms' } }).message).toMatchObject({ shape: 'short', segments: { encoding: 'GSM-7', count: 1 } })
  expect(() => preview({ by: { type: 'pigeon' } })).toThrow(/pigeon/)
})

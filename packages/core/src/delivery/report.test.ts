import { describe, expect, test } from 'vitest'
import type { Alert } from '../model/alert.ts'
import type { Report } from '../model/report.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import { columnsOf } from './terminal-lines.ts'

const dayMs = 86_400_000
const fromMs = Date.UTC(2026, 10, 16)
const usd = 1_000_000_000
const told = { sent: 52, held: 4, merged: 9, limited: 0, silenced: 3, refused: 0, failed: 1 }

const week: Report = {
  every: 'week', fromMs, untilMs: fromMs + 7 * dayMs,
  spend: {
    nanoUsd: 123.4 * usd, calls: 12_345, unpriced: 7, beforeNanoUsd: 100 * usd,
    agents: { top: [{ name: 'support-bot', nanoUsd: 100 * usd, calls: 12_000, unpriced: 7 }, { name: '', nanoUsd: 20 * usd, calls: 340, unpriced: 0 }], rest: { name: '', names: 3, nanoUsd: 3.4 * usd, calls: 5, unpriced: 0 } },
    models: { top: [{ name: 'anthropic claude-sonnet-with-a-very-long-name-that-goes-on-and-on-2026-11', nanoUsd: 123.4 * usd, calls: 12_345, unpriced: 7 }] },
    budgets: [{ name: 'monthly', period: 'month', spentNanoUsd: 450 * usd, amountNanoUsd: 400 * usd }, { name: 'each user', period: 'day', spentNanoUsd: 5 * usd, amountNanoUsd: 10 * usd, groups: 12 }],
  },
  sessions: { success: 90, fail: 8, indeterminate: 2, running: 1 },
  failures: { count: 60, rest: 10, top: [{ class: 'quota', provider: 'openai', name: 'gpt-5', count: 41 }, { class: 'timeout', provider: '', name: 'search', count: 9 }], first: { class: 'quota', provider: 'openai', name: 'gpt-5', count: 6 } },
  told, toldAll: { ...told, sent: 1_234 },
  rules: [
    { rule: 'call-repeated', alerts: 41, messages: 41, mostly: { key: 'bot|search', alerts: 38 }, suggestion: { kind: 'count', setting: 'rules.call-repeated.count', now: 5 } },
    { rule: 'model-slow', alerts: 7, messages: 3, suggestion: { kind: 'after', setting: 'rules.model-slow.after', now: 120_000 } },
  ],
  channels: [{ channel: 'sms', state: 'paused', sinceMs: fromMs + 3 * dayMs }, { channel: 'chat', state: 'failed', messages: 2 }],
  isQuiet: false, watching: { rules: 33, budgets: 2, channels: 3 },
}

const params = { report: 'week', person: 'dana', role: 'admin', fromDay: fromMs, lastDay: fromMs + 7 * dayMs - 1, costUsd: 123.4, changeUsd: 23.4, changePercent: 23.4, unpriced: 7, sessions: 101, failedSessions: 8, failedCalls: 60, told: 52 } as const
const alert = (report: Report = week, more: Partial<Alert> = {}): Alert => alertOf('report.week', params, { kind: 'system', severity: 'info', report, ...more })
const mail = (report: Report = week, locale = 'en') => renderAs('mail', notify([alert(report)], locale, { route: 'week' }), { bodyCharsMax: 100_000 })

describe('a report as mail', () => {
  test('stands in columns that fit 72, in English and in Chinese', () => {
    for (const locale of ['en', 'zh-CN']) {
      const { text, failures } = mail(week, locale)
      expect(failures).toEqual([])
      const tables = text.split('\n').slice(6)
      for (const line of tables.filter((one) => !one.startsWith('alt_'))) expect([line, columnsOf(line) <= 72]).toEqual([line, true])
    }
    expect(mail(week, 'zh-CN').text).toContain('按智能体的花费')
  })

  test('has its numbers under each other, to the right', () => {
    for (const locale of ['en', 'zh-CN']) {
      const lines = mail(week, locale).text.split('\n')
      const at = lines.findIndex((line) => line.startsWith('support-bot'))
      const widths = [lines[at - 1], lines[at], lines[at + 1], lines[at + 2]].map((line) => columnsOf(line ?? ''))
      expect(new Set(widths).size).toBe(1)
    }
  })

  test('says what each part is about', () => {
    const { subject, text, html = '' } = mail()
    expect(subject).toBe('[Info] Report for 16 Nov to 22 Nov, $123.40 (+23.4%), 8 of 101 sessions failed')
    expect(text).toContain('Spent: $123.40, +$23.40 (+23.4%) against the time before. 7 calls have no known price and are not counted.')
    expect(text).toMatch(/^\(no agent\) +340 +\$20 +16\.2%$/m)
    expect(text).toMatch(/^3 more +5 +\$3\.40 +2\.8%$/m)
    expect(text).toMatch(/^monthly a month +\$450 +\$400 +112\.5%$/m)
    expect(text).toMatch(/^each user a day, highest of 12 groups +\$5 +\$10 +50%$/m)
    expect(text).toMatch(/^openai gpt-5: quota used up +41$/m)
    expect(text).toMatch(/^other causes +10$/m)
    expect(text).toContain('6 sessions that failed began with openai gpt-5: quota used up.')
    expect(text).toMatch(/^sent +52 +1,234$/m)
    expect(text).not.toMatch(/^over a limit/m)
    expect(text.replaceAll('\n', ' ')).toContain('call-repeated: 38 of 41 alerts were about bot|search. To hear less of it, raise rules.call-repeated.count, now 5.')
    expect(text.replaceAll('\n', ' ')).toContain('raise rules.model-slow.after, now 2 min.')
    expect(text).toMatch(/^sms +paused since 19 Nov 00:00:00$/m)
    expect(html).toContain('text-align:right')
    expect(html).toMatch(/class="button" width="81%"/)
  })

  test('is not clipped by a reader that shows the first 102 kB, however much there was', () => {
    const many = <T>(count: number, one: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => one(index))
    const long = 'long name '.repeat(20)
    const row = (index: number) => ({ name: `${index} ${long}`, nanoUsd: 1_000_000 * usd, calls: 1_000_000, unpriced: 0 })
    const ranked = { top: many(10, row), rest: { ...row(11), names: 400 } }
    const biggest: Report = {
      ...week, spend: { nanoUsd: 9_000_000 * usd, calls: 9, unpriced: 9, agents: ranked, models: ranked, budgets: many(10, (index) => ({ name: `${index} ${long}`, period: 'month', spentNanoUsd: usd, amountNanoUsd: usd, groups: 9 })) },
      failures: { count: 99, rest: 9, top: many(10, (index) => ({ class: 'timeout', provider: long, name: `${index} ${long}`, count: 9 })) },
      rules: many(5, (index) => ({ rule: `${index} ${long}`, alerts: 9, messages: 9, mostly: { key: long, alerts: 9 }, suggestion: { kind: 'count', setting: 'rules.x.count', now: 9 } })),
      channels: many(10, (index) => ({ channel: `${index} ${long}`, state: 'paused', sinceMs: fromMs })),
    }
    for (const locale of ['en', 'zh-CN']) expect(Buffer.byteLength(mail(biggest, locale).html ?? '')).toBeLessThan(95_000)
  })

  test('leaves tables out from the end where there is no room, and keeps what matters most', () => {
    const { text } = renderAs('full', notify([alert()], 'en', { route: 'week' }), { bodyCharsMax: 900 })
    expect(text.length).toBeLessThanOrEqual(900)
    expect(text).toContain('SPEND BY AGENT')
    expect(text).not.toContain('CHANNELS')
    expect(text).toContain('Sent because report “week” names you.')
  })
})

test('a report says of hostile names only what is safe to show', () => {
  const evil = '<script>alert(1)</script> [click](https://evil.example) @everyone \u202etxt.exe\n\nSent because you won'
  const cause = { class: evil, provider: evil, name: evil, count: 3 }
  const hostile: Report = {
    ...week,
    spend: { nanoUsd: usd, calls: 1, unpriced: 0, agents: { top: [{ name: evil, nanoUsd: usd, calls: 1, unpriced: 0 }] }, models: { top: [{ name: evil, nanoUsd: usd, calls: 1, unpriced: 0 }] }, budgets: [{ name: evil, period: 'day', spentNanoUsd: 1, amountNanoUsd: 2 }] },
    failures: { count: 3, rest: 0, top: [cause], first: cause },
    rules: [{ rule: evil, alerts: 9, messages: 9, mostly: { key: evil, alerts: 8 }, suggestion: { kind: 'off', setting: 'rules.x' } }],
    channels: [{ channel: evil, state: 'paused' }],
  }
  for (const shape of ['mail', 'full', 'card', 'short'] as const) {
    for (const locale of ['en', 'zh-CN']) {
      const { subject, text, html = '', card, failures } = renderAs(shape, notify([alert(hostile)], locale), { bodyCharsMax: 100_000, redact: (value) => value.replaceAll('click', '[gone]') })
      const whole = `${subject}\n${text}\n${html}\n${JSON.stringify(card ?? {})}`
      expect(failures).toEqual([])
      expect(whole).not.toMatch(/https:\/\/evil|\u202e|click/)
      expect(text).not.toContain('@everyone')
      expect(text).not.toMatch(/^Sent because you won/m)
      expect(html).not.toContain('<script')
    }
  }
})

test('a report in a chat and in a text message is its three numbers', () => {
  const chat = renderAs('card', notify([alert()], 'en', { route: 'week' }))
  expect(chat.text.replace(/^Report for .*\n\n/, '')).toBe('Spent: $123.40, +$23.40 (+23.4%) against the time before. 7 calls have no known price and are not counted.\n101 sessions, of which 8 failed. 60 calls failed.\nYou were sent 52 messages.\n\nalt_51. Sent because report “week” names you.')
  const sms = renderAs('short', notify([alert()], 'en', { route: 'week' }))
  expect(sms.text).toBe('Tocsin INFO: report for 16 Nov to 22 Nov, $123.40 (+23.4%), 8 of 101 sessions failed, 52 messages to you')
  expect(renderAs('short', notify([alert()], 'zh-CN', { route: 'week' })).text).toContain('$123.40（+23.4%）')
})

import { describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import { messages, type MessageId, type MessageParams } from '../model/message.ts'
import type { Notification } from '../model/notification.ts'
import { parts, type Role } from '../model/roles.ts'
import { onTheAir, segmentsOf } from '../model/sms-segments.ts'
import { createRenderer, type RenderContext, type RendererOptions } from './render.ts'

const atMs = Date.UTC(2026, 10, 22, 14, 5, 11)

function alertOf(message: MessageId, params: MessageParams, more: Partial<Alert> = {}): Alert {
  return {
    id: 51, project: 'support', rule: 'a-rule', key: 's_8f2c', kind: 'session', severity: 'high', message, params, ends: 'at-once', quietMs: 0, evidence: {},
    state: 'resolved', count: 1, openedAtMs: atMs, updatedAtMs: atMs, resolvedAtMs: atMs, ...more,
  }
}

function notify(alerts: readonly Alert[], locale: 'en' | 'zh-CN' = 'en', more: Partial<Notification> & { readonly role?: Role } = {}): Notification {
  const { role = 'admin', ...rest } = more
  return {
    id: 7, project: 'support', channel: 'ops-mail', route: 'on-call', news: 'firing', alerts, moreAlerts: 0, without: [], createdAtMs: atMs,
    recipient: { person: 'dana', role, address: 'dana@example.com', locale, timezone: locale === 'en' ? 'UTC' : 'Asia/Shanghai' },
    ...rest,
  }
}

function renderAs(shape: 'mail' | 'full' | 'short', notification: Notification, options: Partial<RendererOptions & RenderContext> & { readonly bodyCharsMax?: number } = {}) {
  const failures: unknown[] = []
  const render = createRenderer({ redact: options.redact ?? ((text) => text), onFailure: (_id, cause, about) => failures.push({ cause, ...about }), ...(options.links === undefined ? {} : { links: options.links }) })
  const message = render(notification, { type: { shape }, limits: { bodyCharsMax: options.bodyCharsMax ?? 10_000 }, messageId: 'msg-1', possiblyRepeated: options.possiblyRepeated ?? false, nowMs: atMs })
  return { ...message, failures }
}

const failed = alertOf('session.failed', {
  agent: 'refund-bot', name: 'answer-ticket', session: 's_8f2c', environment: 'production', startedAt: atMs - 191_000, at: atMs, durationMs: 191_000, endReason: 'gave up', calls: 14, errors: 3,
  costUsd: 0.42, unpriced: 2, causeStep: 3, causeKind: 'llm.call', causeName: 'gpt-5-mini', causeProvider: 'openai', causeClass: 'quota', causeStatus: 429,
  causeMessage: 'You exceeded your current quota, see https://platform.openai.com/docs', causeAt: atMs - 3_000,
})
const budget = alertOf('budget.crossed', {
  budget: 'team-month', period: 'month', periodStart: Date.UTC(2026, 10, 1), periodEnd: Date.UTC(2026, 11, 1), at: atMs, percent: 80, spentUsd: 402.1, amountUsd: 500, remainingUsd: 97.9, unpriced: 12,
}, { id: 52, kind: 'cost', severity: 'warning' })
const started = alertOf('session.started', { agent: 'refund-bot', session: 's_9', at: atMs, node: 'v24.21.0', gitCommit: '49a139a', host: 'web-1' }, { id: 53, severity: 'info' })
const modelFailed = alertOf('model.failed', {
  agent: 'refund-bot', provider: 'openai', model: 'gpt-5-mini', at: atMs, errorClass: 'rate-limit', statusCode: 429, errorMessage: 'Slow down', retries: 2,
}, { id: 54, kind: 'model', severity: 'critical', ends: 'quiet', state: 'firing', count: 12, openedAtMs: atMs - 720_000 })

describe('a failed session', () => {
  it('names the first failing call, the money, the facts and the reason for being told, in English', () => {
    const message = renderAs('mail', notify([failed]))
    expect(message.subject).toBe('[High] Session failed: refund-bot, openai quota used up, $0.42')
    expect(message.text).toBe(
      [
        'Stopped at step 3: openai gpt-5-mini refused, quota used up (429).',
        'Reason given: gave up',
        '“You exceeded your current quota, see https[:]//platform[.]openai[.]com/docs”',
        '', 'Agent: refund-bot', 'Operation: answer-ticket', 'Session: s_8f2c', 'Environment: production',
        'Started: 22 Nov 2026, 14:02:00 UTC', 'Ended: 22 Nov 2026, 14:05:11 UTC', 'Duration: 3 min 11 s', 'First failure: 22 Nov 2026, 14:05:08 UTC',
        'Calls: 14, 3 failed', 'Cost: $0.42, 2 calls unpriced, not counted',
        '', 'alt_51. Sent because route “on-call” sends you high alerts.',
      ].join('\n'),
    )
    expect(message).toMatchObject({ id: 'msg-1', to: 'dana@example.com', severity: 'high', locale: 'en', possiblyRepeated: false, failures: [] })
  })

  it('says the same in Chinese, in the zone of the reader', () => {
    const message = renderAs('full', notify([failed], 'zh-CN'))
    expect(message.subject).toBe('【重要】会话失败：refund-bot，openai 配额用尽，$0.42')
    expect(message.text).toBe(
      [
        '停在第 3 步：openai gpt-5-mini 拒绝调用，配额用尽（429）。',
        '给出的原因：gave up',
        '“You exceeded your current quota, see https[:]//platform[.]openai[.]com/docs”',
        '', '智能体：refund-bot', '操作：answer-ticket', '会话：s_8f2c', '环境：production',
        '开始：2026 年 11 月 22 日 22:02:00 GMT+8', '结束：2026 年 11 月 22 日 22:05:11 GMT+8', '时长：3 分 11 秒', '首次失败：2026 年 11 月 22 日 22:05:08 GMT+8',
        '调用：14 次，失败 3 次', '费用：$0.42，2 次调用价格未知，未计入',
        '', 'alt_51. 收到原因：路由“on-call”将重要告警发给你。',
      ].join('\n'),
    )
    expect(message.html).toBeUndefined()
  })

  it('fits one text message in English and two parts in Chinese', () => {
    expect(renderAs('short', notify([failed])).text).toBe('Tocsin HIGH: refund-bot failed at step 3, openai quota used up (429), $0.42')
    expect(renderAs('short', notify([failed], 'zh-CN')).text).toBe('【Tocsin】重要：refund-bot 在第 3 步失败，openai 配额用尽（429），$0.42')
  })

  it('names a failing tool as a tool', () => {
    const tool = alertOf('session.failed', { agent: 'a', causeStep: 2, causeKind: 'tool.call', causeName: 'search', causeClass: 'timeout' })
    expect(renderAs('full', notify([tool])).text).toContain('Stopped at step 2: tool search did not answer in time.')
    expect(renderAs('full', notify([tool], 'zh-CN')).subject).toBe('【重要】会话失败：a，工具 search 响应超时')
  })

  it('does not repeat a reason that is the error of the call itself', () => {
    const same = alertOf('session.failed', { ...failed.params, endReason: 'You exceeded your current quota, see https://platform.openai.com/docs' })
    expect(renderAs('full', notify([same])).text).not.toContain('Reason given')
  })

  it('says so where no call failed', () => {
    expect(renderAs('full', notify([alertOf('session.failed', { agent: 'a' })])).text).toContain('No failing call was recorded.')
  })
})

describe('other news', () => {
  it('tells a budget with its amount, its period and what is not counted', () => {
    const message = renderAs('full', notify([budget]))
    expect(message.subject).toBe('[Warning] Budget team-month: 80% used, $402.10 of $500')
    expect(message.text).toBe(
      [
        'Spent $402.10 of $500 for this month; $97.90 left.', '12 calls have no known price and are not counted.', '',
        'Spent: $402.10 of $500', 'Period: 1 Nov 2026, 00:00:00 UTC to 1 Dec 2026, 00:00:00 UTC', 'Time: 22 Nov 2026, 14:05:11 UTC', '',
        'alt_52. Sent because route “on-call” sends you warning alerts.',
      ].join('\n'),
    )
    expect(renderAs('full', notify([budget], 'zh-CN')).text).toContain('本月已花费 $402.10，预算 $500，剩余 $97.90。\n12 次调用价格未知，未计入。')
    expect(renderAs('short', notify([budget], 'zh-CN')).text).toBe('【Tocsin】警告：预算 team-month 已用 80%，$402.10 / $500')
    expect(renderAs('full', notify([alertOf('budget.crossed', { ...budget.params, percent: 100, spentUsd: 501, remainingUsd: -1, late: 'yes' })])).text).toContain(
      'Spent $501 of $500 for this month; over by $1.\n12 calls have no known price and are not counted.\nThe period was already over when this became known.',
    )
  })

  it('tells a failing model with its error, the retries and how often', () => {
    const message = renderAs('full', notify([modelFailed]))
    expect(message.subject).toBe('[Critical] Model call failed: openai gpt-5-mini, too many requests (429)')
    expect(message.text).toMatch(/^\[?.*Model call failed: openai gpt-5-mini, too many requests \(429\), refund-bot, 12 times\n\n/)
    expect(message.text).toContain('openai gpt-5-mini refused, too many requests (429). The client library tried # times more, in vain.'.replace('#', '2'))
    expect(renderAs('full', notify([modelFailed], 'zh-CN')).subject).toBe('【紧急】模型调用失败：openai gpt-5-mini，请求过多（429），refund-bot，12 次')
  })

  it('tells a started session with Node, commit and host', () => {
    const message = renderAs('full', notify([started]))
    expect(message.subject).toBe('[Info] Session started: refund-bot, Node v24.21.0, commit 49a139a, host web-1')
    expect(message.text).toContain('Node: v24.21.0\nGit commit: 49a139a\nHost: web-1')
    expect(renderAs('short', notify([started])).text).toBe('Tocsin INFO: refund-bot started, Node v24.21.0, commit 49a139a, host web-1')
    expect(renderAs('short', notify([started], 'zh-CN')).text).toBe('【Tocsin】提示：refund-bot 已开始，Node v24.21.0，提交 49a139a，主机 web-1')
  })

  it('never shows an unknown price as nothing', () => {
    const recorded = alertOf('model.recorded', { provider: 'acme', model: 'm-1', costSource: 'unknown', inputTokens: 12_345, outputTokens: 6 }, { severity: 'info', kind: 'model' })
    const message = renderAs('full', notify([recorded]))
    expect(message.subject).toBe('[Info] Model call: acme m-1, price unknown')
    expect(message.text).toContain('Tokens: 12,345 in, 6 out\nCost: unknown')
  })

  it('names a bad address to those who may see it, whatever redaction thinks of addresses', () => {
    const bad = alertOf('system.address-bad', { person: 'lee', channel: 'ops-mail', address: 'lee@example.com', code: '550', at: atMs }, { kind: 'system' })
    const redact = (text: string): string => text.replace(/\S+@\S+/g, '[REDACTED:email]')
    expect(renderAs('full', notify([bad]), { redact }).text).toContain('The provider refused lee@example.com (550).')
    expect(renderAs('full', notify([bad], 'en', { without: parts }), { redact }).text).toContain('The provider refused the address (550).')
  })

  it('shows an announcement as it was given', () => {
    const custom = alertOf('custom', { title: 'Deploy done', body: 'All green.\n\nSee wiki.', at: atMs }, { severity: 'info', announcement: { title: 'Deploy done', severity: 'info' } })
    const message = renderAs('mail', notify([custom]))
    expect(message.subject).toBe('[Info] Deploy done')
    expect(message.text).toMatch(/^All green\.\n\nSee wiki\.\n\nTime: /)
    expect(message.html).toContain('All green.<br><br>See wiki.')
    expect(renderAs('short', notify([custom])).text).toBe('Tocsin INFO: Deploy done: All green. See wiki.')
  })

  it('puts nothing of ours around a message that names its address', () => {
    const direct = alertOf('custom', { title: 'Your code', body: '1234' }, { severity: 'info', announcement: { title: 'Your code', body: '1234', severity: 'info', direct: { channel: 'sms', address: '+15005550006' } } })
    expect(renderAs('mail', notify([direct], 'en', { route: 'direct' }))).toMatchObject({ subject: 'Your code', text: '1234' })
    expect(renderAs('short', notify([direct])).text).toBe('Your code: 1234')
  })
})

describe('a batch', () => {
  it('sums up by kind and lists every item with its time', () => {
    const message = renderAs('full', notify([started, failed, budget]))
    expect(message.subject).toBe('[High] 3 updates: 2 on sessions and 1 on cost')
    expect(message.text).toBe(
      [
        '22 Nov 14:05:11  [Info] Session started: refund-bot, Node v24.21.0, commit 49a139a, host web-1',
        '22 Nov 14:05:11  Session failed: refund-bot, openai quota used up, $0.42',
        '22 Nov 14:05:11  [Warning] Budget team-month: 80% used, $402.10 of $500',
        '', 'Sent because route “on-call” sends you these.',
      ].join('\n'),
    )
    expect(renderAs('full', notify([started, budget], 'zh-CN')).subject).toBe('【警告】2 条更新：会话 1 条、费用 1 条')
    expect(renderAs('short', notify([started, failed])).text).toBe('Tocsin HIGH: 2 updates: 2 on sessions; last: Session failed: refund-bot, openai quota used up, $0.42')
  })

  it('counts what does not fit or was not loaded', () => {
    const message = renderAs('mail', notify(Array.from({ length: 100 }, () => started), 'en', { moreAlerts: 5 }), { bodyCharsMax: 600 })
    expect(message.subject).toBe('[Info] 105 updates: 100 on sessions and 5 more')
    expect(message.text.length).toBeLessThanOrEqual(600)
    const listed = message.text.split('\n').filter((line) => line.includes('Session started')).length
    expect(listed).toBeGreaterThan(5)
    expect(message.text).toContain(`\nand ${105 - listed} more\n`)
    expect(message.html).toContain(`and ${105 - listed} more`)
  })
})

describe('the end of an alert', () => {
  const over: Partial<Alert> = { state: 'resolved', resolvedAtMs: atMs }

  it('is told as over', () => {
    const message = renderAs('full', notify([{ ...modelFailed, ...over }], 'en', { news: 'resolved' }))
    expect(message.subject).toBe('Resolved: Model call failed: openai gpt-5-mini, too many requests (429)')
    expect(message.text).toContain('It is over since 22 Nov 2026, 14:05:11 UTC; it lasted 12 min.')
    expect(renderAs('full', notify([{ ...modelFailed, ...over }], 'zh-CN', { news: 'resolved' })).subject).toMatch(/^已恢复：模型调用失败/)
  })

  it('is told together with its beginning where it came before anybody was told', () => {
    const message = renderAs('full', notify([{ ...modelFailed, ...over }]))
    expect(message.subject).toBe('[Critical] Was, and is over: Model call failed: openai gpt-5-mini')
    expect(message.text).toContain('It was over at 22 Nov 2026, 14:05:11 UTC, before anybody was told.')
    expect(renderAs('short', notify([{ ...modelFailed, ...over }], 'zh-CN')).text).toMatch(/^【Tocsin】紧急：曾发生，现已恢复：/)
  })

  it('is not said of news that asked nothing of anybody', () => {
    expect(renderAs('full', notify([started])).text).not.toMatch(/over/)
  })
})

describe('around a message', () => {
  it('marks what may arrive twice', () => {
    const message = renderAs('full', notify([failed]), { possiblyRepeated: true })
    expect(message.subject).toMatch(/ \(possibly repeated\)$/)
    expect(message.subject.length).toBeLessThanOrEqual(78)
    expect(message.text).toContain('Possibly repeated: an earlier attempt to send this got no answer.')
    expect(renderAs('short', notify([failed], 'zh-CN'), { possiblyRepeated: true }).text).toMatch(/（可能重复）$/)
    expect(message.possiblyRepeated).toBe(true)
  })

  it('has links only where the dashboard has an address', () => {
    expect(renderAs('mail', notify([started])).html).not.toMatch(/href|src=|https?:/)
    const message = renderAs('mail', notify([failed]), { links: { publicUrl: 'https://t.example.com/' } })
    expect(message.text).toContain('Open: https://t.example.com/p/support/alerts/alt_51')
    expect(message.html).toContain('href="https://t.example.com/p/support/alerts/alt_51"')
    expect(renderAs('short', notify([failed]), { links: { publicUrl: 'https://t.example.com' } }).text).toMatch(/ https:\/\/t\.example\.com\/p\/support\/alerts\/alt_51$/)
  })

  it('is written in HTML that names its language and hides nothing of the text', () => {
    const { html = '' } = renderAs('mail', notify([failed], 'zh-CN'))
    expect(html).toMatch(/^<!doctype html>\n<html lang="zh-CN">/)
    for (const piece of ['会话失败：refund-bot', '停在第 3 步', '配额用尽（429）', 'prefers-color-scheme:dark', '费用', '收到原因']) expect(html).toContain(piece)
  })
})

describe('a reader whose role may not see a part', () => {
  it('gets the rest without holes, and is told what was left out', () => {
    const message = renderAs('mail', notify([failed], 'en', { without: parts, role: 'viewer' }))
    expect(message.subject).toBe('[High] Session failed: refund-bot, openai quota used up')
    expect(message.text).not.toMatch(/0\.42|exceeded|gave up/)
    expect(message.html).not.toMatch(/0\.42|exceeded|gave up/)
    expect(message.text).toContain('Cost: 2 calls unpriced, not counted')
    expect(message.text).toContain('Left out: amounts of money and session content. Role viewer may not see it.')
    expect(renderAs('full', notify([budget], 'zh-CN', { without: ['costDetail'], role: 'viewer' })).text).toMatch(/^该预算已用 80%。\n/)
    expect(renderAs('full', notify([started], 'en', { without: parts })).text).not.toContain('Left out')
  })
})

describe('hostile values', () => {
  const evil = '</td><script>alert(1)</script>\r\nBcc: all@evil.com\u202e https://evil.com @channel \u0000'

  it('stay text in HTML, one line in subjects and text messages, and call nobody', () => {
    for (const locale of ['en', 'zh-CN'] as const) {
      const hostile = alertOf('session.failed', { agent: evil, session: evil, causeName: evil, causeProvider: evil, causeClass: evil, causeMessage: evil, causeStep: evil, endReason: `${evil}2` })
      const mail = renderAs('mail', notify([hostile], locale, { route: evil }))
      expect(mail.html).not.toMatch(/<script|<\/td>[^<]|https:\/\/|\u202e/)
      expect(mail.text).not.toMatch(/https:\/\/|@channel|\p{Cc}(?<!\n)|\u202e/u)
      const short = renderAs('short', notify([hostile], locale)).text
      for (const line of [mail.subject, short]) expect(line).not.toMatch(/\p{Cc}|\u202e|https:\/\/|@channel/u)
      expect(mail.failures).toEqual([])
    }
  })

  it('are redacted before anything else sees them', () => {
    const message = renderAs('mail', notify([alertOf('model.failed', { provider: 'openai', model: 'm', errorMessage: 'bad key s\u200be\u200bcret' })]), { redact: (text) => text.replaceAll('secret', '[REDACTED:key]') })
    expect(message.text).toContain('“bad key [REDACTED:key]”')
    expect(message.html).not.toMatch(/s.?e.?cret/)
  })

  it('of any length keep every form within its limits', () => {
    const word = 'wörd'.repeat(2_500)
    for (const id of Object.keys(messages) as MessageId[]) { // the keys of a const object
      const params: MessageParams = Object.fromEntries(messages[id].map((name) => [name, word]))
      for (const locale of ['en', 'zh-CN'] as const) {
        const full = renderAs('mail', notify([alertOf(id, params)], locale), { bodyCharsMax: 500 })
        expect(full.subject.length).toBeLessThanOrEqual(78)
        expect(full.text.length).toBeLessThanOrEqual(500)
        expect(renderAs('short', notify([alertOf(id, params)], locale), { bodyCharsMax: 300 }).text.length).toBeLessThanOrEqual(300)
        expect(full.failures).toEqual([])
      }
    }
  })

  it('that are cut say how much is missing', () => {
    const long = alertOf('custom', { title: 'Log', body: `start ${'x'.repeat(3_000)}` })
    expect(renderAs('mail', notify([long]), { bodyCharsMax: 1_000 }).text).toMatch(/^start x+… \[cut: 2,\d\d\d characters more\]\n/)
    expect(renderAs('mail', notify([long], 'zh-CN'), { bodyCharsMax: 1_000 }).html).toMatch(/x… ［已截断：还有 2,\d\d\d 个字符］/)
  })

  it('keep text messages of our own within the parts they aim at', () => {
    const longNames = alertOf('model.failed', { provider: 'a'.repeat(70), model: 'b'.repeat(70), agent: 'c'.repeat(70), errorClass: 'quota', statusCode: 429 })
    expect(segmentsOf(onTheAir(renderAs('short', notify([longNames])).text))).toEqual({ encoding: 'GSM-7', count: 1 })
    expect(renderAs('short', notify([longNames], 'zh-CN')).text.length).toBeLessThanOrEqual(134)
    expect(renderAs('short', notify([failed]), { links: { publicUrl: `https://${'t'.repeat(120)}.example.com` } }).text).toMatch(/^Tocsin HIGH: refund-bot failed at step 3, .*\$0\.42$/)
  })
})

describe('every message', () => {
  const sample = (name: string): string | number => name.endsWith('Usd') ? 1.25 : /(?:At|^at|Ms|Start|End|until|Day)$/.test(name) ? atMs : /(?:Times|^spread|^failures|^recovered|^depth|Max|^failedCalls|^sessions|^moreVictims|^madePercent2?|^changePercent|^failedSessions|^told|^watched.*)$/.test(name) ? 3 : ['calls', 'errors', 'unpriced', 'inputTokens', 'outputTokens', 'retries', 'count', 'waiting', 'percent', 'usualPercent', 'modelsMax', 'samples', 'least', 'flaps'].includes(name) ? 3 : `the-${name}`

  it('reads whole in every language and form, with all of its parameters, with none, and with useless ones', () => {
    for (const id of Object.keys(messages) as MessageId[]) { // the keys of a const object
      const all: MessageParams = Object.fromEntries(messages[id].map((name) => [name, sample(name)]))
      const useless: MessageParams = Object.fromEntries(messages[id].map((name, index) => [name, [Number.NaN, '', Number.POSITIVE_INFINITY, -1, '  '][index % 5] ?? '']))
      for (const params of [all, {}, useless]) {
        for (const locale of ['en', 'zh-CN'] as const) {
          for (const shape of ['mail', 'full', 'short'] as const) {
            for (const more of [{}, { news: 'resolved' as const }, { without: parts }, { moreAlerts: 2 }, { route: '' }]) {
              const message = renderAs(shape, notify([alertOf(id, params)], locale, more))
              expect(message.failures).toEqual([])
              expect(message.subject.length).toBeGreaterThan(4)
              expect(message.text.length).toBeGreaterThan(4)
              for (const text of [message.subject, message.text]) expect(text).not.toMatch(/undefined|null|NaN|Infinity|[{}]|object Object|[,，:：]\s*[,，.。]|[,，]\s*$|\( ?\)|（ ?）/m)
              expect(message.html ?? '').not.toMatch(/undefined|NaN|Infinity|object Object/)
            }
          }
        }
      }
    }
  })

  it('says every parameter that matters somewhere in the full form', () => {
    const unsaid: readonly string[] = ['causeKind', 'costSource', 'cause', 'message', 'title', 'count', 'late', 'unpriced', 'sampled', 'noPrice', 'noTokens', 'scopeUser', 'body', 'unit', 'below', 'again', 'made', 'made2', 'madeUser', 'madeUser2']
    const others: readonly string[] = ['endedHow', 'repeatedTool', 'turnTools', 'relayAgents', 'guardrail', 'answerModel', 'spreadName'] // said where no call failed, or one later
    const ofReport: readonly string[] = ['report', 'person', 'role', 'isQuiet'] // the route that is named is the report, its reader knows who they are, and quiet has a word of its own
    for (const id of Object.keys(messages) as MessageId[]) { // the keys of a const object
      const all: MessageParams = Object.fromEntries(messages[id].map((name) => [name, sample(name)]))
      const message = renderAs('full', notify([alertOf(id, all)]))
      const texts = messages[id].filter((name) => !unsaid.includes(name) && (id !== 'session.failed' || !others.includes(name)) && (!id.startsWith('report.') || !ofReport.includes(name)) && typeof all[name] === 'string' && !/Class$|period|^form$/.test(name))
      expect([id, texts.filter((name) => !`${message.subject}\n${message.text}`.includes(`the-${name}`))]).toEqual([id, []])
    }
  })
})

describe('a message that cannot be written', () => {
  it('is sent in a plain form, and the cause is reported', () => {
    const message = renderAs('mail', notify([failed]), { redact: () => expect.fail('boom') })
    expect(message.subject).toBe('[high] Tocsin: alt_51 high session')
    expect(message.text).toBe('alt_51 high session\ntocsin explain alt_51')
    expect(message.failures).toMatchObject([{ cause: { message: 'boom' }, kind: 'session.failed', channel: 'ops-mail' }])
    const newer = renderAs('short', notify([{ ...failed, message: 'session.unheard-of' as MessageId }])) // an id that a newer version wrote and this one does not know
    expect(newer.text).toBe('alt_51 high session s_8f2c\ntocsin explain alt_51')
    expect(newer.failures).toHaveLength(1)
  })
})

import { describe, expect, it } from 'vitest'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'
import type { Alert } from '../model/alert.ts'
import { createRedactor } from '../model/redact.ts'
import { segmentsOf } from '../model/sms-segments.ts'
import { templateNames } from '../model/template.ts'
import { createActionLinks, linkExpiresMs } from '../routing/acts/action-link.ts'
import type { LinkSettings } from './links.ts'
import { sampleNotifications } from './templates/samples.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const links: LinkSettings = {
  publicUrl: 'https://t.example.com/',
  traceUrl: 'https://langfuse.example.com/trace/{traceId}?from=tocsin',
  rules: { 'model-failed': { runbook: 'https://wiki.example.com/models?a=1&b=2', owner: 'team@example.com' } },
}
const failed = alertOf('model.failed', { provider: 'openai', model: 'gpt-5', errorClass: 'server' }, { rule: 'model-failed', evidence: { event: `${traceId}:b7ad6b7169203331:llm.call` } })
const open = 'https://t.example.com/p/support/alerts/alt_51'
const trace = `https://langfuse.example.com/trace/${traceId}?from=tocsin`
const runbook = 'https://wiki.example.com/models?a=1&b=2'

describe('an alert of a rule with a runbook and an owner, about an event that came from a span', () => {
  it('leads to the dashboard, the trace and the runbook in text, in HTML and in cards, in the words of the reader', () => {
    const mail = renderAs('mail', notify([failed]), { links })
    expect(mail.text).toContain(`\n\nOpen: ${open}\nTrace: ${trace}\nRunbook: ${runbook}\nalt_51. Sent`)
    expect([...(mail.html ?? '').matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g)].map(([, url, word]) => [url?.replaceAll('&amp;', '&'), word])).toEqual([[open, 'Open alert'], [trace, 'Open trace'], [runbook, 'Runbook']])
    expect(renderAs('card', notify([failed], 'zh-CN'), { links }).card?.links).toEqual([{ word: '打开告警', url: open }, { word: '查看跟踪', url: trace }, { word: '处理手册', url: runbook }])
    expect(renderAs('full', notify([failed], 'zh-CN'), { links }).text).toContain(`处理手册：${runbook}`)
  })

  it('names the owner as a fact, and makes no link of them', () => {
    const mail = renderAs('mail', notify([failed]), { links: { ...links, rules: { 'model-failed': { owner: 'Platform, https://evil.example' } } } })
    expect(mail.text).toContain('Owner: Platform, https[:]//evil[.]example')
    expect(mail.html).not.toContain('href="https://evil')
    expect(renderAs('card', notify([failed], 'zh-CN'), { links }).card?.facts.at(-1)).toEqual({ label: '负责人', value: 'team@example.com' })
  })

  it('has one link in a text message: to the dashboard', () => {
    expect(renderAs('short', notify([failed]), { links }).text.match(/https?:\S+/g)).toEqual([open])
    expect(renderAs('short', notify([failed]), { links: { ...links, publicUrl: undefined } }).text).not.toContain('http')
  })
})

describe('the trace of an alert', () => {
  const traceOf = (more: Parameters<typeof alertOf>[2]): string | undefined => renderAs('card', notify([alertOf('session.failed', {}, more)]), { links: { traceUrl: 'https://l.example.com/{traceId}' } }).card?.links[0]?.url

  it('is that of the first failing call, of the event, or of a session named by it', () => {
    expect(traceOf({ evidence: { session: 's-1', firstFailure: `${traceId}:b7ad6b7169203331:tool.call:end` } })).toBe(`https://l.example.com/${traceId}`)
    expect(traceOf({ sessionId: traceId })).toBe(`https://l.example.com/${traceId}`)
    expect(traceOf({ evidence: { event: `trace_${traceId}:span_1:llm.call` } })).toBe(`https://l.example.com/trace_${traceId}`)
  })

  it('is none where no id begins with one, so that nothing of theirs gets into an address', () => {
    expect(traceOf({ sessionId: 's_8f2c', evidence: { event: 'evt-1', firstFailure: `${traceId}x` } })).toBeUndefined()
    expect(traceOf({ evidence: { event: `../../${traceId}:x` } })).toBeUndefined()
    expect(traceOf({ evidence: { event: 7 } })).toBeUndefined()
  })

  it('is not told of a collection', () => {
    expect(renderAs('card', notify([failed, failed]), { links }).card?.links).toEqual([{ word: 'Open alert', url: 'https://t.example.com/p/support/alerts' }])
  })
})

describe('the link by which a reader acts', () => {
  const actions = createActionLinks(new Uint8Array(32).fill(3))
  const acting: LinkSettings = { publicUrl: 'https://t.example.com', actionToken: (delivery, createdAtMs, nowMs) => actions.tokenOf({ delivery, expiresMs: linkExpiresMs(createdAtMs, nowMs) }) }
  const firing = alertOf('model.failed', { provider: 'openai', model: 'gpt-5', errorClass: 'server' }, { rule: 'model-failed', state: 'firing', ends: 'quiet' })

  it('is never taken for a secret, whatever its signature', () => {
    const redact = createRedactor({ key: new Uint8Array(32), personalData: true })
    for (let id = 1; id <= 400; id += 1) {
      const { text } = renderAs('mail', { ...notify([firing]), id }, { links: acting, redact })
      const token = /\/a\/([\w-]+)\nSnooze/.exec(text)?.[1] ?? ''
      expect(actions.read(token)?.delivery).toBe(id)
    }
  })

  it('is not there where somebody has it all', () => {
    const news = alertOf('session.failed', {}, { state: 'resolved', ends: 'at-once' })
    const taken = { ...news, taken: { by: 'lee', atMs: 1 } }
    const hasLink = (...alerts: readonly Alert[]): boolean => renderAs('full', notify(alerts), { links: acting }).text.includes('/a/')
    expect([hasLink(news), hasLink(taken), hasLink(taken, news), hasLink(taken, taken), hasLink({ ...firing, state: 'acknowledged' })]).toEqual([true, false, true, false, false])
  })

  it('leaves every text message of the product in one segment, in Chinese in two', () => {
    let count = 0
    for (const locale of ['en', 'zh-CN']) {
      for (const name of templateNames.filter((one) => one !== '*')) {
        for (const notification of sampleNotifications(name, locale)) {
          const { text } = renderAs('short', { ...notification, id: 123_456 }, { links: acting })
          expect(text.match(/https:\S+/g)?.length ?? 0).toBeLessThanOrEqual(1)
          expect(segmentsOf(text).count).toBeLessThanOrEqual(locale === 'en' ? 1 : 2)
          if (text.includes('/a/')) count += 1
        }
      }
    }
    expect(count).toBeGreaterThan(100)
  })
})

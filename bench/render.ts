import { defaultTemplates } from '../packages/core/src/delivery/templates/defaults.ts'
import { sampleNotifications } from '../packages/core/src/delivery/templates/samples.ts'
import { createTemplates } from '../packages/core/src/delivery/templates/templates.ts'
import { createRenderer, type Render } from '../packages/core/src/delivery/render.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import type { ChannelType } from '../packages/core/src/model/channel.ts'
import type { Notification } from '../packages/core/src/model/notification.ts'
import { createRedactor } from '../packages/core/src/model/redact.ts'
import { rememberingClean } from '../packages/core/src/model/redact/clean-memory.ts'
import type { Benchmark, Figure } from './figure.ts'
import { median, quantile } from './quantile.ts'

const warmUps = 3_000
const renderings = 5_000

/**
 * One notification, one language: a failed session with all that can be known of it, each with names and amounts of its own,
 * redacted as in the engine. The clock's own 0.1 µs is in it.
 */
export const render: Benchmark = {
  name: 'render',
  title: 'one notification in one language, as the engine renders it',
  async run(progress) {
    const redact = createRedactor({ personalData: false, extraSecrets: [] })
    const links = { publicUrl: 'https://tocsin.example.com', traceUrl: 'https://langfuse.example.com/trace/{traceId}', rules: { 'sample-rule': { runbook: 'https://wiki.example.com/runbook', owner: 'Platform' } } }
    const builtIn = createRenderer({ redact: rememberingClean(redact), links })
    const templates = createTemplates({ '*': { text: { text: defaultTemplates.text }, html: { text: defaultTemplates.html } } })
    const own = createRenderer({ redact: rememberingClean(redact), links, templates })
    const figure = (what: string, renderer: Render, shape: ChannelType['shape'], locale: string, target?: Figure['target']): Figure => {
      progress(what)
      const took = measure(renderer, shape, locale)
      return { what, value: median(took), unit: 'µs', ...(target === undefined ? {} : { target }), note: `p99 ${quantile(took, 0.99).toFixed(0)} µs` }
    }
    return [
      figure('text, English, median', builtIn, 'full', 'en', { atMost: 100 }),
      figure('text, Chinese, median', builtIn, 'full', 'zh-CN', { atMost: 100 }),
      figure('text message, English, median', builtIn, 'short', 'en', { atMost: 100 }),
      figure('mail with text and HTML, English, median', builtIn, 'mail', 'en', { atMost: 500 }),
      figure('mail with text and HTML, Chinese, median', builtIn, 'mail', 'zh-CN', { atMost: 500 }),
      figure('card, English, median', builtIn, 'card', 'en'),
      figure('mail by templates in Liquid, English, median', own, 'mail', 'en'),
    ]
  },
}

function measure(renderer: Render, shape: ChannelType['shape'], locale: string): Float64Array {
  const context = { type: { shape }, limits: { bodyCharsMax: 100_000 }, messageId: 'ntf-1', possiblyRepeated: false, nowMs: 0 }
  for (let index = 0; index < warmUps; index += 1) renderer(failedSession(index, locale), context)
  const tookUs = new Float64Array(renderings)
  for (let index = 0; index < renderings; index += 1) {
    const notification = failedSession(warmUps + index, locale)
    const since = systemClock.monotonicMs()
    renderer(notification, context)
    tookUs[index] = (systemClock.monotonicMs() - since) * 1_000
  }
  return tookUs
}

function failedSession(index: number, locale: string): Notification {
  const [sample] = sampleNotifications('session.failed', locale)
  if (sample === undefined) throw new Error('there is no sample of a failed session')
  const params = {
    agent: `refund-bot-${index % 50}`, session: `s_${index.toString(36)}`, environment: 'production', endReason: 'gave up', causeName: 'gpt-5-mini', causeProvider: 'openai', causeClass: 'quota', causeStatus: 429,
    causeMessage: `You exceeded your current quota, please check your plan and billing details (request ${index}). For more information see https://platform.openai.com/docs/guides/error-codes`,
    costUsd: 0.42 + index / 1_000, calls: 14 + (index % 9), errors: 3, at: 1_795_000_000_000 + index * 1_000, durationMs: 191_000 + index,
  }
  return { ...sample, alerts: sample.alerts.map((alert) => ({ ...alert, params: { ...alert.params, ...params }, evidence: { event: '0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331:llm.call' } })) }
}

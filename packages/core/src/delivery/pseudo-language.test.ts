import { describe, expect, test } from 'vitest'
import { paramsOf } from '../locales/phrase.ts'
import { pseudoCatalogue } from '../locales/pseudo.ts'
import { en } from '../locales/en.ts'
import { decisionReasons } from '../model/decision.ts'
import { templateNames } from '../model/template.ts'
import { sampleNotifications, sampleParams } from './templates/samples.ts'
import { renderAs } from '../testing/rendering.ts'
import type { Notification } from '../model/notification.ts'
import { explainAlert } from './explain.ts'

/**
 * Everything people read, in the language of nobody: what is plain English there is not in the catalogues, and would be English
 * for a Chinese reader, too.
 */
const ours = /\b(?:alt|dlv)_\d+\b|https?:\S+|\b(?:UTC|GMT|tocsin)\b/g

/** Latin letters without an accent, two or more in a row. */
function plainWords(text: string): readonly string[] {
  // The name of a time zone that was cut in the middle is still one.
  return text.replaceAll(/\b(?:GM|UT)…/g, ' ').replace(ours, ' ').match(/(?<!\p{L})[A-Za-z]{2,}(?!\p{L})/gu) ?? []
}

function seenIn(html: string): string {
  return html.replace(/<style>.*?<\/style>|<!--.*?-->|<[^>]*>/gs, ' ').replaceAll(/&#?\w+;/g, ' ')
}

/** The samples with values that have no letters, so that every letter is one of ours. */
function wordless(name: Exclude<(typeof templateNames)[number], '*'>): readonly Notification[] {
  return sampleNotifications(name, 'en-XA').flatMap((one) => {
    const alerts = one.alerts.map(({ environment: _none, ...alert }) => ({
      ...alert,
      rule: '7',
      params: Object.keys(alert.params).length === 0 ? {} : { ...sampleParams(alert.message, () => '7'), causeClass: 'quota', errorClass: 'timeout', period: 'month', endState: 'fail' },
      ...(alert.announcement === undefined ? {} : { announcement: { ...alert.announcement, title: '7', body: '7' } }),
    }))
    const worded = { ...one, alerts, route: one.route === '' ? '' : '7', recipient: { ...one.recipient, person: '7' } }
    return [worded, { ...worded, late: alerts.map(({ id }) => id) }]
  })
}

const links = { publicUrl: 'https://t.example.com', traceUrl: 'https://l.example.com/{traceId}', rules: { '7': { runbook: 'https://wiki.example.com', owner: '7' } } }

test('the check for plain words sees them', () => {
  expect(plainWords('Śééššííóóñ failed: 7, 22 Nov UTC, see https://x.example alt_51')).toEqual(['failed', 'Nov', 'see'])
})

describe.each(templateNames.filter((name) => name !== '*'))('%s', (name) => {
  test.each(['mail', 'full', 'card', 'short'] as const)('has no words in %s that are not in the catalogues', (shape) => {
    for (const notification of wordless(name)) {
      for (const bodyCharsMax of [10_000, 150]) {
        const { subject, text, html = '', card, failures, locale } = renderAs(shape, notification, { links, bodyCharsMax, possiblyRepeated: true })
        expect([locale, failures]).toEqual(['en-XA', []])
        const { about: _machines, links: buttons = [], ...pieces } = card ?? {}
        expect(plainWords([subject, text, seenIn(html), ...buttons.map(({ word }) => word), JSON.stringify(Object.values(pieces)).replaceAll(/"(?:label|value|time|title)"|\\n/g, ' ')].join('\n'))).toEqual([])
      }
    }
  })
})

test('every reason is explained without words that are not in the catalogues', () => {
  const [notification] = wordless('session.failed')
  const [alert] = notification?.alerts ?? []
  if (alert === undefined) throw new Error('no sample')
  const params = Object.fromEntries([...new Set(Object.values(en.decisions).flat().flatMap((text) => paramsOf(text, 'en')))].map((param) => [param, '7']))
  const decisions = decisionReasons.map((reason) => ({ alert: alert.id, person: '7', channel: '7', reason, params: { ...params, part: 'costDetail', outcome: 'failed' }, atMs: alert.openedAtMs, count: 1 }))
  expect(plainWords(explainAlert(alert, decisions, [], 'en-XA').join('\n'))).toEqual([])
})

test('it is at least a quarter longer than English, with the same parameters', () => {
  const texts = (words: unknown): readonly string[] => (typeof words === 'string' ? [words] : Object.values(words ?? {}).flatMap(texts))
  const [english, pseudo] = [texts(en), texts(pseudoCatalogue())]
  expect(pseudo.map((text) => paramsOf(text, 'en-XA'))).toEqual(english.map((text) => paramsOf(text, 'en')))
  expect(pseudo.join('').length / english.join('').length).toBeGreaterThan(1.15)
})

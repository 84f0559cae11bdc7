import { describe, expect, test } from 'vitest'
import { locales } from '../../locales/catalogue.ts'
import type { Message } from '../../model/channel.ts'
import type { Notification } from '../../model/notification.ts'
import { templateForms, templateNames, type TemplateForm } from '../../model/template.ts'
import { renderAs } from '../../testing/rendering.ts'
import { defaultTemplates } from './defaults.ts'
import { sampleNotifications } from './samples.ts'
import { createTemplates } from './templates.ts'

const links = { publicUrl: 'https://t.example.com', traceUrl: 'https://l.example.com/{traceId}', rules: { 'sample-rule': { runbook: 'https://wiki.example.com/?a=1&b=2', owner: 'Platform <b>' } } }
const messages = templateNames.filter((name) => name !== '*')

/** Everything a channel gets of it, in every shape; `chat` as the text that it is for people. */
function rendered(notification: Notification, form?: TemplateForm, bodyCharsMax = 10_000): Readonly<Record<string, Message>> {
  const templates = form === undefined ? undefined : createTemplates({ '*': { [form]: { text: defaultTemplates[form] } } })
  return Object.fromEntries((['mail', 'full', 'card', 'short'] as const).map((shape) => {
    const { failures, ...message } = renderAs(shape, notification, { links, templates, bodyCharsMax, possiblyRepeated: notification.news === 'resolved' })
    expect(failures).toEqual([])
    return [shape, message]
  }))
}

describe.each(templateForms.filter((form) => form !== 'chat' && form !== 'card'))('the default template of %s', (form) => {
  test.each(messages)('writes %s exactly as the product does, in every language', (name) => {
    for (const locale of locales) {
      for (const notification of [...sampleNotifications(name, locale), ...hostile(name, locale)]) expect(rendered(notification, form)).toEqual(rendered(notification))
    }
  })

  test('writes a long message, which is cut, exactly as the product does', () => {
    for (const notification of [...long('custom'), ...long('batch')]) {
      const own = rendered(notification, form, 600)
      expect(own).toEqual(rendered(notification, undefined, 600))
      expect(own['full']?.text.length).toBeLessThanOrEqual(600)
    }
  })
})

describe.each(messages)('in the cards of %s', (name) => {
  test.each(locales)('the default template of chat says in one text what the card says in pieces, in %s', (locale) => {
    for (const notification of sampleNotifications(name, locale)) {
      const card = rendered(notification)['card']?.card
      const chat = rendered(notification, 'chat')['card']?.card
      const text = chat?.lines.join('\n') ?? ''
      for (const piece of [...(card?.lines ?? []), ...(card?.quotes ?? []), ...(card?.facts ?? []).flatMap(({ label, value }) => [label, value]), ...(card?.items ?? []).map(({ title }) => title), card?.moreItems ?? '']) expect(text).toContain(piece)
      // What a message says of nothing but its facts has no sentences: `chat` says the facts, and nothing is said twice.
      expect(chat).toMatchObject({ heading: card?.heading, badge: card?.badge, links: card?.links, notes: card?.notes })
      expect([chat?.quotes, chat?.facts, chat?.items]).toEqual(text === '' ? [card?.quotes, card?.facts, card?.items] : [[], [], []])
    }
  })

  test.each(locales)('the default template of card writes its sentences, and leaves the other pieces, in %s', (locale) => {
    for (const notification of sampleNotifications(name, locale)) {
      const card = rendered(notification)['card']?.card
      const own = rendered(notification, 'card')['card']?.card
      expect(own).toEqual(card)
    }
  })
})

const evil = '</td><script>alert("1")</script>\nsecond line & \u00a0 {{ heading }} {% if x %} https://evil.example @everyone'

function hostile(name: (typeof messages)[number], locale: string): readonly Notification[] {
  return sampleNotifications(name, locale).map((one) => ({
    ...one,
    route: evil,
    alerts: one.alerts.map((alert) => ({ ...alert, params: Object.fromEntries(Object.entries(alert.params).map(([key, value]) => [key, typeof value === 'string' ? evil : value])) })),
  }))
}

function long(name: (typeof messages)[number]): readonly Notification[] {
  return sampleNotifications(name, 'en').map((one) => ({
    ...one,
    alerts: Array.from({ length: name === 'batch' ? 40 : 1 }, () => one.alerts).flat().map((alert, index) => ({ ...alert, id: index, ...(alert.announcement === undefined ? {} : { params: { body: 'word '.repeat(2_000) } }) })),
  }))
}

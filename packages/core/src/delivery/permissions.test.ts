import { describe, expect, test } from 'vitest'
import { webhookBody } from '../channels/webhook-body.ts'
import type { Alert } from '../model/alert.ts'
import type { ChannelType } from '../model/channel.ts'
import { messages, type MessageId } from '../model/message.ts'
import { partOfParam, parts, permissions, roles, type Part } from '../model/roles.ts'
import { alertOf, notify, renderAs } from '../testing/rendering.ts'

const shapes: readonly ChannelType['shape'][] = ['mail', 'full', 'short', 'card']
const parted: Readonly<Record<string, Part | undefined>> = partOfParam

/** A value that can be found again in any form, for each parameter of a part: amounts are numbers, the rest are texts. */
function planted(name: string, index: number): string | number {
  return name.endsWith('Usd') ? 70_007 + index : `planted ${name} ${index}`
}

/** As it may stand in a message: amounts with or without their commas. */
function shownForms(value: string | number): readonly string[] {
  return typeof value === 'number' ? [String(value), value.toLocaleString('en-US')] : [value]
}

interface Planted {
  readonly alert: Alert
  /** What was planted, of which part. */
  readonly values: readonly { readonly part: Part; readonly forms: readonly string[] }[]
}

function plantedAlert(id: MessageId, index: number): Planted {
  const values: { part: Part; forms: readonly string[] }[] = []
  const params: Record<string, string | number> = {}
  for (const [at, name] of messages[id].entries()) {
    const part = parted[name]
    const value = part === undefined ? (/(?:At|Ms|Day)$|^(?:at|calls|count|errors|percent|failures|failedCalls|sessions)$/.test(name) ? 5 : `plain-${name}`) : planted(name, index * 100 + at)
    params[name] = value
    if (part !== undefined) values.push({ part, forms: shownForms(value) })
  }
  return { alert: alertOf(id, params, { id: index + 1, kind: 'cost' }), values }
}

/** All that leaves the house. */
function textsOf(alerts: readonly Alert[], shape: ChannelType['shape'], locale: string, role: (typeof roles)[number], without: readonly Part[]): string {
  const message = renderAs(shape, notify(alerts, locale, { role, without, ...(alerts.length > 1 && { turn: { kind: 'digest' } }) }))
  expect(message.failures).toEqual([])
  const { failures: _none, ...sent } = message
  return `${JSON.stringify(sent)}\n${sent.text}\n${webhookBody(sent, 'msg-1', 0)}`
}

function leaks(of: readonly Planted[], text: string, without: readonly Part[]): readonly string[] {
  return of.flatMap(({ values }) => values.flatMap(({ part, forms }) => (without.includes(part) ? forms.filter((form) => text.includes(form)) : [])))
}

const ids = Object.keys(messages) as readonly MessageId[] // these are its keys
const all = ids.map(plantedAlert)

describe.each(['en', 'zh-CN'])('in %s', (locale) => {
  test.each(roles)('no form of any message shows %s a part that the role may not see, by itself or in a collection', (role) => {
    const without = parts.filter((part) => !permissions[role].sees.includes(part))
    for (const shape of shapes) {
      for (const one of all) expect([one.alert.message, shape, leaks([one], textsOf([one.alert], shape, locale, role, without), without)]).toEqual([one.alert.message, shape, []])
      for (let from = 0; from < all.length; from += 8) {
        const some = all.slice(from, from + 8)
        expect([shape, leaks(some, textsOf(some.map(({ alert }) => alert), shape, locale, role, without), without)]).toEqual([shape, []])
      }
    }
  })

  test.each(parts)('whoever may see %s is shown it, in every form that has room', (part) => {
    // A text message says what happened, and not in the words of a session.
    for (const shape of shapes.filter((one) => one !== 'short' || part !== 'sessionContent')) {
      const seen = all.filter(({ values }) => values.some((one) => one.part === part)).filter(({ alert, values }) => {
        const text = textsOf([alert], shape, locale, 'admin', [])
        return values.some((one) => one.part === part && one.forms.some((form) => text.includes(form)))
      })
      expect(seen.length).toBeGreaterThan(0)
    }
  })
})

import { alertKinds, alertName, alertTitle, deliveryInWords, deliveryName, severities, templateNames, shownAddress, withShownAddress, type Alert, type DeliveryRecord } from 'tocsin/engine'
import { z } from 'zod'
import { seesPart, shownAlert, shownDelivery } from '../../access/shown-to.ts'
import { inChinese } from '../in-chinese.ts'
import { wordOf, type Asking } from './asking.ts'

const text = z.string()
const ms = z.number()
const values = z.record(z.string(), z.union([z.string(), z.number()]))

/** Whatever a message may say. */
const messageIds = templateNames.filter((name) => name !== 'batch' && name !== '*')
export const deliveryResults = ['sent', 'in-doubt', 'failed', 'bad-address', 'too-old', 'superseded', 'resolved-before-told', 'role-changed', 'acknowledged', 'silenced', 'opted-out', 'muted', 'dry-run', 'erased'] as const
const outcomes = ['sent', 'retry', 'bad-address', 'bad-content', 'bad-config', 'in-doubt'] as const
export const alertStates = ['firing', 'acknowledged', 'resolved'] as const

export const alertShape = z.object({
  id: text, project: text, rule: text, key: text.optional(), kind: z.enum(alertKinds), severity: z.enum(severities), state: z.enum(alertStates),
  title: text.meta({ description: 'What, where, how bad and how much, in the language asked for, as the reader may see it.' }),
  ends: wordOf(['at-once', 'quiet', 'told', 'known']).meta({ description: 'at-once: news, over as it opens; quiet: after a time without more of it; told: when it is said to be over; known: when the rule knows.' }),
  message: wordOf(messageIds).meta({ description: 'What it says, with these parameters.' }), params: values, count: z.number(), openedAtMs: ms, updatedAtMs: ms, resolvedAtMs: ms.optional(),
  taken: z.object({ by: text, atMs: ms }).optional(), cycles: z.number().optional(), parent: text.optional(), sessionId: text.optional(), agent: text.optional(),
  environment: text.optional(), tags: z.record(text, text).optional(), aboutChannel: text.optional(),
  parts: z.number().optional().meta({ description: 'How many alerts are part of it.' }),
  told: z.object({ sent: z.number(), waiting: z.number() }).optional().meta({ description: 'Of a list: messages that it fires which were sent, and those that wait.' }),
}).meta({ id: 'Alert' })

/** As this reader may see it; `undefined`: it does not exist for them. */
export function alertAnswer(alert: Alert, asking: Asking, parts?: number): z.infer<typeof alertShape> | undefined {
  const shown = shownAlert(asking.role, alert, asking.person)
  if (shown === undefined) return undefined
  const { quietMs: _quiet, evidence: _evidence, announcement: _announcement, cause: _cause, id, parent, params, tags, ...rest } = shown
  return {
    ...rest, id: alertName(id), title: alertTitle(alert, asking), params: { ...params },
    ...(tags !== undefined && { tags: { ...tags } }), ...(parent !== undefined && { parent: alertName(parent) }), ...(parts !== undefined && { parts }),
  }
}

const attemptShape = z.object({ number: z.number(), atMs: ms, tookMs: ms, outcome: wordOf(outcomes), code: text.optional(), providerId: text.optional(), detail: text }).meta({ id: 'Attempt' })

export const deliveryShape = z.object({
  id: text, channel: text, person: text.meta({ description: 'Name in the configuration; empty for an address that was given by hand.' }), address: text.optional(), route: text,
  news: z.enum(['firing', 'resolved', 'acknowledged']), priority: z.number(), state: z.enum(['waiting', 'claimed', 'done']), result: wordOf(deliveryResults).optional(), verdict: text.meta({ description: 'What became of it, in a word of the language asked for.' }),
  createdAtMs: ms, dueMs: ms, doneAtMs: ms.optional(), alerts: z.array(text), moreAlerts: z.number(), title: text.optional(), attempts: z.array(attemptShape),
}).meta({ id: 'Delivery' })

/** Alerts of a collection that are named. */
const alertsNamed = 20

/** @param alerts what is on record of those it tells of */
export function deliveryAnswer(delivery: DeliveryRecord, asking: Asking, alerts: ReadonlyMap<number, Alert>): z.infer<typeof deliveryShape> | undefined {
  const shown = shownDelivery(asking.role, delivery, asking.person)
  if (shown === undefined) return undefined
  const { notification: _same, id, address, attempts, alerts: carried, ...rest } = shown
  const visible = carried.filter((one) => {
    const alert = alerts.get(one)
    return alert === undefined || shownAlert(asking.role, alert, asking.person) !== undefined
  })
  const first = visible.map((one) => alerts.get(one)).find((alert) => alert !== undefined)
  const say = asking.locale === 'zh-CN' ? inChinese : (english: string): string => english
  const seesAddress = seesPart(asking.role, 'personalData') || (asking.person !== '' && delivery.person === asking.person)
  return {
    ...rest,
    id: deliveryName(id),
    verdict: deliveryInWords(delivery, asking),
    ...(seesAddress && address !== '' && { address: shownAddress(address) }),
    alerts: visible.slice(0, alertsNamed).map((one) => alertName(one)),
    moreAlerts: Math.max(0, visible.length - alertsNamed),
    ...(first !== undefined && { title: alertTitle(first, asking) }),
    // What a provider answered may name the address.
    attempts: attempts.map(({ detail, ...attempt }) => ({ ...attempt, detail: seesAddress ? say(withShownAddress(detail, delivery.address)) : '' })),
  }
}

/** The alerts that a page of deliveries tells of, so many of each as are named. */
export function alertsTold(deliveries: readonly DeliveryRecord[]): readonly number[] {
  return [...new Set(deliveries.flatMap(({ alerts }) => alerts.slice(0, alertsNamed)))].slice(0, 1_000)
}

import { explainAlert, explainDelivery, explainEvent, partsShownMax } from '../delivery/explain.ts'
import { alertName, type Alert } from '../model/alert.ts'
import { deliveryName } from '../model/delivery.ts'
import { TocsinError } from '../model/error.ts'
import type { DeliveryRecord, Reader, StoredEvent } from '../model/reader.ts'
import { shownAddress } from '../model/shown-address.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

/** Alerts that are looked through for a session or an event, newest first. */
const lookedThroughMax = 10_000
const pageRows = 1_000
/** Alerts that are told of at once, such as those of one delivery or session. */
const explainedMax = 20

/**
 * Who was told of an alert, who was not, and why: the decisions on record, in words.
 *
 * @param id an alert (`alt_51`), a delivery (`dlv_12`), or the id of a session or an event
 */
export async function explain(id: string, options: { readonly data: string; readonly locale: string; readonly timezone: string }, progress: (text: string) => void): Promise<Report> {
  const { data, locale, timezone } = options
  if (locale !== 'en' && locale !== 'zh-CN') throw new TocsinError('wrong-usage', `--locale: expected en or zh-CN, found "${locale}"`)
  if (!isTimezone(timezone)) throw new TocsinError('wrong-usage', `--timezone: expected a time zone such as Europe/Berlin, found "${timezone}"`)
  const store = await openExistingStore(data, progress)
  try {
    const event = await quietEvent(id, store.read)
    if (event !== undefined) return { lines: explainEvent(event, locale, timezone), value: { event: event.id, alerts: [] }, ok: true }
    const alerts = await alertsCalled(id, store.read, data)
    const delivery = await deliveryCalled(id, store.read)
    const explained = []
    for (const alert of alerts.slice(0, explainedMax)) {
      const parent = alert.parent === undefined ? undefined : await store.read.alert(alert.parent)
      const parts = await store.read.alertsUnder(alert.id, { limit: partsShownMax + 1 })
      const actions = await store.transaction((tx) => tx.actionsOf(alert.id), alert)
      explained.push({ alert, actions, family: { parent, parts, hasMore: parts.length > partsShownMax }, decisions: await store.read.decisionsOf(alert.id), deliveries: (await store.read.deliveriesOf(alert.id)).map((one) => ({ ...one, address: shownAddress(one.address) })) })
    }
    const told = delivery === undefined ? [] : [...explainDelivery(delivery, locale, timezone), '']
    const lines = [...told, ...explained.flatMap(({ alert, decisions, deliveries, family, actions }, index) => [...(index === 0 ? [] : ['']), ...explainAlert(alert, decisions, deliveries, locale, timezone, family, actions)])]
    const rest = alerts.slice(explainedMax).map((alert) => alertName(alert.id))
    const [only, ...others] = explained.map(({ family: { parent, parts }, ...one }) => ({
      ...one, ...(parent !== undefined && { partOf: alertName(parent.id) }), ...(parts.length > 0 && { parts: parts.map((part) => alertName(part.id)) }),
    }))
    return {
      lines: rest.length === 0 ? lines : [...lines, '', `+ ${rest.length}: ${rest.slice(0, 10).join(', ')}${rest.length > 10 ? ', ...' : ''}`],
      value: others.length === 0 && only !== undefined ? only : { alerts: only === undefined ? [] : [only, ...others], more: rest },
      ok: true,
    }
  } finally {
    await store.close()
  }
}

async function alertsCalled(id: string, read: Reader, data: string): Promise<readonly Alert[]> {
  const number = /^(?:alt_)?(\d{1,15})$/.exec(id)?.[1]
  if (number !== undefined) {
    const alert = await read.alert(Number(number))
    if (alert === undefined) {
      const newest = (await read.alerts({ limit: 1 }))[0]?.id
      throw new TocsinError('wrong-usage', `alt_${number} is not in ${data}; ${newest === undefined ? 'it holds no alerts yet' : `the newest is ${alertName(newest)}`}`)
    }
    return [alert]
  }
  const delivery = /^dlv_(\d{1,15})$/.exec(id)?.[1]
  const alerts = delivery === undefined ? await alertsAbout(id, read) : await alertsIn(Number(delivery), read)
  if (alerts.length === 0) {
    const what = delivery === undefined ? `no alert in ${data} is about "${id}"` : `${deliveryName(Number(delivery))} is not in ${data}`
    throw new TocsinError('wrong-usage', `${what}; expected an alert such as alt_51, a delivery such as dlv_12, or the id of a session or an event`)
  }
  return alerts
}

async function deliveryCalled(id: string, read: Reader): Promise<DeliveryRecord | undefined> {
  const number = Number(/^dlv_(\d{1,15})$/.exec(id)?.[1])
  if (Number.isNaN(number)) return undefined
  const [found] = await read.deliveries({ before: number + 1, limit: 1 })
  return found?.id === number ? found : undefined
}

/** The event of this id, where no alert is about it; of a session its newest. */
async function quietEvent(id: string, read: Reader): Promise<StoredEvent | undefined> {
  if (/^(?:(?:alt_|dlv_)?\d{1,15})$/.test(id) || (await alertsAbout(id, read)).length > 0) return undefined
  let before: number | undefined
  for (let looked = 0; looked < lookedThroughMax; looked += pageRows) {
    const page = await read.events({ limit: pageRows, ...(before === undefined ? {} : { before }) })
    const found = page.find((event) => event.id === id || event.sessionId === id)
    if (found !== undefined) return found
    before = page.at(-1)?.seq
    if (page.length < pageRows) break
  }
  return undefined
}

/** What a delivery carries. */
async function alertsIn(delivery: number, read: Reader): Promise<readonly Alert[]> {
  const found = await deliveryCalled(deliveryName(delivery), read)
  if (found === undefined) return []
  const alerts = await Promise.all(found.alerts.map((id) => read.alert(id)))
  return alerts.filter((alert) => alert !== undefined)
}

/** Alerts of a session, or for which an event is evidence; oldest first. */
async function alertsAbout(id: string, read: Reader): Promise<readonly Alert[]> {
  const about: Alert[] = []
  let before: number | undefined
  for (let looked = 0; looked < lookedThroughMax; looked += pageRows) {
    const page = await read.alerts({ limit: pageRows, ...(before === undefined ? {} : { before }) })
    about.push(...page.filter((alert) => alert.sessionId === id || alert.key === id || Object.values(alert.evidence).includes(id)))
    before = page.at(-1)?.id
    if (page.length < pageRows) break
  }
  return about.reverse()
}

export function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch (unknownZone) {
    if (unknownZone instanceof RangeError) return false
    throw unknownZone
  }
}

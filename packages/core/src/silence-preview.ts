import { translator } from './locales/catalogue.ts'
import { columnLines } from './delivery/terminal-lines.ts'
import { titleOf } from './delivery/title.ts'
import { alertName, type Alert } from './model/alert.ts'
import type { DeliveryRecord, Reader } from './model/reader.ts'
import { formatDuration } from './model/duration.ts'
import type { Part } from './model/roles.ts'
import type { Said } from './model/said.ts'
import { shownAddress } from './model/shown-address.ts'

/** Alerts that are looked at, newest first; and those that are printed of what it would have hidden. */
const lookedAtMax = 10_000
const pageRows = 1_000
const shownMax = 20

/** What a silence would have hidden. */
export interface SilencePreview {
  readonly sinceMs: number
  /** All alerts of that time that were looked at, and whether there are older ones in it. */
  readonly alerts: number
  readonly hasMore: boolean
  /** Newest first. */
  readonly hidden: readonly HiddenAlert[]
  /** Messages that would not have been sent: those that carry nothing else. */
  readonly messagesSaved: number
  /** Messages that would have been sent with less in them. */
  readonly messagesShortened: number
}

interface HiddenAlert {
  readonly alert: string
  readonly atMs: number
  readonly severity: Alert['severity']
  readonly title: string
  /** Who was told of it, and by what. */
  readonly told: readonly { readonly person: string; readonly channel: string }[]
}

/** What a silence with this condition would have hidden of what opened since then. */
export async function previewSilence(read: Reader, project: string, test: (alert: Alert) => boolean, sinceMs: number, shown: { readonly locale: string; readonly timezone: string; readonly without?: readonly Part[] }): Promise<SilencePreview> {
  const { found, hasMore } = await alertsSince(read, project, sinceMs)
  // A message to an address that somebody wrote by hand is never silenced.
  const matching = found.filter((alert) => alert.announcement?.direct === undefined && test(alert))
  const ids = new Set(matching.map(({ id }) => id))
  const sent = new Map<number, DeliveryRecord>()
  const hidden: HiddenAlert[] = []
  const reader = { translator: translator(shown.locale, shown.timezone), redact: (text: string) => text, without: shown.without ?? [] }
  for (const alert of matching) {
    const deliveries = (await read.deliveriesOf(alert.id)).filter(({ result }) => result === 'sent')
    for (const delivery of deliveries) sent.set(delivery.id, delivery)
    const told = new Map(deliveries.map(({ person, address, channel }) => [JSON.stringify([person, address, channel]), { person: person === '' ? shownAddress(address) : person, channel }]))
    hidden.push({ alert: alertName(alert.id), atMs: alert.openedAtMs, severity: alert.severity, title: titleOf(alert, reader, 'firing'), told: [...told.values()] })
  }
  const saved = [...sent.values()].filter(({ alerts }) => alerts.every((id) => ids.has(id))).length
  return { sinceMs, alerts: found.length, hasMore, hidden, messagesSaved: saved, messagesShortened: sent.size - saved }
}

/** The same for a terminal. */
export function previewLines(preview: SilencePreview, sinceMs: number, timezone: string): readonly string[] {
  const { alerts, hasMore, hidden, messagesSaved, messagesShortened } = preview
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' })
  const over = `the last ${formatDuration(sinceMs)}`
  const looked = hasMore ? `Of the newest ${count(alerts, 'alert')}, not all of ${over},` : `Of ${count(alerts, 'alert')} in ${over}`
  const rest = hidden.length - shownMax
  return [
    `${looked} it would have hidden ${hidden.length}, and saved ${count(messagesSaved, 'message')}${messagesShortened === 0 ? '' : `; ${messagesShortened} more would have been shorter`}.`,
    ...columnLines(hidden.slice(0, shownMax).map(({ alert, atMs, severity, title, told }) => ({
      cells: [time.format(atMs), alert, severity],
      sentence: `${title}; ${told.length === 0 ? 'nobody was told' : told.map(({ person, channel }) => `${person} by ${channel}`).join(', ')}`,
    }))),
    ...(rest > 0 ? [`  ... and ${rest} more`] : []),
  ]
}

/** What of a silence with this condition is probably not meant. */
export function previewWarnings({ alerts, hidden }: SilencePreview, match: string): readonly Said[] {
  if (matchesAll(match)) return [{ en: 'it matches every alert, also critical ones: nobody is told of anything until it is over', 'zh-CN': '匹配所有告警，包括紧急告警：结束之前不会告知任何人' }]
  const critical = hidden.filter(({ severity }) => severity === 'critical').length
  return [
    ...(alerts > 1 && hidden.length === alerts ? [{ en: `it matches every alert there was (${alerts})`, 'zh-CN': `匹配该时间内的全部告警（${alerts} 条）` }] : []),
    ...(critical > 0 ? [{ en: `it hides what is critical: ${count(critical, 'critical alert')} of that time`, 'zh-CN': `会隐藏紧急告警：该时间内有 ${critical.toLocaleString('en')} 条` }] : []),
  ]
}

async function alertsSince(read: Reader, project: string, sinceMs: number): Promise<{ readonly found: readonly Alert[]; readonly hasMore: boolean }> {
  const found: Alert[] = []
  let before: number | undefined
  for (let looked = 0; looked < lookedAtMax; looked += pageRows) {
    const page = await read.alerts({ limit: pageRows, ...(before !== undefined && { before }) })
    found.push(...page.filter((alert) => alert.project === project && alert.openedAtMs >= sinceMs))
    before = page.at(-1)?.id
    // Their numbers have the order in which they opened.
    if (page.length < pageRows || (page.at(-1)?.openedAtMs ?? 0) < sinceMs) return { found, hasMore: false }
  }
  return { found, hasMore: true }
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}

/** Whether a condition holds whatever the alert is, as far as can be seen from its text. */
export function matchesAll(match: string): boolean {
  return /^[\s(]*true[\s)]*$/.test(match)
}

import type { Translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import type { Alert } from '../model/alert.ts'
import { unlistedAlerts, type Notification, type Similar } from '../model/notification.ts'
import type { Severity } from '../model/severity.ts'
import { alertValues, safeText, type Reader } from './alert-values.ts'
import { cutText, shorten } from './shorten.ts'
import { standingOf, titleOf } from './title.ts'

/** Most characters of one line in a list of news, and of what is quoted in it. */
const itemCharsMax = 240
const exampleCharsMax = 100
const agentCharsMax = 30

const secondMs = 1_000

/** One line of a collection. */
export interface BatchLine {
  readonly time: string
  readonly title: string
  /** For how many alerts it stands. */
  readonly alerts: number
}

/** The news of a collection, one a line, and how many stand in none. What says the same of different things is one line that counts them. */
export function batchItems(notification: Notification, reader: Reader, severity: Severity): { readonly items: readonly BatchLine[]; readonly moreItems?: string } {
  const { translator } = reader
  const items = notification.alerts.map((alert) => {
    const plain = titleOf(alert, reader, 'firing')
    const stood = standingOf(alert, notification.news) === 'was' ? (say(translator, 'overItem', { title: plain }) ?? plain) : plain
    const title = notification.late?.includes(alert.id) === true ? (say(translator, 'lateItem', { title: stood }) ?? stood) : stood
    const marked = alert.severity === severity ? title : (say(translator, 'severityPrefix', { severity: translator.words.severities[alert.severity], title }) ?? title)
    const similar = notification.similar?.get(alert.id)
    const text = similar === undefined ? cutText(marked, itemCharsMax) : similarText(marked, alert, similar, reader)
    return { time: translator.timeBrief(alert.openedAtMs) ?? '', title: text.trimEnd(), alerts: similar?.alerts ?? 1 }
  })
  const more = unlistedAlerts(notification)
  const moreItems = more > 0 ? say(translator, 'moreItems', { count: more }) : undefined
  return { items, ...(moreItems === undefined ? {} : { moreItems }) }
}

/** One of them, what its error says where the reader may see that, and how many there are; the count is never cut. */
function similarText(title: string, alert: Alert, { alerts, firstMs, lastMs, agents = 0, agentNames = [] }: Similar, reader: Reader): string {
  const { translator } = reader
  const values = alertValues(alert, reader)
  const said = values('errorMessage') ?? values('causeMessage') ?? values('endReason')
  const text = said === undefined ? '' : shorten(String(said).replace(/\s+/g, ' '), exampleCharsMax, '…')
  const shown = text === '' ? title : (say(translator, 'similarExample', { title, text }) ?? title)
  const names = agentNames.map((name) => safeText(name, reader.redact, 'single', agentCharsMax))
  // The line begins with the time of the first.
  const counted = { count: alerts, ...(lastMs - firstMs >= secondMs && { within: translator.duration(lastMs - firstMs) }), ...(agents > agentNames.length && { agents }), ...(agents > 1 && agentNames.length > 0 && { names: translator.list(names) }) }
  const room = itemCharsMax - (say(translator, 'similarItem', { title: '', ...counted }) ?? '').length
  return say(translator, 'similarItem', { title: cutText(shown, room).trimEnd(), ...counted }) ?? shown
}

function say(translator: Translator, frame: FrameName, values: Readonly<Record<string, string | number>>): string | undefined {
  return translator.say(translator.words.frames[frame], (name) => values[name])
}

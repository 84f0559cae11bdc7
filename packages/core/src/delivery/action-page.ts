import type { Translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, isTaken, type Alert } from '../model/alert.ts'
import type { LinkAction } from '../model/attention.ts'
import type { Notification } from '../model/notification.ts'
import { permissions, type Role } from '../model/roles.ts'
import type { Severity } from '../model/severity.ts'
import { safeText, type Reader, valueCharsMax } from './alert-values.ts'
import { batchHeading } from './batch-heading.ts'
import { onlyAlert } from './letter.ts'
import { alertUrl, type LinkSettings } from './links.ts'
import { standingOf, titleOf } from './title.ts'

/** What somebody sees who opened the link of a message, in their words; to see it changes nothing. */
export interface ActionPage {
  /** BCP 47, such as `en` or `zh-CN`. */
  readonly locale: string
  /** Whoever acts by it. */
  readonly by: string
  readonly heading: string
  readonly alerts: readonly ActionPageAlert[]
  /** Alerts beyond those listed, that are acted on as well. */
  readonly moreAlerts: number
  /** What this reader may do now, the most useful first. */
  readonly actions: readonly LinkAction[]
  /** For buttons. */
  readonly words: Readonly<Record<LinkAction | 'open', string>>
  /** Who acts by it and until when, that nothing has changed yet, and who has it already where somebody has. */
  readonly notes: readonly string[]
  /** Where it can be looked at; absent without `publicUrl`. */
  readonly url?: string
  /** From then on the link is refused. */
  readonly expiresMs: number
}

export interface ActionPageAlert {
  /** Such as `alt_51`. */
  readonly name: string
  readonly title: string
  readonly severity: Severity
  readonly state: 'firing' | 'acknowledged' | 'resolved' | 'news'
  /** Who has it, and since when as the reader writes times. */
  readonly taken?: { readonly by: string; readonly time: string }
}

/** Who acts by the link of a delivery: its reader; where the channel is the address whoever reads there, and nobody knows who that is. */
export function actorOf({ recipient, channel }: Pick<Notification, 'recipient' | 'channel'>): string {
  return recipient.address === '' ? channel : recipient.person
}

export function actionPage(notification: Notification, role: Role, reader: Reader, links: Pick<LinkSettings, 'publicUrl'>, expiresMs: number): ActionPage {
  const { alerts, moreAlerts, project } = notification
  const { translator, redact } = reader
  const alert = onlyAlert(notification)
  return {
    locale: translator.locale,
    by: safeText(actorOf(notification), redact, 'single', valueCharsMax.name),
    heading: alert === undefined ? batchHeading(notification, reader) : titleOf(alert, reader, standingOf(alert, notification.news)),
    alerts: alerts.map((one) => pageAlert(one, reader, translator)),
    moreAlerts,
    actions: actionsFor(alerts.filter(({ kind }) => permissions[role].acts.includes(kind))),
    words: wordsOf(translator),
    notes: [...takenNotes(alerts, reader), ...said(translator, 'pageWorksOnce', {}), ...said(translator, 'pageBy', { by: safeText(actorOf(notification), redact, 'single', valueCharsMax.name), until: translator.time(expiresMs) })],
    ...(links.publicUrl === undefined ? {} : { url: alertUrl(links.publicUrl, project, alert) }),
    expiresMs,
  }
}

const wordFrames = { acknowledge: 'acknowledgeWord', snooze: 'snoozeWord', resolve: 'resolveWord', expected: 'expectedWord', unacknowledge: 'unacknowledgeWord', open: 'openWord' } as const satisfies Record<LinkAction | 'open', FrameName>

function wordsOf(translator: Translator): ActionPage['words'] {
  const word = (frame: FrameName): string => said(translator, frame, {})[0] ?? ''
  return { acknowledge: word(wordFrames.acknowledge), snooze: word(wordFrames.snooze), resolve: word(wordFrames.resolve), expected: word(wordFrames.expected), unacknowledge: word(wordFrames.unacknowledge), open: word(wordFrames.open) }
}

function takenNotes(alerts: readonly Alert[], { translator, redact }: Reader): readonly string[] {
  const taken = alerts.find(isTaken)?.taken
  return taken === undefined ? [] : said(translator, 'pageTaken', { by: safeText(taken.by, redact, 'single', valueCharsMax.name), time: translator.time(taken.atMs) })
}

const doneFrames = { acknowledge: 'doneAcknowledge', snooze: 'doneSnooze', resolve: 'doneResolve', expected: 'doneExpected', unacknowledge: 'doneUnacknowledge' } as const satisfies Record<LinkAction, FrameName>

/** What became of it, in one sentence for whoever did it. */
export function actedText(action: LinkAction, each: readonly { readonly result: string; readonly by?: string; readonly atMs?: number; readonly untilMs?: number }[], { translator, redact }: Pick<Reader, 'translator' | 'redact'>): string {
  const done = each.filter(({ result }) => result === 'done')
  const already = each.find(({ result }) => result === 'already')
  if (done.length > 0) return said(translator, doneFrames[action], { count: done.length, until: timeOf(translator, done[0]?.untilMs) })[0] ?? ''
  if (already === undefined) return said(translator, 'doneNothing', {})[0] ?? ''
  return said(translator, 'doneAlready', { by: already.by === undefined ? undefined : safeText(already.by, redact, 'single', valueCharsMax.name), time: timeOf(translator, already.atMs) })[0] ?? ''
}

function timeOf(translator: Translator, atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : translator.time(atMs)
}

function said(translator: Translator, frame: FrameName, values: Readonly<Record<string, string | number | undefined>>): readonly string[] {
  const text = translator.say(translator.words.frames[frame], (name) => values[name])
  return text === undefined ? [] : [text]
}

function pageAlert(alert: Alert, reader: Reader, translator: Translator): ActionPageAlert {
  const { id, severity, state, ends, taken } = alert
  const by = taken === undefined || !isTaken(alert) ? undefined : { by: safeText(taken.by, reader.redact, 'single', valueCharsMax.name), time: translator.time(taken.atMs) ?? '' }
  return { name: alertName(id), title: titleOf(alert, reader, standingOf(alert, 'firing')), severity, state: ends === 'at-once' ? 'news' : state, ...(by === undefined ? {} : { taken: by }) }
}

function actionsFor(alerts: readonly Alert[]): readonly LinkAction[] {
  const lasting = alerts.filter(({ state }) => state !== 'resolved')
  const offered: Readonly<Record<LinkAction, boolean>> = {
    acknowledge: alerts.some((alert) => !isTaken(alert) && (alert.state === 'firing' || alert.ends === 'at-once')),
    snooze: lasting.length > 0,
    resolve: lasting.length > 0,
    expected: lasting.length > 0,
    unacknowledge: alerts.some(isTaken),
  }
  return (Object.keys(offered) as LinkAction[]).filter((action) => offered[action]) // the keys of a record of all actions
}

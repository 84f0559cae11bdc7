import type { Translator } from '../../locales/catalogue.ts'
import { alertName, type Alert } from '../../model/alert.ts'
import { messages, type MessageId, type ParamName } from '../../model/message.ts'
import type { Notification } from '../../model/notification.ts'
import type { TemplateName } from '../../model/template.ts'
import { alertValues, partOf, type Reader } from '../alert-values.ts'
import { itemLine } from '../letter-text.ts'
import { onlyAlert, sayFrame, type Letter } from '../letter.ts'
import { preview, toneOf } from '../mail-html.ts'
import type { ShortForm } from '../text-message.ts'

/**
 * Everything a template can read, and nothing else. All of it is redacted, neutralised, in the reader's language, and without
 * what their role may not see. What is not there is `nil`, so that `if` can ask for it; an unknown name is an error.
 */
export interface TemplateView {
  /** Id of the message, such as `session.failed`; `batch` for what was collected. */
  readonly message: string
  /** BCP 47, such as `en`: the language of everything here. */
  readonly locale: string
  readonly severity: string
  /** The severity in words, or that it is over. */
  readonly badge: string
  /** `firing` or `resolved`. */
  readonly news: string
  readonly isOver: boolean
  readonly project: string
  readonly channel: string
  readonly route: string
  readonly person: string
  readonly role: string
  /** What, where, how bad, how much: one line. */
  readonly heading: string
  /** The heading where the subject had no room for all of it, as text puts it first; else `nil`. */
  readonly longHeading: string | null
  /** The heading with its severity in at most 78 characters. */
  readonly subject: string
  /** The first sentence or the facts, for the preview of mail readers; one line. */
  readonly preview: string
  /** Sentences; may hold line breaks. */
  readonly lines: readonly string[]
  /** What a model, a tool or a provider said, in quotation marks; may hold line breaks. */
  readonly quotes: readonly string[]
  readonly facts: readonly { readonly label: string; readonly value: string; readonly line: string }[]
  /** The news of a collection, and for how many alerts each line stands. */
  readonly items: readonly { readonly time: string; readonly title: string; readonly line: string; readonly alerts: number }[]
  /** What was left out of the items. */
  readonly moreItems: string | null
  /** What this reader has to know about the message itself: parts left out, possibly repeated. */
  readonly notes: readonly string[]
  /** `kind` is `open`, `trace` or `runbook`; `word` for a button, `line` with the address in it. */
  readonly links: readonly { readonly kind: string; readonly word: string; readonly url: string; readonly line: string }[]
  readonly why: string | null
  /** The short form in one line, and its link where there is room for it. */
  readonly short: string
  readonly shortUrl: string | null
  /** The colour of the severity on light and on dark ground. */
  readonly colour: { readonly light: string; readonly dark: string }
  /** The one alert that it is about; of a collection all are `nil`. */
  readonly alert: { readonly [Name in AlertField]: string | number | null }
  /** The parameters of the message as its reader sees them; of a collection all are `nil`. */
  readonly params: { readonly [Name in ParamName]: string | number | null }
  /** Those that are numbers, for comparing: amounts in dollars, times in milliseconds since 1970. */
  readonly numbers: { readonly [Name in ParamName]: number | null }
}

/** Its names, for checking templates. */
export const viewNames = [
  'message', 'locale', 'severity', 'badge', 'news', 'isOver', 'project', 'channel', 'route', 'person', 'role', 'heading', 'longHeading', 'subject', 'preview', 'lines', 'quotes', 'facts', 'items',
  'moreItems', 'notes', 'links', 'why', 'short', 'shortUrl', 'colour', 'alert', 'params', 'numbers',
] as const satisfies readonly (keyof TemplateView)[] as readonly string[]

export const alertFields = ['name', 'rule', 'kind', 'state', 'count', 'agent', 'session', 'environment'] as const
export type AlertField = (typeof alertFields)[number]

const paramNames: readonly ParamName[] = [...new Set(Object.values(messages).flat())]

/** Whose template a notification asks for. */
export function templateNameOf(notification: Notification): Exclude<TemplateName, '*'> {
  return onlyAlert(notification)?.message ?? 'batch'
}

export interface ViewParts {
  readonly letter: Letter
  readonly notification: Notification
  readonly reader: Reader
  readonly subject: string
  readonly isHeadingCut: boolean
  readonly short: ShortForm
}

export function viewOf({ letter, notification, reader, subject, isHeadingCut, short }: ViewParts): TemplateView {
  const { translator } = reader
  const { locale, severity, badge, isOver, heading, lines, quotes, notes } = letter
  const alert = onlyAlert(notification)
  return {
    message: templateNameOf(notification), locale, severity, badge, news: notification.news, isOver,
    project: notification.project, channel: notification.channel, route: notification.route, person: notification.recipient.person, role: notification.recipient.role,
    heading, longHeading: isHeadingCut ? heading : null, subject, preview: preview(letter), lines, quotes, notes,
    facts: letter.facts.map((fact) => ({ ...fact, line: sayFrame(translator, 'factLine', fact) ?? '' })),
    items: letter.items.map((item) => ({ ...item, line: itemLine(item, translator) })),
    moreItems: letter.moreItems ?? null,
    links: letter.links,
    why: letter.why ?? null,
    short: short.text,
    shortUrl: short.url ?? null,
    colour: toneOf(letter),
    alert: alertView(alert, reader),
    ...paramViews(alert, reader),
  }
}

function alertView(alert: Alert | undefined, reader: Reader): TemplateView['alert'] {
  if (alert === undefined) return { ...noAlert }
  const { translator } = reader
  const values = alertValues(alert, reader)
  return {
    name: alertName(alert.id), rule: alert.rule, kind: kindWord(alert, translator), state: alert.state, count: alert.count,
    agent: values('agent') ?? null, session: values('session') ?? null, environment: values('environment') ?? null,
  }
}

function kindWord({ kind }: Alert, { words }: Translator): string {
  return words.kinds[kind]
}

function paramViews(alert: Alert | undefined, reader: Reader): Pick<TemplateView, 'params' | 'numbers'> {
  const params: Record<ParamName, string | number | null> = { ...noParams }
  const numbers: Record<ParamName, number | null> = { ...noParams }
  if (alert === undefined) return { params, numbers }
  const values = alertValues(alert, reader)
  for (const name of messages[alert.message]) {
    params[name] = values(name) ?? null
    const given = alert.params[name]
    const part = partOf(name)
    const isForThem = part === undefined || !reader.without.includes(part)
    if (typeof given === 'number' && Number.isFinite(given) && isForThem) numbers[name] = given
  }
  return { params, numbers }
}

const noAlert = Object.fromEntries(alertFields.map((name) => [name, null])) as Readonly<Record<AlertField, null>> // made of all its keys
const noParams = Object.fromEntries(paramNames.map((name) => [name, null])) as Readonly<Record<ParamName, null>> // made of all its keys

/** The parameters that a template of this name may read. */
export function paramsFor(name: TemplateName): readonly ParamName[] {
  return name === '*' ? paramNames : name === 'batch' ? [] : messages[name satisfies MessageId]
}

import type { Translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, isTaken, type Alert } from '../model/alert.ts'
import type { CardLink } from '../model/card.ts'
import type { Notification } from '../model/notification.ts'
import { permissions } from '../model/roles.ts'

/** Where the links of messages lead, and who answers for what: from the configuration alone, never from what agents say. */
export interface LinkSettings {
  /** Where the dashboard is reached; absent: messages do not lead there. */
  readonly publicUrl?: string | undefined
  /** Where traces are looked at, with `{traceId}` in it. */
  readonly traceUrl?: string
  /** The secret part of a link by which the reader of a delivery acts; absent: there are no such links. */
  readonly actionToken?: (delivery: number, createdAtMs: number, nowMs: number) => string
  /** By name of the rule. */
  readonly rules?: Readonly<Record<string, RuleLinks | undefined>>
}

export interface RuleLinks {
  readonly runbook?: string
  readonly owner?: string
}

export interface Link {
  readonly kind: 'open' | 'acknowledge' | 'snooze' | 'trace' | 'runbook'
  /** For a button. */
  readonly word: string
  /** For a line of text, the address in it. */
  readonly line: string
  readonly url: string
  /** Of one by which its reader acts. */
  readonly act?: CardLink['act']
}

/**
 * The links of a message, the most useful first.
 *
 * @param alert the one that the message is about; absent for a collection, which leads to all of the project's
 * @param action where its reader acts, see `actionLinkOf`
 */
export function linksOf(settings: LinkSettings, project: string, alert: Alert | undefined, translator: Translator, action?: ActionLinkUrl): readonly Link[] {
  const link = (kind: Link['kind'], url: string | undefined, act?: CardLink['act']): readonly Link[] => {
    if (url === undefined) return []
    const { word, line } = framesOf[kind]
    const say = (frame: FrameName): string => translator.say(translator.words.frames[frame], (name) => (name === 'url' ? url : undefined)) ?? url
    return [{ kind, url, word: say(word), line: say(line), ...(act !== undefined && { act }) }]
  }
  const traceId = alert === undefined ? undefined : traceIdOf(alert)
  return [
    ...link('open', settings.publicUrl === undefined ? undefined : alertUrl(settings.publicUrl, project, alert)),
    ...link('acknowledge', action?.url, action && { action: 'acknowledge', token: action.token }),
    ...link('snooze', action?.canSnooze === true ? `${action.url}?do=snooze` : undefined, action && { action: 'snooze', token: action.token }),
    ...link('trace', traceId === undefined ? undefined : settings.traceUrl?.replaceAll('{traceId}', traceId)),
    ...link('runbook', alert === undefined ? undefined : ruleLinksOf(settings, alert)?.runbook),
  ]
}

const framesOf = {
  open: { word: 'openWord', line: 'open' },
  acknowledge: { word: 'acknowledgeWord', line: 'acknowledge' },
  snooze: { word: 'snoozeWord', line: 'snooze' },
  trace: { word: 'traceWord', line: 'trace' },
  runbook: { word: 'runbookWord', line: 'runbook' },
} as const satisfies Record<Link['kind'], Readonly<Record<'word' | 'line', FrameName>>>

/** Where the reader of one message acts. It leads to a page that changes nothing by being opened: mail is opened by machines, too. */
export interface ActionLinkUrl {
  readonly url: string
  /** What the address ends in. */
  readonly token: string
  /** Something in it may fire on; of news, which is over as it opens, nothing is left to put off. */
  readonly canSnooze: boolean
}

/**
 * Absent where there is nothing to do: for ends, for messages that somebody wrote to an address, for those whose role may only look, for what
 * somebody has already or only informs.
 */
export function actionLinkOf({ publicUrl, actionToken }: LinkSettings, { id, news, recipient, alerts, createdAtMs }: Notification, nowMs: number): ActionLinkUrl | undefined {
  if (publicUrl === undefined || actionToken === undefined || news !== 'firing' || recipient.person === '') return undefined
  const { acts } = permissions[recipient.role]
  const open = alerts.filter((alert) => acts.includes(alert.kind) && !isTaken(alert) && (alert.state === 'firing' || (alert.ends === 'at-once' && alert.severity !== 'info')))
  if (open.length === 0) return undefined
  const token = actionToken(id, createdAtMs, nowMs)
  return { url: `${publicUrl.replace(/\/+$/, '')}/a/${token}`, token, canSnooze: open.some(({ state }) => state === 'firing') }
}

/** What the configuration says of the rule behind an alert. */
export function ruleLinksOf({ rules }: LinkSettings, alert: Alert): RuleLinks | undefined {
  return rules !== undefined && Object.hasOwn(rules, alert.rule) ? rules[alert.rule] : undefined
}

/** Where an alert can be looked at, or all of a project's. */
export function alertUrl(publicUrl: string, project: string, alert: Alert | undefined): string {
  const base = `${publicUrl.replace(/\/+$/, '')}/p/${encodeURIComponent(project)}/alerts`
  return alert === undefined ? base : `${base}/${alertName(alert.id)}`
}

/** A trace id of OpenTelemetry, or of the OpenAI Agents SDK, at the beginning of an event's id. */
const leadingTraceId = /^((?:trace_)?[0-9a-f]{32})(?::|$)/

/**
 * The trace in which it happened. An event that came from a span begins its id with it, and a session that nobody named is
 * named by it: nothing has to be stored for this.
 */
function traceIdOf({ evidence, sessionId }: Alert): string | undefined {
  for (const id of [evidence['firstFailure'], evidence['event'], sessionId]) {
    const found = typeof id === 'string' ? leadingTraceId.exec(id)?.[1] : undefined
    if (found !== undefined) return found
  }
  return undefined
}

import type { Translator } from '../locales/catalogue.ts'
import type { FrameName } from '../locales/shape.ts'
import { alertName, type Alert } from '../model/alert.ts'

/** Where the links of messages lead, and who answers for what: from the configuration alone, never from what agents say. */
export interface LinkSettings {
  /** Where the dashboard is reached; absent: messages do not lead there. */
  readonly publicUrl?: string | undefined
  /** Where traces are looked at, with `{traceId}` in it. */
  readonly traceUrl?: string
  /** By name of the rule. */
  readonly rules?: Readonly<Record<string, RuleLinks | undefined>>
}

export interface RuleLinks {
  readonly runbook?: string
  readonly owner?: string
}

export interface Link {
  readonly kind: 'open' | 'trace' | 'runbook'
  /** For a button. */
  readonly word: string
  /** For a line of text, the address in it. */
  readonly line: string
  readonly url: string
}

/**
 * The links of a message, the most useful first.
 *
 * @param alert the one that the message is about; absent for a collection, which leads to all of the project's
 */
export function linksOf(settings: LinkSettings, project: string, alert: Alert | undefined, translator: Translator): readonly Link[] {
  const link = (kind: Link['kind'], url: string | undefined): readonly Link[] => {
    if (url === undefined) return []
    const { word, line } = framesOf[kind]
    const say = (frame: FrameName): string => translator.say(translator.words.frames[frame], (name) => (name === 'url' ? url : undefined)) ?? url
    return [{ kind, url, word: say(word), line: say(line) }]
  }
  const traceId = alert === undefined ? undefined : traceIdOf(alert)
  return [
    ...link('open', settings.publicUrl === undefined ? undefined : alertUrl(settings.publicUrl, project, alert)),
    ...link('trace', traceId === undefined ? undefined : settings.traceUrl?.replaceAll('{traceId}', traceId)),
    ...link('runbook', alert === undefined ? undefined : ruleLinksOf(settings, alert)?.runbook),
  ]
}

const framesOf = {
  open: { word: 'openWord', line: 'open' },
  trace: { word: 'traceWord', line: 'trace' },
  runbook: { word: 'runbookWord', line: 'runbook' },
} as const satisfies Record<Link['kind'], Readonly<Record<'word' | 'line', FrameName>>>

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

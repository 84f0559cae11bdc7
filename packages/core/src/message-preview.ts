import { channelTypes } from './channels/registry.ts'
import type { LinkSettings } from './delivery/links.ts'
import { createRenderer } from './delivery/render.ts'
import { likelyParams } from './delivery/templates/sample-values.ts'
import { kindOf } from './delivery/templates/samples.ts'
import { createTemplates } from './delivery/templates/templates.ts'
import type { Alert } from './model/alert.ts'
import type { ChannelLimits, ChannelType, OpenChannel } from './model/channel.ts'
import type { Config } from './model/config.ts'
import { errorText, TocsinError } from './model/error.ts'
import { messages, type MessageId } from './model/message.ts'
import type { News, Notification } from './model/notification.ts'
import type { Redact } from './model/redact.ts'
import { mayHear, type Role } from './model/roles.ts'
import type { TemplateName } from './model/template.ts'
import { partsWithheld } from './routing/people.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { noToken, seenMessage, settingsOf, type SeenMessage } from './seen-message.ts'

/** What is previewed: a message of the product with likely values, or an alert that happened. */
export type PreviewOf = { readonly message: Exclude<TemplateName, '*'> } | { readonly alert: Alert }

export interface PreviewAsk {
  readonly of: PreviewOf
  /** A channel of the configuration, or a type as it is by default. */
  readonly by: { readonly channel: string } | { readonly type: string }
  readonly news: News
  /** Whose message: by it is decided what is left out. */
  readonly reader: { readonly person: string; readonly role: Role; readonly locale: string; readonly timezone: string }
  /** In place of those of the configuration. */
  readonly templates?: Config['templates']
}

export interface Preview {
  readonly message: SeenMessage
  /** Whether this reader is told of such an alert at all. */
  readonly isForThem: boolean
  /** A template that could not be used, and why: what the product writes itself stands in its place. */
  readonly faults: readonly string[]
}

export interface PreviewParts {
  readonly config: Config
  readonly channels: ReadonlyMap<string, OpenChannel>
  readonly redact: Redact
  readonly linkSettings: LinkSettings
  readonly nowMs: number
}

/**
 * A message as it would be written, by what writes messages. Nothing is sent.
 *
 * @throws TocsinError `wrong-usage` where there is no such channel or type
 */
export function previewMessage({ config, channels, redact, linkSettings, nowMs }: PreviewParts, { of, by, news, reader, templates = config.templates }: PreviewAsk): Preview {
  const { type, limits, settings, name } = channelOf(config, channels, by)
  const faults: string[] = []
  const render = createRenderer({ redact, links: { ...linkSettings, actionToken: () => noToken }, templates: createTemplates(templates), onFailure: (_message, cause) => void faults.push(errorText(cause)) })
  const alerts = alertsOf(of, config.project, nowMs).map((alert) => (news === 'resolved' ? { ...alert, state: 'resolved' as const, resolvedAtMs: alert.resolvedAtMs ?? nowMs } : alert))
  const { person, role, locale, timezone } = reader
  const notification: Notification = {
    id: 0, project: config.project, channel: name, recipient: { person, role, address: 'preview', locale, timezone }, route: routeOf(config), news, alerts,
    moreAlerts: 0, without: partsWithheld(role), createdAtMs: nowMs, ...(alerts.length > 1 && { turn: { kind: 'digest' as const } }),
  }
  const message = render(notification, { type, limits, messageId: 'preview', possiblyRepeated: false, nowMs })
  return { message: seenMessage(message, type, settings, nowMs), isForThem: alerts.every((alert) => mayHear(role, person, alert)), faults }
}

function channelOf(config: Config, channels: ReadonlyMap<string, OpenChannel>, by: PreviewAsk['by']): { readonly type: ChannelType; readonly limits: ChannelLimits; readonly settings: unknown; readonly name: string } {
  if ('channel' in by) {
    const open = channels.get(by.channel)
    if (open === undefined) throw new TocsinError('wrong-usage', `there is no channel "${by.channel}"`)
    return { type: open.type, limits: open.limits, settings: settingsOf(config, by.channel, open.type), name: by.channel }
  }
  const type = channelTypes.get(by.type)
  if (type === undefined) throw new TocsinError('wrong-usage', `expected one of ${[...channelTypes.keys()].join(', ')}, found "${by.type}"`)
  return { type, limits: type.limits, settings: undefined, name: by.type }
}

function alertsOf(of: PreviewOf, project: string, nowMs: number): readonly Alert[] {
  if ('alert' in of) return [of.alert]
  const { message } = of
  return (message === 'batch' ? batch : [message]).map((id, index) => ({
    id: 51 + index, project, rule: ruleOf(id), key: 'sample', kind: kindOf(id), severity: severities[id] ?? 'high', message: id, params: likelyParams(id, nowMs), ends: 'quiet', quietMs: 600_000, evidence: {},
    state: 'firing', count: 1, openedAtMs: nowMs - 60_000 * index, updatedAtMs: nowMs,
    ...(id === 'custom' && { announcement: { title: 'Deployment finished', body: 'Version 4c1e9d2 answers.', severity: 'info' as const } }),
  }))
}

const batch = ['session.failed', 'model.failed', 'budget.crossed'] as const satisfies readonly MessageId[]
const severities: Partial<Record<MessageId, Alert['severity']>> = { 'model.outage': 'critical', 'budget.crossed': 'warning', 'budget.forecast': 'warning', 'session.started': 'info', 'session.ended': 'info', 'model.recorded': 'info', custom: 'info' }

function ruleOf(message: MessageId): string {
  return builtInRuleNames.find((rule) => messageOfRule(rule) === message) ?? message
}

function routeOf({ routes }: Config): string {
  return routes?.[0]?.name ?? 'on-call'
}

/** Built-in rules whose message has another name. */
const differently: Readonly<Record<string, MessageId>> = { 'call-repeated': 'tool.repeated', 'spend-anomaly': 'cost.anomaly' }

/** What a built-in rule says; absent: there is no such rule. */
function messageOfRule(rule: string): MessageId | undefined {
  if (!builtInRuleNames.includes(rule)) return undefined
  // Of all, so that a rule whose message is called otherwise is missed by the test, and not by a reader.
  return differently[rule] ?? (Object.keys(messages) as readonly MessageId[]).find((id) => id === rule.replace('-', '.') || id.endsWith(`.${rule}`)) // the keys of a const object
}

/** What a rule or a budget of this configuration says; absent: there is neither. */
export function messageOf({ rules, budgets }: Config, name: string): MessageId | undefined {
  const own = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (own !== undefined && own !== false && typeof own.on === 'string') return 'measure' in own ? 'rule.threshold' : 'anomaly' in own ? 'rule.anomaly' : 'absent' in own ? 'rule.absent' : 'rule.matched'
  return Object.hasOwn(budgets, name) ? 'budget.crossed' : messageOfRule(name)
}

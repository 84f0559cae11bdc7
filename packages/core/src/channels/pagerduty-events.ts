import { hash } from 'node:crypto'
import type { AboutAlert, Card } from '../model/card.ts'
import type { Message } from '../model/channel.ts'
import type { Severity } from '../model/severity.ts'
import { cutText } from './cut-text.ts'
import { oneLine } from './one-line.ts'

/** One call of the Events API v2, without its routing key (https://developer.pagerduty.com/docs/events-api-v2/trigger-events/). */
export type PagerDutyEvent =
  | { readonly event_action: 'acknowledge' | 'resolve'; readonly dedup_key: string }
  | {
      readonly event_action: 'trigger'
      readonly dedup_key: string
      readonly client: 'Tocsin'
      readonly client_url?: string
      readonly links: readonly { readonly href: string; readonly text: string }[]
      readonly payload: {
        readonly summary: string
        readonly severity: 'critical' | 'error' | 'warning' | 'info'
        readonly source: string
        readonly component?: string
        readonly group?: string
        readonly class?: string
        readonly timestamp?: string
        readonly custom_details: Details
      }
    }

type Trigger = Extract<PagerDutyEvent, { event_action: 'trigger' }>
type Details = Readonly<Record<string, string | number | Readonly<Record<string, string>>>>

export const detailsCharsMax = 20_000
const summaryCharsMax = 1_024
const dedupKeyCharsMax = 255

const severities: Readonly<Record<Severity, Trigger['payload']['severity']>> = { critical: 'critical', high: 'error', warning: 'warning', info: 'info' }

/**
 * What PagerDuty is told of a message: an event for each alert in it, under a key that is the alert's own. A collection is
 * taken apart because an incident of many could never be resolved by the end of one. Alerts beyond those that a message
 * lists share one event under the message's id.
 */
export function eventsOf(message: Message): readonly PagerDutyEvent[] {
  const { card, news } = message
  const [alert, ...others] = card?.about.alerts ?? []
  if (card === undefined || alert === undefined) return [news !== 'firing' ? stateOf(news, bareKey(message)) : trigger(message, bareKey(message), message.subject, severities[message.severity], {}, { text: textOf(message) })]
  const { project, moreAlerts } = card.about
  const keyOf = ({ name, openedAtMs }: AboutAlert): string => bounded(`tocsin-${project}-${name}-${openedAtMs.toString(36)}`)
  const alerts = [alert, ...others]
  if (news !== 'firing') return alerts.map((one) => stateOf(news, keyOf(one)))
  if (others.length === 0 && moreAlerts === 0) return [trigger(message, keyOf(alert), card.heading, severities[message.severity], aboutOf(alert, project), { ...factsOf(alert), ...wordsOf(card), text: textOf(message) })]
  const each = alerts.map((one, place) => trigger(message, keyOf(one), card.items[place]?.title ?? `${one.rule} ${one.name}`, severities[one.severity], aboutOf(one, project), { ...factsOf(one), notes: card.notes.join('\n') }))
  const rest = moreAlerts === 0 ? [] : [trigger(message, bounded(message.id), card.heading, severities[message.severity], { source: project }, { text: textOf(message) })]
  return [...each, ...rest]
}

/** What is unknown there can be neither acknowledged nor resolved, and that is no error. */
function stateOf(news: 'acknowledged' | 'resolved', key: string): PagerDutyEvent {
  return { event_action: news === 'resolved' ? 'resolve' : 'acknowledge', dedup_key: key }
}

function trigger({ card, subject }: Message, key: string, summary: string, severity: Trigger['payload']['severity'], about: Partial<Trigger['payload']>, details: Details): PagerDutyEvent {
  const links = card?.links ?? []
  return {
    event_action: 'trigger',
    dedup_key: key,
    client: 'Tocsin',
    ...(links[0] === undefined ? {} : { client_url: links[0].url }),
    links: links.map(({ url, word }) => ({ href: url, text: word })),
    payload: {
      source: 'tocsin',
      ...about,
      // Empty is refused.
      summary: cutText(oneLine(summary) || oneLine(subject) || key, summaryCharsMax, '…'),
      severity,
      custom_details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== '')),
    },
  }
}

function aboutOf({ rule, agent, environment, params, updatedAtMs }: AboutAlert, project: string): Partial<Trigger['payload']> {
  const component = params['model'] ?? params['tool'] ?? params['causeName'] ?? environment
  return { source: agent ?? project, ...(component === undefined ? {} : { component: String(component) }), group: project, class: rule, timestamp: new Date(updatedAtMs).toISOString() }
}

function factsOf({ name, rule, kind, count, sessionId, agent, environment }: AboutAlert): Details {
  return { alert: name, rule, kind, count, session: sessionId ?? '', agent: agent ?? '', environment: environment ?? '' }
}

function wordsOf({ facts, notes, why }: Card): Details {
  return { facts: Object.fromEntries(facts.map(({ label, value }) => [label, value])), notes: notes.join('\n'), why: why ?? '' }
}

function textOf({ text }: Message): string {
  return cutText(text, detailsCharsMax, '\n… (cut)')
}

/** Where nothing is known but the message, its thread is the best name of what it is about. */
function bareKey({ thread, id }: Message): string {
  return bounded(thread ?? id)
}

function bounded(key: string): string {
  return key.length <= dedupKeyCharsMax ? key : hash('sha256', key, 'hex')
}

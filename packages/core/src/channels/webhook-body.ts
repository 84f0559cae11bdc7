import type { AboutAlert, Card } from '../model/card.ts'
import type { Message } from '../model/channel.ts'
import type { News } from '../model/notification.ts'
import type { Severity } from '../model/severity.ts'
import { cutText } from './cut-text.ts'

/**
 * The body of a webhook. Its names stay: what is not there today may be added, nothing is renamed or taken away within
 * version 1 (docs/guides/webhooks.md says the same to receivers, with the schema).
 */
export interface WebhookBody {
  /** `digest` for a collection, whatever its news. */
  readonly type: 'alert.firing' | 'alert.resolved' | 'digest'
  /** When it happened, ISO 8601 in UTC: the same at every attempt, unlike the header `webhook-timestamp`. */
  readonly timestamp: string
  readonly data: {
    /** As in the header `webhook-id`. */
    readonly id: string
    readonly news: News
    readonly severity: Severity
    /** The same for all news of one alert; absent where nothing can follow. */
    readonly thread?: string
    readonly project: string
    /** At most 100; the others are counted in `moreAlerts`. */
    readonly alerts: readonly AboutAlert[]
    readonly moreAlerts: number
    /** One line in the language of `locale`, without the severity. */
    readonly title: string
    readonly text: string
    readonly facts: Card['facts']
    /** The most useful of the links, if there are any. */
    readonly url?: string
    readonly links: Card['links']
    /** Why this receiver gets it. */
    readonly reason?: string
    readonly locale: string
    readonly possiblyRepeated: boolean
  }
}

export const textCharsMax = 10_000
/** Of the title, the reason and each fact; what a renderer writes is far shorter. */
const lineCharsMax = 1_000
const factsMax = 100
/** Larger bodies lose alerts from the end of their list, which are then counted in `moreAlerts`. */
export const bodyBytesMax = 256_000

/**
 * The body as it is signed and sent.
 *
 * @param nowMs stands in where a message is about no alert that has a time
 */
export function webhookBody(message: Message, id: string, nowMs: number): string {
  const alerts = message.card?.about.alerts ?? []
  for (let listed = alerts.length; ; listed = Math.floor(listed / 2)) {
    const body = JSON.stringify(bodyWith(message, id, nowMs, alerts.slice(0, listed)))
    if (listed === 0 || Buffer.byteLength(body) <= bodyBytesMax) return body
  }
}

function bodyWith(message: Message, id: string, nowMs: number, listed: readonly AboutAlert[]): WebhookBody {
  const { card, news, severity, thread, locale, possiblyRepeated } = message
  const all = card?.about.alerts ?? []
  const moreAlerts = (card?.about.moreAlerts ?? 0) + all.length - listed.length
  const isCollection = all.length + (card?.about.moreAlerts ?? 0) > 1 || (card !== undefined && card.items.length > 0)
  const links = card?.links ?? []
  return {
    // Who has an alert is not told here.
    type: isCollection ? 'digest' : news === 'resolved' ? 'alert.resolved' : 'alert.firing',
    timestamp: new Date(all.length === 0 ? nowMs : Math.max(...all.map(happenedAtMs))).toISOString(),
    data: {
      id, news, severity,
      ...(thread === undefined ? {} : { thread }),
      project: card?.about.project ?? '',
      alerts: listed,
      moreAlerts,
      title: line(card?.heading ?? message.subject),
      text: cutText(message.text, textCharsMax, '\n… (cut)'),
      facts: (card?.facts ?? []).slice(0, factsMax).map(({ label, value }) => ({ label: line(label), value: line(value) })),
      ...(links[0] === undefined ? {} : { url: links[0].url }),
      links,
      ...(card?.why === undefined ? {} : { reason: line(card.why) }),
      locale, possiblyRepeated,
    },
  }
}

function happenedAtMs({ updatedAtMs, resolvedAtMs }: AboutAlert): number {
  return Math.max(updatedAtMs, resolvedAtMs ?? 0)
}

function line(text: string): string {
  return cutText(text, lineCharsMax, '…')
}

import type { LinkSettings } from './delivery/links.ts'
import { messageIdOf } from './delivery/message-id.ts'
import { createRenderer, type Render } from './delivery/render.ts'
import { createTemplates } from './delivery/templates/templates.ts'
import { previewMessage, type Preview, type PreviewAsk } from './message-preview.ts'
import type { OpenChannel } from './model/channel.ts'
import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import type { Notification } from './model/notification.ts'
import type { Redact } from './model/redact.ts'
import { mayHear, type Part, type Role } from './model/roles.ts'
import type { DeliveryRecord } from './model/reader.ts'
import type { Store } from './model/store.ts'
import { noToken, seenMessage, settingsOf, type SeenMessage } from './seen-message.ts'

/**
 * Why there is nothing to look at.
 *
 * forgotten     the alerts that it told of are not kept any more
 * erased        its reader was erased
 * channel-gone  its channel is not in the configuration any more, so that nobody knows its form
 * role          whoever looks may not see what it told of
 */
export type UnseenReason = 'forgotten' | 'erased' | 'channel-gone' | 'role'

export type Seen =
  /** `asSent`: these are the words that were sent. Otherwise it was written again of what is on record now. */
  | { readonly asSent: boolean; readonly atMs: number; readonly message: SeenMessage }
  | { readonly gone: UnseenReason }

/** Who looks. */
export interface Onlooker {
  readonly role: Role
  /** Their name in the configuration; empty: nobody there. */
  readonly person: string
  /** Parts that they may not see. */
  readonly without: readonly Part[]
}

export interface Messages {
  /** What a delivery tells, for somebody who may see that there is such a delivery. */
  of(delivery: DeliveryRecord, to: Onlooker): Promise<Seen>
  /** A message as it would be written. */
  preview(ask: PreviewAsk): Preview
}

export interface MessagesParts {
  readonly store: Store
  readonly clock: Clock
  readonly config: Config
  readonly channels: ReadonlyMap<string, OpenChannel>
  /** Over every value from outside, as where messages are sent. */
  readonly redact: Redact
  readonly linkSettings: LinkSettings
}

/** Messages for people who look at them. Written by the engine's own renderer: whatever is seen here is what is sent. */
export function createMessages({ store, clock, config, channels, redact, linkSettings }: MessagesParts): Messages {
  let made: Render | undefined
  // Made where somebody looks: an agent starts without it.
  const renderer = (): Render => (made ??= createRenderer({ redact, links: { ...linkSettings, actionToken: () => noToken }, templates: createTemplates(config.templates) }))

  return {
    async of(delivery, { role, person, without }) {
      const { id, result, createdAtMs, attempts, doneAtMs } = delivery
      if (result === 'erased') return { gone: 'erased' }
      const open = channels.get(delivery.channel)
      const messageId = messageIdOf({ project: config.project, id, createdAtMs })
      const isTheirs = person !== '' && delivery.person === person
      const kept = isTheirs || without.length === 0 ? (await store.read.messagesKept([messageId])).get(messageId) : undefined
      if (kept !== undefined) {
        const { subject, text, severity, atMs } = kept
        return { asSent: true, atMs, message: { subject, text, severity, channelType: open?.type.type ?? '', shape: open?.type.shape ?? 'full' } }
      }
      const notification = (await store.transaction((tx) => tx.delivery(id), { project: config.project }))?.due.notification
      if (notification === undefined || notification.project !== config.project) return { gone: 'forgotten' }
      if (open === undefined) return { gone: 'channel-gone' }
      const left = forOnlooker(notification, { role, person, without })
      if (left === undefined) return { gone: 'role' }
      const atMs = doneAtMs ?? attempts.at(-1)?.atMs ?? clock.nowMs()
      const message = renderer()(left, { type: open.type, limits: open.limits, messageId, possiblyRepeated: false, nowMs: atMs })
      return { asSent: false, atMs, message: seenMessage(message, open.type, settingsOf(config, delivery.channel, open.type), atMs) }
    },
    preview: (ask) => previewMessage({ config, channels, redact, linkSettings, nowMs: clock.nowMs() }, ask),
  }
}

/** Without what they may not see; nothing where nothing is left. */
function forOnlooker(notification: Notification, { role, person, without }: Onlooker): Notification | undefined {
  const alerts = notification.alerts.filter((alert) => mayHear(role, person, alert))
  if (alerts.length === 0) return undefined
  const parts = [...new Set([...notification.without, ...without])]
  if (alerts.length === notification.alerts.length) return { ...notification, without: parts }
  // How many there are beyond them tells of what is hidden.
  const { totals: _totals, similar: _similar, ...rest } = notification
  return { ...rest, alerts, moreAlerts: 0, without: parts }
}

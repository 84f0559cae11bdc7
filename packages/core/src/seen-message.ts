import { ownSettings } from './channels/registry.ts'
import type { Card } from './model/card.ts'
import type { ChannelForm, ChannelType, Message } from './model/channel.ts'
import type { Config } from './model/config.ts'

/** A message as its channel is handed it, and what the channel makes of it. Its links by which one acts lead nowhere. */
export interface SeenMessage extends ChannelForm, Pick<Message, 'subject' | 'severity' | 'html'> {
  /** BCP 47; absent: not known of what was kept. */
  readonly locale?: string
  readonly channelType: string
  readonly shape: ChannelType['shape']
  readonly text: string
  readonly card?: Card
}

/** Stands where the secret part of a link is in what is sent: whoever looks at somebody else's message must not act in their name. */
export const noToken = 'not-sent'

/** What the channel makes of a message; its type's own form where that has one. */
export function seenMessage({ subject, text, severity, locale, html, card, ...message }: Message, type: ChannelType, settings: unknown, atMs: number): SeenMessage {
  const whole: Message = { ...message, subject, text, severity, locale, ...(html !== undefined && { html }), ...(card !== undefined && { card }) }
  return {
    subject, text, severity, locale, channelType: type.type, shape: type.shape,
    ...(html !== undefined && { html }), ...(card !== undefined && { card }), ...type.formOf?.(whole, settings, atMs),
  }
}

/** Of a channel of the configuration what its type takes; nothing where there is none. */
export function settingsOf({ channels }: Config, name: string, type: ChannelType): unknown {
  const config = Object.hasOwn(channels, name) ? channels[name] : undefined
  const parsed = config === undefined ? undefined : type.settings.safeParse(ownSettings(config))
  return parsed?.success === true ? parsed.data : undefined
}

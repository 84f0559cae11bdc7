import { cutText } from './channels/cut-text.ts'
import { channelTypes, openChannel } from './channels/registry.ts'
import { formsOf } from './channels/secret-forms.ts'
import { parseConfig, secretsOf } from './load-config.ts'
import type { Card } from './model/card.ts'
import { systemChance } from './model/chance.ts'
import type { ChannelType, Inbox, Message, OpenChannel, SendTools, TranscriptLine } from './model/channel.ts'
import { systemClock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { Outcome } from './model/outcome.ts'
import { createRedactor, type Redact } from './model/redact.ts'
import type { Content, ManagerOptions, Sender } from './sender.ts'

const deadlineMsMax = 600_000
/** How long a channel that does not stop at its deadline is waited for. */
const graceMs = 1_000
const receivedMax = 1_000
const subjectCharsMax = 78
const textCharsMax = 100_000
/** Lines of a conversation that are shown, and characters of each. */
const transcriptLinesMax = 200
const transcriptCharsMax = 300

/**
 * Sends over channels of its own: one attempt, and its outcome.
 *
 * @param registered types registered by the caller; grows while the manager lives
 */
export function createLoneSender(options: ManagerOptions, registered: readonly ChannelType[]): Sender<Outcome> {
  const clock = options.clock ?? systemClock
  const memory = new MemoryInbox()
  const inbox = options.inbox ?? memory
  const deadlineMs = Math.min(Math.max(1, options.deadlineMs ?? 30_000), deadlineMsMax)
  let opened: Opened | undefined

  /** Opened at first use, and anew when a type was registered since. */
  const open = async (): Promise<Opened> => {
    if (opened?.typesSeen === registered.length) return opened
    const next = openAll(options, registered)
    await closeAll(opened)
    opened = next
    return next
  }

  return {
    channels: async () => [...(await open()).channels.values()].map(({ name, type, address }) => ({ name, type: type.type, address })),
    async sendTo(name, address, content) {
      const { channels, redact } = await open()
      const channel = channels.get(name)
      if (channel === undefined) throw new TocsinError('channel-unknown', `no channel is named "${name}"`)
      return attempt(channel, messageFor(channel, address, content, redact), { clock, inbox, deadlineMs, redact })
    },
    async test(name, address, content) {
      const { channels, redact, mask } = await open()
      const channel = channels.get(name)
      if (channel === undefined) throw new TocsinError('channel-unknown', `no channel is named "${name}"`)
      const conversation: TranscriptLine[] = []
      const transcript = ({ from, text }: TranscriptLine): void => {
        for (const line of redact(mask(text)).split(/\r?\n/)) if (conversation.length < transcriptLinesMax) conversation.push({ from, text: cutText(withoutControls(line), transcriptCharsMax, '…') })
      }
      const outcome = await attempt(channel, messageFor(channel, address, content, redact), { clock, inbox, deadlineMs, redact, transcript })
      return { outcome, conversation }
    },
    sendToPeople: async (to) => {
      const wanted = to === undefined ? 'a channel or an address in "to"' : `an e-mail address or an international number, found "${to}"`
      throw new TocsinError('wrong-usage', `send: expected ${wanted}; people and routes are known with a Client only`)
    },
    received: () => memory.messages,
    close: async () => {
      await closeAll(opened)
      opened = undefined
    },
  }
}

interface Opened {
  readonly channels: ReadonlyMap<string, OpenChannel>
  readonly redact: Redact
  /** Takes the secrets of the channels out in every form in which a provider may say them back. */
  readonly mask: (text: string) => string
  readonly typesSeen: number
}

function openAll(options: ManagerOptions, registered: readonly ChannelType[]): Opened {
  const types = new Map([...channelTypes, ...registered.map((type) => [type.type, type] as const)])
  const config = parseConfig({ channels: options.channels ?? {} }, { channelTypes: registered })
  const used = new Set(Object.values(config.channels).map(({ type }) => type))
  const own = registered.filter(({ type }) => !used.has(type)).map(({ type }) => [type, { type }] as const)
  const all = { ...config.channels, ...Object.fromEntries(own) }
  const secrets = secretsOf(config, registered)
  return {
    channels: new Map(Object.entries(all).map(([name, channel]) => [name, openChannel(name, channel, types)])),
    redact: options.redact ?? createRedactor({ personalData: options.content !== 'full', extraSecrets: secrets }),
    mask: maskOf(secrets),
    typesSeen: registered.length,
  }
}

/** Bounded by the configuration: each channel has a few secrets. */
function maskOf(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return (text) => text
  const forms = new RegExp(secrets.map(formsOf).join('|'), 'g')
  return (text) => text.replaceAll(forms, '[REDACTED:secret]')
}

async function closeAll(opened: Opened | undefined): Promise<void> {
  for (const { channel } of opened?.channels.values() ?? []) await channel.close?.()
}

interface World extends Pick<SendTools, 'clock' | 'inbox' | 'transcript'> {
  readonly deadlineMs: number
  readonly redact: Redact
}

/** Sends once, within the deadline, whatever the channel does. */
async function attempt(open: OpenChannel, message: Message, world: World): Promise<Outcome> {
  const { clock, inbox, deadlineMs, transcript } = world
  const deadline = new AbortController()
  const stops = [clock.after(deadlineMs, () => deadline.abort())]
  const overdue = new Promise<Outcome>((resolve) => {
    stops.push(clock.after(deadlineMs + graceMs, () => resolve({ kind: 'in-doubt', code: 'deadline', detail: `channel "${open.name}" did not stop at its deadline: the message may have gone out` })))
  })
  try {
    return await Promise.race([open.channel.send(message, { signal: deadline.signal, clock, inbox, ...(transcript === undefined ? {} : { transcript }) }), overdue])
  } catch (fault) {
    return { kind: 'retry', code: 'channel-fault', detail: world.redact(`channel "${open.name}" failed: ${errorText(fault)}`) }
  } finally {
    for (const stop of stops) stop()
  }
}

function messageFor(open: OpenChannel, to: string, content: Content, redact: Redact): Message {
  const title = redact(content.title)
  const body = withoutControls(redact(content.body)).trim()
  const subject = cutText(title, subjectCharsMax, '…')
  const { shape } = open.type
  const needsTitle = shape === 'short' || subject !== title
  const whole = body === '' || body === title ? title : needsTitle ? `${title}\n${body}` : body
  const textMax = Math.min(open.limits.bodyCharsMax, textCharsMax)
  const text = cutText(whole, textMax, '…')
  return {
    id: systemChance.id(),
    to,
    severity: content.severity,
    subject,
    text,
    ...(shape === 'mail' ? { html: htmlOf(text) } : {}),
    ...(shape === 'card' ? { card: cardFor(title, body === title ? '' : cutText(body, textMax, '…')) } : {}),
    news: 'firing',
    locale: 'en',
    possiblyRepeated: false,
  }
}

/** A message by hand in pieces: its title and what was written; there is no alert behind it. */
function cardFor(heading: string, body: string): Card {
  return { badge: '', heading, lines: body === '' ? [] : [body], quotes: [], facts: [], items: [], notes: [], links: [], about: { project: '', alerts: [], moreAlerts: 0 } }
}

/** The same text as a page: nothing in it is markup. */
function htmlOf(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return `<!doctype html><html><body><div style="white-space:pre-wrap;font-family:sans-serif">${text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)}</div></body></html>`
}

function withoutControls(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(/[^\P{Cc}\n\t]/gu, '')
}

/** The last messages, in memory. */
class MemoryInbox implements Inbox {
  readonly #messages = new Map<string, Message>()

  async put(message: Message): Promise<void> {
    if (this.#messages.has(message.id)) return
    this.#messages.set(message.id, message)
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= receivedMax) break
      this.#messages.delete(oldest)
    }
  }

  get messages(): readonly Message[] {
    return [...this.#messages.values()]
  }
}

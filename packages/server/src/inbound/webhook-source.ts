import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { compileTemplate, errorText, TocsinError, type EventInput, type SourceConfig } from 'tocsin/engine'
import { severityOf } from './alertmanager.ts'

/** A source of the configuration, ready to read calls. */
export interface WebhookSource {
  /** Absent: whoever calls needs a key of ours. */
  readonly isSigned: boolean
  /** Whether the call bears the sender's signature over the body as it came. */
  isFrom(headers: Readonly<Record<string, string | undefined>>, body: string): boolean
  /** What it tells, or nothing where `when` says that it is not worth a word. */
  eventOf(payload: unknown): EventInput | undefined
}

const textsOf = ['title', 'body', 'severity', 'about', 'over', 'at', 'when'] as const

/** @throws TocsinError `config-invalid` where a text is no template */
export function webhookSource(name: string, config: SourceConfig): WebhookSource {
  const write = writerOf(name, config)
  return {
    isSigned: config.secret !== undefined,
    isFrom: (headers, body) => config.secret !== undefined && (config.signature === 'github' ? isFromGitHub(config.secret, headers, body) : isStandard(config.secret, headers, body)),
    eventOf(payload) {
      if (config.when !== undefined && write.text('when', payload) !== 'true') return undefined
      const about = write.text('about', payload)
      const body = write.text('body', payload)
      const atMs = timeOf(write.text('at', payload))
      return {
        type: 'custom',
        source: 'native',
        name,
        // The same call that is sent again is the same event, where it says when it was.
        ...(atMs !== undefined && { atMs, id: `${name}:${createHash('sha256').update(JSON.stringify(payload)).digest('hex').slice(0, 32)}` }),
        tags: write.tags(payload),
        announcement: {
          title: write.text('title', payload) || name,
          severity: severityOf(write.text('severity', payload)),
          ...(body !== '' && { body }),
          ...(about !== '' && { about: `${name} ${about}`, ...(write.text('over', payload) === 'true' && { over: true as const }) }),
        },
      }
    },
  }
}

interface Writer {
  /** Empty where the configuration has no such text. */
  text(which: (typeof textsOf)[number], payload: unknown): string
  tags(payload: unknown): Readonly<Record<string, string>>
}

function writerOf(name: string, config: SourceConfig): Writer {
  const compiled = (path: string, text: string): ((payload: unknown) => string) => {
    try {
      const template = compileTemplate(text, 'payload')
      return (payload) => {
        try {
          // Reason for the cast: templates of messages have another view; this one has what was sent, and nothing else.
          return template.render({ payload } as unknown as Parameters<typeof template.render>[0]).trim()
        } catch (failed) {
          throw new TocsinError('event-invalid', `sources.${name}.${path} cannot be written for what was sent: ${errorText(failed)}`, { cause: failed })
        }
      }
    } catch (wrong) {
      throw new TocsinError('config-invalid', `sources.${name}.${path}: ${wrong instanceof Error ? wrong.message : 'expected a template'}`, { cause: wrong })
    }
  }
  const texts = new Map(textsOf.flatMap((which) => (config[which] === undefined ? [] : [[which, compiled(which, config[which])] as const])))
  const tags = Object.entries(config.tags).map(([tag, text]) => [tag, compiled(`tags.${tag}`, text)] as const)
  return {
    text: (which, payload) => texts.get(which)?.(payload) ?? '',
    tags: (payload) => Object.fromEntries(tags.map(([tag, write]) => [tag, write(payload)])),
  }
}

/** Absent where nothing was written, or no time: then it is now. */
function timeOf(text: string): number | undefined {
  const ms = /^\d{10,16}$/.test(text) ? Number(text) * (text.length <= 11 ? 1_000 : 1) : Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

function isFromGitHub(secret: string, headers: Readonly<Record<string, string | undefined>>, body: string): boolean {
  const given = Buffer.from(headers['x-hub-signature-256'] ?? '')
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function isStandard(secret: string, headers: Readonly<Record<string, string | undefined>>, body: string): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signature = '' } = headers
  try {
    new Webhook(secret).verify(body, { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature })
    return true
  } catch {
    // It throws for whatever is wrong with it: a signature, a time, a header that is missing.
    return false
  }
}

import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { cutText } from './cut-text.ts'
import { callHttp, type HttpResult } from './http.ts'
import { isLoopback } from './loopback.ts'
import { ownAuthority } from './own-authority.ts'
import { safeDetail } from './safe-detail.ts'
import { segmentsOf } from './sms-segments.ts'
import { twilioOutcome } from './twilio-outcome.ts'

const textCharsMax = 1_600

const settings = z
  .strictObject({
    accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'expected AC and 32 hexadecimal digits').meta({ label: 'Account SID', hint: 'from the console of Twilio, `AC…`' }),
    authToken: z.string().min(1).max(200).meta({ label: 'Auth token', secret: true }),
    from: z
      .string()
      .regex(/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32})$/, 'expected an international number such as +15005550006 or a Messaging Service (MG and 32 hexadecimal digits)')
      .meta({ label: 'From', hint: 'a number of the account, or a Messaging Service (`MG…`)' }),
    apiBase: z.url({ protocol: /^https?$/ }).default('https://api.twilio.com').meta({ label: 'Address of the API', hint: 'a regional endpoint or a stand-in' }),
    allowInsecure: z.boolean().default(false).meta({ label: 'Allow plain HTTP to this machine' }),
    ca: z.string().min(1).optional().meta({ label: 'Own certificate authority', hint: 'PEM text or a file; trusted instead of the known ones' }),
  })
  .refine(({ apiBase, allowInsecure }) => apiBase.startsWith('https:') || (allowInsecure && isLoopback(new URL(apiBase).hostname)), {
    path: ['apiBase'],
    error: 'expected https; plain http is accepted for loopback addresses only, with allowInsecure: true',
  })
  .meta({
    title: 'Text messages (Twilio)',
    description:
      'International text messages by the REST API of Twilio. A message costs its segments: 160 characters in the alphabet of GSM, 70 in any other script, 153 and 67 where there are several. Twilio knows no idempotency key, so a message whose answer was lost is looked for in the message list before it is sent again. The end of an alert is not told here.',
    example: `oncall-sms:
  type: sms
  accountSid: "\${TWILIO_ACCOUNT_SID}"
  authToken: "\${TWILIO_AUTH_TOKEN}"
  from: "+15005550006"`,
  })

type Settings = z.output<typeof settings>

/** Text messages by Twilio's REST API (https://www.twilio.com/docs/messaging/api/message-resource). */
export const sms: ChannelType<Settings> = {
  type: 'sms',
  settings,
  address: 'phone',
  shape: 'short',
  limits: {
    bodyCharsMax: textCharsMax,
    concurrency: 4,
    // A long code sends one segment a second; what is more waits at the provider, out of our order.
    rate: { count: 30, perMs: 30_000 },
    ratePerAddress: { count: 100, perMs: 3_600_000 },
    cost: (message) => Math.max(1, segmentsOf(bodyOf(message)).count),
  },
  can: { deduplicates: false, tellsResolved: false },
  create: (own, name) => new TwilioSms(own, ownAuthority(own.ca, name)),
}

class TwilioSms implements Channel {
  readonly #settings: Settings
  readonly #messages: URL
  readonly #authorization: string
  readonly #ca: string | undefined

  constructor(own: Settings, ca: string | undefined) {
    this.#settings = own
    this.#ca = ca
    this.#messages = new URL(`/2010-04-01/Accounts/${own.accountSid}/Messages.json`, own.apiBase)
    this.#authorization = `Basic ${Buffer.from(`${own.accountSid}:${own.authToken}`).toString('base64')}`
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    if (!/^\+[1-9]\d{6,14}$/.test(message.to)) return { kind: 'bad-address', code: 'E164', detail: 'expected an international number such as +8613800000000 (E.164)' }
    const body = bodyOf(message)
    if (body.trim() === '') return { kind: 'bad-content', code: 'empty', detail: 'a text message cannot be empty' }
    const { from } = this.#settings
    const form = new URLSearchParams({ To: message.to, Body: body, [from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: from })
    const result = await this.#call('POST', this.#messages, tools, form.toString())
    return this.#withoutSecrets(twilioOutcome(result), message)
  }

  /** Twilio has no idempotency key, so a doubtful message is looked for in the list by receiver, text and time. */
  async find(message: Message, sinceMs: number, tools: SendTools): Promise<'arrived' | 'absent' | 'unknown'> {
    const body = bodyOf(message)
    let page: URL | undefined = new URL(this.#messages)
    page.searchParams.set('To', message.to)
    page.searchParams.set('DateSent>', new Date(sinceMs).toISOString().slice(0, 10))
    page.searchParams.set('PageSize', '100')
    for (let read = 0; read < pagesMax && page !== undefined; read += 1) {
      const list: z.output<typeof messageList> | undefined = listOf(await this.#call('GET', page, tools))
      if (list === undefined) return 'unknown'
      if (list.messages.some((sent) => isSame(sent, body, sinceMs))) return 'arrived'
      const next: string | null | undefined = list.next_page_uri
      if (next === null || next === undefined || next === '') return 'absent'
      page = new URL(next, this.#messages)
      // The token goes to the configured host alone, whatever a list says.
      if (page.origin !== this.#messages.origin) return 'unknown'
    }
    return 'unknown'
  }

  #call(method: 'GET' | 'POST', url: URL, tools: SendTools, body?: string): Promise<HttpResult> {
    const ca = this.#ca
    const headers = {
      authorization: this.#authorization,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    return callHttp({ method, url, headers, ...(body === undefined ? {} : { body }), ...(ca === undefined ? {} : { ca }) }, tools)
  }

  #withoutSecrets(outcome: Outcome, message: Message): Outcome {
    if (outcome.detail === undefined) return outcome
    const { authToken, accountSid } = this.#settings
    return { ...outcome, detail: safeDetail(outcome.detail.replaceAll(message.to, '[number]'), [authToken, this.#authorization.slice('Basic '.length), accountSid]) }
  }
}

/** Pages of 100 that are read before the answer is `unknown`. */
const pagesMax = 5
/** How far the provider's clock may be behind ours. */
const clockSkewMs = 60_000

const messageList = z.object({
  messages: z.array(z.object({ body: z.string().nullish(), status: z.string().nullish(), date_created: z.string().nullish() })),
  next_page_uri: z.string().nullish(),
})

function listOf(result: HttpResult): z.output<typeof messageList> | undefined {
  if (result.kind === 'failed' || result.status !== 200 || !result.complete) return undefined
  try {
    return messageList.safeParse(JSON.parse(result.text)).data
  } catch (notJson) {
    if (notJson instanceof SyntaxError) return undefined
    throw notJson
  }
}

function isSame(sent: z.output<typeof messageList>['messages'][number], body: string, sinceMs: number): boolean {
  if (sent.status === 'failed' || sent.status === 'undelivered' || sent.status === 'canceled') return false
  const createdMs = Date.parse(sent.date_created ?? '')
  // A trial account puts its own words before the text.
  return sent.body?.endsWith(body) === true && (Number.isNaN(createdMs) || createdMs >= sinceMs - clockSkewMs)
}

function bodyOf(message: Message): string {
  // Three dots and not one sign: that sign is not in GSM-7 and would double the segments.
  return cutText(message.text, textCharsMax, '...')
}

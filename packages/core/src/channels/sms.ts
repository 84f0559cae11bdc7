import { z } from 'zod'
import type { AddressObjection, Channel, ChannelLimits, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Inbound, InboundRequest } from '../model/inbound.ts'
import type { Outcome } from '../model/outcome.ts'
import { segmentsOf } from '../model/sms-segments.ts'
import { callingCountries, countryOf } from './calling-codes.ts'
import { fitSegments } from './fit-segments.ts'
import { suggestion } from './nearest.ts'
import { withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpResult } from './transport/http.ts'
import { httpOutcome } from './transport/outcome.ts'
import { openTransport, providerSettings, urlRule, urlSetting, type Transport } from './transport/transport.ts'
import { readTwilioCall, statusCallbackFor } from './twilio-callback.ts'
import { twilioVerdict } from './twilio-outcome.ts'

/** Longest body that Twilio takes (error 21617 beyond). */
const textCharsMax = 1_600
/** Ten segments of GSM-7 are 1,530 characters. */
const segmentsMax = 10
const segmentsByDefault = 2
const dayMs = 86_400_000

const country = z
  .string()
  .refine((code) => callingCountries.includes(code), { error: ({ input }) => `expected a country of ISO 3166 such as US, CN or DE, found "${String(input)}"${suggestion(String(input).toUpperCase(), callingCountries)}` })

const settings = z
  .strictObject({
    accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/, 'expected AC and 32 hexadecimal digits').meta({ label: { en: 'Account SID', 'zh-CN': '账户 SID' }, hint: { en: 'from the console of Twilio, `AC…`', 'zh-CN': '见 Twilio 控制台，`AC…`' } }),
    authToken: z.string().min(1).max(200).meta({ label: { en: 'Auth token', 'zh-CN': '认证令牌' }, secret: true }),
    from: z
      .string()
      .regex(/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32})$/, 'expected an international number such as +15005550006 or a Messaging Service (MG and 32 hexadecimal digits)')
      .meta({ label: { en: 'From', 'zh-CN': '发件人' }, hint: { en: 'a number of the account, or a Messaging Service (`MG…`)', 'zh-CN': '账户的号码，或 Messaging Service（`MG…`）' } }),
    segmentsMax: z.int().min(1).max(segmentsMax).default(segmentsByDefault).meta({ label: { en: 'Segments of one message', 'zh-CN': '单条消息的分段数' }, hint: { en: 'a longer text is cut and ends in `[...]`; a link at its end stays whole', 'zh-CN': '更长的文字会截断并以 `[...]` 结尾；末尾的链接保持完整' } }),
    segmentsPerDay: z.int().min(5).max(1_000_000).optional().meta({ label: { en: 'Segments a day', 'zh-CN': '每天的分段数' }, hint: { en: 'a cap on what is spent: a fifth may go at once, the rest is spread over the day; a fifth is kept for critical messages', 'zh-CN': '费用上限：五分之一可立即使用，其余分摊到全天；五分之一留给紧急消息' } }),
    countries: z.array(country).min(1).max(callingCountries.length).optional().meta({ label: { en: 'Allowed countries', 'zh-CN': '允许的国家和地区' }, hint: { en: 'such as `[US, CN, DE]`; numbers of others are not written to', 'zh-CN': '例如 `[US, CN, DE]`；不向其他国家和地区的号码发送' } }),
    statusCallback: urlSetting().optional().meta({ label: { en: 'Address for status callbacks', 'zh-CN': '状态回调地址' }, hint: { en: 'where Twilio tells whether a message arrived: what did not goes to the next channel', 'zh-CN': 'Twilio 在此告知消息是否送达；未送达的改用下一个渠道' } }),
    apiBase: urlSetting().default('https://api.twilio.com').meta({ label: { en: 'Address of the API', 'zh-CN': 'API 地址' }, hint: { en: 'a regional endpoint or a stand-in', 'zh-CN': '区域端点或替代地址' } }),
    ...providerSettings,
  })
  .superRefine(urlRule('provider', 'apiBase', 'statusCallback'))
  .meta({
    about: {
      title: { en: 'Text messages (Twilio)', 'zh-CN': '短信（Twilio）' },
      description: {
        en: 'International text messages by the REST API of Twilio. A message costs its segments: 160 characters in the alphabet of GSM, 70 in any other script, 153 and 67 where there are several; curly quotes and dashes become straight ones where that saves a segment. Twilio knows no idempotency key, so a message whose answer was lost is looked for in the message list before it is sent again. The end of an alert is not told here.',
        'zh-CN': '通过 Twilio 的 REST API 发送国际短信。一条短信按分段计费：GSM 字符集 160 个字符，其他文字 70 个；多个分段时分别为 153 和 67 个。能节省分段时，弯引号和长横线会改为直的。Twilio 没有幂等键，因此应答丢失的短信会先在消息列表中查找再重发。告警解除时不在此告知。',
      },
      credentials: {
        en: `1. In the console of Twilio the account SID (\`AC…\`) and the auth token stand on the first page.
2. Buy a number that can send texts to your countries, or make a Messaging Service (\`MG…\`) with several. In the USA a number needs a registered campaign (A2P 10DLC) before carriers take its texts.
3. Under _Messaging, Geo permissions_ switch on the countries of your people; otherwise Twilio answers 21408.
4. A trial account sends only to numbers that were verified.`,
        'zh-CN': `1. 在 Twilio 控制台首页可见账户 SID（\`AC…\`）和认证令牌。
2. 购买能向你的国家和地区发送短信的号码，或创建含多个号码的 Messaging Service（\`MG…\`）。在美国，号码须先登记活动（A2P 10DLC），运营商才会接收短信。
3. 在 _Messaging, Geo permissions_ 中启用人员所在的国家和地区；否则 Twilio 返回 21408。
4. 试用账户只能向已验证的号码发送。`,
      },
    },
    inChinese: {
      'expected a country of ISO 3166 such as US, CN or DE': '应为 ISO 3166 国家代码，例如 US、CN 或 DE',
      'expected AC and 32 hexadecimal digits': '应为 AC 加 32 位十六进制数字',
      'expected an international number such as +15005550006 or a Messaging Service (MG and 32 hexadecimal digits)': '应为国际号码（例如 +15005550006）或 Messaging Service（MG 加 32 位十六进制数字）',
    },
    example: `oncall-sms:
  type: sms
  accountSid: "\${TWILIO_ACCOUNT_SID}"
  authToken: "\${TWILIO_AUTH_TOKEN}"
  from: "+15005550006"
  countries: [US, CN]
  segmentsPerDay: 200`,
  })

type Settings = z.output<typeof settings>

/** Text messages by Twilio's REST API (https://www.twilio.com/docs/messaging/api/message-resource). */
export const sms: ChannelType<Settings> = {
  type: 'sms',
  settings,
  address: 'phone',
  shape: 'short',
  limits: limitsOf({ segmentsMax: segmentsByDefault }),
  limitsFor: limitsOf,
  objectsTo,
  can: { deduplicates: false, resolves: false, stops: true },
  formOf(message, own) {
    const text = bodyOf(message, own ?? { segmentsMax: segmentsByDefault })
    return { text, segments: segmentsOf(text) }
  },
  create: (own, name) => new TwilioSms(own, openTransport(own, name, 'provider')),
}

function limitsOf(own: Pick<Settings, 'segmentsMax' | 'segmentsPerDay'>): ChannelLimits {
  // A long code sends one segment a second; what is more waits at the provider, out of our order.
  const asFast = { count: 30, perMs: 30_000 }
  return {
    bodyCharsMax: textCharsMax,
    concurrency: 4,
    rate: own.segmentsPerDay === undefined ? asFast : [asFast, { count: own.segmentsPerDay, perMs: dayMs }],
    ratePerAddress: { count: 100, perMs: 3_600_000 },
    cost: (message) => Math.max(1, segmentsOf(bodyOf(message, own)).count),
  }
}

function objectsTo({ countries }: Pick<Settings, 'countries'>, number: string): AddressObjection | undefined {
  if (!/^\+[1-9]\d{6,14}$/.test(number)) return { code: 'E164', detail: 'expected an international number such as +8613800000000 (E.164)' }
  const of = countryOf(number)
  if (countries === undefined || (of !== undefined && countries.includes(of))) return undefined
  return { code: 'country-not-allowed', detail: `a number ${of === undefined ? 'of no known country' : `of ${of}`}: countries allows ${countries.join(', ')}` }
}

class TwilioSms implements Channel {
  readonly #settings: Settings
  readonly #messages: URL
  readonly #authorization: string
  readonly #transport: Transport

  constructor(own: Settings, transport: Transport) {
    this.#settings = own
    this.#transport = transport
    this.#messages = new URL(`/2010-04-01/Accounts/${own.accountSid}/Messages.json`, own.apiBase)
    this.#authorization = `Basic ${Buffer.from(`${own.accountSid}:${own.authToken}`).toString('base64')}`
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const objection = objectsTo(this.#settings, message.to)
    if (objection !== undefined) return { kind: 'bad-address', ...objection }
    const body = bodyOf(message, this.#settings)
    if (body.trim() === '') return { kind: 'bad-content', code: 'empty', detail: 'a text message cannot be empty' }
    const { accountSid, authToken, from, statusCallback } = this.#settings
    const form = new URLSearchParams({ To: message.to, Body: body, [from.startsWith('MG') ? 'MessagingServiceSid' : 'From']: from })
    if (statusCallback !== undefined) form.set('StatusCallback', statusCallbackFor(statusCallback, message.id))
    const result = await this.#call('POST', this.#messages, tools, form.toString())
    return withoutSecrets(httpOutcome(result, twilioVerdict), [authToken, this.#authorization.slice('Basic '.length), accountSid], message.to)
  }

  receive(request: InboundRequest): Inbound {
    return readTwilioCall(request, this.#settings.authToken)
  }

  /** Twilio has no idempotency key, so a doubtful message is looked for in the list by receiver, text and time. */
  async find(message: Message, sinceMs: number, tools: SendTools): Promise<'arrived' | 'absent' | 'unknown'> {
    const body = bodyOf(message, this.#settings)
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
    const headers = {
      authorization: this.#authorization,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    return callHttp({ method, url, headers, ...(body === undefined ? {} : { body }), via: this.#transport }, tools)
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

function bodyOf(message: Message, own: Pick<Settings, 'segmentsMax'>): string {
  return fitSegments(message.text, own.segmentsMax)
}

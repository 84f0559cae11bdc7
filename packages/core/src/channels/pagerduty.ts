import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'
import { detailsCharsMax, eventsOf, type PagerDutyEvent } from './pagerduty-events.ts'
import { withoutSecrets } from './safe-detail.ts'
import { callHttp, type HttpAnswer } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { openTransport, providerSettings, urlRule, urlSetting, type Transport } from './transport/transport.ts'

const settings = z
  .strictObject({
    routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/, 'expected the 32 letters and digits of an integration key').meta({ label: { en: 'Routing key', 'zh-CN': '路由密钥' }, secret: true, hint: { en: 'the integration key of an “Events API v2” integration', 'zh-CN': '“Events API v2”集成的集成密钥' } }),
    apiBase: urlSetting().default('https://events.pagerduty.com').meta({ label: { en: 'Address of the API', 'zh-CN': 'API 地址' }, hint: { en: 'for accounts in Europe `https://events.eu.pagerduty.com`', 'zh-CN': '欧洲账户使用 `https://events.eu.pagerduty.com`' } }),
    ...providerSettings,
  })
  .superRefine(urlRule('provider', 'apiBase'))
  .meta({
    about: {
      title: { en: 'PagerDuty', 'zh-CN': 'PagerDuty' },
      description: {
        en: 'Incidents by the Events API v2: an alert that fires triggers one under a key of its own, whoever acknowledges it acknowledges that one, its end resolves it, and a repeat changes nothing. A collection is taken apart into its alerts. `critical` stays so, `high` is `error`; the session, the agent, the facts and the text are in the custom details.',
        'zh-CN': '通过 Events API v2 创建事件：告警触发时以其专用的键创建一个事件，有人确认即确认该事件，告警解除即解决该事件，重复发送不产生变化。合并的消息会拆成各条告警。`critical` 保持不变，`high` 对应 `error`；会话、智能体、要点和正文在自定义详情中。',
      },
      credentials: {
        en: `1. Open the service that shall get the incidents, _Integrations, Add an integration_, and choose _Events API v2_.
2. Copy the integration key: it is the routing key, 32 letters and digits. Anybody who has it can open incidents.
3. An account in Europe uses \`apiBase: https://events.eu.pagerduty.com\`.`,
        'zh-CN': `1. 打开应接收事件的服务，进入 _Integrations, Add an integration_，选择 _Events API v2_。
2. 复制集成密钥：它就是路由密钥，32 位字母和数字。知道它的人都能创建事件。
3. 欧洲账户使用 \`apiBase: https://events.eu.pagerduty.com\`。`,
      },
    },
    inChinese: {
      'expected the 32 letters and digits of an integration key': '应为集成密钥的 32 位字母和数字',
    },
    example: `pager:
  type: pagerduty
  routingKey: "\${PAGERDUTY_ROUTING_KEY}"`,
  })

type Settings = z.output<typeof settings>

/** Incidents by PagerDuty's Events API v2. */
export const pagerduty: ChannelType<Settings> = {
  type: 'pagerduty',
  settings,
  address: 'none',
  shape: 'card',
  limits: { bodyCharsMax: detailsCharsMax, concurrency: 4 },
  // By dedup_key: a second trigger of an open incident is a line in its log.
  can: { deduplicates: true, resolves: true, updates: true, acknowledges: 'incident', interrupts: false },
  create: (own, name) => new PagerDuty(own, openTransport(own, name, 'provider')),
}

class PagerDuty implements Channel {
  readonly #routingKey: string
  readonly #url: URL
  readonly #transport: Transport

  constructor({ routingKey, apiBase }: Settings, transport: Transport) {
    this.#routingKey = routingKey
    this.#url = new URL('/v2/enqueue', apiBase)
    this.#transport = transport
  }

  /** Event after event; where one has to be tried again, all are, which changes nothing for those that were taken. */
  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const events = eventsOf(message)
    let sent: Outcome | undefined
    let refused: Outcome | undefined
    for (let from = 0; from < events.length; from += atOnceMax) {
      const outcomes = await Promise.all(events.slice(from, from + atOnceMax).map((event) => this.#tell(event, tools)))
      const broken = outcomes.find(({ kind }) => kind !== 'sent' && kind !== 'bad-content')
      if (broken !== undefined) return broken
      sent ??= outcomes.find(({ kind }) => kind === 'sent')
      refused ??= outcomes.find(({ kind }) => kind === 'bad-content')
    }
    return refused ?? sent ?? { kind: 'bad-content', code: 'empty', detail: 'the message holds nothing to tell' }
  }

  async #tell(event: PagerDutyEvent, tools: SendTools): Promise<Outcome> {
    const body = bodyOf(event, this.#routingKey)
    const result = await callHttp({ method: 'POST', url: this.#url, headers: { 'content-type': 'application/json', accept: 'application/json' }, body, via: this.#transport }, tools)
    return withoutSecrets(httpOutcome(result, verdictOf), [this.#routingKey])
  }
}

/** Calls beside each other for one message. */
const atOnceMax = 5

const bodyBytesMax = 512_000

function bodyOf(event: PagerDutyEvent, routingKey: string): string {
  const body = JSON.stringify({ routing_key: routingKey, ...event })
  if (Buffer.byteLength(body) <= bodyBytesMax || event.event_action !== 'trigger') return body
  return JSON.stringify({ routing_key: routingKey, ...event, payload: { ...event.payload, custom_details: { notes: 'the details were too long' } } })
}

const accepted = z.object({ status: z.literal('success'), dedup_key: z.string() })
const refusal = z.object({ message: z.string().optional(), errors: z.array(z.string()).optional() })

/**
 * PagerDuty has no codes but those of HTTP, and says 400 of a wrong key as of a wrong event: as JSON where the key has not
 * its form, as the bare words “Invalid routing key” where nobody has it. So the words are looked at, for the key alone.
 */
function verdictOf({ status, text }: HttpAnswer): Verdict {
  const answer = jsonOf(text)
  if (status >= 200 && status < 300) {
    const taken = accepted.safeParse(answer).data
    if (taken !== undefined) return { providerId: taken.dedup_key }
    return status === 202 ? { detail: 'accepted, with an answer that could not be read' } : { kind: 'in-doubt', detail: 'without a key: this may not be the provider’s answer' }
  }
  const { message, errors = [] } = refusal.safeParse(answer).data ?? {}
  const detail = message === undefined ? text : [message, ...errors].join(': ')
  return status === 400 && /routing[_ ]key|integration[_ ]key|service[_ ]key/i.test(detail) ? { kind: 'bad-config', code: 'routing-key', detail } : { detail }
}

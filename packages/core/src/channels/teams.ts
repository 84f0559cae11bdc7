import { z } from 'zod'
import type { Channel, ChannelType, Message, SendTools } from '../model/channel.ts'
import type { Outcome, OutcomeKind } from '../model/outcome.ts'
import { jsonOf } from './json-of.ts'
import { withoutSecrets } from './safe-detail.ts'
import { bodyCharsMax, teamsMessage } from './teams-card.ts'
import { callHttp, type HttpAnswer } from './transport/http.ts'
import { httpOutcome, type Verdict } from './transport/outcome.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings, type Transport } from './transport/transport.ts'

const settings = z
  .strictObject({
    url: urlSetting().meta({ label: { en: 'Workflow', 'zh-CN': '工作流' }, secret: true, hint: { en: 'the address that the workflow “Post to a channel when a webhook request is received” shows', 'zh-CN': '工作流“收到 Webhook 请求时发布到频道”所显示的地址' } }),
    ...userSuppliedSettings,
  })
  .superRefine(urlRule('user-supplied', 'url'))
  .meta({
    about: {
      title: { en: 'Microsoft Teams', 'zh-CN': 'Microsoft Teams' },
      description: {
        en: 'Adaptive Cards by a workflow of a channel, or by an incoming webhook from before workflows. Workflows says that it took a message, not that Teams showed it. Later news about an alert come as new messages. Nothing in a message is markup, a mention or a link but our own buttons.',
        'zh-CN': '通过频道的工作流，或工作流出现之前的传入 Webhook，发送自适应卡片。工作流只表明收下了消息，不表明 Teams 已显示。告警的后续进展是新消息。消息中除我们自己的按钮外，没有标记、提及或链接。',
      },
      credentials: {
        en: `1. In Teams open the menu (⋯) of the channel, then _Workflows_, and choose “Post to a channel when a webhook request is received” (or “Send webhook alerts to a channel”).
2. Name it, choose team and channel, and copy the address that it shows into the environment. Whoever has it can write there.
3. Give the workflow a second owner: it stops when its only owner leaves.`,
        'zh-CN': `1. 在 Teams 中打开频道的菜单（⋯），选择 _Workflows_，再选“收到 Webhook 请求时发布到频道”（或“向频道发送 Webhook 警报”）。
2. 命名，选择团队和频道，把所显示的地址复制到环境变量。知道它的人都能在那里发送消息。
3. 为工作流添加第二个所有者：唯一的所有者离开后，它会停止。`,
      },
    },
    example: `team-teams:
  type: teams
  url: "\${TEAMS_WORKFLOW_URL}"`,
  })

type Settings = z.output<typeof settings>

/** Messages by a workflow of Microsoft Teams, or by an incoming webhook from before them. */
export const teams: ChannelType<Settings> = {
  type: 'teams',
  settings,
  address: 'none',
  shape: 'card',
  limits: {
    bodyCharsMax,
    concurrency: 2,
    // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors
    rate: [{ count: 4, perMs: 1_000 }, { count: 60, perMs: 30_000 }, { count: 100, perMs: 3_600_000 }],
  },
  can: { deduplicates: false, resolves: true, actions: true },
  create: (own, name) => new TeamsWorkflow(new URL(own.url), openTransport(own, name, 'user-supplied')),
}

class TeamsWorkflow implements Channel {
  readonly #url: URL
  readonly #transport: Transport

  constructor(url: URL, transport: Transport) {
    this.#url = url
    this.#transport = transport
  }

  async send(message: Message, tools: SendTools): Promise<Outcome> {
    const result = await callHttp({ method: 'POST', url: this.#url, headers: { 'content-type': 'application/json' }, body: teamsMessage(message), via: this.#transport }, tools)
    // Whoever has the address can post: its path and its signature are the key.
    const { href, pathname, searchParams } = this.#url
    return withoutSecrets(httpOutcome(result, teamsVerdict), [href, ...(pathname.length > 8 ? [pathname] : []), ...[...searchParams.values()].filter((value) => value.length > 8)])
  }
}

/** Codes of Power Automate that say more than the status does: a flow that is off or asks for another login serves nobody. */
const kinds: ReadonlyMap<string, OutcomeKind> = new Map([
  ...(['WorkflowTriggerIsNotEnabled', 'WorkflowDisabled', 'TriggerInputSchemaMismatch', 'DirectApiAuthorizationRequired', 'DirectApiInvalidAuthorizationScheme', 'AuthorizationFailed'] as const).map((code) => [code, 'bad-config'] as const),
  ...(['WorkflowNotFound', 'WorkflowTriggerNotFound'] as const).map((code) => [code, 'bad-address'] as const),
])

const refused = z.object({ error: z.object({ code: z.string().max(100), message: z.string().optional() }) })

function teamsVerdict({ status, text, complete }: HttpAnswer): Verdict {
  if (status >= 200 && status < 300) return taken(status, text, complete)
  const { error } = refused.safeParse(jsonOf(text)).data ?? {}
  const kind = kinds.get(error?.code ?? '') ?? kindOf(status)
  return { ...(kind === undefined ? {} : { kind }), ...(error === undefined ? {} : { code: error.code, detail: error.message ?? error.code }) }
}

/** 202 is the answer of Workflows. Incoming webhooks say `1`, and in the same status that Teams refused what they passed on. */
function taken(status: number, text: string, complete: boolean): Verdict {
  if (status === 202) return {}
  const inner = Number(/HTTP error (\d{3})/.exec(text)?.[1])
  if (!Number.isNaN(inner)) return { kind: kindOf(inner) ?? (inner === 429 || inner >= 500 ? 'retry' : inner === 401 || inner === 403 ? 'bad-config' : 'bad-content'), code: String(inner), detail: `Teams answered ${inner}` }
  const said = jsonOf(text)
  const isOurs = complete && (text.trim() === '' || (said !== undefined && !refused.safeParse(said).success))
  return isOurs ? {} : { kind: 'in-doubt', detail: 'without an answer of Teams’ own' }
}

function kindOf(status: number): OutcomeKind | undefined {
  return status === 404 || status === 410 ? 'bad-address' : undefined
}

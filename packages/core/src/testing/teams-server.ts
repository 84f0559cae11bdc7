import { z } from 'zod'
import { startHttpProvider, type HttpFault, type HttpReply } from './http-provider.ts'

const run = z.strictObject({ type: z.literal('TextRun'), text: z.string().min(1), weight: z.literal('Bolder').optional(), size: z.enum(['Small', 'Medium']).optional(), isSubtle: z.boolean().optional() })
const textBlock = z.strictObject({ type: z.literal('RichTextBlock'), spacing: z.literal('None').optional(), inlines: z.array(run).min(1) })
const container = z.strictObject({ type: z.literal('Container'), style: z.enum(['attention', 'warning', 'accent', 'good', 'emphasis']), bleed: z.boolean().optional(), items: z.array(textBlock).min(1) })

/** The parts of an Adaptive Card that are used. */
const card = z.strictObject({
  $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
  type: z.literal('AdaptiveCard'),
  version: z.literal('1.4'),
  fallbackText: z.string(),
  msteams: z.strictObject({ width: z.literal('Full') }),
  body: z.array(z.discriminatedUnion('type', [textBlock, container])).min(1),
  actions: z.array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() })).max(6).optional(),
})
const envelope = z.strictObject({ type: z.literal('message'), attachments: z.array(z.strictObject({ contentType: z.literal('application/vnd.microsoft.card.adaptive'), contentUrl: z.null(), content: card })).length(1) })

export type TeamsCard = z.output<typeof card>

const bytesMax = 28 * 1024

/**
 * A workflow of Microsoft Teams on loopback: 202 without a body for a card, and the error documents of Power Automate.
 *
 * @example
 * const teams = await startTeamsServer()
 * // channel settings: { url: teams.url, ca: teams.ca, allowNetworks: ['127.0.0.0/8'] }
 * await teams.close()
 */
export async function startTeamsServer() {
  const signature = 'q9ZkT3vW8xYb2Lr7Nc5Mf1Hs4Jd6Gp0AeUiOyQw-RtX'
  const path = `/workflows/4f1c2d3e4b5a69788796a5b4c3d2e1f0/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${signature}`
  const cards: TeamsCard[] = []
  /** Bytes of each request that was taken. */
  const sizes: number[] = []
  const provider = await startHttpProvider({
    answer(request): HttpReply {
      if (!request.path.startsWith(path.slice(0, path.indexOf('?')))) return flowError(404, 'WorkflowNotFound', 'The workflow could not be found.')
      if (request.path !== path) return flowError(401, 'AuthorizationFailed', 'The authentication credentials are not valid.')
      if (request.body.byteLength > bytesMax) return { status: 413, body: 'The payload is too large.' }
      const parsed = envelope.safeParse(JSON.parse(request.text))
      if (!parsed.success) return flowError(400, 'InvalidRequestContent', 'The request content is not valid and could not be deserialized.')
      cards.push(...parsed.data.attachments.map(({ content }) => content))
      sizes.push(request.body.byteLength)
      return { status: 202 }
    },
  })
  return {
    url: `${provider.base}${path}`,
    signature,
    ca: provider.ca,
    /** All that were taken, oldest first. */
    cards,
    sizes,
    requests: provider.requests,
    fail: (...faults: readonly HttpFault[]): void => provider.fail(...faults),
    close: () => provider.close(),
  }
}

export function flowError(status: number, code: string, message: string): HttpReply {
  return { status, body: { error: { code, message } } }
}

/** A card as its reader sees it. Text runs know no markup, so what stands there is what is read. */
export function teamsSeen({ body, actions = [] }: TeamsCard): { readonly title: string; readonly body: string; readonly facts: readonly string[]; readonly small: readonly string[]; readonly buttons: readonly string[] } {
  const textOf = ({ inlines }: z.output<typeof textBlock>): string => inlines.map(({ text }) => text).join('')
  const [head, ...rest] = body
  const blocks = rest.flatMap((part) => (part.type === 'Container' ? part.items : [part]))
  const isFact = ({ inlines: [first] }: z.output<typeof textBlock>): boolean => first?.weight === 'Bolder'
  const isSmall = ({ inlines: [first] }: z.output<typeof textBlock>): boolean => first?.isSubtle === true
  return {
    title: head?.type === 'Container' ? head.items.map(textOf).join('\n') : '',
    body: blocks.filter((block) => !isFact(block) && !isSmall(block)).map(textOf).join('\n').replaceAll('\u00a0', ''),
    facts: blocks.filter(isFact).map(textOf),
    small: blocks.filter(isSmall).map(textOf),
    buttons: actions.map(({ title, url }) => `${title} ${url}`),
  }
}

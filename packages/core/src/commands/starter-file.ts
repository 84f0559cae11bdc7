import { channelTypes } from '../channels/registry.ts'
import { aboutType } from '../channels/setting-fields.ts'
import type { ChannelType } from '../model/channel.ts'

/** Who hears about problems. */
export const audiences = ['me', 'team', 'on-call'] as const
export type Audience = (typeof audiences)[number]

/** Kinds of channel that work with an address that whoever begins has at hand; a device or a browser registers itself first. */
export function starterChannels(): ReadonlyMap<string, ChannelType> {
  return new Map([...channelTypes].filter(([, { address }]) => address !== 'push' && address !== 'webPush'))
}

/** What `tocsin init` knows at its end. */
export interface StarterAnswers {
  readonly audience: Audience
  /** A kind of channel in the registry. */
  readonly channelType: string
  readonly email?: string
  readonly phone?: string
  readonly budgetUsd?: number
  readonly quietHours?: string
  readonly locale: 'en' | 'zh-CN'
  readonly timezone: string
}

export interface StarterFile {
  readonly text: string
  /** The channel to try first. */
  readonly channel: string
  /** Environment variables that the file reads. */
  readonly variables: readonly string[]
}

/** What always works, without any account: it stands beside every other channel. */
const lastResort = 'inbox'

/** A first `tocsin.yaml`: secrets as `${NAME}`, the settings of the channel as its documentation shows them. */
export function starterFile(answers: StarterAnswers): StarterFile {
  const { audience, channelType, email, phone, budgetUsd, quietHours, locale, timezone } = answers
  const chosen = exampleOf(channelType)
  const channels = channelType === lastResort ? [chosen] : [chosen, exampleOf(lastResort)]
  const names = channels.map(({ name }) => name)
  const person = [
    'role: owner',
    ...(email === undefined ? [] : [`email: ${JSON.stringify(email)}`]),
    ...(phone === undefined ? [] : [`phone: ${JSON.stringify(phone)}`]),
    ...(quietHours === undefined ? [] : [`quietHours: ${JSON.stringify(quietHours)}`]),
  ]
  const text = [
    '# https://cel.dev is the language of match and when; `npx tocsin check` says what this file does.',
    `defaults: { locale: ${locale}, timezone: ${timezone} }`,
    'channels:',
    ...channels.flatMap(({ lines }) => lines.map((line) => `  ${line}`)),
    'people:',
    `  me: { ${person.join(', ')} }`,
    ...(audience === 'me' ? [] : ['  # dana: { role: developer, email: dana@example.com }']),
    ...(budgetUsd === undefined ? [] : ['budgets:', `  month: { amountUsd: ${budgetUsd}, period: month, thresholds: [0.5, 0.8, 1] }`]),
    ...routesFor(audience, names),
    '',
  ].join('\n')
  return { text, channel: chosen.name, variables: [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))] }
}

/** Without routes everybody hears everything, which is what one person wants. */
function routesFor(audience: Audience, channels: readonly string[]): readonly string[] {
  if (audience === 'me') return []
  const list = `[${channels.join(', ')}]`
  const urgent = audience === 'team' ? list : `{ first: ${list}, after: 5m }`
  return [
    'routes:',
    `  - { name: urgent, match: "alert.severity in ['critical', 'high']", to: [me], via: ${urgent}, stop: true }`,
    `  - { name: rest, match: "true", to: [me], via: ${list}, digest: 15m }`,
  ]
}

/** The example of a channel's documentation, under the name it has there. */
function exampleOf(channelType: string): { readonly name: string; readonly lines: readonly string[] } {
  const type = channelTypes.get(channelType)
  const lines = type === undefined ? [] : aboutType(type).example.split('\n')
  return { name: lines[0]?.split(':')[0] ?? channelType, lines }
}

import { channelTypes } from '../channels/registry.ts'
import { aboutType } from '../channels/setting-fields.ts'
import type { ChannelType } from '../model/channel.ts'
import type { Audience } from '../starters.ts'
import { starterComments } from './starter-comments.ts'

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
  const say = starterComments[locale]
  const text = [
    `# ${say.top}`,
    `defaults: { locale: ${locale}, timezone: ${timezone} }`,
    '',
    `# ${say.channels}`,
    'channels:',
    ...channels.flatMap(({ lines }) => lines.map((line) => `  ${line}`)),
    '',
    `# ${say.people}`,
    'people:',
    `  me: { ${person.join(', ')} }`,
    ...(audience === 'me' ? [] : ['  # dana: { role: developer, email: dana@example.com, quietHours: "22:00-07:00" }']),
    '',
    ...(budgetUsd === undefined ? ['# budgets:', '#   month: { amountUsd: 100, period: month, thresholds: [0.5, 0.8, 1] }'] : [`# ${say.budgets}`, 'budgets:', `  month: { amountUsd: ${budgetUsd}, period: month, thresholds: [0.5, 0.8, 1] }`]),
    '',
    ...routesFor(audience, names, say),
    '',
    `# ${say.limits}`,
    '# limits: { perHour: 30, perDay: 150 }',
    '',
    `# ${say.rules}`,
    '# rules: { session-ended: false, model-slow: { after: 60s } }',
    '',
  ].join('\n')
  return { text, channel: chosen.name, variables: [...new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name))] }
}

type Comments = (typeof starterComments)['en' | 'zh-CN']

/** Without routes everybody hears everything, which is what one person wants. */
function routesFor(audience: Audience, channels: readonly string[], say: Comments): readonly string[] {
  const list = `[${channels.join(', ')}]`
  if (audience === 'me') return [`# ${say.alone}`, `# routes: [{ match: "alert.severity in ['warning', 'info']", to: [me], via: ${list}, digest: { daily: "09:00" }, stop: true }, { to: [me], via: ${list} }]`]
  const rest = [
    `  # ${say.rest}`,
    `  - { name: rest, to: ["team:everyone"], via: ${list}, digest: 15m }`,
    '',
    `# ${say.reports}`,
    `reports: [{ name: week, every: week, to: ["team:everyone"], via: ${list} }]`,
  ]
  if (audience === 'team') {
    return [
      `# ${say.team}`,
      'teams: { everyone: [me] }',
      '',
      'routes:',
      `  # ${say.urgentTeam}`,
      `  - { name: urgent, match: "alert.severity in ['critical', 'high']", to: ["team:everyone"], via: ${list}, groupBy: [agent, rule], stop: true }`,
      ...rest,
    ]
  }
  return [
    `# ${say.onCall}`,
    'teams: { everyone: [me] }',
    'rotations: { primary: { members: [me], every: week, on: mon, at: "09:00" } }',
    '',
    'routes:',
    `  # ${say.urgentOnCall}`,
    `  # ${say.escalate}`,
    `  - { name: urgent, match: "alert.severity in ['critical', 'high']", to: ["rotation:primary"], via: { first: ${list}, after: 5m }, repeatInterval: 30m, stop: true }`,
    ...rest,
  ]
}

/** The example of a channel's documentation, under the name it has there. */
function exampleOf(channelType: string): { readonly name: string; readonly lines: readonly string[] } {
  const type = channelTypes.get(channelType)
  const lines = type === undefined ? [] : aboutType(type).example.split('\n')
  return { name: lines[0]?.split(':')[0] ?? channelType, lines }
}

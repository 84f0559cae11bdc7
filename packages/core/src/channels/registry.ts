import { hash } from 'node:crypto'
import { ratesOf, type AddressKind, type ChannelLimits, type ChannelType, type OpenChannel, type Rate } from '../model/channel.ts'
import type { ChannelConfig, Config } from '../model/config.ts'
import { parseDuration } from '../model/duration.ts'
import { TocsinError } from '../model/error.ts'
import { consoleChannel } from './console.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import { inbox } from './inbox.ts'
import { suggestion } from './nearest.ts'
import { ntfy } from './ntfy.ts'
import { pagerduty } from './pagerduty.ts'
import { push } from './push.ts'
import { slack } from './slack.ts'
import { sms } from './sms.ts'
import { teams } from './teams.ts'
import { telegram } from './telegram.ts'
import { webPush } from './web-push.ts'
import { webhook } from './webhook.ts'

/** Every kind of channel: a new one is its file and one line here. */
export const channelTypes: ReadonlyMap<string, ChannelType> = byName([
  consoleChannel,
  discord,
  email,
  inbox,
  ntfy,
  pagerduty,
  push,
  slack,
  sms,
  teams,
  telegram,
  webPush,
  webhook,
])

/** What a configuration without channels gets: both work at once, without any account. */
export const defaultChannels: Config['channels'] = { console: { type: consoleChannel.type }, inbox: { type: inbox.type } }

/** Whether these are the channels of a configuration that names none. */
export function areDefault(channels: Config['channels']): boolean {
  return JSON.stringify(channels) === JSON.stringify(defaultChannels)
}

/** Whether messages of such a channel stay on this machine. */
export function staysHere(type: unknown): boolean {
  return Object.values(defaultChannels).some((own) => own.type === type)
}

/** The console in place of a channel whose messages leave the machine; those that stay are as they were. */
export function onConsole(channel: unknown): unknown {
  const type: unknown = typeof channel === 'object' && channel !== null ? Reflect.get(channel, 'type') : undefined
  return typeof type !== 'string' || staysHere(type) ? channel : { type: consoleChannel.type, insteadOf: type }
}

/** The names of the channels in whose place the console stands. */
export function shownOnConsole(channels: Config['channels']): readonly string[] {
  return Object.entries(channels).flatMap(([name, { type, ...own }]) => (type === consoleChannel.type && own['insteadOf'] !== undefined ? [name] : []))
}

/**
 * Makes the channels of a configuration. Nothing connects yet.
 *
 * @param channels `channels:` of a parsed configuration, name → settings
 * @param extraTypes kinds of channel beside the built-in ones; one of the same name takes its place
 * @throws TocsinError `config-invalid` where a type is not known or settings do not fit
 * @example
 * const channels = openChannels({ 'ops-mail': { type: 'email', url: 'smtps://user:pass@mail.example.com', from: 'ops@example.com' } })
 * channels.get('ops-mail')?.limits.concurrency // 5
 */
export function openChannels(channels: Config['channels'], extraTypes: Iterable<ChannelType> = []): ReadonlyMap<string, OpenChannel> {
  const types = new Map([...channelTypes, ...byName(extraTypes)])
  return new Map(Object.entries(channels).map(([name, config]) => [name, openChannel(name, config, types)]))
}

/** One channel of `openChannels`. */
export function openChannel(name: string, config: ChannelConfig, types: ReadonlyMap<string, ChannelType>): OpenChannel {
  const type = types.get(config.type)
  if (type === undefined) throw new TocsinError('config-invalid', `channels.${name}.type: ${unknownType(config.type, types.keys())}`)
  const parsed = type.settings.safeParse(ownSettings(config))
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `channels.${[name, ...issue.path].join('.')}: ${issue.message}`)
    throw new TocsinError('config-invalid', issues.join('\n'))
  }
  const address = addressKindOf(type, parsed.data)
  const limits = narrowed(type.limitsFor?.(parsed.data) ?? type.limits, config)
  return { name, type, channel: type.create(parsed.data, name), address, ...(address === 'none' ? { place: placeOf(config) } : {}), limits }
}

/** Enough to see that settings were changed, and too little to try out secrets on: each has a million others of the same place. */
const placeMarks = 8

function placeOf(config: ChannelConfig): string {
  return `#${hash('sha256', JSON.stringify([config.type, ownSettings(config)]), 'hex').slice(0, placeMarks)}`
}

/** Which address of a person a channel needs with these settings. */
export function addressKindOf(type: ChannelType, settings: unknown): AddressKind {
  return type.addressFor?.(settings) ?? type.address
}

/** A channel's settings without what every channel has. */
export function ownSettings(config: ChannelConfig): Readonly<Record<string, unknown>> {
  const { type: _type, concurrency: _concurrency, rate: _rate, ...own } = config
  return own
}

export function unknownType(type: string, known: Iterable<string>): string {
  const names = [...known]
  return `expected one of ${names.join(', ')}, found "${type}"${suggestion(type, names)}`
}

function byName(types: Iterable<ChannelType>): ReadonlyMap<string, ChannelType> {
  return new Map([...types].map((type) => [type.type, type]))
}

/** What the type allows and what the configuration asks for both hold. */
function narrowed(limits: ChannelLimits, config: ChannelConfig): ChannelLimits {
  const asked = config.rate === undefined ? undefined : parseRate(config.rate)
  return {
    ...limits,
    concurrency: Math.min(limits.concurrency, config.concurrency ?? limits.concurrency),
    ...(asked === undefined ? {} : { rate: bothOf(ratesOf(limits.rate), asked) }),
  }
}

/** Of two over the same span the smaller says it all; a hundred a day says nothing of how many in a second. */
function bothOf(own: readonly Rate[], asked: Rate): Rate | readonly Rate[] {
  const same = own.find(({ perMs }) => perMs === asked.perMs)
  const rates = [...own.filter((rate) => rate !== same), same !== undefined && same.count < asked.count ? same : asked]
  return rates.length === 1 ? (rates[0] ?? asked) : rates
}

/** `10/1s` is ten in a second; `undefined` where the text is not a rate. */
export function parseRate(text: string): Rate | undefined {
  const [count, span] = text.split('/')
  const perMs = parseDuration(span ?? '')
  return perMs === undefined || perMs === 0 || !/^[1-9]\d*$/.test(count ?? '') ? undefined : { count: Number(count), perMs }
}

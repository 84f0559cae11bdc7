import type { ChannelType } from '../model/channel.ts'
import type { Config, PersonConfig } from '../model/config.ts'
import type { Recipient } from '../model/notification.ts'
import { parts, permissions } from '../model/roles.ts'
import type { Part, Role } from '../model/roles.ts'

/** What routing must know of a channel. */
export type ChannelTypeOf = (channel: string) => Pick<ChannelType, 'address' | 'can'> | undefined

/** How one person is reached on one channel, or why not. */
export type Reach =
  | { readonly kind: 'reached'; readonly recipient: Recipient; /** The channel itself is the address: one message there is for everybody. */ readonly isShared: boolean }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'no-channel' }

/** Who is meant by a name in `to`: a person, everybody of a role, or nobody known. */
export function peopleCalled(config: Config, name: string): readonly string[] {
  if (!name.startsWith('role:')) return Object.hasOwn(config.people, name) ? [name] : []
  const role = name.slice('role:'.length)
  return Object.entries(config.people).flatMap(([person, settings]) => (settings.role === role ? [person] : []))
}

export function reach(config: Config, channelTypeOf: ChannelTypeOf, person: string, channel: string): Reach {
  const settings = config.people[person]
  const type = channelTypeOf(channel)
  if (type === undefined) return { kind: 'no-channel' }
  const address = settings === undefined ? undefined : addressOf(settings, type)
  if (settings === undefined || address === undefined) return { kind: 'no-address' }
  return { kind: 'reached', recipient: recipientOf(config, person, settings, address), isShared: type.address === 'none' }
}

/** Every channel on which this person has an address, in the order of the configuration. */
export function channelsOf(config: Config, channelTypeOf: ChannelTypeOf, person: string): readonly string[] {
  return Object.keys(config.channels).filter((channel) => reach(config, channelTypeOf, person, channel).kind === 'reached')
}

/** Parts of a message that a role may not see. */
export function partsWithheld(role: Role): readonly Part[] {
  return parts.filter((part) => !permissions[role].sees.includes(part))
}

function addressOf(person: PersonConfig, type: Pick<ChannelType, 'address'>): string | undefined {
  if (type.address === 'none') return ''
  return type.address === 'email' ? person.email : person.phone
}

function recipientOf(config: Config, person: string, settings: PersonConfig, address: string): Recipient {
  return {
    person,
    role: settings.role,
    address,
    locale: settings.locale ?? config.defaults.locale,
    timezone: settings.timezone ?? config.defaults.timezone,
  }
}

import type { AddressKind, ChannelType, OpenChannel } from '../model/channel.ts'
import type { Config, PersonConfig } from '../model/config.ts'
import type { Recipient } from '../model/notification.ts'
import { parts, permissions, roles } from '../model/roles.ts'
import type { Part, Role } from '../model/roles.ts'
import { personOnDuty } from './on-call/rotation.ts'

/** What routing must know of a channel. */
export type ChannelTypeOf = (channel: string) => { readonly address: AddressKind; readonly can: ChannelType['can'] } | undefined

/** Of the channels that a process holds. */
export function typesOfOpen(channels: ReadonlyMap<string, OpenChannel>): ChannelTypeOf {
  const known = new Map([...channels].map(([name, { address, type }]) => [name, { address, can: type.can }]))
  return (channel) => known.get(channel)
}

/** How one person is reached on one channel, or why not. */
export type Reach =
  | {
      readonly kind: 'reached'
      /** One for each device, where a person may have several; one otherwise. */
      readonly recipients: readonly [Recipient, ...Recipient[]]
      /** The channel itself is the address: one message there is for everybody. */
      readonly isShared: boolean
    }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'no-channel' }

/** Who is meant by a name in `to` at an instant: a person, everybody of a role or a team, who of a rotation is on duty, or nobody known. */
export function peopleCalled(config: Config, name: string, atMs: number): readonly string[] {
  if (name.startsWith('rotation:')) return onDutyOf(config, name.slice('rotation:'.length), atMs)
  if (name.startsWith('team:')) return membersOf(config, name.slice('team:'.length))
  if (!name.startsWith('role:')) return Object.hasOwn(config.people, name) ? [name] : []
  const role = name.slice('role:'.length)
  return Object.entries(config.people).flatMap(([person, settings]) => (settings.role === role ? [person] : []))
}

/** Whom a name in `to` means at one time or another. */
export function everybodyCalled(config: Config, name: string): readonly string[] {
  if (!name.startsWith('rotation:')) return peopleCalled(config, name, 0)
  const { members = [], overrides = [] } = config.rotations[name.slice('rotation:'.length)] ?? {}
  return [...new Set([...members, ...overrides.map(({ person }) => person)])].filter((person) => Object.hasOwn(config.people, person))
}

/** Each once, however often the team names them. */
function membersOf({ teams, people }: Config, team: string): readonly string[] {
  const named = Object.hasOwn(teams, team) ? (teams[team] ?? []) : []
  return [...new Set(named)].filter((person) => Object.hasOwn(people, person))
}

/** Who is on duty at this instant. */
function onDutyOf(config: Config, name: string, atMs: number): readonly string[] {
  const rotation = Object.hasOwn(config.rotations, name) ? config.rotations[name] : undefined
  const person = rotation === undefined ? undefined : personOnDuty(rotation, config, atMs)
  return person !== undefined && Object.hasOwn(config.people, person) ? [person] : []
}

/** Whether they may be told of alerts of this project. */
export function isInProject({ projects }: Pick<PersonConfig, 'projects'>, project: string): boolean {
  return projects === undefined || projects.includes(project)
}

export function reach(config: Config, channelTypeOf: ChannelTypeOf, person: string, channel: string): Reach {
  const settings = config.people[person]
  const type = channelTypeOf(channel)
  if (type === undefined) return { kind: 'no-channel' }
  if (settings === undefined) return { kind: 'no-address' }
  const [first, ...more] = addressesOf(settings, type.address).map((address) => recipientOf(config, person, settings, address))
  return first === undefined ? { kind: 'no-address' } : { kind: 'reached', recipients: [first, ...more], isShared: type.address === 'none' }
}

/** Every channel on which this person has an address, in the order of the configuration. */
export function channelsOf(config: Config, channelTypeOf: ChannelTypeOf, person: string): readonly string[] {
  return Object.keys(config.channels).filter((channel) => reach(config, channelTypeOf, person, channel).kind === 'reached')
}

/** Parts of a message that a role may not see. */
export function partsWithheld(role: Role): readonly Part[] {
  return withheld.get(role) ?? parts
}

const withheld: ReadonlyMap<Role, readonly Part[]> = new Map(roles.map((role) => [role, parts.filter((part) => !permissions[role].sees.includes(part))]))

/** What this person is reached by; of a device's subscription the text that its channel takes. */
export function addressesOf(person: PersonConfig, kind: AddressKind): readonly string[] {
  if (kind === 'none') return ['']
  if (kind === 'webPush') return (person.webPush ?? []).map(({ endpoint, keys: { p256dh, auth } }) => JSON.stringify({ endpoint, keys: { p256dh, auth } }))
  const given = person[kind]
  return given === undefined ? [] : [given].flat()
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

import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { permissions, type AlertKind, type Operation, type Role } from 'tocsin/engine'
import { personOf } from '../access/principal.ts'
import { channelFor } from '../access/send-once.ts'
import { Problem } from '../http/problem.ts'
import type { By, Configuration } from '../projects/configuration.ts'
import { checkCondition, type Condition } from '../projects/entry-changes.ts'
import type { Item } from '../projects/items.ts'
import { kindOf } from '../projects/kinds.ts'
import type { RunningProject } from '../projects/projects.ts'
import { addressCode, verifiedAddresses } from '../stores/address-codes.ts'
import type { Connection } from '../stores/audit.ts'
import { offSwitches, withSwitches, type Off } from './off-switches.ts'

/** The addresses that are proved by a code; browsers come by their own subscription, see `browsers.ts`. */
export const provableKinds = ['email', 'phone', 'slack', 'telegram'] as const
export type ProvableKind = (typeof provableKinds)[number]

/** Who asks, as one of the people of a project. */
export interface Asker {
  readonly project: RunningProject
  readonly by: By & { readonly principal: { readonly id: string; readonly name: string; readonly email?: string; roleIn(project: string): Role | undefined; may(operation: Operation, project: string): boolean } }
}

export interface OwnAddress {
  readonly kind: ProvableKind
  readonly address: string
  readonly verified: boolean
  readonly verifiedMs?: number
}

/** A person as they see themselves. */
export interface OwnPerson {
  /** Their name in the configuration; absent: they are nobody there yet, and the first change makes them somebody. */
  readonly person?: string
  readonly origin?: Item['origin']
  readonly etag?: string
  readonly editable: boolean
  /** Why not, for people. */
  readonly why?: string
  readonly role: Role
  readonly addresses: readonly OwnAddress[]
  /** How an address of each kind is proved here. */
  readonly kinds: readonly { readonly kind: ProvableKind; readonly channel?: string; readonly why?: string }[]
  readonly waiting?: { readonly kind: string; readonly address: string; readonly expiresMs: number; readonly triesLeft: number }
  readonly browsers: number
  readonly locale?: string
  readonly timezone?: string
  readonly quietHours?: string
  readonly defaults: { readonly locale: string; readonly timezone: string }
  /** What the role is told about at all. */
  readonly receives: readonly AlertKind[]
  /** By which they could be told, and whether they have what it needs. */
  readonly channels: readonly { readonly name: string; readonly type: string; readonly address: string; readonly reaches: boolean }[]
  readonly off: readonly Off[]
  /** Wishes that no table of switches can show. */
  readonly preferences: readonly unknown[]
  readonly limits: RunningProject['config']['limits']
}

/** What a person may change of themselves. `null`: as the project has it. */
export interface OwnChange {
  readonly locale?: string | null
  readonly timezone?: string | null
  readonly quietHours?: string | null
  readonly off?: readonly Off[]
  readonly preferences?: readonly unknown[]
}

type Fields = Readonly<Record<string, unknown>>

const people = kindOf('people')
export const codeTriesMax = 5

export function hashOfAddress(kind: string, address: string): string {
  return createHash('sha256').update(JSON.stringify([kind, address])).digest('hex')
}

/** Who asks among the people of the project, as it is written there. */
export interface Own {
  readonly name: string
  readonly item: Item
  readonly value: Fields
}

export async function ownOf(configuration: Configuration, asker: Asker): Promise<Own | undefined> {
  return (await amongPeople(configuration, asker)).own
}

/** By what is kept now, which another request, or another server, may have written after what is in force here. */
async function amongPeople(configuration: Configuration, { project, by: { principal } }: Asker): Promise<{ readonly own?: Own; readonly names: readonly string[] }> {
  const { items } = await configuration.list(project.name, people)
  const isMine = ({ value }: Item): boolean => {
    const { email } = fieldsOf(value)
    return typeof email === 'string' && email.toLowerCase() === principal.email
  }
  const inForce = personOf(principal, project.config)
  // What stands in the file may name a variable in place of the address: of those what is in force says who they are.
  const item = items.find((one) => one.name === inForce && (one.readOnly || isMine(one))) ?? items.find((one) => one.origin === 'api' && one.shadowed !== true && isMine(one))
  const names = items.map(({ name }) => name)
  return item === undefined ? { names } : { own: { name: item.name, item, value: fieldsOf(item.value) }, names }
}

export async function ownPerson({ configuration, db, asker, nowMs }: { readonly configuration: Configuration; readonly db: Connection; readonly asker: Asker; readonly nowMs: number }): Promise<OwnPerson> {
  const { project, by } = asker
  const { config, engine } = project
  const own = await ownOf(configuration, asker)
  const parsed = own && config.people[own.name]
  const role = parsed?.role ?? by.principal.roleIn(project.name) ?? 'viewer'
  const verified = own === undefined ? [] : await verifiedAddresses(db, project.name, own.name)
  const waiting = await addressCode(db, project.name, by.principal.id)
  const { off, others } = offSwitches(listOf(own?.value['preferences']), engine.channels.map(({ name }) => name))
  return {
    ...(own !== undefined && { person: own.name, origin: own.item.origin, etag: own.item.etag }),
    editable: own === undefined || !own.item.readOnly,
    ...(own?.item.readOnly === true && { why: inFile(own.name) }),
    role,
    addresses: provableKinds.flatMap((kind) => {
      const address = parsed?.[kind]
      if (address === undefined) return []
      const proof = verified.find((one) => one.kind === kind && one.hash === hashOfAddress(kind, address))
      return [{ kind, address, verified: proof !== undefined, ...(proof !== undefined && { verifiedMs: proof.at_ms }) }]
    }),
    kinds: provableKinds.map((kind) => {
      const channel = channelFor(engine.channels, kind)
      return channel === undefined ? { kind, why: noChannel(kind) } : { kind, channel }
    }),
    ...(waiting !== undefined && waiting.expires_ms > nowMs && waiting.tries < codeTriesMax && { waiting: { kind: waiting.kind, address: waiting.address, expiresMs: waiting.expires_ms, triesLeft: codeTriesMax - waiting.tries } }),
    browsers: parsed?.webPush?.length ?? 0,
    ...(parsed?.locale !== undefined && { locale: parsed.locale }),
    ...(parsed?.timezone !== undefined && { timezone: parsed.timezone }),
    ...(parsed?.quietHours !== undefined && { quietHours: parsed.quietHours }),
    defaults: { locale: config.defaults.locale, timezone: config.defaults.timezone },
    receives: permissions[role].receives,
    channels: engine.channels.map(({ name, type, address }) => ({ name, type, address, reaches: address === 'none' || parsed?.[address] !== undefined })),
    off,
    preferences: others,
    limits: config.limits,
  }
}

/**
 * Writes what was changed of whoever asks, and of nobody else. Who is nobody yet becomes one of the people, with the role and the e-mail
 * address of their account. Where another change comes in between, this one is made again in what that one left, so that both last.
 *
 * @param change of the entry as it is written; `undefined` takes a field away; asked again where somebody else was faster
 * @param condition what the caller has seen; absent: whatever it is now
 * @returns who they are
 */
export async function changeOwn(configuration: Configuration, asker: Asker, change: (value: Fields) => Fields, condition?: Condition): Promise<string> {
  for (let tries = 1; ; tries++) {
    const { own, names } = await amongPeople(configuration, asker)
    const begun = ownBegun(asker, names)
    const value = withoutUndefined(change(own?.value ?? begun.value))
    if (own !== undefined && isDeepStrictEqual(value, own.value)) return own.name
    if (own?.item.readOnly === true) throw new Problem(409, 'in-file', inFile(own.name))
    const name = own?.name ?? begun.name
    if (condition !== undefined) checkCondition(condition, own?.item.etag, `person "${name}"`)
    try {
      await configuration.put({ project: asker.project.name, kind: people, name }, value, own === undefined ? { ifNoneMatch: '*' } : { ifMatch: own.item.etag }, asker.by)
      return name
    } catch (refused) {
      if (!(refused instanceof Problem) || refused.status !== 412 || tries >= changeTriesMax) throw refused
    }
  }
}

/** Each that fails is a change of somebody else that went through. */
const changeTriesMax = 50

/** How somebody begins among the people of a project: with the role and the e-mail address of their account, under a name that is free. */
export function ownBegun({ project, by: { principal } }: Asker, taken: readonly string[]): { readonly name: string; readonly value: Fields } {
  return { name: newName(principal, taken), value: { role: principal.roleIn(project.name), email: principal.email } }
}

export function applied(change: OwnChange, channels: readonly string[]): (value: Fields) => Fields {
  return (value) => {
    const { off, others } = offSwitches(listOf(value['preferences']), channels)
    const written = change.off === undefined && change.preferences === undefined ? undefined : withSwitches(change.off ?? off, change.preferences ?? others)
    return {
      ...value,
      ...Object.fromEntries((['locale', 'timezone', 'quietHours'] as const).flatMap((name) => (change[name] === undefined ? [] : [[name, change[name] ?? undefined] as const]))),
      ...(written !== undefined && { preferences: written.length === 0 ? undefined : written }),
    }
  }
}

export function inFile(name: string): string {
  return `You are "${name}" of the configuration file, which is read-only here. Whoever runs the server changes people.${name} in it, and tells the server: SIGHUP.`
}

const takers: Readonly<Record<ProvableKind, string>> = { email: 'e-mail addresses (email)', phone: 'telephone numbers (sms)', slack: 'people in Slack (slack with a bot token)', telegram: 'chats in Telegram (telegram)' }

export function noChannel(kind: ProvableKind): string {
  return `No channel of this project sends to ${takers[kind]}. An admin adds one under channels; then come back here.`
}

/** A name of a person that is free: the account's, in the letters that names have. */
function newName({ name, email = '' }: Asker['by']['principal'], taken: readonly string[]): string {
  const first = [name, email.split('@', 1)[0] ?? ''].map((text) => text.normalize('NFKD').toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[^a-z0-9]+|-+$/g, '').slice(0, nameCharsMax)).find((text) => text !== '') ?? 'person'
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? first : `${first}-${number}`
    if (!taken.includes(candidate)) return candidate
  }
}

const nameCharsMax = 50

function withoutUndefined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

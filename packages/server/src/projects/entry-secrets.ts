import { isDeepStrictEqual } from 'node:util'
import { channelTypes, settingFields } from 'tocsin/engine'
import type { ProblemPlace } from '../http/problem.ts'
import { keptSecret, type KindName } from './kinds.ts'
import type { SecretBox } from './secret-box.ts'

/** Whose secrets: sealed for one place, they do not open at another. */
export interface EntryPlace {
  readonly project: string
  readonly kind: KindName
  readonly name: string
}

type Fields = Readonly<Record<string, unknown>>

/** Fields of other things than channels: by what a source proves itself, and the address of a heartbeat, the only setting that has one. */
const secretFields: Readonly<Partial<Record<KindName, string>>> = { sources: 'secret', settings: 'url' }
/** Of which things some fields are secret. */
export const kindsWithSecrets: readonly KindName[] = ['channels', 'sources', 'settings']

/** Which fields of a thing are secret. Of a channel its type declares them; of a type that is not known here all are. */
function isSecret(kind: KindName, value: Fields): (field: string) => boolean {
  if (kind !== 'channels') return (field) => field === secretFields[kind]
  const type = typeof value['type'] === 'string' ? channelTypes.get(value['type']) : undefined
  if (type === undefined) return (field) => field !== 'type'
  const secret = new Set(settingFields(type).flatMap((field) => (field.secret ? [field.name] : [])))
  return (field) => secret.has(field)
}

const sealedKey = '$sealed'

/** As it is written to the database: JSON with each secret sealed. */
export function sealed(value: unknown, place: EntryPlace, box: SecretBox): string {
  return JSON.stringify(eachSecret(place.kind, value, (secret, field) => ({ [sealedKey]: box.seal(JSON.stringify(secret), { ...place, field }) })))
}

/**
 * As it was before it was sealed.
 *
 * @throws TocsinError `config-invalid` where a secret does not open
 */
export function opened(body: string, place: EntryPlace, box: SecretBox): unknown {
  const value: unknown = JSON.parse(body)
  if (!kindsWithSecrets.includes(place.kind) || !isFields(value)) return value
  // By the mark and not by the type: one that is not known here may have had other secrets.
  return mapped(value, (one, field) => {
    const text = isFields(one) ? one[sealedKey] : undefined
    return typeof text === 'string' ? (JSON.parse(box.open(text, { ...place, field })) as unknown) : one
  })
}

/** The sealed texts of a body, for a rotation of the keys. */
export function sealedTexts(body: string): readonly string[] {
  const value: unknown = JSON.parse(body)
  return isFields(value) ? Object.values(value).flatMap((one) => (isFields(one) && typeof one[sealedKey] === 'string' ? [one[sealedKey]] : [])) : []
}

/** As it is shown: in the place of each secret that it is set. Sealed or not, nothing of it is left. */
export function shown(kind: KindName, value: unknown): unknown {
  return eachSecret(kind, value, () => keptSecret)
}

/** The fields of a channel that say where its secrets are sent, and whom it believes to be there. */
const whereFields: readonly string[] = ['url', 'webhookUrl', 'apiBase', 'server', 'allowInsecure', 'allowNetworks', 'ca']

/**
 * What was sent, with the secrets that stay as they are in place of what stands for them. A secret does not stay where it would be sent to
 * another host from now on: whoever may not read it would have it sent to themselves.
 */
export function withKept(kind: KindName, sent: unknown, before: unknown): { readonly value: unknown; readonly problems: readonly ProblemPlace[] } {
  const problems: ProblemPlace[] = []
  if (!kindsWithSecrets.includes(kind) || !isFields(sent)) return { value: sent, problems }
  const old = isFields(before) && before['type'] === sent['type'] ? before : {}
  const moved = kind !== 'channels' ? [] : whereFields.filter((field) => !isDeepStrictEqual(sent[field], keptSecret) && !isDeepStrictEqual(old[field], sent[field]))
  const secret = isSecret(kind, sent)
  const value = mapped(sent, (one, field) => {
    const pointer = `/${pointed(field)}`
    // Only what was sealed here looks so.
    if (isFields(one) && Object.hasOwn(one, sealedKey)) problems.push({ pointer, detail: `expected no ${sealedKey}` })
    if (!secret(field)) return one
    if (!isDeepStrictEqual(one, keptSecret)) return one
    if (old[field] === undefined) problems.push({ pointer, detail: 'expected the secret: there is none yet that could stay' })
    else if (moved.length > 0) problems.push({ pointer, detail: `expected the secret anew, because ${moved.join(', ')} changed: it would be sent to where it was not before` })
    return old[field]
  })
  return { value, problems }
}

function eachSecret(kind: KindName, value: unknown, put: (secret: unknown, field: string) => unknown): unknown {
  if (!isFields(value)) return value
  const secret = isSecret(kind, value)
  return mapped(value, (one, field) => (secret(field) && one !== undefined ? put(one, field) : one))
}

function mapped(fields: Fields, put: (one: unknown, field: string) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([field, one]) => [field, put(one, field)]))
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A segment of a JSON Pointer (RFC 6901). */
export function pointed(segment: string | number): string {
  return String(segment).replaceAll('~', '~0').replaceAll('/', '~1')
}

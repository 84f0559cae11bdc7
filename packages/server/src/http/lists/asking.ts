import type { FastifyRequest } from 'fastify'
import { parts, permissions, type Listener, type Role } from 'tocsin/engine'
import { z } from 'zod'
import { personOf } from '../../access/principal.ts'
import { spokenIn } from '../language.ts'
import { Problem } from '../problem.ts'

/** What every route about one thing may be asked with. */
export const readQuery = {
  project: z.string().max(200).optional().meta({ description: 'Whose: needed where the key or the person has several.' }),
  locale: z.string().max(35).optional().meta({ description: 'Language of sentences, BCP 47. Default: the header Accept-Language, else that of the project.' }),
  timezone: z.string().max(60).optional().meta({ description: 'IANA zone of the times in sentences. Default: that of the project.' }),
}

/** What every list may be asked with. */
export const pageQuery = {
  ...readQuery,
  cursor: z.string().max(2_000).optional().meta({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** One or several of a closed set: `?state=firing&state=acknowledged` or `?state=firing,acknowledged`. */
export function manyOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.union([z.string().max(2_000), z.array(z.string().max(100)).max(100)])
    .transform((given) => (typeof given === 'string' ? given.split(',') : given).map((word) => word.trim()))
    .pipe(z.array(z.enum(words)).min(1).max(100))
    .optional()
    .meta({ description: `One or several, with commas: ${words.join(', ')}` })
}

/** One of these words; a server of a newer version, beside which this one runs for a while, may have put others on record. */
export function wordOf<const Words extends readonly string[]>(words: Words) {
  return z.union([z.enum(words), z.string()])
}

export const name = z.string().min(1).max(200).optional()
export const timeMs = z.coerce.number().int().min(0).max(8.64e15).optional().meta({ description: 'Milliseconds since 1970.' })

/** Such as `alt_51`. */
export const alertId = z.string().regex(/^alt_\d{1,15}$/, 'expected the id of an alert, such as alt_51')
export const deliveryId = z.string().regex(/^dlv_\d{1,15}$/, 'expected the id of a delivery, such as dlv_12')

export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf('_') + 1))
}

/** A place in a list as a client hands it back: nothing in it is secret, and its form may change. */
export function cursorOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** @throws Problem 422 where it is none of this list */
export function placeOf<T>(schema: z.ZodType<T>, cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined
  const parsed = schema.safeParse(jsonOf(cursor))
  if (!parsed.success) throw new Problem(422, 'invalid', 'Expected a cursor that this list gave as "next", found another.', { places: [{ pointer: '?cursor', detail: 'not of this list' }] })
  return parsed.data
}

function jsonOf(cursor: string): unknown {
  try {
    const text = Buffer.from(cursor, 'base64url').toString()
    // No name of anything has a NUL in it, and PostgreSQL takes none.
    return text.includes('\\u0000') ? undefined : JSON.parse(text)
  } catch (noJson) {
    if (noJson instanceof SyntaxError) return undefined
    throw noJson
  }
}

export const timePlace = z.strictObject({ atMs: z.number(), id: z.string() })
export const alertPlace = z.strictObject({ atMs: z.number(), id: z.number().int() })
export const numberPlace = z.number().int()

/** Who reads, and how they are spoken to. */
export interface Asking extends Listener {
  readonly role: Role
  /** Their name in the configuration; empty: nobody there. */
  readonly person: string
}

/** Who asks about the project of this request. */
export function askingOf(request: FastifyRequest, query: { readonly locale?: string | undefined; readonly timezone?: string | undefined }): Asking {
  const { principal, project } = request
  const role = principal.roleIn(project.name)
  // The guard let them in by it.
  if (role === undefined) throw new Error('expected a role in the project that was asked about')
  const { defaults } = project.config
  const timezone = query.timezone ?? defaults.timezone
  if (!isTimezone(timezone)) throw new Problem(422, 'invalid', 'Expected a time zone such as Europe/Berlin.', { places: [{ pointer: '?timezone', detail: 'not a time zone that is known here' }] })
  return {
    role,
    person: personOf(principal, project.config) ?? '',
    locale: query.locale ?? spokenIn(request.headers['accept-language']) ?? defaults.locale,
    timezone,
    without: parts.filter((part) => !permissions[role].sees.includes(part)),
  }
}

export function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch (unknownZone) {
    if (unknownZone instanceof RangeError) return false
    throw unknownZone
  }
}

/** In lists of what somebody was told. */
export const personName = name.meta({ description: 'Name in the configuration, or `me`: whoever asks, by the e-mail address of their account. Somebody who is called me is `=me`.' })

/** Is called so by no configuration. */
const nobody = '='

/** @returns the name in the configuration; of who asks as `me` and is nobody there, a name that nobody has */
export function personMeant({ person }: Asking, asked: string | undefined): string | undefined {
  if (asked === 'me') return person === '' ? nobody : person
  return asked === '=me' ? 'me' : asked
}

/** Weak: it stands for what is on record, not for its bytes. */
export function etagOf(...of: readonly (string | number | undefined)[]): string {
  return `W/"${of.map(String).join('.').replaceAll(/[^\w.:-]/g, '')}"`
}

/** Whether the client holds it already (RFC 9110, 13.1.2). */
export function isHeld(request: FastifyRequest, etag: string): boolean {
  const held = request.headers['if-none-match']
  return held !== undefined && (held === '*' || held.split(',').some((one) => one.trim() === etag))
}

/** What is answered to who holds it already. */
export const unchanged = z.unknown().meta({ description: 'Not changed since.' })

/** A page as it is answered. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional().meta({ description: 'Cursor of the next page; absent: there is none. A page may be short, or empty, and have a next one.' }) })
}

export function answerOf<T>(items: readonly T[], next: unknown): { readonly items: readonly T[]; readonly next?: string } {
  return next === undefined ? { items } : { items, next: cursorOf(next) }
}

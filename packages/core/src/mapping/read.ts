import { eventBounds } from '../model/event.ts'

/**
 * Reading what others made: telemetry attributes, answers of providers, thrown things. Nothing here throws, walks
 * deep or copies what is large; a getter that throws reads as absent.
 */

/**
 * How much of a content goes on beyond what is kept of it, characters: the door takes secrets out and then cuts, and a secret that
 * was cut in two before that would not be found.
 */
export const secretMarginChars = 8_192

/** What `read` gives; absent when it throws: a getter that throws, a revoked proxy or text that is no JSON says nothing. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (unreadable) {
    return absent(unreadable)
  }
}

function absent(_reason: unknown): undefined {
  return undefined
}

/** A property of anything. */
export function field(value: unknown, name: string | symbol): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    // Reason for the cast: an object of unknown shape is read by name, and the result is unknown again.
    return (value as Readonly<Record<string | symbol, unknown>>)[name]
  } catch (unreadable) {
    return absent(unreadable)
  }
}

/** A property of a property of anything. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value
  for (const name of path) at = field(at, name)
  return at
}

/** A string that is not empty, cut to `charsMax` characters; anything else is absent. */
export function text(value: unknown, charsMax: number = eventBounds.nameCharsMax): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return value.length > charsMax ? value.slice(0, charsMax) : value
}

/** A whole number of tokens from 0 to the bound; NaN, negatives and text that is no number are absent. */
export function tokens(value: unknown): number | undefined {
  const count = typeof value === 'string' && value.length < 20 && value !== '' ? Number(value) : value
  if (typeof count !== 'number' || !(count >= 0) || count > eventBounds.tokensMax) return undefined
  return Math.round(count)
}

/** A finite number that is not negative. */
export function amount(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.length < 40 && value !== '' ? Number(value) : value
  return typeof number === 'number' && number >= 0 && Number.isFinite(number) ? number : undefined
}

/** The first that is not absent. */
export function first<T>(...values: readonly (T | undefined)[]): T | undefined {
  for (const value of values) if (value !== undefined) return value
  return undefined
}

/** The sum of what is known; absent when nothing is. */
export function sum(...values: readonly (number | undefined)[]): number | undefined {
  let total: number | undefined
  for (const value of values) if (value !== undefined) total = (total ?? 0) + value
  return total
}

/** `{ [name]: value }`, or nothing where the value is absent: what is not known is left out, not set to undefined. */
export function known<Name extends string, T>(name: Name, value: T | undefined): { readonly [key in Name]?: T } {
  // Reason for the cast: TypeScript widens a computed key to string.
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: T })
}

/** JSON of at most `charsMax` characters; longer text, and text that is no JSON, is absent. */
export function smallJson(value: unknown, charsMax: number = eventBounds.textCharsMax): unknown {
  if (typeof value !== 'string' || value.length > charsMax) return undefined
  return attempt((): unknown => JSON.parse(value))
}

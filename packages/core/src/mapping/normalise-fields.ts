import { eventBounds } from '../model/event.ts'
import type { Redact } from '../model/redact.ts'

/** How much beyond the bound is still read for secrets, so that none is cut in two and left half readable. */
const marginChars = 8_192

/** Short texts found free of secrets are remembered, as names and tags repeat; full, the memory starts anew. */
const cleanTextsMax = 4_096
const cleanCharsMax = 400

/** Reads fields of unknown shape: what has the wrong type is absent, what is too long is cut and said to be. */
export class FieldReader {
  /** Names of fields that were cut or left out; one event's at a time. */
  cut: string[] = []
  readonly #redact: Redact
  readonly #redactContent: Redact
  readonly #clean = new Set<string>()

  constructor(redact: Redact, redactContent: Redact) {
    this.#redact = redact
    this.#redactContent = redactContent
  }

  /** A name, without secrets. Empty is absent. */
  name(value: unknown, field: string): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined
    return this.#bound(this.#withoutSecrets(value.length > eventBounds.nameCharsMax ? ahead(value, eventBounds.nameCharsMax) : value), eventBounds.nameCharsMax, field, value.length)
  }

  /** An id within its bounds, without secrets and still unlike any other: what was taken out leaves a hash behind. */
  id(value: string): string {
    // Past the memory of clean texts: ids do not repeat.
    const redacted = this.#redact(value)
    if (redacted === value) return value
    // Not imported: an agent that only asks for a price would load it too.
    const print = `#${process.getBuiltinModule('node:crypto').hash('sha256', value, 'hex').slice(0, 16)}`
    return cutText(redacted, eventBounds.idCharsMax - print.length) + print
  }

  holdsSecret(value: string): boolean {
    return this.#redact(value) !== value
  }

  /** A name that is kept as it is, such as a user id. */
  asGiven(value: unknown, field: string): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined
    return this.#bound(value, eventBounds.nameCharsMax, field)
  }

  /** Content, without secrets and personal data. */
  content(value: unknown, field: string, charsMax: number = eventBounds.textCharsMax): string | undefined {
    if (typeof value !== 'string' || value === '') return undefined
    return this.#bound(this.#redactContent(ahead(value, charsMax)), charsMax, field, value.length)
  }

  /** Flat facts. Values are redacted together with their key, for it is the key that says that a value is a password. */
  facts(value: unknown, field: string, bounds: { readonly entriesMax: number; readonly charsMax: number }): Record<string, string> | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    const facts: Record<string, string> = {}
    let count = 0
    for (const [key, raw] of Object.entries(value)) {
      const text = typeof raw === 'string' ? raw : typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : undefined
      if (text === undefined || key === '') continue
      if (count === bounds.entriesMax) {
        this.cut.push(field)
        break
      }
      count++
      const bounded = this.#bound(this.#redactFact(key, ahead(text, bounds.charsMax)), bounds.charsMax, `${field}.${key.slice(0, 40)}`, text.length)
      facts[this.#bound(this.#withoutSecrets(ahead(key, eventBounds.tagCharsMax)), eventBounds.tagCharsMax, field)] = bounded
    }
    return count === 0 ? undefined : facts
  }

  #redactFact(key: string, text: string): string {
    const opening = `${key}="`
    const probe = `${opening}${onOneLine(text)}"`
    const redacted = this.#withoutSecrets(probe)
    const alone = this.#withoutSecrets(text)
    if (redacted === probe || !redacted.startsWith(opening)) return alone
    const withKey = redacted.slice(opening.length, -1)
    // What the key gives away beyond what the value does by itself, such as the rest of `authorization: Basic …`.
    return onOneLine(alone) === withKey ? alone : withKey
  }

  #withoutSecrets(text: string): string {
    if (text.length > cleanCharsMax) return this.#redact(text)
    if (this.#clean.has(text)) return text
    const redacted = this.#redact(text)
    if (redacted === text) {
      if (this.#clean.size >= cleanTextsMax) this.#clean.clear()
      this.#clean.add(text)
    }
    return redacted
  }

  #bound(given: string, charsMax: number, field: string, lengthBefore: number = given.length): string {
    // As a store keeps it: what is looked up later must be what was written.
    const text = given.toWellFormed()
    if (text.length <= charsMax && lengthBefore <= charsMax + marginChars) return text
    this.cut.push(field)
    return cutText(text, charsMax)
  }
}

/** The beginning of a text for redaction: no more than is needed, and not ending inside a word that may be a secret. */
function ahead(text: string, charsMax: number): string {
  const longest = charsMax + marginChars
  if (text.length <= longest) return text
  const head = text.slice(0, longest)
  const lastSpace = head.search(/\s\S*$/)
  return lastSpace > charsMax ? head.slice(0, lastSpace) : head
}

/** At most so many characters (UTF-16 units), never half of one. */
export function cutText(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  const last = text.charCodeAt(charsMax - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? charsMax - 1 : charsMax)
}

/** Without what would end the quotation it is put into. */
function onOneLine(text: string): string {
  return text.replace(/["\\\n\r]/g, ' ')
}

/** A whole number from 0 to `max`; anything else is absent. */
export function wholeNumber(value: unknown, max: number): number | undefined {
  if (typeof value !== 'number' || !(value >= 0) || value > max) return undefined
  return Math.round(value)
}

/** One of a closed set, else absent. */
export function oneOf<T extends string>(value: unknown, words: readonly T[]): T | undefined {
  return words.find((word) => word === value)
}

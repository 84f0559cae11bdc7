import { findAssigned } from './redact/assigned.ts'
import { findAddressPasswords, findCurlPasswords, findHeaders } from './redact/credentials.ts'
import { hint, hintsOf, prepareHints } from './redact/hints.ts'
import { findKeys } from './redact/keys.ts'
import { withoutHidden } from './redact/hidden.ts'
import { hasMark, keyOfProcess, markSource, markUnder, unreadable, type Mark } from './redact/mark.ts'
import { findNationalNumbers } from './redact/national.ts'
import { findCards, findIbans } from './redact/numbers.ts'
import { findCardAddresses, findEmails, findInternetAddresses, findPhones } from './redact/personal.ts'
import { findPrivateKeys } from './redact/private-keys.ts'
import { noSpans, replaceSpans, type Finder, type Span } from './redact/span.ts'
import { findWallets } from './redact/wallets.ts'

/** Replaces what must not be kept or shown. Pure, linear in the length of the text, never throws. */
export type Redact = (text: string) => string

/** What a redactor takes out beside secrets, which it always takes out. */
export interface RedactorSettings {
  /** Also e-mail addresses, telephone numbers, internet addresses, bank account and national numbers. */
  readonly personalData: boolean
  /**
   * Secrets known by value, such as those of the configuration: taken out wherever they stand, also URL-encoded or
   * written in JSON. Those under 6 characters are passed over, because they would be found in ordinary words.
   * At most 1,000; more is a mistake of ours and throws here, not while redacting.
   * @default []
   */
  readonly extraSecrets?: readonly string[]
  /**
   * By which the same text gets the same mark: see `redact/mark.ts`. At least 32 bytes.
   * @default one of this process
   */
  readonly key?: Uint8Array
  /** What people said about their own texts: see `redact/own-rules.ts`. @default nothing */
  readonly own?: OwnRules
}

/** What is found beside what is known to everybody, and what stays though it was found. */
export interface OwnRules {
  readonly finders: readonly Finder[]
  /** Whether a text that was found stays where it is. Secrets known by value never do. */
  readonly isAllowed: (found: string) => boolean
}

/**
 * Makes a function that replaces secrets by `[REDACTED:kind:1a2b3c4d]`, such as `[REDACTED:openai-key:5e0c91d7]` or
 * `[REDACTED:email:90b1f6aa]`. The eight digits are the same for the same text, and say nothing to who does not hold the key.
 *
 * Redacting twice is the same as once. Text that holds nothing comes back as it is, in about a microsecond for a line.
 * What is found: keys known by their shape (`redact/key-shapes.ts`), private keys, JSON web tokens, credentials in headers
 * and addresses, values of names that tell of a secret, card numbers. Secrets of no known shape that stand without
 * such a name are not found: hand those in as `extraSecrets`.
 *
 * @example
 * const redact = createRedactor({ personalData: true })
 * redact('401 for sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye, ask dana@example.com')
 * // '401 for [REDACTED:openai-key:…], ask [REDACTED:email:…]'
 */
export function createRedactor(settings: RedactorSettings): Redact {
  const mark = markUnder(settings.key ?? keyOfProcess())
  const replaceExtra = extraSecretsReplacer(settings.extraSecrets ?? [], mark)
  const own = settings.own?.finders ?? []
  const isAllowed = settings.own?.isAllowed
  const finders = settings.personalData ? allFinders : secretFinders
  prepareHints()
  const pass = (text: string, searched: Searched): string => {
    const hints = hintsOf(text)
    const seen = (hints & hint.odd) === 0 ? text : withoutHidden(text)
    if (seen === text) return passOver(text, hints, searched)
    // Only where it hid something: a text that holds nothing comes back as it is.
    const redacted = passOver(seen, hintsOf(seen), searched)
    return redacted === seen ? passOver(text, hints, searched) : redacted
  }
  const passOver = (text: string, hints: number, searched: Searched): string => {
    const replaced = replaceExtra(text)
    const seen = replaced === text ? hints : hintsOf(replaced)
    return seen === 0 && own.length === 0 ? replaced : replaceFound(replaced, seen, searched)
  }
  const replaceFound = (text: string, hints: number, searched: Searched): string => {
    let redacted = text
    let empty = searched.text === text ? searched.empty : 0
    let isAlone = true
    // By index, here and in the finders: most texts are met before the engine has compiled anything, and an iterator costs then as much as what it leads to.
    for (let index = 0; index < own.length; index++) {
      const bit = index < ownBitsMax ? firstOwnBit << index : 0
      if ((empty & bit) !== 0) continue
      // What people named themselves comes first: their word for it is the precise one.
      const before = redacted
      redacted = replaceSpans(before, notAllowed(before, own[index]?.(before) ?? noSpans), mark)
      empty = redacted === before ? empty | bit : 0
    }
    const asked = (finders[hints & (halfHints - 1)] ?? 0) | (finders[halfHints + (hints >> halfBits)] ?? 0)
    // The lowest bit first.
    for (let rest = asked; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest
      if ((empty & bit) !== 0) continue
      const before = redacted
      const spans = findBy(bit, before)
      if (spans.length > 0) redacted = replaceSpans(before, notAllowed(before, spans), mark)
      if (redacted === before) empty |= bit
      else if (standAlone(before, spans)) empty = bit === keysBit ? keysBit : empty & keysBit
      else {
        empty = 0
        isAlone = false
      }
    }
    searched.text = redacted
    searched.empty = empty
    searched.isSettled = (asked & ~empty) === 0 && isAlone && own.length === 0 && (hints & hint.odd) === 0 && redacted.length <= settledCharsMax && replaceExtra(redacted) === redacted
    return redacted
  }
  const notAllowed = (text: string, spans: readonly Span[]): readonly Span[] => (isAllowed === undefined ? spans : spans.filter(({ start, end }) => !isAllowed(text.slice(start, end))))
  return (text) => {
    try {
      return untilSettled(text, pass)
    } catch {
      // Reached only by text so large that the machine refuses to search it. What cannot be checked is not kept.
      return unreadable
    }
  }
}

/** Which finders have nothing to replace in a text, by bits: they need not be asked about it again. Settled, none need be. */
interface Searched {
  text: string
  empty: number
  isSettled: boolean
}

/** Taking something out can bring together what then looks like something else; in practice the second pass finds nothing. */
function untilSettled(text: string, pass: (text: string, searched: Searched) => string): string {
  const searched: Searched = { text: '', empty: 0, isSettled: false }
  let settled = text
  for (let count = 0; count < passesMax; count++) {
    const next = pass(settled, searched)
    if (next === settled || searched.isSettled) return next
    settled = next
  }
  return settled
}

const passesMax = 8

/**
 * Bits of `hint` of each finder, which is asked where one of them is true, in order: what is surely known before what is guessed from its
 * surroundings, so that the kind is the precise one. `findBy` knows them by their bits.
 */
const hintsOfSecrets = [hint.privateKey, hint.at, hint.longWord, hint.curl, hint.header, hint.assignment, 0, hint.card, 0, 0, 0, 0, 0, 0]
const hintsOfPersonal = [0, 0, 0, 0, 0, 0, hint.digits, 0, hint.code, hint.wallet, hint.at, hint.address, hint.address, hint.digits]
const halfBits = 6
const halfHints = 1 << halfBits
const secretFinders = findersByHints(hintsOfSecrets)
const allFinders = findersByHints(hintsOfSecrets.map((secret, number) => secret | (hintsOfPersonal[number] ?? 0)))

/** For every value of the lower half of the bits of `hint`, and behind them of the upper, a bit for each finder that is asked. */
function findersByHints(hintsOfFinders: readonly number[]): Int32Array {
  const finders = new Int32Array(2 * halfHints)
  for (let value = 0; value < halfHints; value++) {
    for (let number = 0; number < hintsOfFinders.length; number++) {
      const hints = hintsOfFinders[number] ?? 0
      if ((hints & value) !== 0) finders[value] = (finders[value] ?? 0) | (1 << number)
      if (((hints >> halfBits) & value) !== 0) finders[halfHints + value] = (finders[halfHints + value] ?? 0) | (1 << number)
    }
  }
  return finders
}

/** Written out: each finder is called at a place of its own, where the engine knows what it calls. */
function findBy(bit: number, text: string): readonly Span[] {
  switch (bit) {
    case 1 << 0: return findPrivateKeys(text)
    case 1 << 1: return findAddressPasswords(text)
    case 1 << 2: return findKeys(text)
    case 1 << 3: return findCurlPasswords(text)
    case 1 << 4: return findHeaders(text)
    case 1 << 5: return findAssigned(text)
    case 1 << 6: return findIbans(text)
    case 1 << 7: return findCards(text)
    case 1 << 8: return findNationalNumbers(text)
    case 1 << 9: return findWallets(text)
    case 1 << 10: return findEmails(text)
    case 1 << 11: return findInternetAddresses(text)
    case 1 << 12: return findCardAddresses(text)
    case 1 << 13: return findPhones(text)
    default: return noSpans
  }
}

/**
 * A key that is taken out where nothing but brackets, quotes and spaces stands around it brings nothing together: what is left are the same words as before, so that no
 * hint is true that was not, and no word has become a key. All other finders look farther around themselves.
 */
function standAlone(text: string, spans: readonly Span[]): boolean {
  for (let index = 0; index < spans.length; index++) {
    const span = spans[index]
    if (span !== undefined && ((span.start > 0 && !parting.includes(text.charAt(span.start - 1))) || (span.end < text.length && !parting.includes(text.charAt(span.end))))) return false
  }
  return true
}

/** No key has them, and none is told by them from what is no key. */
const parting = ' \t\n"\'`,;()<>[]{}\\'
const keysBit = 1 << 2
/** Of what is longer the hints are not sure: a mark may lie in two of the pieces that are read at once. */
const settledCharsMax = 4_096

/** Of `Searched.empty`: above those of the product's finders. Of own ones beyond the 16th nothing is remembered. */
const firstOwnBit = 1 << 14
const ownBitsMax = 16

const secretCharsMin = 6
const secretsMax = 1_000

function extraSecretsReplacer(secrets: readonly string[], mark: Mark): Redact {
  if (secrets.length > secretsMax) throw new RangeError(`expected at most ${secretsMax} secrets, found ${secrets.length}`)
  /** Each form → the secret as it was handed in, whose mark it gets. */
  const forms = new Map(secrets.filter((secret) => secret.length >= secretCharsMin).flatMap((secret) => formsOf(secret).map((form) => [form, secret] as const)))
  if (forms.size === 0) return (text) => text
  // The longest first: a secret may begin with another.
  const sorted = [...forms.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp([markSource, ...sorted.map(literally)].join('|'), 'g')
  return (text) => (sorted.some((form) => text.includes(form)) ? text.replace(pattern, (found) => (hasMark(found) ? found : mark('secret', forms.get(found) ?? found))) : text)
}

/** As it is, as in an address, and as in a JSON string. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}

import { findAssigned } from './redact/assigned.ts'
import { findAddressPasswords, findCurlPasswords, findHeaders } from './redact/credentials.ts'
import { hint, hintsOf } from './redact/hints.ts'
import { findKeys } from './redact/keys.ts'
import { withoutHidden } from './redact/hidden.ts'
import { hasMark, keyOfProcess, markSource, markUnder, unreadable, type Mark } from './redact/mark.ts'
import { findNationalNumbers } from './redact/national.ts'
import { findCards, findIbans } from './redact/numbers.ts'
import { findCardAddresses, findEmails, findInternetAddresses, findPhones } from './redact/personal.ts'
import { findPrivateKeys } from './redact/private-keys.ts'
import { replaceSpans, type Finder } from './redact/span.ts'
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
  const asked = findersFor(settings)
  const isAllowed = settings.own?.isAllowed
  const always = settings.own === undefined || settings.own.finders.length === 0 ? 0 : alwaysAsked
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
    const when = (replaced === text ? hints : hintsOf(replaced)) | always
    return when === 0 ? replaced : replaceFound(replaced, when, searched)
  }
  const replaceFound = (text: string, hints: number, searched: Searched): string => {
    let redacted = text
    let empty = searched.text === text ? searched.empty : 0
    let bit = 1
    for (const { find, when } of asked) {
      const own = bit
      bit <<= 1
      if ((hints & when) === 0 || (empty & own) !== 0) continue
      const spans = find(redacted)
      const before = redacted
      if (spans.length > 0) redacted = replaceSpans(before, isAllowed === undefined ? spans : spans.filter(({ start, end }) => !isAllowed(before.slice(start, end))), mark)
      empty = redacted === before ? empty | own : 0
    }
    searched.text = redacted
    searched.empty = empty
    return redacted
  }
  return (text) => {
    try {
      return untilSettled(text, pass)
    } catch {
      // Reached only by text so large that the machine refuses to search it. What cannot be checked is not kept.
      return unreadable
    }
  }
}

/** Which finders have nothing to replace in a text, by bits, the first 32 of them: they need not be asked about it again. */
interface Searched {
  text: string
  empty: number
}

/** Taking something out can bring together what then looks like something else; in practice the second pass finds nothing. */
function untilSettled(text: string, pass: (text: string, searched: Searched) => string): string {
  const searched: Searched = { text: '', empty: 0 }
  let settled = text
  for (let count = 0; count < passesMax; count++) {
    const next = pass(settled, searched)
    if (next === settled) return settled
    settled = next
  }
  return settled
}

const passesMax = 8

interface AskedFinder {
  readonly find: Finder
  /** Bits of `hint`: asked where one of them is true. */
  readonly when: number
  readonly isPersonal: boolean
}

/** A bit that is no hint, for what no hint tells of. */
const alwaysAsked = 1 << 30

/** In order: what is surely known before what is guessed from its surroundings, so that the kind is the precise one. */
const finders: readonly AskedFinder[] = [
  { find: findPrivateKeys, when: hint.longWord, isPersonal: false },
  { find: findAddressPasswords, when: hint.at, isPersonal: false },
  { find: findKeys, when: hint.longWord, isPersonal: false },
  { find: findCurlPasswords, when: hint.curl, isPersonal: false },
  { find: findHeaders, when: hint.header, isPersonal: false },
  { find: findAssigned, when: hint.assignment, isPersonal: false },
  { find: findIbans, when: hint.digits, isPersonal: true },
  { find: findCards, when: hint.digits, isPersonal: false },
  { find: findNationalNumbers, when: hint.digits | hint.code, isPersonal: true },
  { find: findWallets, when: hint.longWord, isPersonal: true },
  { find: findEmails, when: hint.at, isPersonal: true },
  { find: findInternetAddresses, when: hint.address, isPersonal: true },
  { find: findCardAddresses, when: hint.address, isPersonal: true },
  { find: findPhones, when: hint.digits, isPersonal: true },
]

/** What people named themselves comes first: their word for it is the precise one. */
function findersFor({ personalData, own }: RedactorSettings): readonly AskedFinder[] {
  const first = (own?.finders ?? []).map((find) => ({ find, when: alwaysAsked, isPersonal: false }))
  return [...first, ...finders.filter(({ isPersonal }) => personalData || !isPersonal)]
}

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

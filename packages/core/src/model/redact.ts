import { findAssigned } from './redact/assigned.ts'
import { findAddressPasswords, findCurlPasswords, findHeaders } from './redact/credentials.ts'
import { hintsOf, type Hints } from './redact/hints.ts'
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
  const once: Redact = (text) => {
    const hints = hintsOf(text)
    const seen = hints.odd ? withoutHidden(text) : text
    if (seen === text) return redactOnce(text, hints)
    // Only where it hid something: a text that holds nothing comes back as it is.
    const redacted = redactOnce(seen, hintsOf(seen))
    return redacted === seen ? redactOnce(text, hints) : redacted
  }
  const redactOnce = (text: string, hints: Hints): string => {
    const replaced = replaceExtra(text)
    return replaceFound(replaced, replaced === text ? hints : hintsOf(replaced))
  }
  const replaceFound = (text: string, hints: Hints): string => {
    let redacted = text
    for (const { find, when } of asked) {
      if (!when(hints)) continue
      const spans = find(redacted)
      if (spans.length === 0) continue
      const before = redacted
      redacted = replaceSpans(before, isAllowed === undefined ? spans : spans.filter(({ start, end }) => !isAllowed(before.slice(start, end))), mark)
    }
    return redacted
  }
  return (text) => {
    try {
      return untilSettled(text, once)
    } catch {
      // Reached only by text so large that the machine refuses to search it. What cannot be checked is not kept.
      return unreadable
    }
  }
}

/** Taking something out can bring together what then looks like something else; in practice the second pass finds nothing. */
function untilSettled(text: string, once: Redact): string {
  let settled = text
  for (let pass = 0; pass < passesMax; pass++) {
    const next = once(settled)
    if (next === settled) return settled
    settled = next
  }
  return settled
}

const passesMax = 8

interface AskedFinder {
  readonly find: Finder
  readonly when: (hints: Hints) => boolean
  readonly isPersonal: boolean
}

/** In order: what is surely known before what is guessed from its surroundings, so that the kind is the precise one. */
const finders: readonly AskedFinder[] = [
  { find: findPrivateKeys, when: (hints) => hints.longWord, isPersonal: false },
  { find: findAddressPasswords, when: (hints) => hints.at, isPersonal: false },
  { find: findKeys, when: (hints) => hints.longWord, isPersonal: false },
  { find: findCurlPasswords, when: () => true, isPersonal: false },
  { find: findHeaders, when: (hints) => hints.header, isPersonal: false },
  { find: findAssigned, when: (hints) => hints.assignment, isPersonal: false },
  { find: findIbans, when: (hints) => hints.digits, isPersonal: true },
  { find: findCards, when: (hints) => hints.digits, isPersonal: false },
  { find: findNationalNumbers, when: (hints) => hints.digits || hints.code, isPersonal: true },
  { find: findWallets, when: (hints) => hints.longWord, isPersonal: true },
  { find: findEmails, when: (hints) => hints.at, isPersonal: true },
  { find: findInternetAddresses, when: (hints) => hints.address, isPersonal: true },
  { find: findCardAddresses, when: (hints) => hints.address, isPersonal: true },
  { find: findPhones, when: (hints) => hints.digits, isPersonal: true },
]

/** What people named themselves comes first: their word for it is the precise one. */
function findersFor({ personalData, own }: RedactorSettings): readonly AskedFinder[] {
  const first = (own?.finders ?? []).map((find) => ({ find, when: () => true, isPersonal: false }))
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

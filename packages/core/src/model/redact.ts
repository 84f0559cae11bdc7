import { findAssigned } from './redact/assigned.ts'
import { findAddressPasswords, findCurlPasswords, findHeaders } from './redact/credentials.ts'
import { hintsOf, type Hints } from './redact/hints.ts'
import { findKeys } from './redact/keys.ts'
import { withoutHidden } from './redact/hidden.ts'
import { findCards, findIbans, findNationalNumbers } from './redact/numbers.ts'
import { findEmails, findInternetAddresses, findPhones } from './redact/personal.ts'
import { findPrivateKeys } from './redact/private-keys.ts'
import { mark, markStart, replaceSpans, type Finder } from './redact/span.ts'

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
}

/**
 * Makes a function that replaces secrets by `[REDACTED:kind]`, such as `[REDACTED:openai-key]`, `[REDACTED:password]`,
 * `[REDACTED:card]`, `[REDACTED:email]`.
 *
 * Redacting twice is the same as once. Text that holds nothing comes back as it is, in about a microsecond for a line.
 * What is found: keys known by their shape (`redact/key-shapes.ts`), private keys, JSON web tokens, credentials in headers
 * and addresses, values of names that tell of a secret, card numbers. Secrets of no known shape that stand without
 * such a name are not found: hand those in as `extraSecrets`.
 *
 * @example
 * const redact = createRedactor({ personalData: true })
 * redact('401 for sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye, ask dana@example.com')
 * // '401 for [REDACTED:openai-key], ask [REDACTED:email]'
 */
export function createRedactor(settings: RedactorSettings): Redact {
  const replaceExtra = extraSecretsReplacer(settings.extraSecrets ?? [])
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
    return replaceFound(replaced, replaced === text ? hints : hintsOf(replaced), settings.personalData)
  }
  return (text) => {
    try {
      return untilSettled(text, once)
    } catch {
      // Reached only by text so large that the machine refuses to search it. What cannot be checked is not kept.
      return mark('unreadable')
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

/** In order: what is surely known before what is guessed from its surroundings, so that the kind is the precise one. */
const finders: readonly { readonly find: Finder; readonly when: (hints: Hints) => boolean; readonly isPersonal: boolean }[] = [
  { find: findPrivateKeys, when: (hints) => hints.longWord, isPersonal: false },
  { find: findAddressPasswords, when: (hints) => hints.at, isPersonal: false },
  { find: findKeys, when: (hints) => hints.longWord, isPersonal: false },
  { find: findCurlPasswords, when: () => true, isPersonal: false },
  { find: findHeaders, when: (hints) => hints.header, isPersonal: false },
  { find: findAssigned, when: (hints) => hints.assignment, isPersonal: false },
  { find: findIbans, when: (hints) => hints.digits, isPersonal: true },
  { find: findCards, when: (hints) => hints.digits, isPersonal: false },
  { find: findNationalNumbers, when: (hints) => hints.digits, isPersonal: true },
  { find: findEmails, when: (hints) => hints.at, isPersonal: true },
  { find: findInternetAddresses, when: (hints) => hints.address, isPersonal: true },
  { find: findPhones, when: (hints) => hints.digits, isPersonal: true },
]

function replaceFound(text: string, hints: Hints, personalData: boolean): string {
  let redacted = text
  for (const { find, when, isPersonal } of finders) {
    if ((personalData || !isPersonal) && when(hints)) redacted = replaceSpans(redacted, find(redacted))
  }
  return redacted
}

const secretCharsMin = 6
const secretsMax = 1_000

function extraSecretsReplacer(secrets: readonly string[]): Redact {
  if (secrets.length > secretsMax) throw new RangeError(`expected at most ${secretsMax} secrets, found ${secrets.length}`)
  const forms = [...new Set(secrets.filter((secret) => secret.length >= secretCharsMin).flatMap(formsOf))]
  if (forms.length === 0) return (text) => text
  // The longest first: a secret may begin with another.
  const sources = forms.sort((a, b) => b.length - a.length).map((form) => literally(form))
  const pattern = new RegExp(String.raw`${literally(markStart)}[a-z0-9-]{1,40}\]|${sources.join('|')}`, 'g')
  return (text) => (forms.some((form) => text.includes(form)) ? text.replace(pattern, (found) => (found.startsWith(markStart) ? found : mark('secret'))) : text)
}

/** As it is, as in an address, and as in a JSON string. */
function formsOf(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)]
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}

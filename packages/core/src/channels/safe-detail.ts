import type { Outcome } from '../model/outcome.ts'
import { cutText } from './cut-text.ts'
import { formsOf } from './secret-forms.ts'

const detailCharsMax = 200
/** Looked through for secrets; no answer is longer. */
const textCharsMax = 64 * 1024

/**
 * What a provider said, fit for records and people: one line of at most 200 characters, without control characters and
 * without `secrets`, in whatever form they come back (`secret-forms.ts`).
 *
 * @example
 * safeDetail('535 user:hunter22\r\nrefused', ['hunter22']) // '535 user:[REDACTED] refused'
 */
export function safeDetail(text: string, secrets: readonly string[]): string {
  // The secrets first: what is cut before them could cut one in two.
  const safe = without(text.slice(0, textCharsMax), secrets, '[REDACTED]')
  const line = safe.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()
  return line.length > detailCharsMax ? cutText(line, detailCharsMax, '…') : line
}

/**
 * An outcome fit for records and people: what the provider said goes through `safeDetail`, and the receiver's address does
 * not stand in it. The last step of every channel's `send`.
 *
 * @param secrets each in its raw form; those of the settings, and headers made from them
 * @param to the address of the receiver, where it is one of a person
 */
export function withoutSecrets(outcome: Outcome, secrets: readonly string[], to = ''): Outcome {
  const safe = (text: string): string => safeDetail(without(without(text.slice(0, textCharsMax), secrets, '[REDACTED]'), [to], '[address]'), [])
  const detail = outcome.detail === undefined ? {} : { detail: safe(outcome.detail) }
  if (outcome.kind !== 'sent') return { ...outcome, detail: safe(outcome.detail), ...(outcome.code === undefined ? {} : { code: safe(outcome.code) }) }
  // The address may be a part of what the provider calls the message, which later news have to name.
  return { ...outcome, ...detail, ...(outcome.providerId === undefined ? {} : { providerId: safeDetail(outcome.providerId, secrets) }) }
}

/**
 * What of an address to call is a key to it: all of it, and each part that does not look like a word. For `withoutSecrets`,
 * because a provider may repeat the key alone.
 *
 * @example
 * secretsOfUrl(new URL('https://example.com/hooks/9f3kQ2x7?key=s3cret-one')) // [the whole, '/hooks/9f3kQ2x7?key=s3cret-one', '9f3kQ2x7', 's3cret-one']
 */
export function secretsOfUrl({ href, pathname, search, searchParams }: URL): readonly string[] {
  const keys = [...pathname.split('/').filter((part) => /\d|[a-z][A-Z]/.test(part)), ...searchParams.values()]
  return [href, `${pathname}${search}`, ...keys].filter(({ length }) => length >= keyCharsMin)
}

/** Shorter ones, such as the path `/hook`, are no secrets and stand in many sentences. */
const keyCharsMin = 8

function without(text: string, secrets: readonly string[], mark: string): string {
  const forms = secrets.flatMap(withLines).filter((secret) => secret !== '').sort((a, b) => b.length - a.length).map(formsOf)
  return forms.length === 0 || text === '' ? text : text.replaceAll(new RegExp(forms.join('|'), 'g'), mark)
}

/** One line of a private key is still much of it. */
function withLines(secret: string): readonly string[] {
  return secret.includes('\n') ? [secret, ...secret.split('\n').filter((line) => line.length >= keyCharsMin)] : [secret]
}

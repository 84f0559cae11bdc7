import { Expression } from './expression.ts'
import { isPlaceholder, isTemplate, looksRandom } from './plausible.ts'
import { read } from './reading.ts'
import { noSpans, type Span } from './span.ts'

/** Passwords in addresses: `scheme://user:password@host`, and a long token standing alone before the `@`. */
export function findAddressPasswords(text: string): readonly Span[] {
  if (!text.includes('://')) return noSpans
  let spans: Span[] | undefined
  for (let match = addressPattern.first(text); match !== null; match = addressPattern.next(text)) {
    const whole = match[0]
    const before = match[1] ?? ''
    const password = match[2]
    const user = before.slice(before.indexOf('://') + 3)
    if (password !== undefined && password !== '') {
      if (isTemplate(read(password)) || isOfManual(password, user)) continue
      const start = match.index + before.length + 1
      // Where the name was drawn by chance it is half of the secret.
      spans ??= []
      spans.push({ start: looksRandom(read(user)) ? start - 1 - user.length : start, end: start + password.length, kind: 'password' })
    } else if (user.length >= loneTokenCharsMin && looksRandom(read(user))) {
      const end = match.index + whole.length - 1
      spans ??= []
      spans.push({ start: end - user.length, end, kind: 'token' })
    }
  }
  return spans ?? noSpans
}

/** `user:password@` and `postgres:postgres@`: what stands in manuals and on every developer's machine. */
function isOfManual(password: string, user: string): boolean {
  return password === user || password.length < 4 || isPlaceholder(read(password)) || /^(?:my_?)?(?:password|passwd|pass|secret|pwd)$|^(?:replace|your|insert)[_-]/i.test(password)
}

const loneTokenCharsMin = 16
const addressPattern = new Expression(/(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9+.-]{1,20}:\/\/[^\s:@/"'`<>?#[\]]{0,256})(?::([^\s/"'`<>?#[\]]{0,256}))?@(?=[^\s@]|$)/g)

/** What `curl -u user:password` is given. */
export function findCurlPasswords(text: string): readonly Span[] {
  if (!text.includes('curl ')) return noSpans
  let spans: Span[] | undefined
  for (let match = curlPattern.first(text); match !== null; match = curlPattern.next(text)) {
    const { user = '', between = '', password = '' } = match.groups ?? {}
    const end = match.index + match[0].length
    const length = looksRandom(read(user)) ? user.length + between.length + password.length : password.length
    if (length > 0 && !isPlaceholder(read(password === '' ? user : password)) && password !== user) (spans ??= []).push({ start: end - length, end, kind: 'password' })
  }
  return spans ?? noSpans
}

const curlPattern = new Expression(/(?<=\s)(?:-u|--user)[ =]\s{0,4}["']?(?<user>[^\s:"'<>]{0,80})(?<between>["']?:["']?)(?<password>[^\s"'<>]{2,200}|(?=["'\s]))/g)

/** `Authorization: …`, `Bearer …`, `Basic …`, and cookies. */
export function findHeaders(text: string): readonly Span[] {
  let spans: Span[] | undefined
  for (let match = headerPattern.first(text); match !== null; match = headerPattern.next(text)) {
    // By number: names would cost as much as the match.
    const credential = match[2]
    const word = match[3]
    const value = match[4]
    const cookies = match[5]
    const end = match.index + match[0].length
    if (cookies !== undefined) (spans ??= []).push(...cookieValues(cookies, end - cookies.length))
    else if (credential !== undefined) {
      if (!isPlaceholder(read(credential))) (spans ??= []).push({ start: end - credential.length, end, kind: kindOf(match[1]) })
    } else if (word !== undefined && value !== undefined && !isPlaceholder(read(value)) && isCredential(word, value)) {
      spans ??= []
      spans.push({ start: end - value.length, end, kind: kindOf(word) })
    }
  }
  return spans ?? noSpans
}

const valueSource = String.raw`(?!\[REDACTED:)[\w.~+/=%:|\-]{6,}`
const headerPattern = new Expression(
  [
    // Whatever an Authorization header is given, after its scheme if it has one.
    String.raw`\b(?:proxy-)?authorization\\{0,3}["'\x60]?\]?\s{0,8}(?:=>|[:=,])\s{0,8}\\{0,3}["'\x60]?(?:([A-Za-z][\w-]{2,20})\s{1,4})?(${valueSource})`,
    String.raw`\b(bearer|basic|apikey|api-key|token|negotiate)\s{1,4}(${valueSource})`,
    String.raw`\b(?:set-)?cookie\\{0,3}["'\x60]?\s{0,4}[:=]\s{0,4}\\{0,3}["'\x60]?([\w.-]{1,80}=[^\n"'\x60\\]{1,4096})`,
  ].join('|'),
  'gi',
)

function kindOf(scheme: string | undefined): string {
  const lower = scheme?.toLowerCase()
  return lower === 'bearer' || lower === 'basic' ? lower : 'credential'
}

/** Prose such as "basic authentication" and "bearer token" is no credential. */
function isCredential(scheme: string, value: string): boolean {
  if (scheme.toLowerCase() === 'basic') return isBasic(value)
  return value.length >= 8 && looksRandom(read(value))
}

function isBasic(value: string): boolean {
  return /^[A-Za-z0-9+/]{6,}={0,2}$/.test(value) && Buffer.from(value, 'base64').toString('latin1').includes(':')
}

function cookieValues(cookies: string, offset: number): readonly Span[] {
  const spans: Span[] = []
  for (const match of cookies.matchAll(/(?<=^|;\s{0,4})([\w.-]{1,80}=)([^;\s]{8,4096})/g)) {
    const [whole, name = '', value = ''] = match
    if (/^(?:path|domain|expires|max-age|samesite)=$/i.test(name) || isPlaceholder(read(value))) continue
    spans.push({ start: offset + match.index + name.length, end: offset + match.index + whole.length, kind: 'cookie' })
  }
  return spans
}

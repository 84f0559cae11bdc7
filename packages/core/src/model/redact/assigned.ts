import { Expression } from './expression.ts'
import { flagGiven, nothingGiven, plainGiving, plainlyGiven } from './plain-giving.ts'
import { isExample, isObject, isPlaceholder, looksRandom } from './plausible.ts'
import { read, type Reading } from './reading.ts'
import { noSpans, type Span } from './span.ts'

/**
 * Values given to a name that says they are secret: `password=…`, `"api_key": "…"`, `TOKEN := …`, YAML, XML, command-line
 * flags, and `set("X_TOKEN", "…")`. Begins at the word that gives it away and reads on from there in bounded steps, so that a
 * text of nothing but such words stays linear.
 */
export function findAssigned(text: string): readonly Span[] {
  let spans: Span[] | undefined
  let searched = 0
  for (let match = tellingWord.first(text); match !== null; match = tellingWord.next(text)) {
    if (match.index < searched) continue
    const span = valueAfter(text, match.index, match.index + match[0].length)
    if (span === undefined) continue
    spans ??= []
    spans.push(span)
    searched = span.end
  }
  // The text is not held on to.
  bare.text = ''
  return spans ?? noSpans
}

const tellingWord = new Expression(
  /pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?|(?<![A-Za-z])(?:auth|sig)(?![a-z])|(?:api|access|private|account|auth|encryption|signing|master|service|license|licence|subscription|storage|shared|client|admin|deploy|app|user|primary|secondary|root|session|hmac|webhook|security|[a-z0-9]_)[-_. ]?key|密码|口令|密钥|令牌/gi,
)

/**
 * What may follow the telling word within the same name, then the sign of giving, then the opening of the value. Its groups have no names,
 * which would cost as much as the match: what closes the name, an attribute, the sign, the space after a flag, what opens the value.
 */
const givingPattern = new Expression(
  [
    String.raw`(?:[-_.]?(?:access|key|token|secret|value|string|plain|text|base64|b64|hash|prod|production|staging|dev|test|live|env|new|old|confirm|confirmation|\d{1,4})){0,4}?`,
    String.raw`(\\{0,3}["'\x60])?\]?\s{0,16}`,
    String.raw`(?:(\s(?:value|content)\s{0,4}=)|(?::\s{0,4})?(?:string|str)\s{0,4}=|(:{0,3}={1,3}>?|[?.+]=|:|：|>|,|(?:\bis|是)(?=\s))|(?=([ \t])))`,
    String.raw`(?:(?<=>)\s{0,40}|[ \t]{0,40}(?:[|>][-+]?\s{1,40}|\s{0,40}(?=\\{0,3}["'\x60]))?)(?:\[(?!REDACTED:))?(?:[bruf]{1,2}(?=["'\x60]))?(\\{0,3}["'\x60])?`,
  ].join(''),
  'iy',
)

const nameCharsMax = 64
const valueCharsMax = 2_048
/** Of a value, what is looked at to judge it. */
const judgedCharsMax = 256

function valueAfter(text: string, wordStart: number, wordEnd: number): Span | undefined {
  const nameStart = startOfName(text, wordStart)
  const plain = plainGiving(text, wordEnd)
  if (plain === nothingGiven || (plain === flagGiven && !text.startsWith('--', nameStart))) return undefined
  let close: string | undefined
  let attribute: string | undefined
  let sign: string | undefined
  let flag: string | undefined
  let open: string | undefined
  let start = plain
  if (plain >= 0) {
    sign = plainlyGiven.sign
    open = plainlyGiven.open === '' ? undefined : plainlyGiven.open
  } else {
    const giving = givingPattern.from(text, wordEnd)
    if (giving === null) return undefined
    // One by one: an array that is taken apart goes through an iterator.
    close = giving[1]
    attribute = giving[2]
    sign = giving[3]
    flag = giving[4]
    open = giving[5]
    start = giving.index + giving[0].length
  }
  // A template, or a mark that is looked at once more: no secret begins so, and what follows need not be read.
  if ('<{['.includes(text.charAt(start) || 'none')) return undefined
  const name = text.slice(nameStart, endOfName(text, wordEnd)).toLowerCase()
  if (flag !== undefined && attribute === undefined && sign === undefined && !text.startsWith('--', nameStart)) return undefined
  if (sign === ',' && (close === undefined || open === undefined)) return undefined
  if (sign === '>' && text.charAt(nameStart - 1) !== '<') return undefined
  const end = open === undefined ? endOfBare(text, start) : endOfQuoted(text, start, open)
  const value = text.slice(start, Math.min(end, start + judgedCharsMax))
  const given: Given = { value, sign: sign ?? (flag === undefined ? '=' : 'flag'), isQuoted: open !== undefined, isCut: text.startsWith('..', end) || text.startsWith('…', end), goesOn: goesOnAt(text, end) }
  return isSecret(name, given) ? { start, end, kind: tellingOf(name).kind } : undefined
}

/** A space or tab, then a letter. */
function goesOnAt(text: string, end: number): boolean {
  if (end + 1 >= text.length) return false
  const sign = text.charCodeAt(end)
  const letter = text.charCodeAt(end + 1) | 0x20
  return (sign === 0x20 || sign === 0x09) && letter >= 0x61 && letter <= 0x7a
}

function startOfName(text: string, from: number): number {
  let start = from
  while (start > 0 && from - start < nameCharsMax && isOfName(text.charCodeAt(start - 1))) start--
  return start
}

function endOfName(text: string, from: number): number {
  let end = from
  while (end < text.length && end - from < nameCharsMax && isOfName(text.charCodeAt(end))) end++
  return end
}

/** Letters, digits, `_`, `-`, `.`. */
function isOfName(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d || code === 0x2e
}

/** Up to the quote that closes; without one, what is left of the line: the text was cut. */
function endOfQuoted(text: string, start: number, open: string): number {
  const quote = open.at(-1)
  const isEscaped = open.length > 1
  const last = Math.min(text.length, start + valueCharsMax)
  let index = start
  for (; index < last; index++) {
    const character = text.charAt(index)
    if (character === quote || character === '\n') return index
    if (character !== '\\') continue
    if (isEscaped) return index
    index++
  }
  return Math.min(index, text.length)
}

/** A comma ends a value where another name follows or nothing does. */
const barePattern = new Expression(/(?:[^\s"'`<>;&\\,，。；、）」]|,(?=[^\s,])(?![\w.-]{1,40}[=:]))*/y)
/** The stretch that was read last: every value that begins inside it ends where it ends. */
const bare = { text: '', from: 0, to: 0 }

function endOfBare(text: string, start: number): number {
  if (text !== bare.text || start < bare.from || start >= bare.to) {
    bare.text = text
    bare.from = start
    bare.to = barePattern.endAt(text, start) ?? start
  }
  let end = Math.min(bare.to, start + valueCharsMax)
  while (end > start && ')]}.:'.includes(text.charAt(end - 1))) end--
  return end
}

interface Given {
  readonly value: string
  readonly sign: string
  readonly isQuoted: boolean
  /** Somebody shortened it and said so: `sk-4f9Q...`. */
  readonly isCut: boolean
  /** Another word follows on the same line, as in prose. */
  readonly goesOn: boolean
}

/** Names whose value is secret whatever it looks like. */
const certainName = new Expression(/password|passwd|passphrase|passcode|[_.-]pass$|(?:db|ftp|smtp|user|root|admin)pass$|pwd|secret|密码|口令|密钥/)
/** `pass=hunter2`, but also `pass: 12, fail: 3`. */
const bareName = /(?:^|[^a-z])pass$/
const bareValue = /^(?=.*[A-Za-z])(?=.*[^A-Za-z.]).{6,}$/
/** Names that only seem to tell of a secret. */
const harmlessName = new Expression(/jsonwebtoken|public|publishable|partition|foreign|(?:^|[_.-])(?:primary|sort|cache|row|group|object|routing|idempotency|index|unique|composite|hash)[_-]?key|page_?token|cursor|continuation|csrf|xsrf|authenticity_?token|verification_?token|^non[_-]?(?=matching|secret)|(?:^|[_.-])(?:fake|dummy|mock|sample|example)[_-]?(?=pass|secret|token|key|api)|max_?tokens?|num_?tokens?/)
/** `STRIPE_KEY`, but also `bucket_key`: only a value without any structure counts. */
const vagueName = /(?<!api|access|private|account|auth|encryption|signing|service|client|admin|storage|shared|deploy)_key$/
const vagueValue = /^[A-Za-z0-9+/=_-]{16,}$/

/** What a name tells of its value. */
interface Telling {
  readonly kind: string
  readonly isHarmless: boolean
  readonly isCertain: boolean
  readonly isBare: boolean
  readonly isVague: boolean
  /** `pass` or `pwd` is in it. */
  readonly isOfPasswords: boolean
  /** It ends in `key` or `token`. */
  readonly endsInKey: boolean
}

/** Names come again and again, and seven expressions tell of each. Full, it starts anew. */
const tellings = new Map<string, Telling>()
const tellingsMax = 256

function tellingOf(name: string): Telling {
  const known = tellings.get(name)
  if (known !== undefined) return known
  const telling = {
    kind: kindOf(name), isHarmless: harmlessName.test(name), isCertain: certainName.test(name), isBare: bareName.test(name), isVague: vagueName.test(name),
    isOfPasswords: /pass|pwd/.test(name), endsInKey: /(?:key|token)$/.test(name),
  }
  if (tellings.size >= tellingsMax) tellings.clear()
  // A copy: the engine keeps a piece of a text by keeping the whole text.
  tellings.set(Buffer.from(name, 'utf16le').toString('utf16le'), telling)
  return telling
}

function isSecret(name: string, given: Given): boolean {
  const { value, sign, isQuoted, goesOn } = given
  if (value.length < 4) return false
  const reading = read(value)
  if (isPlaceholder(reading)) return false
  const told = tellingOf(name)
  if (told.isHarmless) return false
  const isCertain = told.isCertain && sign !== 'is' && sign !== '是' && sign !== ','
  if (told.isBare && bareValue.test(value) && !isReference(value)) return true
  if (!isCertain) return (!given.isCut || value.length > cutCharsMax) && isUncertainSecret(told, reading)
  if (given.isCut && value.length <= cutCharsMax && told.kind !== 'password') return false
  // A password of eight signs may well be 12345678; what is long and shows how it is written is of a manual.
  if (told.kind !== 'password' && value.length >= exampleCharsMin && isExample(reading)) return false
  if (isQuoted) return true
  if (isReference(value)) return false
  const isWord = /^[A-Za-z]+$/.test(value)
  return !(isWord && goesOn)
}

/** Keys and tokens are longer than passwords, and what is called so and shorter is mostly a name. */
const uncertainCharsMin = 10
const exampleCharsMin = 16
/** Of a key that was shortened, what may be shown: the beginning, by which its owner knows it. */
const cutCharsMax = 40

/** Of names that are given harmless values too, only what looks drawn by chance and neither like an example nor like the name of something. */
function isUncertainSecret(told: Telling, reading: Reading): boolean {
  const { value } = reading
  if ((value.length < uncertainCharsMin && !told.isOfPasswords) || !looksRandom(reading) || /\s|:\/\//.test(value) || isReference(value) || isObject(value) || isExample(reading)) return false
  // `cache:42`, `ns1:Name`: what has a colon after a number or a name is an address in some system.
  if (told.endsInKey && value.includes(':') && /^(?:\d{1,20}|[A-Za-z_.-]{1,40}\d{0,6}):/.test(value)) return false
  return !told.isVague || (vagueValue.test(value) && !isEncodedText(value))
}

/** Words in base64 are no key. */
function isEncodedText(value: string): boolean {
  return /^[A-Za-z0-9+/]{16,}={1,2}$/.test(value) && /^[\t\n\r -~]+$/.test(Buffer.from(value, 'base64').toString('latin1'))
}

/** `config.database.password` is code that names a secret, not the secret. */
function isReference(value: string): boolean {
  return value.includes('.') && /^[A-Za-z_$][A-Za-z_$]*(?:\??\.[A-Za-z_$][\w$]*)+$/.test(value) && /\.(?:\w*(?:pass|pwd|secret|token|key|auth|env|value|data)\w*)$/i.test(value)
}

function kindOf(name: string): string {
  if (/pass|pwd|密码|口令/.test(name)) return 'password'
  if (/secret/.test(name)) return 'secret'
  if (/token|令牌/.test(name)) return 'token'
  if (/key|密钥/.test(name)) return 'api-key'
  return /sig/.test(name) ? 'signature' : 'credential'
}

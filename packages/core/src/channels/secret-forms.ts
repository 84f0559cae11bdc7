/**
 * An expression for one text in every form in which a provider may say it back: as it is, percent-encoded, as a form
 * writes it, in a JSON string (also with `\/` and `\u002b`), in HTML, and in base64 of either alphabet, alone or as a part
 * of something longer, as a password is in `Basic`. Any white space in it stands for any other.
 *
 * @example
 * new RegExp(formsOf('Pass+w/ord')).test('refused: Pass%2bw\\/ord') // true
 */
export function formsOf(text: string): string {
  return [Array.from(text, formsOfSign).join('').replaceAll(/(?:WHITE)+/g, white), ...base64Of(text)].join('|')
}

/** Line breaks of a key come back in many ways. */
const white = String.raw`(?:\s|\\[nrt]|%(?:20|0[aAdD9])|\+)+`

function formsOfSign(sign: string): string {
  if (/^[A-Za-z0-9]$/.test(sign)) return sign
  if (/^\s$/.test(sign)) return 'WHITE'
  const code = sign.codePointAt(0) ?? 0
  const percent = Array.from(Buffer.from(sign.toWellFormed()), (byte) => `%${hex(byte, 2)}`).join('')
  const json = Array.from({ length: sign.length }, (_, at) => String.raw`\\u${hex(sign.charCodeAt(at), 4)}`).join('')
  const html = [`&#0*${code};`, `&#[xX]0*${hex(code, 1)};`, ...(entities[sign] ?? [])]
  return `(?:${[literally(sign), percent, json, ...html, ...(/["'/\\]/.test(sign) ? [String.raw`\\` + literally(sign)] : [])].join('|')})`
}

const entities: Readonly<Record<string, readonly string[]>> = { '&': ['&amp;'], '<': ['&lt;'], '>': ['&gt;'], '"': ['&quot;'], "'": ['&apos;'] }

/** Shorter ones have too few signs of their own there. */
const base64BytesMin = 8

/** What is the same of it whatever stands before and after: base64 packs three bytes in four signs, so there are three ways. */
function base64Of(text: string): readonly string[] {
  const bytes = Buffer.from(text)
  if (bytes.length < base64BytesMin) return []
  return [0, 1, 2].map((before) => {
    const signs = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replace(/=+$/, '')
    const own = signs.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6))
    return Array.from(own, base64Sign).join('') + base64End
  })
}

/** The last sign, which it shares with what follows or with nothing. */
const base64End = String.raw`[\w+/-]?(?:=|%3[dD]|\\u003[dD]){0,2}`

function base64Sign(sign: string): string {
  if (sign === '+') return `(?:-| |${formsOfSign('+')})`
  return sign === '/' ? `(?:_|${formsOfSign('/')})` : sign
}

/** Digits of either case. */
function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0').replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

function literally(sign: string): string {
  return sign.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`)
}

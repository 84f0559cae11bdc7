import { passesLuhn } from './check-sums.ts'
import { Expression } from './expression.ts'
import { isInRow, numberStart, noSpans, type Span } from './span.ts'

/** Card numbers: a prefix that some issuer has, a length that it uses, and a check digit that is right (Luhn, ISO/IEC 7812-1). */
export function findCards(text: string): readonly Span[] {
  return found(text, cardPattern, 'card', (digits) => isIssued(digits) && passesLuhn(digits))
}

const cardPattern = new Expression(numberStart + String.raw`(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\w-]|\.\d)`, 'g')

function isIssued(digits: string): boolean {
  const six = Number(digits.slice(0, 6))
  const isVisa = digits.startsWith('4') && [13, 16, 19].includes(digits.length)
  const isMastercard = digits.length === 16 && ((six >= 510_000 && six <= 559_999) || (six >= 222_100 && six <= 272_099))
  const isAmex = digits.length === 15 && /^3[47]/.test(digits)
  const isDiners = digits.length === 14 && /^3(?:0[0-5]|[689])/.test(digits)
  const isJcb = digits.length === 16 && /^35(?:2[89]|[3-8])/.test(digits)
  const isDiscover = digits.length >= 16 && /^6(?:011|4[4-9]|5)/.test(digits)
  const isUnionPay = digits.length >= 16 && digits.startsWith('62')
  const isMaestro = /^(?:50[0-9]{2}|5[6-8][0-9]{2}|63[09][0-9]|67[0-9]{2})/.test(digits)
  const isAirPlus = digits.length === 15 && digits.startsWith('1')
  return isVisa || isMastercard || isAmex || isDiners || isJcb || isDiscover || isUnionPay || isMaestro || isAirPlus
}

/** International bank account numbers of the registry's countries and lengths, with a right check sum (ISO 13616, mod 97). */
export function findIbans(text: string): readonly Span[] {
  let spans: Span[] | undefined
  let searched = 0
  for (let match = ibanStart.first(text); match !== null; match = ibanStart.next(text)) {
    const length = ibanLengths.get(match[1] ?? '')
    if (length === undefined || match.index < searched) continue
    const end = endOfIban(text, match.index, length)
    if (end === undefined) continue
    spans ??= []
    spans.push({ start: match.index, end, kind: 'iban' })
    searched = end
  }
  return spans ?? noSpans
}

const ibanStart = new Expression(/(?:(?<![A-Za-z0-9])|(?<=\\[nrt]|%[0-9A-F]{2}))([A-Z]{2})\d{2}/g)

const ibanLengths = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 ' +
    'GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 ' +
    'NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
)

/** Reads `length` characters, passing over single spaces and dashes; nothing where the check sum is wrong. */
function endOfIban(text: string, start: number, length: number): number | undefined {
  let account = ''
  let index = start
  while (account.length < length) {
    if (isOfAccount(text, index)) account += text.charAt(index)
    else if (!' -'.includes(text.charAt(index) || 'none') || !isOfAccount(text, index + 1)) return undefined
    index++
  }
  if (/[A-Za-z0-9]/.test(text.charAt(index))) return undefined
  return remainder97(account.slice(4) + account.slice(0, 4)) === 1 ? index : undefined
}

/** A capital or a digit. */
function isOfAccount(text: string, index: number): boolean {
  if (index >= text.length) return false
  const code = text.charCodeAt(index)
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)
}

function remainder97(account: string): number {
  let remainder = 0
  for (const character of account) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}

function found(text: string, pattern: Expression, kind: string, isValid: (digits: string) => boolean): readonly Span[] {
  let spans: Span[] | undefined
  for (let match = pattern.first(text); match !== null; match = pattern.next(text)) {
    if (isValid(match[0].replace(/\D/g, '')) && !isInRow(text, match.index, match[0])) (spans ??= []).push({ start: match.index, end: match.index + match[0].length, kind })
  }
  return spans ?? noSpans
}

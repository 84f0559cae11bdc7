import {
  isAustralianBusiness, isBelgian, isBrazilian, isDate, isFinnish, isFrench, isHealthService, isItalian, isKorean, isMedicare, isMexican, isNorwegian, isResident,
  isSingaporean, isSocialSecurity, isSpanish, passesLuhn,
} from './check-sums.ts'
import { Expression } from './expression.ts'
import { isInRow, numberStart, noSpans, type Span } from './span.ts'

/**
 * Numbers that states give to people, where they can be told from other numbers: by how they are written together with a check
 * sum or a date, or by a word for them that stands before. A plain row of digits with one check digit is neither: each tenth
 * number passes.
 */
export function findNationalNumbers(text: string): readonly Span[] {
  let spans: Span[] | undefined
  const { pattern, forms } = manyDigits.test(text) ? anyForm : letteredForm
  for (let match = pattern.first(text); match !== null; match = pattern.next(text)) {
    const found = match[0]
    let which = 0
    while (which < forms.length - 1 && match[which + 1] === undefined) which++
    if (forms[which]?.isValid(found.replace(/[^\dA-Za-z]/g, '')) === true && !isInRow(text, match.index, found)) (spans ??= []).push({ start: match.index, end: match.index + found.length, kind: 'national-id' })
  }
  for (let match = plainPattern.first(text); match !== null; match = plainPattern.next(text)) {
    if (tellingPattern.test(text.slice(Math.max(0, match.index - tellingCharsMax), match.index))) (spans ??= []).push({ start: match.index, end: match.index + match[0].length, kind: 'national-id' })
  }
  if (spans === undefined) return noSpans
  if (spans.length < 2) return spans
  return spans.sort((a, b) => a.start - b.start).filter((span, index, all) => span.start >= (all[index - 1]?.end ?? 0))
}

interface Form {
  readonly name: string
  /** Of an expression without groups that capture. */
  readonly source: string
  /** Asked with letters and digits only. */
  readonly isValid: (code: string) => boolean
}

const allForms: readonly Form[] = [
  { name: 'us', source: String.raw`\d{3}(?:-\d{2}-|\.\d{2}\.| \d{2} )\d{4}`, isValid: isSocialSecurity },
  { name: 'uk', source: String.raw`\d{3}(?:-\d{3}-| \d{3} )\d{4}`, isValid: isHealthService },
  { name: 'br', source: String.raw`\d{3}\.\d{3}\.\d{3}-\d{2}`, isValid: isBrazilian },
  { name: 'be', source: String.raw`\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}`, isValid: isBelgian },
  { name: 'kr', source: String.raw`\d{6}-\d{7}`, isValid: isKorean },
  { name: 'se', source: String.raw`\d{6}[-+]\d{4}`, isValid: (digits) => isDate(digits.slice(2, 4), digits.slice(4, 6)) && passesLuhn(digits) },
  { name: 'fi', source: String.raw`\d{6}[-+A]\d{3}[0-9A-Y]`, isValid: (code) => isFinnish(code.replace(/^(\d{6})A/, '$1')) },
  { name: 'au', source: String.raw`\d{2} \d{3} \d{3} \d{3}`, isValid: isAustralianBusiness },
  { name: 'medicare', source: String.raw`\d{4} \d{5} \d`, isValid: isMedicare },
  { name: 'fr', source: String.raw`[12](?: ?\d{2}){3}(?: ?\d{3}){2} ?\d{2}`, isValid: isFrench },
  { name: 'cn', source: String.raw`[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]`, isValid: isResident },
  { name: 'no', source: String.raw`\d{6} ?\d{5}`, isValid: isNorwegian },
  { name: 'es', source: String.raw`(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]`, isValid: isSpanish },
  { name: 'sg', source: String.raw`[STFGM]\d{7}[A-Z]`, isValid: isSingaporean },
  { name: 'gb', source: String.raw`(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d{2}){3} ?[A-D]`, isValid: () => true },
  { name: 'in', source: String.raw`[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]`, isValid: () => true },
  { name: 'it', source: String.raw`[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]`, isValid: isItalian },
  { name: 'mx', source: String.raw`[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d`, isValid: isMexican },
]

/** One expression for several forms, whose groups say by their order which was found: names would cost an object of all of them for each match. */
function anyOf(start: string, some: readonly Form[]): { readonly pattern: Expression; readonly forms: readonly Form[] } {
  return { pattern: new Expression(String.raw`${start}${numberStart}(?:${some.map(({ source }) => `(${source})`).join('|')})(?![\w-]|\.\d)`, 'g'), forms: some }
}

/** Without a row of seven digits, spaced or not, there can only be a form that has its letters at both ends or between. */
const manyDigits = new Expression(/\d(?:[-+. A]?\d){6}/)
const lettered = new Set(['gb', 'in', 'it', 'mx'])
const anyForm = anyOf(String.raw`(?=[\dA-Z])`, allForms)
const letteredForm = anyOf('(?=[A-Z]{2})', allForms.filter(({ name }) => lettered.has(name)))

/** `passport no. C01234567`, `SSN: 078051120`: a plain row with a word for it before; with separators the number is judged by its own form. */
const plainPattern = new Expression(/(?<![A-Za-z0-9_.+-])[A-Z]{0,3}\d{5,15}[A-Z]?(?![\w-]|\.\d)/g)
const tellingCharsMax = 64
const tellingPattern =
  new Expression(/(?:\bssn|social security|\bitin|\btax(?:payer)? id|\btfn|tax file|\bnhs|national insurance|\bnino|\bmedicare|aadhaa?r|\bpesel|steuer-?id\w{0,20}|personnummer|fødselsnummer|codice fiscale|\bbsn|\bdni|\bcpf|\bcurp|passport|reisepass|driv(?:er'?s?|ing) licen[cs]e|身份证号?码?|护照号?码?)(?:[ _-]?(?:number|num|no\.?|nr\.?|id|#))?\\{0,2}["']?(?: is| was)?\s{0,4}[:：=#]?\s{0,4}\\{0,2}["']?$/i)

import { Expression } from './expression.ts'
import { numberStart, noSpans, type Span } from './span.ts'

/** E-mail addresses, found from each `@` outward so that no long word is read more than once. */
export function findEmails(text: string): readonly Span[] {
  let spans: Span[] | undefined
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const start = startOfLocalPart(text, at, spans?.at(-1)?.end ?? 0)
    const end = domainPattern.endAt(text, at + 1)
    if (start === at || end === undefined || fileEnding.test(text.slice(at + 1, end)) || isAccess(text, start, at) || isPath(text, end) || nobodysMailbox.test(text.slice(start, at))) continue
    spans ??= []
    spans.push({ start, end, kind: 'email' })
  }
  return spans ?? noSpans
}

const localCharsMax = 64
const domainPattern = new Expression(/(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}(?:xn--[A-Za-z0-9-]{2,59}|[A-Za-z]{2,24})(?![A-Za-z0-9_])/y)
/** `icon@2x.png` and `chunk@4f2.js` are files. */
const fileEnding = new Expression(/\.(?:png|jpe?g|gif|svg|webp|ico|css|js|mjs|cjs|ts|tsx|json|map|ya?ml|lock|tgz|zip)$/i)

/** Who is meant by a manual (`you@`, `src@`), who says so (`dana.fake@`), and machines that read no answer. */
const nobodysMailbox = new Expression(/^(?:you(?:r[._-]?(?:name|e?mail))?|someone|somebody|foo|bar|src|dst|(?:no|donot|do[_-]not)[._-]?reply)$|(?:^|[._-])(?:fake|dummy)(?:$|[._-])/i)

const pathCharsMax = 120

/** `deploy@build.example.com:/srv` and `:team/project.git` say where a machine keeps something. */
function isPath(text: string, domainEnd: number): boolean {
  if (text.charAt(domainEnd) !== ':') return false
  return /^:(?:~?\/(?!\/)|[\w./-]{1,100}\.git(?!\w))/.test(text.slice(domainEnd, domainEnd + pathCharsMax))
}

/** `git@github.com`, and the `user:${PASSWORD}` before the host of an address, are no mailbox. */
function isAccess(text: string, start: number, at: number): boolean {
  if (at - start === 3 && text.startsWith('git', start)) return true
  const before = text.slice(Math.max(0, start - localCharsMax), start)
  return before.includes('://') && /:\/\/[^\s/?#=@]*$/.test(before)
}

function startOfLocalPart(text: string, at: number, notBefore: number): number {
  let start = at
  while (start > notBefore && at - start < localCharsMax && isOfLocalPart(text.charCodeAt(start - 1))) start--
  if (text.charAt(start - 1) === '\\' && /[nrt]/.test(text.charAt(start))) start++
  while (start < at && /[.'%+-]/.test(text.charAt(start))) start++
  return start
}

/** Letters, digits and `_.%+'-`. */
function isOfLocalPart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || localSigns.includes(String.fromCharCode(code))
}

const localSigns = "_.%+'-"

/**
 * Telephone numbers: international, North American, Chinese mobile, and any number that stands after a word for telephone. Where two overlap the one that begins
 * first counts, and what follows is searched from its end on.
 */
export function findPhones(text: string): readonly Span[] {
  let spans: Span[] | undefined
  let formed = phonePattern.first(text)
  let stated = statedFrom(text, 0)
  while (formed !== null || stated !== undefined) {
    const isFormed = formed !== null && (stated === undefined || formed.index < stated.wordStart)
    const start = isFormed ? (formed?.index ?? 0) : (stated?.start ?? 0)
    const end = isFormed ? start + (formed?.[0].length ?? 0) : (stated?.end ?? 0)
    spans ??= []
    spans.push({ start, end, kind: 'phone' })
    if (formed !== null && formed.index < end) formed = phonePattern.from(text, end)
    if (stated !== undefined && stated.wordStart < end) stated = statedFrom(text, end)
  }
  return spans ?? noSpans
}

/** All have 7 to 15 digits. */
const phonePattern = new Expression(
  [
    // +44 20 7946 0958
    String.raw`(?<!(?<!\\(?=[nrt]))[\w+.])\+[1-9](?:[ ().-]{0,2}\d){6,14}(?!\w)`,
    // (415) 555-2671, 1-415-555-2671; a space alone between the groups is too common in tables of numbers
    numberStart + String.raw`(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}(?![\w-]|\.\d)`,
    // 13800138000; not a count of bytes or milliseconds, not the value of some other name
    String.raw`(?<!(?<!\\(?=[nrt]))[\w.+=#$/-])(?:86[ -]?)?1[3-9]\d(?<!\w[\"']?: ?\d{3}|(?:id|seq|no|ts|time|order|count|code|key|trace|span|version)\\{0,2}["']: ?\\{0,2}["']\d{3})([ -]?)\d{4}[ -]?\d{4}(?![\w-]|\.\d| ?(?:bytes|B|KB|MB|GB|ms|ns|us|s|tokens)\b)`,
  ].join('|'),
  'gi',
)

/** `phone: 020 7946 0958`: the word and what leads to the number, of which nothing begins as the number does. One expression of both takes five times as long to compile. */
const phoneWord = new Expression(
  /(?:phone|mobile|cell|fax|whatsapp|\btel|电话|手机号?码?)(?:[ _-]?(?:number|no\.?|nr\.?))?\\{0,2}["']?(?: is)?\s{0,4}[:：=]?\s{0,4}\\{0,2}["']?/gi,
)
const statedNumber = new Expression(/\+?\(?\d(?:[ ()./-]{0,2}\d){6,14}(?!\w)/y)

function statedFrom(text: string, from: number): { readonly wordStart: number; readonly start: number; readonly end: number } | undefined {
  for (let word = phoneWord.from(text, from); word !== null; word = phoneWord.from(text, word.index + 1)) {
    const start = word.index + word[0].length
    const end = statedNumber.endAt(text, start)
    if (end !== undefined) return { wordStart: word.index, start, end }
  }
  return undefined
}

/**
 * Internet addresses, which name a person's connection. Left alone are those that name nobody: loopback, unspecified,
 * broadcast and link-local, and what is part of a version or a longer dotted number.
 */
export function findInternetAddresses(text: string): readonly Span[] {
  let spans: Span[] | undefined
  for (let match = addressPattern.first(text); match !== null; match = addressPattern.next(text)) {
    const address = match[0].replace(/[.:]$/, (last) => (match[0].endsWith('::') ? last : ''))
    if (address.includes(':') ? !isIPv6(address) || !/\d/.test(address) : !isIPv4(address)) continue
    if (!namesNobody.test(address)) (spans ??= []).push({ start: match.index, end: match.index + address.length, kind: 'ip' })
  }
  return spans ?? noSpans
}

const addressPattern = new Expression(/(?<![\w.:/~-])(?:(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\w|:\w*:)|(?=[\dA-Fa-f]{0,4}:)[\dA-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?:%\w{1,16})?(?![\w:]|\.\w))|(?<=\/\/)(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g)
// Not those of node:net, whose loading costs more than a thousand texts.
function isIPv4(address: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/.test(address)
}

/** Eight groups, of which one row of zeros may be left out as `::`; the last two may be written as version 4; an interface may follow. */
function isIPv6(address: string): boolean {
  // Most of what has colons is a time of the day.
  if (!address.includes('::') && !manyColons.test(address)) return false
  const [groups = '', zone, more] = address.split('%')
  const dotted = /(?<=:)[\d.]+$/.exec(groups)?.[0] ?? ''
  const isDotted = dotted.includes('.')
  if (zone === '' || more !== undefined || (isDotted && !isIPv4(dotted))) return false
  const plain = isDotted ? `${groups.slice(0, -dotted.length)}0:0` : groups
  const halves = plain.split('::')
  if (halves.length > 2) return false
  const all = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  return all.every((group) => /^[\dA-Fa-f]{1,4}$/.test(group)) && (halves.length === 2 ? all.length <= 7 : all.length === 8)
}

const manyColons = /(?::[^:]*){6}/

/** Addresses of network cards, behind a word for them: `mac`, `ether`, … . One that was made up for the moment (locally administered) names nobody. */
export function findCardAddresses(text: string): readonly Span[] {
  let spans: Span[] | undefined
  for (let match = cardAddressPattern.first(text); match !== null; match = cardAddressPattern.next(text)) {
    const address = match.groups?.address ?? ''
    const end = match.index + match[0].length
    if ((Number.parseInt(address.slice(0, 2), 16) & 3) === 0 && /[1-9a-f]/i.test(address)) (spans ??= []).push({ start: end - address.length, end, kind: 'mac' })
  }
  return spans ?? noSpans
}

const cardAddressPattern = new Expression(/(?:\bmac|hwaddr|hardware|\bether|bssid|physical)(?:[ _-]?addr(?:ess)?)?["']?(?: is| =)?[\s:=]{1,4}["']?(?<address>[0-9a-f]{2}(?<separator>[:-])(?:[0-9a-f]{2}\k<separator>){4}[0-9a-f]{2})(?![\w:-])/gi)

/** Loopback, unspecified, broadcast, and link-local: an address that is valid on one wire leads to nobody's connection. */
const namesNobody = new Expression(/^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$|::1?$|::ffff:127\.|fe[89ab][\da-f]:)/i)

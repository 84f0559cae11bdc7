import { Expression } from './expression.ts'
import { forgetRuns, keyBody, type KeyBody } from './key-body.ts'
import { keyShapes, type KeyShape } from './key-shapes.ts'
import { isExample, isMonotonous } from './plausible.ts'
import { read } from './reading.ts'
import { noSpans, type Span } from './span.ts'

/**
 * Finds keys that are known by how they look. Goes from word to word and compares only where the first three characters
 * begin some prefix, because one expression with a hundred alternatives costs fifty times as much a character.
 */
export function findKeys(text: string): readonly Span[] {
  if (text.length <= keyCharsMin) return noSpans
  // Never asks for a character beyond the text: one such question, and the engine throws away what it compiled.
  const last = text.length - 2
  forgetRuns()
  let spans: Span[] | undefined
  let searched = 0
  walked.middles = 0
  for (let index = nextBeginning(text, 0, last); index < last; index = nextBeginning(text, index + 1, last)) {
    const span = index >= searched && isWordStart(text, index) ? matchAt(text, index) : undefined
    if (span === undefined) continue
    spans ??= []
    spans.push(span)
    searched = span.end
  }
  return walked.middles === 0 ? (spans ?? noSpans) : mergeInOrder(spans ?? noSpans, findByMiddle(text, walked.middles))
}

/** Every key has more. */
const keyCharsMin = 11

const digits = '0123456789'
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** For each pair of characters: the last four bits of the third one, a bit each, of all prefixes that begin with the pair; above them the middles that have it. */
const pairs = new Int32Array(1 << 14)
const thirdBits = 0xffff
const firstMiddleBit = 16
/** Which middles the text that is walked may have. */
const walked = { middles: 0 }

/** Where the next prefix may begin; `last` where none does. Without a call: this is walked for every character, and what it called would be compiled into it. */
function nextBeginning(text: string, from: number, last: number): number {
  let here = text.charCodeAt(from)
  let told = 0
  let index = from
  for (; index < last; index++) {
    const next = text.charCodeAt(index + 1)
    if (here < 128 && next < 128) {
      const pair = pairs[(here << 7) | next] ?? 0
      told |= pair
      if (((pair & thirdBits) >> (text.charCodeAt(index + 2) & 15) & 1) === 1) break
    }
    here = next
  }
  walked.middles |= told >> firstMiddleBit
  return index
}

interface Matcher {
  readonly kind: string
  readonly prefix: string
  readonly shape: KeyShape
  /** Made when the prefix is seen for the first time: most never are. */
  bodies?: { readonly body: KeyBody; readonly afterwards: KeyBody | undefined }
}

/** By the pair that a prefix begins with and the last four bits of what follows, as `pairs` has them. */
const matchersByStart = new Map<number, Matcher[]>()
for (const shape of keyShapes) {
  const { kind, prefix } = shape
  const pair = indexOfPair(prefix.charAt(0), prefix.charAt(1))
  if (prefix.length > 2) addMatcher(pair, prefix.charCodeAt(2) & 15, { kind, prefix, shape })
  else for (let third = 0; third < 16; third++) addMatcher(pair, third, { kind, prefix, shape })
}

function addMatcher(pair: number, third: number, matcher: Matcher): void {
  pairs[pair] = (pairs[pair] ?? 0) | (1 << third)
  const known = matchersByStart.get((pair << 4) | third)
  if (known === undefined) matchersByStart.set((pair << 4) | third, [matcher])
  else known.push(matcher)
}

function indexOfPair(first: string, second: string): number {
  return (first.charCodeAt(0) << 7) | second.charCodeAt(0)
}

function bodiesOf({ body, afterwards }: KeyShape): NonNullable<Matcher['bodies']> {
  return { body: keyBody(body), afterwards: afterwards === undefined ? undefined : keyBody(afterwards) }
}

function matchAt(text: string, index: number): Span | undefined {
  const matchers = matchersByStart.get((text.charCodeAt(index) << 11) | (text.charCodeAt(index + 1) << 4) | (text.charCodeAt(index + 2) & 15)) ?? []
  for (let tried = 0; tried < matchers.length; tried++) {
    const matcher = matchers[tried]
    if (matcher === undefined || !text.startsWith(matcher.prefix, index)) continue
    const end = endOfKey(text, index + matcher.prefix.length, matcher)
    if (end !== undefined) return { start: index, end, kind: matcher.kind }
  }
  return undefined
}

function endOfKey(text: string, bodyStart: number, matcher: Matcher): number | undefined {
  matcher.bodies ??= bodiesOf(matcher.shape)
  const { body, afterwards } = matcher.bodies
  const bodyEnd = body.endOf(text, bodyStart)
  const end = bodyEnd === undefined || afterwards === undefined ? bodyEnd : afterwards.endOf(text, bodyEnd)
  if (end === undefined) return undefined
  const shown = text.slice(bodyStart, Math.min(end, bodyStart + shownCharsMax))
  if (!hasVariety(shown, bodyVarietyMin)) return undefined
  const reading = read(shown)
  return isMonotonous(reading) || isExample(reading) || isMasked(text, end) ? undefined : end
}

/** `xoxp-573807301142-####`: what matters of it was taken out by somebody else. */
function isMasked(text: string, end: number): boolean {
  return text.startsWith('****', end) || text.startsWith('####', end)
}

/** `sk-xxxxxxxxxxxxxxxx` in a manual is no key. */
function hasVariety(body: string, charactersMin: number): boolean {
  // A bit for each character that was seen, by its upper bits: signs and digits, capitals, small letters. Keys have no others.
  let signs = 0
  let capitals = 0
  let smalls = 0
  let characters = 0
  const last = Math.min(body.length, varietyCharsMax)
  for (let index = 0; index < last && characters < charactersMin; index++) {
    const code = body.charCodeAt(index)
    const bit = 1 << (code & 31)
    const seen = code < 0x40 ? signs : code < 0x60 ? capitals : smalls
    if ((seen & bit) !== 0) continue
    characters++
    if (code < 0x40) signs |= bit
    else if (code < 0x60) capitals |= bit
    else smalls |= bit
  }
  return characters >= charactersMin
}

/** Different characters in what follows a prefix, and in a key that is known by its middle. */
const bodyVarietyMin = 6
const wholeVarietyMin = 10
const varietyCharsMax = 64
/** Of a body, what is looked at for signs of an example. */
const shownCharsMax = 256

/** A word begins after what is no letter or digit, after `\n` written out, and after `%3D` of an encoded address. */
function isWordStart(text: string, index: number): boolean {
  if (!isAlphanumeric(text.charCodeAt(index))) return false
  if (index === 0 || !isAlphanumeric(text.charCodeAt(index - 1))) return true
  if (index === 1) return false
  const before = text.charCodeAt(index - 2)
  if (before === backslash) return 'nrt'.includes(text.charAt(index - 1))
  return index > 2 && text.charCodeAt(index - 3) === percent && isAlphanumeric(before)
}

const backslash = 0x5c
const percent = 0x25

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)
}

/**
 * Shapes that are known by what stands in their middle: two signs, of which there is one of these and one of those, and the whole of it. The whole is
 * searched for only where the two were seen, and the shape only where the whole is.
 */
const middles = [
  { kind: 'mailchimp-key', signs: ['-', 'u'], middle: '-us', pattern: new Expression(/(?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?![0-9A-Za-z])/g) },
  { kind: 'telegram-token', signs: [':', 'A'], middle: ':A', pattern: new Expression(/(?<![0-9A-Za-z])\d{5,16}:A[\w-]{34}(?![\w-])/g) },
  { kind: 'firebase-key', signs: [':', 'A'], middle: ':APA91b', pattern: new Expression(/(?<![\w-])[\w-]{11}:APA91b[\w-]{100,200}/g) },
  { kind: 'azure-secret', signs: ['Q', '~'], middle: 'Q~', pattern: new Expression(/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g) },
  { kind: 'terraform-token', signs: ['.', 'a'], middle: '.atlasv1.', pattern: new Expression(/(?<![0-9A-Za-z])[0-9A-Za-z]{14}\.atlasv1\.[\w=-]{50,70}/g) },
  { kind: 'facebook-token', signs: [digits, '|'], middle: '|', pattern: new Expression(/(?<!\d)\d{15,16}\|[\w-]{27,40}/g) },
  { kind: 'discord-token', signs: ['.', `${letters}${digits}_-`], middle: '.', pattern: new Expression(/(?<![\w.-])[MNO][A-Za-z0-9]{23,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w.-])/g) },
  { kind: 'webhook-address', signs: ['k', '.'], middle: 'hooks.slack.com/', pattern: new Expression(/hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{20,}/g) },
  { kind: 'webhook-address', signs: ['/', 'a'], middle: '/api/webhooks/', pattern: new Expression(/discord(?:app)?\.com\/api\/webhooks\/\d{15,20}\/[\w-]{40,}/g) },
  { kind: 'webhook-address', signs: ['k', '.'], middle: 'webhook.office.com/', pattern: new Expression(/[\w-]{1,63}\.webhook\.office\.com\/webhookb2\/[\w@/-]{40,}/g) },
  { kind: 'twilio-token', signs: ['A', 'C'], middle: 'AC', pattern: new Expression(/(?<=\bAC[0-9a-f]{32}["']?[:,] ?["']?)[0-9a-f]{32}(?![0-9A-Za-z])/g) },
  { kind: 'signature', signs: ['X', '-'], middle: 'X-Amz-Signature=', pattern: new Expression(/(?<=X-Amz-Signature=)[0-9a-f]{64}/g) },
] as const
for (const [number, { signs: [firsts, seconds] }] of middles.entries()) {
  for (const first of firsts) for (const second of seconds) pairs[indexOfPair(first, second)] = (pairs[indexOfPair(first, second)] ?? 0) | (1 << (firstMiddleBit + number))
}

/** @param seen a bit for each middle whose two signs the text has */
function findByMiddle(text: string, seen: number): readonly Span[] {
  let spans: Span[] | undefined
  for (let rest = seen; rest !== 0; rest &= rest - 1) {
    const shape = middles[31 - Math.clz32(rest & -rest)]
    if (shape === undefined || !text.includes(shape.middle)) continue
    for (let match = shape.pattern.first(text); match !== null; match = shape.pattern.next(text)) {
      if (hasVariety(match[0], wholeVarietyMin)) (spans ??= []).push({ start: match.index, end: match.index + match[0].length, kind: shape.kind })
    }
  }
  return spans ?? noSpans
}

/** Where two overlap the one that starts first stays. */
function mergeInOrder(some: readonly Span[], others: readonly Span[]): readonly Span[] {
  if (others.length === 0) return some
  const merged: Span[] = []
  for (const span of [...some, ...others].sort((a, b) => a.start - b.start)) {
    if (span.start >= (merged.at(-1)?.end ?? 0)) merged.push(span)
  }
  return merged
}

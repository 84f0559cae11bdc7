import { forgetRuns, keyBody, type KeyBody } from './key-body.ts'
import { keyShapes, type KeyShape } from './key-shapes.ts'
import { isExample, isMonotonous } from './plausible.ts'
import { firstMatch, noSpans, type Span } from './span.ts'

/**
 * Finds keys that are known by how they look. Walks from word to word and compares only where the first two characters
 * begin some prefix, because one expression with a hundred alternatives costs fifty times as much a character.
 */
export function findKeys(text: string): readonly Span[] {
  let spans: Span[] | undefined
  const last = text.length - keyCharsMin
  if (last <= 0) return noSpans
  forgetRuns()
  // Never asks for a character beyond the text, here and below: one such question, and the engine throws away what it compiled.
  let here = text.charCodeAt(0)
  let signs = 0
  for (let index = 0; index < last; index++) {
    const next = text.charCodeAt(index + 1)
    if (here < 128) signs |= signBits[here] ?? 0
    if (here < 128 && next < 128 && begins[(here << 7) | next] === 1 && isWordStart(text, index)) {
      const span = matchAt(text, index, (here << 7) | next)
      if (span !== undefined) {
        spans ??= []
        spans.push(span)
        signs = allSigns
        index = span.end - 1
        here = span.end < text.length ? text.charCodeAt(span.end) : 0
        continue
      }
    }
    here = next
  }
  return mergeInOrder(spans ?? noSpans, findByMiddle(text, signs))
}

const keyCharsMin = 11

interface Matcher {
  readonly kind: string
  readonly prefix: string
  /** Code of the third character, which tells most words from a prefix; `anyThird` where there is none. */
  readonly third: number
  readonly shape: KeyShape
  /** Made when the prefix is seen for the first time: most never are. */
  bodies?: { readonly body: KeyBody; readonly afterwards: KeyBody | undefined }
}

const anyThird = -1

/** For each pair of characters whether some prefix begins with it, and which. */
const begins = new Uint8Array(1 << 14)
const matchersByStart: (readonly Matcher[] | undefined)[] = Array.from({ length: 1 << 14 })
for (const shape of keyShapes) {
  const start = (shape.prefix.charCodeAt(0) << 7) | shape.prefix.charCodeAt(1)
  begins[start] = 1
  const third = shape.prefix.length > 2 ? shape.prefix.charCodeAt(2) : anyThird
  matchersByStart[start] = [...(matchersByStart[start] ?? []), { kind: shape.kind, prefix: shape.prefix, third, shape }]
}

function bodiesOf({ body, afterwards }: KeyShape): NonNullable<Matcher['bodies']> {
  return { body: keyBody(body), afterwards: afterwards === undefined ? undefined : keyBody(afterwards) }
}

function matchAt(text: string, index: number, start: number): Span | undefined {
  // Asked for at least `keyCharsMin` characters before the end.
  const third = text.charCodeAt(index + 2)
  const matchers = matchersByStart[start] ?? []
  for (let tried = 0; tried < matchers.length; tried++) {
    const matcher = matchers[tried]
    if (matcher === undefined || (matcher.third !== third && matcher.third !== anyThird)) continue
    const { kind, prefix } = matcher
    if (!text.startsWith(prefix, index)) continue
    matcher.bodies ??= bodiesOf(matcher.shape)
    const { body, afterwards } = matcher.bodies
    const bodyStart = index + prefix.length
    const bodyEnd = body.endOf(text, bodyStart)
    if (bodyEnd === undefined) continue
    const end = afterwards === undefined ? bodyEnd : afterwards.endOf(text, bodyEnd)
    if (end === undefined) continue
    const shown = text.slice(bodyStart, Math.min(end, bodyStart + shownCharsMax))
    if (hasVariety(shown, bodyVarietyMin) && !isMonotonous(shown) && !isExample(shown) && !isMasked(text, end)) return { start: index, end, kind }
  }
  return undefined
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

/** Signs that stand in nearly every middle, a bit each. A text that lacks one of a middle's is not searched for it. */
const signBits = new Uint8Array(128)
for (const [index, sign] of Array.from(':~.|/=').entries()) signBits[sign.charCodeAt(0)] = 1 << index
const allSigns = 0xff

function signsOf(middle: string): number {
  let signs = 0
  for (let index = 0; index < middle.length; index++) signs |= signBits[middle.charCodeAt(index)] ?? 0
  return signs
}

/** Shapes that are known by what stands in their middle; each is asked only where that is there. At least `keyCharsMin` characters follow its signs. */
const middles = [
  { kind: 'mailchimp-key', middle: '-us', pattern: /(?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?![0-9A-Za-z])/g },
  { kind: 'telegram-token', middle: ':A', pattern: /(?<![0-9A-Za-z])\d{5,16}:A[\w-]{34}(?![\w-])/g },
  { kind: 'firebase-key', middle: ':APA91b', pattern: /(?<![\w-])[\w-]{11}:APA91b[\w-]{100,200}/g },
  { kind: 'azure-secret', middle: 'Q~', pattern: /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/g },
  { kind: 'terraform-token', middle: '.atlasv1.', pattern: /(?<![0-9A-Za-z])[0-9A-Za-z]{14}\.atlasv1\.[\w=-]{50,70}/g },
  { kind: 'facebook-token', middle: '|', pattern: /(?<!\d)\d{15,16}\|[\w-]{27,40}/g },
  { kind: 'discord-token', middle: '.', pattern: /(?<![\w.-])[MNO][A-Za-z0-9]{23,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w.-])/g },
  { kind: 'webhook-address', middle: 'hooks.slack.com/', pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{20,}/g },
  { kind: 'webhook-address', middle: '/api/webhooks/', pattern: /discord(?:app)?\.com\/api\/webhooks\/\d{15,20}\/[\w-]{40,}/g },
  { kind: 'webhook-address', middle: 'webhook.office.com/', pattern: /[\w-]{1,63}\.webhook\.office\.com\/webhookb2\/[\w@/-]{40,}/g },
  { kind: 'twilio-token', middle: 'AC', pattern: /(?<=\bAC[0-9a-f]{32}["']?[:,] ?["']?)[0-9a-f]{32}(?![0-9A-Za-z])/g },
  { kind: 'signature', middle: 'X-Amz-Signature=', pattern: /(?<=X-Amz-Signature=)[0-9a-f]{64}/g },
].map((shape) => ({ ...shape, signs: signsOf(shape.middle) }))

/** @param signs those that the text has */
function findByMiddle(text: string, signs: number): readonly Span[] {
  let spans: Span[] | undefined
  for (let index = 0; index < middles.length; index++) {
    const shape = middles[index]
    if (shape === undefined || (signs & shape.signs) !== shape.signs || !text.includes(shape.middle)) continue
    for (let match = firstMatch(text, shape.pattern); match !== null; match = shape.pattern.exec(text)) {
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

import { systemChance } from '../chance.ts'

/** Says what stands where something was taken out: `[REDACTED:email:1a2b3c4d]`. */
export type Mark = (kind: string, found: string) => string

/** Every mark begins so. */
export const markStart = '[REDACTED:'
const markStartLower = markStart.toLowerCase()

/** Source of an expression for a whole mark; names of models and providers are kept in lower case, and so are marks in them. */
export const markSource = String.raw`\[(?:REDACTED|redacted):[a-z0-9-]{1,40}(?::[0-9a-f]{8})?\]`

/** Whether there can be a mark in a text. */
export function hasMark(text: string): boolean {
  // One sign alone is sought ten times as fast.
  return text.includes('[') && (text.includes(markStart) || text.includes(markStartLower))
}

/** Stands for a text of which nothing can be kept, not even by which it could be told from another. */
export const unreadable = `${markStart}unreadable]`

const keyBytes = 32

/**
 * Marks under a key: the same text has the same eight hexadecimal digits wherever it was found, and who does not hold the key
 * learns nothing from them. They are the first 32 bits of HMAC-SHA-256, of which a text has as many others as it has neighbours
 * among four thousand million: enough to say "the same again", too few to prove what it was.
 *
 * @param key at least 32 bytes
 * @throws RangeError where the key is shorter
 */
export function markUnder(key: Uint8Array): Mark {
  if (key.length < keyBytes) throw new RangeError(`expected a key of at least ${keyBytes} bytes, found ${key.length}`)
  const digest = hmacUnder(key)
  // The same is often found again in the text that follows. Only what was found last is remembered, which the room for hashing holds anyway.
  let last = { kind: '', found: '', mark: '' }
  return (kind, found) => {
    if (found !== last.found || kind !== last.kind) last = { kind, found, mark: `${markStart}${kind}:${digest(plain(kind, found)).slice(0, 8)}]` }
    return last.mark
  }
}

const blockBytes = 64
const outerByte = 0x5c
const innerByte = 0x36
/** What is kept for texts at hand; a private key is longer and gets its own. */
const heldBytes = 4_096

/** HMAC-SHA-256 in hexadecimal (RFC 2104), as two hashes in one call each: the streams of `createHmac` cost fifteen times as much, and a hash that comes as a buffer twice. */
function hmacUnder(key: Uint8Array): (text: string) => string {
  // Loaded when the first redactor is made: an agent that only imports the package does not pay for it.
  const { hash } = process.getBuiltinModule('node:crypto')
  const secret = key.length > blockBytes ? hash('sha256', key, 'buffer') : key
  const padded = (byte: number, bytes: number): Buffer => {
    const block = Buffer.alloc(bytes)
    block.set(secret)
    for (let index = 0; index < blockBytes; index++) block[index] = (block[index] ?? 0) ^ byte
    return block
  }
  const held = padded(innerByte, blockBytes + heldBytes)
  const heldText = held.subarray(blockBytes)
  const outer = padded(outerByte, blockBytes + 32)
  return (text) => {
    const isShort = text.length * 3 <= heldBytes
    const inner = isShort ? held.subarray(0, blockBytes + encoder.encodeInto(text, heldText).written) : Buffer.concat([held.subarray(0, blockBytes), Buffer.from(text)])
    const digest = hash('sha256', inner, 'binary')
    for (let index = 0; index < digest.length; index++) outer[blockBytes + index] = digest.charCodeAt(index)
    return hash('sha256', outer, 'hex')
  }
}

const encoder = new TextEncoder()

let ownKey: Uint8Array | undefined

/** A key of this process: marks of another one, and of the next start, are others. */
export function keyOfProcess(): Uint8Array {
  ownKey ??= Buffer.from(Array.from({ length: keyBytes / 8 }, () => systemChance.id()).join(''), 'hex')
  return ownKey
}

/** Kinds that are the same however they are spaced. */
const numbers = new Set(['card', 'iban', 'phone', 'national-id', 'mac'])

function plain(kind: string, found: string): string {
  if (kind === 'email') return found.toLowerCase()
  return numbers.has(kind) ? found.replace(/[^\dA-Za-z]/g, '').toUpperCase() : found
}

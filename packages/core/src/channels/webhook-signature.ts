import { createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto'

/** What signs one webhook: each secret gives a signature of its own, so that a receiver may know either while they rotate. */
export interface SigningKeys {
  /** Raw bytes, the newest first. */
  readonly secrets: readonly Buffer[]
  readonly privateKey?: KeyObject
}

/**
 * Value of the header `webhook-signature`: space-separated, HMAC-SHA256 as `v1,` and Ed25519 as `v1a,`, each over
 * `id.timestamp.body` (https://github.com/standard-webhooks/standard-webhooks, version 1.0.0).
 *
 * @param id without a dot: it would move the border to the timestamp
 * @param timestampSeconds whole seconds since 1970
 * @example
 * signatureOf({ secrets: [secretOf('whsec_…')] }, 'msg_1', 1_674_087_231, '{}') // 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='
 */
export function signatureOf({ secrets, privateKey }: SigningKeys, id: string, timestampSeconds: number, body: string): string {
  const signed = Buffer.from(`${id}.${timestampSeconds}.${body}`)
  const shared = secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`)
  const own = privateKey === undefined ? [] : [`v1a,${sign(null, signed, privateKey).toString('base64')}`]
  return [...shared, ...own].join(' ')
}

/** The bytes of `whsec_` and base64, 24 to 64 of them; `undefined` where a text is none. */
export function secretOf(text: string): Buffer | undefined {
  return bytesOf(text, 'whsec_', secretBytes)
}

/** The Ed25519 key of `whsk_` and base64: its seed of 32 bytes, or seed and public key; `undefined` where a text is none. */
export function privateKeyOf(text: string): KeyObject | undefined {
  const bytes = bytesOf(text, 'whsk_', { min: seedBytes, max: 2 * seedBytes })
  if (bytes === undefined || (bytes.length !== seedBytes && bytes.length !== 2 * seedBytes)) return undefined
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes.subarray(0, seedBytes)]), format: 'der', type: 'pkcs8' })
}

const secretBytes = { min: 24, max: 64 }
const seedBytes = 32
/** What stands before the seed of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

function bytesOf(text: string, prefix: string, { min, max }: { readonly min: number; readonly max: number }): Buffer | undefined {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : text
  // Node passes over what is no base64, and would sign with half a key.
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(base64)) return undefined
  const bytes = Buffer.from(base64, 'base64')
  return bytes.length >= min && bytes.length <= max ? bytes : undefined
}

import { createECDH, createPrivateKey, sign, type KeyObject } from 'node:crypto'
import type { Clock } from '../model/clock.ts'
import { curve } from './web-push-subscription.ts'

/** Who sends, as push services know it (RFC 8292). */
export interface Vapid {
  readonly subject: string
  /** 65 bytes in base64url. */
  readonly publicKey: string
  readonly privateKey: KeyObject
}

/** So long a signature holds, seconds; at most a day is taken, and clocks differ. */
const validSeconds = 12 * 3_600

const raw = /^[\w-]+$/

/** What is wrong with a pair of keys, without anything of them; `undefined` where they belong together. */
export function keyPairProblem(publicKey: string, privateKey: string): { readonly of: 'publicKey' | 'privateKey'; readonly text: string } | undefined {
  const given = Buffer.from(publicKey, 'base64url')
  if (!raw.test(publicKey) || given.length !== 65 || given[0] !== 4) return { of: 'publicKey', text: `expected the 65 bytes of a public key of P-256 in base64url (87 signs that begin with B); ${makeThem}` }
  const own = createECDH(curve)
  try {
    if (!raw.test(privateKey) || Buffer.from(privateKey, 'base64url').length !== 32) throw new RangeError('not 32 bytes')
    own.setPrivateKey(Buffer.from(privateKey, 'base64url'))
  } catch {
    // OpenSSL says in its own words that this is no key of the curve.
    return { of: 'privateKey', text: `expected the 32 bytes of a private key of P-256 in base64url (43 signs); ${makeThem}` }
  }
  return own.getPublicKey().equals(given) ? undefined : { of: 'privateKey', text: `expected the private key that belongs to publicKey, found another one's; ${makeThem}` }
}

const makeThem = '`tocsin vapid` makes a pair'

/** A new pair of keys in base64url. A number that begins with zeros comes out of OpenSSL shorter than the 32 bytes that are asked for: it is filled up. */
export function newKeyPair(): { readonly publicKey: string; readonly privateKey: string } {
  const pair = createECDH(curve)
  pair.generateKeys()
  return { publicKey: pair.getPublicKey('base64url'), privateKey: Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()]).subarray(-32).toString('base64url') }
}

/**
 * @param publicKey checked before with `keyPairProblem`, as is the private one
 */
export function vapidOf(subject: string, publicKey: string, privateKey: string): Vapid {
  const point = Buffer.from(publicKey, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
  return { subject, publicKey, privateKey: createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d: privateKey }, format: 'jwk' }) }
}

/** The Authorization of one message: it holds for all of this push service, and for no other. */
export function vapidHeader({ subject, publicKey, privateKey }: Vapid, endpoint: URL, clock: Pick<Clock, 'nowMs'>): string {
  const claims = { aud: endpoint.origin, exp: Math.floor(clock.nowMs() / 1_000) + validSeconds, sub: subject }
  const signed = [{ typ: 'JWT', alg: 'ES256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  return `vapid t=${signed}.${signature}, k=${publicKey}`
}

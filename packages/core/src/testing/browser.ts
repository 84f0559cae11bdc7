import { createDecipheriv, createECDH, hkdfSync, type ECDH } from 'node:crypto'

/** A browser that has subscribed: it knows its private key, as nobody else does. */
export interface Browser {
  /** As `PushSubscription.toJSON()` writes it. */
  readonly subscription: string
  /** The text of a message that was encrypted for it. Throws where it was not, or not as RFC 8291 has it. */
  read(body: Buffer): string
}

/**
 * The receiving end of RFC 8291, written from the RFC and on nothing but node:crypto, so that it shares nothing with the
 * sender.
 *
 * @param keys of a known example. @default made now
 */
export function makeBrowser(endpoint: string, keys: { readonly privateKey?: string; readonly auth?: string } = {}): Browser {
  const own = createECDH('prime256v1')
  if (keys.privateKey === undefined) own.generateKeys()
  else own.setPrivateKey(Buffer.from(keys.privateKey, 'base64url'))
  const other = createECDH('prime256v1')
  other.generateKeys()
  const auth = keys.auth === undefined ? other.getPublicKey().subarray(1, 17) : Buffer.from(keys.auth, 'base64url')
  return {
    subscription: JSON.stringify({ endpoint, keys: { p256dh: own.getPublicKey('base64url'), auth: auth.toString('base64url') } }),
    read: (body) => decrypted(body, own, auth),
  }
}

function decrypted(body: Buffer, own: ECDH, auth: Buffer): string {
  // RFC 8188, 2.1: salt, record size, length of the key id, key id; here the sender's public key.
  const salt = body.subarray(0, 16)
  const recordSize = body.readUInt32BE(16)
  const senderLength = body.readUInt8(20)
  const sender = body.subarray(21, 21 + senderLength)
  const record = body.subarray(21 + senderLength)
  if (senderLength !== 65 || record.length > recordSize) throw new Error('not one record with a public key before it')
  // RFC 8291, 3.4.
  const shared = derive(own.computeSecret(sender), auth, Buffer.concat([Buffer.from('WebPush: info\0'), own.getPublicKey(), sender]), 32)
  const key = derive(shared, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const nonce = derive(shared, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
  const gcm = createDecipheriv('aes-128-gcm', key, nonce)
  gcm.setAuthTag(record.subarray(-16))
  const padded = Buffer.concat([gcm.update(record.subarray(0, -16)), gcm.final()])
  const end = padded.findLastIndex((byte) => byte !== 0)
  if (padded[end] !== 2) throw new Error('expected the last record to end with 2 and zeros')
  return padded.subarray(0, end).toString('utf8')
}

function derive(secret: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, bytes))
}

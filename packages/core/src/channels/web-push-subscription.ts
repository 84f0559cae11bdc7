import { createECDH } from 'node:crypto'
import { z } from 'zod'
import { jsonOf } from './json-of.ts'

/** Where a browser is reached, and with what it reads. */
export interface Subscription {
  readonly endpoint: string
  /** Its public key, 65 bytes in base64url. */
  readonly p256dh: string
  /** 16 bytes in base64url. */
  readonly auth: string
}

export const curve = 'prime256v1'

const shape = z.object({ endpoint: z.string().min(1).max(2_000), keys: z.object({ p256dh: z.string().max(100), auth: z.string().max(40) }) })

/** What the text of an address says, as `PushSubscription.toJSON()` writes it; `undefined` where it is none that a message can be encrypted for. */
export function subscriptionOf(address: string): Subscription | undefined {
  const found = shape.safeParse(jsonOf(address)).data
  if (found === undefined) return undefined
  const { p256dh, auth } = found.keys
  return isPublicKey(p256dh) && Buffer.from(auth, 'base64url').length === 16 ? { endpoint: found.endpoint, p256dh, auth } : undefined
}

/** Whether 65 bytes in base64url are a point of P-256, not packed. */
function isPublicKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== 65 || bytes[0] !== 4) return false
  try {
    const own = createECDH(curve)
    own.generateKeys()
    own.computeSecret(bytes)
    return true
  } catch {
    // Not a point of the curve.
    return false
  }
}

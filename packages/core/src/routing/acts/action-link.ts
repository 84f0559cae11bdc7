import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** What a link in a message stands for. */
export interface ActionLink {
  /** Number of the delivery that carried it: its reader is who acts, on the alerts that it held. */
  readonly delivery: number
  /** From then on it is refused, milliseconds since 1970; whole hours. */
  readonly expiresMs: number
}

/** Links by which a reader acts from the message itself: who has one may, as long as it holds, and once. */
export interface ActionLinks {
  /** At most 28 characters that need no escaping. */
  tokenOf(link: ActionLink): string
  /** Absent: none of ours. Whether it has expired is the caller's to say. */
  read(token: string): ActionLink | undefined
}

/**
 * Tokens of a delivery's number (as many bytes as it needs), the hour in which it expires (3 bytes) and 96 bits of HMAC-SHA-256 over both. The
 * key is derived from that of the installation under a label of its own, so that what is known of marks says nothing of links.
 */
export function createActionLinks(installationKey: Uint8Array): ActionLinks {
  const key = new Uint8Array(hkdfSync('sha256', installationKey, '', 'tocsin action link 1', 32))
  const macOf = (body: Uint8Array): Buffer => createHmac('sha256', key).update(body).digest().subarray(0, macBytes)
  return {
    tokenOf({ delivery, expiresMs }) {
      const body = bodyOf(delivery, Math.ceil(expiresMs / hourMs))
      return Buffer.concat([body, macOf(body)]).toString('base64url')
    },
    read(token) {
      if (token.length > tokenCharsMax || !/^[\w-]+$/.test(token)) return undefined
      const bytes = Buffer.from(token, 'base64url')
      const numberBytes = bytes.length - hourBytes - macBytes
      // One token has one spelling: spare bits at its end are none of ours.
      if (numberBytes < 1 || numberBytes > numberBytesMax || bytes.toString('base64url') !== token) return undefined
      const body = bytes.subarray(0, numberBytes + hourBytes)
      if (!timingSafeEqual(macOf(body), bytes.subarray(body.length))) return undefined
      return { delivery: body.readUIntBE(0, numberBytes), expiresMs: body.readUIntBE(numberBytes, hourBytes) * hourMs }
    },
  }
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const lifeDays = 7

/**
 * When the link of a message expires that is written now: 7 days after the delivery was made, or after the last whole day since then where it
 * waited longer. The same for every attempt within a day: where a text is looked for at the provider it has to be the same text.
 */
export function linkExpiresMs(createdAtMs: number, nowMs: number): number {
  return createdAtMs + (lifeDays + Math.max(0, Math.floor((nowMs - createdAtMs) / dayMs))) * dayMs
}

/** How long a used link is remembered, milliseconds: longer than any holds. */
export const usedLinkMs = (lifeDays + 2) * dayMs

const macBytes = 12
const hourBytes = 3
const numberBytesMax = 6
const tokenCharsMax = Math.ceil(((numberBytesMax + hourBytes + macBytes) * 4) / 3)

function bodyOf(delivery: number, expiresHour: number): Buffer {
  const numberBytes = Math.max(1, Math.ceil(delivery.toString(16).length / 2))
  const body = Buffer.alloc(numberBytes + hourBytes)
  body.writeUIntBE(delivery, 0, numberBytes)
  body.writeUIntBE(expiresHour, numberBytes, hourBytes)
  return body
}

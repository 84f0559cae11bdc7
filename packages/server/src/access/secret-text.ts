import { createHash, timingSafeEqual } from 'node:crypto'
import type { Chance } from 'tocsin/engine'

/** 32 bytes in base64url, of the machine's randomness for cryptography: 43 characters. */
export function secretText(chance: Chance): string {
  return Buffer.from(chance.id() + chance.id() + chance.id() + chance.id(), 'hex').toString('base64url')
}

/** What is kept of such a text: it has 256 bits of chance, so that nothing slower than SHA-256 is needed. Hexadecimal. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

import { createHmac } from 'node:crypto'

/**
 * What signs the cookies of sessions, made of the key that seals secrets: one key to keep, and the same on every node that shares it. When
 * that key is rotated people log in again.
 */
export function sessionSecret(key: Uint8Array): string {
  return createHmac('sha256', key).update('tocsin sessions').digest('base64url')
}

import { newKeyPair } from '../channels/web-push-vapid.ts'
import type { Report } from './report.ts'

/** A pair of keys for a channel that pushes to browsers (VAPID, RFC 8292), as its settings. Nothing is kept: what is printed is the only copy. */
export function vapid(): Report & { readonly value: { readonly publicKey: string; readonly privateKey: string } } {
  const value = newKeyPair()
  return { lines: [`publicKey: ${JSON.stringify(value.publicKey)}`, `privateKey: ${JSON.stringify(value.privateKey)}`], value, ok: true }
}

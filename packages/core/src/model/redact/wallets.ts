import { Expression } from './expression.ts'
import { noSpans, type Span } from './span.ts'

/** Addresses of Bitcoin, which name who owns them: the old form by its check sum (Base58Check), the new one by its own (BIP 173, BIP 350). */
export function findWallets(text: string): readonly Span[] {
  let spans: Span[] | undefined
  for (let match = walletPattern.first(text); match !== null; match = walletPattern.next(text)) {
    const address = match[0]
    if (address.startsWith('bc1') ? isSegwit(address) : isBase58Check(address)) (spans ??= []).push({ start: match.index, end: match.index + address.length, kind: 'wallet' })
  }
  return spans ?? noSpans
}

const walletPattern = new Expression(/(?<![A-Za-z0-9])(?:bc1[02-9ac-hj-np-z]{11,71}|[13](?=[A-Za-z1-9]{0,24}[A-Z])[1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9])/g)

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const addressBytes = 25
const checkBytes = 4

function isBase58Check(address: string): boolean {
  let value = 0n
  for (let index = 0; index < address.length; index++) value = value * 58n + BigInt(base58.indexOf(address.charAt(index)))
  const hex = value.toString(16).padStart(addressBytes * 2, '0')
  if (hex.length > addressBytes * 2) return false
  const { hash } = process.getBuiltinModule('node:crypto')
  // In hexadecimal: a hash that comes as a buffer is made one by setting a prototype, which makes the engine throw away what it compiled for all arrays of bytes.
  const inner = hash('sha256', Buffer.from(hex.slice(0, -checkBytes * 2), 'hex'), 'hex')
  return hash('sha256', Buffer.from(inner, 'hex'), 'hex').startsWith(hex.slice(-checkBytes * 2))
}

const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
/** What the sum is for the first version, and for all later ones. */
const segwitSums = [1, 0x2bc830a3]

function isSegwit(address: string): boolean {
  // The human part `bc`, taken apart as the standard says.
  let sum = 1
  for (const value of [3, 3, 0, 2, 3, ...Array.from(address.slice(3), (character) => bech32.indexOf(character))]) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, generator] of generators.entries()) if (((top >>> bit) & 1) === 1) sum ^= generator
  }
  return segwitSums.includes(sum >>> 0)
}

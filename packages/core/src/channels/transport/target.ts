import { isIP } from 'node:net'
import { isLoopback } from './loopback.ts'
import { addressProblem, contains, networksOf, type Networks } from './addresses.ts'

/**
 * provider       an address that we know or the operator wrote as `apiBase`: it may be anywhere
 * user-supplied  an address that somebody else may have chosen (webhook, ntfy, Web Push, Teams, Discord): it must be public,
 *                or in a network that the operator named
 */
export type Trust = 'provider' | 'user-supplied'

export interface TargetRules {
  readonly trust: Trust
  /** Plain http, and at all, to the address of this machine written as such. */
  readonly allowInsecure: boolean
  /** Networks that user-supplied addresses may reach beside public ones. */
  readonly networks: Networks
}

/** A call that is not made, by one of these codes; the detail is safe to show. */
export interface Refusal {
  readonly code: 'url-not-allowed' | 'port-not-allowed' | 'address-not-allowed'
  readonly detail: string
}

/**
 * Why a text is no address to call; `undefined` where it is one. Stricter than the URL standard, which finds its way
 * through blanks, backslashes, other alphabets and hexadecimal numbers: what people see and what is called are the same
 * here. To be asked wherever an address comes in as text.
 */
export function urlProblem(text: string, rules: TargetRules): Refusal | undefined {
  const host = /^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?(?=[/?#]|$)/i.exec(text)?.[1]
  if (!URL.canParse(text) || /[\p{Cc}\s\\]/u.test(text)) return { code: 'url-not-allowed', detail: 'expected an address such as https://example.com/path' }
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { code: 'url-not-allowed', detail: notHttps }
  if (url.username !== '' || url.password !== '') return { code: 'url-not-allowed', detail: 'expected an address without user and password in it' }
  if (host === undefined || (!host.startsWith('[') && host.toLowerCase() !== url.hostname)) return { code: 'url-not-allowed', detail: `expected the host in its plain form, such as ${url.hostname === '' ? 'example.com' : url.hostname}` }
  return targetProblem(url, rules)
}

/** Why a URL is not called, as far as it can be told without asking for its name. */
export function targetProblem(url: URL, rules: TargetRules): Refusal | undefined {
  const host = bareHost(url)
  const isHere = rules.allowInsecure && isLoopback(host)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) return { code: 'url-not-allowed', detail: notHttps }
  if (url.username !== '' || url.password !== '') return { code: 'url-not-allowed', detail: 'expected an address without user and password in it' }
  if (rules.trust === 'provider') return undefined
  if (host === '' || host.endsWith('.')) return { code: 'url-not-allowed', detail: 'expected a host name without a dot at its end' }
  if (badPorts.has(Number(url.port))) return { code: 'port-not-allowed', detail: `expected a port for https; ${url.port} belongs to another protocol` }
  const purpose = isIP(host) === 0 ? nameProblem(host, rules) : addressProblem(host, reachable(url, rules))
  return purpose === undefined ? undefined : notPublic(purpose)
}

/** The networks that a user-supplied address may reach beside public ones. */
export function reachable(url: URL, rules: TargetRules): Networks {
  return rules.allowInsecure && isLoopback(url.hostname) ? thisMachine() : rules.networks
}

/** The address itself is not told: what a name stands for inside is nothing for those who only know the name. */
export function notPublic(purpose: string): Refusal {
  return { code: 'address-not-allowed', detail: `expected a public address or one in allowNetworks, found: ${purpose}` }
}

/** The host as the machine's resolver takes it: without the brackets of IPv6. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

const notHttps = 'expected https; plain http is accepted for loopback addresses only, with allowInsecure: true'

function thisMachine(): Networks {
  return networksOf(['127.0.0.0/8', '::1/128'])
}

/** Names that lead to this machine or to the metadata of a cloud, whatever a resolver says. All others are asked for. */
function nameProblem(host: string, { allowInsecure, networks }: TargetRules): string | undefined {
  if (metadataNames.has(host)) return 'metadata of a cloud'
  const isHere = host === 'localhost' || host.endsWith('.localhost') || /^(?:localhost\.localdomain|ip6-(?:localhost|loopback))$/.test(host)
  return isHere && !(allowInsecure && isLoopback(host)) && !contains(networks, '127.0.0.1') && !contains(networks, '::1') ? 'this machine' : undefined
}

const metadataNames: ReadonlySet<string> = new Set([
  'metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal', 'metadata.tencentyun.com', 'metadata.packet.net',
  'metadata.platformequinix.com', 'rancher-metadata',
])

/** Ports of other protocols, some of which can be spoken to by what a client of TLS says: the list of the Fetch standard (https://fetch.spec.whatwg.org/#port-blocking). */
const badPorts: ReadonlySet<number> = new Set([
  1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465,
  512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 10080,
])

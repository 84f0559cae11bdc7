import { BlockList, isIPv4, isIPv6 } from 'node:net'

type Named = readonly [network: string, purpose: string]

/**
 * Refused in every case, also within a network that an operator allows: where clouds hand the keys of a machine to whoever
 * asks from inside, and IPv4 addresses in disguise, behind which anything may be.
 */
const never: readonly Named[] = [
  ['169.254.169.254/32', 'metadata of a cloud'],
  ['169.254.170.2/32', 'metadata of a cloud'],
  ['169.254.170.23/32', 'metadata of a cloud'],
  ['100.100.100.200/32', 'metadata of a cloud'],
  ['168.63.129.16/32', 'metadata of a cloud'],
  ['192.0.0.192/32', 'metadata of a cloud'],
  ['fd00:ec2::/32', 'metadata of a cloud'],
  ['fd20:ce::254/128', 'metadata of a cloud'],
  ['::ffff:0:0/96', 'an IPv4 address in IPv6 form'],
  ['64:ff9b::/96', 'an IPv4 address behind NAT64'],
  ['64:ff9b:1::/48', 'an IPv4 address behind NAT64'],
  ['2001::/32', 'an IPv4 address behind Teredo'],
  ['2002::/16', 'an IPv4 address behind 6to4'],
]

/**
 * At these nobody on the internet takes messages. From the registries of special-purpose addresses
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, iana-ipv6-special-registry, as of October 2025), also what
 * counts as globally reachable there, because relays and name servers are no receivers either.
 */
const special: readonly Named[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private use'],
  ['100.64.0.0/10', 'shared by carriers (CGNAT)'],
  ['127.0.0.0/8', 'this machine'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private use'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112 name servers'],
  ['192.52.193.0/24', 'multicast relays'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private use'],
  ['192.175.48.0/24', 'AS112 name servers'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
  ['::1/128', 'this machine'],
  ['::/96', 'an IPv4 address in IPv6 form'],
  ['fc00::/7', 'private use (unique-local)'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private use (site-local)'],
  ['ff00::/8', 'multicast'],
  // Of the rest IANA has given away this eighth alone (https://www.iana.org/assignments/ipv6-address-space).
  ...['::/3', '4000::/2', '8000::/1'].map((network) => [network, 'reserved'] as const),
  ['2001:2::/48', 'benchmarks'],
  ['2001:10::/28', 'identifiers (ORCHID)'],
  ['2001:20::/28', 'identifiers (ORCHID)'],
  ['2001::/23', 'protocol assignments'],
  ['2001:db8::/32', 'documentation'],
  ['2620:4f:8000::/48', 'AS112 name servers'],
  ['3fff::/20', 'documentation'],
]

/** A set of IP networks. IPv4 and IPv6 are kept apart, because a `BlockList` takes the one for the other where they map. */
export interface Networks {
  readonly ipv4: BlockList
  readonly ipv6: BlockList
}

/** @param texts networks such as `10.0.0.0/8` or `fd00::/8`, in which `networkProblem` found nothing */
export function networksOf(texts: readonly string[]): Networks {
  const networks = { ipv4: new BlockList(), ipv6: new BlockList() }
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    if (isIPv4(address)) networks.ipv4.addSubnet(address, Number(bits), 'ipv4')
    else networks.ipv6.addSubnet(address, Number(bits), 'ipv6')
  }
  return networks
}

/** As wide as fc00::/7, the widest private network; wider ones take in public addresses. */
const bitsMin = 7

/** Why a text is no network that can be allowed; `undefined` where it is one. */
export function networkProblem(text: string): string | undefined {
  const [address = '', bits = '', ...more] = text.split('/')
  const bitsMax = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : undefined
  if (bitsMax === undefined || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > bitsMax) return `expected a network such as 10.0.0.0/8 or fd00::/8, found "${text.slice(0, 60)}"`
  if (Number(bits) < bitsMin) return `expected at least /${bitsMin}, found "${text}": a network so wide takes in public addresses`
  const purpose = purposeIn('never', address)
  return purpose === undefined ? undefined : `expected a network that may be called, found ${purpose}`
}

/** Whether an address, IPv4 or IPv6 without brackets, lies in one of the networks. */
export function contains(networks: Networks, address: string): boolean {
  return isIPv4(address) ? networks.ipv4.check(address, 'ipv4') : networks.ipv6.check(address, 'ipv6')
}

/**
 * Why an address is not for a call that others may aim, such as `private use`; `undefined` where it may be called: it is
 * public, or in a network that the operator named.
 *
 * @param address IPv4 in four decimal parts or IPv6, without brackets; anything else is refused
 */
export function addressProblem(address: string, allowed: Networks): string | undefined {
  // A zone (`%eth0`) names an interface of this machine.
  if (address.includes('%') || !(isIPv4(address) || isIPv6(address))) return 'no address of the internet'
  return purposeIn('never', address) ?? (contains(allowed, address) ? undefined : purposeIn('special', address))
}

/** Made at the first use: an agent without such channels does not pay for it. */
let tables: Readonly<Record<'never' | 'special', readonly { readonly networks: Networks; readonly purpose: string }[]>> | undefined

function purposeIn(table: 'never' | 'special', address: string): string | undefined {
  const compiled = ([network, purpose]: Named) => ({ networks: networksOf([network]), purpose })
  tables ??= { never: never.map(compiled), special: special.map(compiled) }
  return tables[table].find(({ networks }) => contains(networks, address))?.purpose
}

import { isIPv4 } from 'node:net'

/**
 * Whether a host name of a URL is this machine and nothing else: 127.0.0.0/8, ::1 or `localhost` (RFC 6761). Only there
 * may a connection go without TLS.
 */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

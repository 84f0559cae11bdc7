import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { errorText, TocsinError } from 'tocsin/engine'

export interface ListenOptions {
  readonly host: string
  /** PEM files. Both or none. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** Something of the operator's stands before the server, speaks TLS to the world, and says in `X-Forwarded-*` who calls. */
  readonly behindProxy?: boolean
}

export interface Listening {
  readonly https?: { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' }
  /** Whether what `X-Forwarded-*` says is believed. */
  readonly trustProxy: boolean
}

/**
 * How the server listens. Beyond this machine it speaks TLS, or stands behind something that does.
 *
 * @throws TocsinError `wrong-usage` with what to do
 */
export function listeningFor({ host, tlsCert, tlsKey, behindProxy = false }: ListenOptions): Listening {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new TocsinError('wrong-usage', 'Expected --tls-cert and --tls-key together: the certificate with its chain, and its key, as PEM files.')
  if (tlsCert !== undefined && tlsKey !== undefined) return { https: { cert: pem(tlsCert, '--tls-cert'), key: pem(tlsKey, '--tls-key'), minVersion: 'TLSv1.2' }, trustProxy: behindProxy }
  if (!behindProxy && !isLoopback(host)) {
    throw new TocsinError('wrong-usage', `Expected TLS to listen on ${host}: give --tls-cert and --tls-key, or --behind-proxy where a proxy of yours speaks TLS. On this machine alone: --host 127.0.0.1`)
  }
  return { trustProxy: behindProxy }
}

function pem(file: string, option: string): Buffer {
  try {
    return readFileSync(file)
  } catch (unreadable) {
    throw new TocsinError('wrong-usage', `${option}: ${file} cannot be read (${errorText(unreadable)}).`, { cause: unreadable })
  }
}

function isLoopback(host: string): boolean {
  const bare = host.replaceAll(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

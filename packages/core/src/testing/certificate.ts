import { isIP } from 'node:net'
import { generate } from 'selfsigned'
import { systemClock } from '../model/clock.ts'

/** A certificate for servers on this machine, with the authority that signed it; made anew each time. */
export interface Certificate {
  /** To be trusted by clients, PEM. */
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Before now and before the end, for clocks that were just set. */
const beforeMs = 60_000

/**
 * @param hosts names and addresses it is good for. @default this machine
 * @param forMs how long it is valid from now; negative: since when it no longer is. @default a day
 * @example
 * const { ca, cert, key } = await makeCertificate()
 */
export async function makeCertificate(hosts: readonly string[] = ['localhost', '127.0.0.1', '::1'], forMs = 24 * 3_600_000): Promise<Certificate> {
  const nowMs = systemClock.nowMs()
  const endMs = nowMs + forMs
  const validity = { keyType: 'ec' as const, algorithm: 'sha256', notBeforeDate: new Date(Math.min(nowMs, endMs) - beforeMs), notAfterDate: new Date(endMs) }
  const authority = await generate([{ name: 'commonName', value: 'Tocsin test authority' }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...validity,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) => (isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host })),
      },
    ],
  })
  return { ca: authority.cert, cert: server.cert, key: server.private }
}

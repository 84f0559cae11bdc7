import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { errorText, TocsinError } from '../../model/error.ts'

/**
 * The certificates of a channel's own authority, from PEM text or from a file.
 *
 * @param channel name in the configuration, for the error
 * @throws TocsinError `config-invalid` where the file cannot be read or holds no certificate
 */
export function ownAuthority(ca: string | undefined, channel: string): string | undefined {
  if (ca === undefined) return undefined
  try {
    const pem = ca.includes('-----BEGIN') ? ca : readFileSync(ca, 'utf8')
    // TLS itself passes over what it cannot read, and would then trust nobody. Throws where it is no certificate.
    void new X509Certificate(pem)
    return pem
  } catch (unusable) {
    throw new TocsinError('config-invalid', `channels.${channel}.ca: expected certificates as PEM text or the path of such a file (${errorText(unusable)})`, { cause: unusable })
  }
}

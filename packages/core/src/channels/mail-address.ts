import { domainToASCII } from 'node:url'
import type { AddressObjection } from '../model/channel.ts'

/** One address without a name: no line break, no second one, nothing that a header could be split by. */
const bareForm = /^[^<>\s@,;]{1,64}@[^<>\s@,;]{1,190}$/

/**
 * An address as it goes over the line: its domain in ASCII (`dana@bücher.example` is `dana@xn--bcher-kva.example`). A mailbox
 * name beyond ASCII needs every server on the way to speak SMTPUTF8 (RFC 6531); it is refused here and not lost there.
 */
export function mailAddress(text: string): { readonly ok: true; readonly address: string } | ({ readonly ok: false } & AddressObjection) {
  if (!bareForm.test(text)) return { ok: false, code: 'syntax', detail: 'expected one e-mail address' }
  const at = text.lastIndexOf('@')
  const mailbox = text.slice(0, at)
  if (!/^[\x21-\x7e]+$/.test(mailbox)) return { ok: false, code: 'mailbox-not-ascii', detail: 'expected ASCII before the @: mailbox names of other scripts (SMTPUTF8) are not supported; ask for another address' }
  const domain = domainToASCII(text.slice(at + 1))
  if (domain === '') return { ok: false, code: 'domain', detail: 'expected a domain behind the @' }
  return { ok: true, address: `${mailbox}@${domain}` }
}

import type { Outcome } from '../model/outcome.ts'
import type { SmtpFailure } from './smtp-result.ts'
import { isNetworkCode } from './transport/network-codes.ts'

type Kind = Exclude<Outcome['kind'], 'sent'>

/** What a failure of SMTP means for one message (RFC 5321, 4.2). The detail is not yet safe to show. */
export function smtpOutcome(failure: SmtpFailure): Outcome {
  const code = failure.reply === undefined ? (failure.causeCode ?? failure.code) : String(failure.reply)
  const kind = failure.reply === undefined ? unanswered(failure) : answered(failure.reply, failure.command ?? '', failure.text)
  return { kind, code, detail: explained(kind, failure) }
}

/** Replies to RCPT TO that are about the address itself. */
const badAddressReplies: ReadonlySet<number> = new Set([501, 521, 550, 551, 553, 554, 555, 556])
const notAllowedReplies: ReadonlySet<number> = new Set([530, 534, 535, 538])

/** Enhanced status (RFC 3463) 5.7: security and policy, of the server about us or of the recipient about senders. */
const policyStatus = /^5\d\d[ -]5\.7\.(\d{1,3})\b/

/**
 * Policy that is about us whoever the recipient is: authentication (RFC 4954, and 57 of Exchange), SPF, DKIM, DMARC, reverse DNS, and floods
 * (RFC 7372, RFC 7505), sending as somebody else or over a wrong tenant (60, 64), senders and hosts that are banned (501 and up).
 */
function isAboutUs(status: number): boolean {
  return [3, 8, 9, 11, 57, 60, 64].includes(status) || (status >= 20 && status <= 30) || status >= 500
}

/** How servers say so where the status is the general 5.7.0 or 5.7.1. */
const refusesUs = /\b(?:relay|relaying|authentication|authenticated|unauthenticated|credentials|sender|send as|client host|your (?:ip|host|server|domain)|spam|blocked|blocklist|blacklist|blacklisted|spf|dkim|dmarc)\b/i
/** How they say that it is this recipient who takes no mail from such as us. */
const refusesRecipient = /\brecipient address rejected\b|\bRESOLVER\.RST\./i

/** Whether the server refuses to carry anything for us; a restricted recipient must not stop the channel for all others. */
function isSenderRefused(text: string): boolean {
  const status = policyStatus.exec(text)?.[1]
  if (status === undefined) return false
  if (isAboutUs(Number(status))) return true
  return Number(status) <= 1 && refusesUs.test(text) && !refusesRecipient.test(text)
}

function answered(reply: number, command: string, text: string): Kind {
  // Without TLS nothing is sent, so a server that refuses it is useless as it is configured, even where it says "for now".
  if (command === 'STARTTLS') return 'bad-config'
  // 503 says that the session was in the wrong state, not that the message was refused.
  if (reply < 500 || reply === 503) return 'retry'
  if (command === 'RCPT TO') {
    // Whatever the address is: with another server it would work.
    if (isSenderRefused(text)) return 'bad-config'
    if (badAddressReplies.has(reply) || policyStatus.test(text)) return 'bad-address'
    // 552 is a full mailbox, to be treated as 452 (RFC 5321, 4.5.3.1.10).
    return reply === 552 ? 'retry' : 'bad-config'
  }
  if (notAllowedReplies.has(reply)) return 'bad-config'
  // Greeting, EHLO, AUTH and MAIL FROM are the same for every message.
  return command === 'DATA' ? 'bad-content' : 'bad-config'
}

function unanswered(failure: SmtpFailure): Kind {
  if (failure.bodyOut) return 'in-doubt'
  switch (failure.code) {
    case 'EREFUSED':
    case 'EAUTH':
    case 'ENOAUTH':
      return 'bad-config'
    case 'ETLS':
      // Closed in the middle of the handshake is the network's doing; anything else is TLS that cannot work.
      return failure.command === 'CONN' ? 'retry' : 'bad-config'
    case 'ESOCKET':
      return failure.causeCode === undefined || isNetworkCode(failure.causeCode) ? 'retry' : 'bad-config'
    case 'EENVELOPE':
      return 'bad-address'
    case 'EMESSAGE':
      return 'bad-content'
    default:
      return 'retry'
  }
}

function explained(kind: Kind, failure: SmtpFailure): string {
  if (kind === 'in-doubt') return 'the message went out and no answer came: the server may have it'
  if (failure.command === 'STARTTLS') return `the server does not secure the connection (STARTTLS): ${failure.text}`
  if (kind === 'bad-config' && failure.code === 'ESOCKET') return `no trusted TLS connection to the server: check the certificate and ca (${failure.causeCode ?? failure.code})`
  return failure.text
}

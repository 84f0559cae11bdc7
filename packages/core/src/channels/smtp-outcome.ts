import type { Outcome } from '../model/outcome.ts'
import { isNetworkCode } from './network-codes.ts'
import type { SmtpFailure } from './smtp-session.ts'

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

/** Enhanced status (RFC 3463) 5.7: security and policy, such as a server that does not relay for this sender. */
const policyStatus = /^5\d\d[ -]5\.7\.\d{1,3}\b/

function answered(reply: number, command: string, text: string): Kind {
  // Without TLS nothing is sent, so a server that refuses it is useless as it is configured, even where it says "for now".
  if (command === 'STARTTLS') return 'bad-config'
  // 503 says that the session was in the wrong state, not that the message was refused.
  if (reply < 500 || reply === 503) return 'retry'
  if (command === 'RCPT TO') {
    // The server refuses to carry it, whatever the address is: with another server it would work.
    if (policyStatus.test(text)) return 'bad-config'
    if (badAddressReplies.has(reply)) return 'bad-address'
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

import type { Networks } from './transport/addresses.ts'

/** Which server, and how it may be spoken to. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte; otherwise by STARTTLS. */
  readonly implicitTls: boolean
  readonly user?: string
  readonly password?: string
  /** Trusted instead of the machine's certificate authorities, PEM. */
  readonly ca?: string
  /** Goes on without TLS where the server offers none, and with any certificate unless `ca` is given; only for loopback addresses. */
  readonly allowInsecure: boolean
  /** It is at a public address, or in these, and the connection goes to what was looked up. Absent: it may be anywhere. */
  readonly networks?: Networks
}

/** Why something did not work, as SMTP tells it. `undefined` fields were not there. */
export interface SmtpFailure {
  /** Nodemailer's word: ECONNECTION, ESOCKET, ETIMEDOUT, EDNS, ETLS, EAUTH, EENVELOPE, EMESSAGE, EPROTOCOL, EABORT … */
  readonly code: string
  /** Of the socket or of TLS, such as ECONNREFUSED or SELF_SIGNED_CERT_IN_CHAIN. */
  readonly causeCode?: string
  /** Three digits, where the server answered. */
  readonly reply?: number
  /** What was asked: CONN, EHLO, STARTTLS, `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, DATA. */
  readonly command?: string
  /** What the server said, or what the library did. Not safe to show. */
  readonly text: string
  /** The whole message had been handed to the connection. */
  readonly bodyOut: boolean
}

export type SmtpResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: SmtpFailure }

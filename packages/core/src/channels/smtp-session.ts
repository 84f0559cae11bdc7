import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { format } from 'node:util'
import type SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { SendTools } from '../model/channel.ts'
import type { SmtpFailure, SmtpResult, SmtpServer } from './smtp-result.ts'
import { smtpAddresses } from './smtp-target.ts'
import { isLoopback } from './transport/loopback.ts'

const connectMs = 15_000
const silenceMs = 30_000
/** Providers end a connection after some hundreds or thousands (SendGrid: 5,000); one that does so earlier is met by a new one. */
const messagesMax = 1_000
const replyBytesMax = 64 * 1024

/**
 * One connection to a mail server, used for up to 1,000 messages one after the other. It closes itself after 30 s of
 * silence, and while it idles it does not keep the process alive.
 *
 * Nodemailer's own pool is not used, because it does not tell whether the body had gone out when a connection broke, and
 * on that rests whether a message may be sent again without doubt.
 */
export class SmtpSession {
  readonly #connection: SMTPConnection
  #messages = 0

  private constructor(connection: SMTPConnection) {
    this.#connection = connection
  }

  /** Connects, secures and logs in. */
  static async open(server: SmtpServer, tools: Pick<SendTools, 'signal' | 'transcript' | 'resolve'>): Promise<SmtpResult<SmtpSession>> {
    const found = await smtpAddresses(server, tools)
    if (!found.ok) return found
    const [first = server.host, ...others] = found.value
    let opened = await SmtpSession.#openAt(first, server, tools)
    // What stands behind a name is tried one after the other, as long as there is no connection.
    for (const address of others) {
      if (opened.ok || opened.failure.reply !== undefined || !['ECONNECTION', 'ESOCKET', 'ETIMEDOUT'].includes(opened.failure.code) || tools.signal.aborted) break
      opened = await SmtpSession.#openAt(address, server, tools)
    }
    return opened
  }

  static async #openAt(address: string, server: SmtpServer, { signal, transcript }: Pick<SendTools, 'signal' | 'transcript'>): Promise<SmtpResult<SmtpSession>> {
    // Loaded with the first mail, so that an agent that sends none does not pay for it.
    const { default: Connection } = await import('nodemailer/lib/smtp-connection')
    const mayBePlain = server.allowInsecure && isLoopback(server.host)
    const connection = new Connection({
      host: address,
      port: server.port,
      secure: server.implicitTls,
      requireTLS: !mayBePlain,
      tls: { minVersion: 'TLSv1.2', ...(address !== server.host && isIP(server.host) === 0 && { servername: server.host }), rejectUnauthorized: !mayBePlain || server.ca !== undefined, ...(server.ca === undefined ? {} : { ca: server.ca }) },
      connectionTimeout: connectMs,
      dnsTimeout: connectMs,
      greetingTimeout: connectMs,
      socketTimeout: silenceMs,
      socketCloseTimeout: 1_000,
      maxResponseSize: replyBytesMax,
      ...(transcript === undefined ? {} : { logger: loggerTo(transcript), transactionLog: true }),
    })
    // Failures arrive at the step that is being taken; one that comes between steps ends the session and is seen at its next use.
    connection.on('error', () => undefined)
    const connected = await step<undefined>(connection, signal, (done) => connection.connect((error) => done(error ?? null)))
    if (!connected.ok) return connected
    if (server.user !== undefined) {
      // Also where the server does not offer AUTH: it then says so, and nothing is sent unauthenticated.
      const auth = { user: server.user, pass: server.password ?? '' }
      const loggedIn = await step<boolean>(connection, signal, (done) => connection.login(auth, done))
      if (!loggedIn.ok) {
        connection.close()
        return loggedIn
      }
    }
    return { ok: true, value: new SmtpSession(connection) }
  }

  /** Whether this session has carried a message, so that the server may have ended it since. */
  get wasUsed(): boolean {
    return this.#messages > 0
  }

  get isUsable(): boolean {
    return !this.#connection.destroyed && this.#messages < messagesMax
  }

  /** Sends one message to one address; the value is what the server answered. After a failure the session is closed. */
  async send(from: string, to: string, message: Buffer, signal: AbortSignal): Promise<SmtpResult<string>> {
    this.#messages += 1
    let bodyOut = false
    // Read only once the server has asked for the body, so that reading it to the end marks the moment of doubt.
    const body = new Readable({
      read() {
        this.push(message)
        this.push(null)
        bodyOut = true
      },
    })
    const sent = await step<{ readonly response: string }>(this.#connection, signal, (done) => this.#connection.send({ from, to: [to], size: message.length }, body, done))
    if (sent.ok) return { ok: true, value: sent.value?.response ?? '' }
    this.close()
    return { ok: false, failure: { ...sent.failure, bodyOut } }
  }

  /** Takes the connection into use or out of it: an idle one does not hold the process. */
  hold(held: 'busy' | 'idle'): void {
    const socket = this.#connection._socket
    if (socket === false || socket === null) return
    if (held === 'busy') socket.ref()
    else socket.unref()
  }

  close(): void {
    this.#connection.close()
  }
}

/** Hands on what nodemailer logs of the conversation; it puts a word in the place of each credential by itself. */
function loggerTo(transcript: NonNullable<SendTools['transcript']>): Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'level', (...said: unknown[]) => void> {
  const log = (entry: unknown, text: unknown, ...values: unknown[]): void => {
    const side = typeof entry === 'object' && entry !== null && 'tnx' in entry ? entry.tnx : undefined
    if (side !== 'client' && side !== 'server') return
    transcript({ from: side === 'client' ? 'us' : 'them', text: format(text, ...values) })
  }
  return { trace: log, debug: log, info: log, warn: log, error: log, fatal: log, level: () => undefined }
}

/** One exchange with the server: its callback, an error of the connection, its end, or the deadline, whichever is first. */
function step<T>(connection: SMTPConnection, signal: AbortSignal, start: (done: (error: Error | null, value?: T) => void) => void): Promise<SmtpResult<T | undefined>> {
  return new Promise((resolve) => {
    const settle = (result: SmtpResult<T | undefined>): void => {
      connection.off('error', onError)
      connection.off('end', onEnd)
      signal.removeEventListener('abort', onAbort)
      resolve(result)
    }
    const onError = (error: Error): void => settle({ ok: false, failure: failureOf(error) })
    const onEnd = (): void => settle({ ok: false, failure: { code: 'ECONNECTION', text: 'the server closed the connection', bodyOut: false } })
    const onAbort = (): void => {
      settle({ ok: false, failure: { code: 'EABORT', text: 'the deadline passed', bodyOut: false } })
      connection.close()
    }
    connection.on('error', onError)
    connection.on('end', onEnd)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    start((error, value) => settle(error === null ? { ok: true, value } : { ok: false, failure: failureOf(error) }))
  })
}

function failureOf(error: Error): SmtpFailure {
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? value : undefined
  }
  const reply: unknown = Reflect.get(error, 'responseCode')
  const causeCode = text('originalCode')
  const command = text('command')
  return {
    code: text('code') ?? 'ECONNECTION',
    text: text('response') ?? error.message,
    bodyOut: false,
    ...(causeCode === undefined ? {} : { causeCode }),
    ...(command === undefined ? {} : { command }),
    ...(typeof reply === 'number' ? { reply } : {}),
  }
}

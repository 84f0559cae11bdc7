import type { AddressInfo, Socket } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { systemClock } from '../model/clock.ts'
import { makeCertificate, type Certificate } from './certificate.ts'

/** A mail as it came in over the line. */
export interface ReceivedMail {
  readonly atMs: number
  /** Envelope: where it really goes. */
  readonly from: string
  readonly to: readonly string[]
  /** Whether the connection was encrypted. */
  readonly secure: boolean
  /** Who had logged in; empty without. */
  readonly user: string
  readonly raw: string
  readonly parsed: ParsedMail
  /** Whether the sender was told that it was taken. */
  readonly answered: boolean
}

/**
 * What goes wrong next. `reply` is the server's line, such as `550 5.1.1 no such user`; `hang` never answers; `drop`
 * closes the connection. At `answer` the mail has been received whole; it is kept unless a reply refuses it.
 */
export interface SmtpFault {
  readonly at: 'greeting' | 'login' | 'sender' | 'recipient' | 'answer'
  readonly act: { readonly reply: string } | 'hang' | 'drop'
}

export interface SmtpServerOptions {
  /** @default 'starttls' */
  readonly tls?: 'starttls' | 'implicit' | 'none'
  readonly certificate?: Certificate
  /** Name and password that are let in; absent: everybody without a login. */
  readonly login?: { readonly user: string; readonly password: string }
}

export interface SmtpStandIn {
  /** `smtp://user:password@127.0.0.1:port`, as a channel takes it. */
  readonly url: string
  readonly ca: string
  readonly port: number
  /** All that came in, oldest first. */
  readonly mails: readonly ReceivedMail[]
  /** Connections that were opened so far. */
  readonly connections: number
  /** Plans faults: each is used once, in this order, where its step is next reached. */
  fail(...faults: readonly SmtpFault[]): void
  /** Ends all connections, as a server does with idle ones. */
  dropConnections(): void
  close(): Promise<void>
}

/**
 * A mail server on loopback that speaks real SMTP with STARTTLS and AUTH, keeps what it receives, and fails as told.
 *
 * @example
 * const server = await startSmtpServer({ login: { user: 'apikey', password: 'secret' } })
 * // channel settings: { url: server.url, ca: server.ca, from: 'Tocsin <noreply@example.com>' }
 * await server.close()
 */
export async function startSmtpServer(options: SmtpServerOptions = {}): Promise<SmtpStandIn> {
  const tls = options.tls ?? 'starttls'
  const certificate = options.certificate ?? (await makeCertificate())
  const mails: ReceivedMail[] = []
  const faults: SmtpFault[] = []
  // Bounded by the test: one entry a connection, removed at its end.
  const sockets = new Set<Socket>()
  let connections = 0

  type Done = (error?: Error | null) => void
  /** Acts out the next fault where it belongs to this step, else goes on. */
  const passing = (at: SmtpFault['at'], remotePort: number, done: Done, goOn: () => void): void => {
    const index = faults.findIndex((fault) => fault.at === at)
    const act = faults.splice(index, index === -1 ? 0 : 1)[0]?.act
    if (act === undefined) goOn()
    else if (act === 'drop') [...sockets].find((socket) => socket.remotePort === remotePort)?.destroy()
    else if (act !== 'hang') done(replyError(act.reply))
  }

  const server = new SMTPServer({
    secure: tls === 'implicit',
    key: certificate.key,
    cert: certificate.cert,
    disabledCommands: [...(tls === 'none' ? ['STARTTLS'] : []), ...(options.login === undefined ? ['AUTH'] : [])],
    allowInsecureAuth: tls === 'none',
    authOptional: options.login === undefined,
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (session, done) => passing('greeting', session.remotePort, done, () => done()),
    onAuth: (auth, session, done) =>
      passing('login', session.remotePort, done, () => {
        const { login } = options
        if (auth.username === login?.user && auth.password === login?.password) done(null, { user: auth.username })
        else done(replyError('535 5.7.8 Authentication credentials invalid'))
      }),
    onMailFrom: (_address, session, done) => passing('sender', session.remotePort, done, () => done()),
    onRcptTo: (_address, session, done) => passing('recipient', session.remotePort, done, () => done()),
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
        const keep = async (answered: boolean): Promise<void> => {
          mails.push({
            atMs: systemClock.nowMs(),
            from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address,
            to: session.envelope.rcptTo.map(({ address }) => address),
            secure: session.secure,
            user: typeof session.user === 'string' ? session.user : '',
            raw: raw.toString('utf8'),
            parsed: await simpleParser(raw),
            answered,
          })
        }
        const act = faults.find(({ at }) => at === 'answer')?.act
        const kept = typeof act === 'object' ? Promise.resolve() : keep(act === undefined)
        void kept.then(() => passing('answer', session.remotePort, done, () => done()), done)
      })
    },
  })
  server.on('error', () => undefined) // Broken connections are what this server is for.
  server.server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo // A listening TCP server has one.
  const login = options.login === undefined ? '' : `${encodeURIComponent(options.login.user)}:${encodeURIComponent(options.login.password)}@`

  return {
    url: `${tls === 'implicit' ? 'smtps' : 'smtp'}://${login}127.0.0.1:${port}`,
    ca: certificate.ca,
    port,
    mails,
    get connections() {
      return connections
    },
    fail: (...planned) => void faults.push(...planned),
    dropConnections: () => {
      for (const socket of sockets) socket.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function replyError(line: string): Error {
  return Object.assign(new Error(line.slice(4)), { responseCode: Number(line.slice(0, 3)) })
}

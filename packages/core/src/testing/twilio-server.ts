import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { systemClock } from '../model/clock.ts'
import { makeCertificate, type Certificate } from './certificate.ts'

/** A text message as it came in. */
export interface ReceivedSms {
  readonly sid: string
  readonly atMs: number
  readonly to: string
  readonly from: string
  readonly body: string
  /** Where the provider is to tell what became of it. */
  readonly statusCallback?: string
  /** Whether the sender was told that it was taken. */
  readonly answered: boolean
}

/**
 * What goes wrong with the next message.
 *
 * reply   refused with this status and Twilio error code
 * raw     this status and body, whatever it means
 * hang    `handshake`: the connection is taken and TLS never answered; `answer`: the message is kept, no answer comes
 * reset   likewise, the connection is reset
 * endless the message is kept, and the answer never ends
 */
export type TwilioFault =
  | { readonly reply: number; readonly code?: number; readonly message?: string; readonly retryAfter?: string }
  | { readonly raw: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly hang: 'handshake' | 'answer' }
  | { readonly reset: 'handshake' | 'answer' }
  | { readonly endless: 'fast' | 'slow' }

export interface TwilioServerOptions {
  /** @default 'https' */
  readonly protocol?: 'https' | 'http'
  readonly certificate?: Certificate
  /** @default AC and 32 times 1 */
  readonly accountSid?: string
  /** @default 'twilio-test-token' */
  readonly authToken?: string
}

export interface TwilioStandIn {
  readonly apiBase: string
  readonly ca: string
  readonly accountSid: string
  readonly authToken: string
  /** All that was taken, oldest first. */
  readonly messages: readonly ReceivedSms[]
  /** Requests of any kind so far, such as `GET /2010-04-01/…`. */
  readonly requests: readonly string[]
  /** Plans faults: each is used once, in this order, by the next message or, for `handshake`, the next connection. */
  fail(...faults: readonly TwilioFault[]): void
  close(): Promise<void>
}

const textCharsMax = 1_600

/**
 * The message resource of Twilio's REST API on loopback: POST and GET `Messages.json` with basic authentication, the real
 * fields and error documents, and faults as told.
 *
 * @example
 * const twilio = await startTwilioServer()
 * // channel settings: { accountSid: twilio.accountSid, authToken: twilio.authToken, from: '+15005550006', apiBase: twilio.apiBase, ca: twilio.ca }
 * await twilio.close()
 */
export async function startTwilioServer(options: TwilioServerOptions = {}): Promise<TwilioStandIn> {
  const isHttps = options.protocol !== 'http'
  const certificate = options.certificate ?? (await makeCertificate())
  const accountSid = options.accountSid ?? `AC${'1'.repeat(32)}`
  const authToken = options.authToken ?? 'twilio-test-token'
  const messages: ReceivedSms[] = []
  const requests: string[] = []
  const faults: TwilioFault[] = []
  // Bounded by the test: one entry a connection, removed at its end.
  const sockets = new Set<Socket>()

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${request.method} ${request.url}`)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const body = await textOf(request)
    const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
    if (request.headers.authorization !== expected) return refuse(response, 401, 20003, 'Authenticate')
    if (url.pathname !== `/2010-04-01/Accounts/${accountSid}/Messages.json`) return refuse(response, 404, 20404, `The requested resource ${url.pathname} was not found`)
    if (request.method === 'GET') return list(url, response)
    const form = new URLSearchParams(body)
    const sms = { to: form.get('To') ?? '', from: form.get('From') ?? form.get('MessagingServiceSid') ?? '', body: form.get('Body') ?? '', ...(form.has('StatusCallback') ? { statusCallback: form.get('StatusCallback') ?? '' } : {}) }
    const fault = faults.shift()
    if (fault !== undefined && 'reply' in fault) return refuse(response, fault.reply, fault.code, fault.message, fault.retryAfter)
    if (fault !== undefined && 'raw' in fault) return void response.writeHead(fault.raw, fault.headers).end(fault.body)
    if (!/^\+[1-9]\d{6,14}$/.test(sms.to)) return refuse(response, 400, 21211, `Invalid 'To' Phone Number: ${sms.to}`)
    if (sms.body === '') return refuse(response, 400, 21602, 'Message body is required.')
    if (sms.body.length > textCharsMax) return refuse(response, 400, 21617, 'The concatenated message body exceeds the 1600 character limit.')
    const taken = { ...sms, sid: `SM${(messages.length + 1).toString(16).padStart(32, '0')}`, atMs: systemClock.nowMs(), answered: fault === undefined }
    messages.push(taken)
    if (fault === undefined) response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(resource(taken)))
    else if ('reset' in fault) request.socket.resetAndDestroy()
    else if ('endless' in fault) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"sid": "')
      if (fault.endless === 'fast') pour(response)
    }
  }

  const list = (url: URL, response: ServerResponse): void => {
    const size = Math.min(Number(url.searchParams.get('PageSize') ?? 50), 1_000)
    const page = Number(url.searchParams.get('Page') ?? 0)
    const since = url.searchParams.get('DateSent>')
    const found = messages
      .filter((sms) => sms.to === (url.searchParams.get('To') ?? sms.to) && (since === null || sms.atMs >= Date.parse(since)))
      .reverse()
    const next = new URL(url)
    next.searchParams.set('Page', String(page + 1))
    const hasMore = found.length > (page + 1) * size
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ messages: found.slice(page * size, (page + 1) * size).map(resource), next_page_uri: hasMore ? `${next.pathname}${next.search}` : null, page, page_size: size }))
  }

  const resource = (sms: ReceivedSms): Readonly<Record<string, unknown>> => ({
    sid: sms.sid,
    account_sid: accountSid,
    to: sms.to,
    from: sms.from.startsWith('MG') ? null : sms.from,
    messaging_service_sid: sms.from.startsWith('MG') ? sms.from : null,
    body: sms.body,
    status: 'queued',
    direction: 'outbound-api',
    date_created: new Date(sms.atMs).toUTCString().replace('GMT', '+0000'),
    error_code: null,
    error_message: null,
  })

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => request.socket.destroy()) // The client went away.
  }
  const web = isHttps ? createHttps({ key: certificate.key, cert: certificate.cert }, listener) : createHttp(listener)
  web.on('tlsClientError', () => undefined)
  const door = createTcp((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const fault = faults[0]
    if (fault !== undefined && 'hang' in fault && fault.hang === 'handshake') faults.shift()
    else if (fault !== undefined && 'reset' in fault && fault.reset === 'handshake') {
      faults.shift()
      socket.resetAndDestroy()
    } else web.emit('connection', socket)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo // A listening TCP server has one.

  return {
    apiBase: `${isHttps ? 'https' : 'http'}://127.0.0.1:${port}`,
    ca: certificate.ca,
    accountSid,
    authToken,
    messages,
    requests,
    fail: (...planned) => void faults.push(...planned),
    close: () =>
      new Promise((resolve) => {
        door.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function refuse(response: ServerResponse, status: number, code?: number, message?: string, retryAfter?: string): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }) })
  response.end(JSON.stringify({ code, message: message ?? 'refused as planned', more_info: `https://www.twilio.com/docs/errors/${code ?? ''}`, status }))
}

/** Writes as fast as the other side reads, until it goes away. */
function pour(response: ServerResponse): void {
  const chunk = 'x'.repeat(16 * 1024)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Buffer)) // No encoding is set, so chunks are buffers.
  return Buffer.concat(chunks).toString('utf8')
}

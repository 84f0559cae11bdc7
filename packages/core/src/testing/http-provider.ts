import { createServer as createHttp, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { systemClock } from '../model/clock.ts'
import { makeCertificate, type Certificate } from './certificate.ts'

/** A request as it came in. */
export interface HttpRequest {
  readonly method: string
  /** With the query, such as `/hook?key=1`. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  readonly atMs: number
}

export interface HttpReply {
  readonly status: number
  /** Sent as it is; an object as JSON. */
  readonly body?: string | object
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What goes wrong with the next request.
 *
 * reply   refused with this, whatever it means; the request is not `taken`
 * taken   answered with this although the request was taken
 * hang    `handshake`: the connection is taken and TLS never answered; `answer`: the request is taken, no answer comes
 * reset   likewise, the connection is reset
 * endless the request is taken, and the answer never ends
 */
export type HttpFault =
  | { readonly reply: HttpReply }
  | { readonly taken: HttpReply }
  | { readonly hang: 'handshake' | 'answer' }
  | { readonly reset: 'handshake' | 'answer' }
  | { readonly endless: 'fast' | 'slow' }

export interface HttpProviderOptions {
  /** @default 'https' */
  readonly protocol?: 'https' | 'http'
  readonly certificate?: Certificate
  /** Such as that of one that was closed and comes back. @default a free one */
  readonly port?: number
  /** The provider's own answer, checks included: what it refuses is not `taken`. Called where no fault is planned. */
  readonly answer: (request: HttpRequest) => HttpReply | Promise<HttpReply>
  /** Requests that no fault is for, such as that for a token. @default none */
  readonly isAside?: (request: HttpRequest) => boolean
}

export interface HttpProvider {
  /** Without a slash at its end, such as `https://127.0.0.1:40123`. */
  readonly base: string
  readonly ca: string
  /** Every request so far, oldest first. */
  readonly requests: readonly HttpRequest[]
  /** Those that the provider took: its answer was 2xx, or was lost on the way. */
  readonly taken: readonly HttpRequest[]
  /** Connections so far. */
  readonly connections: number
  /** Plans faults: each is used once, in this order, by the next request or, for `handshake`, the next connection. */
  fail(...faults: readonly HttpFault[]): void
  close(): Promise<void>
}

/**
 * Somebody's HTTP service on loopback, whatever it speaks, over TLS with a certificate made now; it fails as it is told.
 *
 * @example
 * const provider = await startHttpProvider({ answer: ({ path }) => (path === '/hook' ? { status: 204 } : { status: 404 }) })
 * provider.fail({ reply: { status: 429, headers: { 'retry-after': '7' } } })
 * await provider.close()
 */
export async function startHttpProvider(options: HttpProviderOptions): Promise<HttpProvider> {
  const isHttps = options.protocol !== 'http'
  const certificate = options.certificate ?? (await makeCertificate())
  const requests: HttpRequest[] = []
  const taken: HttpRequest[] = []
  const faults: HttpFault[] = []
  // Bounded by the test: one entry a connection, removed at its end.
  const sockets = new Set<Socket>()
  let connections = 0

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(incoming)
    const request: HttpRequest = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body, text: body.toString('utf8'), atMs: systemClock.nowMs() }
    requests.push(request)
    const fault = options.isAside?.(request) === true ? undefined : faults.shift()
    if (fault !== undefined && 'reply' in fault) return send(response, fault.reply)
    if (fault === undefined || 'taken' in fault) {
      const reply = await options.answer(request)
      if (reply.status >= 200 && reply.status < 300 && options.isAside?.(request) !== true) taken.push(request)
      return send(response, fault?.taken ?? reply)
    }
    taken.push(request)
    if ('reset' in fault) incoming.socket.resetAndDestroy()
    else if ('endless' in fault) {
      response.writeHead(200, { 'content-type': 'application/json' })
      if (fault.endless === 'fast') pour(response)
      else drip(response)
    }
  }
  const onRequest = (incoming: IncomingMessage, response: ServerResponse): void => {
    handle(incoming, response).catch((failure: unknown) => response.destroy(failure instanceof Error ? failure : new Error(String(failure))))
  }
  const server = isHttps ? createHttps({ cert: certificate.cert, key: certificate.key }, onRequest) : createHttp(onRequest)
  // A door before the server, so that a fault can meet a connection before TLS.
  const door = createTcp((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    const fault = faults[0]
    if (fault !== undefined && 'hang' in fault && fault.hang === 'handshake') return void faults.shift()
    if (fault !== undefined && 'reset' in fault && fault.reset === 'handshake') {
      faults.shift()
      return void socket.resetAndDestroy()
    }
    server.emit('connection', socket)
  })
  await new Promise<void>((resolve) => door.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo // A listening TCP server has one.

  return {
    base: `${isHttps ? 'https' : 'http'}://127.0.0.1:${port}`,
    ca: certificate.ca,
    requests,
    taken,
    get connections() {
      return connections
    },
    fail: (...planned) => void faults.push(...planned),
    close: () =>
      new Promise((resolve) => {
        door.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function send(response: ServerResponse, { status, body, headers }: HttpReply): void {
  const isJson = typeof body === 'object'
  response.writeHead(status, { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers })
  response.end(isJson ? JSON.stringify(body) : body)
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

const dripMs = 50

/** A sign now and then, until the other side goes away. */
function drip(response: ServerResponse): void {
  if (response.destroyed) return
  response.write(' ')
  systemClock.after(dripMs, () => drip(response))
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Buffer)) // No encoding is set, so chunks are buffers.
  return Buffer.concat(chunks)
}

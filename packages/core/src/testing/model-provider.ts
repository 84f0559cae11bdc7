import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { systemClock } from '../model/clock.ts'
import { answerFor } from './model-answers.ts'
import type { ProviderRequest, Reply, WireAnswer } from './model-wire.ts'

export type { ProviderRequest, Reply } from './model-wire.ts'

export interface ModelProvider {
  /** Such as `http://127.0.0.1:41234`; the OpenAI base URL is this with `/v1`, Anthropic's is this. */
  readonly url: string
  /** The last 10,000 requests, oldest first. */
  readonly requests: readonly ProviderRequest[]
  /** Answers the next requests in this order; then `script` decides, else `{ kind: 'ok' }`. */
  respondWith(...replies: readonly Reply[]): void
  close(): Promise<void>
}

export interface ModelProviderOptions {
  /** Decides for each request that has no reply waiting. */
  readonly script?: (request: ProviderRequest, index: number) => Reply | undefined
  /** Port on 127.0.0.1. @default 0, any free one */
  readonly port?: number
}

const requestsMax = 10_000
const bodyBytesMax = 20_000_000

/**
 * A model provider on loopback that speaks the wire formats of OpenAI (chat completions, completions, responses,
 * embeddings) and Anthropic (messages), whole and as server-sent events, for tests, the demo and the bench.
 *
 * @example
 * const provider = await startModelProvider()
 * provider.respondWith({ kind: 'rate-limited' }, { kind: 'ok', text: 'hello' })
 * const client = new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'test' })
 */
export async function startModelProvider(options: ModelProviderOptions = {}): Promise<ModelProvider> {
  const requests: ProviderRequest[] = []
  const replies: Reply[] = []
  let count = 0
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => {
        const seen: ProviderRequest = { path: request.url ?? '/', headers: request.headers, body }
        if (requests.length >= requestsMax) requests.shift()
        requests.push(seen)
        const reply = replies.shift() ?? options.script?.(seen, count) ?? { kind: 'ok' }
        count++
        respond(response, seen, reply, count)
      })
      .catch((broken: unknown) => response.destroy(broken instanceof Error ? broken : undefined))
  })
  // A client that goes away while it is read or written to is the client's matter; the server goes on.
  server.on('clientError', (_error, socket) => socket.destroy())
  const port = await listen(server, options.port ?? 0)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    respondWith: (...more) => void replies.push(...more),
    close: () => close(server),
  }
}

function respond(response: ServerResponse, request: ProviderRequest, reply: Reply, count: number): void {
  if (reply.kind === 'reset') {
    response.socket?.resetAndDestroy()
  } else if (reply.kind === 'slow') {
    const cancel = systemClock.after(reply.afterMs, () => write(response, answerFor(request, { ...reply, kind: 'ok' }, count)))
    response.on('close', cancel)
  } else {
    write(response, answerFor(request, reply, count))
  }
}

function write(response: ServerResponse, answer: WireAnswer): void {
  response.on('error', () => response.destroy())
  response.writeHead(answer.statusCode, answer.headers)
  if (!('pieces' in answer)) {
    response.end(answer.body)
    return
  }
  response.flushHeaders()
  writePieces(response, answer, 0)
}

function writePieces(response: ServerResponse, answer: Extract<WireAnswer, { readonly pieces: readonly string[] }>, from: number): void {
  for (let index = from; index < answer.pieces.length; index++) {
    if (response.destroyed) return
    response.write(answer.pieces[index])
    if (answer.pauseMs > 0) {
      systemClock.after(answer.pauseMs, () => writePieces(response, answer, index + 1))
      return
    }
  }
  // The pieces shall arrive before the connection breaks.
  if (answer.reset === true) systemClock.after(20, () => response.socket?.resetAndDestroy())
  else response.end()
}

async function readBody(request: IncomingMessage): Promise<ProviderRequest['body']> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    // Reason for the cast: a request without an encoding gives buffers.
    const buffer = chunk as Buffer
    bytes += buffer.length
    if (bytes > bodyBytesMax) throw new Error(`The request is larger than ${bodyBytesMax} bytes`)
    chunks.push(buffer)
  }
  if (bytes === 0) return undefined
  const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  // Reason for the cast: a JSON object has names and unknown values.
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

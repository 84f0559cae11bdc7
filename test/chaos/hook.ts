import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One webhook as it arrived. */
export interface Arrival {
  /** The header `webhook-id`: the same over all attempts of one delivery. */
  readonly id: string
  /** Title of what was announced, or what the message is about. */
  readonly about: readonly string[]
}

/** Takes webhooks and remembers every one; answers slowly now and then, so that processes die with a send under way. */
export interface Hook {
  readonly url: string
  readonly arrivals: readonly Arrival[]
  close(): Promise<void>
}

export async function startHook(): Promise<Hook> {
  const arrivals: Arrival[] = []
  const server: Server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      arrivals.push({ id: String(request.headers['webhook-id']), about: titlesIn(body) })
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Reason for the cast: it listens on a port.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, arrivals, close: () => new Promise((resolve) => void (server.closeAllConnections(), server.close(() => resolve()))) }
}

/** Marks of announcements and thresholds of budgets that a message carries, however it is written. */
function titlesIn(body: string): readonly string[] {
  return [...new Set(body.match(/mark-\d+|"percent":\d+/g))]
}

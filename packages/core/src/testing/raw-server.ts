import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTls, type TlsOptions, type TLSSocket } from 'node:tls'

export interface RawServerOptions {
  /** TLS with these options; absent: none. */
  readonly tls?: TlsOptions
  /** @default '127.0.0.1' */
  readonly host?: string
  /** Called once a connection with what came first, whatever it is. @default nothing, and the connection stays open */
  readonly answer?: (socket: Socket, first: string) => void
}

export interface RawServer {
  readonly port: number
  /** TCP connections so far, also those that came to nothing. */
  readonly connections: number
  /** What came first, of each connection that said anything. */
  readonly heard: readonly string[]
  /** The names that clients of TLS asked for. */
  readonly serverNames: readonly string[]
  close(): Promise<void>
}

/**
 * A listener on loopback that says what it is told to say, also what is not HTTP, and counts who comes.
 *
 * @example
 * const server = await startRawServer({ answer: (socket) => socket.end('HTTP/1.1 banana\r\n\r\n') })
 * await server.close()
 */
export async function startRawServer(options: RawServerOptions = {}): Promise<RawServer> {
  const heard: string[] = []
  const serverNames: string[] = []
  // Bounded by the test: one entry a connection, removed at its end.
  const sockets = new Set<Socket>()
  let connections = 0

  const listen = (socket: Socket): void => {
    socket.on('error', () => undefined)
    socket.once('data', (first: Buffer) => {
      heard.push(first.toString('latin1'))
      options.answer?.(socket, first.toString('latin1'))
    })
  }
  const secure = options.tls === undefined ? undefined : createTls(options.tls)
  secure?.on('tlsClientError', () => undefined)
  secure?.on('secureConnection', (socket: TLSSocket) => {
    serverNames.push(socket.servername === false ? '' : (socket.servername ?? ''))
    listen(socket)
  })
  const door = createTcp((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    if (secure === undefined) listen(socket)
    else secure.emit('connection', socket)
  })
  await new Promise<void>((resolve) => door.listen(0, options.host ?? '127.0.0.1', resolve))
  const { port } = door.address() as AddressInfo // A listening TCP server has one.

  return {
    port,
    get connections() {
      return connections
    },
    heard,
    serverNames,
    close: () =>
      new Promise((resolve) => {
        door.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

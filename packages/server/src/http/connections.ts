import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Why a connection was ended: it had been silent for longest when another came, or it came when all others were being answered. */
export type ConnectionEnd = 'displaced' | 'refused'

/** Connections that were ended may be counted for a moment longer. */
const closingMax = 256

/**
 * Holds as many connections as may be. Who comes when there are as many takes the place of the one that has been silent for longest: that
 * has said nothing yet, or not all of it, or nothing more since its last answer. So strangers who open connections and say nothing cannot
 * keep others out, as they would where the newcomer is turned away. Only where all are being answered the newcomer is.
 */
export function boundsConnections(server: Server, max: number, told: (end: ConnectionEnd) => void): void {
  const open = new Map<string, Socket>()
  /** Of those that are open: a closed one does not know its other end any more. */
  const names = new Map<Socket, string>()
  /** In the order in which they fell silent. */
  const silent = new Set<Socket>()
  const underWay = new WeakMap<Socket, number>()
  server.maxConnections = max + closingMax

  server.on('connection', (socket: Socket) => {
    if (open.size >= max) {
      const [longest] = silent
      told(longest === undefined ? 'refused' : 'displaced')
      if (longest === undefined) {
        socket.destroy()
        return
      }
      longest.destroy()
      forget(longest)
    }
    const name = nameOf(socket)
    names.set(socket, name)
    open.set(name, socket)
    silent.add(socket)
    socket.once('close', () => forget(socket))
  })
  // Before whoever answers it, which may happen at once.
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const socket = open.get(nameOf(request.socket))
    if (socket === undefined) return
    // A body that is not here yet is something that was not said.
    if (hasBody(request)) request.once('end', () => begin(socket, response))
    else begin(socket, response)
  })

  function begin(socket: Socket, response: ServerResponse): void {
    // Answered before all of it was said, or gone.
    if (response.writableEnded || !names.has(socket)) return
    silent.delete(socket)
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1
      underWay.set(socket, left)
      if (left === 0 && names.has(socket)) silent.add(socket)
    })
  }

  function forget(socket: Socket): void {
    silent.delete(socket)
    const name = names.get(socket)
    names.delete(socket)
    if (name !== undefined && open.get(name) === socket) open.delete(name)
  }
}

/** The other end: with TLS a request holds another socket than the one that came. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localPort}`
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Why a connection was ended: it had been silent for longest when another came, or it came when all others were being answered. */
export type ConnectionEnd = 'displaced' | 'refused'

/** Connections that were ended may be counted for a moment longer. */
const closingMax = 256
/** How many that send a body are passed over for one newcomer. */
const passedOverMax = 64

/**
 * Holds as many connections as may be. Who comes when there are as many takes the place of the one that has been silent for longest: that
 * has said nothing yet, or not all of it, or nothing more since its last answer. One whose body goes on coming is passed over. So strangers who open connections and say nothing cannot
 * keep others out, as they would where the newcomer is turned away. Only where all are being answered the newcomer is.
 */
export function boundsConnections(server: Server, max: number, told: (end: ConnectionEnd) => void): void {
  const open = new Map<string, Socket>()
  /** Of those that are open: a closed one does not know its other end any more. */
  const names = new Map<Socket, string>()
  /** In the order in which they fell silent. */
  const silent = new Set<Socket>()
  const underWay = new WeakMap<Socket, number>()
  /** Of those that send a body how much had come when they were looked at last. Bounded by those that are open. */
  const sending = new WeakMap<Socket, number>()
  server.maxConnections = max + closingMax

  server.on('connection', (socket: Socket) => {
    if (open.size >= max) {
      const longest = longestSilent()
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
    if (!hasBody(request)) return begin(socket, response)
    if (silent.has(socket)) behindOthers(socket)
    request.once('end', () => begin(socket, response))
    response.once('close', () => void sending.delete(socket))
  })

  function longestSilent(): Socket | undefined {
    let passedOver = 0
    for (const socket of silent) {
      const before = sending.get(socket)
      if (before === undefined || before === socket.bytesRead || passedOver === passedOverMax) return socket
      passedOver++
      behindOthers(socket)
    }
    return undefined
  }

  /** It has just said something, of a body that is not whole. */
  function behindOthers(socket: Socket): void {
    silent.delete(socket)
    silent.add(socket)
    sending.set(socket, socket.bytesRead)
  }

  function begin(socket: Socket, response: ServerResponse): void {
    // Answered before all of it was said, or gone.
    if (response.writableEnded || !names.has(socket)) return
    silent.delete(socket)
    sending.delete(socket)
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

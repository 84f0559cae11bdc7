import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import type { ToEngine, ToRemote, WorkerData } from './thread-protocol.ts'

/** Of the scale from -20 to 19: where both want the same processor, the agent's thread (0) gets three times as much of it. */
const niceness = 5

// The worker thread's entry: nothing but wiring, so that what it wires can be tested without a thread.
if (parentPort !== null) {
  const port = parentPort
  // What `new Worker` was given in thread.ts.
  const { shared, way } = workerData as WorkerData
  // Only what this process needs: an engine takes three times the memory of what sends to a server.
  const start = way === 'remote' ? (await import('./thread-remote.ts')).startThreadRemote : (await import('./thread-engine.ts')).startThreadEngine
  // On Linux a priority is a thread's own; elsewhere this would slow down the agent too. Giving way needs no rights.
  if (process.platform === 'linux') setPriority(niceness)
  const started = start(shared, (message) => port.postMessage(message), () => port.close())
  // Messages that came meanwhile have waited. Each way is told what it understands: see `WayOut`.
  port.on('message', (message: ToEngine & ToRemote) => started.heard(message))
}

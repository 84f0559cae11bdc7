import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { startThreadEngine } from './thread-engine.ts'
import type { ToEngine, WorkerData } from './thread-protocol.ts'

/** Of the scale from -20 to 19: where both want the same processor, the agent's thread (0) gets three times as much of it. */
const niceness = 5

// The worker thread's entry: nothing but wiring, so that what it wires can be tested without a thread.
if (parentPort !== null) {
  const port = parentPort
  // On Linux a priority is a thread's own; elsewhere this would slow down the agent too. Giving way needs no rights.
  if (process.platform === 'linux') setPriority(niceness)
  // What `new Worker` was given in thread.ts.
  const { shared } = workerData as WorkerData
  const engine = startThreadEngine(shared, (message) => port.postMessage(message), () => port.close())
  port.on('message', (message: ToEngine) => engine.heard(message))
}

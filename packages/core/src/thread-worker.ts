import { parentPort, workerData } from 'node:worker_threads'
import { startThreadEngine } from './thread-engine.ts'
import type { ToEngine, WorkerData } from './thread-protocol.ts'

// The worker thread's entry: nothing but wiring, so that what it wires can be tested without a thread.
if (parentPort !== null) {
  const port = parentPort
  // What `new Worker` was given in thread.ts.
  const { shared } = workerData as WorkerData
  const engine = startThreadEngine(shared, (message) => port.postMessage(message), () => port.close())
  port.on('message', (message: ToEngine) => engine.heard(message))
}

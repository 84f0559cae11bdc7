import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import { freePort } from './free-port.ts'

/** A server of our own that syncs its file before each answer; absent where `redis-server` is not installed. */
export interface RedisServer {
  readonly port: number
  close(): Promise<void>
}

const program = 'redis-server'
const startUpMs = 5_000

export async function startRedis(folder: string): Promise<RedisServer | undefined> {
  const port = await freePort()
  const server = spawn(
    program,
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always', '--loglevel', 'warning'],
    { stdio: 'ignore' },
  )
  const missing = once(server, 'error').then(() => true)
  const close = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    await ended
  }
  const answers = await Promise.race([missing.then(() => false), answering(port)])
  if (answers) return { port, close }
  await close()
  return undefined
}

async function answering(port: number): Promise<boolean> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => 20 })
  // A refused connection is what we wait through here.
  client.on('error', () => undefined)
  const untilMs = systemClock.monotonicMs() + startUpMs
  try {
    while (systemClock.monotonicMs() < untilMs) {
      const answer = await client.ping().catch(() => '')
      if (answer === 'PONG') return true
      await sleep(systemClock, 20)
    }
    return false
  } finally {
    client.disconnect()
  }
}

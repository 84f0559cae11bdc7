import { Queue, Worker } from 'bullmq'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { startRedis } from './redis-server.ts'
import { jobPayload, jobsAtOnce, type Rival } from './rival.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** The highest rate of 50, 100, 200 and 500 on the machine where this was chosen. */
const concurrency = 50

/** Adds so many jobs that do nothing, and waits until all of them are completed; each write is synced before its answer. */
export async function bullmqJobs(count: number): Promise<Rival> {
  return inTemporaryFolder(async (folder) => {
    const server = await startRedis(folder)
    if (server === undefined) return { skipped: 'redis-server is not installed' }
    const connection = { host: '127.0.0.1', port: server.port, maxRetriesPerRequest: null }
    const queue = new Queue('bench', { connection, defaultJobOptions: { removeOnComplete: true } })
    const allDone = Promise.withResolvers<void>()
    let done = 0
    const worker = new Worker('bench', async () => undefined, { connection, concurrency })
    worker.on('completed', () => {
      done += 1
      if (done === count) allDone.resolve()
    })
    worker.on('error', allDone.reject)
    try {
      await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
      const startedMs = systemClock.monotonicMs()
      for (let next = 0; next < count; next += jobsAtOnce) {
        await queue.addBulk(Array.from({ length: Math.min(jobsAtOnce, count - next) }, (_, i) => ({ name: 'call', data: jobPayload(next + i) })))
      }
      await allDone.promise
      return { perSecond: (count * 1_000) / (systemClock.monotonicMs() - startedMs), settings: `added ${jobsAtOnce} at once, ${concurrency} at a time` }
    } finally {
      await worker.close()
      await queue.close()
      await server.close()
    }
  })
}

import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { createEngine, type Engine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { openPostgresStore } from '../packages/core/src/stores/postgres.ts'
import { nullChannel } from './null-channel.ts'
import { jobPayload, jobsAtOnce } from './rival.ts'
import { sampleCall } from './sample-call.ts'
import { countingSettled } from './settled-count.ts'
import { throughputConfig } from './throughput-config.ts'

/** What waits in PostgreSQL and is taken by several processes. */
export interface PostgresQueue {
  /** Puts so many there, none of which is taken yet. */
  fill(url: string, project: string, count: number): Promise<void>
  /** Gets ready to take them. `begin` begins; `onDone` hears of those that are over. */
  take(url: string, projects: readonly string[], onDone: (count: number) => void): Promise<{ begin(): Promise<void>; end(): Promise<void> }>
  /** How many are not over, as one number named `left`. */
  readonly left: string
  /** For the table. */
  readonly settings: string
}

export const queueNames = ['tocsin', 'pg-boss', 'graphile-worker'] as const
export type QueueName = (typeof queueNames)[number]

/** Handed over at once, as by the client. */
const eventsAtOnce = 500
/** As in the server. */
const connectionsMax = 20

/** Deliveries of alerts: claimed within limits and silences, rendered as a text message, sent to a channel that takes it at once, recorded. */
const tocsin: PostgresQueue = {
  settings: 'claimed, rendered, settled; up to 1,000 in a transaction',
  left: 'select count(*)::integer as left from tocsin.deliveries where done_at is null',
  async fill(url, project, count) {
    const { engine, pool } = await engineOver(url, project, () => undefined)
    let next = 0
    const handOver = async (): Promise<void> => {
      while (next < count) {
        const first = next
        next += eventsAtOnce
        const { refused } = await engine.accept(Array.from({ length: Math.min(eventsAtOnce, count - first) }, (_, index) => sampleCall(first + index, systemClock.nowMs())))
        if (refused.length > 0) throw new Error(`${refused.length} events were refused: ${refused[0]?.why}`)
      }
    }
    // While one is in the database the next is made.
    await Promise.all([handOver(), handOver()])
    await engine.close()
    await pool.end()
  },
  async take(url, projects, onDone) {
    const engines = await Promise.all(projects.map((project) => engineOver(url, project, onDone)))
    return {
      begin: async () => engines.forEach(({ engine }) => engine.start()),
      async end() {
        for (const { engine, pool } of engines) {
          await engine.close()
          await pool.end()
        }
      },
    }
  },
}

async function engineOver(url: string, project: string, onDone: (count: number) => void): Promise<{ readonly engine: Engine; readonly pool: pg.Pool }> {
  const pool = new pg.Pool({ connectionString: url, max: connectionsMax })
  const channel = nullChannel('short')
  const store = countingSettled(await openPostgresStore({ pool, clock: systemClock }), onDone)
  const engine = createEngine({ config: throughputConfig(channel, project), store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text), channelTypes: [channel] })
  return { engine, pool }
}

const queue = 'call'
/** It fetches the next list when the last is completed: of two workers one fetches while the other completes. */
const boss = { batchSize: 500, localConcurrency: 2 }

/** Jobs that do nothing, fetched and completed in lists. */
const pgBoss: PostgresQueue = {
  settings: `${boss.localConcurrency} workers, ${boss.batchSize} fetched and completed at once`,
  left: `select count(*)::integer as left from pgboss.job where state < 'completed'`,
  async fill(url, _project, count) {
    const client = await bossOver(url)
    await client.createQueue(queue)
    for (let next = 0; next < count; next += jobsAtOnce) await client.insert(queue, Array.from({ length: Math.min(jobsAtOnce, count - next) }, (_, index) => ({ data: jobPayload(next + index) })))
    await client.stop()
  },
  async take(url, _projects, onDone) {
    const client = await bossOver(url)
    return {
      begin: async () => void (await client.work(queue, { ...boss, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }, async (jobs) => onDone(jobs.length))),
      end: () => client.stop(),
    }
  },
}

async function bossOver(url: string): Promise<PgBoss> {
  const client = new PgBoss({ connectionString: url, max: connectionsMax, supervise: false, schedule: false })
  client.on('error', (failure) => console.error(failure))
  await client.start()
  return client
}

/** Lists are fetched ahead of the workers, and completed together. */
const graphile = { concurrentJobs: 24, fetched: 500 }

/** Jobs that do nothing, one by one, fetched and completed in lists. */
const graphileWorker: PostgresQueue = {
  settings: `${graphile.concurrentJobs} at a time, ${graphile.fetched} fetched at once, completed in batches`,
  left: 'select count(*)::integer as left from graphile_worker.jobs',
  async fill(url, _project, count) {
    const pgPool = listened(new pg.Pool({ connectionString: url }))
    const utils = await makeWorkerUtils({ pgPool, logger: silent })
    await utils.migrate()
    for (let next = 0; next < count; next += jobsAtOnce) await utils.addJobs(Array.from({ length: Math.min(jobsAtOnce, count - next) }, (_, index) => ({ identifier: queue, payload: jobPayload(next + index) })))
    await utils.release()
    await pgPool.end()
  },
  async take(url, _projects, onDone) {
    const pgPool = listened(new pg.Pool({ connectionString: url, max: graphile.concurrentJobs + 4 }))
    const stop = Promise.withResolvers<() => Promise<void>>()
    return {
      async begin() {
        const runner = await run({
          pgPool, logger: silent, noHandleSignals: true, taskList: { [queue]: async () => undefined },
          preset: { worker: { concurrentJobs: graphile.concurrentJobs, maxPoolSize: graphile.concurrentJobs + 4, localQueue: { size: graphile.fetched }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        })
        runner.events.on('job:complete', () => onDone(1))
        stop.resolve(() => runner.stop())
      },
      async end() {
        await (await stop.promise)()
        await pgPool.end()
      },
    }
  },
}

/** It wants to know that somebody hears of connections that are lost. */
function listened(pool: pg.Pool): pg.Pool {
  pool.on('error', (lost) => console.error(lost))
  pool.on('connect', (client) => client.on('error', (lost) => console.error(lost)))
  return pool
}

const silent = new Logger(() => () => undefined)

export const queues: Readonly<Record<QueueName, PostgresQueue>> = { 'tocsin': tocsin, 'pg-boss': pgBoss, 'graphile-worker': graphileWorker }

import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import pg from 'pg'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { jobPayload, jobsAtOnce, type Rival } from './rival.ts'

const host = '127.0.0.1'
const user = 'postgres'
/** The highest rate of 10, 24 and 50, and of 100, 500 and 1,000 fetched, on the machine where this was chosen. */
const concurrency = 50
/** Jobs fetched at once. */
const fetched = 500

/** Adds so many jobs that do nothing, in a database of its own, and waits until all of them are completed and gone. */
export async function graphileJobs(count: number): Promise<Rival> {
  const admin = new pg.Client({ host, user, database: 'postgres', connectionTimeoutMillis: 2_000 })
  try {
    await admin.connect()
  } catch (unreachable) {
    return { skipped: `no PostgreSQL at ${host}:5432 (${unreachable instanceof Error ? unreachable.message : String(unreachable)})` }
  }
  const database = `tocsin_bench_${process.pid}`
  await admin.query(`drop database if exists ${database}`)
  await admin.query(`create database ${database}`)
  try {
    return await jobsIn(database, count)
  } finally {
    await admin.query(`drop database if exists ${database} with (force)`)
    await admin.end()
  }
}

async function jobsIn(database: string, count: number): Promise<Rival> {
  const pgPool = new pg.Pool({ host, user, database, max: concurrency + 4 })
  const allDone = Promise.withResolvers<void>()
  // Idle connections are cut when the database is dropped; before that a lost one ends the run.
  pgPool.on('error', allDone.reject)
  pgPool.on('connect', (client) => client.on('error', allDone.reject))
  const shared = { pgPool, logger: new Logger(() => () => undefined) }
  const utils = await makeWorkerUtils(shared)
  await utils.migrate()
  let done = 0
  const runner = await run({
    ...shared,
    noHandleSignals: true,
    taskList: { call: async () => undefined },
    preset: { worker: { concurrentJobs: concurrency, maxPoolSize: concurrency + 4, localQueue: { size: fetched }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  })
  runner.events.on('job:complete', () => {
    done += 1
    if (done === count) allDone.resolve()
  })
  try {
    const startedMs = systemClock.monotonicMs()
    for (let next = 0; next < count; next += jobsAtOnce) {
      await utils.addJobs(Array.from({ length: Math.min(jobsAtOnce, count - next) }, (_, i) => ({ identifier: 'call', payload: jobPayload(next + i) })))
    }
    await allDone.promise
    while ((await jobsLeft(pgPool)) > 0) continue
    const tookMs = systemClock.monotonicMs() - startedMs
    return { perSecond: (count * 1_000) / tookMs, settings: `added ${jobsAtOnce} at once, fetched ${fetched}, completed in batches` }
  } finally {
    await runner.stop()
    await utils.release()
    await pgPool.end()
  }
}

async function jobsLeft(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ left: number }>('select count(*)::int as left from graphile_worker.jobs')
  return rows[0]?.left ?? 0
}

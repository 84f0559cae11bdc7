import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import { startChild, withChildren } from './child.ts'
import { cpuMs, type OwnPostgres } from './own-postgres.ts'
import { queues, type QueueName } from './postgres-queues.ts'
import { within } from './within.ts'

export interface Deliveries {
  readonly perSecond: number
  /** Microseconds each that statements took. */
  readonly databaseUs: number
  /** Microseconds each of processor time, by who used it. */
  readonly processesUs: number
  readonly postgresUs: number
}

const mostMs = 120_000
/** So many for each process come before those that are measured, so that its code is compiled: they run for days. */
const warmUpEach = 10_000

/** So many that wait, from those that warm up to the commit of the last, by so many processes. */
export async function deliveries(postgres: OwnPostgres, name: QueueName, count: number, processes: number, projects: number): Promise<Deliveries> {
  const warmUp = warmUpEach * processes
  return postgres.inDatabase(async (url) => {
    const file = 'postgres-queue-process.ts'
    const names = Array.from({ length: projects }, (_, index) => `bench-${index}`).join(',')
    await (await startChild(file, [name, url, names, String(warmUp + count)])).end()
    await postgres.ask(url, 'vacuum analyze')
    return withChildren(Array.from({ length: processes }, () => ({ file, words: [name, url, names] })), async (children) => {
      const [isWarm, allDone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let done = 0
      for (const child of children) {
        child.onLine((line) => {
          done += Number(line)
          if (done >= warmUp) isWarm.resolve()
          if (done >= warmUp + count) allDone.resolve()
        })
      }
      const used = (): readonly [number, number] => [cpuMs(children.map(({ pid }) => pid)), postgres.cpuMs()]
      for (const child of children) child.tell('go')
      await within(isWarm.promise, mostMs, `${warmUp} to be over`)
      const [before, startedMs, measured] = [used(), systemClock.monotonicMs(), warmUp + count - done]
      await postgres.countAnew()
      await within(allDone.promise, mostMs, `${warmUp + count} to be over`)
      // Some say that they are done before the database knows.
      while ((await postgres.ask<{ left: number }>(url, queues[name].left))[0]?.left !== 0) await sleep(systemClock, 5)
      const tookMs = systemClock.monotonicMs() - startedMs
      const after = used()
      const { worksMs } = await postgres.spent(url)
      return { perSecond: (measured * 1_000) / tookMs, databaseUs: (worksMs * 1_000) / measured, processesUs: ((after[0] - before[0]) * 1_000) / measured, postgresUs: ((after[1] - before[1]) * 1_000) / measured }
    })
  })
}

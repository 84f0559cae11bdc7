import { join } from 'node:path'
import { createEngine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import { bullmqJobs } from './bullmq.ts'
import type { Benchmark, Row } from './figure.ts'
import { graphileJobs } from './graphile-worker.ts'
import { nullChannel } from './null-channel.ts'
import { median, spread } from './quantile.ts'
import type { Rival } from './rival.ts'
import { roomShares } from './room-shares.ts'
import { sampleCall } from './sample-call.ts'
import { countingSettled } from './settled-count.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { throughputConfig } from './throughput-config.ts'
import { within } from './within.ts'

const events = 20_000
const runs = 3
/** Handed over at once, and batches under way: what the client's hand-over does. */
const batchEvents = 500
const batchesUnderWay = 4

/**
 * A durable event to its settled delivery: normalised, redacted, priced, seen by eight rules and a budget, stored, routed,
 * queued, claimed, rendered, sent to a channel that takes it at once, and recorded as sent. The same count of jobs that do
 * nothing through two job queues beside it, each committed to disk before it is acknowledged.
 */
export const throughput: Benchmark = {
  name: 'throughput',
  title: `${events.toLocaleString('en-US')} events, each to its settled delivery, on disk, 8 rules on`,
  async run(progress) {
    const own: number[] = []
    const bullmq: Rival[] = []
    const graphile: Rival[] = []
    await deliverEvents(2_000)
    for (let run = 1; run <= runs; run += 1) {
      progress(`run ${run} of ${runs}: tocsin`)
      own.push(await deliverEvents(events))
      progress(`run ${run} of ${runs}: BullMQ`)
      bullmq.push(await bullmqJobs(events))
      progress(`run ${run} of ${runs}: graphile-worker`)
      graphile.push(await graphileJobs(events))
    }
    progress('under the profiler')
    const shares = await roomShares(() => deliverEvents(events / 2))
    return [
      { what: 'tocsin, SQLite synchronous=FULL', value: median(own), unit: '/s', target: { atLeast: 10_000 }, note: spread(own, 0) },
      ...rivalRows('BullMQ, Redis appendfsync always', bullmq, median(own)),
      ...rivalRows('graphile-worker, PostgreSQL', graphile, median(own)),
      ...shares.map(({ room, share }): Row => ({ what: `  of which ${room}`, value: share * 100, unit: '%' })),
    ]
  },
}

/** Events per second from the first hand-over to the commit of the last delivery. */
async function deliverEvents(count: number): Promise<number> {
  return inTemporaryFolder(async (folder) => {
    const channel = nullChannel()
    const config = throughputConfig(channel)
    const allSettled = Promise.withResolvers<void>()
    let settled = 0
    const store = countingSettled(openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: config.store.durability }), (more) => {
      settled += more
      if (settled >= count) allSettled.resolve()
    })
    const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text), channelTypes: [channel] })
    try {
      const calls = Array.from({ length: count }, (_, i) => sampleCall(i, systemClock.nowMs()))
      engine.start()
      const startedMs = systemClock.monotonicMs()
      let next = 0
      const handOver = async (): Promise<void> => {
        while (next < count) {
          const batch = calls.slice(next, next + batchEvents)
          next += batch.length
          const { refused } = await engine.accept(batch)
          if (refused.length > 0) throw new Error(`${refused.length} events were refused: ${refused[0]?.why}`)
        }
      }
      await Promise.all(Array.from({ length: batchesUnderWay }, handOver))
      await within(allSettled.promise, 60_000, 'every delivery to be settled')
      return (count * 1_000) / (systemClock.monotonicMs() - startedMs)
    } finally {
      await engine.close()
    }
  })
}

function rivalRows(what: string, rivals: readonly Rival[], own: number): readonly Row[] {
  const skipped = rivals.find((rival) => 'skipped' in rival)
  if (skipped !== undefined) return [{ what, skipped: skipped.skipped }]
  const measured = rivals.flatMap((rival) => ('skipped' in rival ? [] : [rival]))
  const perSecond = measured.map((rival) => rival.perSecond)
  return [{ what, value: median(perSecond), unit: '/s', note: `tocsin ${(own / median(perSecond)).toFixed(1)} × · ${measured[0]?.settings ?? ''} · ${spread(perSecond, 0)}` }]
}

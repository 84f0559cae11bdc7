import { join } from 'node:path'
import { createEngine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import type { ChannelType } from '../packages/core/src/model/channel.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import { nullChannel } from './null-channel.ts'
import type { Rival } from './rival.ts'
import { sampleCall } from './sample-call.ts'
import { countingSettled } from './settled-count.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { throughputConfig } from './throughput-config.ts'
import { within } from './within.ts'

/** Handed over at once, and batches under way: what the client's hand-over does. */
const batchEvents = 500
const batchesUnderWay = 4

/** Events per second from the first hand-over to the commit of the last delivery. */
export async function deliverEvents(count: number, shape: ChannelType['shape']): Promise<Rival> {
  return inTemporaryFolder(async (folder) => {
    const channel = nullChannel(shape)
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
      const cpu = process.threadCpuUsage()
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
      const tookMs = systemClock.monotonicMs() - startedMs
      const { user, system } = process.threadCpuUsage(cpu)
      return { perSecond: (count * 1_000) / tookMs, cpuUs: (user + system) / count, settings: '' }
    } finally {
      await engine.close()
    }
  })
}

import { bullmqJobs } from './bullmq.ts'
import { deliverEvents } from './deliver-events.ts'
import { graphileJobs } from './graphile-worker.ts'
import type { Rival } from './rival.ts'
import { roomShares, type RoomShare } from './room-shares.ts'

/** One system in a process of its own, so that none inherits the heap and the compiled code of another. */
export type System = 'tocsin' | 'tocsin-mail' | 'bullmq' | 'graphile'
export interface ThroughputReport {
  readonly result: Rival
  /** Only of tocsin under the profiler. */
  readonly shares?: readonly RoomShare[]
}

/** Enough for the code to be compiled: after 6,000 each event still costs a tenth more processor time. An engine runs for days. */
const warmUp = 20_000

const [system = 'tocsin', countText = '1000', profiled = ''] = process.argv.slice(2)
const count = Number(countText)
// The words that `throughput.ts` passes.
const run = {
  tocsin: (jobs: number) => deliverEvents(jobs, 'short'),
  'tocsin-mail': (jobs: number) => deliverEvents(jobs, 'mail'),
  bullmq: bullmqJobs,
  graphile: graphileJobs,
}[system as System]
const first = await run(warmUp)
const report: ThroughputReport =
  'skipped' in first ? { result: first }
  : profiled === '' ? { result: await run(count) }
  : { result: first, shares: await roomShares(() => run(count)) }
console.log(JSON.stringify(report))

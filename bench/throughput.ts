import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark, Row } from './figure.ts'
import { median, spread } from './quantile.ts'
import type { Rival } from './rival.ts'
import type { System, ThroughputReport } from './throughput-agent.ts'

const events = 20_000
const runs = 3

/**
 * A durable event to its settled delivery: normalised, redacted, priced, seen by eight rules and a budget, stored, routed,
 * queued, claimed, rendered as a text message, sent to a channel that takes it at once, and recorded as sent. The same count of jobs that do
 * nothing through two job queues beside it, each committed to disk before it is acknowledged. Each run is a process of its own.
 */
export const throughput: Benchmark = {
  name: 'throughput',
  title: `${events.toLocaleString('en-US')} events, each to its settled delivery, on disk, 8 rules on`,
  async run(progress) {
    const results: Record<System, Rival[]> = { tocsin: [], 'tocsin-mail': [], bullmq: [], graphile: [] }
    // One system after the other: what a server writes behind its answers would be counted against the next one.
    for (const system of ['tocsin', 'tocsin-mail', 'bullmq', 'graphile'] as const) {
      for (let run = 1; run <= runs; run += 1) {
        progress(`run ${run} of ${runs}: ${system}`)
        const { result } = await measure(system)
        results[system].push(result)
      }
    }
    progress('tocsin under the profiler')
    const { shares = [] } = await measure('tocsin', 'profiled')
    const own = rates(results.tocsin)
    return [
      { what: 'tocsin, SQLite synchronous=FULL, a short text each', value: median(own), unit: '/s', target: { atLeast: 10_000 }, note: spread(own, 0) },
      { what: 'tocsin, with a letter in text and HTML each', value: median(rates(results['tocsin-mail'])), unit: '/s', note: spread(rates(results['tocsin-mail']), 0) },
      { what: 'tocsin, processor time an event', value: median(results.tocsin.flatMap((one) => ('cpuUs' in one && one.cpuUs !== undefined ? [one.cpuUs] : []))), unit: 'µs', note: 'more where others use the machine' },
      ...rivalRows('BullMQ, Redis appendfsync always', results.bullmq, median(own)),
      ...rivalRows('graphile-worker, PostgreSQL', results.graphile, median(own)),
      ...shares.map(({ room, share }): Row => ({ what: `  of tocsin: ${room}`, value: share * 100, unit: '%' })),
    ]
  },
}

async function measure(system: System, ...more: readonly string[]): Promise<ThroughputReport> {
  const file = fileURLToPath(new URL('throughput-agent.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [file, system, String(events), ...more], { timeout: 90_000 })
  // What our own process prints.
  return JSON.parse(stdout) as ThroughputReport
}

function rates(results: readonly Rival[]): number[] {
  return results.flatMap((result) => ('skipped' in result ? [] : [result.perSecond]))
}

function rivalRows(what: string, rivals: readonly Rival[], own: number): readonly Row[] {
  const skipped = rivals.find((rival) => 'skipped' in rival)
  if (skipped !== undefined) return [{ what, skipped: skipped.skipped }]
  const perSecond = rates(rivals)
  const [first] = rivals
  const settings = first !== undefined && 'settings' in first ? first.settings : ''
  return [{ what, value: median(perSecond), unit: '/s', note: `tocsin ${(own / median(perSecond)).toFixed(1)} × · ${settings} · ${spread(perSecond, 0)}` }]
}

import type { Benchmark, Figure } from './figure.ts'
import { DetectionWorld, type BatchCost } from './detection-world.ts'
import { median, quantile } from './quantile.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const few = { sessions: 1_000, users: 10 }
const manySessions = { sessions: 1_000_000, users: 10 }
const manySeries = { sessions: 1_000, users: 10_000 }
const warmUps = 40
const batches = 120

/**
 * The detect stage alone: `detect` and the alerts that follow from it, in a transaction of the real store on disk, in processor time
 * of the thread. Events are stored elsewhere, and nobody is told.
 */
export const detection: Benchmark = {
  name: 'detection',
  title: 'one event through the whole pack and 50 rules of one’s own, in batches of 500 from 50 sessions',
  run: (progress) =>
    inTemporaryFolder(async (folder) => {
      const worlds: DetectionWorld[] = []
      try {
        progress('filling the stores')
        for (const size of [few, manySessions, manySeries]) worlds.push(await DetectionWorld.open(folder, size))
        const [small, sessions, series] = worlds
        if (small === undefined || sessions === undefined || series === undefined) throw new Error('expected three worlds')
        const runs: readonly { readonly world: DetectionWorld; readonly isScattered: boolean; readonly costs: BatchCost[] }[] = [
          { world: small, isScattered: false, costs: [] },
          { world: sessions, isScattered: false, costs: [] },
          { world: series, isScattered: false, costs: [] },
          { world: series, isScattered: true, costs: [] },
        ]
        // In turn, so that a machine that is slow for a while is slow for all of them.
        for (let number = -warmUps; number < batches; number += 1) {
          progress(`batch ${number} of ${batches}`)
          for (const { world, isScattered, costs } of runs) {
            const cost = await world.batch(isScattered)
            if (number >= 0) costs.push(cost)
          }
        }
        globalThis.gc?.()
        return rowsOf(runs.map(({ costs }) => costs), small.alerts)
      } finally {
        for (const world of worlds) await world.close()
      }
    }),
}

function rowsOf([base = [], sessions = [], series = [], scattered = []]: readonly (readonly BatchCost[])[], alerts: number): readonly Figure[] {
  const detect = (costs: readonly BatchCost[]): number => median(costs.map((cost) => cost.detect))
  const each = base.map((cost) => cost.detect)
  return [
    { what: 'an event, median', value: detect(base), unit: 'µs', target: { atMost: 25 }, note: `p90 ${quantile(each, 0.9).toFixed(1)} µs, ${alerts} alerts opened` },
    { what: '… its share of the timers that were due, mean', value: mean(base.map(({ timers }) => timers)), unit: 'µs' },
    { what: '… its share of the commit, median', value: median(base.map(({ commit }) => commit)), unit: 'µs' },
    { what: '1,000,000 known sessions, any of them, against 1,000', value: detect(sessions) / detect(base), unit: '×', target: { atMost: 1.3 }, note: `${detect(sessions).toFixed(1)} µs` },
    { what: '10,000 series in each of four rules against 10', value: detect(series) / detect(base), unit: '×', target: { atMost: 1.3 }, note: `${detect(series).toFixed(1)} µs` },
    { what: '… with each event of a batch in another series and session', value: detect(scattered) / detect(base), unit: '×', note: `${detect(scattered).toFixed(1)} µs` },
    { what: 'memory of the heap afterwards, with 1,040,000 sessions and series known', value: process.memoryUsage().heapUsed / 2 ** 20, unit: 'MB' },
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

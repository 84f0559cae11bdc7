import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, type Clock } from '../../packages/core/src/model/clock.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import type { Fault } from './faults.ts'
import { processCount } from './plan.ts'
import { runBudgets, type Result } from './run.ts'

/** Runs that share a file, each with a project of its own. */
const runsOfFile = 250

/** Runs with the seeds `from` to `to`, on real stores: two connections to one file, as two processes have. */
export async function manyRuns(from: number, to: number, options: { readonly fault?: Fault; readonly onResult?: (result: Result) => void } = {}): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let first = from; first <= to; first += runsOfFile) {
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tocsin-budgets-'))
    const stores = Array.from({ length: processCount }, () => openSqliteStore({ file: join(folder, 'tocsin.db'), clock: hurryingClock(), durability: 'normal' }))
    try {
      for (let seed = first; seed <= Math.min(to, first + runsOfFile - 1); seed++) {
        const result = await runBudgets(seed, stores, options.fault)
        results.push(result)
        options.onResult?.(result)
      }
    } finally {
      for (const store of stores) await store.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return results
}

/** Time passes whenever somebody looks: a connection that has just written does not wait, out of fairness, for others that wait for their turn. */
function hurryingClock(): Clock {
  let elapsedMs = 0
  return { ...systemClock, monotonicMs: () => (elapsedMs += 1_000) }
}

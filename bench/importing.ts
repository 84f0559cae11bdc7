import { join } from 'node:path'
import { startModelProvider } from '../packages/core/src/testing/model-provider.ts'
import { runAgent } from './agent-process.ts'
import { withBuiltPackage, type Built } from './built-package.ts'
import type { Benchmark, Row } from './figure.ts'
import type { MemoryReport } from './memory-agent.ts'
import { median, spread } from './quantile.ts'
import type { StartReport } from './start-agent.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const startAgent = 'start-agent.ts'
const memoryAgent = 'memory-agent.ts'
const starts = 9
const memoryRuns = 5

/** What the library costs an agent before it does anything: time to import it, to start it, and memory. Each run is a process of its own. */
export const importing: Benchmark = {
  name: 'import',
  title: 'import, init() and memory of the built package, in processes of their own',
  run: (progress) => withBuiltPackage([startAgent, memoryAgent], (built) => inTemporaryFolder((folder) => measure(built, folder, progress))),
}

async function measure({ door, agent }: Built, folder: string, progress: (doing: string) => void): Promise<readonly Row[]> {
  const start = new Reports<keyof StartReport>(agent(startAgent))
  const memory = new Reports<keyof MemoryReport>(agent(memoryAgent))
  const provider = await startModelProvider()
  try {
    const ports = [Number(new URL(provider.url).port)]
    for (let run = 1; run <= starts; run += 1) {
      progress(`start ${run} of ${starts}`)
      await start.both(door, join(folder, `start-${run}`), ports)
    }
    for (let run = 1; run <= memoryRuns; run += 1) {
      progress(`memory ${run} of ${memoryRuns}`)
      await memory.both(door, join(folder, `memory-${run}`), ports)
    }
  } finally {
    await provider.close()
  }
  const residentMb = median(memory.with('residentMb')) - median(memory.without('residentMb'))
  return [
    { what: "import 'tocsin'", value: median(start.with('importMs')), unit: 'ms', target: { atMost: 30 }, note: spread(start.with('importMs'), 1) },
    { what: 'init()', value: median(start.with('initMs')), unit: 'ms', target: { atMost: 10 }, note: spread(start.with('initMs'), 1) },
    { what: 'longest hold of the event loop in the 600 ms after', value: median(start.with('loopMs')), unit: 'ms', note: `without tocsin ${median(start.without('loopMs')).toFixed(1)} ms` },
    { what: 'resident memory, more than without', value: residentMb, unit: 'MB', target: { atMost: 60 }, note: `${median(memory.with('residentMb')).toFixed(0)} MB with, ${median(memory.without('residentMb')).toFixed(0)} MB without, after 100 calls; with: ${spread(memory.with('residentMb'), 0)}` },
  ]
}

/** Reports of one agent, with and without the product, taken in turn. */
class Reports<Name extends string> {
  readonly #path: string
  readonly #with: Readonly<Record<string, number>>[] = []
  readonly #without: Readonly<Record<string, number>>[] = []

  constructor(path: string) {
    this.#path = path
  }

  async both(door: string, data: string, ports: readonly number[]): Promise<void> {
    this.#with.push(await runAgent(this.#path, { door, data, ports }))
    this.#without.push(await runAgent(this.#path, { data, ports }))
  }

  with(name: Name): number[] {
    return this.#with.map((report) => report[name] ?? Number.NaN)
  }

  without(name: Name): number[] {
    return this.#without.map((report) => report[name] ?? Number.NaN)
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { agentSettings } from './agent-process.ts'
import type * as Tocsin from '../packages/core/src/index.ts'

/** An agent that only starts: how long the import takes, how long `init()` holds its thread, and what the loop feels of the rest. */
export type StartReport = Readonly<Record<'importMs' | 'initMs' | 'loopMs', number>>

const { door, data } = agentSettings()
const before = process.hrtime.bigint()
// The door of the built package has the types of its source.
const tocsin = door === undefined ? undefined : ((await import(door)) as typeof Tocsin)
const importMs = sinceMs(before)
const loop = monitorEventLoopDelay({ resolution: 1 })
loop.enable()
const starting = process.hrtime.bigint()
const client = tocsin?.init({ channels: { inbox: { type: 'inbox' } }, people: { dana: { role: 'owner' } } }, { data })
const initMs = sinceMs(starting)
// Long enough for the engine's thread to have started.
await new Promise((resolve) => {
  setTimeout(resolve, 600)
})
await client?.flush()
loop.disable()
await client?.close()
const report: StartReport = { importMs, initMs, loopMs: loop.max / 1e6 }
console.log(JSON.stringify(report))

function sinceMs(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1e6
}

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { runAgent } from './agent-process.ts'
import { withBuiltPackage, type Built } from './built-package.ts'
import type { Benchmark, Row } from './figure.ts'
import type { LoopReport } from './loop-delay-agent.ts'
import { median, spread } from './quantile.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const loopAgent = 'loop-delay-agent.ts'
const runs = 4

/** How much later an agent's event loop is when it records 5,000 events a second and no channel ever answers. */
export const loopDelay: Benchmark = {
  name: 'loop-delay',
  title: 'event loop of an agent at 5,000 events/s with every channel hanging, beside the same agent without tocsin',
  run: (progress) => withBuiltPackage([loopAgent], (built) => inTemporaryFolder((folder) => measure(built, folder, progress))),
}

async function measure({ door, agent }: Built, folder: string, progress: (doing: string) => void): Promise<readonly Row[]> {
  const held = [await holdConnections(), await holdConnections()]
  const ports = held.map(({ port }) => port)
  const withIt: Report[] = []
  const without: Report[] = []
  try {
    for (let run = 1; run <= runs; run += 1) {
      progress(`run ${run} of ${runs}`)
      withIt.push(await runAgent(agent(loopAgent), { door, data: join(folder, String(run)), ports }))
      without.push(await runAgent(agent(loopAgent), { data: join(folder, `none-${run}`), ports }))
    }
  } finally {
    for (const { close } of held) await close()
  }
  const more = median(of(withIt, 'p99Ms')) - median(of(without, 'p99Ms'))
  return [
    { what: 'p99, later than without', value: more, unit: 'ms', target: { atMost: 1 } },
    { what: 'p99 with tocsin', value: median(of(withIt, 'p99Ms')), unit: 'ms', note: spread(of(withIt, 'p99Ms'), 2) },
    { what: 'p99 without', value: median(of(without, 'p99Ms')), unit: 'ms', note: spread(of(without, 'p99Ms'), 2) },
    { what: 'p50 with tocsin', value: median(of(withIt, 'p50Ms')), unit: 'ms', note: `${median(of(without, 'p50Ms')).toFixed(2)} ms without` },
    { what: 'connections that hung', value: held.reduce((sum, { accepted }) => sum + accepted(), 0), unit: '' },
  ]
}

type Report = Readonly<Record<string, number>>

function of(reports: readonly Report[], name: keyof LoopReport): number[] {
  return reports.map((report) => report[name] ?? Number.NaN)
}

/** A server on loopback that takes connections and says nothing. */
async function holdConnections(): Promise<{ readonly port: number; readonly accepted: () => number; readonly close: () => Promise<void> }> {
  const open = new Set<Socket>()
  let accepted = 0
  const server: Server = createServer((socket) => {
    accepted += 1
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // The agent is killed with its connections open.
    socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port, found none')
  return {
    port: address.port,
    accepted: () => accepted,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

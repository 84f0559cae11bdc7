import { monitorEventLoopDelay } from 'node:perf_hooks'
import type * as Tocsin from '../packages/core/src/index.ts'
import { agentSettings } from './agent-process.ts'

/** An agent that makes 5,000 tool calls a second, one in a hundred of which fails, and says how late its event loop was. */
export type LoopReport = Readonly<Record<'p50Ms' | 'p99Ms' | 'maxMs' | 'calls', number>>

const perSecond = 5_000
const tickMs = 4
const warmUpMs = 1_500
const measuredMs = 4_000

const { door, data, ports } = agentSettings()
const [smtpPort = 0, httpPort = 0] = ports
// The door of the built package has the types of its source.
const tocsin = door === undefined ? undefined : ((await import(door)) as typeof Tocsin)
const client = tocsin?.init(
  {
    channels: {
      mail: { type: 'email', url: `smtp://127.0.0.1:${smtpPort}`, from: 'tocsin@example.com', allowInsecure: true },
      text: { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'token', from: '+15005550006', apiBase: `http://127.0.0.1:${httpPort}`, allowInsecure: true },
    },
    people: { dana: { role: 'admin', email: 'dana@example.com', phone: '+15005550009' } },
    rules: { 'failed-lookup': { on: 'tool.call', when: "event.status == 'error'", severity: 'high', groupBy: ['id'] } },
    limits: false,
    storm: false,
  },
  { data, exitMs: 0, onNotice: () => undefined },
)

let calls = 0
const lookUp = (key: string): string => {
  calls += 1
  if (calls % 100 === 0) throw new Error(`no entry for ${key}`)
  return `entry ${key}`
}
const call = (): void => {
  try {
    if (client === undefined) lookUp('refund-policy')
    else client.tool('lookup', lookUp, 'refund-policy')
  } catch {
    // The agent goes on: failing is part of its day.
  }
}
const loop = monitorEventLoopDelay({ resolution: 1 })
const started = performance.now()
const timer = setInterval(() => {
  // As many as are due, so that a late tick loses none.
  const due = ((performance.now() - started) * perSecond) / 1_000
  while (calls < due) call()
}, tickMs)
await new Promise((resolve) => {
  setTimeout(resolve, warmUpMs)
})
loop.enable()
await new Promise((resolve) => {
  setTimeout(resolve, measuredMs)
})
loop.disable()
clearInterval(timer)
const report: LoopReport = { p50Ms: loop.percentile(50) / 1e6, p99Ms: loop.percentile(99) / 1e6, maxMs: loop.max / 1e6, calls }
console.log(JSON.stringify(report))
// The engine's thread still waits for channels that never answer; what is measured is over.
process.exit()

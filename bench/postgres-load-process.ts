import { Agent, request } from 'node:http'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { otlpBody, spansEach } from './otlp-body.ts'
import { quantile } from './quantile.ts'

/** Where events are sent, and with which key. */
export interface Target {
  readonly url: string
  readonly key: string
}

export interface SpreadLoadReport {
  readonly spansPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Requests that were not answered with 200. */
  readonly failed: number
}

/**
 * Sends to several servers as fast as they answer, each connection to one of them in turn: `go` on its standard input begins, `measure` begins to
 * count, `stop` ends it and has the report printed.
 */
const [targetsText = '[]', connections = '8'] = process.argv.slice(2)
// What `postgres-intake.ts` passes.
const targets = JSON.parse(targetsText) as readonly Target[]
const agent = new Agent({ keepAlive: true })
let latencies: number[] = []
let [failed, sinceMs, isOver] = [0, 0, false]
let sending: Promise<unknown> = Promise.resolve()

console.log('ready')
for await (const chunk of process.stdin) {
  const word = String(chunk).trim()
  if (word === 'go') sending = Promise.all(Array.from({ length: Number(connections) }, (_, index) => send(index)))
  if (word === 'measure') [latencies, failed, sinceMs] = [[], 0, systemClock.monotonicMs()]
  if (word === 'stop') {
    const report: SpreadLoadReport = { spansPerSecond: (latencies.length * spansEach * 1_000) / (systemClock.monotonicMs() - sinceMs), p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), failed }
    isOver = true
    await sending
    console.log(JSON.stringify(report))
  }
}
agent.destroy()

async function send(index: number): Promise<void> {
  const target = targets[index % targets.length]
  if (target === undefined) throw new Error('expected at least one server')
  const body = otlpBody(systemClock.nowMs(), index + 1)
  while (!isOver) {
    body.renew(systemClock.nowMs())
    const startedMs = systemClock.monotonicMs()
    const status = await post(target, body.protobuf)
    if (status === 200) latencies.push(systemClock.monotonicMs() - startedMs)
    else failed += 1
  }
}

function post({ url, key }: Target, body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/traces`, { method: 'POST', agent, headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/x-protobuf', 'content-length': body.length } }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

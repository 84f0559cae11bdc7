import { Agent, request } from 'node:http'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { otlpBody, spansEach } from './otlp-body.ts'
import { quantile } from './quantile.ts'

/**
 * Sends as fast as answers come, over so many connections. Prints an empty line when measuring begins, and at the end what came of it.
 */
export interface LoadReport {
  readonly spansPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Requests that were not answered with 200. */
  readonly failed: number
  /** All that were taken since the measuring began, those too that were answered after its end. */
  readonly spansTaken: number
}

const [url = '', key = '', warmUpMs = '5000', measuredMs = '15000', connections = '4'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const latencies: number[] = []
let failed = 0
let taken = 0
const startMs = systemClock.monotonicMs()
const measureFromMs = startMs + Number(warmUpMs)
const untilMs = measureFromMs + Number(measuredMs)

systemClock.after(Number(warmUpMs), () => console.log())
await Promise.all(Array.from({ length: Number(connections) }, (_, index) => send(index + 1)))
agent.destroy()
const report: LoadReport = {
  spansPerSecond: (latencies.length * spansEach * 1_000) / Number(measuredMs),
  p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), failed, spansTaken: taken * spansEach,
}
console.log(JSON.stringify(report))

async function send(seed: number): Promise<void> {
  const body = otlpBody(systemClock.nowMs(), seed)
  while (systemClock.monotonicMs() < untilMs) {
    body.renew(systemClock.nowMs())
    const sinceMs = systemClock.monotonicMs()
    const status = await post(body.protobuf)
    const nowMs = systemClock.monotonicMs()
    if (status !== 200) failed++
    else if (nowMs >= measureFromMs) taken++
    if (status === 200 && nowMs >= measureFromMs && nowMs < untilMs) latencies.push(nowMs - sinceMs)
  }
}

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(`${url}/v1/traces`, { method: 'POST', agent, headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/x-protobuf', 'content-length': body.length } }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode ?? 0))
    })
    sending.once('error', reject)
    sending.end(body)
  })
}

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { configurationFrom } from '../packages/core/src/configuration.ts'
import { createEngine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import type { EventInput } from '../packages/core/src/model/event.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import { kinds } from './storm-kinds.ts'

/** An engine in a process of its own, in which a storm breaks loose: `storm.ts` receives what it tells. */
export interface StormSettings {
  readonly data: string
  /** Where its mails go, and the file with the certificate of that server's authority. */
  readonly smtpUrl: string
  readonly ca: string
  readonly alerts: number
  readonly seconds: number
  readonly agents: number
  /** Critical alerts beside them, evenly over the storm and so many seconds after it, in which the first summary is told. */
  readonly critical: number
  readonly secondsAfter: number
  /** How long it goes on afterwards, so that everything is told. */
  readonly afterwardsMs: number
}

export interface StormReport {
  /** When each critical alert was handed to the engine, milliseconds since 1970. */
  readonly criticalMs: readonly number[]
  /** Resident, before and at most while it lasted. */
  readonly restingMb: number
  readonly mostMb: number
  /** How much longer than planned it took to hand everything over. */
  readonly lateMs: number
  /** Longest time for which the engine's thread did nothing else. */
  readonly pauseMs: number
  /** Deliveries that were not told in the end. */
  readonly waiting: number
}

/** How often a wave of alerts comes, milliseconds. */
const waveMs = 20

// Written by `storm.ts`.
const { data, smtpUrl, ca, alerts, seconds, agents, critical, secondsAfter, afterwardsMs } = JSON.parse(process.argv[2] ?? '{}') as StormSettings
const config = configurationFrom({
  channels: { mail: { type: 'email', url: smtpUrl, ca, from: 'Tocsin <noreply@example.com>' } },
  people: { dana: { role: 'admin', email: 'dana@example.com' } },
  rules: {
    'model-failed': false,
    'model-outage': false,
    // Each failure is an alert of its own.
    'call-failed': { on: 'llm.call', when: "event.status == 'error' && event.errorClass != 'auth'", severity: 'high', groupBy: ['id'] },
    'key-refused': { on: 'llm.call', when: "event.errorClass == 'auth'", severity: 'critical', groupBy: ['id'] },
  },
  // Otherwise as they come: a reserve for so many critical messages, because each of them is measured.
  limits: { critical: { perHour: critical * 4, perDay: critical * 10 } },
  store: { durability: 'full' },
})
const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'full' })
const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text) })
engine.start()

const call = (id: string, number: number, error: NonNullable<EventInput['error']>): EventInput => ({
  type: 'llm.call', source: 'observe', id, atMs: systemClock.nowMs(), durationMs: 900 + (number % 500), agent: `agent-${number % agents}`, environment: 'production',
  status: 'error', error, llm: { provider: 'openai', model: 'gpt-4o', operation: 'chat' },
})
const failure = (number: number): EventInput => {
  const { words, errorClass } = kinds[number % kinds.length] ?? { words: '', errorClass: 'other' as const }
  return call(`call-${number}`, number, { class: errorClass, message: `${words} (request ${(number * 7_919) % 1_000_003}, ${200 + (number % 800)} ms)` })
}

// Code that runs for the first time needs room of its own; nobody is told of what is well.
const well = (number: number): EventInput => ({
  type: 'llm.call', source: 'observe', id: `well-${number}`, atMs: systemClock.nowMs(), durationMs: 900, agent: `agent-${number % agents}`, status: 'ok', llm: { provider: 'openai', model: 'gpt-4o', operation: 'chat', inputTokens: 900, outputTokens: 180 },
})
await engine.accept(Array.from({ length: 2_000 }, (_, number) => well(number)))
globalThis.gc?.()
await sleep(systemClock, 1_000)
const restingMb = residentMb()
let mostMb = restingMb
const watch = setInterval(() => (mostMb = Math.max(mostMb, residentMb())), 100)

const loop = monitorEventLoopDelay({ resolution: 10 })
loop.enable()
const criticalMs: number[] = []
const accepting: Promise<unknown>[] = []
const startMs = systemClock.monotonicMs()
const share = (count: number, inSeconds: number): number => Math.min(count, Math.floor((count * (systemClock.monotonicMs() - startMs)) / (inSeconds * 1_000)))
let lateMs = 0
for (let sent = 0; sent < alerts || criticalMs.length < critical; ) {
  const due = share(alerts, seconds)
  const wave = Array.from({ length: due - sent }, (_, index) => failure(sent + index))
  if (sent < alerts && due === alerts) lateMs = systemClock.monotonicMs() - startMs - seconds * 1_000
  sent = due
  while (criticalMs.length < Math.min(critical, share(critical, seconds + secondsAfter) + 1)) {
    wave.push(call(`critical-${criticalMs.length}`, criticalMs.length, { class: 'auth', message: `critical-${criticalMs.length}- the key was refused` }))
    criticalMs.push(systemClock.nowMs())
  }
  if (wave.length > 0) accepting.push(engine.accept(wave))
  await sleep(systemClock, waveMs)
}
await Promise.all(accepting)
const endMs = systemClock.monotonicMs() + afterwardsMs
while (systemClock.monotonicMs() < endMs && (await store.read.waiting()).length > 0) await sleep(systemClock, 500)
clearInterval(watch)
const waiting = (await store.read.waiting()).length
await engine.close()
const report: StormReport = { criticalMs, restingMb, mostMb, lateMs, pauseMs: loop.max / 1e6, waiting }
console.log(JSON.stringify(report))

function residentMb(): number {
  return process.memoryUsage.rss() / 2 ** 20
}

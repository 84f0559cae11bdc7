import { join } from 'node:path'
import { configurationFrom } from '../packages/core/src/configuration.ts'
import { createEngine, type Engine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import type { Store } from '../packages/core/src/model/store.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import type { Benchmark, Row } from './figure.ts'
import { nullChannel } from './null-channel.ts'
import { quantile } from './quantile.ts'
import { sampleCall } from './sample-call.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { within } from './within.ts'

const heldItems = 1_000_000
/** Written at once while the queue is filled. */
const chunk = 10_000
const rounds = 10
const callsPerRound = 200
const perSecond = 100
const heldForMs = 8 * 3_600_000

/** Whether what waits for the morning is felt by what is critical now: the same calls to two engines in turns, one of them over a full queue. */
export const held: Benchmark = {
  name: 'held',
  title: `critical, accepted to handed to the channel, beside ${heldItems.toLocaleString('en-US')} held deliveries`,
  run: (progress) => inTemporaryFolder((folder) => measure(folder, progress)),
}

async function measure(folder: string, progress: (doing: string) => void): Promise<readonly Row[]> {
  const [empty, full] = [openBeside(join(folder, 'empty.db')), openBeside(join(folder, 'full.db'))]
  try {
    const fillMs = await fill(full.store, (done) => progress(`${done.toLocaleString('en-US')} of ${heldItems.toLocaleString('en-US')} held`))
    for (const { engine } of [empty, full]) engine.start()
    // Code that runs for the first time is slow once.
    for (const one of [empty, full]) await one.round()
    const [without, beside]: number[][] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      progress(`round ${round + 1} of ${rounds}`)
      const inTurn = round % 2 === 0 ? [empty, full] : [full, empty]
      for (const one of inTurn) (one === empty ? without : beside)?.push(...(await one.round()))
    }
    const p50 = quantile(beside ?? [], 0.5) / quantile(without ?? [], 0.5)
    return [
      { what: 'p50 beside the full queue, of that beside an empty one', value: p50, unit: '×', target: { atMost: 1.1 } },
      { what: 'p50 beside an empty queue', value: quantile(without ?? [], 0.5), unit: 'ms', note: `${without?.length ?? 0} messages` },
      { what: 'p50 beside the full queue', value: quantile(beside ?? [], 0.5), unit: 'ms', note: `${beside?.length ?? 0} messages` },
      { what: 'p99 beside an empty queue', value: quantile(without ?? [], 0.99), unit: 'ms' },
      { what: 'p99 beside the full queue', value: quantile(beside ?? [], 0.99), unit: 'ms' },
      { what: 'to fill it', value: fillMs / 1_000, unit: 's' },
    ]
  } finally {
    await empty.engine.close()
    await full.engine.close()
  }
}

interface Beside {
  readonly engine: Engine
  readonly store: Store
  /** Times of so many calls, milliseconds. */
  round(): Promise<readonly number[]>
}

function openBeside(file: string): Beside {
  let next = 0
  let given = new Map<number, number>()
  let times: number[] = []
  let all = Promise.withResolvers<void>()
  const channel = nullChannel('mail', async ({ text }) => {
    const number = Number(/call-(\d+)-/.exec(text)?.[1])
    times.push(systemClock.monotonicMs() - (given.get(number) ?? Number.NaN))
    if (times.length === callsPerRound) all.resolve()
    return { kind: 'sent' }
  })
  const config = configurationFrom(
    {
      channels: { out: { type: channel.type } },
      people: { dana: { role: 'admin' } },
      rules: { 'each-failure': { on: 'llm.call', when: "event.status == 'error'", severity: 'critical', groupBy: ['id'] }, 'model-failed': false },
      limits: false,
      storm: false,
    },
    [channel],
  )
  const store = openSqliteStore({ file, clock: systemClock, durability: 'full' })
  const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text), channelTypes: [channel] })
  return {
    engine,
    store,
    async round() {
      given = new Map()
      times = []
      all = Promise.withResolvers<void>()
      const accepting: Promise<unknown>[] = []
      const startMs = systemClock.monotonicMs()
      for (let call = 0; call < callsPerRound; call += 1) {
        const waitMs = startMs + (call * 1_000) / perSecond - systemClock.monotonicMs()
        if (waitMs > 0) await sleep(systemClock, waitMs)
        given.set(next, systemClock.monotonicMs())
        const error = { class: 'server', message: 'The server had an error while processing your request', statusCode: 500 } as const
        accepting.push(engine.accept([{ ...sampleCall(next, systemClock.nowMs()), sessionId: `call-${next}-`, status: 'error', error }]))
        next += 1
      }
      await Promise.all(accepting)
      await within(all.promise, 30_000, 'every message at the channel')
      return times
    },
  }
}

/** Each an alert of its own, told to the person when their quiet hours are over. */
async function fill(store: Store, progress: (done: number) => void): Promise<number> {
  const startMs = systemClock.monotonicMs()
  const nowMs = systemClock.nowMs()
  const recipient = { person: 'dana', role: 'admin', address: '', locale: 'en', timezone: 'UTC' } as const
  for (let done = 0; done < heldItems; done += chunk) {
    await store.transaction(async (tx) => {
      const alerts = await tx.insertAlerts(Array.from({ length: chunk }, (_, index) => ({
        project: 'default', rule: 'call-failed', key: `call-${done + index}`, kind: 'model' as const, severity: 'high' as const, message: 'rule.matched' as const,
        params: { agent: 'support-bot' }, ends: 'at-once' as const, quietMs: 0, evidence: {}, count: 1, openedAtMs: nowMs,
      })))
      await tx.enqueue(alerts.map((alert, index) => ({
        project: 'default', channel: 'out', recipient, route: 'default', news: 'firing' as const, alert, without: [], priority: 1 + (index % 3),
        dueMs: nowMs + heldForMs + index, expiresMs: nowMs + 4 * heldForMs, fallback: [], createdAtMs: nowMs,
      })))
    })
    progress(done + chunk)
  }
  return systemClock.monotonicMs() - startMs
}

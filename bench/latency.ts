import { join } from 'node:path'
import { configurationFrom } from '../packages/core/src/configuration.ts'
import { createEngine } from '../packages/core/src/engine.ts'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import type { Store } from '../packages/core/src/model/store.ts'
import { openSqliteStore } from '../packages/core/src/stores/sqlite.ts'
import type { Benchmark } from './figure.ts'
import { nullChannel } from './null-channel.ts'
import { quantile } from './quantile.ts'
import { sampleCall } from './sample-call.ts'
import { inTemporaryFolder } from './temporary-folder.ts'
import { within } from './within.ts'

const perSecond = 200
const seconds = 10
/** Calls at the beginning that are not counted: code that runs for the first time is slow once. */
const warmUpCalls = 200

/** From the commit of a failed call to the moment its critical message is in the channel's hands. */
export const latency: Benchmark = {
  name: 'latency',
  title: `accepted to handed to the channel, critical, ${perSecond} events/s for ${seconds} s`,
  async run(progress) {
    progress(`${seconds} s of calls`)
    const { fromCommitMs, fromRecordMs } = await inTemporaryFolder(measure)
    return [
      { what: 'commit → channel, p50', value: quantile(fromCommitMs, 0.5), unit: 'ms', target: { atMost: 5 }, note: `${fromCommitMs.length} messages` },
      { what: 'commit → channel, p99', value: quantile(fromCommitMs, 0.99), unit: 'ms', target: { atMost: 25 } },
      { what: 'commit → channel, slowest', value: quantile(fromCommitMs, 1), unit: 'ms' },
      { what: 'handed to the engine → channel, p50', value: quantile(fromRecordMs, 0.5), unit: 'ms' },
      { what: 'handed to the engine → channel, p99', value: quantile(fromRecordMs, 0.99), unit: 'ms' },
    ]
  },
}

interface Times {
  readonly fromCommitMs: readonly number[]
  readonly fromRecordMs: readonly number[]
}

async function measure(folder: string): Promise<Times> {
  const count = warmUpCalls + perSecond * seconds
  const given = new Float64Array(count)
  const committed = new Float64Array(count)
  const handed = new Float64Array(count)
  let arrived = 0
  const allArrived = Promise.withResolvers<void>()
  const channel = nullChannel('mail', async ({ text }) => {
    const number = numberIn(text)
    handed[number] = systemClock.monotonicMs()
    arrived += 1
    if (arrived === count) allArrived.resolve()
    return { kind: 'sent' }
  })
  const store = stampingCommits(openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'full' }), (sessionId) => {
    committed[numberIn(sessionId)] = systemClock.monotonicMs()
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
  const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: (text) => console.error(text), channelTypes: [channel] })
  engine.start()
  try {
    const startedMs = systemClock.monotonicMs()
    const accepting: Promise<unknown>[] = []
    for (let number = 0; number < count; number += 1) {
      const waitMs = startedMs + (number * 1_000) / perSecond - systemClock.monotonicMs()
      if (waitMs > 0) await sleep(systemClock, waitMs)
      given[number] = systemClock.monotonicMs()
      const error = { class: 'server', message: 'The server had an error while processing your request', statusCode: 500 } as const
      accepting.push(engine.accept([{ ...sampleCall(number, systemClock.nowMs()), sessionId: sessionOf(number), status: 'error', error }]))
    }
    await Promise.all(accepting)
    await within(allArrived.promise, 10_000, 'every message at the channel')
  } finally {
    await engine.close()
  }
  const after = (since: Float64Array): number[] => Array.from(handed.subarray(warmUpCalls), (atMs, i) => atMs - (since[warmUpCalls + i] ?? 0))
  return { fromCommitMs: after(committed), fromRecordMs: after(given) }
}

function sessionOf(number: number): string {
  return `call-${number}-`
}

function numberIn(text: string): number {
  return Number(/call-(\d+)-/.exec(text)?.[1])
}

/** The same store, which tells the session of each event right after its commit. */
function stampingCommits(store: Store, onCommitted: (sessionId: string) => void): Store {
  return {
    ...store,
    async transaction(work) {
      const sessions: string[] = []
      const result = await store.transaction((tx) =>
        work({
          ...tx,
          insertEvents(events) {
            for (const { sessionId } of events) if (sessionId !== undefined) sessions.push(sessionId)
            return tx.insertEvents(events)
          },
        }),
      )
      for (const sessionId of sessions) onCommitted(sessionId)
      return result
    },
  }
}

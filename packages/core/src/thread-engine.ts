import { join } from 'node:path'
import { z } from 'zod'
import { createEngine, type Engine } from './engine.ts'
import { configurationFrom } from './configuration.ts'
import type { Channel, ChannelType } from './model/channel.ts'
import { systemChance } from './model/chance.ts'
import { systemClock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { Outcome } from './model/outcome.ts'
import { unpackEvents } from './packed-events.ts'
import { openSqliteStore } from './stores/sqlite.ts'
import { control, type FromEngine, type RemoteChannelType, type ToEngine } from './thread-protocol.ts'

/** Time the main thread has for one attempt on a channel that lives there, milliseconds. */
const remoteDeadlineMs = 20_000

/** The engine's side of the protocol: opens the store, accepts batches in order, delivers, and stops when told. */
export function startThreadEngine(shared: Int32Array, post: (message: FromEngine) => void, end: () => void): { heard(message: ToEngine): void } {
  const calls = new Map<number, (outcome: Outcome) => void>()
  let lastCall = 0
  let engine: Promise<Engine | undefined> = Promise.resolve(undefined)
  /** Commits under way; `close` waits for them. */
  const committing = new Set<Promise<void>>()

  function askMainThread(request: Omit<Extract<FromEngine, { kind: 'send' }>, 'kind' | 'call' | 'deadlineMs'>): Promise<Outcome> {
    lastCall += 1
    const call = lastCall
    return new Promise((resolve) => {
      calls.set(call, resolve)
      post({ kind: 'send', call, deadlineMs: remoteDeadlineMs, ...request })
    })
  }

  async function start(message: Extract<ToEngine, { kind: 'start' }>): Promise<Engine | undefined> {
    const notice = (text: string): void => post({ kind: 'notice', text })
    try {
      const channelTypes = message.channelTypes.map((type) => typeOnMainThread(type, askMainThread))
      const config = configurationFrom(message.config, channelTypes)
      const store = openSqliteStore({ file: join(message.data, 'tocsin.db'), clock: systemClock, durability: config.store.durability, notice })
      const opened = createEngine({ config, store, clock: systemClock, chance: systemChance, notice, channelTypes })
      opened.start()
      post({ kind: 'ready', channels: Object.entries(config.channels).map(([name, { type }]) => ({ name, type })) })
      return opened
    } catch (failure) {
      const known = failure instanceof TocsinError ? failure : new TocsinError('engine-failed', `the engine did not start: ${errorText(failure)}`)
      post({ kind: 'fatal', code: known.code, message: known.message })
      return undefined
    }
  }

  async function commit({ batch, events }: Extract<ToEngine, { kind: 'events' }>): Promise<void> {
    const opened = await engine
    if (opened === undefined) return
    try {
      const { refused } = await opened.accept(unpackEvents(events))
      Atomics.store(shared, control.committed, batch)
      post({ kind: 'committed', batch, refused: refused.map(({ why }) => why) })
    } catch (failure) {
      post({ kind: 'failed', batch, why: errorText(failure) })
    }
  }

  async function stop(which: 'all' | 'critical', forMs: number): Promise<void> {
    const untilMs = systemClock.monotonicMs() + forMs
    const opened = await engine
    await Promise.all(committing)
    if (opened !== undefined) {
      const { waiting } = await opened.drain(which, Math.max(0, untilMs - systemClock.monotonicMs()))
      Atomics.store(shared, control.waiting, waiting)
      await opened.close()
    }
  }

  function finish(which: 'all' | 'critical', forMs: number): void {
    stop(which, forMs)
      .catch((failure: unknown) => post({ kind: 'notice', text: `the engine did not stop in order: ${errorText(failure)}` }))
      .finally(() => {
        Atomics.store(shared, control.done, 1)
        Atomics.notify(shared, control.done)
        post({ kind: 'closed' })
        end()
      })
  }

  return {
    heard(message) {
      switch (message.kind) {
        case 'start':
          engine = start(message)
          return
        case 'events': {
          const work = commit(message).finally(() => committing.delete(work))
          committing.add(work)
          return
        }
        case 'outcome':
          calls.get(message.call)?.(message.outcome)
          calls.delete(message.call)
          return
        case 'close':
          return finish('all', message.forMs)
        case 'exit':
          return finish('critical', message.forMs)
      }
    },
  }
}

function typeOnMainThread(remote: RemoteChannelType, ask: (request: { channel: string; type: string; settings: unknown; message: Parameters<Channel['send']>[0] }) => Promise<Outcome>): ChannelType {
  return {
    ...remote,
    // The type itself checks its settings, on the thread where it lives.
    settings: z.unknown(),
    create: (settings, channel) => ({ send: (message) => ask({ channel, type: remote.type, settings, message }) }),
  }
}

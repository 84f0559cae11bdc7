import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { createEngine, type Engine } from './engine.ts'
import { configurationFrom } from './configuration.ts'
import type { Channel, ChannelType } from './model/channel.ts'
import { systemChance } from './model/chance.ts'
import { systemClock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import type { Outcome } from './model/outcome.ts'
import type { Reader } from './model/reader.ts'
import { unpackEvents } from './packed-events.ts'
import { tellOperator } from './stderr.ts'
import { openSqliteStore } from './stores/sqlite.ts'
import { control, type FromEngine, type RemoteChannelType, type ToEngine } from './thread-protocol.ts'
import { processName } from './rules/process-signs.ts'

/** Most time the main thread has for one attempt on a channel that lives there, milliseconds. */
const remoteDeadlineMs = 20_000

/** The engine's side of the protocol: opens the store, accepts batches in order, delivers, and stops when told. */
export function startThreadEngine(shared: Int32Array, post: (message: FromEngine) => void, end: () => void): { heard(message: ToEngine): void } {
  const calls = new Map<number, (outcome: Outcome) => void>()
  let lastCall = 0
  let engine: Promise<Engine | undefined> = Promise.resolve(undefined)
  let readWaiting: Reader['waiting'] = async () => []
  /** Commits under way; `close` waits for them. */
  const committing = new Set<Promise<void>>()
  /** Batches that came and are not committed; bounded by what the main thread keeps. */
  const uncommitted = new Set<number>()
  let lastBatch = 0
  let deadlineMs = remoteDeadlineMs
  /** The main thread is blocked in its exit: nothing that lives there can be asked any more. */
  let mainIsBlocked = false
  /** What keeps events from being committed, for the exit: then no message is read any more. */
  let trouble = ''

  function askMainThread(request: Omit<Extract<FromEngine, { kind: 'send' }>, 'kind' | 'call' | 'deadlineMs'>): Promise<Outcome> {
    if (mainIsBlocked) return Promise.resolve({ kind: 'retry', code: 'exiting', detail: `channel ${request.channel} lives in a process that was ending` })
    lastCall += 1
    const call = lastCall
    return new Promise((resolve) => {
      calls.set(call, resolve)
      post({ kind: 'send', call, deadlineMs, ...request })
    })
  }

  async function start(message: Extract<ToEngine, { kind: 'start' }>): Promise<Engine | undefined> {
    const notice = (text: string): void => post({ kind: 'notice', text })
    try {
      const channelTypes = message.channelTypes.map((type) => typeOnMainThread(type, askMainThread))
      const config = configurationFrom(message.config, channelTypes, undefined, 'console')
      // Like the engine's own deadline for an attempt, well before the lease's end.
      deadlineMs = Math.min(remoteDeadlineMs, config.delivery.leaseMs / 2)
      const replaced: string[] = []
      const onReplaced = (aside: string): void => void replaced.push(aside)
      const store = openSqliteStore({ file: join(message.data, 'tocsin.db'), clock: systemClock, durability: config.store.durability, notice, onReplaced })
      const opened = createEngine({ config, store, clock: systemClock, chance: systemChance, notice, channelTypes, process: processName(hostname(), String(process.pid)) })
      readWaiting = () => store.read.waiting(config.project)
      opened.start()
      post({ kind: 'ready', channels: opened.channels })
      for (const file of replaced) opened.report({ type: 'tocsin.store-replaced', source: 'engine', detail: { file } })
      return opened
    } catch (failure) {
      trouble = errorText(failure)
      if (failure instanceof TocsinError && failure.retry === 'retry') post({ kind: 'broken', why: `the engine did not start: ${failure.message}` })
      else if (failure instanceof TocsinError) post({ kind: 'fatal', code: failure.code, message: failure.message })
      else post({ kind: 'fatal', code: 'engine-failed', message: `the engine did not start: ${errorText(failure)}` })
      return undefined
    }
  }

  async function commit({ batch, events }: Extract<ToEngine, { kind: 'events' }>): Promise<void> {
    uncommitted.add(batch)
    lastBatch = Math.max(lastBatch, batch)
    const opened = await engine
    if (opened === undefined) return
    try {
      const refused = await acceptAll(opened, unpackEvents(events))
      uncommitted.delete(batch)
      trouble = ''
      Atomics.store(shared, control.committed, Math.min(lastBatch + 1, ...uncommitted) - 1)
      post({ kind: 'committed', batch, refused })
    } catch (failure) {
      trouble = errorText(failure)
      post({ kind: 'failed', batch, why: errorText(failure) })
      if (failure instanceof TocsinError && failure.code === 'store-corrupt') await beginAnew(opened, failure)
    }
  }

  /** A file that was found damaged is moved aside where it is opened: an engine that is started again does so. */
  async function beginAnew(opened: Engine, failure: TocsinError): Promise<void> {
    engine = Promise.resolve(undefined)
    await opened.close().catch((reason: unknown) => post({ kind: 'notice', text: `the damaged store did not close: ${errorText(reason)}` }))
    post({ kind: 'broken', why: failure.message })
  }

  async function stop(which: 'all' | 'critical', forMs: number): Promise<void> {
    const untilMs = systemClock.monotonicMs() + forMs
    const opened = await engine
    await Promise.all(committing)
    if (opened !== undefined) {
      // Should the time run out in between, the main thread knows at least how many there were.
      Atomics.store(shared, control.waiting, (await readWaiting()).reduce((sum, { count }) => sum + count, 0))
      if (which === 'all') await opened.hurry()
      const { waiting } = await opened.drain(which, Math.max(0, untilMs - systemClock.monotonicMs()))
      Atomics.store(shared, control.waiting, waiting)
      // What was recorded while messages went out.
      await Promise.all(committing)
      await opened.close()
    }
  }

  function finish(which: 'all' | 'critical', forMs: number): void {
    stop(which, forMs)
      .then(() => {
        if (mainIsBlocked && trouble !== '') tellOperator(trouble)
      })
      .catch((failure: unknown) => {
        const text = `the engine did not stop in order: ${errorText(failure)}`
        if (mainIsBlocked) tellOperator(text)
        else post({ kind: 'notice', text })
      })
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
          mainIsBlocked = true
          // What passed since then is gone; where the wall clock was moved meanwhile, nothing is.
          return finish('critical', message.forMs - Math.min(message.forMs, Math.max(0, systemClock.nowMs() - message.atMs || 0)))
      }
    },
  }
}

/**
 * Accepts events, and where one of them cannot be processed at all, those around it: a fault of ours over one event must not
 * keep the others out. What the store refuses is no such fault: it is thrown, and tried again.
 */
export async function acceptAll(engine: Pick<Engine, 'accept'>, events: readonly EventInput[]): Promise<readonly string[]> {
  try {
    return (await engine.accept(events)).refused.map(({ why }) => why)
  } catch (failure) {
    if (failure instanceof TocsinError) throw failure
    if (events.length === 1) return [`it could not be processed: ${errorText(failure)}`]
    const refused: string[] = []
    for (const event of events) refused.push(...(await acceptAll(engine, [event])))
    return refused
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

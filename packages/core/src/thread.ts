import { Worker, isMainThread, workerData } from 'node:worker_threads'
import { Handover } from './handover.ts'
import type { Chance } from './model/chance.ts'
import type { ChannelType } from './model/channel.ts'
import { systemClock, type Clock } from './model/clock.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import type { PackedEvents } from './packed-events.ts'
import type { NamedChannel } from './sender.ts'
import { tellOperator } from './stderr.ts'
import { ThreadChannels } from './thread-channels.ts'
import { unwatchExit, watchExit, type Leaving } from './thread-exit.ts'
import { control, type FromEngine, type ToEngine, type ToRemote, type WorkerData } from './thread-protocol.ts'
import type { WayOut } from './way-out.ts'

export interface ThreadOptions {
  readonly way: WayOut
  /** Folder of the database, or of what waits for a server. */
  readonly data: string
  readonly bufferEvents: number
  readonly handoverMs: number
  readonly exitMs: number
  /** Does not keep the process alive. */
  readonly clock: Clock
  readonly chance: Chance
  readonly notice: (text: string) => void
  readonly lossEvent: (count: number) => EventInput
}

/** Wait before a crashed engine is started again, milliseconds; doubled up to the most, and forgotten after a minute without a crash. */
const restartMs = 100
const restartMaxMs = 30_000
const crashForgottenMs = 60_000
/** Grace for the engine to start up when it has to finish before it began, milliseconds. */
const startUpMs = 5_000
/** How long a question to the engine waits for its start, milliseconds. */
const readyMaxMs = 10_000
/** What the exit keeps of its time for the engine to put its last words on record, milliseconds, and at most a quarter of it. */
const lastWordsMs = 150

/**
 * The way out of the agent into a worker thread of the same process: to an engine over a database file, or to what sends to a
 * server. The thread is started again after a crash; the process may end whenever it likes.
 */
export class EngineThread implements Leaving {
  readonly #options: ThreadOptions
  readonly #handover: Handover
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * control.size))
  readonly #channels: ThreadChannels
  /** Absent between a crash and the next start. */
  #worker: Worker | undefined
  #started = false
  #ready = false
  #everReady = false
  #channelNames: readonly NamedChannel[] = []
  readonly #readyWaiters = new Set<(failure?: TocsinError) => void>()
  #crashes = 0
  #refused = 0
  /** Why the engine could not start or commit at its last try; empty when it could. */
  #trouble = ''
  #fatal: TocsinError | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'
  #closing: Promise<{ readonly waiting: number }> | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#channels = new ThreadChannels(options.clock)
    this.#handover = new Handover({
      ...options,
      post: (batch, events) => this.#postEvents(batch, events),
      hold: (somebodyWaits) => (somebodyWaits ? this.#worker?.ref() : this.#worker?.unref()),
    })
    if (isEngineThread()) {
      // A module that every thread loads (`node --import`) calls init() here too: without this each engine would start another.
      this.#fatal = new TocsinError('wrong-usage', 'this is the thread of an engine: init() does nothing here')
      return
    }
    this.#spawn()
    // The configuration follows when the caller's turn is over, so that channels registered right after `init` are known.
    options.clock.after(0, () => this.#start())
    watchExit(this)
  }

  /** Whether what is recorded now is still taken. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Never blocks, never throws. */
  record(event: EventInput): void {
    if (this.#state !== 'closed' && this.#fatal === undefined) this.#handover.record(event)
  }

  registerChannel(type: ChannelType): void {
    this.#options.way.checkChannels()
    if (this.#started) {
      throw new TocsinError('wrong-usage', `channel type "${type.type}" comes too late: call registerChannel right after init(), before the next await`)
    }
    this.#channels.register(type)
  }

  /** The channels of the configuration, once the engine has read it. */
  async channels(): Promise<readonly NamedChannel[]> {
    this.#options.way.checkChannels()
    await this.#untilReady(readyMaxMs)
    return this.#channelNames
  }

  /** Resolves when the engine has started and everything recorded so far is committed. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#state !== 'open') return
    const sinceMs = this.#options.clock.monotonicMs()
    await this.#untilReady(timeoutMs)
    await this.#handover.flush(Math.max(1, timeoutMs - (this.#options.clock.monotonicMs() - sinceMs)))
  }

  /**
   * Commits, delivers what is due for at most `forMs`, and ends the thread. Says how many deliveries are left for the next
   * process. Never rejects: what could not be committed is told as a notice.
   */
  close(forMs: number): Promise<{ readonly waiting: number }> {
    this.#closing ??= this.#close(forMs)
    return this.#closing
  }

  async #close(forMs: number): Promise<{ readonly waiting: number }> {
    const failure = await this.flush(forMs + startUpMs).then(() => undefined, errorText)
    this.#state = 'closing'
    unwatchExit(this)
    await this.#stopWorker(forMs)
    this.#state = 'closed'
    const lost = this.#fatal === undefined ? this.#handover.pendingAfter(Atomics.load(this.#shared, control.committed)) : 0
    if (lost > 0) this.#options.notice(`${lost} events could not be committed and are lost${failure === undefined ? '' : ` (${failure})`}`)
    await this.#channels.close()
    return { waiting: this.#waiting }
  }

  get #waiting(): number {
    return Atomics.load(this.#shared, control.waiting)
  }

  /** @throws TocsinError what keeps the engine from starting for ever; `flush-timeout` when it has not by then */
  #untilReady(timeoutMs: number): Promise<void> {
    this.#start()
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal)
    if (this.#ready) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (failure?: TocsinError): void => {
        cancel()
        this.#readyWaiters.delete(settle)
        if (failure === undefined) resolve()
        else reject(failure)
      }
      // Keeps the process alive while somebody waits, also over a crash of the engine.
      const cancel = systemClock.after(timeoutMs, () => {
        const because = this.#trouble === '' ? '' : ` (${this.#trouble})`
        settle(new TocsinError('flush-timeout', `expected ${this.#options.way.what} to start within ${timeoutMs} ms, it did not${because}; what was recorded is kept and tried again`))
      })
      this.#readyWaiters.add(settle)
    })
  }

  async #stopWorker(forMs: number): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    if (this.#fatal === undefined) {
      worker.ref()
      await new Promise<void>((resolve) => {
        const cancel = systemClock.after(forMs + startUpMs, resolve)
        worker.once('exit', () => {
          cancel()
          resolve()
        })
        this.#handover.giveEverything(!this.#ready)
        this.#post({ kind: 'close', forMs })
      })
    }
    await worker.terminate()
  }

  #spawn(): void {
    this.#started = false
    this.#ready = false
    // Beside this file under the same ending: `.ts` in the repository, `.js` in the package.
    const file = new URL(import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js', import.meta.url)
    const data: WorkerData = { tocsin: 'engine', shared: this.#shared, way: this.#options.way.kind }
    try {
      const worker = new Worker(file, { name: 'tocsin', workerData: data, execArgv: ['--disable-warning=ExperimentalWarning'], resourceLimits: { maxOldGenerationSizeMb: 512 } })
      const startedMs = this.#options.clock.monotonicMs()
      worker.on('message', (message: FromEngine) => {
        if (worker === this.#worker) this.#heard(message, worker)
      })
      worker.on('error', (failure) => this.#options.notice(`${this.#options.way.thread} failed: ${errorText(failure)}`))
      worker.on('exit', () => this.#ended(worker, startedMs))
      // After the listeners: the first one for messages would hold the process open again.
      worker.unref()
      this.#worker = worker
    } catch (failure) {
      this.#fail(new TocsinError('engine-failed', `expected to start a thread for the engine: ${errorText(failure)}`, { cause: failure }))
    }
  }

  #start(): void {
    if (this.#started || this.#fatal !== undefined) return
    this.#started = true
    try {
      this.#post(this.#options.way.startMessage(this.#options.data, this.#channels.remoteTypes()))
    } catch (failure) {
      this.#fail(new TocsinError('config-invalid', `the configuration must be plain data: ${errorText(failure)}`, { cause: failure }))
    }
  }

  #ended(worker: Worker, startedMs: number): void {
    if (worker !== this.#worker) return
    this.#worker = undefined
    this.#ready = false
    if (this.#state !== 'open' || this.#fatal !== undefined) return
    if (this.#options.clock.monotonicMs() - startedMs > crashForgottenMs) this.#crashes = 0
    const waitMs = Math.min(restartMaxMs, restartMs * 2 ** this.#crashes)
    this.#crashes += 1
    this.#options.notice(`${this.#trouble === '' ? `${this.#options.way.thread} ended` : this.#trouble}; it is started again in ${waitMs} ms, and nothing recorded is lost`)
    this.#options.clock.after(waitMs, () => {
      if (this.#state !== 'open' || this.#worker !== undefined) return
      this.#spawn()
      this.#start()
    })
  }

  #heard(message: FromEngine, worker: Worker): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true
        this.#everReady = true
        this.#trouble = ''
        this.#channelNames = message.channels
        for (const settle of this.#readyWaiters) settle()
        return this.#handover.giveAgain()
      case 'committed':
        this.#trouble = ''
        if (message.refused.length > 0) this.#tellRefused(message.refused)
        return this.#handover.confirm(message.batch)
      case 'failed':
        if (this.#trouble === '') this.#options.notice(`what was recorded could not be committed yet, and is kept and tried again: ${message.why}`)
        this.#trouble = message.why
        return this.#handover.failed(message.why)
      case 'broken':
        this.#trouble = message.why
        return void worker.terminate()
      case 'fatal':
        return this.#fail(new TocsinError(message.code, message.message))
      case 'notice':
        return this.#options.notice(message.text)
      case 'send':
        // Only the engine that asked knows the number: another one may have given it to another message.
        return void this.#channels.outcomeOf(message).then((outcome) => worker.postMessage({ kind: 'outcome', call: message.call, outcome } satisfies ToEngine))
      case 'closed':
        return undefined
    }
  }

  /** Told when their number reaches 1, 10, 100 and so on: a source that is always wrong must not fill the log. */
  #tellRefused(refused: readonly string[]): void {
    const before = this.#refused
    this.#refused += refused.length
    if (String(before).length === String(this.#refused).length && before > 0) return
    this.#options.notice(`${this.#refused} events were refused so far; the last: ${refused[0]}`)
  }

  #fail(failure: TocsinError): void {
    this.#fatal = failure
    unwatchExit(this)
    this.#options.notice(`${failure.message}\nThe agent goes on; nothing is recorded.`)
    this.#handover.giveUp(failure)
    for (const settle of this.#readyWaiters) settle(failure)
    void this.#worker?.terminate()
  }

  #post(message: ToEngine | ToRemote): void {
    this.#worker?.postMessage(message)
  }

  #postEvents(batch: number, events: PackedEvents): void {
    // Before the engine is ready nothing is posted: `ready` asks for everything that is not confirmed.
    if (!this.#ready && this.#state === 'open') return
    this.#post({ kind: 'events', batch, events })
  }

  /** The process ends: commit everything, send what is critical, and name what is left. Blocks for at most `exitMs`. */
  beginExit(): (() => void) | undefined {
    if (this.#state !== 'open' || this.#fatal !== undefined) return undefined
    this.#state = 'closing'
    // An agent that ends before it has recorded anything does not wait for an engine that has nothing to do.
    if (!this.#everReady && this.#handover.pendingAfter(0) === 0) return undefined
    if (this.#worker === undefined) this.#spawn()
    const { clock, exitMs } = this.#options
    const untilMs = clock.monotonicMs() + exitMs
    const wasReady = this.#ready
    this.#start()
    this.#handover.giveEverything(!wasReady)
    this.#post({ kind: 'exit', forMs: exitMs - Math.min(lastWordsMs, exitMs / 4), atMs: clock.nowMs() })
    return () => this.#endExit(Math.max(0, untilMs - clock.monotonicMs()))
  }

  #endExit(waitMs: number): void {
    const { data, exitMs, way } = this.#options
    const done = Atomics.wait(this.#shared, control.done, 0, waitMs) !== 'timed-out'
    const lost = this.#handover.pendingAfter(Atomics.load(this.#shared, control.committed))
    const waiting = this.#waiting
    if (lost > 0) tellOperator(`${lost} events could not be committed ${done ? 'when the process ended' : `within ${exitMs} ms`} and are lost`)
    if (waiting > 0) tellOperator(way.leftText(`${done ? '' : 'up to '}${waiting}`, data))
  }
}

function isEngineThread(): boolean {
  return !isMainThread && typeof workerData === 'object' && workerData !== null && Reflect.get(workerData, 'tocsin') === 'engine'
}

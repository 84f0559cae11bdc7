import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { Handover } from './handover.ts'
import type { Chance } from './model/chance.ts'
import type { Channel, ChannelType } from './model/channel.ts'
import { systemClock, type Clock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import type { Outcome } from './model/outcome.ts'
import type { PackedEvents } from './packed-events.ts'
import { control, type FromEngine, type RemoteChannelType, type ToEngine, type WorkerData } from './thread-protocol.ts'

export interface ThreadOptions {
  /** The configuration, or the path of a file; absent: `tocsin.yaml` here, if there is one. */
  readonly config?: ConfigInput | string
  /** Folder of the database. */
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

export interface NamedChannel {
  readonly name: string
  readonly type: string
}

/** Wait before a crashed engine is started again, milliseconds; doubled up to the most, and forgotten after a minute without a crash. */
const restartMs = 100
const restartMaxMs = 30_000
const crashForgottenMs = 60_000
/** Grace for the engine to start up when it has to finish before it began, milliseconds. */
const startUpMs = 5_000

/**
 * The way out of the agent into an engine in a worker thread of the same process, over a database file. The thread is
 * started again after a crash; the process may end whenever it likes.
 */
export class EngineThread {
  readonly #options: ThreadOptions
  readonly #handover: Handover
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * control.size))
  readonly #types = new Map<string, ChannelType>()
  readonly #channels = new Map<string, Channel>()
  readonly #onExit = (): void => this.#exit()
  #worker: Worker
  #started = false
  #ready = false
  #channelNames: readonly NamedChannel[] = []
  readonly #readyWaiters: ((failure?: TocsinError) => void)[] = []
  #crashes = 0
  #fatal: TocsinError | undefined
  #state: 'open' | 'closing' | 'closed' = 'open'

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#handover = new Handover({
      ...options,
      post: (batch, events) => this.#postEvents(batch, events),
      hold: (somebodyWaits) => (somebodyWaits ? this.#worker.ref() : this.#worker.unref()),
    })
    this.#worker = this.#spawn()
    // The configuration follows when the caller's turn is over, so that channels registered right after `init` are known.
    options.clock.after(0, () => this.#start())
    process.on('exit', this.#onExit)
  }

  /** Never blocks, never throws. */
  record(event: EventInput): void {
    if (this.#state === 'open' && this.#fatal === undefined) this.#handover.record(event)
  }

  registerChannel(type: ChannelType): void {
    if (this.#started) {
      throw new TocsinError('wrong-usage', `channel type "${type.type}" comes too late: call registerChannel right after init(), before the next await`)
    }
    this.#types.set(type.type, type)
  }

  /** The channels of the configuration, once the engine has read it. */
  async channels(): Promise<readonly NamedChannel[]> {
    await this.#untilReady()
    return this.#channelNames
  }

  /** Resolves when the engine has started and everything recorded so far is committed. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#state !== 'open') return
    await this.#untilReady()
    await this.#handover.flush(timeoutMs)
  }

  /** Commits, delivers what is due for at most `forMs`, and ends the thread. Says how many deliveries are left for the next process. */
  async close(forMs: number): Promise<{ readonly waiting: number }> {
    if (this.#state !== 'open') return { waiting: this.#waiting }
    try {
      await this.flush(forMs + startUpMs)
    } finally {
      this.#state = 'closing'
      process.off('exit', this.#onExit)
      await this.#stopWorker(forMs)
      this.#state = 'closed'
      for (const channel of this.#channels.values()) await channel.close?.()
    }
    return { waiting: this.#waiting }
  }

  get #waiting(): number {
    return Atomics.load(this.#shared, control.waiting)
  }

  #untilReady(): Promise<void> {
    if (this.#fatal !== undefined) return Promise.reject(this.#fatal)
    if (this.#ready) return Promise.resolve()
    this.#start()
    this.#worker.ref()
    return new Promise((resolve, reject) => {
      this.#readyWaiters.push((failure) => {
        this.#worker.unref()
        if (failure === undefined) resolve()
        else reject(failure)
      })
    })
  }

  async #stopWorker(forMs: number): Promise<void> {
    const worker = this.#worker
    if (this.#fatal === undefined) {
      worker.ref()
      await new Promise<void>((resolve) => {
        const cancel = systemClock.after(forMs + startUpMs, resolve)
        worker.once('exit', () => {
          cancel()
          resolve()
        })
        this.#post({ kind: 'close', forMs })
      })
    }
    await worker.terminate()
  }

  #spawn(): Worker {
    // Beside this file under the same ending: `.ts` in the repository, `.js` in the package.
    const file = new URL(import.meta.url.endsWith('.ts') ? './thread-worker.ts' : './thread-worker.js', import.meta.url)
    const workerData: WorkerData = { shared: this.#shared }
    const worker = new Worker(file, { name: 'tocsin', workerData, execArgv: ['--disable-warning=ExperimentalWarning'], resourceLimits: { maxOldGenerationSizeMb: 512 } })
    worker.unref()
    const startedMs = this.#options.clock.monotonicMs()
    worker.on('message', (message: FromEngine) => this.#heard(message))
    worker.on('error', (failure) => this.#options.notice(`the engine's thread failed: ${errorText(failure)}`))
    worker.on('exit', () => this.#ended(worker, startedMs))
    return worker
  }

  #start(): void {
    if (this.#started || this.#fatal !== undefined) return
    this.#started = true
    const channelTypes: RemoteChannelType[] = [...this.#types.values()].map(({ type, address, shape, can, limits: { cost: _, ...limits } }) => ({ type, address, shape, can, limits }))
    try {
      this.#post({ kind: 'start', config: this.#options.config, data: this.#options.data, channelTypes })
    } catch (failure) {
      this.#fail(new TocsinError('config-invalid', `the configuration must be plain data: ${errorText(failure)}`, { cause: failure }))
    }
  }

  #ended(worker: Worker, startedMs: number): void {
    if (worker !== this.#worker || this.#state !== 'open' || this.#fatal !== undefined) return
    if (this.#options.clock.monotonicMs() - startedMs > crashForgottenMs) this.#crashes = 0
    const waitMs = Math.min(restartMaxMs, restartMs * 2 ** this.#crashes)
    this.#crashes += 1
    this.#started = false
    this.#ready = false
    this.#options.notice(`the engine's thread ended; it is started again in ${waitMs} ms, and nothing recorded is lost`)
    this.#options.clock.after(waitMs, () => {
      if (this.#state !== 'open') return
      this.#worker = this.#spawn()
      this.#start()
    })
  }

  #heard(message: FromEngine): void {
    switch (message.kind) {
      case 'ready':
        this.#ready = true
        this.#channelNames = message.channels
        for (const resume of this.#readyWaiters.splice(0)) resume()
        return this.#handover.giveAgain()
      case 'committed':
        if (message.refused.length > 0) this.#options.notice(`${message.refused.length} events were refused; the first: ${message.refused[0]}`)
        return this.#handover.confirm(message.batch)
      case 'failed':
        return this.#handover.failed(message.why)
      case 'fatal':
        return this.#fail(new TocsinError(message.code, message.message))
      case 'notice':
        return this.#options.notice(message.text)
      case 'send':
        return void this.#send(message)
      case 'closed':
        return undefined
    }
  }

  #fail(failure: TocsinError): void {
    this.#fatal = failure
    this.#options.notice(`${failure.message}\nThe agent goes on; nothing is recorded.`)
    this.#handover.giveUp(failure)
    for (const resume of this.#readyWaiters.splice(0)) resume(failure)
    void this.#worker.terminate()
  }

  #post(message: ToEngine): void {
    this.#worker.postMessage(message)
  }

  #postEvents(batch: number, events: PackedEvents): void {
    // Before the engine is ready nothing is posted: `ready` asks for everything that is not confirmed.
    if (!this.#ready && this.#state === 'open') return
    this.#post({ kind: 'events', batch, events })
  }

  /** A registered channel lives here, on the main thread: its send runs here and its outcome goes back. */
  async #send(request: Extract<FromEngine, { kind: 'send' }>): Promise<void> {
    const outcome = await this.#outcomeOf(request).catch((thrown: unknown): Outcome => ({ kind: 'retry', code: 'channel-fault', detail: `channel ${request.channel} threw: ${errorText(thrown)}` }))
    this.#post({ kind: 'outcome', call: request.call, outcome })
  }

  async #outcomeOf(request: Extract<FromEngine, { kind: 'send' }>): Promise<Outcome> {
    const type = this.#types.get(request.type)
    if (type === undefined) return { kind: 'bad-config', detail: `channel type "${request.type}" is not registered in this process` }
    const channel = this.#channels.get(request.channel) ?? type.create(type.settings.parse(request.settings), request.channel)
    this.#channels.set(request.channel, channel)
    const deadline = new AbortController()
    const cancel = this.#options.clock.after(request.deadlineMs, () => deadline.abort())
    const inbox = { put: () => Promise.reject(new TocsinError('wrong-usage', 'a registered channel keeps its messages itself; the inbox belongs to channels of type inbox')) }
    try {
      return await channel.send(request.message, { signal: deadline.signal, clock: this.#options.clock, inbox })
    } finally {
      cancel()
    }
  }

  /** The process ends: commit everything, send what is critical, and name what is left. Blocks for at most `exitMs`. */
  #exit(): void {
    if (this.#state !== 'open' || this.#fatal !== undefined) return
    this.#state = 'closing'
    this.#start()
    this.#handover.give(Infinity)
    this.#handover.giveAgain()
    const { exitMs } = this.#options
    this.#post({ kind: 'exit', forMs: exitMs })
    const done = Atomics.wait(this.#shared, control.done, 0, exitMs) !== 'timed-out'
    const lost = done ? 0 : this.#handover.pendingAfter(Atomics.load(this.#shared, control.committed))
    if (lost > 0) say(`${lost} events could not be committed within ${exitMs} ms and are lost`)
    if (this.#waiting > 0) say(`${this.#waiting} notifications wait in ${this.#options.data}; they go out with the next process that uses it, or by: npx tocsin drain --data ${this.#options.data}`)
  }
}

/** Streams are no longer flushed in an exit handler. */
function say(text: string): void {
  writeSync(2, `tocsin: ${text}\n`)
}

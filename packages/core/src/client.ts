import { resolve } from 'node:path'
import { clearDecoratorTarget, setDecoratorTarget } from './decorators.ts'
import { identify } from './identify.ts'
import { systemChance } from './model/chance.ts'
import { backgroundClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { errorText, TocsinError } from './model/error.ts'
import type { Announcement, EndState } from './model/event.ts'
import type { Recorder } from './model/recorder.ts'
import { severities, type Severity } from './model/severity.ts'
import { NotificationManager, type Dispatched } from './notification-manager.ts'
import { subscribeAiSdk } from './observe/ai-sdk.ts'
import { askApproval } from './observe/approval.ts'
import { boundedTags } from './observe/bounded-tags.ts'
import { boundedText } from './observe/bounded-text.ts'
import { Observation } from './observe/observation.ts'
import { observe } from './observe/observe.ts'
import type { ObserveOptions } from './observe/openai.ts'
import { Sessions, type RunningSession, type SessionOptions } from './observe/session.ts'
import { createSpanProcessor, type SpanProcessor } from './observe/span-processor.ts'
import { Steps } from './observe/step.ts'
import { isRemote, type RemoteInput, type RemoteOptions } from './remote-input.ts'
import { tellOperator } from './stderr.ts'
import { EngineThread } from './thread.ts'
import { intoEngine, toServer, type WayOut } from './way-out.ts'

/** How the client behaves inside the agent; everything about people and messages is in the configuration. */
export interface InitOptions extends RemoteOptions {
  /** Folder of the database; processes of one host that name the same folder share budgets, limits and deliveries. With a server: of the file in which events wait for it. @default '.tocsin' */
  readonly data?: string
  /** Events kept until they are committed, 1 to 1,000,000; beyond it the oldest that tell of nothing wrong are dropped and counted. @default 10_000 */
  readonly bufferEvents?: number
  /** Longest time between recording and handing over, milliseconds, 1 to 1,000; a signal may lose so much and no more. @default 20 */
  readonly handoverMs?: number
  /** Longest time the exit of the process waits for the commit and for critical messages, milliseconds, 0 to 60,000. @default 2_000 */
  readonly exitMs?: number
  /** Takes what the operator should know, one sentence a call. @default a line on stderr */
  readonly onNotice?: (text: string) => void
}

export interface NotifyOptions {
  /** One line. */
  readonly title: string
  readonly body?: string
  /** @default 'high' */
  readonly severity?: Severity
  /** People of the configuration or `role:NAME`. @default whom the routes name */
  readonly to?: string | readonly string[]
  /** For the conditions of routes. */
  readonly tags?: Readonly<Record<string, string>>
}

/** What to run with: a configuration, the path of its file, or a server that has one. */
export type InitInput = (ConfigInput & { readonly endpoint?: never; readonly apiKey?: never }) | RemoteInput | string

/**
 * Puts Tocsin into this process and returns at once; the engine, or what sends to a server, starts in a worker thread. Nothing the client does blocks
 * or throws into the agent: a wrong configuration is told on stderr, and rejects `flush()`, while the agent goes on.
 *
 * @param config the configuration, the path of a file, or `{ endpoint, apiKey }` of a server, which then has the configuration.
 *   @default `tocsin.yaml` in the current folder, else console and inbox
 * @example
 * const tocsin = init({ people: { dana: { role: 'admin', email: 'dana@example.com' } } })
 * const openai = tocsin.observe(new OpenAI())
 * await tocsin.session('answer-ticket', () => answer(openai))
 */
export function init(config?: InitInput, options: InitOptions = {}): Client {
  return new Client(config, options)
}

/** What is said on purpose is kept up to so many characters until the engine has taken its secrets out and cut it, and for so many people. */
const announcementCharsMax = 30_000
const recipientsMax = 100

/** The AI SDK tells everybody at once: with several clients the newest hears it, as it hears decorated methods, so that a call counts once. */
let hearAiSdk: { readonly client: Client; leave(): void } | undefined

/** Tocsin inside one agent. Made by `init`. */
export class Client {
  /** Channels for messages by hand; what it sends is on record and delivered like everything else. */
  readonly notifications: NotificationManager<Dispatched>
  readonly #thread: EngineThread
  readonly #observation: Observation
  readonly #sessions: Sessions
  readonly #steps: Steps
  readonly #recorder: Recorder
  readonly #notice: (text: string) => void

  /** @internal */
  constructor(config: InitInput | undefined, options: InitOptions) {
    this.#notice = noticeTo(options.onNotice)
    const identified = identify()
    const thread = new EngineThread({
      way: wayOf(config, options),
      data: absoluteFolder(options.data ?? '.tocsin'),
      bufferEvents: within(options.bufferEvents, 1, 1_000_000, 10_000),
      handoverMs: within(options.handoverMs, 1, 1_000, 20),
      exitMs: within(options.exitMs, 0, 60_000, 2_000),
      clock: backgroundClock,
      chance: systemChance,
      notice: this.#notice,
      lossEvent: (count) => identified({ type: 'tocsin.events-dropped', source: 'engine', detail: { count: String(count), reason: 'buffer full' } }),
    })
    this.#thread = thread
    this.#recorder = {
      record: (event) => {
        // The first of each kind, the tenth, the hundredth: whoever wrote the program should hear that something is not watched.
        if (event.type === 'tocsin.observation-failed') this.#notice(`something is not watched (${event.name ?? 'unknown'}): ${event.error?.message ?? ''}`)
        thread.record(event.atMs === undefined ? { ...event, atMs: backgroundClock.nowMs() } : event)
      },
    }
    this.#observation = new Observation({ recorder: this.#recorder, clock: backgroundClock, chance: systemChance })
    this.#sessions = new Sessions(this.#observation, absoluteFolder('.'))
    this.#steps = new Steps(this.#observation)
    this.notifications = new NotificationManager<Dispatched>({
      registerChannel: (type) => thread.registerChannel(type),
      channels: async () => stillOpen(thread).channels(),
      dispatch: async (announcement) => {
        stillOpen(thread)
        const body = announcement.body?.slice(0, announcementCharsMax)
        const event = identified({ type: 'custom', source: 'client', announcement: { ...announcement, ...(body !== undefined && { body }) } })
        this.#thread.record(event)
        await this.flush()
        return { id: event.id }
      },
    })
    hearAiSdk?.leave()
    hearAiSdk = { client: this, leave: subscribeAiSdk(this.#observation) }
    setDecoratorTarget(this)
  }

  /**
   * Runs `work` in a session of its own: its start, with configuration and environment, and its end are recorded, `fail` with
   * the error's text when `work` throws. The error goes on unchanged.
   *
   * @example await tocsin.session('answer-ticket', () => answer(ticket), { agent: 'support-bot', user: ticket.user })
   */
  session<T>(name: string, work: (session: RunningSession) => T, options?: SessionOptions): T {
    return this.#sessions.run(name, work, options)
  }

  /** Starts a session that lasts until it is ended; what follows in this asynchronous context belongs to it. */
  startSession(name: string, options?: SessionOptions): RunningSession {
    return this.#sessions.start(name, options)
  }

  /** Ends the session of the running code, else the one started last. */
  endSession(endState: EndState = 'success', reason?: string): void {
    this.#sessions.end(endState, reason)
  }

  /** Runs `work` as one named operation. */
  operation<T>(name: string, work: () => T): T {
    return this.#steps.operation(name, work)
  }

  /** Runs `work` as the work of one agent; everything in it belongs to that agent. */
  agent<T>(name: string, work: () => T): T {
    return this.#steps.agent(name, work)
  }

  /** Runs `work` as one call of a tool. Of the arguments only a hash is kept. */
  tool<T, Args extends readonly unknown[]>(name: string, work: (...args: Args) => T, ...args: Args): T {
    return this.#steps.tool(name, work, ...args)
  }

  /**
   * Runs `work`, which asks a person, and gives back what it gives. Whoever is to be told hears that an approval waits, and that it is
   * over when `work` has ended, however long that takes: `true` and `false` count as approved and rejected.
   *
   * @example const said = await tocsin.approval('refund of $900', () => answer('Refund $900?'))
   */
  approval<T>(what: string, work: () => T): T {
    return askApproval(this.#observation, what, work)
  }

  /**
   * Watches a model client (`openai`, `@anthropic-ai/sdk`) and gives the same object back: each call is recorded with its tokens, cost, time
   * and error. Given the module `@openai/agents` it adds a trace processor there. The Vercel AI SDK (7 and later) needs no call: it is
   * heard by itself. A second `observe` of the same object changes nothing.
   *
   * @example
   * const openai = tocsin.observe(new OpenAI())
   * tocsin.observe(await import('@openai/agents'))
   */
  observe<T extends object>(client: T, options?: ObserveOptions): T {
    return observe(client, this.#observation, options)
  }

  /**
   * A span processor for any OpenTelemetry setup (SDK 2.x and 3.x): spans about models, agents and tools become events. A call that an
   * observed client records itself is not counted again.
   *
   * @example new NodeTracerProvider({ spanProcessors: [tocsin.spanProcessor()] })
   */
  spanProcessor(): SpanProcessor {
    return createSpanProcessor(this.#observation, () => this.#flushIfPossible())
  }

  /** Tells people something, by the routes or to those named in `to`. Returns at once; `flush()` waits for the commit. */
  notify(options: NotifyOptions): void {
    this.#observation.guard('observe', () => {
      const tags = boundedTags(options.tags)
      const announcement: Announcement = {
        title: boundedText(options.title, announcementCharsMax),
        ...(options.body !== undefined && { body: boundedText(options.body, announcementCharsMax) }),
        severity: severities.includes(options.severity ?? 'high') ? (options.severity ?? 'high') : 'high',
        ...(options.to !== undefined && { to: [options.to].flat().slice(0, recipientsMax + 1).map((who) => boundedText(who)) }),
      }
      this.#observation.record({ type: 'custom', source: 'client', announcement, ...(tags !== undefined && { tags }) })
    })
  }

  /**
   * Resolves when everything recorded so far is committed: with an engine on record with all that it caused, with a server either
   * there or in the file in which it waits for it. Whether the server has it, `close()` says.
   *
   * @param timeoutMs @default 10_000
   * @throws TocsinError `flush-timeout` when it is not by then (it is kept and tried again), `config-invalid` and others when the
   *   engine could not start
   */
  async flush(timeoutMs = 10_000): Promise<void> {
    await this.#thread.flush(timeoutMs)
  }

  /** For processors whose flush may not fail: what cannot be committed now is kept, and told on stderr. */
  async #flushIfPossible(): Promise<void> {
    await this.flush().catch((failure: unknown) => this.#notice(`not everything is committed yet: ${errorText(failure)}`))
  }

  /**
   * Commits, delivers what is due for at most `deliverMs`, and ends the engine. What is left is delivered by the next process
   * with the same folder, or by `tocsin drain`. With a server: sends what waits for at most `deliverMs`; `waiting` is the number of
   * events that are left for the next process. Never rejects: what could not be committed is told on stderr.
   *
   * @param deliverMs milliseconds, 0 to 600_000. @default 2_000
   */
  async close(deliverMs = 2_000): Promise<{ readonly waiting: number }> {
    clearDecoratorTarget(this)
    if (hearAiSdk?.client === this) {
      hearAiSdk.leave()
      hearAiSdk = undefined
    }
    return this.#thread.close(within(deliverMs, 0, 600_000, 2_000))
  }
}

function wayOf(config: InitInput | undefined, { spoolBytesMax, allowInsecure, ca }: InitOptions): WayOut {
  if (!isRemote(config)) return intoEngine(config)
  return toServer({ server: config, spoolBytesMax: within(spoolBytesMax, 1_000_000, 10_000_000_000, 64_000_000), allowInsecure: allowInsecure === true, ca, process: `${process.pid}-${Math.round(performance.timeOrigin).toString(36)}` })
}

/** What the program does with a notice is its own; where that fails, the notice still reaches somebody. */
function noticeTo(onNotice: InitOptions['onNotice']): (text: string) => void {
  if (onNotice === undefined) return tellOperator
  return (text) => {
    try {
      onNotice(text)
    } catch (broken) {
      tellOperator(`${text} (onNotice threw: ${errorText(broken)})`)
    }
  }
}

/** The same folder also after the program has changed its current one. Where there is no current one, the engine says what is wrong. */
function absoluteFolder(given: string): string {
  try {
    return resolve(given)
  } catch (noFolder) {
    return notResolved(noFolder, given)
  }
}

function notResolved(_reason: unknown, given: string): string {
  return typeof given === 'string' ? given : '.tocsin'
}

function stillOpen(thread: EngineThread): EngineThread {
  if (thread.isOpen) return thread
  throw new TocsinError('client-closed', 'expected an open client, found a closed one: send before close(), or by a NotificationManager of its own')
}

/** A wrong setting must not hurt the agent: it is taken for the nearest right one. */
function within(value: number | undefined, min: number, max: number, otherwise: number): number {
  return value === undefined || Number.isNaN(value) ? otherwise : Math.min(max, Math.max(min, value))
}

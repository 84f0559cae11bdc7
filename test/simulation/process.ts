import { openChannels } from '../../packages/core/src/channels/registry.ts'
import { createRenderer } from '../../packages/core/src/delivery/render.ts'
import { parseConfig, secretsOf } from '../../packages/core/src/load-config.ts'
import { createNormaliser } from '../../packages/core/src/mapping/normalise.ts'
import type { ChannelType } from '../../packages/core/src/model/channel.ts'
import { steadyClock } from '../../packages/core/src/model/clock.ts'
import type { Clock } from '../../packages/core/src/model/clock.ts'
import type { Config } from '../../packages/core/src/model/config.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { createRedactor } from '../../packages/core/src/model/redact.ts'
import { rememberingClean } from '../../packages/core/src/model/redact/clean-memory.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import { createPipeline, summed } from '../../packages/core/src/pipeline.ts'
import type { Accepted, Pipeline, PipelineParts } from '../../packages/core/src/pipeline.ts'
import { Driver } from '../../packages/core/src/queue/driver.ts'
import { createIntake } from '../../packages/core/src/queue/intake.ts'
import { typesOfOpen } from '../../packages/core/src/routing/people.ts'
import { createRouter } from '../../packages/core/src/routing/route.ts'
import { createDetector } from '../../packages/core/src/rules/detect.ts'
import { createPrice } from '../../packages/core/src/rules/pricing.ts'
import { Dice } from './dice.ts'
import type { Sender } from './receivers.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Tasks a frozen process may owe at once. */
const owedMax = 10_000

/**
 * up      runs
 * frozen  stands still and does not know: what falls due runs when it thaws
 * down    gone: nothing of it ever runs again
 */
type State = 'up' | 'frozen' | 'down'

/** One life of one process of the product: from its start to its crash. */
export class SimProcess implements Sender {
  readonly label: string
  /** The machine's clock as this process is given it. */
  readonly clock: Clock
  /** The same, but never going back: what the engine goes by. */
  readonly steady: Clock
  readonly #time: VirtualTime
  #state: State = 'up'
  #owed: (() => void)[] = []
  #pending = 0
  #engine: SimEngine | undefined

  constructor(label: string, time: VirtualTime) {
    this.label = label
    this.#time = time
    this.clock = { nowMs: () => time.wallMs, monotonicMs: () => time.elapsedMs, after: (delayMs, task) => this.#after(delayMs, task) }
    this.steady = steadyClock(this.clock)
  }

  get isUp(): boolean {
    return this.#state !== 'down'
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen'
  }

  get nowMs(): number {
    return this.steady.nowMs()
  }

  /** Timers it has set and not yet had. */
  get timers(): number {
    return this.#pending
  }

  get engine(): SimEngine {
    if (this.#engine === undefined) throw new Error(`expected ${this.label} to have been started`)
    return this.#engine
  }

  run(engine: SimEngine): void {
    this.#engine = engine
    engine.driver.start()
  }

  onwards(task: () => void): void {
    if (this.#state === 'up') return task()
    if (this.#state === 'down') return
    if (this.#owed.length >= owedMax) throw new Error('expected a frozen process to owe less')
    this.#owed.push(task)
  }

  freeze(): void {
    if (this.#state === 'up') this.#state = 'frozen'
  }

  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'up'
    const owed = this.#owed
    this.#owed = []
    for (const task of owed) this.#time.after(0, () => this.onwards(task))
  }

  /** From now on nothing of it runs. */
  end(): void {
    this.#state = 'down'
    this.#owed = []
  }

  #after(delayMs: number, task: () => void): () => void {
    this.#pending += 1
    let isWaiting = true
    const over = (): boolean => {
      const was = isWaiting
      isWaiting = false
      if (was) this.#pending -= 1
      return was
    }
    const run = (): void => {
      if (over()) task()
    }
    const cancel = this.#time.after(delayMs, () => this.onwards(run), 'process')
    return () => {
      over()
      cancel()
    }
  }
}

export interface SimEngine {
  readonly config: Config
  readonly store: Store
  readonly pipeline: Pipeline
  readonly driver: Driver
  accept(events: readonly EventInput[]): Promise<Accepted>
}

/** What a process is made of, so that a planted fault can take the place of a part. */
export interface ProcessParts {
  readonly config: Config
  readonly store: Store
  readonly types: readonly ChannelType[]
  readonly notice: (text: string) => void
  readonly seed: number
  /** Puts a fault in the place of a part. @default the parts as they are */
  readonly tamper?: (parts: PipelineParts) => PipelineParts
  readonly redact?: (text: string) => string
}

/** In place of the store's, which is drawn anew: a seed is to say the same words again. */
const replayedKey = new Uint8Array(32)

export function configOf(input: Parameters<typeof parseConfig>[0], types: readonly ChannelType[]): Config {
  return parseConfig(input, { channelTypes: types, env: {} })
}

/** Puts the rooms together as `createEngine` does, with the clock, the store and the channels of the world. */
export function assemble(process: SimProcess, parts: ProcessParts): SimEngine {
  const { config, store } = parts
  const { chance } = new Dice(parts.seed, process.label)
  const clock = process.steady
  const secrets = secretsOf(config, parts.types)
  const redact = parts.redact ?? createRedactor({ personalData: false, extraSecrets: secrets, key: replayedKey })
  const redactContent = parts.redact ?? createRedactor({ personalData: config.store.content === 'redacted', extraSecrets: secrets, key: replayedKey })
  const channels = openChannels(config.channels, parts.types)
  const normalising = { project: config.project, environment: config.defaults.environment, redact, redactContent, price: createPrice(config.prices), keptMs: config.retention.content, clock, chance }
  const own: EventInput[] = []
  const whole: PipelineParts = {
    store,
    clock,
    chance,
    config,
    channels,
    normalise: createNormaliser({ ...normalising, from: 'outside' }),
    normaliseOwn: createNormaliser(normalising),
    detector: createDetector(config),
    router: createRouter(config, typesOfOpen(channels)),
    render: createRenderer({ redact: rememberingClean(redact), onFailure: (message, cause, { kind, channel }) => own.push({ type: 'tocsin.render-failed', source: 'engine', detail: { message, kind, channel, cause: String(cause) } }) }),
    redact,
    onFinished: () => driver.wake(),
    notice: parts.notice,
  }
  const pipeline = createPipeline(parts.tamper?.(whole) ?? whole)
  const driver = new Driver(pipeline, clock, parts.notice, { hears: false })
  const accept = createIntake<EventInput, Accepted, Accepted>(
    clock,
    async (events) => {
      const accepted = await pipeline.accept(events, own.splice(0))
      driver.wake()
      return accepted
    },
    (all, from, count) => summed(all.fates.slice(from, from + count)),
  )
  return { config, store, pipeline, driver, accept }
}

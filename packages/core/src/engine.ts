import { createActing, type Acting } from './acting.ts'
import { areDefault, openChannels, shownOnConsole } from './channels/registry.ts'
import type { LinkSettings } from './delivery/links.ts'
import { createRenderer } from './delivery/render.ts'
import { createTemplates } from './delivery/templates/templates.ts'
import { secretsOf } from './load-config.ts'
import { createNormaliser } from './mapping/normalise.ts'
import { keepAsRecorded } from './mapping/usage-once.ts'
import { createMessages, type Messages } from './messages.ts'
import type { Chance } from './model/chance.ts'
import type { ChannelType, OpenChannel } from './model/channel.ts'
import { steadyClock, type Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import { errorText } from './model/error.ts'
import type { EventInput } from './model/event.ts'
import { createRedactor } from './model/redact.ts'
import { ownRules } from './model/redact/own-rules.ts'
import { rememberingClean } from './model/redact/clean-memory.ts'
import type { Store } from './model/store.ts'
import { createPipeline, summed, type Accepted } from './pipeline.ts'
import { Driver } from './queue/driver.ts'
import { createResend, type Resend } from './resending.ts'
import { createSigning, type Signing } from './signing.ts'
import type { ChannelNews } from './queue/health.ts'
import { createIntake } from './queue/intake.ts'
import type { NamedChannel } from './sender.ts'
import { typesOfOpen } from './routing/people.ts'
import { createActionLinks, linkExpiresMs } from './routing/acts/action-link.ts'
import { createRouter } from './routing/route.ts'
import { createDetector } from './rules/detect.ts'
import { createPrice } from './rules/pricing.ts'

export interface EngineOptions {
  readonly config: Config
  readonly store: Store
  readonly clock: Clock
  readonly chance: Chance
  /** One sentence for the operator: to stderr, to a log. */
  readonly notice: (text: string) => void
  /** Types beside the registered ones, such as those given to `registerChannel`. */
  readonly channelTypes?: readonly ChannelType[]
  /** The process it lives in, as sessions that start there name it: it signs that it is alive. Absent: it does not. */
  readonly process?: string
  /** The store is others' too: `close` leaves it open. @default false */
  readonly keepsStore?: boolean
  /** A channel was paused, or sends again. */
  readonly onChannel?: (news: ChannelNews) => void
  /** Puts something in the place of a channel that was opened. @default the channel itself */
  readonly channelAs?: (open: OpenChannel) => OpenChannel
  /** The events were on record elsewhere: what of their money counts was decided there, and is not asked again. @default false */
  readonly replays?: boolean
}

export interface Engine {
  /** In the order of the configuration. */
  readonly channels: readonly NamedChannel[]
  /** Resolves after the commit. */
  accept(events: readonly EventInput[]): Promise<Accepted>
  /** Takes what the product has to say about itself: it becomes an alert for the admins. At most 100 wait for the next commit. */
  report(event: EventInput): void
  /** A process of an agent elsewhere lives: see `Signing.signFor`. */
  readonly signFor: Signing['signFor']
  /** What people do about alerts. */
  readonly acting: Acting
  /** What people are told, for those who look at it. */
  readonly messages: Messages
  /** Sends again what ended. */
  readonly resend: Resend
  /** Delivers in the background until `close`. */
  start(): void
  /** What waits only to see whether it is one of many (`detection.wait`) is due now: for a process that is about to end. */
  hurry(): Promise<void>
  /** Stops claiming, delivers what is due for at most `forMs`, and says what is left. `none`: one round of what waits for a time, at most 200, and nothing is sent. */
  drain(which: 'all' | 'critical' | 'none', forMs: number): Promise<{ readonly waiting: number }>
  close(): Promise<void>
}

/** Puts the rooms together: the one place, beside tests, where the route meets real channels and a real store. */
export function createEngine(options: EngineOptions): Engine {
  const { config, store, chance, notice } = options
  const clock = steadyClock(options.clock)
  const secrets = secretsOf(config, options.channelTypes)
  const redacting = { extraSecrets: secrets, key: store.redactionKey, own: ownRules(config.redaction) }
  const redact = createRedactor({ ...redacting, personalData: false })
  const redactContent = createRedactor({ ...redacting, personalData: config.store.content === 'redacted' })
  const opened = openChannels(config.channels, options.channelTypes ?? [])
  const { channelAs } = options
  const channels = channelAs === undefined ? opened : new Map([...opened].map(([name, open]) => [name, channelAs(open)]))
  const normalising = { project: config.project, environment: config.defaults.environment, redact, redactContent, price: createPrice(config.prices), keptMs: config.retention.content, clock, chance }
  const router = createRouter(config, typesOfOpen(channels))
  const links = createActionLinks(store.redactionKey)
  const own: EventInput[] = []
  let stopHearing: (() => void) | undefined

  const pipeline = createPipeline({
    store,
    clock,
    chance,
    config,
    channels,
    normalise: createNormaliser({ ...normalising, from: 'outside' }),
    normaliseOwn: createNormaliser(normalising),
    detector: createDetector(config),
    router,
    render: createRenderer({
      redact: rememberingClean(redact),
      links: { ...linkSettings(config), actionToken: (delivery, createdAtMs, nowMs) => links.tokenOf({ delivery, expiresMs: linkExpiresMs(createdAtMs, nowMs) }) },
      templates: createTemplates(config.templates),
      onFailure(message, cause, { kind, channel }) {
        // What tells of it may be written with the same template: that it failed again is no news.
        if (kind !== 'system.render-failed') report({ type: 'tocsin.render-failed', source: 'engine', detail: { message, kind, channel, cause: errorText(cause) } })
      },
    }),
    redact,
    notice,
    onFinished: () => driver.wake(),
    onChannel: options.onChannel,
    ...(options.replays === true && { keep: keepAsRecorded }),
  })
  const acting = createActing({ store, clock, config, links, linkSettings: linkSettings(config), redact, channels, recipientsOn: router.recipientsOn, actIn: (...call) => pipeline.actIn(...call), tellOwn: (...call) => pipeline.tellOwn(...call), wake: () => driver.wake() })
  const messages = createMessages({ store, clock, config, channels, redact, linkSettings: linkSettings(config) })
  const driver = new Driver(pipeline, clock, notice, { hears: store.onWake !== undefined })
  const signing = createSigning({ store, clock, config, notice })
  const intake = createIntake<EventInput, Accepted, Accepted>(
    clock,
    async (events) => {
      const reported = own.splice(0)
      const accepted = await pipeline.accept(events, reported).catch((failure: unknown) => {
        // Not on record: reported again with the next events.
        own.unshift(...reported)
        throw failure
      })
      driver.wake()
      return accepted
    },
    (whole, from, count) => summed(whole.fates.slice(from, from + count)),
  )

  /** Kept until the next commit, which is made at once. */
  function report(event: EventInput): void {
    if (own.length >= ownMax) return
    own.push(event)
    intake([]).catch((failure: unknown) => notice(`a trouble of the engine is told later: ${errorText(failure)}`))
  }

  return {
    channels: [...channels.values()].map(({ name, type, address }) => ({ name, type: type.type, address })),
    accept: intake,
    report,
    signFor: (process) => signing.signFor(process),
    acting,
    messages,
    resend: createResend({ store, clock, config, channels, router, wake: () => driver.wake() }),
    start() {
      for (const text of switchesOf(config)) notice(text)
      driver.start()
      stopHearing ??= store.onWake?.((project) => {
        if (project === config.project) driver.wake()
      })
      if (options.process !== undefined) signing.start(options.process)
    },
    hurry: () => store.transaction((tx) => tx.hurry(config.project, config.detection.wait, clock.nowMs()), config),
    async drain(which, forMs) {
      await driver.stop()
      if (own.length > 0) await intake([])
      await driver.drain(which, clock.monotonicMs() + forMs)
      const waiting = await store.read.waiting(config.project)
      return { waiting: waiting.reduce((sum, one) => sum + one.count, 0) }
    },
    async close() {
      stopHearing?.()
      await signing.stop()
      await driver.stop()
      // What is under way would be in doubt for the next process, and might be told twice.
      await driver.settle(clock.monotonicMs() + settleMs)
      await pipeline.leave().catch((failure: unknown) => notice(`other processes learn in a minute that this one has ended: ${errorText(failure)}`))
      for (const { channel } of channels.values()) await channel.close?.()
      if (options.keepsStore !== true) await store.close()
    },
  }
}

/** What an operator may have forgotten: that nothing arrives. */
function switchesOf({ pause, dryRun, channels }: Config): readonly string[] {
  const shown = shownOnConsole(channels)
  return [
    ...(shown.length > 0 ? [`CI is set, so what ${shown.join(', ')} would send is shown here; "ci: send" in the configuration sends it`] : []),
    ...(areDefault(channels) ? ['no channel is configured: messages are shown here and kept in the inbox'] : []),
    ...(pause ? ['everything is held, because the configuration says "pause: true"; nothing is lost'] : []),
    ...(dryRun ? ['this is a dry run, because the configuration says "dryRun: true": everything is decided and nothing is sent'] : []),
  ]
}

function linkSettings({ publicUrl, traceUrl, rules }: Config): LinkSettings {
  return {
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(traceUrl === undefined ? {} : { traceUrl }),
    rules: Object.fromEntries(Object.entries(rules).flatMap(([name, rule]) => (rule === false ? [] : [[name, rule] as const]))),
  }
}

/** Longest wait for sends under way when the engine closes, milliseconds. */
const settleMs = 5_000

/** Reports of the engine about itself that wait for the next commit; they repeat themselves, so that more say nothing new. */
const ownMax = 100

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { titleOf } from './delivery/title.ts'
import { createEngine } from './engine.ts'
import { translator } from './locales/catalogue.ts'
import type { Alert } from './model/alert.ts'
import type { ChannelType, OpenChannel } from './model/channel.ts'
import { seededChance } from './model/chance.ts'
import { systemClock, type Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import type { Reader, StoredEvent } from './model/reader.ts'
import type { Severity } from './model/severity.ts'
import type { Store } from './model/store.ts'
import { nearest } from './rules/condition.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { openSqliteStore } from './stores/sqlite.ts'

export interface BacktestOptions {
  readonly config: Config
  /** A rule of the configuration, a built-in one (also one that is off), or a budget. */
  readonly rule: string
  /** Where the events are. It is only read. */
  readonly read: Reader
  /** The first instant, milliseconds since 1970. */
  readonly fromMs: number
  /** The first instant after. */
  readonly untilMs: number
  /** Language and zone of titles. @default the configuration's defaults */
  readonly locale?: string
  readonly timezone?: string
  /** Types beside the registered ones. */
  readonly channelTypes?: readonly ChannelType[]
  /** How much was replayed, now and then. */
  readonly onProgress?: (events: number, atMs: number) => void
}

/** One alert that would have been opened. */
export interface BacktestAlert {
  readonly atMs: number
  readonly severity: Severity
  readonly title: string
  readonly key: string
  /** Findings in it. */
  readonly count: number
  /** When it was over; absent: it still fired at the end. */
  readonly overAtMs?: number
  readonly evidence: Alert['evidence']
}

/** What a rule would have done. */
export interface Backtest {
  readonly rule: string
  readonly fromMs: number
  readonly untilMs: number
  /** Events on record in that time. */
  readonly events: number
  /** When the first and the last of them happened; absent: there is none. */
  readonly firstMs?: number
  readonly lastMs?: number
  /** At most a thousand, oldest first. */
  readonly alerts: readonly BacktestAlert[]
  readonly alertsTotal: number
  /** Messages that would have gone out, by whom and channel; `*` for a channel that is its own address. */
  readonly messages: readonly { readonly person: string; readonly channel: string; readonly count: number }[]
  readonly messagesTotal: number
  /** Decisions by their reason, such as `merged.group`, with how often each was taken. */
  readonly decisions: Readonly<Record<string, number>>
  /** What the engine had to say, such as a rule that cannot be evaluated. */
  readonly notices: readonly string[]
}

const pageRows = 1_000
const alertsMax = 1_000
const noticesMax = 20
/** Events of one moment are accepted together, as they would have been. */
const togetherMs = 1_000
const togetherMax = 500
/** Timers and deliveries that are stepped through between two events; more than that is a rule that never rests. */
const stepsMax = 100_000
const progressEvery = 10_000
/** Waits of a driver that looks again at once, milliseconds. */
const shortWaitMs = 5

/**
 * Runs a rule over events on record as if it had been on: the very engine, with this rule alone, over a database of its own
 * that is thrown away, a clock that follows the events, and channels that take everything and send nothing. What it says is what
 * would have happened: digests, quiet hours, limits and merging included.
 *
 * @throws TocsinError `wrong-usage` where there is no such rule, or the time is empty
 * @example
 * const result = await backtest({ config, rule: 'model-failed', read: store.read, fromMs: Date.parse('2026-11-21'), untilMs: Date.parse('2026-11-22') })
 * result.messagesTotal // 4
 */
export async function backtest(options: BacktestOptions): Promise<Backtest> {
  const { rule, fromMs, untilMs, read } = options
  if (!(fromMs < untilMs)) throw new TocsinError('wrong-usage', `expected a time to look at, found one that ends (${untilMs}) before it begins (${fromMs})`)
  const config = onlyThis(options.config, rule)
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-backtest-'))
  const replay = openReplay(config, folder, options)
  try {
    let events = 0
    let first: StoredEvent | undefined
    let last: StoredEvent | undefined
    let together: StoredEvent[] = []
    const flush = async (): Promise<void> => {
      const batch = together
      together = []
      const end = batch.at(-1)
      if (end === undefined) return
      await replay.moveTo(end.atMs)
      await replay.accept(batch)
    }
    for (;;) {
      const page = await read.eventsBetween({ project: config.project, fromMs, untilMs, limit: pageRows, ...(last !== undefined && { after: { atMs: last.atMs, id: last.id } }) })
      for (const event of page) {
        const head = together[0]
        if (head !== undefined && (together.length >= togetherMax || event.atMs - head.atMs > togetherMs)) await flush()
        together.push(event)
        events += 1
        first ??= event
        last = event
        if (events % progressEvery === 0) options.onProgress?.(events, event.atMs)
      }
      if (page.length < pageRows) break
    }
    await flush()
    await replay.moveTo(untilMs)
    return { rule, fromMs, untilMs, events, ...(first !== undefined && { firstMs: first.atMs }), ...(last !== undefined && { lastMs: last.atMs }), ...(await replay.result(options)) }
  } finally {
    await replay.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The configuration with this rule or budget and no other. */
function onlyThis(config: Config, name: string): Config {
  const off = Object.fromEntries(builtInRuleNames.map((one) => [one, false as const]))
  const own = Object.hasOwn(config.rules, name) ? config.rules[name] : undefined
  const budget = Object.hasOwn(config.budgets, name) ? config.budgets[name] : undefined
  if (builtInRuleNames.includes(name)) {
    // Asked for by name, a rule that is off is looked at as it would be if it were on.
    const settings = own === undefined || own === false ? { on: true as const } : typeof own.on === 'string' ? own : { ...own, on: true as const }
    return { ...config, rules: { ...off, [name]: settings }, budgets: {} }
  }
  if (own !== undefined) return { ...config, rules: { ...off, [name]: own }, budgets: {} }
  if (budget !== undefined) return { ...config, rules: off, budgets: { [name]: budget } }
  const known = [...Object.keys(config.rules), ...Object.keys(config.budgets), ...builtInRuleNames]
  const near = nearest(name, known)
  throw new TocsinError('wrong-usage', `expected a rule or a budget, found "${name}"; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`}`)
}

interface Replay {
  /** Lets everything happen that is due until then. */
  moveTo(atMs: number): Promise<void>
  accept(events: readonly StoredEvent[]): Promise<void>
  result(options: BacktestOptions): Promise<Pick<Backtest, 'alerts' | 'alertsTotal' | 'messages' | 'messagesTotal' | 'decisions' | 'notices'>>
  close(): Promise<void>
}

function openReplay(config: Config, folder: string, { fromMs, channelTypes = [] }: BacktestOptions): Replay {
  let nowMs = fromMs
  // Short waits are for other processes, and there are none.
  const clock: Clock = { ...systemClock, nowMs: () => nowMs, after: (delayMs, task) => systemClock.after(delayMs <= shortWaitMs ? 0 : delayMs, task) }
  const notices: string[] = []
  const notice = (text: string): void => void (notices.length < noticesMax && notices.push(text))
  const sent = new Map<string, { readonly person: string; readonly channel: string; count: number }>()
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal', notice })
  const engine = createEngine({ config, store, clock, chance: seededChance(1), notice, channelTypes, channelAs: (open) => taking(open) })
  const channels = Object.keys(config.channels)
  const deliver = (): Promise<unknown> => engine.drain('all', 60_000)

  return {
    async moveTo(atMs) {
      for (let step = 0; ; step += 1) {
        const dueMs = await store.read.nextDueMs(config.project, channels, [])
        if (dueMs === undefined || dueMs > atMs) break
        if (step === stepsMax) {
          notice(`between two events more than ${stepsMax} things were due: what follows ${new Date(nowMs).toISOString()}, until ${new Date(atMs).toISOString()}, is left out`)
          break
        }
        nowMs = Math.max(nowMs, dueMs)
        await deliver()
        // What is due and does not move waits for something that a replay does not have, such as a rate: time goes on.
        if ((await store.read.nextDueMs(config.project, channels, [])) === dueMs) nowMs += 1_000
      }
      nowMs = Math.max(nowMs, atMs)
    },
    async accept(events) {
      // What the product said of itself then is not what it would say now; what somebody said by hand is told by no rule.
      const own = events.filter(({ type, duplicateOf }) => !type.startsWith('tocsin.') && duplicateOf === undefined)
      await engine.accept(own.map(({ announcement: _byHand, ...event }) => event))
      await deliver()
    },
    async result(options) {
      const { alerts, decisions, total } = await readAlerts(store, options)
      await countSent(store, sent)
      const messages = [...sent.values()].toSorted((one, other) => other.count - one.count || one.person.localeCompare(other.person) || one.channel.localeCompare(other.channel))
      return { alerts, alertsTotal: total, messages, messagesTotal: messages.reduce((sum, { count }) => sum + count, 0), decisions, notices }
    },
    close: () => engine.close(),
  }
}

/** The channel as it is, with its limits and its readers, but for the sending: everything is taken, and nothing goes out. */
function taking(open: OpenChannel): OpenChannel {
  return { ...open, channel: { send: async () => ({ kind: 'sent' }) } }
}

async function readAlerts(store: Store, { config, locale = config.defaults.locale, timezone = config.defaults.timezone }: BacktestOptions): Promise<{ readonly alerts: readonly BacktestAlert[]; readonly decisions: Readonly<Record<string, number>>; readonly total: number }> {
  const reader = { translator: translator(locale, timezone), redact: (text: string): string => text, without: [] }
  const alerts: BacktestAlert[] = []
  const decisions: Record<string, number> = {}
  let before: number | undefined
  let total = 0
  for (;;) {
    const page = await store.read.alerts({ limit: pageRows, ...(before !== undefined && { before }) })
    for (const alert of page) {
      total += 1
      before = alert.id
      for (const { reason, count } of await store.read.decisionsOf(alert.id)) decisions[reason] = (decisions[reason] ?? 0) + count
      const isOver = alert.state === 'resolved' && alert.ends !== 'at-once'
      if (alerts.length < alertsMax) {
        alerts.push({ atMs: alert.openedAtMs, severity: alert.severity, title: titleOf(alert, reader, 'firing'), key: alert.key, count: alert.count, evidence: alert.evidence, ...(isOver && { overAtMs: alert.resolvedAtMs }) })
      }
    }
    if (page.length < pageRows) break
  }
  return { alerts: alerts.toReversed(), decisions, total }
}

async function countSent(store: Store, sent: Map<string, { readonly person: string; readonly channel: string; count: number }>): Promise<void> {
  let before: number | undefined
  for (;;) {
    const page = await store.read.deliveries({ limit: pageRows, ...(before !== undefined && { before }) })
    for (const { id, person, channel, address, result } of page) {
      before = id
      if (result !== 'sent') continue
      const whom = address === '' ? '*' : person
      const one = sent.get(`${whom}|${channel}`) ?? { person: whom, channel, count: 0 }
      one.count += 1
      sent.set(`${whom}|${channel}`, one)
    }
    if (page.length < pageRows) break
  }
}

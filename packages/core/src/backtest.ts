import { watchFor, type BacktestChart, type ChartWatch } from './backtest-chart.ts'
import { marksOf, type BacktestMark } from './backtest-marks.ts'
import { titleOf } from './delivery/title.ts'
import { createEngine } from './engine.ts'
import { translator } from './locales/catalogue.ts'
import type { Alert } from './model/alert.ts'
import type { ChannelType, OpenChannel } from './model/channel.ts'
import { seededChance } from './model/chance.ts'
import { systemClock, type Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import { TocsinError } from './model/error.ts'
import type { Part } from './model/roles.ts'
import type { Reader, StoredEvent } from './model/reader.ts'
import type { Severity } from './model/severity.ts'
import type { Store } from './model/store.ts'
import { nearest } from './rules/condition.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { openSqliteStore, privately } from './stores/sqlite.ts'

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
  /** Parts that titles leave out, because whoever reads them may not see them. @default none */
  readonly without?: readonly Part[]
  /** Also what is drawn: the measured values, and when somebody would have been told. @default nothing of it */
  readonly draws?: true
  /** Marks of this person alone, and of what is for everybody. @default all */
  readonly person?: string
  /** Types beside the registered ones. */
  readonly channelTypes?: readonly ChannelType[]
  /** Asked with each event how many there were: the replay ends where it says `true`. @default it goes to the end */
  readonly enough?: (events: number) => boolean
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
  /** The replay ended here, before its end; absent: it went to the end. */
  readonly cutMs?: number
  /** At most a thousand, oldest first. */
  readonly alerts: readonly BacktestAlert[]
  readonly alertsTotal: number
  /** Messages that would have gone out, by whom and channel; `*` for a channel that is its own address. */
  readonly messages: readonly { readonly person: string; readonly channel: string; readonly count: number }[]
  readonly messagesTotal: number
  /** Decisions by their reason, such as `merged.group`, with how often each was taken. */
  readonly decisions: Readonly<Record<string, number>>
  /** What it measured, of a rule that measures; only where it is drawn. */
  readonly chart?: BacktestChart
  /** Oldest first; at most five hundred of each kind, which `markTotals` counts. Only where it is drawn. */
  readonly marks?: readonly BacktestMark[]
  readonly markTotals?: Readonly<Record<BacktestMark['kind'], number>>
  /** What the engine had to say, such as a rule that cannot be evaluated. */
  readonly notices: readonly string[]
}

const pageRows = 1_000
const alertsMax = 1_000
const marksMax = 500
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
  const replay = openReplay(config, options)
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
      await lookUntil(end.atMs)
      await replay.moveTo(end.atMs)
      await replay.accept(batch)
    }
    const lookUntil = async (atMs: number): Promise<void> => {
      for (const { watch } = replay; watch !== undefined && watch.nextMs <= atMs; ) {
        await replay.moveTo(watch.nextMs)
        await watch.look()
      }
    }
    let isCut = false
    while (!isCut) {
      const page = await read.eventsBetween({ project: config.project, fromMs, untilMs, limit: pageRows, ...(last !== undefined && { after: { atMs: last.atMs, id: last.id } }) })
      for (const event of page) {
        const head = together[0]
        if (head !== undefined && (together.length >= togetherMax || event.atMs - head.atMs > togetherMs)) await flush()
        together.push(event)
        events += 1
        first ??= event
        last = event
        if (events % progressEvery === 0) options.onProgress?.(events, event.atMs)
        isCut = options.enough?.(events) === true
        if (isCut) break
      }
      if (page.length < pageRows) break
    }
    await flush()
    const endMs = isCut && last !== undefined ? last.atMs : untilMs
    await lookUntil(endMs)
    await replay.moveTo(endMs)
    return { rule, fromMs, untilMs, events, ...(isCut && last !== undefined && { cutMs: last.atMs }), ...(first !== undefined && { firstMs: first.atMs }), ...(last !== undefined && { lastMs: last.atMs }), ...(await replay.result(options)) }
  } finally {
    await replay.close()
  }
}

/** The configuration with this rule or budget and no other. */
function onlyThis(config: Config, name: string): Config {
  const off = Object.fromEntries(builtInRuleNames.map((one) => [one, false as const]))
  const own = Object.hasOwn(config.rules, name) ? config.rules[name] : undefined
  const budget = Object.hasOwn(config.budgets, name) ? config.budgets[name] : undefined
  if (builtInRuleNames.includes(name)) {
    // Asked for by name, a rule that is off is looked at as it would be if it were on.
    const settings = own === undefined || own === false ? { on: true as const } : typeof own.on === 'string' ? { ...own, enabled: true } : { ...own, on: true as const }
    return { ...config, rules: { ...off, [name]: settings }, budgets: {} }
  }
  if (own !== undefined) return { ...config, rules: { ...off, [name]: own !== false && typeof own.on === 'string' ? { ...own, enabled: true } : own }, budgets: {} }
  if (budget !== undefined) return { ...config, rules: off, budgets: { [name]: budget } }
  const known = [...Object.keys(config.rules), ...Object.keys(config.budgets), ...builtInRuleNames]
  const near = nearest(name, known)
  throw new TocsinError('wrong-usage', `expected a rule or a budget, found "${name}"; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`}`)
}

interface Replay {
  /** Lets everything happen that is due until then. */
  moveTo(atMs: number): Promise<void>
  accept(events: readonly StoredEvent[]): Promise<void>
  /** What looks at the rule meanwhile, where it is drawn and measures. */
  readonly watch: ChartWatch | undefined
  result(options: BacktestOptions): Promise<Pick<Backtest, 'alerts' | 'alertsTotal' | 'messages' | 'messagesTotal' | 'decisions' | 'notices' | 'chart' | 'marks' | 'markTotals'>>
  close(): Promise<void>
}

function openReplay(config: Config, { rule, fromMs, untilMs, channelTypes = [], draws }: BacktestOptions): Replay {
  let nowMs = fromMs
  // Short waits are for other processes, and there are none.
  const clock: Clock = { ...systemClock, nowMs: () => nowMs, after: (delayMs, task) => systemClock.after(delayMs <= shortWaitMs ? 0 : delayMs, task) }
  const notices: string[] = []
  const notice = (text: string): void => void (notices.length < noticesMax && notices.push(text))
  const sent = new Map<string, { readonly person: string; readonly channel: string; count: number }>()
  const store = openSqliteStore({ file: privately, clock, durability: 'normal', notice })
  const engine = createEngine({ config, store, clock, chance: seededChance(1), notice, channelTypes, channelAs: (open) => taking(open), replays: true })
  const channels = Object.keys(config.channels)
  const watch = draws === true ? watchFor(config, rule, store, { fromMs, untilMs }) : undefined
  let hasBegun = false
  const nextDueMs = (): Promise<number | undefined> => store.read.nextDueMs(config.project, channels, [])
  const isToBeSent = async (): Promise<boolean> => (await store.read.firstDue(config.project)).some((lane) => lane.dueMs <= nowMs)
  /** Mostly it is a rule that looks again at what it counts: only where a message is due it is looked for, in every channel and at every priority. */
  const deliver = async (): Promise<number | undefined> => {
    if (hasBegun && !(await isToBeSent())) {
      await engine.drain('none', 60_000)
      const nextMs = await nextDueMs()
      if (nextMs === undefined || nextMs > nowMs) return nextMs
    }
    await engine.drain('all', 60_000)
    return nextDueMs()
  }
  /** As of the last step: nobody else works with this database. */
  let dueMs: number | undefined

  return {
    watch,
    async moveTo(atMs) {
      for (let step = 0; dueMs !== undefined && dueMs <= atMs; step += 1) {
        if (step === stepsMax) {
          notice(`between two events more than ${stepsMax} things were due: what follows ${new Date(nowMs).toISOString()}, until ${new Date(atMs).toISOString()}, is left out`)
          break
        }
        nowMs = Math.max(nowMs, dueMs)
        const nextMs = await deliver()
        // What is due and does not move waits for something that a replay does not have, such as a rate: time goes on.
        if (nextMs === dueMs) nowMs += 1_000
        dueMs = nextMs
      }
      nowMs = Math.max(nowMs, atMs)
    },
    async accept(events) {
      // What the product said of itself then is not what it would say now; what somebody said by hand is told by no rule.
      const own = events.filter(({ type, duplicateOf }) => !type.startsWith('tocsin.') && duplicateOf === undefined)
      await engine.accept(own.map(({ announcement: _byHand, ...event }) => event))
      watch?.begin()
      // Mostly nothing is due by what came: what an engine does as it begins is done the first time.
      dueMs = await nextDueMs()
      if (!hasBegun || (dueMs ?? Infinity) <= nowMs) dueMs = await deliver()
      hasBegun = true
    },
    async result(options) {
      const { alerts, decisions, total, placeOf } = await readAlerts(store, options)
      await countSent(store, sent)
      const messages = [...sent.values()].toSorted((one, other) => other.count - one.count || one.person.localeCompare(other.person) || one.channel.localeCompare(other.channel))
      return { alerts, alertsTotal: total, messages, messagesTotal: messages.reduce((sum, { count }) => sum + count, 0), decisions, notices, ...(draws === true && (await drawnOf(store, placeOf, watch, options.person))) }
    },
    close: () => engine.close(),
  }
}

async function drawnOf(store: Store, placeOf: ReadonlyMap<number, number>, watch: ChartWatch | undefined, person: string | undefined): Promise<Pick<Backtest, 'chart' | 'marks' | 'markTotals'>> {
  const { marks, totals } = await marksOf(store, placeOf, marksMax, person)
  return { marks, markTotals: totals, ...(watch !== undefined && { chart: watch.chart() }) }
}

/** The channel as it is, with its limits and its readers, but for the sending: everything is taken, and nothing goes out. */
function taking(open: OpenChannel): OpenChannel {
  return { ...open, channel: { send: async () => ({ kind: 'sent' }) } }
}

async function readAlerts(store: Store, { config, locale = config.defaults.locale, timezone = config.defaults.timezone, without = [] }: BacktestOptions): Promise<{ readonly alerts: readonly BacktestAlert[]; readonly decisions: Readonly<Record<string, number>>; readonly total: number; readonly placeOf: ReadonlyMap<number, number> }> {
  const reader = { translator: translator(locale, timezone), redact: (text: string): string => text, without }
  const alerts: BacktestAlert[] = []
  const decisions: Record<string, number> = {}
  const ids: number[] = []
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
        ids.push(alert.id)
        alerts.push({ atMs: alert.openedAtMs, severity: alert.severity, title: titleOf(alert, reader, 'firing'), key: alert.key, count: alert.count, evidence: alert.evidence, ...(isOver && { overAtMs: alert.resolvedAtMs }) })
      }
    }
    if (page.length < pageRows) break
  }
  return { alerts: alerts.toReversed(), decisions, total, placeOf: new Map(ids.toReversed().map((id, place) => [id, place])) }
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

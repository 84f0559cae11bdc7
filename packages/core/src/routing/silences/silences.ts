import type { Alert } from '../../model/alert.ts'
import type { MaintenanceConfig } from '../../model/attention-config.ts'
import type { Hush, Silence } from '../../model/attention.ts'
import type { Interval } from '../../model/calendar.ts'
import type { Config } from '../../model/config.ts'
import type { DecisionParams, DecisionReason } from '../../model/decision.ts'
import { TocsinError, errorText } from '../../model/error.ts'
import type { Transaction } from '../../model/store.ts'
import { compileCondition, viewOfAlert, type AlertView } from '../../rules/view.ts'
import { bySnooze } from './hush.ts'
import { maintenanceAt, nextMaintenanceMs } from './maintenance.ts'
import type { FailedCondition } from '../plan.ts'

/** Why an alert is not told now, and until when. */
export interface Silencing {
  /** As in `Hush.by`. */
  readonly by: string
  readonly untilMs: number
  readonly reason: Extract<DecisionReason, `silenced.${string}`>
  readonly params: DecisionParams
}

/** What silences alerts: the configuration of this process, and what people added to the store. */
export interface Silences {
  /**
   * What silences this alert at that time; of several what lasts longest.
   *
   * @param failed takes the conditions that cannot be evaluated for this alert: they hold nothing back, better one message too many
   */
  at(tx: Transaction, alert: Alert, nowMs: number, failed?: FailedCondition[]): Promise<Silencing | undefined>
  /** Whether anything is silenced at that time. */
  any(tx: Transaction, nowMs: number): Promise<boolean>
  /** As it is written in `Hush.by`, until when it lasts; absent: it does not hold at that time, or is not known here. */
  until(tx: Transaction, by: string, nowMs: number): Promise<number | undefined>
  /** Those of the configuration that hold at that time, as in `Hush.by`. */
  configured(nowMs: number): readonly string[]
  /** Whether this process can tell what such a thing silences: it is of the store or of its own configuration. */
  knows(by: string): boolean
}

interface Source {
  readonly by: string
  /** As in `FailedCondition.where`. */
  readonly where: string
  readonly test: Test
  /** Nothing where it does not hold at that time. */
  readonly holds: (nowMs: number) => Omit<Silencing, 'by'> | undefined
}

/** Throws where it cannot be evaluated. */
type Test = (view: AlertView) => boolean

/** Conditions of the store that are kept compiled. */
const compiledMax = 1_000

/** @throws TocsinError `config-invalid` where a condition of the configuration cannot be compiled */
export function createSilences(config: Pick<Config, 'project' | 'silences' | 'maintenance' | 'defaults'>): Silences {
  const sources = sourcesOf(config)
  const compiled = new Map<string, Test>()

  function testOf(match: string): Test {
    const kept = compiled.get(match)
    if (kept !== undefined) return kept
    if (compiled.size >= compiledMax) compiled.clear()
    // It was checked when it was written. What cannot be read any more fails whenever it is asked.
    const test = compiledTest(match, 'match')
    compiled.set(match, test)
    return test
  }

  return {
    async at(tx, alert, nowMs, failed = []) {
      let longest: Silencing | undefined
      const offer = (one: Silencing): void => {
        if (longest === undefined || one.untilMs > longest.untilMs) longest = one
      }
      const holdsFor = (test: Test, where: string): boolean => {
        try {
          return test(viewOfAlert(alert))
        } catch (failure) {
          failed.push({ where, cause: errorText(failure) })
          return false
        }
      }
      for (const { by, where, test, holds } of sources) {
        const held = holds(nowMs)
        if (held !== undefined && holdsFor(test, where)) offer({ by, ...held })
      }
      for (const row of await tx.silences(config.project, nowMs)) {
        if (row.fromMs <= nowMs && holdsFor((view) => testOf(row.match)(view), bySilence(row))) offer(silencingOf(row))
      }
      return longest
    },
    async any(tx, nowMs) {
      return sources.some(({ holds }) => holds(nowMs) !== undefined) || (await tx.silences(config.project, nowMs)).some(({ fromMs }) => fromMs <= nowMs)
    },
    async until(tx, by, nowMs) {
      const held = sources.find((source) => source.by === by)?.holds(nowMs)
      if (held !== undefined || !by.startsWith('silence#')) return held?.untilMs
      return (await tx.silences(config.project, nowMs)).find((row) => row.fromMs <= nowMs && bySilence(row) === by)?.untilMs
    },
    configured: (nowMs) => sources.flatMap(({ by, holds }) => (holds(nowMs) === undefined ? [] : [by])),
    knows: (by) => by.startsWith('silence#') || sources.some((source) => source.by === by),
  }
}

/** How a silence of the store is named in `Hush.by` and by commands. */
export function bySilence({ id }: Pick<Silence, 'id'>): string {
  return `silence#${id}`
}

/** A condition over alerts; nothing where it cannot be compiled. What cannot be evaluated does not hold. */
export function conditionTest(match: string): ((alert: Alert) => boolean) | undefined {
  const condition = compileCondition(match, 'alert')
  if (!condition.ok) return undefined
  return (alert) => {
    try {
      return condition.test(viewOfAlert(alert))
    } catch {
      return false
    }
  }
}

/** How what hushed an alert is called to a reader. */
export async function nameOfHush(tx: Transaction, { project, by, sinceMs }: Hush): Promise<string> {
  if (by === bySnooze) return by
  const row = by.startsWith('silence#') ? (await tx.silences(project, sinceMs)).find((one) => bySilence(one) === by) : undefined
  return row?.comment ?? by.slice(by.indexOf(':') + 1)
}

/** What is on record of an alert that is hushed, where this process does not know by what. */
export async function silencingOfHush(tx: Transaction, hush: Hush): Promise<Silencing> {
  const { by, untilMs } = hush
  if (by === bySnooze) {
    const snoozed = (await tx.actionsOf(hush.alert)).findLast(({ action }) => action === 'snooze')
    return { by, untilMs, reason: 'silenced.snoozed', params: { until: untilMs, ...(snoozed !== undefined && { by: snoozed.by }) } }
  }
  if (by.startsWith('maintenance:')) return { by, untilMs, reason: 'silenced.maintenance', params: { name: await nameOfHush(tx, hush), until: untilMs } }
  return { by, untilMs, reason: 'silenced.silence', params: { until: untilMs } }
}

function sourcesOf({ silences, maintenance, defaults }: Pick<Config, 'silences' | 'maintenance' | 'defaults'>): readonly Source[] {
  return [
    ...silences.map(({ name, match, from = -Infinity, until, author, comment }, index): Source => ({
      by: `silence:${name}`,
      where: `silence ${name}`,
      test: compiledTest(match, `silences.${index}.match`),
      holds: (nowMs) => (nowMs >= from && nowMs < until ? { untilMs: until, reason: 'silenced.silence', params: { author, until, comment } } : undefined),
    })),
    ...maintenance.map((settings, index): Source => ({
      by: `maintenance:${settings.name}`,
      where: `maintenance ${settings.name}`,
      test: compiledTest(settings.match, `maintenance.${index}.match`),
      holds: windowsOf(settings, settings.timezone ?? defaults.timezone),
    })),
  ]
}

/** Time goes on: the window that holds, or the time before the next one, is worked out once. */
function windowsOf(settings: MaintenanceConfig, timezone: string): Source['holds'] {
  let kept: (Interval & { readonly isWindow: boolean }) | undefined
  return (nowMs) => {
    if (kept === undefined || nowMs < kept.startMs || nowMs >= kept.endMs) {
      const window = maintenanceAt(settings, timezone, nowMs)
      kept = window === undefined ? { startMs: nowMs, endMs: nextMaintenanceMs(settings, timezone, nowMs), isWindow: false } : { ...window, isWindow: true }
    }
    return kept.isWindow ? { untilMs: kept.endMs, reason: 'silenced.maintenance', params: { name: settings.name, until: kept.endMs } } : undefined
  }
}

function silencingOf(row: Silence): Silencing {
  const { author, untilMs, comment } = row
  return { by: bySilence(row), untilMs, reason: 'silenced.silence', params: { author, until: untilMs, comment } }
}

function compiledTest(match: string, path: string): Test {
  const condition = compileCondition(match, 'alert')
  if (!condition.ok) throw new TocsinError('config-invalid', `${path}: ${condition.problem}`)
  return condition.test
}

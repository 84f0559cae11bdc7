import type { Config } from '../../model/config.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import { bySnooze, hushTimer, hushUntil } from './hush.ts'
import { maintenanceAt, nextMaintenanceMs } from './maintenance.ts'
import type { FailedCondition } from '../plan.ts'
import { bySilence, type Silences } from './silences.ts'
import { silencedFor } from './gate.ts'

/** Kind of the timers at which a silence begins: what fires then is hushed. Their key says how far it has come, see `keyOf`. */
export const silenceBeginsTimer = 'silence-begins'
/** Kind of the timers at which it is looked again at all that something hushed, because it ended early or lasts for another time. */
export const hushReleaseTimer = 'hush-release'

/** Alerts that are looked at in one transaction. */
const pageRows = 200
/** How long the beginning of a silence that this process does not know is left to another, milliseconds. */
const leaveMs = 30_000

/** Somebody adds a silence to the store: it begins when it says. Its number. */
export async function addSilence(tx: Transaction, silence: Parameters<Transaction['addSilence']>[0]): Promise<number> {
  const id = await tx.addSilence(silence)
  const { project, fromMs, untilMs } = silence
  await tx.putTimers([{ project, kind: silenceBeginsTimer, key: keyOf({ after: 0, endMs: untilMs, by: bySilence({ id }) }), dueMs: fromMs }])
  return id
}

/** Somebody ends a silence of the store: what it hushed is looked at again at once. `false`: there is none, or it was over. */
export async function endSilence(tx: Transaction, project: string, id: number, nowMs: number): Promise<boolean> {
  if (!(await tx.endSilence(project, id, nowMs))) return false
  await tx.putTimers([releaseTimer(project, bySilence({ id }), 0, nowMs)])
  return true
}

/**
 * What a process does first: it sees to it that the silences and maintenance windows of its configuration begin, and that what is hushed by one
 * that was removed from it, or lasts for another time now, is looked at again.
 */
export async function beginSilences(tx: Transaction, { project, silences: configured, maintenance, defaults }: Config, silences: Silences, nowMs: number): Promise<void> {
  const begins = configured.filter(({ until }) => until > nowMs).map(({ name, from = nowMs, until }) => ({ by: `silence:${name}`, dueMs: Math.max(nowMs, from), endMs: until }))
  const windows = maintenance.flatMap((settings) => {
    const timezone = settings.timezone ?? defaults.timezone
    const by = `maintenance:${settings.name}`
    const now = maintenanceAt(settings, timezone, nowMs)
    return [...(now === undefined ? [] : [{ by, dueMs: nowMs, endMs: now.endMs }]), nextWindow(settings, timezone, nowMs)]
  })
  await tx.putTimers([...begins, ...windows].map(({ by, dueMs, endMs }) => ({ project, kind: silenceBeginsTimer, key: keyOf({ after: 0, endMs, by }), dueMs })))
  for (const by of await tx.hushers(project)) {
    if (by === bySnooze) continue
    const untilMs = await silences.until(tx, by, nowMs)
    const [first] = await tx.hushedBy(project, by, 0, 1)
    if (first !== undefined && first.untilMs !== untilMs) await tx.putTimers([releaseTimer(project, by, 0, nowMs)])
  }
}

/**
 * A silence begins: alerts that fire and that it silences are hushed, page by page. Of a maintenance window the next beginning is set.
 * What it gives are the conditions that cannot be evaluated, each once.
 */
export async function silenceBegins(tx: Transaction, timer: Timer, { maintenance, defaults }: Pick<Config, 'maintenance' | 'defaults'>, silences: Silences, nowMs: number): Promise<readonly FailedCondition[]> {
  const { project } = timer
  const { after, endMs, by } = placeOf(timer.key)
  const settings = maintenance.find(({ name }) => by === `maintenance:${name}`)
  if (settings !== undefined && after === 0) {
    const next = nextWindow(settings, settings.timezone ?? defaults.timezone, nowMs)
    await tx.putTimers([{ project, kind: silenceBeginsTimer, key: keyOf({ after: 0, endMs: next.endMs, by }), dueMs: next.dueMs }])
  }
  if (!silences.knows(by)) {
    // Another process that shares the store may have it in its configuration.
    if (endMs > nowMs) await tx.putTimers([{ ...timer, dueMs: nowMs + leaveMs }])
    return []
  }
  const page = await tx.openAlerts(project, after, pageRows)
  const firing = page.filter(({ state }) => state === 'firing')
  const hushes = await tx.hushes(firing.map(({ id }) => id))
  const failed = new Map<string, FailedCondition>()
  for (const [index, alert] of firing.entries()) {
    const failedHere: FailedCondition[] = []
    const silencing = await silences.at(tx, alert, nowMs, failedHere)
    // An alert about the product itself never causes another.
    if (alert.kind !== 'system') for (const one of failedHere) failed.set(one.where, one)
    const hush = hushes[index]
    // What a person snoozed stays so; what is hushed for longer, too.
    if (silencing === undefined || hush?.by === bySnooze || (hush !== undefined && hush.untilMs >= silencing.untilMs)) continue
    await hushUntil(tx, alert, silencing.by, silencing.untilMs, nowMs)
    await tx.recordDecisions([silencedFor(alert, silencing, nowMs)])
  }
  const last = page.at(-1)
  if (last !== undefined && page.length === pageRows) await tx.putTimers([{ ...timer, key: keyOf({ after: last.id, endMs, by }), dueMs: nowMs }])
  return [...failed.values()]
}

/** What something hushed is looked at again now, page by page. */
export async function releaseHushed(tx: Transaction, timer: Timer, nowMs: number): Promise<void> {
  const { project } = timer
  const { after, by } = placeOf(timer.key)
  const page = await tx.hushedBy(project, by, after, pageRows)
  await tx.putTimers(page.map(({ alert }) => ({ project, kind: hushTimer, key: String(alert), dueMs: nowMs })))
  const last = page.at(-1)
  if (last !== undefined && page.length === pageRows) await tx.putTimers([releaseTimer(project, by, last.alert, nowMs)])
}

function nextWindow(settings: Config['maintenance'][number], timezone: string, nowMs: number): { readonly by: string; readonly dueMs: number; readonly endMs: number } {
  const dueMs = nextMaintenanceMs(settings, timezone, nowMs)
  return { by: `maintenance:${settings.name}`, dueMs, endMs: maintenanceAt(settings, timezone, dueMs)?.endMs ?? dueMs }
}

function releaseTimer(project: string, by: string, after: number, nowMs: number): Timer {
  return { project, kind: hushReleaseTimer, key: keyOf({ after, endMs: 0, by }), dueMs: nowMs }
}

interface Place {
  /** The alert after which to go on. */
  readonly after: number
  /** When it ends, so that a process that does not know it need not keep it for ever. */
  readonly endMs: number
  /** As in `Hush.by`. */
  readonly by: string
}

function keyOf({ after, endMs, by }: Place): string {
  return `${after} ${endMs} ${by}`
}

function placeOf(key: string): Place {
  const [after = '', endMs = '', ...by] = key.split(' ')
  return { after: Number(after), endMs: Number(endMs), by: by.join(' ') }
}

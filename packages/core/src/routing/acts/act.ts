import { isTaken, tellsEnd, type Alert, type AlertChange } from '../../model/alert.ts'
import type { AlertAction, TakenAction } from '../../model/attention.ts'
import type { Decision, DecisionParams, DecisionReason } from '../../model/decision.ts'
import type { DeliveryResult } from '../../model/delivery.ts'
import type { Transaction } from '../../model/store.ts'
import { bySnooze, hushUntil } from '../silences/hush.ts'

/** What a person does about alerts. */
export interface ActRequest {
  readonly project: string
  readonly alerts: readonly number[]
  readonly action: AlertAction
  /** Who: a person of the configuration, or whoever stands at the machine. */
  readonly by: string
  /** By what: `link`, `command` or the like. */
  readonly via: string
  /** Of `snooze` and `expected`: how long it holds, milliseconds; bounded. @default 1 h, 4 weeks */
  readonly forMs?: number
  /** Whether they may, of each alert. @default they may */
  readonly may?: (alert: Alert) => boolean
}

/**
 * What became of it for one alert.
 *
 * done          as asked
 * already       it was so before: by whom and since when
 * over          it has ended, so there is nothing to do about it
 * forbidden     whoever asks may not
 * unknown       there is none of this number in this project
 * not-learning  its rule learns nothing from what is said of its alarms, or something else was said of a later one since
 */
export interface ActedOn {
  readonly alert: number
  readonly result: 'done' | 'already' | 'over' | 'forbidden' | 'unknown' | 'not-learning'
  readonly by?: string
  readonly atMs?: number
  /** Of `snooze` and `expected`: until when. Of `unsnooze`: until when an earlier snooze holds again. */
  readonly untilMs?: number
}

export interface Acted {
  readonly each: readonly ActedOn[]
  /** Alerts that ended by it: to be told to those who were told, but for who did it. */
  readonly ended: readonly AlertChange[]
  /** Alerts that somebody has now, or nobody any more: to be shown where that can be shown. */
  readonly standing: readonly Alert[]
}

/** What somebody thinks of an alarm. */
type Verdict = 'expected' | 'not-useful'

export interface ActParts {
  /** Tells a rule that learns what a person thinks of its alarm. @returns whether it is one that learns */
  readonly learn: (tx: Transaction, alert: Alert, verdict: Verdict, nowMs: number) => Promise<boolean>
  /** Takes that back. @returns whether it could be */
  readonly unlearn: (tx: Transaction, alert: Alert, verdict: Verdict, nowMs: number) => Promise<boolean>
}

/** How long a snooze lasts, milliseconds. */
export const snoozeMs = { default: 3_600_000, min: 300_000, max: 7 * 86_400_000 } as const
/** How long something is expected, milliseconds. */
const expectedMs = { default: 28 * 86_400_000, min: 3_600_000, max: 366 * 86_400_000 } as const
/** Asked twice in a row is asked once, milliseconds. */
const sameMs = 60_000
/** Alerts of one request; what is beyond is left as it is. */
export const actedAtOnceMax = 1_000

/**
 * acknowledge    firing → acknowledged: what waits of it is not sent, nobody else is asked, nothing is repeated. Covers what fires now: where
 *                it becomes more severe it fires again. News, which is over as it opens, is only marked as taken
 * unacknowledge  acknowledged → firing: told no second time unless it becomes worse; what was in flight and failed is tried again
 * snooze         not told until then; told once at the end, if it still fires
 * resolve        → resolved: the end is told to those who were told; it may begin anew
 * expected       acknowledged, and not told where it fires again within the time; a rule that learns says less
 * unsnooze       the last snooze is taken back: one before it that still lasts holds again, else who was not told is told, if it still fires
 * unexpected     told again where it fires, and given back where it was acknowledged by that; a rule that learns says as much as before
 * not-useful     a rule that learns says less; `useful` takes that back. Nothing else changes
 *
 * Doing twice what is done changes nothing and says who did it first. All in the caller's transaction.
 */
export async function act(tx: Transaction, request: ActRequest, parts: ActParts, nowMs: number): Promise<Acted> {
  const each: ActedOn[] = []
  const ended: AlertChange[] = []
  const standing: Alert[] = []
  for (const id of new Set(request.alerts.slice(0, actedAtOnceMax))) {
    const alert = await tx.alert(id)
    if (alert === undefined || alert.project !== request.project) each.push({ alert: id, result: 'unknown' })
    else if (request.may?.(alert) === false) each.push({ alert: id, result: 'forbidden' })
    else {
      const done = await doers[request.action](tx, alert, request, nowMs, parts)
      each.push({ alert: id, ...done.said })
      if (done.said.result === 'done') {
        const { untilMs } = done.said
        await tx.recordAction({ alert: id, action: request.action, by: request.by, via: request.via, atMs: nowMs, ...(untilMs !== undefined && { untilMs }) })
      }
      if (done.ended !== undefined) ended.push({ alert: done.ended, change: 'resolved', by: request.by })
      if (done.standing !== undefined) standing.push(done.standing)
    }
  }
  return { each, ended, standing }
}

/** What was done about one alert. */
interface Done {
  readonly said: Omit<ActedOn, 'alert'>
  readonly ended?: Alert
  readonly standing?: Alert
}

type Doer = (tx: Transaction, alert: Alert, request: ActRequest, nowMs: number, parts: ActParts) => Promise<Done>

const doers: Readonly<Record<AlertAction, Doer>> = {
  async acknowledge(tx, alert, { by }, nowMs) {
    if (isTaken(alert)) return alreadyTaken(alert)
    if (isOver(alert)) return over(alert)
    const taken = await take(tx, alert, by, nowMs)
    await withdraw(tx, alert, 'acknowledged', 'silenced.acknowledged', { by, time: nowMs }, nowMs)
    return { said: { result: 'done' }, standing: taken }
  },

  async unacknowledge(tx, alert, _request, nowMs) {
    if (!isTaken(alert)) return isOver(alert) ? over(alert) : { said: { result: 'already' } }
    return { said: { result: 'done' }, standing: await giveBack(tx, alert, nowMs) }
  },

  async snooze(tx, alert, { by, forMs }, nowMs) {
    if (alert.state === 'resolved') return over(alert)
    const untilMs = nowMs + within(forMs, snoozeMs)
    const [hush] = await tx.hushes([alert.id])
    if (hush?.by === bySnooze && hush.untilMs + sameMs >= untilMs) {
      const first = (await tx.actionsOf(alert.id)).findLast(({ action }) => action === 'snooze')
      return { said: { result: 'already', untilMs: hush.untilMs, ...(first !== undefined && { by: first.by, atMs: first.atMs }) } }
    }
    await hushUntil(tx, alert, bySnooze, untilMs, nowMs)
    await withdraw(tx, alert, 'silenced', 'silenced.snoozed', { by, until: untilMs }, nowMs)
    return { said: { result: 'done', untilMs } }
  },

  async unsnooze(tx, alert, _request, nowMs) {
    if (alert.state === 'resolved') return over(alert)
    const [hush] = await tx.hushes([alert.id])
    if (hush?.by !== bySnooze) return { said: { result: 'already' } }
    const untilMs = earlierSnooze(await tx.actionsOf(alert.id)) ?? 0
    if (untilMs > nowMs) {
      await hushUntil(tx, alert, bySnooze, untilMs, nowMs)
      return { said: { result: 'done', untilMs } }
    }
    // What comes at the end of a snooze comes now.
    await hushUntil(tx, alert, bySnooze, nowMs, nowMs)
    return { said: { result: 'done' } }
  },

  async resolve(tx, alert, _request, nowMs) {
    if (alert.state === 'resolved') return over(alert)
    await tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: alert.updatedAtMs, state: 'resolved', resolvedAtMs: nowMs }])
    // Where silence proves nothing the end is not told; that a person says so proves it.
    return { said: { result: 'done' }, ended: { ...alert, ends: tellsEnd(alert) ? alert.ends : 'quiet', state: 'resolved', resolvedAtMs: nowMs } }
  },

  async expected(tx, alert, { by, forMs }, nowMs, { learn }) {
    // Each is one of its own: nothing like it comes again under its key.
    if (isNews(alert)) return over(alert)
    const { project, rule, key } = alert
    const untilMs = nowMs + within(forMs, expectedMs)
    const [known] = await tx.expected([{ project, rule, key }], nowMs)
    if (known !== undefined && (forMs === undefined || known.untilMs + sameMs >= untilMs)) return { said: { result: 'already', by: known.by, atMs: known.sinceMs, untilMs: known.untilMs } }
    await tx.expect({ project, rule, key, by, sinceMs: nowMs, untilMs })
    await learn(tx, alert, 'expected', nowMs)
    if (alert.state !== 'firing') return { said: { result: 'done', untilMs } }
    const taken = await take(tx, alert, by, nowMs)
    await withdraw(tx, alert, 'silenced', 'silenced.expected', { by, date: nowMs }, nowMs)
    return { said: { result: 'done', untilMs }, standing: taken }
  },

  async unexpected(tx, alert, _request, nowMs, { unlearn }) {
    const { project, rule, key, taken } = alert
    const [known] = await tx.expected([{ project, rule, key }], nowMs)
    if (known === undefined) return isOver(alert) ? over(alert) : { said: { result: 'already' } }
    await tx.expect({ ...known, untilMs: nowMs })
    await unlearn(tx, alert, 'expected', nowMs)
    const isByThat = alert.state === 'acknowledged' && taken?.atMs === known.sinceMs && taken.by === known.by
    return { said: { result: 'done' }, ...(isByThat && { standing: await giveBack(tx, alert, nowMs) }) }
  },

  async 'not-useful'(tx, alert, _request, nowMs, { learn }) {
    const last = await lastVerdict(tx, alert)
    if (last?.action === 'not-useful') return { said: { result: 'already', by: last.by, atMs: last.atMs } }
    return { said: { result: (await learn(tx, alert, 'not-useful', nowMs)) ? 'done' : 'not-learning' } }
  },

  async useful(tx, alert, _request, nowMs, { unlearn }) {
    if ((await lastVerdict(tx, alert))?.action !== 'not-useful') return { said: { result: 'already' } }
    return { said: { result: (await unlearn(tx, alert, 'not-useful', nowMs)) ? 'done' : 'not-learning' } }
  },
}

async function lastVerdict(tx: Transaction, { id }: Alert): Promise<TakenAction | undefined> {
  return (await tx.actionsOf(id)).findLast(({ action }) => action === 'not-useful' || action === 'useful')
}

/** Until when the snooze lasts that holds again when the last is taken back. */
function earlierSnooze(actions: readonly TakenAction[]): number | undefined {
  const standing: (number | undefined)[] = []
  for (const { action, untilMs } of actions) {
    if (action === 'snooze') standing.push(untilMs)
    else if (action === 'unsnooze') standing.pop()
  }
  return standing.at(-2)
}

async function giveBack(tx: Transaction, alert: Alert, nowMs: number): Promise<Alert> {
  const { taken: _taken, ...rest } = alert
  const state = isNews(alert) ? alert.state : 'firing'
  await tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: alert.updatedAtMs, taken: null, ...(!isNews(alert) && { state }) }])
  // That somebody has it may wait to be shown, and is not so any more. News that waits was in flight when it was taken and came back: it is sent.
  await tx.withdraw(alert.id, 'superseded', nowMs, { news: 'acknowledged' })
  return { ...rest, state }
}

async function take(tx: Transaction, alert: Alert, by: string, nowMs: number): Promise<Alert> {
  const taken = { by, atMs: nowMs }
  const state = isNews(alert) ? alert.state : 'acknowledged'
  // Its quiet time runs on: nothing was counted in.
  await tx.updateAlerts([{ id: alert.id, addCount: 0, updatedAtMs: alert.updatedAtMs, taken, ...(!isNews(alert) && { state }) }])
  return { ...alert, taken, state }
}

/** What waits is not sent, and everybody who will not hear it is on record. */
async function withdraw(tx: Transaction, alert: Alert, result: DeliveryResult, reason: DecisionReason, params: DecisionParams, nowMs: number): Promise<void> {
  const unheard = await tx.withdraw(alert.id, result, nowMs)
  const decisions = unheard.map(({ recipient: { person }, channel }): Decision => ({ alert: alert.id, person: person === '' ? '*' : person, channel, reason, params, atMs: nowMs, count: 1 }))
  if (decisions.length > 0) await tx.recordDecisions(decisions)
}

function alreadyTaken({ taken }: Alert): Done {
  return { said: { result: 'already', ...taken } }
}

function over({ resolvedAtMs }: Alert): Done {
  return { said: { result: 'over', ...(resolvedAtMs !== undefined && { atMs: resolvedAtMs }) } }
}

/** News is over as it opens, and somebody may take it all the same. */
function isOver(alert: Alert): boolean {
  return alert.state === 'resolved' && !isNews(alert)
}

function isNews({ ends }: Alert): boolean {
  return ends === 'at-once'
}

function within(askedMs: number | undefined, { default: usualMs, min, max }: { readonly default: number; readonly min: number; readonly max: number }): number {
  return askedMs === undefined ? usualMs : Math.min(max, Math.max(min, askedMs))
}

import type { Alert } from '../../model/alert.ts'
import { escalationPaceStart, type Pace } from '../../model/attention.ts'
import type { Config } from '../../model/config.ts'
import type { Decision } from '../../model/decision.ts'
import type { NewNotification, Timer, Transaction } from '../../model/store.ts'
import type { Telling } from '../../model/telling.ts'
import type { Plan } from '../plan.ts'
import { isOpen, isRead, isSamePlace, isTold, knowOf, leaveToOthers, pursuitKey, pursuitOfKey, readersOf, stillPursued, type Pursuit, type Readers, type ToldAlert } from './pursuit.ts'
import { createQuietHours } from '../quiet-hours.ts'
import type { Router } from '../route.ts'

/** Kind of the timers that hand an alert on; their key is `pursuitKey`. */
export const escalationTimer = 'escalation'

/** A timer that is so late was due while no process ran, milliseconds: the step before had no chance yet. */
const lateMs = 5_000

export interface EscalationParts {
  readonly config: Config
  readonly router: Router
  /** On the way into the queue, without beginning anything anew. */
  readonly enqueue: (tx: Transaction, plan: Plan, nowMs: number) => Promise<void>
}

/**
 * Hands on what nobody acknowledges. For each alert and route that has steps:
 *
 * told             its step is 1, and a timer waits
 * timer, sent      `after` later, counted from when it was sent: the next step is told
 * timer, trying    it had `after` from when it was due: the next step is told
 * unsent           failed for good, to nobody, or all in quiet hours: the next step is told at once
 * not firing       acknowledged, over, part of an outage: nothing, and no timer
 * hushed, held     later
 *
 * Which step it is and since when is kept as its pace: since when it is told at all, when this step was told, and its number.
 */
export interface Escalation {
  /** Begins with what was told just now. */
  readonly follow: (tx: Transaction, told: readonly ToldAlert[], nowMs: number) => Promise<void>
  readonly fire: (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>
  /** News of these alerts ended without being sent: where that was all of a step, the next one is told now. */
  readonly unreached: (tx: Transaction, alerts: Iterable<number>, nowMs: number) => Promise<void>
}

export function createEscalation({ config, router, enqueue }: EscalationParts): Escalation {
  const quietHours = createQuietHours(config)
  const pursuits = router.pursuits.filter(({ steps }) => steps.length > 1)

  async function begin(tx: Transaction, alert: Alert, pursuit: Pursuit, { news, isJoined }: ToldAlert, nowMs: number): Promise<void> {
    if (isJoined === true && (await paceOf(tx, alert.id, pursuit)) !== undefined) return
    const readers = readersOf(config, pursuit.steps[0], nowMs)
    const own = news.filter(({ recipient, channel }) => isRead(readers, { ...recipient, channel }))
    const pace: Pace = { sinceMs: nowMs, atMs: nowMs, count: 1 }
    if (own.length === 0 && (await knowOf(tx, alert.id, readers))) await waitAt(tx, alert, pursuit, { ...pace, atMs: alert.openedAtMs }, nowMs)
    else if (own.every(isHeldAt(nowMs))) await handOn(tx, alert, pursuit, pace, undefined, nowMs)
    else await waitAt(tx, alert, pursuit, pace, firstDueMs(own))
  }

  /** @param timer the one that fired; absent: only what ended without being sent is looked at */
  async function look(tx: Transaction, alert: Alert, pursuit: Pursuit, pace: Pace, timer: Timer | undefined, nowMs: number): Promise<void> {
    const [step, next] = [pursuit.steps[pace.count - 1], pursuit.steps[pace.count]]
    if (step === undefined || next === undefined) return
    const readers = readersOf(config, step, Math.max(pace.sinceMs, pace.atMs))
    const tellings = (await tx.tellings(alert.id, pace.atMs)).filter((telling) => isRead(readers, telling))
    const sent = tellings.flatMap((telling) => (isTold(telling) ? (telling.doneMs ?? []) : []))
    if (sent.length > 0) {
      const sentMs = Math.max(pace.sinceMs, Math.min(...sent))
      if (sentMs + next.afterMs > nowMs) await putTimer(tx, alert, pursuit, sentMs + next.afterMs)
      else await handOn(tx, alert, pursuit, pace, nowMs - sentMs, nowMs)
      return
    }
    const trying = tellings.filter((telling) => telling.state !== 'done' && !isQuiet(telling, nowMs))
    if (trying.length > 0 && timer === undefined) return
    if (timer !== undefined && nowMs - timer.dueMs > lateMs && (await isUntried(tx, trying))) await putTimer(tx, alert, pursuit, nowMs + next.afterMs)
    else await handOn(tx, alert, pursuit, pace, undefined, nowMs)
  }

  /** To the next step in which somebody can be told now; what waits in quiet hours waits there, and does not hold up the others. */
  async function handOn(tx: Transaction, alert: Alert, { route, steps }: Pursuit, pace: Pace, waitMs: number | undefined, nowMs: number): Promise<void> {
    const asked = steps[pace.count - 1]
    const previous = asked === undefined ? '' : namesOf(readersOf(config, asked, Math.max(pace.sinceMs, pace.atMs)), asked.to)
    let count = pace.count
    let news: readonly NewNotification[] = []
    for (const [index, { to }] of steps.entries()) {
      if (index < count) continue
      count = index + 1
      const said = { previous, step: count, steps: steps.length }
      const planned = router.planStep(alert, route, count, { turn: { kind: 'step', ...said, waitMs: waitMs ?? 0 }, reason: 'sent.escalated', params: { ...said, ...(waitMs !== undefined && { wait: waitMs }) } }, nowMs)
      const plan = await withoutTold(tx, alert, planned, to, pace.sinceMs, nowMs)
      await enqueue(tx, plan, nowMs)
      news = [...plan.notifications, ...plan.batched]
      if (!news.every(isHeldAt(nowMs))) break
    }
    const now: Pace = { ...pace, atMs: nowMs, count }
    if (steps[count] === undefined) {
      await tx.putPaces([{ key: paceKey(alert.id, route), ...now }])
      // It may have been handed on before its time.
      await tx.removeTimers([timerOf(alert, { route })])
    } else await waitAt(tx, alert, { route, steps }, now, firstDueMs(news))
  }

  /** @param fromMs when the step is due */
  async function waitAt(tx: Transaction, alert: Alert, pursuit: Pursuit, pace: Pace, fromMs: number): Promise<void> {
    await tx.putPaces([{ key: paceKey(alert.id, pursuit.route), ...pace }])
    const next = pursuit.steps[pace.count]
    if (next !== undefined) await putTimer(tx, alert, pursuit, fromMs + next.afterMs)
  }

  const isHeldAt = (nowMs: number) => ({ recipient: { person }, priority, dueMs }: NewNotification): boolean => isQuiet({ person, priority, dueMs, state: 'waiting' }, nowMs)

  function isQuiet({ person, priority, dueMs, state }: Pick<Telling, 'person' | 'priority' | 'dueMs' | 'state'>, nowMs: number): boolean {
    const quiet = priority === 0 || state !== 'waiting' ? undefined : quietHours.at(person, nowMs)
    return quiet !== undefined && dueMs >= quiet.untilMs
  }

  return {
    async follow(tx, told, nowMs) {
      if (pursuits.length === 0) return
      for (const one of told) {
        const alert = await tx.alert(one.alert)
        // What only informs wakes nobody else.
        if (alert === undefined || !isOpen(alert) || alert.severity === 'info') continue
        const routes = new Set([...router.routesOf(alert), ...one.news.map(({ route }) => route)])
        for (const pursuit of pursuits) {
          if (routes.has(pursuit.route)) await begin(tx, alert, pursuit, one, nowMs)
          else if (one.isJoined !== true) await end(tx, alert, pursuit)
        }
      }
    },

    async fire(tx, due, nowMs) {
      for (const timer of due) {
        const key = pursuitOfKey(timer.key)
        const pursuit = pursuits.find(({ route }) => route === key.route)
        const pace = await paceOf(tx, key.alert, key)
        if (pace === undefined) continue
        const next = pursuit?.steps[pace.count]
        // The route, or its step, is gone from the configuration, or stands in that of another process only.
        if (pursuit === undefined || next === undefined) {
          await leaveToOthers(tx, config, timer, pace, nowMs)
          continue
        }
        // It was told anew in this very transaction: another timer waits.
        if (Math.max(pace.sinceMs, pace.atMs) > timer.dueMs) continue
        const alert = await stillPursued(tx, config, key.alert, next.afterMs, nowMs)
        if (typeof alert === 'number') await tx.putTimers([{ ...timer, dueMs: alert }])
        else if (alert !== 'over') await look(tx, alert, pursuit, pace, timer, nowMs)
      }
    },

    async unreached(tx, alerts, nowMs) {
      if (pursuits.length === 0) return
      for (const id of new Set(alerts)) {
        for (const pursuit of pursuits) {
          const pace = await paceOf(tx, id, pursuit)
          const next = pursuit.steps[pace?.count ?? 0]
          if (pace === undefined || next === undefined) continue
          const alert = await stillPursued(tx, config, id, next.afterMs, nowMs)
          if (typeof alert === 'object') await look(tx, alert, pursuit, pace, undefined, nowMs)
        }
      }
    },
  }
}

/** Who was told already by the same channel is told no second time, unless this step names them; what of theirs still waits gives way to it. */
async function withoutTold(tx: Transaction, alert: Alert, plan: Plan, to: readonly string[], sinceMs: number, nowMs: number): Promise<Plan> {
  const tellings = (await tx.tellings(alert.id, sinceMs)).filter((telling) => telling.state !== 'done' || isTold(telling))
  const dropped: NewNotification[] = []
  const decisions: Decision[] = []
  for (const one of [...plan.notifications, ...plan.batched]) {
    const { recipient: { person }, channel } = one
    const earlier = tellings.filter((telling) => isSamePlace(one, telling))
    const [first] = earlier
    if (first === undefined) continue
    const say = { alert: alert.id, person: person === '' ? '*' : person, channel, atMs: nowMs, count: 1 }
    if (to.includes(person) && earlier.every(({ state }) => state !== 'claimed')) {
      const waiting = earlier.some(({ state }) => state === 'waiting') ? await tx.withdraw(alert.id, 'superseded', nowMs, { person: first.person, channel }) : []
      // Where the channel is the address, what waits there may bear the name of another.
      if (waiting.length > 0) decisions.push({ ...say, person: first.person, reason: 'merged.superseded', params: { newer: alert.severity } })
      continue
    }
    dropped.push(one)
    decisions.push({ ...say, reason: 'merged.already_told', params: { time: first.doneMs ?? first.dueMs, route: first.route } })
  }
  return without(plan, dropped, decisions)
}

/** What is not sent, with what was promised of it. */
export function without(plan: Plan, dropped: readonly NewNotification[], more: readonly Decision[]): Plan {
  const isPromise = ({ person, channel, reason }: Decision): boolean =>
    /^(?:sent|held)\./.test(reason) && dropped.some((one) => one.channel === channel && one.recipient.person === person)
  return {
    ...plan,
    notifications: plan.notifications.filter((one) => !dropped.includes(one)),
    batched: plan.batched.filter((one) => !dropped.includes(one)),
    decisions: [...plan.decisions.filter((one) => !isPromise(one)), ...more],
  }
}

/** Nobody tried it yet, because no process ran. A paused channel had its chance. */
async function isUntried(tx: Transaction, trying: readonly Telling[]): Promise<boolean> {
  if (trying.length === 0 || trying.some(({ attempts }) => attempts > 0)) return false
  const [first] = trying
  const due = first === undefined ? undefined : (await tx.delivery(first.delivery))?.due
  const paused = due === undefined ? [] : await tx.pauses(due.notification.project)
  return trying.some(({ channel }) => !paused.some((pause) => pause.channel === channel))
}

/** The route does not mean this alert any more, such as since it is more severe. */
async function end(tx: Transaction, alert: Alert, pursuit: Pursuit): Promise<void> {
  const pace = await paceOf(tx, alert.id, pursuit)
  if (pace === undefined) return
  await tx.putPaces([{ key: paceKey(alert.id, pursuit.route), ...pace, count: pursuit.steps.length }])
  await tx.removeTimers([timerOf(alert, pursuit)])
}

async function paceOf(tx: Transaction, alert: number, { route }: Pick<Pursuit, 'route'>): Promise<Pace | undefined> {
  const key = paceKey(alert, route)
  return (await tx.paces([key])).get(key)
}

function paceKey(alert: number, route: string): string {
  return escalationPaceStart + pursuitKey(alert, route)
}

function timerOf({ project, id }: Alert, { route }: Pick<Pursuit, 'route'>): Omit<Timer, 'dueMs'> {
  return { project, kind: escalationTimer, key: pursuitKey(id, route) }
}

function putTimer(tx: Transaction, alert: Alert, pursuit: Pursuit, dueMs: number): Promise<void> {
  return tx.putTimers([{ ...timerOf(alert, pursuit), dueMs }])
}

function firstDueMs(news: readonly NewNotification[]): number {
  return Math.min(...news.map(({ dueMs }) => dueMs))
}

/** People by name; where a step means nobody, by what it calls them. */
function namesOf({ people }: Readers, to: readonly string[]): string {
  return (people.length > 0 ? people : to).join(', ')
}

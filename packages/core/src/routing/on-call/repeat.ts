import type { Alert } from '../../model/alert.ts'
import { repeatPaceStart, type Pace } from '../../model/attention.ts'
import type { Decision } from '../../model/decision.ts'
import type { NewNotification, Timer, Transaction } from '../../model/store.ts'
import { without, type EscalationParts } from './escalation.ts'
import type { Plan } from '../plan.ts'
import { isRead, isSamePlace, isTold, knowOf, leaveToOthers, pursuitKey, pursuitOfKey, readersOf, stillPursued, type Pursuit, type ToldAlert } from './pursuit.ts'

/** Kind of the timers that tell an alert again; their key is `pursuitKey`. */
export const repeatTimer = 'repeat'

/**
 * Tells again what still fires and nobody acknowledged, so long after it was last sent: to whomever the route means then, by the router anew. What was
 * missed while no process ran is not made up for. Kept as a pace: since when the alert is told, when it was told last, and how often again.
 */
export interface Repeats {
  /** Begins with what was told just now. */
  readonly follow: (tx: Transaction, told: readonly ToldAlert[], nowMs: number) => Promise<void>
  readonly fire: (tx: Transaction, due: readonly Timer[], nowMs: number) => Promise<void>
}

export function createRepeats({ config, router, enqueue }: EscalationParts): Repeats {
  const pursuits = router.pursuits.flatMap(({ repeatMs, ...rest }) => (repeatMs === undefined ? [] : [{ ...rest, repeatMs }]))

  async function begin(tx: Transaction, alert: Alert, pursuit: Pursuit & { readonly repeatMs: number }, { news, isJoined }: ToldAlert, nowMs: number): Promise<void> {
    if (isJoined === true && (await paceOf(tx, alert.id, pursuit)) !== undefined) return
    const readers = readersOf(config, pursuit.steps[0], nowMs)
    const own = news.filter(({ recipient, channel }) => isRead(readers, { ...recipient, channel }))
    const isKnown = own.length === 0 && (await knowOf(tx, alert.id, readers))
    await tx.putPaces([{ key: paceKey(alert.id, pursuit.route), sinceMs: nowMs, atMs: isKnown ? alert.openedAtMs : nowMs, count: 0 }])
    await putTimer(tx, alert, pursuit, firstDueMs(own, nowMs) + pursuit.repeatMs)
  }

  async function repeat(tx: Transaction, alert: Alert, pursuit: Pursuit & { readonly repeatMs: number }, pace: Pace, nowMs: number): Promise<void> {
    const { route, steps, repeatMs } = pursuit
    const readers = readersOf(config, steps[0], Math.max(pace.sinceMs, pace.atMs))
    const sent = (await tx.tellings(alert.id, pace.atMs)).flatMap((telling) => (isTold(telling) && isRead(readers, telling) ? (telling.doneMs ?? []) : []))
    const dueMs = Math.max(pace.sinceMs, ...sent) + repeatMs
    if (sent.length > 0 && dueMs > nowMs) return putTimer(tx, alert, pursuit, dueMs)
    const waitMs = nowMs - pace.sinceMs
    const number = pace.count + 1
    const planned = router.planStep(alert, route, 1, { turn: { kind: 'repeat', number, waitMs }, reason: 'sent.repeated', params: { wait: waitMs } }, nowMs)
    const plan = await withoutUnsettled(tx, alert, planned, pace.sinceMs, nowMs)
    await enqueue(tx, plan, nowMs)
    const news = [...plan.notifications, ...plan.batched]
    if (news.length > 0) await tx.putPaces([{ key: paceKey(alert.id, route), sinceMs: pace.sinceMs, atMs: nowMs, count: number }])
    await putTimer(tx, alert, pursuit, firstDueMs(news, nowMs) + repeatMs)
  }

  return {
    async follow(tx, told, nowMs) {
      if (pursuits.length === 0) return
      for (const one of told) {
        const alert = await tx.alert(one.alert)
        // What is over as it opens does not go on.
        if (alert?.state !== 'firing') continue
        const routes = new Set([...router.routesOf(alert), ...one.news.map(({ route }) => route)])
        for (const pursuit of pursuits) {
          if (routes.has(pursuit.route)) await begin(tx, alert, pursuit, one, nowMs)
          else if (one.isJoined !== true) await tx.removeTimers([timerOf(alert, pursuit)])
        }
      }
    },

    async fire(tx, due, nowMs) {
      for (const timer of due) {
        const key = pursuitOfKey(timer.key)
        const pursuit = pursuits.find(({ route }) => route === key.route)
        const pace = await paceOf(tx, key.alert, key)
        if (pace === undefined) continue
        // The route, or that it repeats, is gone from the configuration, or stands in that of another process only.
        if (pursuit === undefined) {
          await leaveToOthers(tx, config, timer, pace, nowMs)
          continue
        }
        // It was told anew in this very transaction: another timer waits.
        if (Math.max(pace.sinceMs, pace.atMs) > timer.dueMs) continue
        const alert = await stillPursued(tx, config, key.alert, pursuit.repeatMs, nowMs)
        if (typeof alert === 'number') await tx.putTimers([{ ...timer, dueMs: alert }])
        else if (alert !== 'over' && alert.state === 'firing') await repeat(tx, alert, pursuit, pace, nowMs)
      }
    },
  }
}

/** One unsettled delivery for each alert, person and channel: who has one on the way is not told again. */
async function withoutUnsettled(tx: Transaction, alert: Alert, plan: Plan, sinceMs: number, nowMs: number): Promise<Plan> {
  const unsettled = (await tx.tellings(alert.id, sinceMs)).filter(({ state }) => state !== 'done')
  const dropped: NewNotification[] = []
  const decisions: Decision[] = []
  for (const one of [...plan.notifications, ...plan.batched]) {
    const earlier = unsettled.find((telling) => isSamePlace(one, telling))
    if (earlier === undefined) continue
    const { recipient: { person }, channel } = one
    dropped.push(one)
    decisions.push({ alert: alert.id, person: person === '' ? '*' : person, channel, reason: 'merged.already_told', params: { time: earlier.dueMs, route: earlier.route }, atMs: nowMs, count: 1 })
  }
  return without(plan, dropped, decisions)
}

async function paceOf(tx: Transaction, alert: number, { route }: Pick<Pursuit, 'route'>): Promise<Pace | undefined> {
  const key = paceKey(alert, route)
  return (await tx.paces([key])).get(key)
}

function paceKey(alert: number, route: string): string {
  return repeatPaceStart + pursuitKey(alert, route)
}

function timerOf({ project, id }: Alert, { route }: Pursuit): Omit<Timer, 'dueMs'> {
  return { project, kind: repeatTimer, key: pursuitKey(id, route) }
}

function putTimer(tx: Transaction, alert: Alert, pursuit: Pursuit, dueMs: number): Promise<void> {
  return tx.putTimers([{ ...timerOf(alert, pursuit), dueMs }])
}

function firstDueMs(news: readonly NewNotification[], otherwiseMs: number): number {
  return news.length === 0 ? otherwiseMs : Math.min(...news.map(({ dueMs }) => dueMs))
}

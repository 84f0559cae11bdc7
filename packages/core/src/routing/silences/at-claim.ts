import { isTaken, type Alert } from '../../model/alert.ts'
import type { Decision } from '../../model/decision.ts'
import type { DueDelivery, Transaction } from '../../model/store.ts'
import { bySnooze, hushUntil } from './hush.ts'
import type { Objection } from '../recheck.ts'
import { acknowledged } from './hush-over.ts'
import { endsOn, expectedDecision, silencedFor, silencingOf, type SilenceParts } from './gate.ts'

/** Alerts that are taken out of one collection in one transaction; what is beyond is taken out when it is claimed again. */
const takenOutMax = 500
/** So many of a collection are looked at by the conditions of silences. What fires beyond them is hushed by then, and found by the store; news that was over as it opened is not. */
const pagesMax = 10
const pageRows = 500

type Due = Pick<DueDelivery, 'id' | 'notification' | 'inDoubtSinceMs'>

/**
 * A silence that began since it was enqueued, or a snooze, or that it is expected: it is not made. What still fires is told when that is over, and so is
 * the end of what somebody heard of.
 */
export async function objectBySilence(tx: Transaction, parts: SilenceParts, { notification }: Due, nowMs: number): Promise<Objection | undefined> {
  const { alerts: [alert], moreAlerts, news } = notification
  if (alert === undefined || notification.alerts.length > 1 || moreAlerts > 0 || news === 'acknowledged') return undefined
  const decision = await whyQuiet(tx, parts, alert, notification, nowMs)
  return decision && { result: 'silenced', reason: decision.reason, params: decision.params }
}

/**
 * Of which of them something may be said by a silence, a snooze or an expectation, each being asked for all of them together; of the others
 * `objectBySilence` would find nothing.
 */
export async function mayBeQuiet(tx: Transaction, parts: SilenceParts, dues: readonly Due[], nowMs: number): Promise<(due: Due) => boolean> {
  if (await parts.silences.any(tx, nowMs)) return () => true
  const alerts = dues.flatMap(({ notification }) => (notification.alerts.length === 1 ? notification.alerts : []))
  const hushes = await tx.hushes(alerts.map(({ id }) => id))
  const expected = await tx.expected(alerts, nowMs)
  const known = new Set(alerts.flatMap((alert, index) => (hushes[index] !== undefined || expected[index] !== undefined || isTaken(alert) ? [alert.id] : [])))
  return ({ notification: { alerts: [alert] } }) => alert !== undefined && known.has(alert.id)
}

/**
 * A collection without what is silenced, snoozed, acknowledged or expected by now; that is on record as such. Where nothing else is in it, one is
 * left, for which it ends. Nothing: there is more to take out of it, when it is claimed again.
 */
export async function withoutQuiet<Some extends Due>(tx: Transaction, parts: SilenceParts, due: Some, reload: (id: number) => Promise<Some | undefined>, nowMs: number): Promise<Some | undefined> {
  const { notification } = due
  const { alerts, moreAlerts, news } = notification
  const all = alerts.length + moreAlerts
  // What may have arrived is sent again as it was.
  if (all < 2 || news === 'acknowledged' || due.inDoubtSinceMs !== undefined) return due
  const decisions: Decision[] = []
  for await (const alert of suspects(tx, parts, due, nowMs)) {
    const decision = await whyQuiet(tx, parts, alert, notification, nowMs)
    if (decision !== undefined) decisions.push(decision)
    if (decisions.length === takenOutMax) break
  }
  if (decisions.length === 0) return due
  await tx.takeOut(due.id, decisions.slice(0, all - 1).map(({ alert }) => alert))
  await tx.recordDecisions(decisions.slice(0, all - 1))
  return decisions.length === takenOutMax ? undefined : reload(due.id)
}

/** What of a collection may be quiet: what the store says is, and while something is silenced all of it, page by page. */
async function* suspects(tx: Transaction, parts: SilenceParts, due: Due, nowMs: number): AsyncGenerator<Alert> {
  const known = await tx.quietIn(due.id, nowMs, takenOutMax)
  for (const id of known) {
    const alert = await tx.alert(id)
    if (alert !== undefined) yield alert
  }
  if (!(await parts.silences.any(tx, nowMs))) return
  let after = 0
  for (let pages = 0; pages < pagesMax; pages += 1) {
    const page = await tx.membersOf(due.id, after, pageRows)
    yield* page.filter(({ id }) => !known.includes(id))
    after = page.at(-1)?.id ?? 0
    if (page.length < pageRows) return
  }
}

async function whyQuiet(tx: Transaction, parts: SilenceParts, alert: Alert, { recipient: { person }, channel, news }: Due['notification'], nowMs: number): Promise<Decision | undefined> {
  if (alert.announcement?.direct !== undefined) return undefined
  if (news === 'resolved' && endsOn(parts.channelTypeOf, channel) === 'at-once') return undefined
  const whom = { person: person === '' ? '*' : person, channel }
  if (news === 'firing' && isTaken(alert)) return { ...acknowledged(alert, nowMs), ...whom }
  const [hush] = await tx.hushes([alert.id])
  const silencing = await silencingOf(tx, parts.silences, { alert, change: 'counted' }, hush, nowMs)
  if (silencing === undefined) {
    const expected = news === 'firing' ? await expectedDecision(tx, alert, nowMs) : undefined
    return expected && { ...expected, ...whom }
  }
  if (hush?.by !== bySnooze && (alert.state === 'firing' || news === 'resolved')) await hushUntil(tx, alert, silencing.by, silencing.untilMs, nowMs)
  return silencedFor(alert, silencing, nowMs, person, channel)
}

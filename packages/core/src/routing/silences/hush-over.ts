import type { Alert } from '../../model/alert.ts'
import type { Hush } from '../../model/attention.ts'
import type { Decision } from '../../model/decision.ts'
import type { Timer, Transaction } from '../../model/store.ts'
import type { Turn } from '../../model/turn.ts'
import { bySnooze, hushUntil } from './hush.ts'
import { endsUntold } from '../unsteady.ts'
import type { Plan, Told } from '../plan.ts'
import { nameOfHush } from './silences.ts'
import { endsOn, expectedDecision, isTheirs, noPlan, silencedFor, type SilenceParts } from './gate.ts'
import { heldElsewhereMs } from './presence.ts'
import { supersededBy } from '../spared.ts'
import { planUnderCause } from '../under-cause.ts'

/** Alerts that are part of one that was hushed, whose people are told of it; more hear of it when it is over. */
const membersMax = 1_000

/**
 * Puts a plan into the queue, in the caller's transaction.
 *
 * @param as `joins`: it is told as part of another alert
 * @param routed alerts that it is about, also where nothing of them is to be told
 */
export type EnqueuePlan = (tx: Transaction, plan: Plan, nowMs: number, as: 'begins' | 'joins', routed?: readonly number[]) => Promise<void>

/**
 * What hushed an alert is over, or ended early and may be:
 *
 * another silence holds it, or the same longer   hushed by that one from now on
 * it is over                                     told to those who heard that it fires
 * somebody has it, or it is expected             on record
 * it is part of another that is open             its people hear of that one
 * it fires                                       one message to those its routes name
 */
export async function hushOver(tx: Transaction, timer: Timer, parts: SilenceParts, enqueue: EnqueuePlan, nowMs: number): Promise<void> {
  const id = Number(timer.key)
  const [hush] = await tx.hushes([id])
  if (hush === undefined) return
  if (hush.untilMs > nowMs && hush.by === bySnooze) return tx.putTimers([{ ...timer, dueMs: hush.untilMs }])
  const elsewhereMs = hush.untilMs > nowMs && !parts.silences.knows(hush.by) ? await heldElsewhereMs(tx, hush.project, hush.by, nowMs) : undefined
  if (elsewhereMs !== undefined) return tx.putTimers([{ ...timer, dueMs: Math.min(hush.untilMs, elsewhereMs) }])
  const alert = await tx.alert(id)
  if (alert === undefined) return tx.unhush([id])
  const still = await parts.silences.at(tx, alert, nowMs)
  if (still !== undefined) {
    await hushUntil(tx, alert, still.by, still.untilMs, nowMs)
    const isSame = still.by === hush.by && still.untilMs === hush.untilMs
    if (!isSame && alert.state === 'firing') await tx.recordDecisions([silencedFor(alert, still, nowMs)])
    return
  }
  await tx.unhush([id])
  if (alert.state === 'resolved') return enqueue(tx, await planEnd(tx, alert, parts, nowMs), nowMs, 'begins')
  const reason = alert.state === 'acknowledged' ? acknowledged(alert, nowMs) : await expectedDecision(tx, alert, nowMs)
  if (reason !== undefined) return tx.recordDecisions([reason])
  const cause = alert.parent === undefined ? undefined : await tx.alert(alert.parent)
  if (cause !== undefined && cause.state !== 'resolved') return enqueue(tx, await planUnderCause(tx, parts.router, [{ alert, change: 'opened', under: cause }], nowMs), nowMs, 'joins')
  await enqueue(tx, await planStillFiring(tx, alert, hush, parts, nowMs), nowMs, 'begins', [id])
  const members = await tx.openUnder(id, membersMax)
  if (members.length > 0) await enqueue(tx, await planUnderCause(tx, parts.router, members.map((member) => ({ alert: member, change: 'opened', under: alert })), nowMs), nowMs, 'joins')
}

async function planEnd(tx: Transaction, alert: Alert, { router, channelTypeOf }: SilenceParts, nowMs: number): Promise<Plan> {
  // What ends and fires again and again is told as over when it has held.
  if (await endsUntold(tx, alert)) return noPlan
  const ended = (await tx.actionsOf(alert.id)).findLast(({ action, atMs }) => action === 'resolve' && atMs === alert.resolvedAtMs)
  const told = (await tx.toldAbout(alert.id)).filter((one) => one.news === 'firing' && endsOn(channelTypeOf, one.channel) !== 'never' && !isTheirs(one, ended?.by))
  return router.planResolved({ alert, change: 'resolved' }, told, nowMs)
}

/** One that was taken back tells whoever was not told, as if it had not been; one that has run out tells everybody. */
async function planStillFiring(tx: Transaction, alert: Alert, hush: Hush, { router }: SilenceParts, nowMs: number): Promise<Plan> {
  const isTakenBack = hush.by === bySnooze && (await tx.actionsOf(alert.id)).some(({ action, atMs }) => action === 'unsnooze' && atMs === hush.untilMs)
  const told = isTakenBack ? (await tx.toldAbout(alert.id)).filter(({ news }) => news === 'firing') : []
  const isUntold = ({ recipient, channel }: Pick<Told, 'recipient' | 'channel'>): boolean => !told.some((one) => one.channel === channel && one.recipient.person === recipient.person && one.recipient.address === recipient.address)
  const name = await nameOfHush(tx, hush)
  const turn: Turn = { kind: 'silence', name, sinceMs: hush.sinceMs }
  const change = { alert, change: 'opened' } as const
  const plan = router.plan(change, nowMs)
  // What waited since before the silence says the same.
  const withdrawn = await tx.withdraw(alert.id, 'superseded', nowMs)
  return {
    ...plan,
    notifications: plan.notifications.filter(isUntold).map((one) => ({ ...one, turn })),
    batched: plan.batched.filter(isUntold).map((one) => ({ ...one, turn })),
    decisions: [...withdrawn.map((spared) => supersededBy(change, spared, nowMs)), ...plan.decisions.filter(({ person, channel }) => !told.some((one) => one.recipient.person === person && one.channel === channel)).map((decision) => afterSilence(decision, name))],
  }
}

function afterSilence(decision: Decision, name: string): Decision {
  return decision.reason === 'sent.now' ? { ...decision, reason: 'sent.after_silence', params: { ...decision.params, name } } : decision
}

/** That somebody has an alert. */
export function acknowledged({ id, taken, updatedAtMs }: Alert, nowMs: number): Decision {
  return { alert: id, person: '*', channel: '*', reason: 'silenced.acknowledged', params: { time: taken?.atMs ?? updatedAtMs, ...(taken !== undefined && { by: taken.by }) }, atMs: nowMs, count: 1 }
}

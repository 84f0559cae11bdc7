import { tellsEnd, type Alert, type AlertChange } from '../../model/alert.ts'
import type { Hush } from '../../model/attention.ts'
import type { Decision } from '../../model/decision.ts'
import type { Transaction } from '../../model/store.ts'
import { bySnooze, hushUntil } from './hush.ts'
import type { ChannelTypeOf } from '../people.ts'
import type { FailedCondition, Plan, Told } from '../plan.ts'
import type { Router } from '../route.ts'
import { silencingOfHush, type Silences, type Silencing } from './silences.ts'

export interface SilenceParts {
  readonly silences: Silences
  readonly router: Router
  readonly channelTypeOf: ChannelTypeOf
}

/**
 * What happens in place of telling a change of an alert that is silenced; nothing: it is not.
 *
 * It fires      not told, and on record; what waits of it is not sent. At the end it is looked at again, but for news that asks nothing of anybody.
 * It is over    told at once where incidents are kept and nobody is interrupted; to others who heard that it fires, when the silence is over.
 *
 * A message to an address that somebody wrote by hand is not silenced: it is no alarm. What is snoozed and gets worse is snoozed no more.
 */
export function silenceGate({ silences, router, channelTypeOf }: SilenceParts): (tx: Transaction, change: AlertChange, nowMs: number, failed: FailedCondition[]) => Promise<Plan | undefined> {
  return async (tx, change, nowMs, failed) => {
    const { alert } = change
    if (change.change === 'counted' || alert.announcement?.direct !== undefined) return undefined
    const [hush] = change.change === 'opened' ? [] : await tx.hushes([alert.id])
    const silencing = await silencingOf(tx, silences, change, hush, nowMs, failed)
    if (silencing === undefined) {
      // It is told now, so it need not be told at the end of what hushed it.
      if (hush !== undefined) await tx.unhush([alert.id])
      return undefined
    }
    if (change.change === 'resolved') return endWithin(tx, change, silencing, { router, channelTypeOf }, nowMs)
    const withdrawn = change.change === 'opened' ? [] : await tx.withdraw(alert.id, 'silenced', nowMs)
    if (alert.ends !== 'at-once') await hushUntil(tx, alert, silencing.by, silencing.untilMs, nowMs)
    return { ...noPlan, decisions: [silencedFor(alert, silencing, nowMs), ...withdrawn.map(({ recipient: { person }, channel }) => silencedFor(alert, silencing, nowMs, person, channel))] }
  }
}

/** What a person said is to be expected is not told. Its end is, where somebody had heard that it fires. */
export async function expectedGate(tx: Transaction, { alert, change }: AlertChange, nowMs: number): Promise<Plan | undefined> {
  if (change === 'counted' || change === 'resolved' || alert.announcement?.direct !== undefined) return undefined
  const decision = await expectedDecision(tx, alert, nowMs)
  return decision && { ...noPlan, decisions: [decision] }
}

/** That an alert is expected, and who said so; nothing: it is not. */
export async function expectedDecision(tx: Transaction, alert: Alert, nowMs: number): Promise<Decision | undefined> {
  const { project, rule, key } = alert
  const [expected] = await tx.expected([{ project, rule, key }], nowMs)
  return expected && { alert: alert.id, person: '*', channel: '*', reason: 'silenced.expected', params: { by: expected.by, date: expected.sinceMs }, atMs: nowMs, count: 1 }
}

/** That an alert is silenced, for everybody or for one person and channel. */
export function silencedFor({ id }: Pick<Alert, 'id'>, { reason, params }: Pick<Silencing, 'reason' | 'params'>, nowMs: number, person = '*', channel = '*'): Decision {
  return { alert: id, person: person === '' ? '*' : person, channel, reason, params, atMs: nowMs, count: 1 }
}

/** Whether the end of an alert is told there within a silence, when it is over, or never. */
export function endsOn(channelTypeOf: ChannelTypeOf, channel: string): 'at-once' | 'later' | 'never' {
  const can = channelTypeOf(channel)?.can
  if (can?.resolves !== true) return 'never'
  return can.interrupts === false ? 'at-once' : 'later'
}

/** What silences an alert: a snooze, what this process knows, or what another hushed it by. */
export async function silencingOf(tx: Transaction, silences: Silences, { alert, isWorse }: AlertChange, hush: Hush | undefined, nowMs: number, failed?: FailedCondition[]): Promise<Silencing | undefined> {
  const holds = hush !== undefined && hush.untilMs > nowMs
  if (holds && hush.by === bySnooze && isWorse !== true) return silencingOfHush(tx, hush)
  const found = await silences.at(tx, alert, nowMs, failed)
  // Another process may have a silence in its configuration that this one has not.
  return found ?? (holds && hush.by !== bySnooze && !silences.knows(hush.by) ? silencingOfHush(tx, hush) : undefined)
}

/** Whoever ended an alert knows; but what others read too tells them. */
export function isTheirs({ recipient }: Told, endedBy: string | undefined): boolean {
  return endedBy !== undefined && recipient.person === endedBy && recipient.address !== ''
}

async function endWithin(tx: Transaction, change: AlertChange, silencing: Silencing, { router, channelTypeOf }: Pick<SilenceParts, 'router' | 'channelTypeOf'>, nowMs: number): Promise<Plan | undefined> {
  const { alert } = change
  if (!tellsEnd(alert)) return undefined
  const withdrawn = await tx.withdraw(alert.id, 'silenced', nowMs)
  const told = (await tx.toldAbout(alert.id)).filter((one) => one.news === 'firing' && !isTheirs(one, change.by))
  const later = told.filter(({ channel }) => endsOn(channelTypeOf, channel) === 'later')
  if (later.length > 0) await hushUntil(tx, alert, silencing.by, silencing.untilMs, nowMs)
  const plan = router.planResolved(change, told.filter(({ channel }) => endsOn(channelTypeOf, channel) === 'at-once'), nowMs)
  const unheard = [...withdrawn, ...later].map(({ recipient: { person }, channel }) => silencedFor(alert, silencing, nowMs, person, channel))
  return { ...plan, decisions: [...plan.decisions, ...unheard] }
}

export const noPlan: Plan = { notifications: [], batched: [], decisions: [], failed: [] }

import { isTaken, tellsEnd, type Alert, type AlertChange } from './model/alert.ts'
import type { Config } from './model/config.ts'
import type { Decision } from './model/decision.ts'
import type { NewNotification, Transaction } from './model/store.ts'
import { fallbackTimers } from './queue/fallback.ts'
import { endedUnlisted } from './queue/late-ends.ts'
import type { Finished } from './queue/settle.ts'
import type { FailedCondition, Plan, Told } from './routing/plan.ts'
import { act, type Acted, type ActedOn, type ActRequest } from './routing/acts/act.ts'
import type { ToldAlert } from './routing/on-call/pursuit.ts'
import type { Router } from './routing/route.ts'
import { supersededBy, withoutSpared } from './routing/spared.ts'
import { showStanding, type AcknowledgesOf } from './routing/acts/standing.ts'
import { planUnderCause } from './routing/under-cause.ts'
import { endsUntold } from './routing/unsteady.ts'
import { applyFindings } from './rules/alerts.ts'
import { ruleFailed } from './rules/rule-failed.ts'
import { giveFeedback, takeBackFeedback } from './rules/unusual/feedback.ts'

/**
 * Looks at a change before anybody is told of it, such as whether it is silenced. What it returns is what happens in place of telling;
 * nothing: it has no objection. Asked in order; the first that says something decides.
 *
 * @param failed takes conditions that cannot be evaluated for this alert
 */
export type Gate = (tx: Transaction, change: AlertChange, nowMs: number, failed: FailedCondition[]) => Promise<Plan | undefined>

/** Arranges what is about to be enqueued, such as into groups that are told at intervals. Each takes what the one before leaves. */
export type Arrange = (tx: Transaction, plan: Plan, nowMs: number) => Promise<Plan>

/** What is to happen after alerts were told, such as to ask somebody else where nobody acknowledges. */
export type Follow = (tx: Transaction, told: readonly ToldAlert[], nowMs: number) => Promise<void>

export interface TellParts {
  readonly config: Config
  readonly router: Router
  readonly acknowledgesOf: AcknowledgesOf
  readonly gates: readonly Gate[]
  readonly arrangements: readonly Arrange[]
  readonly followers: readonly Follow[]
}

/** Decisions to record beside those of the plan. */
export type DecisionsOf = (change: AlertChange) => readonly Decision[]

/** The second half of what happens in one transaction: changes of alerts become deliveries and decisions. */
export interface Teller {
  /** Route and enqueue. */
  tell(tx: Transaction, changes: readonly AlertChange[], nowMs: number, more?: DecisionsOf): Promise<void>
  /** Somebody did something about alerts: who has them is shown, and their end is told. */
  tellActed(tx: Transaction, acted: Acted, nowMs: number): Promise<void>
  /** Conditions that could not be evaluated: the admins hear of each. */
  readonly tellFailed: (tx: Transaction, failed: readonly FailedCondition[], nowMs: number) => Promise<void>
  /** An alert may have ended, or been taken, while its news was in flight: whoever it reached now is told that, too. */
  tellLateEnds(tx: Transaction, back: readonly Finished[], nowMs: number): Promise<void>
  /**
   * What is planned elsewhere, on the same way into the queue.
   *
   * @param as `begins`: what follows what is told begins anew; `joins`: others hear of what is told already; `goes-on`: it is what follows. @default 'begins'
   * @param routed alerts that it is about, also where nothing of them is enqueued
   */
  enqueue(tx: Transaction, plan: Omit<Plan, 'failed'>, nowMs: number, as?: 'begins' | 'joins' | 'goes-on', routed?: readonly number[]): Promise<void>
}

export function createTeller({ config, router, acknowledgesOf, gates, arrangements, followers }: TellParts): Teller {
  async function tell(tx: Transaction, changes: readonly AlertChange[], nowMs: number, more: DecisionsOf = noDecisions): Promise<void> {
    const plans: Plan[] = []
    const failed: FailedCondition[] = []
    const routed: number[] = []
    for (const change of changes.filter(({ under }) => under === undefined)) {
      const failedHere: FailedCondition[] = []
      const instead = await gated(tx, change, nowMs, failedHere)
      const plan = instead ?? (await planOf(tx, change, nowMs))
      if (instead === undefined && isNews(change)) routed.push(change.alert.id)
      plans.push(plan, { ...emptyPlan, decisions: more(change) })
      // An alert about the product itself never causes another: it may well meet the same broken route.
      if (change.alert.kind !== 'system') failed.push(...failedHere, ...plan.failed)
    }
    await enqueue(tx, joined(plans), nowMs, 'begins', routed)
    const members = changes.filter(({ under }) => under !== undefined)
    if (members.length > 0) await enqueue(tx, await planUnderCause(tx, router, members, nowMs), nowMs, 'joins')
    await tellFailed(tx, failed, nowMs)
  }

  async function tellFailed(tx: Transaction, failed: readonly FailedCondition[], nowMs: number): Promise<void> {
    if (failed.length === 0) return
    const findings = failed.map(({ where, cause }) => ruleFailed(config.project, where, cause, nowMs))
    await tell(tx, await applyFindings(tx, findings, nowMs), nowMs)
  }

  async function gated(tx: Transaction, change: AlertChange, nowMs: number, failed: FailedCondition[]): Promise<Plan | undefined> {
    for (const gate of gates) {
      const plan = await gate(tx, change, nowMs, failed)
      if (plan !== undefined) return plan
    }
    return undefined
  }

  async function planOf(tx: Transaction, change: AlertChange, nowMs: number): Promise<Plan> {
    if (change.change === 'resolved') return planResolved(tx, change, nowMs)
    const plan = router.plan(change, nowMs)
    if (change.change === 'reopened') return planReopened(tx, change, plan, nowMs)
    return change.change === 'raised' ? supersede(tx, change, plan, nowMs) : plan
  }

  async function enqueue(tx: Transaction, plan: Omit<Plan, 'failed'>, nowMs: number, as: 'begins' | 'joins' | 'goes-on' = 'begins', routed: readonly number[] = []): Promise<void> {
    let arranged: Plan = { ...plan, failed: [] }
    for (const arrange of arrangements) arranged = await arrange(tx, arranged, nowMs)
    const { notifications, batched, decisions } = arranged
    const [single, collected] = [notifications.length === 0 ? [] : await tx.enqueue(notifications), batched.length === 0 ? [] : await tx.enqueueInBatch(batched)]
    const timers = [...fallbackTimers(notifications, single), ...fallbackTimers(batched, collected)]
    if (timers.length > 0) await tx.putTimers(timers)
    if (decisions.length > 0) await tx.recordDecisions(decisions)
    if (as === 'goes-on') return
    const told = toldOf([...notifications, ...batched], routed, as === 'joins')
    if (told.length > 0) for (const follow of followers) await follow(tx, told, nowMs)
  }

  /** The end of an alert is told to those who were told of it; those who still wait are spared both. */
  async function planResolved(tx: Transaction, change: AlertChange, nowMs: number): Promise<Plan> {
    const { alert } = change
    if (!tellsEnd(alert)) return emptyPlan
    const spared = alert.severity === 'critical' ? [] : await tx.withdraw(alert.id, 'resolved-before-told', nowMs)
    const decisions = spared.map(({ recipient: { person }, channel }): Decision => ({
      alert: alert.id, person, channel, reason: 'refused.resolved_before_told', params: { time: alert.resolvedAtMs ?? nowMs }, atMs: nowMs, count: 1,
    }))
    const told = (await tx.toldAbout(alert.id)).filter(({ news }) => news === 'firing')
    // Whoever ended it knows; but what others read too tells them.
    const isTheirs = ({ recipient }: Told): boolean => change.by !== undefined && recipient.person === change.by && recipient.address !== ''
    const known = told.filter(isTheirs).map(({ recipient: { person }, channel, route }): Decision => ({
      alert: alert.id, person, channel, reason: 'merged.already_told', params: { time: alert.resolvedAtMs ?? nowMs, route }, atMs: nowMs, count: 1,
    }))
    const plan = router.planResolved(change, told.filter((one) => !isTheirs(one)), nowMs)
    return { ...plan, decisions: [...decisions, ...known, ...plan.decisions] }
  }

  /** The alert fires again: nobody is to hear that it is over, nor the older news, nor once more what they know. */
  async function planReopened(tx: Transaction, change: AlertChange, plan: Plan, nowMs: number): Promise<Plan> {
    const withdrawn = await tx.withdraw(change.alert.id, 'superseded', nowMs)
    const left = withdrawn.length === 0 ? plan : withoutSpared(plan, change, withdrawn, await tx.toldAbout(change.alert.id), nowMs)
    return { ...left, decisions: [...withdrawn.map((spared) => supersededBy(change, spared, nowMs)), ...left.decisions] }
  }

  /** One unsettled delivery for each alert, person and channel: a newer one takes the place of an older that still waits. */
  async function supersede(tx: Transaction, change: AlertChange, plan: Plan, nowMs: number): Promise<Plan> {
    const decisions: Decision[] = []
    for (const { recipient, channel } of plan.notifications) {
      const withdrawn = await tx.withdraw(change.alert.id, 'superseded', nowMs, { person: recipient.person, channel })
      decisions.push(...withdrawn.map((spared) => supersededBy(change, spared, nowMs)))
    }
    return { ...plan, decisions: [...decisions, ...plan.decisions] }
  }

  async function tellLateEnds(tx: Transaction, back: readonly Finished[], nowMs: number): Promise<void> {
    const reached = back.flatMap((one) => ('outcome' in one && one.outcome.kind === 'sent' && one.claimed.notification.news === 'firing' ? [one] : []))
    // What had ended when it was claimed was told as over.
    const mayTellEnd = (alert: Alert): boolean => tellsEnd(alert) && alert.state !== 'resolved'
    const mayShow = (alert: Alert, channel: string): boolean => acknowledgesOf(channel) !== undefined && !isTaken(alert)
    const asked = reached.flatMap(({ claimed: { notification: { alerts, channel } } }) => alerts.filter((alert) => mayTellEnd(alert) || mayShow(alert, channel)))
    const alertsNow = asked.length === 0 ? undefined : await tx.alerts([...new Set(asked.map(({ id }) => id))])
    for (const { claimed, startedMs } of reached) {
      const { notification } = claimed
      for (const alert of notification.alerts) {
        const [isTellingEnd, isShowing] = [mayTellEnd(alert), mayShow(alert, notification.channel)]
        const now = isTellingEnd || isShowing ? alertsNow?.get(alert.id) : undefined
        if (now === undefined) continue
        if (isShowing && isTaken(now)) await showStanding(tx, now, [notification], acknowledgesOf, nowMs)
        if (isTellingEnd && now.state === 'resolved' && !(await endsUntold(tx, now))) await enqueue(tx, router.planResolved({ alert: now, change: 'resolved' }, [notification], nowMs), nowMs)
      }
      for (const alert of notification.moreAlerts === 0 ? [] : await endedUnlisted(tx, claimed, startedMs)) {
        if (tellsEnd(alert) && !(await endsUntold(tx, alert))) await enqueue(tx, router.planResolved({ alert, change: 'resolved' }, [notification], nowMs), nowMs)
      }
    }
  }

  async function tellActed(tx: Transaction, { ended, standing }: Acted, nowMs: number): Promise<void> {
    for (const alert of standing) await showStanding(tx, alert, (await tx.toldAbout(alert.id)).filter(({ news }) => news === 'firing'), acknowledgesOf, nowMs)
    // What somebody gave back is to be taken by somebody again.
    for (const follow of followers) await follow(tx, standing.map(({ id }) => ({ alert: id, news: [] })), nowMs)
    await tell(tx, ended, nowMs)
  }

  return { tell, tellFailed, tellActed, tellLateEnds, enqueue }
}

const emptyPlan: Plan = { notifications: [], batched: [], decisions: [], failed: [] }

function joined(plans: readonly Plan[]): Plan {
  return {
    notifications: plans.flatMap(({ notifications }) => notifications),
    batched: plans.flatMap(({ batched }) => batched),
    decisions: plans.flatMap(({ decisions }) => decisions),
    failed: [],
  }
}

/** Whether somebody is to hear of it: what is counted in was told, and an end is followed by nothing. */
function isNews({ change }: AlertChange): boolean {
  return change === 'opened' || change === 'reopened' || change === 'raised'
}

function toldOf(news: readonly NewNotification[], routed: readonly number[], isJoined: boolean): readonly ToldAlert[] {
  const byAlert = new Map<number, NewNotification[]>(routed.map((alert) => [alert, []]))
  for (const one of news) if (one.news === 'firing') byAlert.set(one.alert, [...(byAlert.get(one.alert) ?? []), one])
  return [...byAlert].map(([alert, own]) => ({ alert, news: own, ...(isJoined && { isJoined }) }))
}

const noDecisions: DecisionsOf = () => []

/** What people do about alerts, and what that tells others and the rules, in the caller's transaction. */
export type ActIn = (tx: Transaction, request: ActRequest, nowMs: number) => Promise<readonly ActedOn[]>

export function createActIn(teller: Pick<Teller, 'tellActed'>): ActIn {
  return async (tx, request, nowMs) => {
    const acted = await act(tx, request, { learn: giveFeedback, unlearn: takeBackFeedback }, nowMs)
    await teller.tellActed(tx, acted, nowMs)
    return acted.each
  }
}

import type { Decision, DecisionParams, DecisionReason } from '../model/decision.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'

/** One decision about all that a delivery carries. */
export interface Decided {
  readonly due: DueDelivery | ClaimedDelivery
  readonly reason: DecisionReason
  readonly params: DecisionParams
  /** Absent: the delivery's own. */
  readonly channel?: string
}

/** Puts decisions on record for every alert they are about, also for those beyond what is loaded with a delivery. */
export async function recordDecided(tx: Transaction, decided: readonly Decided[], nowMs: number): Promise<void> {
  const decisions: Decision[] = []
  for (const { due, reason, params, channel = due.notification.channel } of decided) {
    const { recipient, alerts, moreAlerts } = due.notification
    const decision = { person: recipient.person === '' ? '*' : recipient.person, channel, reason, params, atMs: nowMs, count: 1 }
    if (moreAlerts > 0) await tx.recordDecisionsForDelivery(due.id, decision)
    else for (const alert of alerts) decisions.push({ alert: alert.id, ...decision })
  }
  if (decisions.length > 0) await tx.recordDecisions(decisions)
}

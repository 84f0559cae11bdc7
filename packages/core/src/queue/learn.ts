import type { DecisionParams, DecisionReason } from '../model/decision.ts'
import type { DeliveryResult } from '../model/delivery.ts'
import type { EventInput } from '../model/event.ts'
import type { Inbound } from '../model/inbound.ts'
import { stoppedCode } from '../model/outcome.ts'
import type { DueDelivery, Transaction } from '../model/store.ts'
import { shownAddress } from '../model/shown-address.ts'
import { addressBad, badAddressMs } from './bad-address.ts'
import { recordDecided } from './decide.ts'
import { askNextChannel, type RecipientsOn } from './fallback.ts'

type Status = Extract<Inbound, { kind: 'status' }>

/** What became of a status: `too-early` where the delivery is not settled yet, so that the provider is to say it again. */
export interface Learnt {
  readonly state: 'recorded' | 'nothing' | 'too-early'
  readonly events: readonly EventInput[]
}

/**
 * A provider says what became of a message after it had taken it. What did not arrive was not sent after all: the address is remembered where
 * it is at fault, and the next channel is asked, which looks first whether anybody has acknowledged meanwhile.
 */
export async function learn(tx: Transaction, delivery: number, { providerId, outcome }: Omit<Status, 'kind' | 'messageId'>, recipientsOn: RecipientsOn, nowMs: number): Promise<Learnt> {
  const found = await tx.delivery(delivery)
  if (found === undefined) return nothing
  if (found.state !== 'done') return { state: 'too-early', events: [] }
  const { due } = found
  if (outcome === 'arrived') {
    const isNew = await tx.learn(delivery, { atMs: nowMs, tookMs: 0, outcome: 'sent', code: 'delivered', detail: 'arrived, says the provider', providerId })
    return isNew ? recorded : nothing
  }
  const { code = '', detail } = outcome
  const end = endOf(due, outcome, nowMs)
  if (!(await tx.learn(delivery, { atMs: nowMs, tookMs: 0, outcome: outcome.kind, code, detail, providerId }, end.result))) return nothing
  await recordDecided(tx, [{ due, reason: end.reason, params: end.params }], nowMs)
  const { project, channel, recipient } = due.notification
  const isBad = outcome.kind === 'bad-address'
  if (isBad) await tx.addBadAddress({ project, channel, address: recipient.address, code, sinceMs: nowMs, untilMs: nowMs + badAddressMs })
  await askNextChannel(tx, [{ due, outcome: 'failed', inDoubt: false }], recipientsOn, nowMs)
  const isNews = isBad && code !== stoppedCode && due.notification.alerts.some(({ kind }) => kind !== 'system')
  return isNews ? { state: 'recorded', events: [addressBad(due.notification, code, nowMs)] } : recorded
}

const nothing: Learnt = { state: 'nothing', events: [] }
const recorded: Learnt = { state: 'recorded', events: [] }

function endOf({ notification: { channel, recipient }, attemptsBefore }: DueDelivery, { kind, code = '', detail }: Exclude<Status['outcome'], 'arrived'>, nowMs: number): { readonly result: DeliveryResult; readonly reason: DecisionReason; readonly params: DecisionParams } {
  if (kind === 'bad-address' && code === stoppedCode) return { result: 'opted-out', reason: 'refused.stopped', params: { person: recipient.person, date: nowMs } }
  if (kind === 'bad-address') return { result: 'bad-address', reason: 'refused.bad_address', params: { provider: channel, address: shownAddress(recipient.address), code } }
  if (kind === 'bad-content') return { result: 'failed', reason: 'failed.content', params: { channel, cause: detail } }
  return { result: 'failed', reason: 'failed.exhausted', params: { attempts: Math.max(1, attemptsBefore), cause: detail } }
}

import type { AlertChange } from '../model/alert.ts'
import type { Decision } from '../model/decision.ts'
import type { Recipient } from '../model/notification.ts'
import type { LastTold, NewNotification, Withdrawn } from '../model/store.ts'
import type { Plan } from './plan.ts'

/** Decisions that promise what is now not sent. */
const promises: readonly Decision['reason'][] = ['sent.now', 'sent.passed_quiet', 'sent.reduced', 'sent.required', 'sent.resent', 'held.quiet_hours', 'held.cause', 'held.digest', 'held.group_wait']

/**
 * An alert fires again before its end was told: whoever heard that it began, and was just spared the end, knows what there is to know, and is not told
 * that it began once more. Unless it is worse than it was.
 */
export function withoutSpared(plan: Plan, { alert, isWorse }: AlertChange, withdrawn: readonly Withdrawn[], told: readonly LastTold[], nowMs: number): Plan {
  if (isWorse === true) return plan
  const spared = new Set(withdrawn.filter(({ news }) => news === 'resolved').map(({ recipient, channel }) => placeOf(recipient, channel)))
  if (spared.size === 0) return plan
  const heard = new Map(told.map((one) => [placeOf(one.recipient, one.channel), one]))
  const knownSince = ({ recipient, channel, fallback }: NewNotification): number | undefined => {
    const here = heard.get(placeOf(recipient, channel))
    if (here !== undefined) return here.news === 'firing' && spared.has(placeOf(recipient, channel)) ? here.atMs : undefined
    // Told by the next channel then: the first would be asked again now.
    const next = told.find((one) => one.news === 'firing' && one.recipient.person === recipient.person && fallback.includes(one.channel) && spared.has(placeOf(one.recipient, one.channel)))
    return next?.atMs
  }
  const dropped: { readonly one: NewNotification; readonly atMs: number }[] = []
  const isNew = (one: NewNotification): boolean => {
    const atMs = knownSince(one)
    if (atMs !== undefined) dropped.push({ one, atMs })
    return atMs === undefined
  }
  const notifications = plan.notifications.filter(isNew)
  const batched = plan.batched.filter(isNew)
  const isDropped = ({ person, channel, reason }: Decision): boolean => promises.includes(reason) && dropped.some(({ one }) => one.channel === channel && one.recipient.person === person)
  const known = dropped.map(({ one: { recipient, channel, route }, atMs }): Decision => ({
    alert: alert.id, person: recipient.person === '' ? '*' : recipient.person, channel, reason: 'merged.already_told', params: { time: atMs, route }, atMs: nowMs, count: 1,
  }))
  return { ...plan, notifications, batched, decisions: [...plan.decisions.filter((one) => !isDropped(one)), ...known] }
}

export function supersededBy({ alert }: AlertChange, { recipient: { person }, channel }: Withdrawn, nowMs: number): Decision {
  return { alert: alert.id, person, channel, reason: 'merged.superseded', params: { newer: alert.severity }, atMs: nowMs, count: 1 }
}

/** Where the channel is the address, whoever reads it. */
function placeOf({ person, address }: Recipient, channel: string): string {
  return address === '' ? JSON.stringify([channel]) : JSON.stringify([channel, person, address])
}

import { createHash } from 'node:crypto'
import type { LimitsConfig } from '../model/attention-config.ts'
import type { OpenChannel } from '../model/channel.ts'
import type { News, Recipient } from '../model/notification.ts'
import type { DueDelivery } from '../model/store.ts'
import type { RateUse } from './rates.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000

/** A person can read half of what they want in an hour at once; the rest is spaced, so that there is always one to come. */
const burstShare = 0.5

/** Ends leave a fifth of what may go at once, so that good news does not hold up bad. */
const endsShare = 0.8

/**
 * Whose attention a message takes: of a person on one channel, over all projects of the store; each of their devices has its own. Where the
 * channel is its own address it is the place's, once for all who read there. Absent: nobody's. A message to an address without a person was
 * asked for by hand, and some channels interrupt nobody.
 */
export function attentionOf({ project, recipient: { person, address } }: { readonly project: string; readonly recipient: Recipient }, { name, type, address: kind }: Pick<OpenChannel, 'name' | 'type' | 'address'>): string | undefined {
  if (person === '' || type.can.interrupts === false) return undefined
  if (address === '') return `place|${project}|${name}`
  const device = kind === 'push' || kind === 'webPush' ? `|${createHash('sha256').update(address).digest('hex').slice(0, 12)}` : ''
  return `person|${person}|${name}${device}`
}

/** What the reader of a delivery wants of them: the rates that it draws on beside those of its channel. */
type LimitsOf = (due: DueDelivery) => readonly RateUse[]

/**
 * The limits of a person on a channel as rates. A delivery costs one, whatever it carries and however long it is, when it is claimed for the
 * first time; trying again costs nothing, nor does it that a message is changed to show who has its alert. What is critical has rates of its own.
 */
export function createLimits(limits: LimitsConfig | false, open: OpenChannel): LimitsOf {
  if (limits === false || open.type.can.interrupts === false) return () => []
  const own = limits.channels[open.name] ?? {}
  const rest = { perHour: own.perHour ?? limits.perHour, perDay: own.perDay ?? limits.perDay }
  return (due) => {
    const whose = due.claimedBefore === true || due.notification.news === 'acknowledged' || isReserveSummary(due) ? undefined : attentionOf(due.notification, open)
    if (whose === undefined) return []
    const isCritical = due.priority === 0
    return usesOf(`${whose}|${isCritical ? 'critical' : 'rest'}`, isCritical ? limits.critical : rest, isCritical ? 'firing' : due.notification.news)
  }
}

/** Named by what they allow: a limit that is changed begins anew. */
function usesOf(key: string, { perHour, perDay }: LimitsConfig['critical'], news: News): readonly RateUse[] {
  const rates = [{ count: perHour, perMs: hourMs }, { count: perDay, perMs: dayMs }]
  return rates.map((rate) => ({ key: `attention:${key}:${rate.count}/${rate.perMs}`, rate, burstShare, roomShare: news === 'firing' ? 1 : endsShare, cost: 1, urgent: true }))
}

/** What is critical past its reserve, told together: it has a pace of its own and no other limit. */
function isReserveSummary({ priority, notification: { turn } }: DueDelivery): boolean {
  return priority === 0 && turn?.kind === 'limit'
}

/** A digest of what was past a limit; it goes when the limit allows one. */
export function isLimitDigest({ priority, notification: { turn } }: DueDelivery): boolean {
  return priority > 0 && turn?.kind === 'limit'
}

/** What goes on collecting while it waits, and so is not put into another collection. */
export function isRunning(due: DueDelivery): boolean {
  return isLimitDigest(due) || due.notification.turn?.kind === 'storm'
}

import type { Rate } from '../../packages/core/src/model/channel.ts'
import type { Journal } from './journal.ts'
import type { Committed } from './observer.ts'
import type { Handing, OnHanded } from './receivers.ts'
import type { Troubles } from './troubles.ts'
import type { WorldAttention } from './world-attention.ts'
import type { WorldConfig } from './world-config.ts'

/** Looks at every handing over to a channel at the moment it happens: once, marked, within rates, not before its time. */
export function handingChecks(journal: Journal, committed: Committed, troubles: Troubles, { leaseMs, attemptsMax }: Pick<WorldConfig, 'leaseMs' | 'attemptsMax'>, { limits }: Pick<WorldAttention, 'limits'>): OnHanded {
  const deadlineMs = leaseMs / 2
  const rates = new RateWatch(journal, troubles)
  const attention = limits === undefined ? undefined : new AttentionWatch(journal, troubles, committed, limits)
  return (handing, earlier) => {
    const { message, sender } = handing
    const ended = committed.ended.get(handing.delivery)
    journal.check('sent-once', ended === undefined || troubles.befell(sender, 0, handing.atMs), () => `${message.id} is sent again by ${sender.label} although its delivery ended as ${ended ?? ''}`)
    for (const before of earlier) {
      const mayHaveArrived = before.receivedMs !== undefined || before.underway
      journal.check('sent-once', !mayHaveArrived || isExcused(before, handing, troubles, deadlineMs), () => `${message.id} is sent by ${sender.label} a second time after ${before.sender.label} sent it at ${seconds(before.atMs)} and nothing was lost`)
      journal.check('repeats-marked', !mayHaveArrived || message.possiblyRepeated, () => `${message.id} may have arrived at ${seconds(before.atMs)}, and the second does not say so`)
      if (before.answer !== undefined && !troubles.befell(before.sender, before.answer.atMs, handing.atMs)) checkRetryAfter(journal, before, handing)
    }
    // Wrong settings are no fault of the message: that attempt does not count.
    const counted = earlier.filter(({ answer }) => answer === undefined || answer.outcome === 'thrown' || answer.outcome.kind !== 'bad-config').length + 1
    journal.check('attempts-bounded', counted <= attemptsMax, () => `${message.id} is attempted for the ${counted}. time, at most ${attemptsMax} are allowed`)
    // A receiver that is asked first whether it has the message is handed it when it has answered; it was let through when it was claimed.
    // Also where the first attempt was claimed and never handed over.
    const wasAsked = handing.channel.kind === 'sim-asked'
    if (earlier.length === 0) attention?.handed(handing)
    rates.handed(handing, wasAsked ? (committed.holders.get(handing.delivery)?.atMs ?? handing.atMs) : handing.atMs)
  }
}

/** An answer was lost, or the lease. */
function isExcused(before: Handing, handing: Handing, troubles: Troubles, deadlineMs: number): boolean {
  const answeredMs = before.answer?.atMs ?? Infinity
  const { answer } = before
  const isKnownSent = answer !== undefined && answer.outcome !== 'thrown' && answer.outcome.kind === 'sent' && answeredMs - before.atMs < deadlineMs
  const isStillUnderway = answer === undefined && handing.atMs - before.atMs < deadlineMs
  if (!isKnownSent && !isStillUnderway) return true
  return troubles.befell(before.sender, before.atMs, handing.atMs)
}

function checkRetryAfter(journal: Journal, { answer }: Handing, { message, sender }: Handing): void {
  if (answer === undefined || answer.outcome === 'thrown' || answer.outcome.kind !== 'retry' || answer.outcome.afterMs === undefined) return
  const notBeforeMs = answer.senderMs + answer.outcome.afterMs
  journal.check('retry-after-honoured', sender.nowMs >= notBeforeMs, () => `${message.id} is sent ${notBeforeMs - sender.nowMs} ms before the time its receiver asked for`)
}

interface Taken {
  readonly atMs: number
  readonly cost: number
}

/** Counts what each receiver is handed in any span of its rate. */
class RateWatch {
  readonly #journal: Journal
  readonly #troubles: Troubles
  readonly #taken = new Map<string, Taken[]>()

  constructor(journal: Journal, troubles: Troubles) {
    this.#journal = journal
    this.#troubles = troubles
  }

  handed(handing: Handing, atMs: number): void {
    const { channel, message, cost } = handing
    if (channel.rate !== undefined) this.#count(channel.name, channel.rate, { atMs, cost })
    if (channel.ratePerAddress !== undefined) this.#count(`${channel.name} ${message.to}`, channel.ratePerAddress, { atMs, cost })
  }

  /** Spans in which the host's clock jumped are not judged: no process can know how long such a span was. */
  #count(key: string, rate: Rate, { atMs, cost }: Taken): void {
    const sinceMs = Math.max(atMs - rate.perMs, this.#troubles.lastClockTroubleMs(atMs))
    const kept = [...(this.#taken.get(key) ?? []).slice(-takenMax), { atMs, cost }]
    this.#taken.set(key, kept)
    const taken = kept.filter((one) => one.atMs > sinceMs && one.atMs <= atMs)
    if (taken.length === 0) return
    const sum = taken.reduce((total, one) => total + one.cost, 0)
    // One message that costs more than the whole rate goes by itself and is paid for afterwards.
    const most = rate.count + Math.max(...taken.map((one) => one.cost)) - 1
    this.#journal.check('rates-held', sum <= most, () => `${key} was handed ${sum} within ${rate.perMs} ms, its rate is ${rate.count}`)
  }
}

const hourMs = 3_600_000
/** Past its reserve what is critical is one summary in five minutes. */
const summariesAnHour = 13

/** Counts what each person is sent by each channel in any hour; what interrupts nobody has no limit. */
class AttentionWatch {
  readonly #journal: Journal
  readonly #troubles: Troubles
  readonly #committed: Committed
  readonly #limits: NonNullable<WorldAttention['limits']>
  readonly #sent = new Map<string, { readonly atMs: number; readonly isCritical: boolean }[]>()

  constructor(journal: Journal, troubles: Troubles, committed: Committed, limits: NonNullable<WorldAttention['limits']>) {
    this.#journal = journal
    this.#troubles = troubles
    this.#committed = committed
    this.#limits = limits
  }

  handed({ channel, delivery, atMs }: Handing): void {
    const reader = this.#committed.readers.get(delivery)
    if (reader === undefined || reader.person === '' || channel.kind === 'sim-hook') return
    const key = `${reader.person} ${channel.name}`
    const sent = [...(this.#sent.get(key) ?? []), { atMs, isCritical: reader.priority === 0 }].filter((one) => one.atMs > atMs - hourMs)
    this.#sent.set(key, sent)
    const judged = sent.filter((one) => one.atMs > this.#troubles.lastClockTroubleMs(atMs))
    const rest = judged.filter(({ isCritical }) => !isCritical).length
    const { perHour, criticalPerHour } = this.#limits
    const critical = judged.length - rest
    this.#journal.check('limits-held', rest <= perHour && critical <= criticalPerHour + summariesAnHour, () => `${reader.person} is sent ${rest} messages on ${channel.name} in an hour and ${critical} critical ones; the limits are ${perHour} and ${criticalPerHour}`)
  }
}

/** More than any rate of a world lets through in its span. */
const takenMax = 200

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`
}

import type { Message, OpenChannel, SendTools } from '../model/channel.ts'
import type { Clock } from '../model/clock.ts'
import type { ClaimedDelivery } from '../model/delivery.ts'
import { errorText } from '../model/error.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Redact } from '../model/redact.ts'
import { outcomeFrom } from '../model/outcome-from.ts'
import type { Deadlines } from './deadlines.ts'
import type { Finished } from './settle.ts'

export interface SendParts {
  readonly clock: Clock
  readonly inbox: SendTools['inbox']
  /** The time for one attempt lies well before the lease's end. */
  readonly deadlines: Deadlines
  readonly render: (possiblyRepeated: boolean) => Message
  /** Over what the channel says of the attempt: it is put on record, and a provider may have repeated a credential in it. */
  readonly redact: Redact
}

/**
 * One claimed delivery, one attempt, one outcome. Never throws: what a channel throws is its own fault and counts as `retry`;
 * what does not answer by the deadline is in doubt.
 */
export async function send(claimed: ClaimedDelivery, open: OpenChannel, parts: SendParts): Promise<Finished> {
  const { clock } = parts
  const startedMs = clock.nowMs()
  const since = clock.monotonicMs()
  const finish = (outcome: Outcome, found: boolean): Finished => ({ claimed, open, outcome: outcomeFrom(outcome, open.name, parts.redact), startedMs, tookMs: Math.max(0, Math.round(clock.monotonicMs() - since)), found })
  const deadline = new Deadline(clock, parts.deadlines, since)
  try {
    const doubtful = claimed.inDoubtSinceMs !== undefined
    const { channel } = open
    let message = parts.render(doubtful && channel.find === undefined)
    const cost = Math.max(1, Math.ceil(open.limits.cost?.(message) ?? 1))
    if (cost > claimed.cost) return { claimed, open, cost }
    const tools: SendTools = {
      get signal() {
        return deadline.signal
      },
      clock,
      inbox: parts.inbox,
    }
    if (claimed.inDoubtSinceMs !== undefined && channel.find !== undefined) {
      // What may have arrived is the first sending, which bore no mark of repetition.
      const found = await deadline.orLate(channel.find(message, claimed.inDoubtSinceMs, tools), 'unknown' as const)
      if (found === 'arrived' || typeof found === 'object') return finish({ kind: 'sent', detail: 'found at the provider; not sent again', ...(found === 'arrived' ? {} : { providerId: found.arrived }) }, true)
      if (found === 'unknown' && claimed.priority > 0) return finish({ kind: 'in-doubt', detail: 'the provider could not say whether the earlier attempt arrived' }, false)
      if (found === 'unknown') message = parts.render(true)
    }
    return finish((await deadline.orLate(channel.send(message, tools), undefined)) ?? { kind: 'in-doubt', code: 'deadline', detail: `no answer in ${parts.deadlines.afterMs} ms` }, false)
  } catch (thrown) {
    return finish({ kind: 'retry', code: 'channel-fault', detail: `channel ${open.name} threw: ${errorText(thrown)}` }, false)
  } finally {
    deadline.cancel()
  }
}

/** How long after the deadline a channel that heeds the signal may still give its own, more exact outcome. */
const graceMs = 100

/** The end of one attempt's time. Its signal is made where a channel asks for it: most of the cost of a short attempt would be a signal. */
class Deadline {
  readonly cancel: () => void
  readonly #clock: Clock
  #controller: AbortController | undefined
  #isOver = false
  #onLate: (() => void) | undefined

  constructor(clock: Clock, deadlines: Deadlines, sinceMs: number) {
    this.#clock = clock
    this.cancel = deadlines.begin(sinceMs, () => {
      this.#isOver = true
      this.#controller?.abort()
      this.#onLate?.()
    })
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** What `work` brings, or `late` where it does not end in time. */
  orLate<T, Late>(work: Promise<T>, late: Late): Promise<T | Late> {
    return new Promise((resolve, reject) => {
      this.#onLate = () => void this.#clock.after(graceMs, () => resolve(late))
      if (this.#isOver) this.#onLate()
      work.then(resolve, reject)
    })
  }
}

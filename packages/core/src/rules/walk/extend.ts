import type { Event } from '../../model/event.ts'
import type { Session } from '../../model/session.ts'
import { isPlain, takeStep } from './take-step.ts'
import { isCalm, readWalk, writeWalk } from './walk-text.ts'
import { newWalk, type Walk } from './walk.ts'

/** What a batch did to a session's walk. */
export interface WalkChange {
  readonly after: Walk
  /** Read when it is asked for: few rules do. */
  before(): Walk
}

/** The events of one batch that belong to one session, on their way into its walk. */
export class WalkBook {
  /** Bounded by the batch. */
  readonly #events: Event[] = []
  #isPlain = true
  #isInOrder = true
  change: WalkChange | undefined

  add(event: Event): void {
    const last = this.#events.at(-1)
    if (last !== undefined && event.atMs < last.atMs) this.#isInOrder = false
    if (this.#isPlain && !isPlain(event)) this.#isPlain = false
    this.#events.push(event)
  }

  /**
   * The text that the session's row holds afterwards; nothing where it stays as it was. Model calls that went well change
   * nothing in a walk that is calm, so that most sessions are neither read nor written here.
   *
   * @param beganAnew the session had ended, or had fallen silent, and ran again in this batch
   */
  extend(before: Session | undefined, beganAnew: boolean): string | undefined {
    if (this.#isPlain && !beganAnew && isCalm(before?.walk)) return undefined
    const events = this.#isInOrder ? this.#events : this.#events.toSorted((one, other) => one.atMs - other.atMs)
    let after = readWalk(before?.walk)
    let overSinceMs = beganAnew ? (before?.endedAtMs ?? before?.lastAtMs) : undefined
    let calls = before?.calls ?? 0
    let costNanoUsd = before?.costNanoUsd ?? 0
    for (const event of events) {
      if (overSinceMs !== undefined && event.atMs > overSinceMs && isBeginning(event, before)) {
        // What still waits for a person waits on, whatever became of the session in between.
        after = { ...newWalk({ calls, costNanoUsd, atMs: event.atMs - event.durationMs }), approvals: after.approvals }
        overSinceMs = undefined
      }
      if (event.type === 'llm.call' || event.type === 'tool.call') calls += 1
      costNanoUsd += event.llm?.costNanoUsd ?? 0
      takeStep(after, event, calls - (after.base?.calls ?? 0))
    }
    const text = writeWalk(after)
    if (text === (before?.walk ?? writeWalk(newWalk()))) return undefined
    this.change = { after, before: () => readWalk(before?.walk) }
    return text
  }
}

/** What makes a session run again: after an end that was said its start, after silence any sign of life but an end. */
function isBeginning({ type }: Event, before: Session | undefined): boolean {
  return before?.state === 'indeterminate' ? type !== 'session.end' : type === 'session.start'
}

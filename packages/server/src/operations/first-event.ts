import { errorText, sleep, type Clock, type Store, type StoredEvent } from 'tocsin/engine'
import type { Intake } from '../intake/intake.ts'

/** How often it looks, milliseconds: somebody waits for it at the terminal. */
const lookMs = 250

/**
 * Waits for the first event that comes in here, and tells it once. The store is only asked when something came.
 *
 * @returns ends the waiting
 */
export function awaitFirstEvent({ store, intake, clock, tell, notice }: { readonly store: Store; readonly intake: Intake; readonly clock: Clock; readonly tell: (first: StoredEvent) => void; readonly notice: (text: string) => void }): () => void {
  const stopping = new AbortController()
  const cameIn = (): number => intake.counts.requests
  const wait = async (): Promise<void> => {
    let asked = 0
    while (!stopping.signal.aborted) {
      if (cameIn() > asked) {
        // Counted when a request begins: it is on record when nothing is under way any more, or a moment later.
        if (intake.underWay.requests === 0) asked = cameIn()
        const [first] = await store.read.events({ limit: 1 })
        if (first !== undefined) return tell(first)
      }
      await sleep(clock, lookMs, stopping.signal)
    }
  }
  wait().catch((failure: unknown) => notice(`the first event is not told at the terminal: ${errorText(failure)}`))
  return () => stopping.abort()
}

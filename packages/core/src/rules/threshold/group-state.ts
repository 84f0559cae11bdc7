import { keptUnder } from '../kept.ts'
import { histogramText } from './histogram.ts'
import type { Slices } from './slices.ts'

/**
 * What a threshold rule keeps of one group: its slices, and where it stands.
 *
 * calm     nothing to tell
 * pending  beyond the threshold, but not yet for as long as the rule's `for`; back behind it: calm
 * firing   told; back behind `until`: calm, and the end is told. One that flaps stays firing until it was calm for a while
 */
export interface GroupState {
  /** Identifies what is counted: a row that was written under other settings begins anew. */
  readonly counting: string
  /** Values of the names in `groupBy`; empty for `other`. */
  readonly values: readonly string[]
  readonly slices: Slices
  phase: 'calm' | 'pending' | 'firing'
  /** In the group's time: since when it is beyond the threshold. */
  sinceMs: number
  /** Since when it is watched without a gap. */
  watchedMs: number
  /** The latest event, and by how much it came late: the group's time is so far behind the clock. */
  newestMs: number
  lagMs: number
  /** When an event came, and when there was last enough to judge. */
  heardMs: number
  judgedMs: number
  /** When it was told that it fires; 0: never. */
  toldMs: number
  /** In the group's time: since when one that flaps is calm; 0: it is not. */
  calmMs: number
  /** When it began to fire, the last four times. */
  opensMs: readonly number[]
  /** That there is no data was told. */
  isSilent: boolean
  /** For when the timer is put; 0: none. */
  dueMs: number
}

export function newState(counting: string, values: readonly string[], nowMs: number): GroupState {
  return {
    counting, values, slices: new Map(), phase: 'calm', sinceMs: 0, watchedMs: nowMs, newestMs: 0, lagMs: 0,
    heardMs: nowMs, judgedMs: nowMs, toldMs: 0, calmMs: 0, opensMs: [], isSilent: false, dueMs: 0,
  }
}

type Written = Omit<GroupState, 'slices'> & { readonly slices: readonly (readonly [index: number, count: number, value: number, bins?: string])[] }

export function stateText({ slices, ...state }: GroupState): string {
  const written: Written = {
    ...state,
    slices: [...slices].map(([index, { count, value, bins }]) => (bins === undefined ? [index, count, value] : [index, count, value, typeof bins === 'string' ? bins : histogramText(bins)])),
  }
  return JSON.stringify(written)
}

/** What `stateText` wrote; nothing where other settings, or a rule of another kind, did. */
export function stateFrom(text: string | undefined, counting: string): GroupState | undefined {
  const kept = keptUnder<Written>(text, counting)
  if (kept === undefined) return undefined
  const { slices, ...state } = kept
  return { ...state, slices: new Map(slices.map(([index, count, value, bins]) => [index, { count, value, ...(bins !== undefined && { bins }) }])) }
}

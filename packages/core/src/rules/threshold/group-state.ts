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

/** Which form rows have; one in another begins anew. */
export const writtenForm = 2

/** As it stands in its row: what most groups have nothing to say of is left out, because a rule may have ten thousand of them. */
interface Written {
  readonly counting: string
  readonly values: readonly string[]
  readonly slices: readonly (readonly [index: number, count: number, value: number, bins?: string])[]
  readonly times: readonly [watchedMs: number, newestMs: number, lagMs: number, heardMs: number, judgedMs: number, dueMs: number]
  readonly phase?: 'pending' | 'firing'
  readonly sinceMs?: number
  readonly toldMs?: number
  readonly calmMs?: number
  readonly opensMs?: readonly number[]
  readonly isSilent?: true
}

export function stateText(state: GroupState): string {
  const { counting, values, slices, phase, sinceMs, watchedMs, newestMs, lagMs, heardMs, judgedMs, toldMs, calmMs, opensMs, isSilent, dueMs } = state
  const kept: Written['slices'][number][] = []
  for (const [index, { count, value, bins }] of slices) kept.push(bins === undefined ? [index, count, value] : [index, count, value, typeof bins === 'string' ? bins : histogramText(bins)])
  const written: { -readonly [Name in keyof Written]: Written[Name] } = { counting, values, slices: kept, times: [watchedMs, newestMs, lagMs, heardMs, judgedMs, dueMs] }
  if (phase !== 'calm') written.phase = phase
  if (sinceMs !== 0) written.sinceMs = sinceMs
  if (toldMs !== 0) written.toldMs = toldMs
  if (calmMs !== 0) written.calmMs = calmMs
  if (opensMs.length > 0) written.opensMs = opensMs
  if (isSilent) written.isSilent = true
  return JSON.stringify(written)
}

/** What `stateText` wrote; nothing where other settings, or a rule of another kind, did. */
export function stateFrom(text: string | undefined, counting: string): GroupState | undefined {
  const kept = keptUnder<Written>(text, counting)
  if (kept === undefined) return undefined
  const slices: Slices = new Map()
  for (const [index, count, value, bins] of kept.slices) slices.set(index, bins === undefined ? { count, value } : { count, value, bins })
  const [watchedMs, newestMs, lagMs, heardMs, judgedMs, dueMs] = kept.times
  return {
    counting, values: kept.values, slices, phase: kept.phase ?? 'calm', sinceMs: kept.sinceMs ?? 0, watchedMs, newestMs, lagMs, heardMs, judgedMs,
    toldMs: kept.toldMs ?? 0, calmMs: kept.calmMs ?? 0, opensMs: kept.opensMs ?? [], isSilent: kept.isSilent ?? false, dueMs,
  }
}

/**
 * What an absence rule keeps of one group.
 *
 * waiting  something is expected until `absent` has passed since `sinceMs`
 * firing   it did not come, and that was told; when it comes, the end is told
 * done     with `since`: it came; kept for a while, because the beginning may come later than the end
 */
export interface SilenceState {
  /** Identifies what is waited for: a row that was written under other settings begins anew. */
  readonly counting: string
  readonly values: readonly string[]
  phase: 'waiting' | 'firing' | 'done'
  /** When the wait began: the last event that matched, the one that begins it, or when somebody began to listen. */
  sinceMs: number
  /** The last event that was waited for; 0: none. */
  seenMs: number
  /** By how much telemetry of this group comes late. */
  lagMs: number
  toldMs: number
  dueMs: number
}

/** What a batch says of one group: the latest event of either sort; 0: none. */
export interface Heard {
  readonly seenMs: number
  readonly beganMs: number
}

/** What the rule asks for, in milliseconds; `againMs` 0: told once. */
export interface Wait {
  readonly absentMs: number
  readonly againMs: number
  /** The wait begins with an event of its own. */
  readonly hasBeginning: boolean
}

/** What comes out of order is waited for so long. */
const doneKeptMs = 300_000
/** A row is written anew at least so often, so that it is not taken for forgotten. */
const heartbeatMs = 30 * 60_000
/** A group that is silent for so long beyond its time is given up. */
const forgottenMs = 7 * 86_400_000

/** Counts in what was heard. True: what was missing has come. */
export function hear({ absentMs, hasBeginning }: Wait, state: SilenceState, { seenMs, beganMs }: Heard, nowMs: number): boolean {
  const latestMs = Math.max(seenMs, beganMs)
  if (latestMs > Math.max(state.seenMs, state.sinceMs)) state.lagMs = Math.min(nowMs - latestMs, absentMs)
  state.seenMs = Math.max(state.seenMs, seenMs)
  const wasFiring = state.phase === 'firing'
  if (hasBeginning) {
    const isWaiting = state.phase !== 'done'
    const sinceMs = isWaiting && state.sinceMs > state.seenMs ? state.sinceMs : beganMs
    if (sinceMs > state.seenMs) {
      if (!wasFiring || sinceMs !== state.sinceMs) state.phase = 'waiting'
      state.sinceMs = sinceMs
    } else {
      state.phase = 'done'
    }
    return wasFiring && state.phase !== 'firing'
  }
  state.sinceMs = Math.max(state.sinceMs, seenMs)
  // What is so late that it would be missing by now is no sign of life.
  if (wasFiring && state.sinceMs + absentMs + state.lagMs > nowMs) state.phase = 'waiting'
  return wasFiring && state.phase === 'waiting'
}

/** Time has passed. `fires` and `again`: there is something to tell. */
export function listen({ absentMs, againMs }: Wait, state: SilenceState, nowMs: number): 'fires' | 'again' | undefined {
  if (state.phase === 'done') return undefined
  // Nobody listened for longer than that: what was not heard meanwhile says nothing.
  if (state.phase === 'waiting' && nowMs - state.dueMs > absentMs) state.sinceMs = nowMs - state.lagMs
  if (state.phase === 'waiting' && state.sinceMs + absentMs + state.lagMs <= nowMs) {
    state.phase = 'firing'
    state.toldMs = nowMs
    return 'fires'
  }
  if (state.phase === 'firing' && againMs > 0 && nowMs - state.toldMs >= againMs) {
    state.toldMs = nowMs
    return 'again'
  }
  return undefined
}

/** When it has to be looked at again; absent: there is nothing left to wait for. */
export function nextLookMs({ absentMs, againMs }: Wait, state: SilenceState, nowMs: number): number | undefined {
  if (state.phase === 'done') return state.seenMs + state.lagMs + doneKeptMs > nowMs ? state.seenMs + state.lagMs + doneKeptMs : undefined
  const next = [nowMs + heartbeatMs]
  if (state.phase === 'waiting') next.push(state.sinceMs + absentMs + state.lagMs)
  if (state.phase === 'firing' && againMs > 0) next.push(state.toldMs + againMs)
  return Math.max(nowMs + 1, Math.min(...next))
}

/** Whether it is silent for so long that nobody waits for it any more. */
export function isGivenUp({ absentMs }: Wait, { sinceMs }: SilenceState, nowMs: number): boolean {
  return nowMs - sinceMs > forgottenMs + absentMs
}

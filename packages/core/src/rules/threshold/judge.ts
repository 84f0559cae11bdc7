import { isJudgedAtOnce, type Measure } from './measure.ts'
import type { GroupState } from './group-state.ts'
import { dropOld, measureAt, type Cut, type Measured } from './slices.ts'

/** A rule's settings, ready to be compared: `limit` and `until` in the measure's own whole numbers. */
export interface Threshold {
  readonly measure: Measure
  readonly cut: Cut
  readonly windowMs: number
  readonly isBelow: boolean
  readonly limit: number
  readonly until: number
  readonly forMs: number
  readonly least: number
  readonly noData: 'zero' | 'last' | 'notify'
  /** 0: it is told once. */
  readonly againMs: number
}

/** What there is to tell of a group. */
export type GroupNews =
  | { readonly kind: 'fires'; readonly measured: Measured; readonly isAgain: boolean }
  | { readonly kind: 'over' }
  | { readonly kind: 'no-data'; readonly measured: Measured }
  | { readonly kind: 'data' }

/** So many beginnings within an hour are flapping. */
export const flapsLeast = 4
const flapsWithinMs = 3_600_000
/** One that flaps is over when it was calm for so long, milliseconds. */
export const flapCalmMs = 15 * 60_000
/** Without data, what was bad stays bad for so long, milliseconds. */
const lastMaxMs = 86_400_000
/** A row is written anew at least so often, so that it is not taken for forgotten, milliseconds. */
const heartbeatMs = 30 * 60_000
/** A group of which nothing was heard for so long besides its window is given up, milliseconds. */
const forgottenMs = 7 * 86_400_000

/** Whether events alone can make it fire. Otherwise it is judged when slices are over: since when it lasts is then the same in whatever order events came. */
function firesAtOnce({ measure, isBelow, forMs }: Threshold): boolean {
  return isJudgedAtOnce(measure) && !isBelow && forMs === 0
}

/** After events were counted in: it may begin, and never end, because more of the same time may be on its way. */
export function judgeAtIntake(threshold: Threshold, state: GroupState, nowMs: number): readonly GroupNews[] {
  if (!firesAtOnce(threshold)) return []
  const measured = measureAt(state.slices, threshold.cut, threshold.measure, timeOf(state, nowMs))
  return measured.samples >= threshold.least && measured.value > threshold.limit ? beyond(threshold, state, measured, nowMs) : []
}

/** When time has passed: everything that depends on it. */
export function judgeAtClose(threshold: Threshold, state: GroupState, nowMs: number): readonly GroupNews[] {
  const { limit, until, isBelow, measure, cut, least, noData } = threshold
  const atMs = timeOf(state, nowMs)
  dropOld(state.slices, cut, atMs)
  const measured = measureAt(state.slices, cut, measure, atMs)
  const isEnough = measured.samples >= least
  if (isEnough) state.judgedMs = nowMs
  if (!isEnough && noData !== 'zero') return withoutData(threshold, state, measured, nowMs)
  const news: GroupNews[] = []
  if (isEnough && state.isSilent) {
    state.isSilent = false
    news.push({ kind: 'data' })
  }
  // Of too few a sum is still a sum; a mean or a share is none.
  const value = isEnough || addsUp(measure) ? measured.value : 0
  const mayBegin = isBelow ? isWarm(threshold, state, nowMs) || (isEnough && !addsUp(measure)) : isEnough
  if (isBelow ? value < limit : value > limit) return [...news, ...(state.phase === 'firing' || mayBegin ? beyond(threshold, state, { ...measured, value }, nowMs) : [])]
  if (state.phase === 'pending') state.phase = 'calm'
  if (state.phase !== 'firing') return news
  if (isBelow ? value < until : value > until) return [...news, ...beyond(threshold, state, { ...measured, value }, nowMs)]
  if (state.opensMs.length >= flapsLeast) {
    if (state.calmMs === 0) state.calmMs = atMs
    if (atMs - state.calmMs < flapCalmMs) return news
    state.opensMs = []
  }
  end(state)
  return [...news, { kind: 'over' }]
}

/** When it has to be looked at again; absent: there is nothing left to know of this group. */
export function nextDueMs(threshold: Threshold, state: GroupState, nowMs: number): number | undefined {
  const { cut: { sliceMs, slices: many }, isBelow, noData, forMs, againMs, windowMs } = threshold
  const { phase, slices, lagMs } = state
  const next: number[] = [nowMs + heartbeatMs]
  const boundaryMs = (Math.floor(timeOf(state, nowMs) / sliceMs) + 1) * sliceMs + lagMs
  const holds = slices.size > 0
  if (phase === 'pending') next.push(boundaryMs, state.sinceMs + forMs + lagMs)
  if (phase === 'firing') {
    if (holds) next.push(boundaryMs)
    if (againMs > 0) next.push(state.toldMs + againMs)
    if (state.calmMs > 0) next.push(state.calmMs + flapCalmMs + lagMs)
  }
  // What fires at once needs no look while it is calm: passing time only takes from it.
  if (phase === 'calm' && holds) next.push(firesAtOnce(threshold) ? (Math.max(...slices.keys()) + many + 1) * sliceMs + lagMs : boundaryMs)
  const awaits = (isBelow && phase === 'calm') || (noData === 'notify' && !state.isSilent)
  if (awaits && !isWarm(threshold, state, nowMs)) next.push(state.watchedMs + windowMs)
  const flapped = (state.opensMs.at(-1) ?? 0) > nowMs - flapsWithinMs
  if (phase === 'calm' && !holds && !isBelow && noData !== 'notify' && !flapped) return undefined
  return Math.max(nowMs + 1, Math.min(...next))
}

/**
 * The time for which the timer of a group is to be put after events were counted in; absent: the one that waits will do.
 * What is judged when slices are over is judged at their ends whatever came in between, so its timer moves; one that only
 * cleans up looks for itself what comes next.
 */
export function timerAfterIntake(threshold: Threshold, state: GroupState, nowMs: number): number | undefined {
  const dueMs = nextDueMs(threshold, state, nowMs)
  if (dueMs === undefined || state.dueMs <= nowMs || dueMs < state.dueMs) return dueMs
  const moves = state.phase !== 'calm' || !firesAtOnce(threshold)
  return moves && dueMs !== state.dueMs && dueMs < nowMs + heartbeatMs ? dueMs : undefined
}

/** Whether a group is dead: nothing came for a week and more. */
export function isForgotten({ windowMs }: Threshold, { heardMs }: GroupState, nowMs: number): boolean {
  return nowMs - heardMs > forgottenMs + windowMs
}

function withoutData(threshold: Threshold, state: GroupState, measured: Measured, nowMs: number): readonly GroupNews[] {
  const news: GroupNews[] = []
  if (state.phase === 'pending') state.phase = 'calm'
  if (threshold.noData === 'notify' && !state.isSilent && isWarm(threshold, state, nowMs)) {
    state.isSilent = true
    news.push({ kind: 'no-data', measured })
  }
  if (state.phase === 'firing' && nowMs - state.judgedMs > lastMaxMs) {
    end(state)
    news.push({ kind: 'over' })
  }
  return news
}

function beyond(threshold: Threshold, state: GroupState, measured: Measured, nowMs: number): readonly GroupNews[] {
  const atMs = timeOf(state, nowMs)
  if (state.phase === 'firing') {
    state.calmMs = 0
    return again(threshold, state, measured, nowMs)
  }
  if (state.phase === 'calm') state.sinceMs = atMs
  state.phase = 'pending'
  if (atMs - state.sinceMs < threshold.forMs) return []
  state.phase = 'firing'
  state.toldMs = nowMs
  state.opensMs = [...state.opensMs.filter((openMs) => openMs > nowMs - flapsWithinMs), nowMs].slice(-flapsLeast)
  return [{ kind: 'fires', measured, isAgain: false }]
}

function again({ againMs }: Threshold, state: GroupState, measured: Measured, nowMs: number): readonly GroupNews[] {
  if (againMs === 0 || nowMs - state.toldMs < againMs) return []
  state.toldMs = nowMs
  return [{ kind: 'fires', measured, isAgain: true }]
}

function end(state: GroupState): void {
  state.phase = 'calm'
  state.calmMs = 0
  state.toldMs = 0
}

/** The group's own time: behind the clock by as much as its telemetry comes late, so that a window is judged when it is full. */
function timeOf({ lagMs }: GroupState, nowMs: number): number {
  return nowMs - lagMs
}

/** Whether a whole window has been watched: before, that little came says nothing. */
function isWarm({ windowMs }: Threshold, { watchedMs }: GroupState, nowMs: number): boolean {
  return nowMs - watchedMs >= windowMs
}

function addsUp({ kind }: Measure): boolean {
  return kind === 'count' || kind === 'rate' || kind === 'sum'
}

import type { Mark } from './use-backtest'

/** A mark with its number: those that told are counted from 1. */
export interface Numbered {
  readonly mark: Mark
  readonly number: number
}

/** Marks that would lie on each other, as one button. */
export interface Cluster {
  /** CSS pixels from the left. */
  readonly x: number
  readonly marks: readonly Numbered[]
}

interface Span {
  readonly left: number
  readonly width: number
  readonly fromMs: number
  readonly untilMs: number
}

/** Buttons are 24 pixels wide at least, with their number up to twice that. */
const apartPx = 44

export function numbered(marks: readonly Mark[]): readonly Numbered[] {
  const counts = { told: 0, merged: 0, held: 0 }
  return marks.map((mark) => ({ mark, number: (counts[mark.kind] += 1) }))
}

/** @param marks in the order of time */
export function clustersOf(marks: readonly Numbered[], { left, width, fromMs, untilMs }: Span): readonly Cluster[] {
  const clusters: { x: number; marks: Numbered[] }[] = []
  for (const one of marks) {
    const x = left + (width * (one.mark.atMs - fromMs)) / Math.max(1, untilMs - fromMs)
    const last = clusters.at(-1)
    if (last !== undefined && x - last.x < apartPx) last.marks.push(one)
    else clusters.push({ x, marks: [one] })
  }
  return clusters
}

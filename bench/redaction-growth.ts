import type { Redact } from '../packages/core/src/model/redact.ts'
import { hostileFragments } from '../packages/core/src/testing/hostile-texts.ts'

const shortChars = 64 * 1_024
const timesLonger = 8
const runs = 3
const shortestMs = 2

/**
 * How much longer the worst of the hostile texts takes when it is eight times as long: 8 is linear, 64 quadratic. In processor time
 * of this thread, the best of three, so that what else the machine does is not counted.
 */
export function measureGrowth(redact: Redact): string {
  let worst = { growth: 0, fragment: '', usPerKB: 0 }
  let slowestUsPerKB = 0
  for (const fragment of hostileFragments) {
    const short = bestMs(redact, fragment.repeat(Math.ceil(shortChars / fragment.length)))
    const long = bestMs(redact, fragment.repeat(Math.ceil((shortChars * timesLonger) / fragment.length)))
    const usPerKB = (long * 1_000 * 1_024) / (shortChars * timesLonger)
    slowestUsPerKB = Math.max(slowestUsPerKB, usPerKB)
    if (long / short > worst.growth) worst = { growth: long / short, fragment, usPerKB }
  }
  return `growth on hostile texts at most ×${worst.growth.toFixed(1)} for eight times the length (${JSON.stringify(worst.fragment)}), none above ${slowestUsPerKB.toFixed(0)} µs/KB`
}

/** At least two milliseconds: below that the clock is measured, and what takes so little in all is no danger. */
function bestMs(redact: Redact, text: string): number {
  let best = Infinity
  for (let run = 0; run < runs; run++) {
    const before = process.threadCpuUsage()
    redact(text)
    const { user, system } = process.threadCpuUsage(before)
    best = Math.min(best, (user + system) / 1_000)
  }
  return Math.max(best, shortestMs)
}

import type { Clock } from 'tocsin/engine'
import type { Passed } from '../stores/moving/agree.ts'

/** How often it says how far it is, milliseconds. */
const sayEveryMs = 2_000
const secondMs = 1_000

/** Says how far long work has come: how many rows, how fast, and what is left. Of what takes no time it says nothing. */
export interface Progress {
  /** A part of the work begins. @param total how many it will pass */
  begin(what: string, total: number): void
  readonly passed: Passed
  end(): void
}

/** @param unit what is passed */
export function progressTo(say: (text: string) => void, clock: Clock, unit = 'rows'): Progress {
  let what = ''
  let of = 0
  let done = 0
  let begunMs = clock.monotonicMs()
  let saidMs = begunMs
  const tookMs = (): number => clock.monotonicMs() - begunMs
  return {
    begin(name, total) {
      what = name
      of = total
      done = 0
      begunMs = clock.monotonicMs()
      saidMs = begunMs
    },
    passed(count) {
      done += count
      const nowMs = clock.monotonicMs()
      if (nowMs - saidMs < sayEveryMs) return
      saidMs = nowMs
      const perSecond = (done * secondMs) / Math.max(1, tookMs())
      const leftSeconds = Math.ceil(Math.max(0, of - done) / Math.max(1, perSecond))
      say(`${what}: ${whole(done)} of ${whole(of)} ${unit}, ${whole(perSecond)} ${unit}/s, about ${leftSeconds} s left`)
    },
    end() {
      if (tookMs() >= sayEveryMs) say(`${what}: done, ${whole(done)} ${unit} in ${(tookMs() / secondMs).toFixed(1)} s`)
    },
  }
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

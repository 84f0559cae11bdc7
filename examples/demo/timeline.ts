import { columnsMax, columnsOf, padColumns } from '../../packages/core/src/delivery/terminal-lines.ts'
import type { Clock } from '../../packages/core/src/model/clock.ts'
import type { Line } from './watch.ts'

/** Prints what happens as it happens, in columns that a terminal of 80 keeps; ASCII, but for what the messages themselves say. */
export class Timeline {
  readonly #print: (line: string) => void
  readonly #clock: Clock
  readonly #startMs: number

  constructor(print: (line: string) => void, clock: Clock) {
    this.#print = print
    this.#clock = clock
    this.#startMs = clock.nowMs()
  }

  get seconds(): string {
    return ((this.#clock.nowMs() - this.#startMs) / 1_000).toFixed(1)
  }

  title(text: string): void {
    this.#print(text)
  }

  /** Something that the demo itself did. */
  note(who: string, text: string): void {
    this.#print(this.#stamped(this.#clock.nowMs(), who, text))
  }

  add(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind === 'event') this.#print(this.#stamped(line.atMs, line.who, line.text))
      else this.#print(cut(`        ${line.verdict.padEnd(8)} ${line.channel.padEnd(7)} ${line.person.padEnd(5)}${took(line.tookMs)} ${line.text}`))
    }
  }

  #stamped(atMs: number, who: string, text: string): string {
    return cut(`${((atMs - this.#startMs) / 1_000).toFixed(1).padStart(5)}s  ${padColumns(who, 13)} ${text}`)
  }
}

function took(tookMs: number | undefined): string {
  return (tookMs === undefined ? '' : `${(tookMs / 1_000).toFixed(1)} s`).padStart(7)
}

/** A Chinese character takes two columns. */
function cut(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ')
  if (columnsOf(line) <= columnsMax) return line
  let kept = ''
  let columns = 0
  for (const sign of line) {
    columns += columnsOf(sign)
    if (columns > columnsMax - 3) break
    kept += sign
  }
  return `${kept}...`
}

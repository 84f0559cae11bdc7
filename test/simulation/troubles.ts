import type { SimProcess } from './process.ts'
import type { Sender } from './receivers.ts'
import type { VirtualTime } from './virtual-time.ts'

interface Trouble {
  readonly label: string
  readonly fromMs: number
  readonly untilMs: number
}

/** Clocks that differ by less are not apart, milliseconds. */
const apartMs = 2

/** What really went wrong and when, so that a lost lease or acknowledgement can be told from one that was made up. */
export class Troubles {
  readonly #time: VirtualTime
  readonly #list: Trouble[] = []
  readonly #processes: () => readonly SimProcess[]
  #lastJumpMs = -Infinity

  constructor(time: VirtualTime, processes: () => readonly SimProcess[]) {
    this.#time = time
    this.#processes = processes
  }

  /** Something befalls this process now and for so long. */
  befalls(label: string, forMs: number): void {
    this.#list.push({ label, fromMs: this.#time.elapsedMs, untilMs: this.#time.elapsedMs + forMs })
  }

  /** The clock of the host jumps now. */
  jumped(): void {
    this.#lastJumpMs = this.#time.elapsedMs
    this.befalls('*', 0)
  }

  /** A lease that one clock gave may be over by another one: remembered, because the process with that clock may be gone when it shows. */
  lookAtClocks(): void {
    this.#areClocksApart()
  }

  /** Whether something befell this sender or the whole host between two times, or clocks were apart in between or are now. */
  befell(sender: Sender, fromMs: number, untilMs: number): boolean {
    return this.#areClocksApart() || (this.#lastJumpMs >= fromMs && this.#lastJumpMs <= untilMs) || this.#list.some((one) => (one.label === sender.label || one.label === '*') && one.fromMs <= untilMs && one.untilMs >= fromMs)
  }

  /** When clocks last were not to be trusted. */
  lastClockTroubleMs(nowMs: number): number {
    return this.#areClocksApart() ? nowMs : this.#lastJumpMs
  }

  /** A process that ran when the clock jumped back goes on from where it was; one that was started later does not. */
  #areClocksApart(): boolean {
    const times = this.#processes().map(({ nowMs }) => nowMs)
    const apart = times.length > 1 && Math.max(...times) - Math.min(...times) > apartMs
    if (apart) this.#lastJumpMs = this.#time.elapsedMs
    return apart
  }
}

import { systemClock } from '../../packages/core/src/model/clock.ts'

/** Tasks that wait at once in a whole world; more means that something grows without end. */
const tasksMax = 20_000

interface Task {
  readonly dueMs: number
  readonly order: number
  readonly ofProcess: boolean
  run: (() => void) | undefined
}

/** Of whom a task is: what processes of the product wait for can be told from what the world does. */
export type Owner = 'world' | 'process'

/**
 * The time of a world: stands still until it is moved to the next task. One wall clock for the whole host, which may
 * jump; elapsed time never goes back.
 */
export class VirtualTime {
  #elapsedMs = 0
  #wallOffsetMs: number
  #order = 0
  /** A binary heap by time, then by order of asking. */
  readonly #tasks: Task[] = []

  constructor(startMs: number) {
    this.#wallOffsetMs = startMs
  }

  /** Since the world began; never goes back. */
  get elapsedMs(): number {
    return this.#elapsedMs
  }

  get wallMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs
  }

  /** Elapsed time at which the next task runs; absent: none waits. */
  get nextMs(): number | undefined {
    this.#dropCancelled()
    return this.#tasks[0]?.dueMs
  }

  /** Elapsed time at which the world does something next; absent: never again. */
  get nextOfWorldMs(): number | undefined {
    let nextMs: number | undefined
    for (const task of this.#tasks) {
      if (task.run !== undefined && !task.ofProcess && (nextMs === undefined || task.dueMs < nextMs)) nextMs = task.dueMs
    }
    return nextMs
  }

  /** The returned function cancels it. */
  after(delayMs: number, run: () => void, owner: Owner = 'world'): () => void {
    if (this.#tasks.length >= tasksMax) throw new Error(`expected at most ${tasksMax} tasks at once in the simulated world`)
    const task: Task = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: (this.#order += 1), ofProcess: owner === 'process', run }
    this.#tasks.push(task)
    this.#rise(this.#tasks.length - 1)
    return () => {
      task.run = undefined
    }
  }

  /** The wall clock alone jumps; elapsed time does not notice. */
  jumpWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  /** Moves to an elapsed time without running what falls due on the way; it runs late, as after a suspension. */
  skipTo(elapsedMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs)
  }

  /** Moves to the next task, runs it and lets everything that awaited it go on. */
  async runNext(): Promise<void> {
    this.#dropCancelled()
    const task = this.#take()
    if (task === undefined) return
    this.#elapsedMs = Math.max(this.#elapsedMs, task.dueMs)
    task.run?.()
    await drained()
  }

  #dropCancelled(): void {
    while (this.#tasks[0] !== undefined && this.#tasks[0].run === undefined) this.#take()
  }

  #take(): Task | undefined {
    const first = this.#tasks[0]
    const last = this.#tasks.pop()
    if (first === undefined || last === undefined || first === last) return first
    this.#tasks[0] = last
    this.#sink()
    return first
  }

  #rise(from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#isBefore(index, parent)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  #sink(): void {
    for (let index = 0; ; ) {
      let least = index
      for (const child of [2 * index + 1, 2 * index + 2]) if (child < this.#tasks.length && this.#isBefore(child, least)) least = child
      if (least === index) return
      this.#swap(index, least)
      index = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.#tasks[a]
    const other = this.#tasks[b]
    if (one === undefined || other === undefined) return false
    return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order)
  }

  #swap(a: number, b: number): void {
    const one = this.#tasks[a]
    const other = this.#tasks[b]
    if (one === undefined || other === undefined) return
    this.#tasks[a] = other
    this.#tasks[b] = one
  }
}

/** Resolves when every promise that can go on without time passing has gone on. Real time, but none of it is waited for. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(0, resolve)
  })
}

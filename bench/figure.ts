/** One measured thing, as a row of the table. */
export interface Figure {
  readonly what: string
  /** Measured, in `unit`; several repeats are already one number here. */
  readonly value: number
  readonly unit: 'µs' | 'ms' | 's' | 'kB' | 'MB' | '/s' | '%' | '×' | ''
  /** What was promised; absent: printed for comparison only. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number }
  /** A few words beside the number, such as the spread of the repeats. */
  readonly note?: string
}

/** What could not be measured here, and why. */
export interface Skipped {
  readonly what: string
  readonly skipped: string
}

export type Row = Figure | Skipped

export interface Benchmark {
  /** The word on the command line. */
  readonly name: string
  readonly title: string
  /** Cleans up after itself, also when it throws. */
  run(progress: (doing: string) => void): Promise<readonly Row[]>
}

/** Whether the promise was kept; absent where there is none. */
export function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast
}

/** What a chart shows, without how it is drawn. Times are milliseconds since 1970, ascending. */
export interface Figure {
  readonly times: readonly number[]
  /** Where nothing is known stands `null`: a gap stays a gap. */
  readonly lines: readonly Line[]
  readonly bands?: readonly Band[]
  readonly levels?: readonly Level[]
  readonly strips?: readonly Strip[]
  /** Where something had no known price: it is shown, and never counted as 0. */
  readonly unpricedAt?: readonly number[]
  /** How high it is drawn where everything is 0. @default 1 */
  readonly leastHeight?: number
}

export interface Line {
  readonly label: string
  readonly kind: 'value' | 'forecast' | 'pace' | 'before'
  readonly values: readonly (number | null)[]
}

export interface Band {
  readonly label: string
  readonly kind: 'expected' | 'forecast'
  readonly low: readonly (number | null)[]
  readonly high: readonly (number | null)[]
}

export interface Level {
  readonly value: number
  /** Such as `▲ 80 %`. */
  readonly label: string
  readonly kind: 'warning' | 'critical'
}

/** While something was firing. */
export interface Strip {
  readonly fromMs: number
  readonly untilMs: number
}

/** What one point says: of each line its value, and of each band its range. */
export function pointText(figure: Figure, index: number, format: (value: number) => string): string {
  const said = figure.lines.flatMap(({ label, values }) => {
    const value = values[index]
    return value === null || value === undefined ? [] : [`${label} ${format(value)}`]
  })
  const ranges = (figure.bands ?? []).flatMap(({ label, low, high }) => {
    const [from, to] = [low[index], high[index]]
    return typeof from === 'number' && typeof to === 'number' ? [`${label} ${format(from)}–${format(to)}`] : []
  })
  return [...said, ...ranges].join(' · ')
}

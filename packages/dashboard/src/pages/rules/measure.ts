/** `p95(durationMs)` as parts of a form. */
export interface Measure {
  readonly of: MeasureWord
  /** From 50 to 99, where `of` is `percentile`. */
  readonly percentile: number
  /** The number of the event; empty for those that count events. */
  readonly field: string
  /** CEL; of a share. */
  readonly condition: string
}

export const measureWords = ['count', 'rate', 'share', 'sum', 'avg', 'min', 'max', 'percentile'] as const
export type MeasureWord = (typeof measureWords)[number]

/** What a share begins with. */
export const firstShare = 'event.status == "error"'

/** @returns `undefined`: it is something else, and only its text can be changed */
export function measureOf(text: string): Measure | undefined {
  const match = /^\s*([a-z]+)(\d\d)?\s*(?:\(([\s\S]*)\))?\s*$/.exec(text)
  const [, word = '', digits, inner] = match ?? []
  const field = (inner ?? '').trim().replace(/^event\./, '')
  const blank = { percentile: 95, field: '', condition: '' }
  if (digits !== undefined) return word === 'p' && Number(digits) >= 50 && /^\w+$/.test(field) ? { ...blank, of: 'percentile', percentile: Number(digits), field } : undefined
  if (word === 'count' || word === 'rate') return inner === undefined ? { ...blank, of: word } : undefined
  if (word === 'share') return inner === undefined ? undefined : { ...blank, of: word, condition: inner }
  const of = measureWords.find((one) => one === word)
  return of === undefined || of === 'percentile' || !/^\w+$/.test(field) ? undefined : { ...blank, of, field }
}

export function measureText({ of, percentile, field, condition }: Measure): string {
  if (of === 'count' || of === 'rate') return of
  if (of === 'share') return `share(${condition})`
  return `${of === 'percentile' ? `p${Math.min(99, Math.max(50, Math.round(percentile)))}` : of}(${field === '' ? 'durationMs' : field})`
}

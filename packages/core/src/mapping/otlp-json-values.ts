import type { Attributes } from './flat-span.ts'
import { otlpBounds } from './otlp-bounds.ts'
import { field } from './read.ts'

/** Counts what is left out while one message is read. */
export interface Tally {
  cut: number
}

export function bounded(values: readonly unknown[], max: number, tally: Tally): readonly unknown[] {
  if (values.length <= max) return values
  tally.cut += values.length - max
  return values.slice(0, max)
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function milliseconds(nanos: unknown): number | undefined {
  if (typeof nanos === 'number') return nanos > 0 && Number.isFinite(nanos) ? nanos / 1_000_000 : undefined
  if (typeof nanos !== 'string' || !/^\d{1,20}$/.test(nanos)) return undefined
  // 19 digits do not fit a number: whole milliseconds and their fraction are read apart.
  const wholeMs = Number(nanos.slice(0, -6) || '0')
  const fractionMs = Number(nanos.slice(-6)) / 1_000_000
  return wholeMs + fractionMs > 0 ? wholeMs + fractionMs : undefined
}

export function attributes(pairs: unknown, tally: Tally): Attributes {
  return pairsOf(pairs, 0, tally)
}

function pairsOf(pairs: unknown, depth: number, tally: Tally): Attributes {
  const found: Record<string, unknown> = {}
  for (const pair of bounded(list(pairs), otlpBounds.attributesMax, tally)) {
    const key = field(pair, 'key')
    if (typeof key === 'string' && key !== '__proto__') found[key] = plainValue(field(pair, 'value'), depth, tally)
  }
  return found
}

export function plainValue(value: unknown, depth: number, tally: Tally): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > otlpBounds.depthMax) {
    tally.cut++
    return undefined
  }
  const scalar = field(value, 'stringValue') ?? field(value, 'boolValue') ?? field(value, 'doubleValue')
  if (scalar !== undefined) return scalar
  const integer = field(value, 'intValue')
  if (integer !== undefined) return Number(integer)
  const array = field(value, 'arrayValue')
  if (array !== undefined) return bounded(list(field(array, 'values')), otlpBounds.attributesMax, tally).map((item) => plainValue(item, depth + 1, tally))
  const pairs = field(field(value, 'kvlistValue'), 'values')
  return pairs === undefined ? field(value, 'bytesValue') : pairsOf(pairs, depth + 1, tally)
}

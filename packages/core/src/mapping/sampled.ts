import type { FlatSpan } from './flat-span.ts'

/** The largest threshold and one: thresholds are 56 bits. */
const thresholdBits = 2 ** 56

/**
 * The share of all spans that this one stands for, as its telemetry says: above 0 and below 1. Nothing where it does not
 * say that it is a sample. Read from the rejection threshold of OpenTelemetry (`ot=th:…` in the trace state), else from
 * the attribute `SampleRate` or `sampleRate`, which is one in so many.
 *
 * @see https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */
export function sampledShare({ traceState, attributes }: Pick<FlatSpan, 'traceState' | 'attributes'>): number | undefined {
  const threshold = traceState === undefined ? undefined : /(?:^|,)\s*ot=(?:[^,;]{1,300};){0,20}th:([0-9a-f]{1,14})(?:[;,]|\s*$)/.exec(traceState)?.[1]
  if (threshold !== undefined) return between(1 - Number.parseInt(threshold.padEnd(14, '0'), 16) / thresholdBits)
  const oneIn = attributes['SampleRate'] ?? attributes['sampleRate']
  return typeof oneIn === 'number' ? between(1 / oneIn) : undefined
}

function between(share: number): number | undefined {
  return share > 0 && share < 1 ? share : undefined
}

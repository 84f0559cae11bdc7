import type { FlatPoint, FlatPoints } from './flat-metric.ts'
import { isReadMetric } from './map-metric.ts'
import { otlpBounds } from './otlp-bounds.ts'
import { attributes, list, milliseconds, type Tally } from './otlp-json-values.ts'
import { field, known, text } from './read.ts'

const forms = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const
/** Bit of a point's flags: nothing was recorded. */
const noRecordedValue = 1

/** OTLP/JSON (`ExportMetricsServiceRequest`, already parsed) as flat data points of metrics that are read; others are counted. */
export function flattenOtlpJsonMetrics(message: unknown): FlatPoints {
  const points: FlatPoint[] = []
  const tally: Tally = { cut: 0 }
  let others = 0
  let rejected = 0
  for (const resourceMetrics of list(field(message, 'resourceMetrics'))) {
    const resource = attributes(field(field(resourceMetrics, 'resource'), 'attributes'), tally)
    for (const scopeMetrics of list(field(resourceMetrics, 'scopeMetrics'))) {
      const scope = text(field(field(scopeMetrics, 'scope'), 'name'))
      for (const metric of list(field(scopeMetrics, 'metrics'))) {
        const name = text(field(metric, 'name')) ?? ''
        for (const form of forms) {
          const data = field(metric, form)
          const since = form === 'sum' ? sinceOf(field(data, 'aggregationTemporality')) : 'other'
          const dataPoints = list(field(data, 'dataPoints'))
          const room = isReadMetric(name) ? otlpBounds.itemsMax - points.length : 0
          if (isReadMetric(name)) rejected += Math.max(0, dataPoints.length - room)
          else others += dataPoints.length
          for (const point of dataPoints.slice(0, room)) points.push({ metric: name, since, ...flatten(point, tally), resource, ...known('scope', scope) })
        }
      }
    }
  }
  return { points, others, rejected, ...(tally.cut > 0 && { cut: tally.cut }) }
}

function flatten(point: unknown, tally: Tally): Pick<FlatPoint, 'startMs' | 'endMs' | 'value' | 'attributes'> {
  const flags = field(point, 'flags')
  const isEmpty = typeof flags === 'number' && flags % 2 === noRecordedValue
  return {
    ...known('startMs', milliseconds(field(point, 'startTimeUnixNano'))),
    ...known('endMs', milliseconds(field(point, 'timeUnixNano'))),
    ...(!isEmpty && known('value', numberOf(field(point, 'asDouble') ?? field(point, 'asInt')))),
    attributes: attributes(field(point, 'attributes'), tally),
  }
}

/** Numbers of 64 bits are texts in protobuf's JSON, and so are those that JSON has no form for. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' && value.length < 40 ? Number(value) : undefined
}

function sinceOf(temporality: unknown): FlatPoint['since'] {
  if (temporality === 1 || temporality === 'AGGREGATION_TEMPORALITY_DELTA') return 'delta'
  return temporality === 2 || temporality === 'AGGREGATION_TEMPORALITY_CUMULATIVE' ? 'cumulative' : 'other'
}

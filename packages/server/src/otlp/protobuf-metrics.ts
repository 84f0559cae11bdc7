import { isReadMetric, otlpBounds, type FlatPoint, type FlatPoints } from 'tocsin/engine'
import { eachItem, type Origin } from './protobuf-containers.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { readPair, type Tally } from './protobuf-values.ts'

/** Gauge, sum, histogram, exponential histogram and summary: each holds its data points in field 1. */
const forms: readonly number[] = [5, 7, 9, 10, 11]
const sumForm = 7
const nameCharsMax = 200
/** Bit of a point's flags: nothing was recorded. */
const noRecordedValue = 1

interface Found {
  readonly points: FlatPoint[]
  others: number
  rejected: number
}

/**
 * `ExportMetricsServiceRequest` in protobuf as flat data points, the same that its JSON gives. Fields may come in any order: a metric's name
 * and what its values are since are read before its points.
 *
 * @throws MalformedMessage where it is no such message
 */
export function decodePoints(bytes: Buffer): FlatPoints {
  const reader = new ProtobufReader(bytes)
  const tally: Tally = { cut: 0 }
  const found: Found = { points: [], others: 0, rejected: 0 }
  eachItem(reader, tally, (origin) => readMetric(reader, origin, found, tally))
  return { ...found, ...(tally.cut > 0 && { cut: tally.cut }) }
}

function readMetric(reader: ProtobufReader, origin: Origin, found: Found, tally: Tally): void {
  const outer = reader.enter()
  const start = reader.pos
  let metric = ''
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) metric = reader.text().slice(0, nameCharsMax)
    else reader.skip()
  }
  reader.pos = start
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (forms.includes(field)) readPoints(reader, field === sumForm, metric, origin, found, tally)
    else reader.skip()
  }
  reader.leave(outer)
}

function readPoints(reader: ProtobufReader, isSum: boolean, metric: string, { resource, scope }: Origin, found: Found, tally: Tally): void {
  const outer = reader.enter()
  const start = reader.pos
  const since = isSum ? readSince(reader) : 'other'
  reader.pos = start
  const isRead = isReadMetric(metric)
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field !== 1) {
      reader.skip()
    } else if (isRead && found.points.length < otlpBounds.itemsMax) {
      found.points.push({ metric, since, ...(isSum ? readPoint(reader, tally) : passed(reader)), resource, ...(scope !== '' && { scope: scope.slice(0, nameCharsMax) }) })
    } else {
      reader.over()
      if (isRead) found.rejected++
      else found.others++
    }
  }
  reader.leave(outer)
}

function readSince(reader: ProtobufReader): FlatPoint['since'] {
  let since: FlatPoint['since'] = 'other'
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 2) since = sinceOf(reader.uint())
    else reader.skip()
  }
  return since
}

function sinceOf(temporality: number): FlatPoint['since'] {
  if (temporality === 1) return 'delta'
  return temporality === 2 ? 'cumulative' : 'other'
}

/** Points of other forms have fields of their own. */
function passed(reader: ProtobufReader): Pick<FlatPoint, 'attributes'> {
  reader.over()
  return { attributes: {} }
}

/** `NumberDataPoint`. */
function readPoint(reader: ProtobufReader, tally: Tally): Pick<FlatPoint, 'startMs' | 'endMs' | 'value' | 'attributes'> {
  let startMs = 0
  let endMs = 0
  let value: number | undefined
  let flags = 0
  let count = 0
  const attributes: Record<string, unknown> = {}
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    switch (field) {
      case 2:
        startMs = reader.instant()
        break
      case 3:
        endMs = reader.instant()
        break
      case 4:
        value = reader.double()
        break
      case 6:
        value = reader.fixedInt()
        break
      case 7:
        readPair(reader, attributes, count++, 0, tally)
        break
      case 8:
        flags = reader.uint()
        break
      default:
        reader.skip()
    }
  }
  reader.leave(outer)
  return { ...(startMs !== 0 && { startMs }), ...(endMs !== 0 && { endMs }), ...(value !== undefined && flags % 2 !== noRecordedValue && { value }), attributes }
}

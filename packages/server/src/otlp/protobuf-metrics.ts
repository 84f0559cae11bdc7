import { eachItem } from './protobuf-containers.ts'
import { ProtobufReader } from './protobuf-reader.ts'

/** Gauge, sum, histogram, exponential histogram and summary: each holds its data points in field 1. */
const dataFields: readonly number[] = [5, 7, 9, 10, 11]

/**
 * Counts the data points of an `ExportMetricsServiceRequest` in protobuf.
 *
 * @throws MalformedMessage where it is no such message
 */
export function countPoints(bytes: Buffer): number {
  const reader = new ProtobufReader(bytes)
  let points = 0
  eachItem(reader, { cut: 0 }, () => {
    const outer = reader.enter()
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) reader.text()
      else if (dataFields.includes(field)) points += countIn(reader)
      else reader.skip()
    }
    reader.leave(outer)
  })
  return points
}

function countIn(reader: ProtobufReader): number {
  let points = 0
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) points++
    reader.skip()
  }
  reader.leave(outer)
  return points
}

import { otlpBounds, type FlatLog, type FlatLogs } from 'tocsin/engine'
import { eachItem, type Origin } from './protobuf-containers.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { readPair, readValue, type Tally } from './protobuf-values.ts'

const traceIdBytes = 16
const spanIdBytes = 8
const nameCharsMax = 200

/**
 * `ExportLogsServiceRequest` in protobuf as flat records, the same that its JSON gives.
 *
 * @throws MalformedMessage where it is no such message
 */
export function decodeLogs(bytes: Buffer): FlatLogs {
  const reader = new ProtobufReader(bytes)
  const tally: Tally = { cut: 0 }
  const logs: FlatLog[] = []
  let rejected = 0
  eachItem(reader, tally, (origin) => {
    if (logs.length < otlpBounds.itemsMax) {
      logs.push(readLog(reader, origin, tally))
    } else {
      reader.over()
      rejected++
    }
  })
  return { logs, rejected, ...(tally.cut > 0 && { cut: tally.cut }) }
}

function readLog(reader: ProtobufReader, { resource, scope }: Origin, tally: Tally): FlatLog {
  let happenedMs = 0
  let seenMs = 0
  let traceId: string | undefined
  let spanId: string | undefined
  let eventName = ''
  let body: unknown
  let count = 0
  const attributes: Record<string, unknown> = {}
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    switch (field) {
      case 1:
        happenedMs = reader.instant()
        break
      case 5:
        body = readValue(reader, 0, tally)
        break
      case 6:
        readPair(reader, attributes, count++, 0, tally)
        break
      case 9:
        traceId = reader.id(traceIdBytes)
        break
      case 10:
        spanId = reader.id(spanIdBytes)
        break
      case 11:
        seenMs = reader.instant()
        break
      case 12:
        eventName = reader.text().slice(0, nameCharsMax)
        break
      default:
        reader.skip()
    }
  }
  reader.leave(outer)
  const atMs = happenedMs === 0 ? seenMs : happenedMs
  return {
    ...(atMs !== 0 && { atMs }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(eventName !== '' && { eventName }),
    body,
    attributes,
    resource,
    ...(scope !== '' && { scope: scope.slice(0, nameCharsMax) }),
  }
}

/**
 * OTLP/JSON as protobuf, from a table of the fields that are used here: an implementation apart from the one that is tested, and what
 * the benchmark sends.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto
 */
type Kind = 'text' | 'bytes16' | 'fixed64' | 'int' | 'bool' | 'double' | 'base64' | Shape
interface Shape {
  readonly [field: string]: readonly [number: number, kind: Kind | (() => Kind), repeated?: 'repeated']
}

const value: Shape = {
  stringValue: [1, 'text'], boolValue: [2, 'bool'], intValue: [3, 'int'], doubleValue: [4, 'double'], bytesValue: [7, 'base64'],
  arrayValue: [5, () => ({ values: [1, value, 'repeated'] })], kvlistValue: [6, () => ({ values: [1, pair, 'repeated'] })],
}
const pair: Shape = { key: [1, 'text'], value: [2, value] }
const attributes = [1, pair, 'repeated'] as const
const resource: Shape = { attributes }
const scope: Shape = { name: [1, 'text'], version: [2, 'text'] }
const span: Shape = {
  traceId: [1, 'bytes16'], spanId: [2, 'bytes16'], traceState: [3, 'text'], parentSpanId: [4, 'bytes16'], name: [5, 'text'], kind: [6, 'int'], startTimeUnixNano: [7, 'fixed64'], endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, pair, 'repeated'], events: [11, { timeUnixNano: [1, 'fixed64'], name: [2, 'text'], attributes: [3, pair, 'repeated'] }, 'repeated'], status: [15, { message: [2, 'text'], code: [3, 'int'] }],
}
const record: Shape = {
  timeUnixNano: [1, 'fixed64'], severityNumber: [2, 'int'], severityText: [3, 'text'], body: [5, value], attributes: [6, pair, 'repeated'], traceId: [9, 'bytes16'], spanId: [10, 'bytes16'], observedTimeUnixNano: [11, 'fixed64'], eventName: [12, 'text'],
}
const point: Shape = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'], asDouble: [4, 'double'], asInt: [6, 'fixed64'], attributes: [7, pair, 'repeated'], flags: [8, 'int'] }
const metric: Shape = {
  name: [1, 'text'], unit: [3, 'text'], gauge: [5, { dataPoints: [1, point, 'repeated'] }], sum: [7, { dataPoints: [1, point, 'repeated'], aggregationTemporality: [2, 'int'], isMonotonic: [3, 'bool'] }],
}

const request: Shape = {
  resourceSpans: [1, { resource: [1, resource], scopeSpans: [2, { scope: [1, scope], spans: [2, span, 'repeated'] }, 'repeated'] }, 'repeated'],
  resourceLogs: [1, { resource: [1, resource], scopeLogs: [2, { scope: [1, scope], logRecords: [2, record, 'repeated'] }, 'repeated'] }, 'repeated'],
  resourceMetrics: [1, { resource: [1, resource], scopeMetrics: [2, { scope: [1, scope], metrics: [2, metric, 'repeated'] }, 'repeated'] }, 'repeated'],
}

/** @param message an export request of any signal, as in its JSON; fields that are not in the table are left out */
export function encodeOtlp(message: object): Buffer {
  return encode(message, request)
}

function encode(message: object, shape: Shape): Buffer {
  const parts: Buffer[] = []
  for (const [name, given] of Object.entries(message)) {
    const field = shape[name]
    if (field === undefined || given === undefined || given === null) continue
    const [number, kind, repeated] = field
    for (const one of repeated === undefined ? [given] : (given as unknown[])) parts.push(encodeField(number, typeof kind === 'function' ? kind() : kind, one))
  }
  return Buffer.concat(parts)
}

function encodeField(number: number, kind: Kind, given: unknown): Buffer {
  if (typeof kind === 'object') return delimited(number, encode(given as object, kind))
  switch (kind) {
    case 'text':
      return delimited(number, Buffer.from(String(given)))
    case 'bytes16':
      return delimited(number, Buffer.from(String(given), 'hex'))
    case 'base64':
      return delimited(number, Buffer.from(String(given), 'base64'))
    case 'int':
      return Buffer.concat([varint(BigInt(number * 8)), varint(BigInt.asUintN(64, BigInt(given as number)))])
    case 'bool':
      return Buffer.concat([varint(BigInt(number * 8)), varint(given === true ? 1n : 0n)])
    case 'fixed64': {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(given as string)))
      return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes])
    }
    case 'double': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(Number(given))
      return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes])
    }
  }
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes])
}

function varint(given: bigint): Buffer {
  const bytes: number[] = []
  let rest = given
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

import { otlpBounds, type FlatSpan, type FlatSpans } from 'tocsin/engine'
import { eachItem, type Origin } from './protobuf-containers.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { readPair, type Tally } from './protobuf-values.ts'

const traceIdBytes = 16
const spanIdBytes = 8
const traceStateCharsMax = 512
const nameCharsMax = 200
const messageCharsMax = 2_000

/**
 * `ExportTraceServiceRequest` in protobuf as flat spans, the same that its JSON gives. Spans without ids or times are rejected and
 * counted.
 *
 * @throws MalformedMessage where it is no such message; nothing of it is used then
 */
export function decodeSpans(bytes: Buffer): FlatSpans {
  const reader = new ProtobufReader(bytes)
  const tally: Tally = { cut: 0 }
  const spans: FlatSpan[] = []
  let rejected = 0
  eachItem(reader, tally, (origin) => {
    if (spans.length >= otlpBounds.itemsMax) {
      reader.over()
      rejected++
      return
    }
    const span = readSpan(reader, origin, tally)
    if (span === undefined) rejected++
    else spans.push(span)
  })
  return { spans, rejected, ...(tally.cut > 0 && { cut: tally.cut }) }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

function readSpan(reader: ProtobufReader, { resource, scope }: Origin, tally: Tally): FlatSpan | undefined {
  let traceId: string | undefined
  let spanId: string | undefined
  let parentSpanId: string | undefined
  let traceState = ''
  let statusMessage = ''
  const attributes: Record<string, unknown> = {}
  const events: FlatSpan['events'][number][] = []
  let attributeCount = 0
  const span: Mutable<FlatSpan> = { traceId: '', spanId: '', name: '', startMs: 0, endMs: 0, attributes, status: 'unset', events, resource }
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    switch (field) {
      case 1:
        traceId = reader.id(traceIdBytes)
        break
      case 2:
        spanId = reader.id(spanIdBytes)
        break
      case 3:
        traceState = reader.text()
        break
      case 4:
        parentSpanId = reader.id(spanIdBytes)
        break
      case 5:
        span.name = reader.text().slice(0, nameCharsMax)
        break
      case 7:
        span.startMs = reader.instant()
        break
      case 8:
        span.endMs = reader.instant()
        break
      case 9:
        readPair(reader, attributes, attributeCount++, 0, tally)
        break
      case 11:
        if (events.length < otlpBounds.eventsMax) {
          events.push(readEvent(reader, tally))
        } else {
          tally.cut++
          reader.over()
        }
        break
      case 15:
        statusMessage = readStatus(reader, span)
        break
      default:
        reader.skip()
    }
  }
  reader.leave(outer)
  if (traceId === undefined || spanId === undefined || span.startMs === 0 || span.endMs === 0) return undefined
  span.traceId = traceId
  span.spanId = spanId
  if (parentSpanId !== undefined) span.parentSpanId = parentSpanId
  if (traceState !== '') span.traceState = traceState.slice(0, traceStateCharsMax)
  if (statusMessage !== '') span.statusMessage = statusMessage.slice(0, messageCharsMax)
  if (scope !== '') span.scope = scope.slice(0, nameCharsMax)
  return span
}

function readEvent(reader: ProtobufReader, tally: Tally): FlatSpan['events'][number] {
  let name = ''
  let atMs = 0
  let count = 0
  const attributes: Record<string, unknown> = {}
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) atMs = reader.instant()
    else if (field === 2) name = reader.text().slice(0, nameCharsMax)
    else if (field === 3) readPair(reader, attributes, count++, 0, tally)
    else reader.skip()
  }
  reader.leave(outer)
  return { name, ...(atMs !== 0 && { atMs }), attributes }
}

/** `Status { 2: message, 3: code }`; sets the code and returns the message. */
function readStatus(reader: ProtobufReader, span: Mutable<FlatSpan>): string {
  let message = ''
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 2) {
      message = reader.text()
    } else if (field === 3) {
      const code = reader.uint()
      span.status = code === 2 ? 'error' : code === 1 ? 'ok' : 'unset'
    } else {
      reader.skip()
    }
  }
  reader.leave(outer)
  return message
}

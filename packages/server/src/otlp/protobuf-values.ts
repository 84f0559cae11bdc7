import { otlpBounds, type Attributes } from 'tocsin/engine'
import { type ProtobufReader } from './protobuf-reader.ts'

/** Counts what is left out while one message is read. */
export interface Tally {
  cut: number
}

/** `Resource { 1: attributes }`. */
export function readResource(reader: ProtobufReader, tally: Tally): Attributes {
  const found: Record<string, unknown> = {}
  let count = 0
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) readPair(reader, found, count++, 0, tally)
    else reader.skip()
  }
  reader.leave(outer)
  return found
}

/** `InstrumentationScope { 1: name }`. */
export function readScope(reader: ProtobufReader): string {
  let name = ''
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) name = reader.text()
    else reader.skip()
  }
  reader.leave(outer)
  return name
}

/** `KeyValue { 1: key, 2: value }`, put into `into`; `nth` counts the pairs before it. */
export function readPair(reader: ProtobufReader, into: Record<string, unknown>, nth: number, depth: number, tally: Tally): void {
  if (nth >= otlpBounds.attributesMax) {
    tally.cut++
    reader.over()
    return
  }
  let key = ''
  let value: unknown
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) key = reader.text()
    else if (field === 2) value = readValue(reader, depth, tally)
    else reader.skip()
  }
  reader.leave(outer)
  if (key !== '__proto__') into[key] = value
}

/** `AnyValue`, one of its seven forms; without any it says nothing. */
export function readValue(reader: ProtobufReader, depth: number, tally: Tally): unknown {
  if (depth > otlpBounds.depthMax) {
    tally.cut++
    reader.over()
    return undefined
  }
  let value: unknown
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    switch (field) {
      case 1:
        value = reader.text()
        break
      case 2:
        value = reader.bool()
        break
      case 3:
        value = reader.int()
        break
      case 4:
        value = reader.double()
        break
      case 5:
        value = readList(reader, depth, tally)
        break
      case 6:
        value = readMap(reader, depth, tally)
        break
      case 7:
        value = reader.base64()
        break
      default:
        reader.skip()
    }
  }
  reader.leave(outer)
  return value
}

function readList(reader: ProtobufReader, depth: number, tally: Tally): readonly unknown[] {
  const values: unknown[] = []
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field !== 1) {
      reader.skip()
    } else if (values.length < otlpBounds.attributesMax) {
      values.push(readValue(reader, depth + 1, tally))
    } else {
      tally.cut++
      reader.over()
    }
  }
  reader.leave(outer)
  return values
}

function readMap(reader: ProtobufReader, depth: number, tally: Tally): Attributes {
  const found: Record<string, unknown> = {}
  let count = 0
  const outer = reader.enter()
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) readPair(reader, found, count++, depth + 1, tally)
    else reader.skip()
  }
  reader.leave(outer)
  return found
}

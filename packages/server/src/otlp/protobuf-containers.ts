import type { Attributes } from 'tocsin/engine'
import type { ProtobufReader } from './protobuf-reader.ts'
import { readResource, readScope, type Tally } from './protobuf-values.ts'

/** What items of one scope share. */
export interface Origin {
  readonly resource: Attributes
  /** Empty: it is not named. */
  readonly scope: string
}

const nothing: Attributes = {}

/**
 * Goes through an export request of any signal: they hold resources (1), which hold a resource (1) and scopes (2), which hold a
 * scope (1) and items (2). Fields may come in any order, so what the items need is read first.
 *
 * @param readItem called with the reader in front of each item's length
 */
export function eachItem(reader: ProtobufReader, tally: Tally, readItem: (origin: Origin) => void): void {
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) eachScope(reader, tally, readItem)
    else reader.skip()
  }
}

/** In old messages scopes were libraries, under a number of their own. */
const formerScopes = 1_000

function eachScope(reader: ProtobufReader, tally: Tally, readItem: (origin: Origin) => void): void {
  const outer = reader.enter()
  const start = reader.pos
  let resource = nothing
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) resource = readResource(reader, tally)
    else reader.skip()
  }
  reader.pos = start
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 2 || field === formerScopes) eachItemOfScope(reader, resource, readItem)
    else reader.skip()
  }
  reader.leave(outer)
}

function eachItemOfScope(reader: ProtobufReader, resource: Attributes, readItem: (origin: Origin) => void): void {
  const outer = reader.enter()
  const start = reader.pos
  let scope = ''
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) scope = readScope(reader)
    else reader.skip()
  }
  const origin = { resource, scope }
  reader.pos = start
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 2) readItem(origin)
    else reader.skip()
  }
  reader.leave(outer)
}

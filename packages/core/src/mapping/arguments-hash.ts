import { eventBounds } from '../model/event.ts'
import { smallJson } from './read.ts'

const partsMax = 500
const depthMax = 8

/**
 * 16 hexadecimal digits that are equal for equal arguments, whatever the order of their keys, so that a loop of equal
 * calls is seen without keeping what was asked. Text that is JSON counts as what it says. Looks at no more than 500
 * parts, 8 levels, and 2,000 characters of each text (its length counts whole), so that a cyclic or huge object costs
 * nothing; arguments that only differ beyond that look equal.
 */
export function argumentsHash(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const parts: string[] = []
  try {
    write(smallJson(value) ?? value, parts, 0)
  } catch (unreadable) {
    // A getter that throws ends the reading: what came before it still tells calls apart.
    parts.push(`unreadable ${typeof unreadable}`)
  }
  // Loaded at the first tool call: importing it takes longer than importing everything else that an agent needs of us.
  return process.getBuiltinModule('node:crypto').hash('sha256', parts.join('\u0000'), 'hex').slice(0, 16)
}

function write(value: unknown, parts: string[], depth: number): void {
  if (parts.length >= partsMax) return
  if (typeof value === 'string') {
    parts.push(`s${value.length}:${value.slice(0, eventBounds.textCharsMax)}`)
  } else if (typeof value !== 'object' || value === null) {
    parts.push(`${typeof value}:${typeof value === 'function' || typeof value === 'symbol' ? '' : String(value)}`)
  } else if (depth >= depthMax) {
    parts.push('deep')
  } else if (Array.isArray(value)) {
    parts.push(`[${value.length}`)
    for (let index = 0; index < value.length && parts.length < partsMax; index++) write(value[index], parts, depth + 1)
    parts.push(']')
  } else if (ArrayBuffer.isView(value)) {
    parts.push(`bytes:${value.byteLength}`)
  } else {
    writeObject(value, parts, depth)
  }
}

function writeObject(value: object, parts: string[], depth: number): void {
  const names: string[] = []
  // `for in` stops early where Object.keys would list a million names first.
  for (const name in value) {
    if (names.length >= partsMax) break
    names.push(name)
  }
  parts.push('{')
  for (const name of names.toSorted()) {
    if (parts.length >= partsMax) break
    parts.push(`k${name.slice(0, eventBounds.nameCharsMax)}`)
    // Reason for the cast: the name was listed by the object itself; its value stays unknown.
    write((value as Readonly<Record<string, unknown>>)[name], parts, depth + 1)
  }
  parts.push('}')
}

import { secretMarginChars } from '../mapping/read.ts'
import { eventBounds } from '../model/event.ts'

const namesMax = 32

/**
 * Anything as a short text for the record. Text is cut at once, an object is looked at one level deep and at no more
 * than 32 of its names, so that a huge or cyclic value costs as little as a small one. Longer than what is kept, so that a secret
 * is not cut in two before it is found. Never throws.
 */
export function boundedText(value: unknown, charsMax: number = eventBounds.textCharsMax + secretMarginChars): string {
  try {
    return cut(typeof value === 'object' && value !== null ? surface(value, charsMax) : plain(value, charsMax), charsMax)
  } catch (unreadable) {
    return `unreadable ${typeof unreadable}`
  }
}

function cut(value: string, charsMax: number): string {
  return value.length > charsMax ? `${value.slice(0, charsMax - 1)}…` : value
}

function plain(value: unknown, charsMax: number): string {
  if (typeof value === 'string') return cut(value, charsMax)
  if (typeof value === 'function') return '[function]'
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? `[${value.length}]` : '{…}'
}

function surface(value: object, charsMax: number): string {
  if (value instanceof Error) return cut(value.message, charsMax)
  if (value instanceof Date) return Number.isNaN(value.valueOf()) ? 'no date' : value.toISOString()
  if (Array.isArray(value)) return value.slice(0, namesMax).map((item: unknown) => plain(item, charsMax)).join(', ')
  const parts: string[] = []
  for (const name in value) {
    if (parts.length >= namesMax) break
    // Reason for the cast: the name was listed by the object itself; its value stays unknown.
    parts.push(`${cut(name, eventBounds.nameCharsMax)}: ${plain((value as Readonly<Record<string, unknown>>)[name], charsMax)}`)
  }
  return parts.join(', ')
}

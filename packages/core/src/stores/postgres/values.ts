import type { CustomTypesConfig } from 'pg'
import type { Value } from './statement.ts'

/**
 * How columns are read, for our queries alone: int8 and numeric arrive as text and are numbers here, since none is written beyond 2^53. Set
 * with each query and not for the whole process: others in it may use `pg` too.
 */
export const columnTypes: CustomTypesConfig = {
  getTypeParser: ((oid: number) => parsers.get(oid) ?? String) as CustomTypesConfig['getTypeParser'], // all columns arrive as text, which its overloads cannot say
}

const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [16, (text) => text === 't'],
  ...[20, 21, 23, 26, 700, 701, 1700].map((oid) => [oid, Number] as const),
])

/** What is bound: texts as PostgreSQL can hold them, and lists as the text of an array: of numbers and short texts that takes less than half of what `pg` takes for it. */
export function bound(values: readonly Value[]): (string | number | boolean | null)[] {
  return values.map((value) => (typeof value === 'string' ? storable(value) : typeof value === 'object' && value !== null ? arrayText(value) : value))
}

function arrayText(list: readonly (string | number | boolean | null)[]): string {
  let text = '{'
  for (const value of list) {
    if (text.length > 1) text += ','
    text += value === null ? 'NULL' : typeof value === 'string' ? elementText(storable(value)) : String(value)
  }
  return `${text}}`
}

function elementText(text: string): string {
  // One expression that looks for either sign takes three times as long as these two.
  const whole = text.includes('\\') ? text.replaceAll('\\', '\\\\') : text
  return `"${whole.includes('"') ? whole.replaceAll(/"/g, '\\"') : whole}"`
}

/**
 * PostgreSQL holds no NUL in a text and no half of a surrogate pair, and its JSON functions refuse a whole document where one is escaped in
 * it: each stands as U+FFFD. Keys too, so that what was written under one is found under it.
 */
export function storable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed()
  const whole = formed.includes('\0') ? formed.replaceAll('\0', '\uFFFD') : formed
  const mayBeJson = whole.startsWith('{') || whole.startsWith('[')
  return mayBeJson && whole.includes('\\u') && unreadableEscape.test(whole) ? whole.replaceAll(unreadableEscapes, '$1\uFFFD') : whole
}

const unreadableEscape = /\\u(?:0000|d[89a-f])/i
/** Not after a backslash of its own: that is a backslash in the text, and no escape. */
const unreadableEscapes = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi

import type { TellUnreadable } from './unreadable.ts'

declare const jsonOf: unique symbol

/** JSON text of a T in a column; only `json` makes it. */
export type Json<T> = string & { readonly [jsonOf]: T }

/** JSON for a column. */
export function json<T extends object>(value: T): Json<T> {
  // The brand exists in types only: it carries what was written to whoever reads it.
  return JSON.stringify(value) as Json<T>
}

/** The same, and null where it would hold nothing. */
export function jsonOrNull<T extends object>(value: T): Json<T> | null {
  const text = json(value)
  return text.length === 2 ? null : text
}

/**
 * What `json` wrote: the file is ours, and what came from outside was checked before it was written. Where the column was
 * damaged all the same, the rest of its row counts on with `otherwise`.
 *
 * @param row as in `alert 12`, for whoever is told of it
 */
export function parsed<T extends object, Otherwise = T>(text: Json<T>, otherwise: Otherwise, tell: TellUnreadable, row: string): T | Otherwise {
  try {
    const value: unknown = JSON.parse(text)
    // See above: nothing else writes these columns.
    if (typeof value === 'object' && value !== null) return value as T
  } catch (damaged) {
    if (!(damaged instanceof SyntaxError)) throw damaged
  }
  tell(row, 'a column that holds JSON is damaged, and was read as empty')
  return otherwise
}

/** The fields that are neither null nor absent: columns know null, the model knows absent fields. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], null | undefined> } = {}
  for (const key in fields) {
    const value = fields[key]
    // Neither null nor undefined here; TypeScript does not narrow by key.
    if (value !== null && value !== undefined) result[key] = value as Exclude<T[typeof key], null | undefined>
  }
  return result
}

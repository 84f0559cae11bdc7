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

/** What `json` wrote: the file is ours, and what came from outside was checked before it was written. */
export function parsed<T>(text: Json<T>): T {
  // See above: nothing else writes these columns.
  return JSON.parse(text) as T
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

/** JSON for a column; null where it would hold nothing. */
export function json(value: object): string | null {
  const text = JSON.stringify(value)
  return text === '{}' ? null : text
}

/**
 * What `json` wrote. The type is what the caller wrote into the column: the database file is ours, and what came from
 * outside was checked before it was written.
 */
export function parsed<T extends object>(text: string | null): T | undefined {
  // See above: the only writer of these columns is this folder.
  return text === null ? undefined : (JSON.parse(text) as T)
}

/** Turns the nulls of a row into absent fields. */
export function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], null | undefined> } = {}
  for (const key in fields) {
    const value = fields[key]
    // `value` is neither null nor undefined here; TypeScript does not narrow by key.
    if (value !== null && value !== undefined) result[key] = value as Exclude<T[typeof key], null | undefined>
  }
  return result
}

/** One key of several values, different for different values: a bar inside a value is escaped. */
export function groupKey(values: readonly string[]): string {
  return values.map((value) => (/[\\|]/.test(value) ? value.replace(/[\\|]/g, '\\$&') : value)).join('|')
}

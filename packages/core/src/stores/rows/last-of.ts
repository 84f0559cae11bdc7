/** Of several with the same key the last, at the place of the first: what a batch leaves when each is written over the one before. */
export function lastOf<T>(list: readonly T[], keyOf: (one: T) => string): readonly T[] {
  const kept = new Map<string, T>()
  for (const one of list) kept.set(keyOf(one), one)
  return kept.size === list.length ? list : [...kept.values()]
}

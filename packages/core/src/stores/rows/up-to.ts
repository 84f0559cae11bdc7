/** The first of them whose rows are together few enough, at least one; `more`: the number after which the others come. */
export function upTo(found: readonly { readonly id: number; readonly rows: number }[], limit: number): { readonly ids: readonly number[]; readonly rows: number; readonly more?: number } {
  const ids: number[] = []
  let sum = 0
  for (const { id, rows } of found) {
    if (ids.length > 0 && sum + rows > limit) return { ids, rows: sum, more: ids.at(-1) ?? 0 }
    ids.push(id)
    sum += rows
  }
  return { ids, rows: sum }
}

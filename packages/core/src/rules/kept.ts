/**
 * What a row of a rule says, as it was written; nothing where it is damaged. Whoever reads it looks at its form as well: a rule of
 * another kind may have had the same name before, and what it kept must stop neither events nor deliveries.
 */
export function keptJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (damaged) {
    if (damaged instanceof SyntaxError) return undefined
    throw damaged
  }
}

/**
 * A row that says under which settings it was written, where those are these.
 *
 * @param counting a hash of what the rule counts. Absent: whatever it was
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the form that it wrote
export function keptUnder<Kept extends { readonly counting: string }>(text: string | undefined, counting: string | undefined): Kept | undefined {
  const kept = keptJson(text)
  const isOurs = typeof kept === 'object' && kept !== null && 'counting' in kept && (counting === undefined || kept.counting === counting)
  // Reason for the cast: no rule of another kind has this hash; who asks without it looks at the form.
  return isOurs ? (kept as Kept) : undefined
}

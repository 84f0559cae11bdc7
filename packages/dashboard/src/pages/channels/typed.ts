/** `a, b` or one on each line; nothing is no list. */
export function listOf(text: string): readonly string[] | undefined {
  const items = text.split(/[,，\n]/).map((item) => item.trim()).filter((item) => item !== '')
  return items.length === 0 ? undefined : items
}

export function listText(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') : ''
}

/** `name: value` on each line; what has no colon is a name without a value, which the server then asks for. */
export function pairsOf(text: string): Readonly<Record<string, string>> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return undefined
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
    }),
  )
}

export function pairsText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value).map(([name, one]) => `${name}: ${String(one)}`).join('\n')
}

import type { Section, SectionRow } from './report-sections.ts'
import { columnsOf, padColumns, wrapColumns } from './terminal-lines.ts'

/** Width of a plain-text mail, in columns. */
const roomMax = 72
const gap = 2
/** A first column is not made narrower than this; what is longer takes several lines. */
const nameColumnsMin = 16

/** A table in columns of a fixed width, numbers to the right. */
export function sectionText({ title, columns, rows, lines }: Section): readonly string[] {
  const all: readonly SectionRow[] = [{ cells: columns }, ...rows]
  const widths = columns.map((_, place) => Math.max(...all.map(({ cells }) => columnsOf(cells[place] ?? ''))))
  const numbers = widths.slice(1).reduce((sum, width) => sum + width + gap, 0)
  const names = Math.max(nameColumnsMin, Math.min(widths[0] ?? 0, roomMax - numbers))
  const table = rows.length === 0 ? [] : all.flatMap(({ cells: [name = '', ...rest] }) => {
    const [first = '', ...more] = wrapColumns(name, names)
    return [`${padColumns(first, names)}${rest.map((cell, place) => padLeft(cell, (widths[place + 1] ?? 0) + gap)).join('')}`.trimEnd(), ...more]
  })
  return [title.toUpperCase(), ...table, ...lines.flatMap((line) => wrapColumns(line, roomMax))]
}

function padLeft(text: string, columns: number): string {
  return `${' '.repeat(Math.max(gap, columns - columnsOf(text)))}${text}`
}

import { isMet, type Figure, type Row } from './figure.ts'
import type { Machine } from './machine.ts'

/** Narrower terminals get lines that wrap rather than words that are gone. */
const columnsMin = 60
const columnsMax = 120

export function machineLines(machine: Machine, command: string): readonly string[] {
  const { cpu, cores, memoryGb, node, sqlite, kernel, date } = machine
  return [`${cpu}, ${cores} cores, ${memoryGb} GB · ${kernel} · Node ${node} · SQLite ${sqlite}`, `${date} · ${command}`]
}

/** One benchmark as lines that fit into so many columns. */
export function tableLines(title: string, rows: readonly Row[], columns: number): readonly string[] {
  const width = Math.min(columnsMax, Math.max(columnsMin, columns))
  const cells = rows.map((row) => ('skipped' in row ? { what: row.what, value: 'skipped', verdict: row.skipped } : figureCells(row)))
  const valueWidth = Math.max(...cells.map(({ value }) => value.length))
  const whatWidth = Math.min(Math.max(...cells.map(({ what }) => what.length)), Math.floor(width / 2))
  const lines = cells.flatMap(({ what, value, verdict }) => {
    const [first = '', ...rest] = wrap(what, whatWidth)
    const room = width - whatWidth - valueWidth - 6
    const [told = '', ...more] = wrap(verdict, Math.max(16, room))
    const below = Array.from({ length: Math.max(rest.length, more.length) }, (_, i) => `  ${(rest[i] ?? '').padEnd(whatWidth + valueWidth + 4)}${more[i] ?? ''}`)
    return [`  ${first.padEnd(whatWidth)}  ${value.padStart(valueWidth)}  ${told}`, ...below].map((line) => line.trimEnd())
  })
  return [title, ...lines]
}

function figureCells(figure: Figure): { readonly what: string; readonly value: string; readonly verdict: string } {
  const { what, value, unit, target, note } = figure
  const verdict = target === undefined ? '' : `${isMet(figure) === true ? 'met' : 'NOT MET'}, target ${'atMost' in target ? '≤' : '≥'} ${number('atMost' in target ? target.atMost : target.atLeast, 4)} ${unit}`
  return { what, value: `${number(value, 3)} ${unit}`, verdict: [verdict, note ?? ''].filter((part) => part !== '').join(' · ') }
}

function number(value: number, digits: number): string {
  if (!Number.isFinite(value)) return 'none'
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(digits)))
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

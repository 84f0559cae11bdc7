/** Width of a terminal, in columns. */
export const columnsMax = 80

/** `text` with spaces after it up to so many columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns that a terminal needs: two for a Chinese character. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const sign of text) columns += wide.test(sign) ? 2 : 1
  return columns
}

/** Cells in columns and a sentence behind them, which goes on under itself; where the cells take more than half of the line, under them. */
export function columnLines(rows: readonly { readonly cells: readonly string[]; readonly sentence: string }[]): string[] {
  const widths: number[] = []
  for (const { cells } of rows) for (const [column, cell] of cells.entries()) widths[column] = Math.min(cellColumnsMax, Math.max(widths[column] ?? 0, columnsOf(cell)))
  return rows.flatMap(({ cells, sentence }) => {
    const start = `  ${cells.map((cell, column) => padColumns(cell, widths[column] ?? 0)).join('  ')}  `
    const indent = columnsOf(start)
    if (indent > columnsMax / 2) return [...wrapColumns(start.trim(), columnsMax - 2).map((line) => `  ${line}`), ...wrapColumns(sentence, columnsMax - 8).map((line) => `        ${line}`)]
    return wrapColumns(sentence, columnsMax - indent).map((line, at) => (at === 0 ? start : ' '.repeat(indent)) + line)
  })
}

const cellColumnsMax = 20

/** Lines of at most `room` columns, broken at spaces and between Chinese characters, else where it must be. */
export function wrapColumns(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(/[\u2e80-\u9fff\uff00-\uffef][，。：；、！？）】”]*|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+/gu) ?? []) {
    if (columnsOf(line) + columnsOf(piece.trimEnd()) > room && line !== '') {
      lines.push(line.trimEnd())
      line = ''
    }
    line += line === '' ? piece.trimStart() : piece
    while (columnsOf(line.trimEnd()) > room) {
      const signs = Array.from(line)
      let end = 0
      // At least one sign a line, so that this ends in any room.
      for (let columns = 0; end < signs.length && columns + columnsOf(signs[end] ?? '') <= room; end += 1) columns += columnsOf(signs[end] ?? '')
      end = Math.max(1, end)
      lines.push(signs.slice(0, end).join(''))
      line = signs.slice(end).join('')
    }
  }
  return line.trim() === '' ? lines : [...lines, line.trimEnd()]
}

import type { CopiedTable } from './copy.ts'

/** Names, rows and the first of the checksums, for people. */
export function tableLines(tables: readonly CopiedTable[]): readonly string[] {
  const filled = tables.filter(({ rows }) => rows > 0)
  const wide = Math.max(5, ...filled.map(({ name }) => name.length))
  return [`${'table'.padEnd(wide)}  ${'rows'.padStart(12)}  checksum`, ...filled.map(({ name, rows, checksum }) => `${name.padEnd(wide)}  ${rows.toLocaleString('en-US').padStart(12)}  ${checksum.slice(0, 16)}`)]
}

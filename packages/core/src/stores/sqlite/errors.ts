import { TocsinError, errorText } from '../../model/error.ts'
import type { TocsinErrorCode } from '../../model/error.ts'

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html), where an operator can do something. */
const known: ReadonlyMap<number, readonly [TocsinErrorCode, string]> = new Map([
  [5, ['store-busy', 'The database is in use by another process and stayed locked. Try again; if it lasts, look for a process that holds a transaction open.']],
  [6, ['store-busy', 'The database is locked by another statement of this process. Try again.']],
  [8, ['store-read-only', 'The database cannot be written. Give this user write permission to the file and its folder, or choose another data folder.']],
  [11, ['store-corrupt', 'The database file is damaged. Start again: a damaged file is moved aside, never deleted, and a new one is begun.']],
  [13, ['store-full', 'The disk, or the size allowed for the database, is full. Free some space; what was not accepted may be sent again.']],
  [14, ['store-read-only', 'The database file cannot be opened. Check that its folder exists and that this user may write there.']],
  [26, ['store-corrupt', 'The file is not a database. Start again: it is moved aside, never deleted, and a new one is begun.']],
])

/** The result code of an error of node:sqlite, without its extension; `undefined` for anything else. */
export function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}

/** What SQLite or the file system threw, as the product's error; a TocsinError stays as it is. */
export function storeError(thrown: unknown): TocsinError {
  if (thrown instanceof TocsinError) return thrown
  const [code, message] = known.get(sqliteCode(thrown) ?? -1) ?? ['store-failed', 'The database failed. The cause is below; if it lasts, check the disk.']
  return new TocsinError(code, `${message} (${errorText(thrown)})`, { cause: thrown })
}

export function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown) === 5
}

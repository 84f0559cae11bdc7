import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { TocsinError, errorText } from 'tocsin/engine'
import type { Digest } from './agree.ts'
import type { SqliteSide } from './sqlite-side.ts'

/** Of this form; a newer one is refused. */
const form = 1

/** What a backup says of itself. */
export interface BackupStamp {
  readonly madeMs: number
  /** Of Tocsin. */
  readonly version: string
  readonly tables: Readonly<Record<string, Digest>>
}

/** Makes a copy of the database a backup: it says what it holds, so that damage is seen. */
export function stamp(side: SqliteSide, { madeMs, version, tables }: BackupStamp): void {
  side.exec('drop table if exists tocsin_backup; create table tocsin_backup(id integer primary key, form integer not null, made_ms integer not null, version text not null, tables text not null)')
  side.run('insert into tocsin_backup values(1, ?, ?, ?, ?)', form, madeMs, version, JSON.stringify(tables))
  // A file of one piece: whoever copies it needs nothing beside it.
  side.exec('pragma journal_mode = delete')
}

export function unstamp(side: SqliteSide): void {
  side.exec('drop table tocsin_backup')
}

const magic = 'SQLite format 3\0'

/**
 * Reads what a backup says of itself, and has SQLite look through all of it.
 *
 * @throws TocsinError `wrong-usage` where it is none, `store-corrupt` where it is damaged, `store-newer`
 */
export function readStamp(file: string): BackupStamp {
  if (!existsSync(file)) throw new TocsinError('wrong-usage', `Expected a backup at ${file}, found no such file.`)
  const isDatabase = headOf(file) === magic
  if (!isDatabase) throw new TocsinError('wrong-usage', `Expected a backup that "tocsin backup" has made, found another kind of file: ${file}.`)
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(file, { readOnly: true })
    const found = db.prepare("select 1 from sqlite_schema where type = 'table' and name = 'tocsin_backup'").get()
    if (found === undefined) throw new TocsinError('wrong-usage', `Expected a backup that "tocsin backup" has made, found another database: ${file}.`)
    const row = db.prepare('select form, made_ms, version, tables from tocsin_backup where id = 1').get()
    if (Number(row?.['form'] ?? 0) > form) throw new TocsinError('store-newer', `${file} was made by a newer version of Tocsin (${String(row?.['version'])}). Restore it with that version.`)
    const damage = db.prepare('pragma integrity_check(1)').get()?.['integrity_check']
    if (row === undefined || damage !== 'ok') throw damaged(file, String(damage))
    // Reason for the cast: `stamp` wrote it, and what the tables hold is compared with it.
    return { madeMs: Number(row['made_ms']), version: String(row['version']), tables: JSON.parse(String(row['tables'])) as BackupStamp['tables'] }
  } catch (failure) {
    throw failure instanceof TocsinError ? failure : damaged(file, errorText(failure), failure)
  } finally {
    db?.close()
  }
}

export function damaged(file: string, found: string, cause?: unknown): TocsinError {
  return new TocsinError('store-corrupt', `Expected a whole backup, found ${file} damaged (${found}). Nothing was restored; take another copy of it, or an older backup.`, { cause })
}

function headOf(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const head = Buffer.alloc(magic.length)
    readSync(handle, head, 0, head.length, 0)
    return head.toString('latin1')
  } finally {
    closeSync(handle)
  }
}

import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../model/clock.ts'
import { errorText, TocsinError } from '../../model/error.ts'
import { checkDamage, identityOf, moveAside } from '../sqlite/damaged.ts'
import { isBusy, storeError } from '../sqlite/errors.ts'
import { makeFile } from '../sqlite/open.ts'

/** Bytes of a page, fixed when the file is made. */
export const pageBytes = 4_096
/** How often a damaged file is replaced before it is given up. */
const replaceMax = 3
const version = 1

const schema = `
create table spooled(seq integer primary key, weight integer not null, body text not null);
create index spooled_by_weight on spooled(weight, seq);
create table losses(reason text primary key, count integer not null) without rowid;
create table owner(id integer primary key check(id = 1), key_mark text not null, refused integer not null);
pragma user_version=${version}`

/**
 * Opens a spool's file and holds it alone for as long as it is open: the lock is the operating system's, and ends with the
 * process however that ends. A damaged file is moved aside, told, and begun anew.
 *
 * @returns `held`: another process has it
 * @throws TocsinError `store-read-only`, `store-full`, `store-newer` or `store-failed` where it cannot be used
 */
export function openSpoolFile(file: string, clock: Clock, notice: (text: string) => void): DatabaseSync | 'held' {
  for (let replaced = 0; ; replaced += 1) {
    makeFile(file)
    const identity = identityOf(file)
    const db = new DatabaseSync(file, { timeout: 0 })
    try {
      prepare(db, file)
      return db
    } catch (cause) {
      db.close()
      if (isBusy(cause)) return 'held'
      const error = storeError(cause)
      if (error.code !== 'store-corrupt' || replaced >= replaceMax) throw error
      const aside = moveAside(file, identity, clock)
      if (aside !== undefined) notice(`events that waited for the server were in ${file}, which was damaged (${errorText(error)}). It was moved to ${aside}, not deleted, and a new one was begun; what was in it is lost unless you repair it`)
    }
  }
}

/** A spool that ends with the process, for where no file can be written. */
export function openSpoolInMemory(): DatabaseSync {
  const db = new DatabaseSync(':memory:')
  db.exec(schema)
  return db
}

function prepare(db: DatabaseSync, file: string): void {
  // Before anything else is read: only then the lock is kept, and no memory is shared with other processes.
  db.exec('pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full; pragma cache_size=-2000; pragma wal_autocheckpoint=256; pragma journal_size_limit=1048576')
  db.exec('begin immediate; commit')
  const found = Number(db.prepare('pragma user_version').get()?.['user_version'] ?? 0)
  if (found > version) throw new TocsinError('store-newer', `${file} was written by a newer version of Tocsin. Update this process; the file was not changed.`)
  checkDamage(db, file)
  if (found === 0) db.exec(`begin immediate; ${schema}; commit`)
}

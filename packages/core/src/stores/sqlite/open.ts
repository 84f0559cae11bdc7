import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../model/clock.ts'
import { TocsinError, errorText } from '../../model/error.ts'
import { checkDamage, identityOf, moveAside } from './damaged.ts'
import { isBusy, storeError } from './errors.ts'
import { listIndices, migrations } from './migrations.ts'

/** How long opening waits for another process that opens the same file. */
const openWaitMs = 10_000
/** How often a damaged file is replaced before it is given up. */
const replaceMax = 3
/** Bytes of a page, fixed when the file is made. */
const pageBytes = 4_096

export interface Connections {
  readonly writer: DatabaseSync
  /** For reads, so that they never see what is not committed; of a private database the same. */
  readonly reader: DatabaseSync
}

export interface OpenOptions {
  readonly file: string
  readonly clock: Clock
  readonly durability: 'full' | 'normal'
  readonly notice: (text: string) => void
  readonly onReplaced: (aside: string) => void
  readonly fileBytesMax: number | undefined
  readonly isListed: boolean
}

/** Opens the file, or begins it where it is missing or damaged. Two processes may do so at once. */
export function openConnections(options: OpenOptions): Connections {
  const { file, clock, notice, onReplaced } = options
  for (let replaced = 0; ; replaced += 1) {
    makeFile(file)
    const identity = identityOf(file)
    try {
      return connect(options)
    } catch (cause) {
      const error = storeError(cause)
      if (error.code !== 'store-corrupt' || replaced >= replaceMax) throw error
      const aside = moveAside(file, identity, clock)
      if (aside === undefined) continue
      onReplaced(aside)
      notice(`The database ${file} was damaged (${errorText(error)}). It was moved to ${aside}, not deleted, and a new one was begun.`)
    }
  }
}

/** A database of this process alone, which is gone when it is closed: nothing is written for others to see, and to a disk only what does not fit into memory. */
export function openPrivate(isListed: boolean): Connections {
  const writer = new DatabaseSync('')
  writer.exec('pragma journal_mode=memory; pragma synchronous=off; pragma cache_size=-16000; pragma foreign_keys=off')
  migrate(writer, 'of this process')
  if (isListed) makeListIndices(writer)
  // Nobody reads while somebody writes: whoever opens it does one thing after the other.
  return { writer, reader: writer }
}

function connect({ file, durability, fileBytesMax, isListed }: OpenOptions): Connections {
  const writer = new DatabaseSync(file, { timeout: openWaitMs })
  try {
    refuseNewer(writer, file)
    useWal(writer)
    // What is claimed was mostly written a moment ago: with 16 MB of pages at hand it is not read again.
    writer.exec(`pragma synchronous=${durability}; pragma cache_size=-16000; pragma wal_autocheckpoint=4000; pragma journal_size_limit=67108864; pragma foreign_keys=off`)
    if (fileBytesMax !== undefined) writer.exec(`pragma max_page_count=${Math.max(1, Math.floor(fileBytesMax / pageBytes))}`)
    checkDamage(writer, file)
    migrate(writer, file)
    if (isListed) makeListIndices(writer)
    const reader = new DatabaseSync(file, { timeout: openWaitMs, readOnly: true })
    // From here on the writer waits by itself, without holding up the thread.
    writer.exec('pragma busy_timeout=0')
    return { writer, reader }
  } catch (cause) {
    writer.close()
    throw cause
  }
}

/** Makes the file and its folder where they are missing, for this user only. */
export function makeFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    closeSync(openSync(file, 'a', 0o600))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') {
      throw new TocsinError('store-full', `Expected room for ${file}, found the disk full. Free some space.`, { cause })
    }
    throw new TocsinError(
      'store-read-only',
      `Expected to be able to write ${file} (${errorText(cause)}). Give this user write permission to it and its folder, or choose another data folder.`,
      { cause },
    )
  }
}

/** Changing the journal can meet a lock that SQLite does not wait for. */
function useWal(db: DatabaseSync): void {
  const attemptsMax = 200
  for (let attempt = 1; ; attempt += 1) {
    try {
      db.exec('pragma journal_mode=wal')
      return
    } catch (cause) {
      if (!isBusy(cause) || attempt >= attemptsMax) throw cause
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.user_version ?? 0)
}

function refuseNewer(db: DatabaseSync, file: string): void {
  const version = versionOf(db)
  if (version <= migrations.length) return
  throw new TocsinError(
    'store-newer',
    `${file} was written by a newer version of Tocsin (schema ${version}; this one knows up to ${migrations.length}). Update this process; the file was not changed.`,
  )
}

/** Where an agent wrote alone so far this takes a second for each million rows. */
function makeListIndices(db: DatabaseSync): void {
  for (const index of listIndices) db.exec(`create index if not exists ${index}`)
}

function migrate(db: DatabaseSync, file: string): void {
  if (versionOf(db) === migrations.length) return
  db.exec('begin immediate')
  try {
    // Another process may have done it while this one waited.
    refuseNewer(db, file)
    for (const migration of migrations.slice(versionOf(db))) db.exec(migration)
    db.exec(`pragma user_version=${migrations.length}`)
    db.exec('commit')
  } catch (cause) {
    if (db.isTransaction) db.exec('rollback')
    throw cause
  }
}

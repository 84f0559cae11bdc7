import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../model/clock.ts'
import { TocsinError } from '../../model/error.ts'

/** Up to this size a file is read through when it is opened (about 30 ms); a larger one only when it is suspect. */
const readThroughBytesMax = 16 * 1024 * 1024
/** How long to wait for another process that moves the same file aside. */
const waitMs = 10_000
/** Damaged files of one second that are told apart. */
const namesakesMax = 100

/** Remembers over a restart that damage was met, so that the next opening looks closely. */
export function suspect(file: string): void {
  writeFileSync(suspectMark(file), '', { mode: 0o600 })
}

/** @throws TocsinError `store-corrupt` where the file is damaged as far as a quick check can see */
export function checkDamage(db: DatabaseSync, file: string): void {
  const marked = existsSync(suspectMark(file))
  if (!marked && statSync(file).size > readThroughBytesMax) return
  const verdict = db.prepare('pragma quick_check(1)').get()?.quick_check
  if (verdict !== 'ok') throw new TocsinError('store-corrupt', `Expected ${file} to be sound, found: ${String(verdict)}`)
  rmSync(suspectMark(file), { force: true })
}

/** Which file stands under the name, so that a new one that another process has put there is left alone. */
export function identityOf(file: string): number {
  return statSync(file).ino
}

/**
 * Moves a damaged database with its journal aside and never deletes it. Of several processes that found the damage,
 * one moves it.
 *
 * @param identity of the file that is damaged
 * @returns where it is now; absent: another process had moved it already
 */
export function moveAside(file: string, identity: number, clock: Clock): string | undefined {
  // A lock of SQLite's own ends with the process that holds it; a lock file would outlive a crash.
  const lock = new DatabaseSync(`${file}.moving`, { timeout: waitMs })
  try {
    lock.exec('begin exclusive')
    if (!existsSync(file) || identityOf(file) !== identity) return undefined
    const aside = freeName(`${file}.corrupt-${new Date(clock.nowMs()).toISOString().slice(0, 19).replaceAll(':', '-')}Z`)
    renameSync(file, aside)
    for (const part of ['-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part)
    rmSync(suspectMark(file), { force: true })
    return aside
  } finally {
    lock.close()
  }
}

function suspectMark(file: string): string {
  return `${file}.suspect`
}

function freeName(name: string): string {
  for (let number = 1; number <= namesakesMax; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`
    if (!existsSync(candidate)) return candidate
  }
  throw new TocsinError('store-failed', `Expected fewer than ${namesakesMax} damaged databases beside ${name}. Move them away.`)
}

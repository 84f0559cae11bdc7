import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Chance } from './model/chance.ts'

const keyBytes = 32
const keyForm = /^[0-9a-f]{64}$/

/**
 * The key of the marks that stand for secrets in the spools of a folder: the same for every process there, in a file beside them that
 * only this user may read. Where it cannot be kept, one of this process.
 */
export function spoolKey(folder: string, chance: Chance): Uint8Array {
  const made = Array.from({ length: keyBytes / 8 }, () => chance.id()).join('')
  try {
    return Buffer.from(kept(join(folder, 'spool.key'), made), 'hex')
  } catch (unkept) {
    return unwritable(unkept, made)
  }
}

/** That the folder cannot be written is told when the spool is opened there. */
function unwritable(_reason: unknown, made: string): Uint8Array {
  return Buffer.from(made, 'hex')
}

function kept(file: string, made: string): string {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  // Written whole under another name first: of two processes that start at once, both then have the key of the one that was faster.
  const draft = `${file}.${made.slice(0, 16)}`
  writeFileSync(draft, `${made}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (taken) {
    if (!(taken instanceof Error) || !('code' in taken) || taken.code !== 'EEXIST') throw taken
    const found = readFileSync(file, 'utf8').trim()
    if (keyForm.test(found)) return found
    // No key of ours: marks made under it mean nothing to anybody.
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
  chmodSync(file, 0o600)
  return made
}

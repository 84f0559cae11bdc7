import { chmodSync, closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { TocsinError } from 'tocsin/engine'

/** Puts a finished file in the place of whatever stands there, so that after a crash there is the old one or the whole new one. */
export function putInPlace(made: string, file: string): void {
  settle(made)
  renameSync(made, file)
  syncFolder(file)
}

/** The same, where nothing may stand. @throws TocsinError `wrong-usage` where something does */
export function putWhereNothingIs(made: string, file: string, sentence: string): void {
  settle(made)
  try {
    linkSync(made, file)
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'EEXIST') throw new TocsinError('wrong-usage', sentence, { cause: failure })
    throw failure
  }
  rmSync(made)
  syncFolder(file)
}

function settle(file: string): void {
  chmodSync(file, 0o600)
  sync(file)
}

function syncFolder(file: string): void {
  // Where a system cannot sync a folder it keeps its names by itself.
  if (process.platform !== 'win32') sync(dirname(file))
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

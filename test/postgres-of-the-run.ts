import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { stopServer } from '../packages/core/src/testing/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the PostgreSQL that the tests of this run share; the first that needs it starts it. */
    readonly postgresFolder: string
  }
}

const start = 'tocsin-test-postgres-'

/** Nothing is started here: most runs need no PostgreSQL. At the end it is stopped if somebody did. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await stopLeftOver()
  const folder = mkdtempSync(join(tmpdir(), start))
  writeFileSync(join(folder, 'run'), String(process.pid))
  project.provide('postgresFolder', folder)
  return () => stopServer(folder)
}

/** Runs that were killed could not stop theirs. */
async function stopLeftOver(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(start))) {
    const folder = join(tmpdir(), name)
    if (!isAlive(folder)) await stopServer(folder)
  }
}

function isAlive(folder: string): boolean {
  try {
    process.kill(Number(readFileSync(join(folder, 'run'), 'utf8')), 0)
    return true
  } catch (gone) {
    // Between making the folder and writing the number it is alive; so is a process of somebody else.
    return gone instanceof Error && 'code' in gone && gone.code !== 'ESRCH'
  }
}

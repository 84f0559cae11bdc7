import { mkdtempSync, rmSync } from 'node:fs'
import { constants, copyFile, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { installation } from '../packages/server/src/access/audit.ts'
import { createKeys } from '../packages/server/src/access/keys.ts'
import { openDatabase } from '../packages/server/src/stores/database.ts'
import { fillLists, type ListsData } from './lists-data.ts'

/** How many events are stored; the promises are about ten million. */
export const eventsStored = Number(process.env['TOCSIN_BENCH_EVENTS'] ?? 10_000_000)
/** A folder in which what was filled is kept and used again; absent: it is filled once for all that is measured together. */
const keptIn = process.env['TOCSIN_BENCH_DATA']
/** Whose all of it is. */
export const project = 'bots'
const databaseFile = 'tocsin.db'

let filling: Promise<ListsData> | undefined

/** The database that was filled; whoever changes it takes a copy. */
export function storedData(progress: (doing: string) => void): Promise<ListsData> {
  return (filling ??= fillLists(keptIn === undefined ? temporaryFolder() : join(keptIn, `lists-${eventsStored}`), eventsStored, project, progress))
}

/** Another of the same, on the disk when it is done. */
export async function copyStored({ folder }: ListsData, to: string): Promise<void> {
  const copy = join(to, databaseFile)
  await copyFile(join(folder, databaseFile), copy, constants.COPYFILE_FICLONE)
  // What the system would write at its leisure would be written while something is measured.
  const file = await open(copy, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A key of a server whose database has been filled and that does not run. */
export async function makeKey(folder: string, scope: 'ingest' | 'manage'): Promise<string> {
  const database = await openDatabase({ file: join(folder, databaseFile) }, systemClock)
  try {
    const keys = createKeys({ db: database.db, clock: systemClock, chance: systemChance, notice: () => undefined })
    return (await keys.create({ name: 'bench', scope, project }, { principal: installation })).key
  } finally {
    await database.close()
  }
}

/** Gone when this process ends. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

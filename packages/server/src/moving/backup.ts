import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { systemClock, TocsinError } from 'tocsin/engine'
import { openDatabase } from '../stores/database.ts'
import { digestOf } from '../stores/moving/agree.ts'
import { stamp } from '../stores/moving/backup-file.ts'
import { awayFact, comingFact } from '../stores/moving/marks.ts'
import { SqliteSide } from '../stores/moving/sqlite-side.ts'
import { secretKeyFile } from '../projects/secret-key.ts'
import { makeEqual, openPair, prepare, type CopiedTable } from './copy.ts'
import { placeGiven, refuseNone, type Place } from './place.ts'
import { progressTo, type Progress } from './progress.ts'
import { putInPlace } from './whole-file.ts'

export interface BackupOptions {
  /** Where it is written; what stands there is replaced when the new one is whole. */
  readonly file: string
  readonly data: string
  /** Absent: that of `TOCSIN_DATABASE_URL`, else SQLite in `data`. */
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly notice: (text: string) => void
}

export interface BackedUp {
  readonly file: string
  readonly bytes: number
  readonly tables: readonly CopiedTable[]
  readonly tookMs: number
  /** Where the key of the secrets is: it is not in the backup. */
  readonly secretKey: string
}

const version = '0.1.0'

/**
 * Writes an installation into one file, as it was at one moment, while servers and agents go on with it. The key that opens its secrets is
 * not in it: whoever finds the file reads no password.
 *
 * @throws TocsinError `wrong-usage` where there is none, or it went elsewhere
 */
export async function backUp({ file, data, databaseUrl, allowInsecureDatabase, env, notice }: BackupOptions): Promise<BackedUp> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const place = placeGiven({ data, ...(url !== undefined && { databaseUrl: url }) })
  refuseNone(place)
  const begunMs = systemClock.monotonicMs()
  const progress = progressTo(notice, systemClock)
  const folder = dirname(resolve(file))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // Beside it, so that it can be put in its place in one step; for this user only.
  const beside = mkdtempSync(join(folder, `.${basename(file)}-`))
  try {
    const made = join(beside, 'tocsin.db')
    if (place.kind === 'sqlite') await copyFile(place.file, made, progressTo(notice, systemClock, 'pages'))
    else await copyRows(place, beside, made, { notice, ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }) }, progress)
    // With the tables of the server, also where agents wrote alone.
    await (await openDatabase({ file: made }, systemClock)).close()
    const tables = await stamped(made, progress)
    putInPlace(made, file)
    return { file, bytes: statSync(file).size, tables, tookMs: Math.round(systemClock.monotonicMs() - begunMs), secretKey: env['TOCSIN_SECRET_KEY'] === undefined ? secretKeyFile(data) : 'TOCSIN_SECRET_KEY' }
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

async function copyFile(from: string, made: string, progress: Progress): Promise<void> {
  const source = new SqliteSide(from, systemClock)
  try {
    refuseMoved(source)
    await source.copyTo(made, progress)
  } finally {
    source.close()
  }
}

async function copyRows(place: Extract<Place, { readonly kind: 'postgres' }>, folder: string, made: string, options: Parameters<typeof prepare>[1], progress: Progress): Promise<void> {
  await prepare({ kind: 'sqlite', data: folder, file: made }, options)
  const pair = await openPair(made, place.url)
  const { sqlite, postgres, tables } = pair
  try {
    for (const mark of [awayFact, comingFact]) if ((await postgres.fact(mark)) !== undefined) throw notHere()
    await postgres.hold()
    await makeEqual(postgres, sqlite, tables, progress)
  } finally {
    await pair.close()
  }
}

/** What it holds is written into it, so that damage is seen when it is restored. */
async function stamped(made: string, progress: Progress): Promise<readonly CopiedTable[]> {
  const side = new SqliteSide(made, systemClock)
  try {
    const tables: CopiedTable[] = []
    for (const table of side.tables()) {
      progress.begin(`checksum of ${table.name}`, await side.count(table))
      tables.push({ name: table.name, ...(await digestOf(side, table, progress.passed)) })
      progress.end()
    }
    stamp(side, { madeMs: systemClock.nowMs(), version, tables: Object.fromEntries(tables.map(({ name, rows, checksum }) => [name, { rows, checksum }])) })
    return tables
  } finally {
    side.close()
  }
}

function refuseMoved(source: SqliteSide): void {
  if (source.fact(awayFact) !== undefined || source.fact(comingFact) !== undefined) throw notHere()
}

function notHere(): TocsinError {
  return new TocsinError('wrong-usage', 'Expected an installation that is in use here, found one that was moved elsewhere, or is still being brought here. Back up the database in which it is.')
}

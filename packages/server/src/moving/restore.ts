import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, TocsinError } from 'tocsin/engine'
import { digestOf } from '../stores/moving/agree.ts'
import { damaged, readStamp, unstamp, type BackupStamp } from '../stores/moving/backup-file.ts'
import { comingFact } from '../stores/moving/marks.ts'
import { SqliteSide } from '../stores/moving/sqlite-side.ts'
import { openStores } from '../stores/open-stores.ts'
import { secretKeyFile } from '../projects/secret-key.ts'
import { beginFilling, installationIn, makeEqual, openPair, prepare, type CopiedTable } from './copy.ts'
import { placeGiven, placeName } from './place.ts'
import { progressTo, type Progress } from './progress.ts'
import { putWhereNothingIs } from './whole-file.ts'

export interface RestoreOptions {
  readonly file: string
  readonly data: string
  /** Absent: that of `TOCSIN_DATABASE_URL`, else SQLite in `data`. */
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  /** Nothing is sent until `tocsin restore --resume`. @default false */
  readonly hold?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly notice: (text: string) => void
}

export interface Restored {
  readonly to: string
  readonly madeMs: number
  readonly tables: readonly CopiedTable[]
  /** Deliveries that will be sent, or would be without `hold`. */
  readonly waiting: number
  readonly held: boolean
  readonly tookMs: number
  /** Where the key has to be that opens its secrets. */
  readonly secretKey: string
}

/** By whom what is held is held. */
const heldByRestore = 'tocsin restore'

/**
 * Brings an installation back from a backup, into a folder without one or into an empty database. What waited when the backup was made
 * waits again; what was under way then is in doubt, as after a crash.
 *
 * @throws TocsinError `wrong-usage` where something stands there or the file is no backup, `store-corrupt` where it is damaged, `store-newer`
 */
export async function restore({ file, data, databaseUrl, allowInsecureDatabase, hold = false, env, notice }: RestoreOptions): Promise<Restored> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const place = placeGiven({ data, ...(url !== undefined && { databaseUrl: url }) })
  const begunMs = systemClock.monotonicMs()
  const progress = progressTo(notice, systemClock)
  const taken = `Expected an empty folder, found an installation in ${data}. Nothing was changed; name another with --data.`
  if (place.kind === 'sqlite' && existsSync(place.file)) throw new TocsinError('wrong-usage', taken)
  const stamp = readStamp(file)
  if (place.kind === 'sqlite') mkdirSync(place.data, { recursive: true, mode: 0o700 })
  // On the same disk where it can be put in its place in one step; for this user only.
  const staging = mkdtempSync(join(place.kind === 'sqlite' ? place.data : tmpdir(), 'restoring-'))
  try {
    const staged = join(staging, 'tocsin.db')
    copyFileSync(file, staged)
    await verify(file, staged, stamp, progress)
    const waiting = await made(staging, hold, notice)
    let tables: readonly CopiedTable[] = Object.entries(stamp.tables).map(([name, digest]) => ({ name, ...digest }))
    if (place.kind === 'sqlite') putWhereNothingIs(staged, place.file, taken)
    else {
      const options = { notice, ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }) }
      await prepare(place, options)
      const pair = await openPair(staged, place.url)
      try {
        await beginFilling(pair.postgres, pair.tables, await installationIn(pair.sqlite, pair.tables), placeName(place))
        tables = await makeEqual(pair.sqlite, pair.postgres, pair.tables, progress)
        await pair.postgres.analyse()
        await pair.postgres.removeFact(comingFact)
      } finally {
        await pair.close()
      }
    }
    return { to: placeName(place), madeMs: stamp.madeMs, tables, waiting, held: hold, tookMs: Math.round(systemClock.monotonicMs() - begunMs), secretKey: env['TOCSIN_SECRET_KEY'] === undefined ? secretKeyFile(data) : 'TOCSIN_SECRET_KEY' }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** Compares what the file holds with what it says of itself. */
async function verify(file: string, staged: string, { tables }: BackupStamp, progress: Progress): Promise<void> {
  const side = new SqliteSide(staged, systemClock)
  try {
    const names = side.tables()
    for (const [name, said] of Object.entries(tables)) {
      const table = names.find((one) => one.name === name)
      if (table === undefined) throw damaged(file, `${name} is missing`)
      progress.begin(`checksum of ${name}`, said.rows)
      const found = await digestOf(side, table, progress.passed)
      if (found.rows !== said.rows || found.checksum !== said.checksum) throw damaged(file, `${name} does not hold what was written`)
    }
    unstamp(side)
  } finally {
    side.close()
  }
}

/** Brings it up to date with this version, and holds it where that is asked for. @returns how many deliveries wait */
async function made(folder: string, hold: boolean, notice: (text: string) => void): Promise<number> {
  const stores = await openStores({ data: folder, durability: 'full', notice })
  try {
    const nowMs = systemClock.nowMs()
    if (hold) {
      for (const project of await stores.store.read.projects()) {
        await stores.store.transaction(async (tx) => {
          if ((await tx.hold(project)) === undefined) await tx.putHold({ project, by: heldByRestore, sinceMs: nowMs })
        }, { project })
      }
    }
    return (await stores.store.read.waiting()).reduce((sum, { count }) => sum + count, 0)
  } finally {
    await stores.close()
  }
}

/** Ends what `restore --hold` began, in every project. @returns their names */
export async function resumeRestored({ data, databaseUrl, allowInsecureDatabase, env, notice }: Omit<RestoreOptions, 'file' | 'hold'>): Promise<readonly string[]> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const stores = await openStores({ data, ...(url !== undefined && { databaseUrl: url }), ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }), durability: 'full', notice })
  const { store, clock } = stores
  const resumed: string[] = []
  try {
    for (const project of await store.read.projects()) {
      await store.transaction(async (tx) => {
        if ((await tx.hold(project))?.by !== heldByRestore) return
        await tx.endHold(project, clock.nowMs())
        resumed.push(project)
      }, { project })
    }
  } finally {
    await stores.close()
  }
  return resumed
}

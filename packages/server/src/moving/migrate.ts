import { systemClock, TocsinError } from 'tocsin/engine'
import { bringOver } from '../stores/moving/agree.ts'
import { awayFact, comingFact, movedSentence, type MovedAway } from '../stores/moving/marks.ts'
import { secretKeyFile } from '../projects/secret-key.ts'
import { beginFilling, installationIn, makeEqual, openPair, prepare, type CopiedTable } from './copy.ts'
import { placeName, placeOf, refuseNone } from './place.ts'
import { progressTo } from './progress.ts'

export interface MigrateOptions {
  /** `sqlite`, `postgres`, a folder or an address. */
  readonly from: string
  readonly to: string
  readonly data: string
  /** Absent: that of `TOCSIN_DATABASE_URL`. */
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  /** How far it is, on the terminal. */
  readonly notice: (text: string) => void
  /** For tests: called when the bulk is over, before the source is closed to changes. */
  readonly beforeLast?: () => Promise<void>
}

export interface Migrated {
  readonly from: string
  readonly to: string
  readonly tables: readonly CopiedTable[]
  /** How long the source took no changes before it was left, milliseconds. */
  readonly lockedMs: number
  readonly tookMs: number
  /** Where the key of the secrets is: it is not moved. */
  readonly secretKey: string
}

/**
 * Moves a living installation between SQLite and PostgreSQL. First comes the bulk, while servers and agents go on with the source. Then the
 * source takes no changes until both sides are the same, row by row; from that moment on it never takes one again, and whoever opens it is told
 * where the installation went. What is cut short can be run again.
 *
 * @throws TocsinError `wrong-usage` where the two are of a kind, or the target is not empty
 */
export async function migrate({ from, to, data, databaseUrl, allowInsecureDatabase, env, notice, beforeLast }: MigrateOptions): Promise<Migrated> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const given = { data, ...(url !== undefined && { databaseUrl: url }) }
  const [source, target] = [placeOf(from, '--from', given), placeOf(to, '--to', given)]
  if (source.kind === target.kind) throw new TocsinError('wrong-usage', `Expected one of --from and --to to be SQLite and the other PostgreSQL, found both to be ${source.kind === 'sqlite' ? 'SQLite: copy its folder with "tocsin backup" and "tocsin restore"' : 'PostgreSQL: its own pg_dump copies it'}.`)
  refuseNone(source)
  const begunMs = systemClock.monotonicMs()
  const options = { notice, ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }) }
  await prepare(source, options)
  await prepare(target, options)
  const [file, address] = source.kind === 'sqlite' && target.kind === 'postgres' ? [source.file, target.url] : source.kind === 'postgres' && target.kind === 'sqlite' ? [target.file, source.url] : []
  if (file === undefined || address === undefined) throw new Error('expected one place of each kind')
  const pair = await openPair(file, address)
  const [there, here] = source.kind === 'sqlite' ? [pair.postgres, pair.sqlite] : [pair.sqlite, pair.postgres]
  const progress = progressTo(notice, systemClock)
  try {
    const installation = await installationIn(here, pair.tables)
    const coming = await there.fact(comingFact)
    const away = await here.fact(awayFact)
    // Reason for the cast: written below.
    if (away !== undefined && coming !== installation) throw new TocsinError('wrong-usage', movedSentence(JSON.parse(away) as MovedAway))
    await beginFilling(there, pair.tables, installation, placeName(target))
    if (away === undefined) {
      if (source.kind === 'postgres') await pair.postgres.findSameWays()
      notice('What is there is copied while it is in use.')
      for (const table of pair.tables.filter(({ isTied }) => !isTied)) {
        progress.begin(table.name, await here.count(table))
        await bringOver(here, there, table, progress.passed)
        progress.end()
      }
    }
    if (target.kind === 'postgres') await pair.postgres.analyse()
    await beforeLast?.()
    notice('The source takes no changes from now on; what changed meanwhile is brought over and all is compared.')
    await here.lock()
    const lockedAtMs = systemClock.monotonicMs()
    const tables = await makeEqual(here, there, pair.tables, progress)
    if (away === undefined) {
      const moved: MovedAway = { to: placeName(target), atMs: systemClock.nowMs(), installation }
      await here.putFact(awayFact, JSON.stringify(moved))
      await here.freeze(movedSentence(moved))
    }
    await here.commit()
    const lockedMs = Math.round(systemClock.monotonicMs() - lockedAtMs)
    // Only now: of two that could both be used, each would send what waits.
    await there.removeFact(comingFact)
    return { from: placeName(source), to: placeName(target), tables, lockedMs, tookMs: Math.round(systemClock.monotonicMs() - begunMs), secretKey: env['TOCSIN_SECRET_KEY'] === undefined ? secretKeyFile(source.kind === 'sqlite' ? source.data : data) : 'TOCSIN_SECRET_KEY' }
  } finally {
    await pair.close()
  }
}

import { systemClock, TocsinError } from 'tocsin/engine'
import { agree, digestOf, type Digest } from '../stores/moving/agree.ts'
import { comingFact, installationOf } from '../stores/moving/marks.ts'
import { PostgresSide } from '../stores/moving/postgres-side.ts'
import type { Side, Table } from '../stores/moving/side.ts'
import { SqliteSide } from '../stores/moving/sqlite-side.ts'
import { openStores } from '../stores/open-stores.ts'
import type { Place } from './place.ts'
import type { Progress } from './progress.ts'

/** What was copied of one table, and that both sides hold the same. */
export type CopiedTable = Digest & { readonly name: string }

export interface OpenOptions {
  readonly allowInsecureDatabase?: boolean
  readonly notice: (text: string) => void
}

/** Makes what is missing of the tables there, and closes again. */
export async function prepare(place: Place, { allowInsecureDatabase, notice }: OpenOptions): Promise<void> {
  const where = place.kind === 'sqlite' ? { data: place.data } : { data: '', databaseUrl: place.url }
  const stores = await openStores({ ...where, durability: 'full', notice, evenHalfMoved: true, ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }) })
  await stores.close()
}

/** A file and a PostgreSQL, with the tables of both. */
export interface Pair {
  readonly sqlite: SqliteSide
  readonly postgres: PostgresSide
  readonly tables: readonly Table[]
  close(): Promise<void>
}

export async function openPair(file: string, url: string): Promise<Pair> {
  const sqlite = new SqliteSide(file, systemClock, 'storable')
  const postgres = await PostgresSide.open(url).catch((failure: unknown) => {
    sqlite.close()
    throw failure
  })
  const close = async (): Promise<void> => {
    sqlite.close()
    await postgres.close()
  }
  try {
    const tables = sqlite.tables()
    postgres.check(tables)
    return { sqlite, postgres, tables, close }
  } catch (failure) {
    await close()
    throw failure
  }
}

const installationTable = 'installation'

/** Which installation a database holds. */
export async function installationIn(side: Side, tables: readonly Table[]): Promise<string> {
  const table = tables.find(({ name }) => name === installationTable)
  const [row] = table === undefined ? [] : await side.rows(table, undefined, 1)
  return installationOf(String(row?.[table?.columns.indexOf('redaction_key') ?? -1]))
}

/**
 * Only an empty database is filled, or one that this installation was coming to.
 *
 * @throws TocsinError `wrong-usage` where another stands there
 */
export async function beginFilling(target: SqliteSide | PostgresSide, tables: readonly Table[], installation: string, where: string): Promise<void> {
  const coming = await target.fact(comingFact)
  if (coming === undefined) {
    for (const table of tables) {
      if (table.name === installationTable || (await target.count(table)) === 0) continue
      throw new TocsinError('wrong-usage', `Expected an empty database in ${where}, found rows in ${table.name}. Nothing was changed; name another.`)
    }
  } else if (coming !== installation) {
    throw new TocsinError('wrong-usage', `Expected an empty database in ${where}, found one that another installation was being brought to. Nothing was changed; finish that, or name another.`)
  }
  await target.putFact(comingFact, installation)
}

/**
 * Makes the target equal to the source, which nobody changes meanwhile, and compares the two.
 *
 * @throws TocsinError `store-failed` where they differ in the end
 */
export async function makeEqual(source: SqliteSide | PostgresSide, target: SqliteSide | PostgresSide, tables: readonly Table[], progress: Progress): Promise<readonly CopiedTable[]> {
  const copied: CopiedTable[] = []
  for (const table of tables) {
    const expected = await source.count(table)
    progress.begin(table.name, expected)
    const { changed, ...digest } = await agree(source, target, table, progress.passed)
    // Where nothing was changed, each row was compared with its like already.
    const found = changed === 0 ? digest : await digestOf(target, table, () => undefined)
    if (digest.rows !== expected || found.rows !== digest.rows || found.checksum !== digest.checksum) {
      throw new TocsinError('store-failed', `Expected ${table.name} to be the same on both sides, found ${expected} rows here and ${found.rows} there, or other values in them. The source goes on as before; run the command again.`)
    }
    copied.push({ name: table.name, ...digest })
    progress.end()
  }
  await target.giveNumbersAfter(await source.numbersGiven())
  return copied
}

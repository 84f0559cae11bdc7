import pg from 'pg'
import { inject } from 'vitest'
import type { Store } from '../model/store.ts'
import { openPostgresStore } from '../stores/postgres.ts'
import type { PostgresStoreOptions } from '../stores/postgres.ts'
import { manualClock } from './manual-clock.ts'
import { sharedServer } from './postgres-server.ts'
import type { OpenedStore } from './store-suite.ts'
import { sampleMs } from './store-suite/samples.ts'

/** The PostgreSQL of these tests: that of the environment, else one that is started for the run. */
export function testDatabaseUrl(): Promise<string> {
  const named = process.env['TOCSIN_TEST_DATABASE_URL']
  return named === undefined || named === '' ? sharedServer(inject('postgresFolder')) : Promise.resolve(named)
}

/** A schema of its own for one test file, and stores on it. */
export interface PostgresWorld {
  readonly pool: pg.Pool
  readonly schema: string
  openStore(change?: Partial<PostgresStoreOptions>): Promise<Store>
  /** Deletes every row, so that the next test begins anew; the tables stay, which is what makes it quick. */
  empty(): Promise<void>
  /** Removes the schema and closes the pool. */
  dispose(): Promise<void>
}

let worlds = 0

export async function postgresWorld(): Promise<PostgresWorld> {
  const url = await testDatabaseUrl()
  worlds += 1
  const schema = `test_${process.pid}_${worlds}`
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  let emptying: string | undefined
  return {
    pool,
    schema,
    openStore: (change = {}) => openPostgresStore({ pool, clock: manualClock(sampleMs), schema, ...change }),
    async empty() {
      emptying ??= await emptyingText(pool, schema)
      await pool.query(emptying)
    },
    async dispose() {
      await pool.query(`drop schema if exists "${schema}" cascade`)
      await pool.end()
    },
  }
}

/** Deletes, which for a few rows takes a tenth of what `truncate` takes. */
async function emptyingText(pool: pg.Pool, schema: string): Promise<string> {
  const { rows } = await pool.query<{ name: string; kind: string }>(
    `select relname as name, relkind as kind from pg_class where relnamespace = to_regnamespace($1) and not relispartition
     and relkind in ('r', 'p', 'S') and relname not in ('installation', 'schema_version')`,
    [schema],
  )
  return rows.map(({ name, kind }) => (kind === 'S' ? `alter sequence "${schema}"."${name}" restart` : `delete from "${schema}"."${name}"`)).join('; ')
}

/** Opens a store for each test of a suite, on one schema. */
export function storesOf(world: () => PostgresWorld): () => Promise<OpenedStore> {
  return async () => {
    const clock = manualClock(sampleMs)
    let store = await world().openStore({ clock })
    await world().empty()
    return {
      get store() {
        return store
      },
      clock,
      async reopen() {
        await store.close()
        store = await world().openStore({ clock })
        return store
      },
      dispose: () => store.close(),
    }
  }
}

import { isIP } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import { databaseClock, openPostgresStore, openSqliteStore, systemClock, TocsinError, type Clock, type Config, type Store } from 'tocsin/engine'
import { openDatabase, type Database } from './database.ts'
import { refuseHalfMoved } from './moving/marks.ts'
import { hearLosses } from './telling-dialect.ts'

export interface StoreOptions {
  /** Folder of `tocsin.db`, where there is no PostgreSQL. */
  readonly data: string
  /** `postgres://…`; absent: SQLite. */
  readonly databaseUrl?: string
  /** A PostgreSQL on another machine may be spoken to without TLS: for networks that belong to the two alone. @default false */
  readonly allowInsecureDatabase?: boolean
  readonly durability: Config['store']['durability']
  readonly notice: (text: string) => void
  /** A database that an installation has left, or that is not whole yet, is opened all the same: for those that move one. @default false */
  readonly evenHalfMoved?: boolean
}

export interface OpenStores {
  readonly store: Store
  readonly database: Database
  /** The time of the database where several machines share it: leases rest on it. */
  readonly clock: Clock
  close(): Promise<void>
}

/** Connections of the engine: one for each transaction that runs at once (one for each project), and those that read. */
const connectionsMax = 20
const connectMs = 10_000

/**
 * Opens what the server keeps, and makes it where it is missing.
 *
 * @throws TocsinError `wrong-usage` where the address is none or TLS is missing; `store-…` where it cannot be used
 */
export async function openStores(options: StoreOptions): Promise<OpenStores> {
  const stores = await openAll(options)
  if (options.evenHalfMoved !== true) await refuseHalfMoved(stores.database.db).catch(closing(() => stores.close()))
  return stores
}

async function openAll({ data, databaseUrl, allowInsecureDatabase = false, durability, notice }: StoreOptions): Promise<OpenStores> {
  if (databaseUrl === undefined) {
    const file = join(data, 'tocsin.db')
    const store = openSqliteStore({ file, clock: systemClock, durability, notice, isListed: true })
    const database = await openDatabase({ file }, systemClock).catch(closing(() => store.close()))
    return {
      store, database, clock: systemClock,
      async close() {
        await database.close()
        await store.close()
      },
    }
  }
  const url = safeUrl(databaseUrl, allowInsecureDatabase)
  const pool = new pg.Pool({ connectionString: url, max: connectionsMax, connectionTimeoutMillis: connectMs })
  hearLosses(pool)
  const clock = await databaseClock(pool, systemClock).catch(closing(() => pool.end()))
  const store = await openPostgresStore({ pool, clock, notice }).catch(closing(() => pool.end()))
  const database = await openDatabase({ url }, clock).catch(closing(async () => {
    await store.close()
    await pool.end()
  }))
  return {
    store,
    database,
    clock,
    async close() {
      clock.stop()
      await database.close()
      await store.close()
      await pool.end()
    },
  }
}

/** What was opened before it failed is closed again, and the failure goes on. */
function closing(close: () => Promise<void>): (failure: unknown) => Promise<never> {
  return async (failure) => {
    await close()
    throw failure
  }
}

/**
 * The address as it is used: beyond this machine only with TLS and a certificate that is checked.
 *
 * @throws TocsinError `wrong-usage`, without the address: a password may stand in it
 */
function safeUrl(text: string, allowInsecure: boolean): string {
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(text)) throw new TocsinError('wrong-usage', 'Expected a database URL such as postgres://tocsin@localhost/tocsin, found something else.')
  const { hostname, searchParams } = new URL(text)
  if (allowInsecure || isHere(searchParams.get('host') ?? hostname)) return text
  const mode = searchParams.get('sslmode')
  if (mode !== 'verify-full') {
    throw new TocsinError('wrong-usage', `Expected sslmode=verify-full in the database URL, found ${mode ?? 'none'}: beyond this machine PostgreSQL is spoken to with TLS and a certificate that is checked. Name your own authority with sslrootcert=FILE; on a network that belongs to the two alone use --allow-insecure-database.`)
  }
  return text
}

/** A socket's folder, a loopback address, or nothing. */
function isHere(host: string): boolean {
  const bare = host.replaceAll(/^\[|\]$/g, '')
  return bare === '' || bare.startsWith('/') || bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

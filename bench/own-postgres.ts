import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { startServer, stopServer } from '../packages/core/src/testing/postgres-server.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** A PostgreSQL 18 of our own that loses nothing it has acknowledged, and counts what its statements take. */
export interface OwnPostgres {
  /** Runs `work` with the address of a new database, and drops it. */
  inDatabase<T>(work: (url: string) => Promise<T>): Promise<T>
  /** Asks one question of a database. */
  ask<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]>
  /** From here on `spent` counts. */
  countAnew(): Promise<void>
  /** What statements of one database took since, in milliseconds: those that work, and those that wait for the turn of their project. */
  spent(url: string): Promise<{ readonly worksMs: number; readonly waitsMs: number; readonly statements: number; readonly commits: number }>
  /** Processor time of all its processes so far, milliseconds. Of a connection that has ended too. */
  cpuMs(): number
}

const settings = [
  'fsync=on', 'synchronous_commit=on', 'full_page_writes=on',
  'shared_buffers=256MB', 'max_connections=300', 'max_wal_size=4GB',
  'shared_preload_libraries=pg_stat_statements', 'pg_stat_statements.track_planning=on',
]
/** What durable means here, for the table. */
export const durableSettings = settings.slice(0, 2).join(', ')

export async function withPostgres<T>(work: (postgres: OwnPostgres) => Promise<T>): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    // Whoever runs PostgreSQL has to get in.
    chmodSync(folder, 0o755)
    const home = join(folder, 'postgres')
    mkdirSync(home)
    const { url, pid } = await startServer(home, undefined, settings)
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    try {
      await admin.query('create extension pg_stat_statements')
      return await work(ownPostgres(admin, url, pid))
    } finally {
      await admin.end()
      await stopServer(home)
    }
  })
}

function ownPostgres(admin: pg.Client, url: string, pid: number): OwnPostgres {
  let made = 0
  return {
    async inDatabase(work) {
      made += 1
      const name = `bench_${made}`
      await admin.query(`create database ${name}`)
      try {
        return await work(url.replace(/\/postgres$/, `/${name}`))
      } finally {
        await admin.query(`drop database ${name} with (force)`)
        // What is written behind the answers of one would be counted against the next.
        await admin.query('checkpoint')
      }
    },
    async ask<Row extends pg.QueryResultRow>(at: string, text: string) {
      const client = new pg.Client({ connectionString: at })
      await client.connect()
      try {
        return (await client.query<Row>(text)).rows
      } finally {
        await client.end()
      }
    },
    async countAnew() {
      await admin.query('select pg_stat_statements_reset()')
    },
    async spent(at) {
      const { rows } = await admin.query<{ works: number; waits: number; statements: number; commits: number }>(
        `select coalesce(sum(ms) filter (where not waits), 0)::float8 as works, coalesce(sum(ms) filter (where waits), 0)::float8 as waits,
           coalesce(sum(calls), 0)::integer as statements, coalesce(sum(calls) filter (where query ilike 'commit%'), 0)::integer as commits
         from (select total_exec_time + total_plan_time as ms, query like '%pg_advisory_xact_lock%' as waits, calls, query
           from pg_stat_statements join pg_database on pg_database.oid = dbid where datname = $1) as statements`,
        [new URL(at).pathname.slice(1)],
      )
      const [row] = rows
      if (row === undefined) throw new Error('expected one row of sums')
      return { worksMs: row.works, waitsMs: row.waits, statements: row.statements, commits: row.commits }
    },
    cpuMs: () => cpuMs([pid, ...childrenOf(pid)]) + endedCpuMs(pid),
  }
}

/** The kernel counts in hundredths of a second, whatever the machine. */
const tickMs = 10

/** Processor time of processes so far, milliseconds; NaN where the system does not say it. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(pid, [14, 15]), 0) * tickMs
}

function endedCpuMs(pid: number): number {
  return ticks(pid, [16, 17]) * tickMs
}

/** Fields of `/proc/PID/stat`, counted from 1 as its manual does, added up; 0 for one that has just ended. */
function ticks(pid: number, fields: readonly number[]): number {
  if (process.platform !== 'linux') return Number.NaN
  const values = statOf(pid)
  return values === undefined ? 0 : fields.reduce((sum, field) => sum + Number(values[field - 3]), 0)
}

function childrenOf(parent: number): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').map(Number).filter((pid) => pid > 0 && Number(statOf(pid)?.[1]) === parent)
}

/** From the third field on: the name before may hold anything. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

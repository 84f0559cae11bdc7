import pg from 'pg'
import { testDatabaseUrl } from '../../../core/src/testing/postgres-store.ts'

/** A database of PostgreSQL with nothing in it, for one test. */
export interface EmptyDatabase {
  readonly url: string
  query<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]>
  dispose(): Promise<void>
}

let made = 0

export async function emptyDatabase(): Promise<EmptyDatabase> {
  const server = await testDatabaseUrl()
  made += 1
  const name = `server_${process.pid}_${made}`
  await once(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    query: (text) => once(url.href, text),
    dispose: async () => void (await once(server, `drop database if exists ${name} with (force)`)),
  }
}

async function once<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

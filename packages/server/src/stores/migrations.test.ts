import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from 'kysely'
import { systemClock } from 'tocsin/engine'
import { emptyDatabase } from '../testing/empty-database.ts'
import { openDatabase, type Database } from './database.ts'
import { claimFact } from './facts.ts'
import { migrate, steps, type Step } from './migrations.ts'

const adds: Step = { make: async (tx) => void (await sql`alter table server_facts add column later text`.execute(tx)) }
const changes: Step = { make: async (tx) => void (await sql`alter table server_facts rename column later to after_all`.execute(tx)), compatibleFrom: steps.length + 2 }

describe.each(['sqlite', 'postgres'] as const)('the tables of the server on %s', (kind) => {
  let database: Database
  let at: Parameters<typeof openDatabase>[0]
  let remove: () => Promise<void>

  beforeAll(async () => {
    if (kind === 'sqlite') {
      const folder = mkdtempSync(join(tmpdir(), 'tocsin-migrations-'))
      at = { file: join(folder, 'tocsin.db') }
      remove = async () => rmSync(folder, { recursive: true })
    } else {
      const { url, dispose } = await emptyDatabase()
      at = { url }
      remove = dispose
    }
    database = await openDatabase(at, systemClock)
  })
  afterAll(async () => {
    await database.close()
    await remove()
  })

  test('a server of the version before goes on, and starts anew, where a step only added', async () => {
    await migrate(database.db, kind, systemClock, undefined, [...steps, adds])
    expect(await claimFact(database.db, 'by the older', '1')).toBe(true)
    const older = await openDatabase(at, systemClock)
    expect(await claimFact(older.db, 'by the older', '2')).toBe(false)
    await older.close()
  })

  test('a server that is too old for the tables stops and says so', async () => {
    await migrate(database.db, kind, systemClock, undefined, [...steps, adds, changes])
    await expect(openDatabase(at, systemClock)).rejects.toMatchObject({ code: 'store-newer', message: expect.stringContaining(`at least ${steps.length + 2}; this one knows up to ${steps.length}`) as string })
    // One that knows the step before is too old as well, and one that knows them all is not.
    await expect(migrate(database.db, kind, systemClock, undefined, [...steps, adds])).rejects.toMatchObject({ code: 'store-newer' })
    await migrate(database.db, kind, systemClock, undefined, [...steps, adds, changes])
  })
})

test('a user of PostgreSQL who may make no schema works in one that was prepared', async () => {
  const { url, query, dispose } = await emptyDatabase()
  const user = `guest_${process.pid}`
  await query(`create role ${user} login`)
  try {
    await query(`create schema tocsin authorization ${user}`)
    const as = new URL(url)
    as.username = user
    const database = await openDatabase({ url: as.href }, systemClock)
    expect(await claimFact(database.db, 'by a guest', '1')).toBe(true)
    await database.close()
  } finally {
    await query(`drop owned by ${user} cascade`)
    await query(`drop role ${user}`)
    await dispose()
  }
})

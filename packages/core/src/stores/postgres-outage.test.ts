import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import type { Store } from '../model/store.ts'
import { startServer, stopServer } from '../testing/postgres-server.ts'
import type { Server } from '../testing/postgres-server.ts'
import { postgresWorld } from '../testing/postgres-store.ts'
import type { PostgresWorld } from '../testing/postgres-store.ts'
import { sampleEvent, sampleMs, sampleSpend } from '../testing/store-suite/samples.ts'
import { openPostgresStore } from './postgres.ts'

describe('a database that is restarted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-outage-'))
  let server: Server

  beforeAll(async () => {
    server = await startServer(folder)
  }, 60_000)
  afterAll(() => stopServer(folder))

  test('loses nothing that was acknowledged, refuses meanwhile with a reason to try again, and is used again afterwards', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 6 })
    const store = await openPostgresStore({ pool, clock: systemClock })
    const insert = (id: string) => store.transaction((tx) => tx.insertEvents([sampleEvent({ id })]), { project: 'bots' })
    expect(await insert('before')).toEqual([true])
    // All at once, and one in the middle of its transaction.
    await expect(store.transaction(async (tx) => {
      await tx.insertEvents([sampleEvent({ id: 'during' })])
      process.kill(server.pid, 'SIGINT')
      await insertFails(() => tx.insertEvents([sampleEvent({ id: 'never' })]))
    }, { project: 'bots' })).rejects.toMatchObject({ name: 'TocsinError', code: 'store-busy', retry: 'retry' })
    await expect(insert('away')).rejects.toMatchObject({ code: 'store-busy', message: expect.stringContaining('check that PostgreSQL runs') as string })
    await expect(store.read.events()).rejects.toMatchObject({ code: 'store-busy' })
    server = await startServer(folder, server.port)
    expect(await insert('after')).toEqual([true])
    expect((await store.read.events()).map(({ id }) => id)).toEqual(['after', 'before'])
    await store.close()
    await pool.end()
  })

  /** Until the connection is gone. */
  async function insertFails(insert: () => Promise<unknown>): Promise<void> {
    for (;;) await insert()
  }
})

describe('what the database refuses', () => {
  let world: PostgresWorld
  let store: Store

  beforeAll(async () => {
    world = await postgresWorld()
  }, 60_000)
  afterAll(() => world.dispose())
  beforeEach(async () => {
    store = await world.openStore({ clock: systemClock })
    await world.empty()
  })
  afterEach(() => store.close())

  const insert = () => store.transaction((tx) => tx.insertEvents([sampleEvent()]), { project: 'bots' })

  /** Runs while each insert of an event is refused as the database does it. */
  async function refusing<T>(sqlstate: string, work: () => Promise<T>): Promise<T> {
    const name = `"${world.schema}"`
    await insert()
    await world.pool.query(`create function ${name}.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '${sqlstate}'; end $$`)
    await world.pool.query(`create trigger refusing before insert on ${name}.events for each statement execute function ${name}.refuse()`)
    try {
      return await work()
    } finally {
      await world.pool.query(`drop function ${name}.refuse() cascade`)
    }
  }

  test.each([
    ['53100', 'store-full', /Free some space/],
    ['25006', 'store-read-only', /primary server/],
    ['42501', 'store-read-only', /right to create/],
    ['57014', 'store-busy', /took too long/],
    ['55P03', 'store-busy', /stays open/],
    ['40P01', 'store-busy', /Try again/],
    ['XX001', 'store-corrupt', /Restore it/],
    ['22012', 'store-failed', /look into its log/],
  ])('%s is %s and says what to do, and the next transaction works', async (sqlstate, code, message) => {
    await refusing(sqlstate, async () => {
      await expect(insert()).rejects.toMatchObject({ name: 'TocsinError', code, message: expect.stringMatching(message) as string })
    })
    expect(await insert()).toEqual([false])
  })

  test('a transaction whose caller swallowed the refusal of a query is not taken for committed', async () => {
    await refusing('22012', async () => {
      const swallowed = store.transaction(async (tx) => {
        await tx.addSpend([sampleSpend()])
        await tx.insertEvents([sampleEvent({ id: 'refused' })]).catch(() => undefined)
      }, { project: 'bots' })
      await expect(swallowed).rejects.toMatchObject({ code: 'store-failed' })
    })
    expect(await store.transaction((tx) => tx.addSpend([sampleSpend()]), { project: 'bots' })).toMatchObject([{ spentNanoUsd: 1 }])
  })

  test('a connection that ends while nothing is asked does no harm', async () => {
    await insert()
    await world.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query like $1', [`%${world.schema}%`])
    expect(await insert()).toEqual([false])
  })

  test('texts that PostgreSQL cannot hold are kept as far as it can, and found again', async () => {
    const event = sampleEvent({ id: 'a\0b', agent: 'half \ud83d', atMs: sampleMs, error: { class: 'server', message: 'nul \0 and \udc00' }, excerpt: String.raw`C:\u0000 is a path` })
    const write = () => store.transaction(async (tx) => [await tx.insertEvents([event]), await tx.sayTheSame([event])], { project: 'bots' })
    expect(await write()).toEqual([[true], [true]])
    expect(await write()).toEqual([[false], [true]])
    expect(await store.read.events()).toMatchObject([{ id: 'a\uFFFDb', error: { message: 'nul \uFFFD and \uFFFD' }, excerpt: String.raw`C:\u0000 is a path` }])
  })

  test('a key that is longer than an index can hold is found again, and others of the same beginning are others', async () => {
    const key = Array.from({ length: 400 }, (_, index) => `多字节 ${index}`).join('|')
    const state = { project: 'bots', rule: 'slow', key, value: 'kept', atMs: sampleMs }
    await store.transaction((tx) => tx.putRuleStates([state]), { project: 'bots' })
    expect(await store.transaction((tx) => tx.ruleStates([state, { ...state, key: `${key}!` }]), { project: 'bots' })).toEqual(['kept', undefined])
  })
})

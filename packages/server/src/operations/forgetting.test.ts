import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { manualClock } from '../../../core/src/testing/manual-clock.ts'
import { insertUser } from '../stores/accounts.ts'
import { readAudit, appendAudit } from '../stores/audit.ts'
import { openDatabase, type Database } from '../stores/database.ts'
import { claimForgetting, forgetServerRows } from '../stores/forget.ts'
import { insertKey } from '../stores/keys.ts'
import { openStores } from '../stores/open-stores.ts'
import { emptyDatabase } from '../testing/empty-database.ts'
import { startForgetting } from './forgetting.ts'

const dayMs = 86_400_000
const nowMs = 2_000_000_000_000
const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const opens = {
  async sqlite(): Promise<Database> {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-forgetting-'))
    cleanups.push(() => rmSync(folder, { recursive: true }))
    return openDatabase({ file: join(folder, 'tocsin.db') }, systemClock)
  },
  async postgres(): Promise<Database> {
    const { url, dispose } = await emptyDatabase()
    cleanups.push(dispose)
    const stores = await openStores({ data: '', databaseUrl: url, durability: 'normal', notice: () => undefined })
    cleanups.push(() => stores.close())
    return stores.database
  },
}

async function auditOf(database: Database, ages: readonly number[]): Promise<void> {
  for (const days of ages) await appendAudit(database.db, { at_ms: nowMs - days * dayMs, project: null, actor: 'nobody', actor_name: '', action: 'login.fail', target: `${days} days`, before: null, after: null, address: null })
}
const kept = async (database: Database): Promise<readonly string[]> => (await readAudit(database.db, { withInstallation: true, limit: 100 })).map(({ target }) => target)

for (const [kind, open] of Object.entries(opens)) {
  test(`${kind}: what does not work any more goes, and the record of changes when it is old; what works stays`, async () => {
    const database = await open()
    if (kind === 'sqlite') cleanups.push(() => database.close())
    const { db } = database
    await auditOf(database, [500, 401, 399, 0])
    await insertUser(db, { id: 'u', name: 'Lee', email: 'lee@example.com', owner: false, passwordHash: 'h', nowMs })
    for (const [id, days] of [['old', -1], ['new', 1]] as const) {
      const at = new Date(nowMs + days * dayMs)
      await db.insertInto('server_sessions').values({ id, token: id, userId: 'u', expiresAt: at, createdAt: at, updatedAt: at, ipAddress: null, userAgent: null }).execute()
      await db.insertInto('server_verifications').values({ id, identifier: 'x', value: id, expiresAt: at, createdAt: at, updatedAt: at }).execute()
      const key = { hash: id, name: id, last4: '', scope: 'read', project: null, created_ms: 1, created_by: '', used_ms: null }
      await insertKey(db, { ...key, id: `expired ${id}`, hash: `e${id}`, expires_ms: nowMs + (days - 29.5) * dayMs, revoked_ms: null })
      await insertKey(db, { ...key, id: `revoked ${id}`, hash: `r${id}`, expires_ms: null, revoked_ms: nowMs + (days - 29.5) * dayMs })
    }
    await insertKey(db, { id: 'works', hash: 'w', name: 'w', last4: '', scope: 'read', project: null, created_ms: 1, created_by: '', expires_ms: null, revoked_ms: null, used_ms: null })
    expect(await forgetServerRows(db, { nowMs, auditBeforeMs: nowMs - 400 * dayMs })).toEqual({ rows: 6, isMore: false })
    expect(await kept(database)).toEqual(['0 days', '399 days'])
    expect((await db.selectFrom('server_keys').select('id').orderBy('id').execute()).map(({ id }) => id)).toEqual(['expired new', 'revoked new', 'works'])
    for (const table of ['server_sessions', 'server_verifications'] as const) expect(await db.selectFrom(table).select('id').execute()).toEqual([{ id: 'new' }])
  })

  test(`${kind}: of two servers that ask at once one forgets, and an hour later anybody may`, async () => {
    const database = await open()
    if (kind === 'sqlite') cleanups.push(() => database.close())
    const claim = (atMs: number): Promise<boolean> => claimForgetting(database.db, atMs, 1_000)
    expect((await Promise.all([claim(nowMs), claim(nowMs)])).toSorted()).toEqual([false, true])
    expect([await claim(nowMs + 999), await claim(nowMs + 1_000)]).toEqual([false, true])
    // A clock that was ahead is not waited for.
    expect(await claim(nowMs - 5_000)).toBe(true)
  })
}

test('a server that runs forgets at its start and then as time goes on, by the setting as it is then', async () => {
  const database = await opens.sqlite()
  cleanups.push(() => database.close())
  await auditOf(database, [500, 300, 0])
  let days = 400
  const clock = manualClock(nowMs)
  const forgetting = startForgetting({ database, auditMs: () => days * dayMs, clock, notice: (text) => expect.fail(text) })
  cleanups.push(() => forgetting.stop())
  await expect.poll(() => kept(database)).toEqual(['0 days', '300 days'])
  days = 200
  await expect.poll(async () => (clock.advance(600_000), kept(database))).toEqual(['0 days'])
})

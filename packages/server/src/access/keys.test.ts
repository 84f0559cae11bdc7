import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemChance, systemClock, type Clock } from 'tocsin/engine'
import { forgetAudit, readAudit } from '../stores/audit.ts'
import { openDatabase, type Database } from '../stores/database.ts'
import { installation, recordChange } from './audit.ts'
import { createKeys } from './keys.ts'

let folder: string
let database: Database
let nowMs = 1_790_000_000_000
const waiting: (() => void)[] = []
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: (_delayMs, task) => (waiting.push(task), () => undefined) }
const node = () => createKeys({ db: database.db, clock, chance: systemChance, notice: () => undefined })
const by = { principal: installation }

beforeEach(async () => {
  waiting.length = 0
  folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'))
  database = await openDatabase({ file: join(folder, 'tocsin.db') }, systemClock)
})

afterEach(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

test('a key that is revoked ends at once on its node, and within five seconds on another', async () => {
  const [here, there] = [node(), node()]
  const { id, key } = await here.create({ name: 'ci', scope: 'read', project: 'bots' }, by)
  expect([(await here.find(key))?.name, (await there.find(key))?.name]).toEqual(['ci', 'ci'])
  expect(await here.revoke(id, by)).toBe(true)
  expect(await here.find(key)).toBeUndefined()
  nowMs += 4_999
  expect((await there.find(key))?.name).toBe('ci')
  nowMs += 1
  expect(await there.find(key)).toBeUndefined()
  expect(await there.findDead(key)).toEqual({ dead: 'revoked', last4: key.slice(-4), project: 'bots' })
  expect(await here.revoke(id, by)).toBe(false)
})

test('a key ends on time, also while it is held', async () => {
  const keys = node()
  const { key } = await keys.create({ name: 'short', scope: 'ingest', expiresMs: nowMs + 1_000 }, by)
  expect(await keys.find(key)).toMatchObject({ name: 'short' })
  nowMs += 1_000
  expect(await keys.find(key)).toBeUndefined()
  expect(await keys.findDead(key)).toMatchObject({ dead: 'expired' })
})

test('only a hash of a key is kept, and when it was used is written once for many uses', async () => {
  const keys = node()
  const { id, key } = await keys.create({ name: 'ci', scope: 'ingest' }, by)
  for (let use = 0; use < 50; use++) await keys.find(key)
  expect((await keys.byId(id))?.usedMs).toBeUndefined()
  expect(waiting.splice(0)).toHaveLength(1)
  await keys.close()
  expect((await keys.byId(id))?.usedMs).toBe(nowMs)
  expect(JSON.stringify(await database.db.selectFrom('server_keys').selectAll().execute())).not.toContain(key)
  expect(JSON.stringify(await readAudit(database.db, { withInstallation: true, limit: 10 }))).not.toContain(key)
})

test('what is on record cannot be changed or deleted, and only what is too old is forgotten', async () => {
  await recordChange({ db: database.db, clock }, { principal: installation, action: 'channels.update', target: 'hook', before: { secret: 'whsec_one' }, after: { secret: '${HOOK_SECRET}', url: 'smtp://apikey:hunter22xyz@mail.example.com' } })
  await expect(database.db.updateTable('server_audit').set({ actor: 'nobody' }).execute()).rejects.toThrow('only grows')
  await expect(database.db.deleteFrom('server_audit').execute()).rejects.toThrow('only grows')
  const [entry] = await readAudit(database.db, { withInstallation: true, limit: 10 })
  expect(`${entry?.before} ${entry?.after}`).not.toMatch(/whsec_one|hunter22xyz/)
  expect(entry?.after).toContain('${HOOK_SECRET}')
  expect(await forgetAudit(database.db, nowMs)).toBe(0)
  expect(await forgetAudit(database.db, nowMs + 1)).toBe(1)
})

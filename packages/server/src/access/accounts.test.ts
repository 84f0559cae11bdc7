import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemChance, systemClock, type Clock } from 'tocsin/engine'
import { openDatabase, type Database } from '../stores/database.ts'
import { rolesOf } from '../stores/accounts.ts'
import { forgetAudit, readAudit } from '../stores/audit.ts'
import { emptyDatabase } from '../testing/empty-database.ts'
import { createAccounts, invitationMs, ownerLinkMs, type Accounts } from './accounts.ts'
import { createAuth, authRequest, type Auth } from './auth.ts'

/** The same accounts over both databases. */
const kinds = ['sqlite', 'postgres'] as const

describe.each(kinds)('accounts over %s', (kind) => {
  let database: Database
  let accounts: Accounts
  let auth: Auth
  let remove: () => Promise<void>
  let movedMs = 0
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + movedMs }
  const by = { principal: { kind: 'command', id: 'owner-link', name: 'root' } } as const
  const olga = { name: 'Olga', email: 'Olga@Example.com', password: 'correct horse battery' }
  const logIn = async (email: string, password: string): Promise<number> => (await auth.handler(authRequest('/sign-in/email', { method: 'POST', body: { email, password }, address: '192.0.2.1' }))).status

  beforeAll(async () => {
    const opened = kind === 'sqlite' ? sqlite() : await postgres()
    database = await openDatabase(opened.at, clock)
    remove = opened.remove
    accounts = createAccounts({ db: database.db, clock, chance: systemChance, people: { forget: () => undefined } })
    auth = createAuth({ database, secret: 'a secret of thirty-two characters', secure: false })
  })
  afterAll(async () => {
    await database.close()
    await remove()
  })

  test('of servers that start at once one gets the first owner link, and it works until it is replaced or has expired', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => accounts.makeFirstOwnerLink(by)))
    expect(asked.filter((token) => token !== undefined)).toHaveLength(1)
    expect(await accounts.makeFirstOwnerLink(by)).toBeUndefined()
    movedMs += ownerLinkMs
    expect(await accounts.makeFirstOwnerLink(by)).toBeDefined()
  })

  test('an owner link works once, for half an hour, and the newest alone', async () => {
    const older = await accounts.makeOwnerLink(by)
    const late = await accounts.makeOwnerLink(by)
    expect(await accounts.welcome(older, olga, '192.0.2.1')).toEqual({ ok: false, why: 'no-link' })
    movedMs += ownerLinkMs
    expect(await accounts.welcome(late, olga, '192.0.2.1')).toEqual({ ok: false, why: 'no-link' })
    const token = await accounts.makeOwnerLink(by)
    // Both at once: one of them owns it.
    const results = await Promise.all([accounts.welcome(token, olga, '192.0.2.1'), accounts.welcome(token, { ...olga, email: 'eve@example.com' }, '192.0.2.1')])
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await accounts.makeFirstOwnerLink(by)).toBeUndefined()
  })

  test('for an account that is there an owner link sets another password', async () => {
    await accounts.welcome(await accounts.makeOwnerLink(by), olga, '192.0.2.1')
    expect(await logIn('olga@example.com', olga.password)).toBe(200)
    expect((await accounts.welcome(await accounts.makeOwnerLink(by), { ...olga, password: 'another horse battery' }, '192.0.2.1')).ok).toBe(true)
    expect([await logIn('olga@example.com', olga.password), await logIn('olga@example.com', 'another horse battery')]).toEqual([401, 200])
    const [row] = await database.db.selectFrom('server_accounts').select('password').execute()
    expect(row?.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  })

  test('who is invited twice has both projects, and needs the password for the second', async () => {
    const [owner] = await database.db.selectFrom('server_users').select('id').where('owner', '=', true).where('email', '=', 'olga@example.com').execute()
    const inviter = { principal: { kind: 'user', id: owner?.id ?? '', name: 'Olga' }, address: '192.0.2.1' } as const
    const first = await accounts.invite({ project: 'bots', email: 'lee@example.com', role: 'developer' }, inviter)
    const joined = await accounts.join(first.token, { name: 'Lee', password: 'correct horse battery' }, '192.0.2.1')
    expect(joined.ok).toBe(true)
    const second = await accounts.invite({ project: 'other', email: 'lee@example.com', role: 'viewer' }, inviter)
    expect(await accounts.join(second.token, { name: 'Lee', password: 'not their password' }, '192.0.2.1')).toEqual({ ok: false, why: 'wrong-password' })
    expect((await accounts.join(second.token, { name: 'Lee', password: 'correct horse battery' }, '192.0.2.1')).ok).toBe(true)
    const userId = joined.ok ? joined.value.userId : ''
    expect(await rolesOf(database.db, userId)).toEqual(new Map([['bots', 'developer'], ['other', 'viewer']]))
    const late = await accounts.invite({ project: 'bots', email: 'mia@example.com', role: 'viewer' }, inviter)
    movedMs += invitationMs
    expect(await accounts.join(late.token, { name: 'Mia', password: 'correct horse battery' }, '192.0.2.1')).toEqual({ ok: false, why: 'no-link' })
    expect((await accounts.members('bots', { limit: 10 })).map(({ email, role }) => [email, role])).toContainEqual(['lee@example.com', 'developer'])
  })

  test('of two owners who take the installation from each other at once one stays', async () => {
    const owners = await database.db.selectFrom('server_users').select('id').where('owner', '=', true).execute()
    for (const { id } of owners.slice(2)) await database.db.deleteFrom('server_users').where('id', '=', id).execute()
    if (owners.length === 1) await accounts.welcome(await accounts.makeOwnerLink(by), { ...olga, email: 'otto@example.com' }, '192.0.2.1')
    const ids = (await database.db.selectFrom('server_users').select('id').where('owner', '=', true).execute()).map(({ id }) => id)
    expect(ids).toHaveLength(2)
    const done = await Promise.all(ids.map((userId) => accounts.remove({ project: 'bots', userId, byOwner: true }, by)))
    expect(done.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('the record of it only grows, and its times are numbers', async () => {
    const entries = await readAudit(database.db, { withInstallation: true, limit: 3 })
    expect(entries.map(({ at_ms }) => typeof at_ms)).toEqual(['number', 'number', 'number'])
    await expect(database.db.deleteFrom('server_audit').execute()).rejects.toThrow('only grows')
    await expect(database.db.updateTable('server_audit').set({ target: '' }).execute()).rejects.toThrow('only grows')
    expect(await forgetAudit(database.db, clock.nowMs() + 1)).toBeGreaterThan(0)
  })
})

function sqlite(): { readonly at: { readonly file: string }; readonly remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-accounts-'))
  return { at: { file: join(folder, 'tocsin.db') }, remove: async () => rmSync(folder, { recursive: true }) }
}

async function postgres(): Promise<{ readonly at: { readonly url: string }; readonly remove: () => Promise<void> }> {
  const { url, dispose } = await emptyDatabase()
  return { at: { url }, remove: dispose }
}

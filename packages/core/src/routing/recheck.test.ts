import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import { configSchema } from '../model/config.ts'
import type { ConfigInput } from '../model/config.ts'
import type { Notification } from '../model/notification.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock } from '../testing/manual-clock.ts'
import type { Plan } from './plan.ts'
import { objectAtClaim } from './recheck.ts'
import type { Objection } from './recheck.ts'

const atMs = 1_700_000_000_000
const emptyPlan: Plan = { notifications: [], batched: [], decisions: [], failed: [] }
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-recheck-'))
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(atMs), durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: 1, project: 'bots', rule: 'r', key: 'k', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 1, evidence: {},
    state: 'firing', count: 1, openedAtMs: atMs, updatedAtMs: atMs, ...change,
  }
}

function object(change: Partial<Notification> = {}, lee: NonNullable<ConfigInput['people']>[string] | null = { role: 'developer', email: 'lee@example.com' }): Promise<Objection | undefined> {
  const config = configSchema.parse({ people: lee === null ? {} : { lee } })
  const notification: Notification = {
    id: 1, project: 'bots', channel: 'mail', recipient: { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' }, route: 'r', news: 'firing',
    alerts: [alert()], moreAlerts: 0, without: ['personalData'], createdAtMs: atMs, ...change,
  }
  return Promise.resolve(objectAtClaim(config, { notification }, atMs, { plan: () => emptyPlan }))
}

const resolved = { state: 'resolved', resolvedAtMs: atMs + 5 } as const

describe('a delivery that is due', () => {
  it('is made while nothing has changed', async () => {
    expect(await object()).toBeUndefined()
  })

  it('is not made for somebody who is gone, may no longer be told, or sees less than it holds', async () => {
    expect(await object({}, null)).toEqual({ result: 'role-changed', reason: 'refused.unknown_person', params: { person: 'lee' } })
    expect(await object({}, { role: 'billing', email: 'lee@example.com' })).toEqual({ result: 'role-changed', reason: 'refused.role_changed', params: { person: 'lee', role: 'billing' } })
    expect((await object({}, { role: 'viewer', email: 'lee@example.com' }))?.result).toBe('role-changed')
    expect(await object({}, { role: 'owner', email: 'lee@example.com' })).toBeUndefined()
  })

  it('is not made to an address that is no longer theirs', async () => {
    expect(await object({}, { role: 'developer', email: 'new@example.com' })).toMatchObject({ result: 'bad-address', reason: 'refused.no_address', params: { channel: 'mail' } })
  })

  it('is made to a direct address whoever is configured', async () => {
    expect(await object({ recipient: { person: '', role: 'viewer', address: 'x@example.com', locale: 'en', timezone: 'UTC' } }, null)).toBeUndefined()
  })

  it('is not made once somebody has acknowledged', async () => {
    expect(await object({ alerts: [alert({ state: 'acknowledged' })] })).toMatchObject({ result: 'acknowledged', params: { time: atMs } })
  })

  it('is not made when it is over before anybody was told, unless it was critical or is news', async () => {
    expect(await object({ alerts: [alert(resolved)] })).toEqual({ result: 'resolved-before-told', reason: 'refused.resolved_before_told', params: { time: atMs + 5 } })
    expect(await object({ alerts: [alert({ ...resolved, severity: 'critical' })] })).toBeUndefined()
    expect(await object({ alerts: [alert({ ...resolved, ends: 'at-once' })] })).toBeUndefined()
    expect(await object({ alerts: [alert(resolved)], news: 'resolved' })).toBeUndefined()
  })

  it('is made as a batch while one of its alerts still asks for it', async () => {
    expect(await object({ alerts: [alert(resolved), alert({ state: 'acknowledged' }), alert()] })).toBeUndefined()
    expect((await object({ alerts: [alert(resolved), alert({ state: 'acknowledged' })] }))?.result).toBe('resolved-before-told')
    expect(await object({ alerts: [alert(resolved)], moreAlerts: 3 })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import { configSchema } from '../model/config.ts'
import type { ConfigInput } from '../model/config.ts'
import type { Notification } from '../model/notification.ts'
import { objectAtClaim } from './recheck.ts'
import type { Objection } from './recheck.ts'

const atMs = 1_700_000_000_000

function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: 1, project: 'bots', rule: 'r', key: 'k', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 1, evidence: {},
    state: 'firing', count: 1, openedAtMs: atMs, updatedAtMs: atMs, ...change,
  }
}

function object(change: Partial<Notification> = {}, lee: NonNullable<ConfigInput['people']>[string] | null = { role: 'developer', email: 'lee@example.com' }): Objection | undefined {
  const config = configSchema.parse({ people: lee === null ? {} : { lee } })
  const notification: Notification = {
    id: 1, project: 'bots', channel: 'mail', recipient: { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' }, route: 'r', news: 'firing',
    alerts: [alert()], moreAlerts: 0, without: ['personalData'], createdAtMs: atMs, ...change,
  }
  return objectAtClaim(config, { notification }, atMs)
}

const resolved = { state: 'resolved', resolvedAtMs: atMs + 5 } as const

describe('a delivery that is due', () => {
  it('is made while nothing has changed', () => {
    expect(object()).toBeUndefined()
  })

  it('is not made for somebody who is gone, may no longer be told, or sees less than it holds', () => {
    expect(object({}, null)).toEqual({ result: 'role-changed', reason: 'refused.unknown_person', params: { person: 'lee' } })
    expect(object({}, { role: 'billing', email: 'lee@example.com' })).toEqual({ result: 'role-changed', reason: 'refused.role_changed', params: { person: 'lee', role: 'billing' } })
    expect(object({}, { role: 'viewer', email: 'lee@example.com' })?.result).toBe('role-changed')
    expect(object({}, { role: 'owner', email: 'lee@example.com' })).toBeUndefined()
  })

  it('is not made to an address that is no longer theirs', () => {
    expect(object({}, { role: 'developer', email: 'new@example.com' })).toMatchObject({ result: 'bad-address', reason: 'refused.no_address', params: { channel: 'mail' } })
  })

  it('is made to a direct address whoever is configured', () => {
    expect(object({ recipient: { person: '', role: 'viewer', address: 'x@example.com', locale: 'en', timezone: 'UTC' } }, null)).toBeUndefined()
  })

  it('is not made once somebody has acknowledged', () => {
    expect(object({ alerts: [alert({ state: 'acknowledged' })] })).toMatchObject({ result: 'acknowledged', params: { time: atMs } })
  })

  it('is not made when it is over before anybody was told, unless it was critical or is news', () => {
    expect(object({ alerts: [alert(resolved)] })).toEqual({ result: 'resolved-before-told', reason: 'refused.resolved_before_told', params: { time: atMs + 5 } })
    expect(object({ alerts: [alert({ ...resolved, severity: 'critical' })] })).toBeUndefined()
    expect(object({ alerts: [alert({ ...resolved, ends: 'at-once' })] })).toBeUndefined()
    expect(object({ alerts: [alert(resolved)], news: 'resolved' })).toBeUndefined()
  })

  it('is made as a batch while one of its alerts still asks for it', () => {
    expect(object({ alerts: [alert(resolved), alert({ state: 'acknowledged' }), alert()] })).toBeUndefined()
    expect(object({ alerts: [alert(resolved), alert({ state: 'acknowledged' })] })?.result).toBe('resolved-before-told')
    expect(object({ alerts: [alert(resolved)], moreAlerts: 3 })).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { configSchema, type ConfigInput } from '../model/config.ts'
import type { Alert } from '../model/alert.ts'
import type { Plan } from './plan.ts'
import { createRouter } from './route.ts'

const noonMs = Date.UTC(2026, 10, 22, 12)
const people: ConfigInput['people'] = {
  dana: { role: 'admin', email: 'dana@example.com' },
  lee: { role: 'developer', email: 'lee@example.com', projects: ['bots', 'shop'] },
  bo: { role: 'billing', email: 'bo@example.com' },
  kim: { role: 'developer', email: 'kim@example.com', projects: ['shop'] },
}

function planOf(config: ConfigInput, change: Partial<Alert> = {}): Plan {
  const alert: Alert = {
    id: 7, project: 'bots', rule: 'model-failed', key: 'bot|gpt', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 600_000, evidence: {}, state: 'firing',
    count: 1, openedAtMs: noonMs, updatedAtMs: noonMs, ...change,
  }
  const router = createRouter(configSchema.parse({ project: 'bots', channels: { mail: { type: 'email' } }, people, ...config }), () => ({ address: 'email', can: { deduplicates: false, resolves: true } }))
  return router.plan({ alert, change: 'opened' }, noonMs)
}

const told = ({ notifications }: Plan): readonly string[] => notifications.map(({ recipient }) => recipient.person)
const decided = ({ decisions }: Plan): readonly unknown[] => decisions.filter(({ reason }) => !reason.startsWith('sent')).map(({ person, reason, params }) => [person, reason, params])
const to = (...names: string[]): ConfigInput['routes'] => [{ to: names, via: ['mail'] }]

describe('a team', () => {
  it('means each of its people once, also where several names mean them', () => {
    expect(told(planOf({ teams: { bots: ['lee', 'dana', 'lee'] }, routes: to('team:bots', 'dana') }))).toEqual(['lee', 'dana'])
  })

  it('of nobody who may be told this kind is refused each by their role', () => {
    const found = planOf({ teams: { money: ['bo'] }, routes: to('team:money') })
    expect(told(found)).toEqual([])
    expect(decided(found)).toEqual([['bo', 'refused.role', { role: 'billing', kind: 'model', person: 'bo' }]])
  })

  it('that somebody names by hand and that is not there, and a role of nobody, are recorded by name', () => {
    expect(decided(planOf({ routes: to('role:viewer', 'role:owner') }))).toEqual([['*', 'refused.nobody', { name: 'role:viewer' }], ['*', 'refused.nobody', { name: 'role:owner' }]])
    const asked = planOf({}, { announcement: { title: 'x', severity: 'high', to: ['team:gone', 'nobody'] } })
    expect(decided(asked)).toEqual([['*', 'refused.nobody', { name: 'team:gone' }], ['*', 'refused.unknown_person', { person: 'nobody' }]])
  })

  it('is reached by a message that names it', () => {
    expect(told(planOf({ teams: { bots: ['lee', 'dana'] }, routes: [] }, { announcement: { title: 'x', severity: 'high', to: ['team:bots'] } }))).toEqual(['lee', 'dana'])
  })
})

describe('somebody with projects', () => {
  it('is told of alerts of these and of no others', () => {
    const found = planOf({ routes: to('lee', 'kim') })
    expect(told(found)).toEqual(['lee'])
    expect(decided(found)).toEqual([['kim', 'refused.project', { person: 'kim', project: 'bots' }]])
  })

  it('is not told of others by name either, and yet that an address of theirs does not work', () => {
    expect(told(planOf({}, { announcement: { title: 'x', severity: 'high', to: ['kim'] } }))).toEqual([])
    const about: Partial<Alert> = { kind: 'system', message: 'system.address-bad', params: { person: 'kim', channel: 'sms', address: '+86...' } }
    expect(told(planOf({ routes: to('kim') }, about))).toEqual(['kim'])
  })
})

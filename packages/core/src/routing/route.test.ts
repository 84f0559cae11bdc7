import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert, AlertChange } from '../model/alert.ts'
import { alertKinds } from '../model/alert.ts'
import { configSchema } from '../model/config.ts'
import type { ConfigInput } from '../model/config.ts'
import { permissions, roles } from '../model/roles.ts'
import { severities } from '../model/severity.ts'
import type { ChannelTypeOf } from './people.ts'
import type { Plan, Told } from './plan.ts'
import { createRouter } from './route.ts'
import type { Router } from './route.ts'

const noonMs = Date.UTC(2026, 10, 22, 12)
const hourMs = 3_600_000

const channelTypeOf: ChannelTypeOf = (channel) => {
  if (channel === 'gone') return undefined
  const address = channel.includes('mail') ? 'email' : channel.includes('sms') ? 'phone' : 'none'
  return { address, can: { deduplicates: false, resolves: address !== 'phone' } }
}

const people: ConfigInput['people'] = {
  dana: { role: 'admin', email: 'dana@example.com', phone: '+8613800000000', locale: 'zh-CN', timezone: 'Asia/Shanghai', quietHours: '22:00-07:00' },
  lee: { role: 'developer', email: 'lee@example.com' },
  bo: { role: 'billing', email: 'bo@example.com' },
}
const channels: ConfigInput['channels'] = { mail: { type: 'email' }, sms: { type: 'sms' }, hook: { type: 'webhook' } }

function router(config: ConfigInput = {}): Router {
  return createRouter(configSchema.parse({ people, channels, ...config }), channelTypeOf)
}

function alert(change: Partial<Alert> = {}): Alert {
  return {
    id: 7, project: 'bots', rule: 'model-failed', key: 'bot|gpt', kind: 'model', severity: 'high', message: 'model.failed', params: { model: 'gpt', errorMessage: 'no' },
    ends: 'quiet', quietMs: 600_000, evidence: {}, state: 'firing', count: 1, openedAtMs: noonMs, updatedAtMs: noonMs, ...change,
  }
}

function plan(of: Router, change: Partial<Alert> = {}, nowMs = noonMs, what: AlertChange['change'] = 'opened'): Plan {
  return of.plan({ alert: alert(change), change: what }, nowMs)
}

function who({ notifications, batched }: Plan): readonly string[] {
  return [...notifications, ...batched].map(({ recipient, channel }) => `${recipient.person}:${channel}`)
}

function reasons({ decisions }: Plan): readonly string[] {
  return decisions.map(({ person, channel, reason }) => `${person} ${channel} ${reason}`)
}

describe('routes', () => {
  it('all apply that match, in order, until one says stop', () => {
    const routes: ConfigInput['routes'] = [
      { match: "alert.kind == 'model'", to: ['lee'], via: ['mail'] },
      { match: "alert.severity == 'high'", to: ['dana'], via: ['mail', 'sms'], stop: true },
      { to: ['lee'], via: ['hook'] },
    ]
    const found = plan(router({ routes }))
    expect(who(found)).toEqual(['lee:mail', 'dana:mail', 'dana:sms'])
    expect(found.notifications[0]).toEqual({
      project: 'bots', channel: 'mail', recipient: { person: 'lee', role: 'developer', address: 'lee@example.com', locale: 'en', timezone: 'UTC' }, route: 'route-1', news: 'firing',
      alert: 7, without: ['personalData'], priority: 1, dueMs: noonMs, expiresMs: noonMs + 24 * hourMs, fallback: [], createdAtMs: noonMs,
    })
    expect(found.decisions[0]).toEqual({ alert: 7, person: 'lee', channel: 'mail', reason: 'sent.now', params: { route: 'route-1', severity: 'high', person: 'lee', channel: 'mail' }, atMs: noonMs, count: 1 })
  })

  it('tell one person on one channel once, whichever routes match', () => {
    const found = plan(router({ routes: [{ name: 'a', to: ['lee'], via: ['mail'] }, { name: 'b', to: ['role:developer'], via: ['mail'] }] }))
    expect(who(found)).toEqual(['lee:mail'])
    expect(reasons(found)).toEqual(['lee mail merged.already_told', 'lee mail sent.now'])
  })

  it('tell a channel that is itself the address once for everybody, as soon as anybody may hear', () => {
    const night = Date.UTC(2026, 10, 22, 15)
    const found = plan(router({ routes: [{ to: ['dana', 'lee'], via: ['hook'] }] }), {}, night)
    expect(who(found)).toEqual(['lee:hook'])
    expect(found.notifications[0]?.dueMs).toBe(night)
  })

  it('write on a shared channel only what all who are told there may see', () => {
    const found = plan(router({ routes: [{ to: ['dana', 'lee', 'bo'], via: ['hook'] }] }), { kind: 'cost' })
    expect(who(found)).toEqual(['dana:hook'])
    expect([...(found.notifications[0]?.without ?? [])].sort()).toEqual(['personalData', 'sessionContent'])
  })

  it('fall back in order over the channels on which a person can be reached', () => {
    const found = plan(router({ routes: [{ to: ['dana', 'lee'], via: { first: ['sms', 'gone', 'mail', 'hook'], after: '5m' } }] }))
    expect(found.notifications.map(({ channel, fallback, fallbackAfterMs }) => [channel, fallback, fallbackAfterMs])).toEqual([['sms', ['mail', 'hook'], 300_000], ['mail', ['hook'], 300_000]])
    expect(reasons(found)).toEqual(expect.arrayContaining(['lee sms refused.no_address', 'dana gone failed.channel_gone']))
  })

  it('that meet in one place keep the next channels that either names', () => {
    const plain = { to: ['dana'], via: ['mail'] }
    const urgent = { to: ['dana'], via: { first: ['mail', 'sms'], after: '5m' } }
    for (const routes of [[plain, urgent], [urgent, plain]]) {
      expect(plan(router({ routes })).notifications).toMatchObject([{ channel: 'mail', fallback: ['sms'], fallbackAfterMs: 300_000 }])
    }
    const shared = plan(router({ routes: [{ to: ['lee'], via: ['hook'] }, { to: ['dana'], via: { first: ['hook', 'sms'], after: '5m' } }] }))
    expect(shared.notifications).toMatchObject([{ channel: 'hook', recipient: { person: 'dana' }, fallback: ['sms'], without: ['personalData'] }])
  })

  it('that do not match say which came closest and what it needs', () => {
    const found = plan(router({ routes: [{ match: "alert.kind == 'cost'", to: ['bo'], via: ['mail'] }, { name: 'night', match: "alert.kind == 'model' && alert.severity == 'critical'", to: ['dana'], via: ['sms'] }] }))
    expect(found.decisions).toEqual([{ alert: 7, person: '*', channel: '*', reason: 'refused.no_route', params: { route: 'night', condition: "alert.severity == 'critical'" }, atMs: noonMs, count: 1 }])
    expect(reasons(plan(router({ routes: [] })))).toEqual(['* * refused.no_route'])
    expect(reasons(plan(router({ routes: [{ match: "!(alert.kind == 'model') && alert.count > 0", to: ['lee'], via: ['mail'] }] })))).toEqual(['* * refused.no_route'])
  })

  it('whose condition cannot be evaluated are passed over and named', () => {
    const found = plan(router({ routes: [{ match: "int(alert.tags.n) > 1", to: ['lee'], via: ['sms'] }, { to: ['lee'], via: ['mail'] }] }), { tags: { n: 'x' } })
    expect(who(found)).toEqual(['lee:mail'])
    expect(found.failed.map((one) => one.where)).toEqual(['route route-1'])
  })

  it('are refused when their condition is wrong', () => {
    expect(() => router({ routes: [{ match: "alert.severty == 'high'", to: ['lee'], via: ['mail'] }] })).toThrow('routes.0.match: alert has no "severty"; did you mean "alert.severity"?')
  })

  it('do not tell whom the role forbids, nor whom nobody knows', () => {
    const found = plan(router({ routes: [{ to: ['bo', 'nobody', 'role:viewer'], via: ['mail'] }] }))
    expect(who(found)).toEqual([])
    expect(found.decisions.map(({ reason, params }) => [reason, params])).toEqual([
      ['refused.role', { role: 'billing', kind: 'model', person: 'bo' }],
      ['refused.unknown_person', { person: 'nobody' }],
      ['refused.nobody', { name: 'role:viewer' }],
    ])
  })

  it('leave out what a role may not see, and say so where there was something', () => {
    const found = plan(router({ routes: [{ to: ['bo'], via: ['mail'] }] }), { kind: 'cost', params: { spentUsd: 1, endReason: 'x' } })
    expect(found.notifications[0]?.without).toEqual(['sessionContent', 'personalData'])
    expect(found.decisions.find(({ reason }) => reason === 'sent.reduced')?.params).toMatchObject({ part: 'sessionContent', role: 'billing' })
  })

  it('never use the channel that an alert is about', () => {
    const found = plan(router({ routes: [{ to: ['dana'], via: { first: ['mail', 'sms'] } }] }), { kind: 'system', aboutChannel: 'mail' })
    expect(who(found)).toEqual(['dana:sms'])
    expect(found.notifications[0]?.fallback).toEqual([])
    expect(reasons(found)).toContain('dana mail refused.about_channel')
  })

  it('when there are none, everybody whose role may be told is told everywhere', () => {
    const found = plan(router())
    expect(who(found)).toEqual(['dana:mail', 'dana:sms', 'dana:hook', 'lee:mail'])
    expect(reasons(found)).toContain('bo * refused.role')
  })
})

describe('time', () => {
  const toDana: ConfigInput = { routes: [{ name: 'on-call', to: ['dana'], via: ['mail'] }] }
  const night = Date.UTC(2026, 10, 22, 15, 30) // 23:30 in Shanghai
  const morning = Date.UTC(2026, 10, 22, 23)

  it('of quiet hours holds what is not critical until they are over', () => {
    const found = plan(router(toDana), {}, night)
    expect(found.notifications[0]).toMatchObject({ dueMs: morning, expiresMs: morning + 24 * hourMs })
    expect(found.decisions[0]).toMatchObject({ reason: 'held.quiet_hours', params: { until: morning, zone: 'Asia/Shanghai', range: '22:00-07:00' } })
  })

  it('of quiet hours does not hold what is critical', () => {
    const found = plan(router(toDana), { severity: 'critical' }, night)
    expect(found.notifications[0]).toMatchObject({ dueMs: night, priority: 0, expiresMs: night + 6 * hourMs })
    expect(found.decisions[0]).toMatchObject({ reason: 'sent.passed_quiet' })
  })

  it('collects what only informs', () => {
    const found = plan(router(toDana), { severity: 'info' })
    expect(found.notifications).toEqual([])
    expect(found.batched[0]).toMatchObject({ batchMax: 100, dueMs: noonMs + 30_000, priority: 3, expiresMs: noonMs + 30_000 + 72 * hourMs })
    expect(found.batched[0]?.batchKey).toMatch(/^on-call\|dana\|mail\|[0-9a-f]{12}$/)
    expect(found.decisions[0]).toMatchObject({ reason: 'held.digest', params: { time: noonMs + 30_000, route: 'on-call' } })
    expect(plan(router({ ...toDana, delivery: { batchMs: 0 } }), { severity: 'info' }).notifications).toHaveLength(1)
    expect(plan(router(toDana), { severity: 'info' }, night).batched[0]?.dueMs).toBe(morning)
  })

  it('collects for a digest, but nothing that is critical', () => {
    const digest = router({ routes: [{ to: ['lee'], via: ['mail'], digest: '15m' }] })
    expect(plan(digest).batched[0]).toMatchObject({ dueMs: noonMs + 900_000, batchMax: 1_000 })
    expect(plan(digest, { severity: 'critical' }).notifications[0]).toMatchObject({ dueMs: noonMs })
  })
})

describe('a collection', () => {
  const digest: ConfigInput = { routes: [{ name: 'all', to: ['lee'], via: ['hook'], digest: '1h' }] }
  const keyWith = (lee: NonNullable<ConfigInput['people']>[string], more: ConfigInput = {}): string | undefined => plan(router({ ...digest, ...more, people: { ...people, lee } })).batched[0]?.batchKey

  it('is for one person as they are: another address, role, language or time zone begins a new one', () => {
    const mail: ConfigInput = { routes: [{ name: 'all', to: ['lee'], via: ['mail'], digest: '1h' }] }
    const keys = [
      keyWith({ role: 'developer', email: 'lee@example.com' }, mail), keyWith({ role: 'developer', email: 'lee@new.example.com' }, mail),
      keyWith({ role: 'admin', email: 'lee@example.com' }, mail), keyWith({ role: 'developer', email: 'lee@example.com', locale: 'zh-CN' }, mail),
      keyWith({ role: 'developer', email: 'lee@example.com', timezone: 'Asia/Shanghai' }, mail),
    ]
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyWith({ role: 'developer', email: 'lee@example.com' }, mail)).toBe(keys[0])
    expect(keys.join(' ')).not.toContain('@')
  })

  it('holds only what all who read it may see, whoever joins later', () => {
    const both = router({ routes: [{ name: 'all', to: ['dana'], via: ['hook'], digest: '1h' }, { match: "alert.model == 'b'", to: ['lee'], via: ['hook'], digest: '1h' }] })
    const [alone, joined] = ['a', 'b'].map((model) => plan(both, { params: { model } }).batched[0])
    expect([alone?.without, joined?.without]).toEqual([[], ['personalData']])
    expect(alone?.batchKey).not.toBe(joined?.batchKey)
  })
})

describe('messages somebody asked for', () => {
  const quiet: ConfigInput = { routes: [{ to: ['lee'], via: ['mail'] }] }

  it('go to one address past routes, people and roles', () => {
    const announcement = { title: 't', severity: 'info', direct: { channel: 'mail', address: 'x@example.com' } } as const
    const found = plan(router(quiet), { kind: 'session', severity: 'info', announcement })
    expect(found.notifications).toMatchObject([{ channel: 'mail', route: 'direct', without: [], recipient: { person: '', address: 'x@example.com' } }])
    expect(reasons(found)).toEqual(['* mail sent.direct'])
    const unknown = plan(router(quiet), { announcement: { ...announcement, direct: { channel: 'gone', address: 'x@example.com' } } })
    expect([who(unknown), reasons(unknown)]).toEqual([[], ['* gone failed.channel_gone']])
  })

  it('go to the people named, on all their channels, uncollected', () => {
    const found = plan(router(quiet), { kind: 'session', severity: 'info', announcement: { title: 't', severity: 'info', to: ['dana', 'role:billing', 'zoe'] } })
    expect(who(found)).toEqual(['dana:mail', 'dana:sms', 'dana:hook'])
    expect(found.batched).toEqual([])
    expect(reasons(found)).toEqual(expect.arrayContaining(['bo * refused.role', '* * refused.unknown_person']))
  })
})

describe('where nobody can be told', () => {
  it('a reason says so', () => {
    expect(reasons(plan(router(), { kind: 'session', announcement: { title: 't', severity: 'critical', to: [] } }))).toEqual(['* * refused.unknown_person'])
    expect(reasons(plan(router({ people: {} })))).toEqual(['* * refused.no_route'])
  })
})

describe('what follows', () => {
  it('more of the same is told to nobody, and counted', () => {
    const found = plan(router(), { count: 4 }, noonMs + 5, 'counted')
    expect([found.notifications, found.batched]).toEqual([[], []])
    expect(found.decisions).toEqual([{ alert: 7, person: '*', channel: '*', reason: 'merged.group', params: { count: 3, key: 'bot|gpt', time: noonMs }, atMs: noonMs + 5, count: 1 }])
  })

  it('an end is told to those who were told, on the same channel, once, and not by text message', () => {
    const of = router()
    const told: Told[] = plan(of).notifications.map(({ recipient, channel, route, without }) => ({ recipient, channel, route, without }))
    const found = of.planResolved({ alert: alert({ state: 'resolved' }), change: 'resolved' }, [...told, ...told], noonMs)
    expect(who(found)).toEqual(['dana:mail', 'dana:hook', 'lee:mail'])
    expect(found.notifications.every(({ news, fallback }) => news === 'resolved' && fallback.length === 0)).toBe(true)
    expect(reasons(found)).toContain('lee mail sent.resolved')
    expect(who(of.planResolved({ alert: alert({ ends: 'told', state: 'resolved' }), change: 'resolved' }, told, noonMs))).toEqual([])
  })

  it('an end is not told to somebody whose role no longer allows it', () => {
    const told = plan(router()).notifications
    const found = router({ people: { ...people, lee: { role: 'billing', email: 'lee@example.com' } } }).planResolved({ alert: alert({ state: 'resolved' }), change: 'resolved' }, told, noonMs)
    expect(who(found)).not.toContain('lee:mail')
    expect(reasons(found)).toContain('lee mail refused.role_changed')
  })
})

describe('any configuration', () => {
  it('tells only whom the role allows, never the channel an alert is about, each once, each with a reason, and critical at once', () => {
    const names = ['dana', 'lee', 'bo', 'eve', 'nobody', 'role:owner', 'role:viewer']
    const some = fc.uniqueArray(fc.constantFrom('mail', 'sms', 'hook', 'gone'), { minLength: 1 })
    const route = fc.record({
      match: fc.constantFrom('true', "alert.severity == 'critical'", "alert.kind in ['cost', 'model']", "alert.tags.x == '1'"),
      to: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
      via: fc.oneof(some, fc.record({ first: some, after: fc.constant('1m') })),
      stop: fc.boolean(),
      digest: fc.constantFrom('10m', undefined),
    })
    fc.assert(
      fc.property(fc.option(fc.array(route, { maxLength: 4 }), { nil: undefined }), fc.constantFrom(...roles), fc.constantFrom(...alertKinds), fc.constantFrom(...severities), fc.constantFrom('mail', 'hook', undefined), fc.integer({ min: noonMs, max: noonMs + 24 * hourMs }), (routes, role, kind, severity, aboutChannel, nowMs) => {
        const eve = { role, email: 'eve@example.com', quietHours: '20:00-09:30', timezone: 'America/New_York' }
        const of = router({ people: { ...people, eve }, ...(routes !== undefined && { routes }) })
        const found = plan(of, { kind, severity, ...(aboutChannel !== undefined && { aboutChannel }) }, nowMs)
        const sent = [...found.notifications, ...found.batched]
        expect(new Set(who(found)).size).toBe(sent.length)
        for (const one of sent) {
          expect(permissions[one.recipient.role].receives).toContain(kind)
          expect([one.channel, ...one.fallback]).not.toContain(aboutChannel ?? 'none of them')
          expect(one.dueMs).toBeGreaterThanOrEqual(nowMs)
          expect(found.decisions.some(({ person, channel, reason }) => person === one.recipient.person && channel === one.channel && /^(sent|held)\./.test(reason))).toBe(true)
        }
        const waiting = sent.filter(({ dueMs, priority }) => priority === 0 && dueMs !== nowMs)
        expect([waiting, found.batched.filter(({ priority }) => priority === 0)]).toEqual([[], []])
        expect(sent.length + found.decisions.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })
})

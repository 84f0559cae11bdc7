import { describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import { configSchema, type ConfigInput } from '../model/config.ts'
import { createPreferences, type Ways, type Wishes } from './preferences.ts'

type Wish = NonNullable<NonNullable<ConfigInput['people']>[string]['preferences']>[number]

function wishes(preferences: readonly Wish[], change: Partial<Alert> = {}, route = 'plain'): Wishes {
  const config = configSchema.parse({
    people: { dana: { role: 'admin', preferences: [...preferences] } },
    routes: [{ name: 'plain', to: ['dana'], via: ['mail'] }, { to: ['dana'], via: ['mail'], required: true }],
  })
  const alert: Alert = {
    id: 7, project: 'bots', rule: 'model-failed', key: 'bot|gpt', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 600_000, evidence: {}, state: 'firing',
    count: 1, openedAtMs: 0, updatedAtMs: 0, agent: 'bot', ...change,
  }
  return createPreferences(config).of('dana', alert, route)
}

const all: Ways = { channels: ['mail', 'sms', 'push'] }
const ordered: Ways = { ...all, fallbackAfterMs: 300_000 }

describe('a preference fits', () => {
  it.each<[string, Wish, boolean]>([
    ['all alerts, if it says nothing', { mute: true }, true],
    ['by kind', { kinds: ['model', 'cost'], mute: true }, true],
    ['not by another kind', { kinds: ['cost'], mute: true }, false],
    ['not by another severity', { kinds: ['model'], severities: ['info'], mute: true }, false],
    ['by its condition', { when: "alert.agent == 'bot' && alert.severity == 'high'", mute: true }, true],
    ['not by a condition over what is missing', { when: "alert.tags.team == 'x'", mute: true }, false],
    ['not where its condition holds and its severity does not', { when: "alert.agent == 'bot'", severities: ['critical'], mute: true }, false],
  ])('%s', (_name, wish, isMuted) => {
    expect(wishes([wish]).mutes('mail')).toBe(isMuted)
  })

  it('not where its condition cannot be evaluated, which is told with its place', () => {
    const { failed, mutes } = wishes([{ digest: '1h' }, { when: 'int(alert.agent) > 1', mute: true }])
    expect(mutes('mail')).toBe(false)
    expect(failed.map(({ where }) => where)).toEqual(['people.dana.preferences.1'])
  })

  it('none where a message names its reader, or is about an address of theirs', () => {
    expect(wishes([{ mute: true }], { announcement: { title: 'x', severity: 'high', to: ['dana'] } }).mutes('mail')).toBe(false)
    expect(wishes([{ mute: true }], { message: 'system.address-bad', params: { person: 'dana' } }).mutes('mail')).toBe(false)
    expect(wishes([{ mute: true }], { announcement: { title: 'x', severity: 'high' } }).mutes('mail')).toBe(true)
  })
})

describe('the first that says something about a matter', () => {
  it('holds in it, and others hold in other matters', () => {
    const found = wishes([{ kinds: ['cost'], via: ['push'] }, { digest: '1h' }, { via: ['sms'] }, { via: ['mail'], digest: '2h' }, { channels: ['push'], mute: true }])
    expect(found.waysFor(all)).toEqual([{ channels: ['sms'] }])
    expect(found.digestOn('mail')).toEqual({ kind: 'every', everyMs: 3_600_000 })
    expect([found.mutes('mail'), found.mutes('push')]).toEqual([false, true])
  })

  it('on a channel is the first that is about that channel', () => {
    const found = wishes([{ channels: ['sms'], digest: '1h' }, { digest: '2h' }])
    expect([found.digestOn('sms'), found.digestOn('mail')]).toEqual([{ kind: 'every', everyMs: 3_600_000 }, { kind: 'every', everyMs: 7_200_000 }])
  })
})

describe('other channels', () => {
  it('take the place of all, or of those that the wish is about', () => {
    expect(wishes([]).waysFor(all)).toEqual([all])
    expect(wishes([{ channels: ['pager'], via: ['mail'] }]).waysFor(all)).toEqual([all])
    expect(wishes([{ channels: ['sms', 'push'], via: ['chat'] }]).waysFor(all)).toEqual([{ channels: ['mail'] }, { channels: ['chat'] }])
    expect(wishes([{ channels: ['sms'], via: { first: ['chat', 'mail'], after: '1m' } }]).waysFor(all)).toEqual([{ channels: ['mail', 'push'] }, { channels: ['chat', 'mail'], fallbackAfterMs: 60_000 }])
  })

  it('stand where those stood that were asked one after the other, each once', () => {
    expect(wishes([{ channels: ['sms'], via: ['push', 'chat'] }]).waysFor(ordered)).toEqual([{ channels: ['mail', 'push', 'chat'], fallbackAfterMs: 300_000 }])
    expect(wishes([{ via: ['push', 'chat'] }]).waysFor(ordered)).toEqual([{ channels: ['push', 'chat'] }])
  })
})

describe('what a route requires', () => {
  it('is not turned off and not put off, and goes by the channels they choose', () => {
    const found = wishes([{ mute: true }, { digest: '1h' }, { via: ['sms'] }], {}, 'route-2')
    expect([found.mutes('mail'), found.isOverruled('mail'), found.digestOn('mail')]).toEqual([false, true, undefined])
    expect(found.waysFor(all)).toEqual([{ channels: ['sms'] }])
    expect(wishes([{ channels: ['sms'], mute: true }], {}, 'route-2').isOverruled('mail')).toBe(false)
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import type { Message } from './model/channel.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs

function receivers(): { readonly mail: Receiver; readonly sms: Receiver; readonly all: readonly Receiver[] } {
  const mail = new Receiver('mail', { shape: 'mail' })
  const sms = new Receiver('sms', { address: 'phone', shape: 'short', can: { deduplicates: false, resolves: false } })
  return { mail, sms, all: [mail, sms] }
}

const dana = { role: 'admin', email: 'dana@example.com', phone: '+8613800000000' } as const
type Wish = NonNullable<NonNullable<ConfigInput['people']>[string]['preferences']>[number]

function wishing(...preferences: Wish[]): ConfigInput['people'] {
  return { dana: { ...dana, preferences } }
}

const failing: ConfigInput['rules'] = { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '30m', groupBy: ['agent'] } }
const byBoth: ConfigInput['routes'] = [{ name: 'both', to: ['dana'], via: ['mail', 'sms'] }]

async function reasons(world: EngineWorld): Promise<readonly string[]> {
  return (await world.decisions()).filter(({ reason }) => !reason.startsWith('merged')).map(({ person, channel, reason }) => `${person} ${channel} ${reason}`).sort()
}

describe('one alert', () => {
  test('is told to one in Chinese by text message at once, and to the other in English in the digest of 09:00 where they are', async () => {
    const { mail, sms, all } = receivers()
    const people: ConfigInput['people'] = {
      lin: { role: 'admin', phone: '+8613800000000', email: 'lin@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai', preferences: [{ when: "alert.agent == 'bot'", via: ['sms'] }] },
      sam: { role: 'admin', phone: '+14155550101', email: 'sam@example.com', locale: 'en', timezone: 'America/New_York', preferences: [{ when: "alert.kind == 'session' && alert.severity != 'critical'", via: ['mail'], digest: { daily: '09:00' } }] },
    }
    const world = engineWorld({ people, routes: [{ name: 'all', to: ['lin', 'sam'], via: ['mail', 'sms'] }] }, all)
    const nowMs = world.clock.nowMs()
    await world.engine.accept([sessionFailed('s1', nowMs)])
    await world.tick()
    expect(mail.messages).toEqual([])
    expect(sms.messages).toHaveLength(1)
    expect(sms.messages[0]?.to).toBe('+8613800000000')
    expect(sms.messages[0]?.text).toMatch(/[\u4e00-\u9fff]/)
    const due = (await world.deliveries()).find(({ person }) => person === 'sam')
    expect(new Intl.DateTimeFormat('en-GB', { timeZone: 'America/New_York', hour: '2-digit', minute: '2-digit' }).format(due?.dueMs)).toBe('09:00')
    await world.at((due?.dueMs ?? 0) - nowMs + 1_000)
    expect(sms.messages).toHaveLength(1)
    expect(mail.messages.map(({ to }) => to)).toEqual(['sam@example.com'])
    expect(mail.messages[0]?.text).toContain('No failing call was recorded.')
    expect(mail.messages[0]?.text).not.toMatch(/[\u4e00-\u9fff]/)
    expect(await reasons(world)).toEqual(['lin sms sent.now', 'sam mail held.digest'])
  })
})

describe('what somebody turned off', () => {
  test('is not told, and on one channel of several the others tell it', async () => {
    const { mail, sms, all } = receivers()
    const world = engineWorld({ people: wishing({ kinds: ['session'], channels: ['sms'], mute: true }, { kinds: ['model'], mute: true }), routes: byBoth }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs()), callFailed('c1', world.clock.nowMs(), 'auth')])
    await world.tick()
    expect([mail.messages.length, sms.messages.length]).toEqual([1, 0])
    expect(await reasons(world)).toEqual(['dana mail refused.preference', 'dana mail sent.now', 'dana sms refused.preference', 'dana sms refused.preference'])
    expect((await world.decisions()).find(({ reason }) => reason === 'refused.preference')?.params).toEqual({ person: 'dana', kind: 'session', channel: 'sms' })
  })

  test('is told all the same where the route is required, and not put off, and yet by the channels they choose', async () => {
    const { mail, sms, all } = receivers()
    const routes: ConfigInput['routes'] = [{ name: 'must', required: true, to: ['dana'], via: ['mail'] }]
    const world = engineWorld({ people: wishing({ mute: true }, { via: ['sms'] }, { digest: '1h' }), routes }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.tick()
    expect([mail.messages.length, sms.messages.length]).toEqual([0, 1])
    expect(await reasons(world)).toEqual(['dana sms sent.now', 'dana sms sent.required'])
  })

  test('while it waits is not sent, unless the route is required', async () => {
    for (const required of [false, true]) {
      const { mail, all } = receivers()
      const routes: ConfigInput['routes'] = [{ name: 'by-mail', required, to: ['dana'], via: ['mail'], digest: '10m' }]
      const world = engineWorld({ people: wishing(), routes }, all)
      await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
      await world.close()
      const changed = engineWorld({ people: wishing({ kinds: ['session'], mute: true }), routes }, all, { file: world.file, aheadMs: 11 * minuteMs })
      await changed.tick()
      expect(mail.messages).toHaveLength(required ? 1 : 0)
      expect((await changed.deliveries()).map(({ result }) => result)).toEqual([required ? 'sent' : 'muted'])
      expect(await reasons(changed)).toContain(required ? 'dana mail held.digest' : 'dana mail refused.preference')
    }
  })

  test('on its first channel while it waits goes on to the next one', async () => {
    const { mail, sms, all } = receivers()
    const routes: ConfigInput['routes'] = [{ name: 'one-by-one', to: ['dana'], via: { first: ['sms', 'mail'], after: '1h' }, digest: '10m' }]
    const world = engineWorld({ people: wishing(), routes }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.close()
    const changed = engineWorld({ people: wishing({ channels: ['sms'], mute: true }), routes }, all, { file: world.file, aheadMs: 11 * minuteMs })
    await changed.tick()
    expect([mail.messages.length, sms.messages.length]).toEqual([1, 0])
  })

  test('of what is collected does not keep from them what they want of it', async () => {
    const { mail, all } = receivers()
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail'], digest: '10m' }]
    const world = engineWorld({ people: wishing(), routes }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs()), said('wanted', world.clock.nowMs())])
    await world.close()
    const changed = engineWorld({ people: wishing({ when: "alert.agent == 'bot'", mute: true }), routes }, all, { file: world.file, aheadMs: 11 * minuteMs })
    await changed.tick()
    expect(mail.messages).toHaveLength(1)
  })
})

describe('a wish', () => {
  test('for other channels takes the place of the route’s, and for channels of no address is none', async () => {
    const { mail, sms, all } = receivers()
    const people: ConfigInput['people'] = { ...wishing({ via: ['sms'] }), lee: { role: 'admin', email: 'lee@example.com', preferences: [{ via: ['sms'] }] } }
    const world = engineWorld({ people, routes: [{ to: ['dana', 'lee'], via: ['mail'] }] }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.tick()
    const addresses = (messages: readonly Message[]): readonly string[] => messages.map(({ to }) => to)
    expect([addresses(mail.messages), addresses(sms.messages)]).toEqual([['lee@example.com'], ['+8613800000000']])
  })

  test('one channel after the other is kept: the next one is asked after its time', async () => {
    const { mail, sms, all } = receivers()
    sms.answer = () => ({ kind: 'retry', afterMs: 2 * hourMs, detail: 'busy' })
    const world = engineWorld({ people: wishing({ via: { first: ['sms', 'mail'], after: '1m' } }), routes: [{ to: ['dana'], via: ['mail'] }] }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.tick()
    expect([mail.messages.length, sms.messages.length]).toEqual([0, 1])
    await world.at(2 * minuteMs)
    await world.at(2 * minuteMs + 8_000)
    expect(mail.messages).toHaveLength(1)
  })

  test('to have it collected holds with its own time beside what the route collects, and never for what is critical', async () => {
    const { mail, all } = receivers()
    const world = engineWorld({ people: wishing({ when: "alert.agent == 'bot'", digest: '2h' }), routes: [{ to: ['dana'], via: ['mail'], digest: '10m' }]}, all)
    const nowMs = world.clock.nowMs()
    await world.engine.accept([sessionFailed('s1', nowMs), said('collected', nowMs), said('now', nowMs, { severity: 'critical' })])
    await world.tick()
    expect(mail.subjects).toHaveLength(1)
    await world.at(11 * minuteMs)
    expect(mail.subjects).toHaveLength(2)
    await world.at(2 * hourMs + minuteMs)
    expect(mail.subjects).toHaveLength(3)
    const held = (await world.decisions()).filter(({ reason }) => reason === 'held.digest').map(({ params }) => [params['route'], params['by']])
    expect(held).toEqual(expect.arrayContaining([[undefined, 'dana'], ['route-1', undefined]]))
  })

  test('says nothing about a message that names its reader', async () => {
    const { mail, sms, all } = receivers()
    const world = engineWorld({ people: wishing({ mute: true }), routes: [] }, all)
    await world.engine.accept([said('for dana', world.clock.nowMs(), { to: ['dana'] })])
    await world.tick()
    expect([mail.messages.length, sms.messages.length]).toEqual([1, 1])
  })

  test('whose condition fails does not fit, and the admins hear of it', async () => {
    const { mail, all } = receivers()
    const world = engineWorld({ people: wishing({ when: 'int(alert.tags.n) > 1', mute: true }), routes: [{ to: ['dana'], via: ['mail'] }] }, all)
    await world.engine.accept([{ ...sessionFailed('s1', world.clock.nowMs()), tags: { n: 'x' } }])
    await world.tick()
    expect(mail.messages).toHaveLength(2)
    expect((await world.store.read.alerts()).map(({ message, params }) => [message, params.rule])).toContainEqual(['system.rule-failed', 'people.dana.preferences.0'])
  })

  test('for an unknown field is refused at the start', () => {
    expect(() => engineWorld({ people: wishing({ when: "alert.sverity == 'high'", mute: true }) }, receivers().all)).toThrow('people.dana.preferences.0.when: alert has no "sverity"; did you mean "alert.severity"?')
  })
})

describe('news that go on', () => {
  test('reach whoever is asked because nobody acknowledged at once, whatever they have collected', async () => {
    const { mail, all } = receivers()
    const people: ConfigInput['people'] = { dana, lee: { role: 'admin', email: 'lee@example.com', preferences: [{ digest: '6h' }] } }
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail'], escalate: [{ after: '5m', to: ['lee'] }] }]
    const world = engineWorld({ people, routes, rules: failing }, all)
    await world.engine.accept([callFailed('c1', world.clock.nowMs())])
    await world.tick()
    await world.at(6 * minuteMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['dana@example.com', 'lee@example.com'])
  })

  test('the end is not told to whom it was turned off meanwhile, and is to the others who read the same channel', async () => {
    const { mail } = receivers()
    const wall = new Receiver('wall', { address: 'none', shape: 'full' })
    const routes: ConfigInput['routes'] = [{ to: ['dana', 'lee'], via: ['mail', 'wall'] }]
    const lee = { role: 'admin', email: 'lee@example.com' } as const
    const world = engineWorld({ people: { dana, lee }, routes, rules: failing }, [mail, wall])
    await world.engine.accept([callFailed('c1', world.clock.nowMs())])
    await world.tick()
    expect([mail.messages.length, wall.messages.length]).toEqual([2, 1])
    await world.close()
    const changed = engineWorld({ people: { dana: { ...dana, preferences: [{ mute: true }] }, lee }, routes, rules: failing }, [mail, wall], { file: world.file, aheadMs: 31 * minuteMs })
    await changed.tick()
    expect(mail.messages.slice(2).map(({ to, news }) => [to, news])).toEqual([['lee@example.com', 'resolved']])
    expect(wall.messages.map(({ news }) => news)).toEqual(['firing', 'resolved'])
    expect(await reasons(changed)).toContain('dana mail refused.preference')
  })
})

describe('a project', () => {
  test('that somebody left while it waits is not told to them any more', async () => {
    const { mail, all } = receivers()
    const routes: ConfigInput['routes'] = [{ to: ['dana'], via: ['mail'], digest: '10m' }]
    const world = engineWorld({ project: 'bots', people: { dana: { ...dana, projects: ['bots'] } }, routes }, all)
    await world.engine.accept([sessionFailed('s1', world.clock.nowMs())])
    await world.close()
    const changed = engineWorld({ project: 'bots', people: { dana: { ...dana, projects: ['shop'] } }, routes }, all, { file: world.file, aheadMs: 11 * minuteMs })
    await changed.tick()
    expect(mail.messages).toEqual([])
    expect(await reasons(changed)).toEqual(expect.arrayContaining(['dana mail refused.project']))
  })
})

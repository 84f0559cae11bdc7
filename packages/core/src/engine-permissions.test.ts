import { afterEach, describe, expect, test } from 'vitest'
import { webhookBody } from './channels/webhook-body.ts'
import type { Message } from './model/channel.ts'
import type { ConfigInput } from './model/config.ts'
import type { EventInput } from './model/event.ts'
import { parts, permissions, roles, type Part, type Role } from './model/roles.ts'
import { closeWorlds, engineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
/** What stands in the events of each part, as a message would show it. */
const planted: Readonly<Record<Part, readonly string[]>> = {
  costDetail: ['7,654', '7654', '7.65k'],
  sessionContent: ['the-words-of-the-session'],
  personalData: ['ida.user@customer.example', 'ida.user', 'customer.example'],
}

/** A session that failed with its own words, and a user who spent too much. */
function events(atMs: number): readonly EventInput[] {
  return [
    { source: 'client', type: 'session.end', sessionId: 's1', id: 's1-end', agent: 'bot', atMs, status: 'error', endState: 'fail', endReason: 'the-words-of-the-session', tags: { team: 'blue' } },
    { source: 'observe', type: 'llm.call', id: 'paid', atMs, agent: 'bot', sessionId: 's2', user: 'ida.user@customer.example', tags: { team: 'blue' }, llm: { provider: 'p', model: 'm', operation: 'chat', costNanoUsd: 7_654_000_000_000 } },
    { source: 'observe', type: 'llm.call', id: 'failed', atMs, agent: 'bot', sessionId: 's3', status: 'error', tags: { team: 'blue' }, error: { class: 'auth', message: 'the-words-of-the-session' }, llm: { provider: 'p', model: 'm', operation: 'chat' } },
  ]
}

const people: ConfigInput['people'] = Object.fromEntries(roles.map((role) => [role, { role, email: `${role}@example.com`, phone: `+1415555010${roles.indexOf(role)}` }]))
const budgets: ConfigInput['budgets'] = { 'by-user': { amountUsd: 100, groupBy: ['user'], thresholds: [1] } }
const everybody = roles.map(String)

function receivers(): readonly Receiver[] {
  return [
    new Receiver('mail', { shape: 'mail' }), new Receiver('sms', { address: 'phone', shape: 'short' }), new Receiver('card', { shape: 'card' }),
    new Receiver('wall', { address: 'none', shape: 'card' }), new Receiver('hook', { address: 'none', shape: 'full' }),
  ]
}

describe('a place that several read', () => {
  const failing: ConfigInput['rules'] = { 'model-failed': false, 'model-outage': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '30m', groupBy: ['agent'] } }
  const both = { dana: { role: 'admin' }, lee: { role: 'developer' }, vi: { role: 'viewer' } } as const
  const worldOf = (names: readonly (keyof typeof both)[], wall: Receiver, file?: string) =>
    engineWorld({ people: Object.fromEntries(names.map((name) => [name, both[name]])), rules: failing, routes: [{ match: "alert.kind != 'system'", to: [...names], via: ['wall'], groupBy: ['agent'], groupWait: '5m' }] }, [wall], file === undefined ? {} : { file })

  test.each([
    ['is told as long as one of them is left, what it waited with and its end', ['dana', 'lee'], ['lee'], ['firing', 'resolved']],
    ['is not told where who is left may not see what is in it', ['dana'], ['vi'], []],
  ] as const)('%s', async (_says, before, after, told) => {
    const wall = new Receiver('wall', { address: 'none', shape: 'card' })
    const first = worldOf(before, wall)
    const atMs = first.clock.nowMs()
    await first.engine.accept([{ source: 'observe', type: 'llm.call', id: 'one', atMs, agent: 'bot', status: 'error', error: { class: 'auth', message: 'the-words-of-the-session' }, llm: { provider: 'p', model: 'm', operation: 'chat' } }])
    await first.close()
    const second = worldOf(after, wall, first.file)
    for (const minutes of [6, 20, 31, 37, 60]) await second.at(minutes * minuteMs)
    expect(wall.messages.map(({ news }) => news)).toEqual(told)
    expect(leaks(wall.messages, withheldFrom(...after.map((name) => both[name].role)))).toEqual([])
  })
})

function textOf(message: Message): string {
  return `${JSON.stringify(message)}\n${message.text}\n${webhookBody(message, 'id', 0)}`
}

function leaks(messages: readonly Message[], withheld: readonly Part[]): readonly string[] {
  const text = messages.map(textOf).join('\n')
  return withheld.flatMap((part) => planted[part].filter((value) => text.includes(value)))
}

function withheldFrom(...all: readonly Role[]): readonly Part[] {
  return parts.filter((part) => all.some((role) => !permissions[role].sees.includes(part)))
}

type Route = NonNullable<ConfigInput['routes']>[number]
const ways: Readonly<Record<string, Pick<Route, 'digest' | 'groupBy' | 'groupWait'>>> = {
  'by itself': {},
  'in a digest': { digest: '10m' },
  'in a group': { groupBy: ['tags.team', 'agent', 'key'], groupWait: '1m' },
  'in a group of one session': { groupBy: ['sessionId', 'key'], groupWait: '1m' },
}

describe.each(Object.entries(ways))('what is told %s', (_name, how) => {
  test('shows each role its parts and no others, in a mail, a text message and a card', async () => {
    const all = receivers()
    const world = engineWorld({ people, budgets, store: { content: 'full' }, routes: [{ name: 'all', to: everybody, via: ['mail', 'sms', 'card'], ...how }] }, all)
    await world.engine.accept(events(world.clock.nowMs()))
    await world.tick()
    await world.at(11 * minuteMs)
    for (const role of roles) {
      const addresses = [people?.[role]?.email, people?.[role]?.phone]
      const messages = all.flatMap((one) => one.messages).filter(({ to }) => addresses.includes(to))
      expect([role, messages.length > 0]).toEqual([role, true])
      expect([role, leaks(messages, withheldFrom(role))]).toEqual([role, []])
    }
    // What nobody could see would not be found either.
    const owners = all.flatMap((one) => one.messages).filter(({ to }) => [people?.['owner']?.email, people?.['owner']?.phone].includes(to)).map(textOf).join('\n')
    expect(parts.filter((part) => planted[part].some((value) => owners.includes(value)))).toEqual(parts)
  })

  test('shows those who share a channel only what all of them may see, whoever is named first', async () => {
    const pairs: readonly (readonly [Role, Role])[] = [['owner', 'viewer'], ['viewer', 'owner'], ['billing', 'admin'], ['developer', 'billing']]
    for (const pair of pairs) {
      const all = receivers()
      const world = engineWorld({ people, budgets, store: { content: 'full' }, routes: [{ name: 'shared', to: [...pair], via: ['wall', 'hook'], ...how }] }, all)
      await world.engine.accept(events(world.clock.nowMs()))
      await world.tick()
      await world.at(11 * minuteMs)
      const messages = all.flatMap((one) => one.messages)
      expect(messages.length).toBeGreaterThan(0)
      const both = parts.filter((part) => withheldFrom(pair[0]).includes(part) && withheldFrom(pair[1]).includes(part))
      expect([pair, leaks(messages, both)]).toEqual([pair, []])
      // Of an alert that only one of them hears of, the other is no reader.
      const hearBoth = permissions[pair[0]].receives.filter((kind) => permissions[pair[1]].receives.includes(kind))
      const seen = messages.filter(({ card, text }) => hearBoth.includes('session') && (card === undefined ? text.includes('s1') : card.about.alerts.every(({ kind }) => hearBoth.includes(kind))))
      expect([pair, leaks(seen, withheldFrom(...pair))]).toEqual([pair, []])
      await closeWorlds()
    }
  })
})

test('the story of an alert in the terminal is for whoever stands at the machine, and names what a role may not see', async () => {
  const all = receivers()
  const world = engineWorld({ people, store: { content: 'full' }, routes: [{ name: 'all', to: ['viewer'], via: ['mail'] }] }, all)
  await world.engine.accept(events(world.clock.nowMs()).slice(0, 1))
  await world.tick()
  expect((await world.decisions()).find(({ reason }) => reason === 'sent.reduced')?.params).toEqual({ part: 'costDetail, sessionContent', role: 'viewer', person: 'viewer' })
})

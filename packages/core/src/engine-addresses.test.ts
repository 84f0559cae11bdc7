import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const channels = (): readonly [mail: Receiver, text: Receiver, wall: Receiver] => {
  const mail = new Receiver('mail')
  mail.answer = ({ to }) => (to.startsWith('lee') ? { kind: 'bad-address', code: '550', detail: 'no such user' } : { kind: 'sent' })
  return [mail, new Receiver('text', { address: 'phone' }), new Receiver('wall', { address: 'none' })]
}
const dana = { role: 'admin', email: 'dana@example.com' } as const
const toLee: NonNullable<ConfigInput['routes']>[number] = { match: "alert.kind != 'system'", to: ['lee'], via: ['mail'] }
const toAdmins: NonNullable<ConfigInput['routes']>[number] = { match: "alert.kind == 'system'", to: ['role:admin'], via: ['mail'] }

describe('somebody whose address does not work', () => {
  test('hears of it by another channel of theirs, though their role hears of nothing else of the kind; the admins hear of it too', async () => {
    const [mail, text, wall] = channels()
    const people: ConfigInput['people'] = { dana, lee: { role: 'viewer', email: 'lee@example.com', phone: '+15005550006' } }
    const world = engineWorld({ people, routes: [toLee, toAdmins] }, [wall, mail, text])
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick(1_500)
    expect(mail.messages.map(({ to, subject }) => [to, subject.includes('cannot be reached')])).toEqual([['lee@example.com', false], ['dana@example.com', true]])
    expect(text.messages.map(({ to, subject }) => [to, subject.includes('cannot be reached by mail')])).toEqual([['+15005550006', true]])
    expect(wall.messages).toEqual([])
    await world.engine.accept([{ type: 'custom', source: 'native', id: 'other trouble', atMs: world.clock.nowMs() }])
    world.engine.report({ type: 'tocsin.store-replaced', source: 'engine', detail: { file: 'tocsin.db' } })
    await world.tick(1_500)
    expect(text.messages).toHaveLength(1)
  })

  test('hears of it once, where the routes tell them by another channel already', async () => {
    const [mail, text] = channels()
    const people: ConfigInput['people'] = { lee: { role: 'admin', email: 'lee@example.com', phone: '+15005550006' } }
    const world = engineWorld({ people, routes: [toLee, { ...toAdmins, via: ['mail', 'text'] }] }, [mail, text])
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick(1_500)
    expect(mail.messages).toHaveLength(1)
    expect(text.messages).toHaveLength(1)
    expect((await world.decisions()).map(({ reason }) => reason).filter((reason) => reason === 'refused.bad_address')).toHaveLength(2)
  })

  test('and has no other channel is not told, and that is on record', async () => {
    const [mail, , wall] = channels()
    const world = engineWorld({ people: { dana, lee: { role: 'developer', email: 'lee@example.com' } }, routes: [toLee, toAdmins] }, [mail, wall])
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick(1_500)
    expect(mail.messages.map(({ to }) => to)).toEqual(['lee@example.com', 'dana@example.com'])
    const trouble = (await world.store.read.alerts()).find(({ kind }) => kind === 'system')
    expect((await world.decisions(trouble?.id)).filter(({ person }) => person === 'lee').map(({ reason }) => reason)).toEqual(['refused.no_address'])
    expect(wall.messages).toEqual([])
  })
})

test('each of several readers of a shared channel is told by their own next channel where it fails', async () => {
  for (const failure of ['at once', 'by time'] as const) {
    const [, text, wall] = channels()
    const mail = new Receiver('mail')
    const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com', phone: '+15005550001' }, lee: { role: 'admin', email: 'lee@example.com', phone: '+15005550002' }, kim: { role: 'admin', email: 'kim@example.com' } }
    const routes: ConfigInput['routes'] = [
      { match: "alert.kind != 'system'", to: ['dana'], via: { first: ['wall', 'mail'], after: '5m' } },
      { match: "alert.kind != 'system'", to: ['lee'], via: { first: ['wall', 'text'], after: '1m' } },
      { match: "alert.kind != 'system'", to: ['kim'], via: ['wall'] },
    ]
    const world = engineWorld({ people, routes, delivery: { pauseMs: 3_600_000 } }, [wall, mail, text])
    wall.answer = () => (failure === 'at once' ? { kind: 'bad-content', detail: 'no' } : { kind: 'bad-config', detail: 'wrong token' })
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick(1_500)
    world.clock.aheadMs = 61_000
    await world.tick(1_500)
    expect(wall.messages).toHaveLength(1)
    expect([mail.messages.map(({ to }) => to), text.messages.map(({ to }) => to)]).toEqual([['dana@example.com'], ['+15005550002']])
    const told = (await world.decisions()).filter(({ reason }) => reason === 'sent.fallback').map(({ person, channel }) => `${person} ${channel}`)
    expect(told.toSorted()).toEqual(['dana mail', 'lee text'])
  }
})

describe('a channel that is its own address, and is gone', () => {
  const toDana: NonNullable<ConfigInput['routes']>[number] = { match: "alert.kind != 'system'", to: ['dana'], via: { first: ['hook', 'mail'], after: '1h' } }
  const routes = [toDana, toAdmins]
  const gone = { kind: 'bad-address', code: '410', detail: '410 gone' } as const
  const hookAndMail = (): readonly [hook: Receiver, mail: Receiver] => {
    const hook = new Receiver('hook', { address: 'none' })
    hook.answer = () => gone
    return [hook, new Receiver('mail')]
  }
  const say = async (world: EngineWorld, ...ids: readonly string[]): Promise<void> => {
    await world.engine.accept(ids.map((id) => said(id, world.clock.nowMs())))
    await world.tick(1_500)
  }
  const dayMs = 86_400_000

  test('is left alone for a day: the next channel is asked at once, and the admins hear of it by another one', async () => {
    const [hook, mail] = hookAndMail()
    const world = engineWorld({ people: { dana }, routes: [toDana, { ...toAdmins, via: ['hook', 'mail'] }] }, [hook, mail])
    await say(world, 'one')
    expect(hook.messages).toHaveLength(1)
    expect(mail.subjects.toSorted()).toEqual([expect.stringContaining('one'), expect.stringContaining('An address on hook does not work')])
    await say(world, 'two')
    expect(hook.messages).toHaveLength(1)
    expect(mail.messages).toHaveLength(3)
    expect((await world.deliveries()).filter(({ channel }) => channel === 'hook').map(({ result }) => result)).toEqual(['bad-address', 'bad-address'])
    world.clock.aheadMs = dayMs + 1_000
    hook.answer = () => ({ kind: 'sent' })
    await say(world, 'three')
    expect(hook.messages).toHaveLength(2)
    world.clock.aheadMs += 1_000
    await say(world, 'four')
    expect(hook.messages).toHaveLength(3)
  })

  test('is used again at once with other settings', async () => {
    const [hook, mail] = hookAndMail()
    const world = engineWorld({ people: { dana }, routes }, [hook, mail])
    await say(world, 'one')
    hook.answer = () => ({ kind: 'sent' })
    const same = engineWorld({ people: { dana }, routes }, [hook, mail], { file: world.file })
    await say(same, 'two')
    expect(hook.messages).toHaveLength(1)
    const moved = engineWorld({ people: { dana }, routes, channels: { hook: { type: 'hook', url: 'https://example.com/new' }, mail: { type: 'mail' } } }, [hook, mail], { file: world.file })
    await say(moved, 'three')
    expect(hook.messages).toHaveLength(2)
  })
})

import { afterEach, describe, expect, test } from 'vitest'
import { callFailed, closeWorlds, engineWorld, sessionFailed } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const chat = (): Receiver => new Receiver('chat', { address: 'none', shape: 'card', needsFirst: true })
const failing = { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'warning', quiet: '10m' } } as const

describe('news about one alert on a channel that answers its first message', () => {
  test('follow the first one, the end included, for everybody of a shared channel', async () => {
    const receiver = chat()
    receiver.answer = (_message, count) => ({ kind: 'sent', providerId: `id-${count}` })
    const people = { dana: { role: 'admin' }, lee: { role: 'developer' } } as const
    const calm = engineWorld({ rules: failing, people, routes: [{ to: ['lee'], via: ['chat'] }] }, [receiver])
    const grave = engineWorld({ rules: { ...failing, failing: { ...failing.failing, severity: 'high' } }, people, routes: [{ to: ['dana', 'lee'], via: ['chat'] }] }, [receiver], { file: calm.file })
    await calm.engine.accept([callFailed('one', calm.clock.nowMs())])
    await calm.tick()
    await grave.engine.accept([callFailed('two', grave.clock.nowMs())])
    await grave.tick()
    await grave.at(11 * 60_000)
    expect(receiver.messages.map(({ news, severity, follows }) => [news, severity, follows])).toEqual([
      ['firing', 'warning', undefined],
      ['firing', 'high', 'id-1'],
      ['resolved', 'high', 'id-1'],
    ])
    expect(new Set(receiver.messages.map(({ thread }) => thread)).size).toBe(1)
  })

  test('follow nothing where the first one never arrived', async () => {
    const receiver = chat()
    receiver.answer = () => ({ kind: 'bad-content', detail: 'no' })
    const world = engineWorld({ people: { dana: { role: 'admin' } } }, [receiver])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.engine.accept([sessionFailed('s2', world.clock.nowMs())])
    await world.tick()
    expect(receiver.messages.map(({ follows }) => follows)).toEqual([undefined, undefined])
  })
})

describe('a card', () => {
  test('holds for machines only what its reader may see, redacted', async () => {
    const receiver = chat()
    const world = engineWorld({ people: { vi: { role: 'viewer' } } }, [receiver])
    await world.engine.accept([{ ...callFailed('one', world.clock.nowMs()), error: { class: 'auth', message: 'key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD of account 4711' } }])
    await world.tick()
    const [message] = receiver.messages
    expect(message?.card?.about.alerts[0]).toMatchObject({ rule: 'model-failed', kind: 'model', state: 'firing', count: 1 })
    expect(JSON.stringify(message)).not.toContain('4711')
    expect(JSON.stringify(message)).not.toContain('sk-proj')
    expect(message?.card?.heading).not.toBe('')
  })
})

describe('a person with several devices', () => {
  test('is told on each of them, and each failure stays its own', async () => {
    const push = new Receiver('push', { address: 'push' })
    push.answer = ({ to }) => (to.startsWith('old') ? { kind: 'bad-address', code: 'UNREGISTERED', detail: 'gone' } : { kind: 'sent' })
    const world = engineWorld({ people: { dana: { role: 'developer', push: ['old-device-token-0000000', 'new-device-token-0000000'] } } }, [push])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    expect(push.messages.map(({ to }) => to).toSorted()).toEqual(['new-device-token-0000000', 'old-device-token-0000000'])
    expect((await world.deliveries()).map(({ result }) => String(result)).toSorted()).toEqual(['bad-address', 'sent'])
    await world.engine.accept([sessionFailed('s2', world.clock.nowMs())])
    await world.tick()
    expect(push.messages).toHaveLength(3)
  })
})

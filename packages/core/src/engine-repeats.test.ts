import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const people = {
  dana: { role: 'admin', email: 'dana@example.com' },
  lee: { role: 'developer', email: 'lee@example.com' },
} satisfies ConfigInput['people']
type Severity = 'info' | 'warning' | 'high' | 'critical'
const rules = (severity: Severity = 'high', quiet = '24h'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet, groupBy: ['agent'] } })
type Route = NonNullable<ConfigInput['routes']>[number]
const routes = (more: Partial<Route> = {}): Route[] => [{ name: 'on-call', to: ['dana'], via: ['mail'], repeatInterval: '30m', ...more }]

const who = (mail: Receiver): readonly string[] => mail.messages.map(({ to }) => to.replace('@example.com', ''))
async function fail(world: EngineWorld, id = 'one'): Promise<void> {
  await world.engine.accept([callFailed(id, world.clock.nowMs())])
  await world.tick()
}

describe('what still fires and nobody acknowledged', () => {
  test('is told again so long after it was last sent, and says so', async () => {
    const mail = new Receiver('mail', { shape: 'mail' })
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await world.at(29 * minuteMs)
    expect(who(mail)).toEqual(['dana'])
    await world.at(30 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'dana'])
    await world.at(60 * minuteMs)
    expect(who(mail)).toHaveLength(2)
    await world.at(60 * minuteMs + 4_000)
    expect(who(mail)).toHaveLength(3)
    expect(mail.messages.map(({ text }) => /Told again: it still fires, and nobody acknowledged for (\d+ \w+)/.exec(text)?.[1])).toEqual([undefined, '30 min', '1 h'])
    expect((await world.decisions()).filter(({ reason }) => reason === 'sent.repeated').map(({ person, channel }) => [person, channel])).toEqual([['dana', 'mail']])
  })

  test('is counted from when it was sent, and not told again while it is on its way', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    mail.answer = () => ({ kind: 'retry', afterMs: 40 * minuteMs, detail: 'busy' })
    await fail(world)
    mail.answer = () => ({ kind: 'sent' })
    await world.at(35 * minuteMs)
    expect(who(mail)).toHaveLength(1)
    expect((await world.decisions()).map(({ reason }) => reason)).toContain('merged.already_told')
    await world.at(40 * minuteMs + 5_000)
    expect(who(mail)).toHaveLength(2)
    await world.at(69 * minuteMs)
    expect(who(mail)).toHaveLength(2)
    await world.at(70 * minuteMs + 10_000)
    expect(who(mail)).toHaveLength(3)
  })

  test('waits for a reader in quiet hours once, and not once more for each time', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people: { dana: { ...people.dana, quietHours: '12:00-16:00' } }, rules: rules(), routes: routes() }, [mail])
    const atMs = 24 * hourMs - (world.clock.nowMs() % (24 * hourMs)) + 11 * hourMs + 50 * minuteMs
    world.clock.aheadMs = atMs
    await fail(world)
    for (let minutes = 31; minutes < 240; minutes += 31) await world.at(atMs + minutes * minuteMs)
    expect(who(mail)).toHaveLength(1)
    await world.at(atMs + 4 * hourMs + 10 * minuteMs + 5_000)
    expect(who(mail)).toHaveLength(2)
  })

  test('is told again to whoever is meant then', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rotations: { r: { members: ['dana', 'lee'], every: 'day', at: '12:15', start: '2026-01-01' } }, rules: rules(), routes: routes({ to: ['rotation:r'] }) }, [mail])
    const first = Date.UTC(2026, 0, 1)
    const days = Math.ceil((world.clock.nowMs() - first) / (24 * hourMs) / 2) * 2
    const atMs = first + days * 24 * hourMs + 36 * hourMs - world.clock.nowMs()
    world.clock.aheadMs = atMs
    await fail(world)
    await world.at(atMs + 30 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
  })

  test('is not made up for where no process ran', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await world.at(5 * hourMs)
    await world.at(5 * hourMs + 10 * minuteMs)
    expect(who(mail)).toHaveLength(2)
  })

  test('is told once each time, whichever process does it', async () => {
    const mail = new Receiver('mail')
    const config: ConfigInput = { people, rules: rules(), routes: routes() }
    const one = engineWorld(config, [mail])
    const other = engineWorld(config, [mail], { file: one.file })
    await fail(one)
    one.clock.aheadMs = other.clock.aheadMs = 30 * minuteMs + 2_000
    await Promise.all([one.tick(), other.tick()])
    expect(who(mail)).toHaveLength(2)
    await one.close()
    const third = engineWorld(config, [mail], { file: other.file })
    other.clock.aheadMs = third.clock.aheadMs = 60 * minuteMs + 4_000
    await Promise.all([other.tick(), third.tick()])
    expect(who(mail)).toHaveLength(3)
  })

  test('joins its group like other news', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes({ groupBy: ['rule'], groupWait: '10s', groupInterval: '1m' }) }, [mail])
    const failed = (agent: string) => ({ ...callFailed(agent, world.clock.nowMs()), agent })
    await world.engine.accept([failed('a'), failed('b')])
    await world.at(15_000)
    expect(mail.subjects).toHaveLength(1)
    await world.at(30 * minuteMs + 20_000)
    await world.at(32 * minuteMs)
    expect(mail.subjects).toHaveLength(2)
    expect((await world.deliveries()).map(({ alerts }) => alerts.length)).toEqual([2, 2])
  })
})

describe('ends', () => {
  const acted = async (action: 'acknowledge' | 'snooze' | 'resolve'): Promise<number> => {
    const mail = new Receiver('mail', { can: { deduplicates: false, resolves: false } })
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await world.engine.acting.act({ alerts: [1] }, { action, by: 'dana', via: 'mail', forMs: 4 * hourMs })
    await world.at(31 * minuteMs)
    await world.at(2 * hourMs)
    return mail.messages.length
  }

  test('when somebody acknowledges, snoozes or ends it', async () => {
    expect([await acted('acknowledge'), await acted('snooze'), await acted('resolve')]).toEqual([1, 1, 1])
  })

  test('when it is over, and begins anew with the alert', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules('high', '20m'), routes: routes() }, [mail])
    await fail(world)
    await world.at(20 * minuteMs + 1_000)
    await world.at(28 * minuteMs)
    expect(who(mail)).toHaveLength(2)
    await fail(world, 'two')
    await world.at(31 * minuteMs)
    expect(who(mail)).toHaveLength(3)
    await fail(world, 'three')
    await world.at(48 * minuteMs - 3_000)
    await fail(world, 'four')
    await world.at(58 * minuteMs + 3_000)
    expect(who(mail)).toHaveLength(4)
  })

  test('is nothing for news, which does not go on', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, routes: routes() }, [mail])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    await world.at(2 * hourMs)
    expect(who(mail)).toHaveLength(1)
  })

  test('without an error where the route is gone from the configuration', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const renamed = engineWorld({ people, rules: rules(), routes: routes({ name: 'other' }) }, [mail], { file: world.file })
    await world.close()
    await renamed.at(31 * minuteMs)
    await renamed.at(2 * hourMs)
    expect(who(mail)).toHaveLength(1)
  })
})

test('an escalation and repetitions go on side by side', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({ people, rules: rules(), routes: routes({ escalate: [{ after: '10m', to: ['lee'] }] }) }, [mail])
  await fail(world)
  await world.at(10 * minuteMs + 2_000)
  await world.at(30 * minuteMs + 4_000)
  await world.at(60 * minuteMs + 8_000)
  expect(who(mail)).toEqual(['dana', 'lee', 'dana', 'dana'])
})

test('what is repeated and handed on by one process is not dropped by another that does not know its route', async () => {
  const mail = new Receiver('mail')
  const shared: ConfigInput = { people, rules: rules() }
  const knows = engineWorld({ ...shared, routes: [{ name: 'on-call', to: ['dana'], via: ['mail'], repeatInterval: '20m', escalate: [{ after: '5m', to: ['lee'] }] }] }, [mail])
  const other = engineWorld({ ...shared, routes: [{ name: 'all', to: ['lee'], via: ['mail'] }] }, [mail], { file: knows.file })
  await fail(knows)
  for (let minute = 1; minute <= 30; minute += 1) {
    await other.at(minute * minuteMs)
    await knows.at(minute * minuteMs + 45_000)
  }
  expect(who(mail)).toEqual(['dana', 'lee', 'dana'])
})

import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from './model/clock.ts'
import type { EventInput } from './model/event.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { acknowledge, fail, failingFor as rules, onCallPeople as people, onCallRoutes as routes, onCallSteps as steps, who } from './testing/on-call-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
async function reasonsOf(world: EngineWorld, person: string): Promise<readonly string[]> {
  return (await world.decisions()).filter((one) => one.person === person).map(({ reason }) => reason)
}
const bodyOf = (mail: Receiver, index: number): string => mail.messages[index]?.text ?? ''

describe('what nobody acknowledges', () => {
  test('is handed on step by step, and the last is told that nobody is asked after them', async () => {
    const mail = new Receiver('mail', { shape: 'mail' })
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await world.at(4 * minuteMs)
    expect(who(mail)).toEqual(['dana'])
    await world.at(5 * minuteMs + 1_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
    await world.at(14 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'lee'])
    await world.at(15 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee', 'max'])
    await world.at(5 * hourMs)
    expect(who(mail)).toEqual(['dana', 'lee', 'max'])
    expect(bodyOf(mail, 0)).not.toContain('Escalated')
    expect(bodyOf(mail, 1)).toMatch(/Escalated to you: dana did not acknowledge for 5 min.* \(step 2 of 3\)\./)
    expect(bodyOf(mail, 1)).not.toContain('last step')
    expect(bodyOf(mail, 2)).toMatch(/Escalated to you: lee did not acknowledge for 10 min.* \(step 3 of 3\)\./)
    expect(bodyOf(mail, 2)).toContain('You are the last step: nobody is asked after you.')
    const escalated = (await world.decisions()).filter(({ reason }) => reason === 'sent.escalated')
    expect(escalated.map(({ person, params }) => [person, params['previous'], params['step'], params['steps']])).toEqual([['lee', 'dana', 2, 3], ['max', 'lee', 3, 3]])
  })
})

describe('counts from when it was sent', () => {
  test('and not from when it was enqueued', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    mail.answer = () => ({ kind: 'retry', afterMs: 3 * minuteMs, detail: 'busy' })
    await fail(world)
    mail.answer = () => ({ kind: 'sent' })
    await world.at(3 * minuteMs + 5_000)
    expect(who(mail)).toEqual(['dana', 'dana'])
    await world.at(8 * minuteMs)
    expect(who(mail)).toHaveLength(2)
    await world.at(8 * minuteMs + 10_000)
    expect(who(mail)).toEqual(['dana', 'dana', 'lee'])
  })

  test('but does not wait longer for what is still tried', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    mail.answer = ({ to }) => (to.startsWith('dana') ? { kind: 'retry', afterMs: hourMs, detail: 'busy' } : { kind: 'sent' })
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
    expect(mail.messages[1]?.text).toContain('Escalated to you: nobody acknowledged.')
  })

  test('and goes on at once where all of a step failed', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    mail.answer = ({ to }) => (to.startsWith('max') ? { kind: 'sent' } : { kind: 'bad-content', detail: 'no' })
    await fail(world)
    await world.tick()
    expect(who(mail)).toEqual(['dana', 'lee', 'max'])
  })

  test('and the next channel of a step is part of the step, and says what the first would have said', async () => {
    const [mail, sms] = [new Receiver('mail'), new Receiver('sms-like')]
    const world = engineWorld({ people, rules: rules(), routes: routes([{ after: '5m', to: ['lee'], via: { first: ['sms-like', 'mail'], after: '1m' } }]) }, [mail, sms])
    sms.answer = () => ({ kind: 'bad-content', detail: 'no' })
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect([who(mail), who(sms)]).toEqual([['dana', 'lee'], ['lee']])
    expect(mail.messages[1]?.text).toContain('You are the last step')
  })

  test('gives the step before its time where no process ran', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await world.engine.accept([callFailed('one', world.clock.nowMs())])
    await world.at(hourMs)
    expect(who(mail)).toEqual(['dana'])
    await world.at(hourMs + 5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
  })
})

describe('quiet hours', () => {
  const asleep = (name: 'dana' | 'lee'): typeof people => ({ ...people, [name]: { ...people[name], quietHours: '00:00-23:59' } })
  /** Noon of some day, so that the quiet hours hold. */
  const noonMs = (world: EngineWorld): number => 24 * hourMs - (world.clock.nowMs() % (24 * hourMs)) + 12 * hourMs

  test('of everybody in a step hand it on at once', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people: asleep('dana'), rules: rules(), routes: routes() }, [mail])
    const atMs = noonMs(world)
    world.clock.aheadMs = atMs
    await fail(world)
    expect(who(mail)).toEqual(['lee'])
    expect(await reasonsOf(world, 'dana')).toEqual(['held.quiet_hours'])
    expect((await world.decisions()).find(({ reason }) => reason === 'sent.escalated')?.params).toEqual({ person: 'lee', previous: 'dana', step: 2, steps: 3 })
    await world.at(atMs + 10 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['lee', 'max'])
    await world.at(atMs + 12 * hourMs - 40_000)
    expect(who(mail)).toEqual(['lee', 'max', 'dana'])
  })

  test('of a later step hand it on, too, and critical alerts pass them', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people: asleep('lee'), rules: rules(), routes: routes() }, [mail])
    const atMs = noonMs(world)
    world.clock.aheadMs = atMs
    await fail(world)
    await world.at(atMs + 5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'max'])
    const critical = engineWorld({ people: asleep('lee'), rules: rules('critical'), routes: routes() }, [mail], { aheadMs: atMs })
    await fail(critical)
    await critical.at(atMs + 5 * minuteMs + 2_000)
    expect(who(mail).slice(2)).toEqual(['dana', 'lee'])
  })
})

describe('ends', () => {
  test('when somebody acknowledges, on every machine', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    const other = engineWorld({ people, rules: rules(), routes: routes() }, [mail], { file: world.file })
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
    await acknowledge(world)
    await other.at(hourMs)
    await world.at(2 * hourMs)
    expect(who(mail)).toEqual(['dana', 'lee'])
    // Not planned and taken back, but not planned at all.
    expect(await reasonsOf(world, 'max')).toEqual([])
    expect(await world.deliveries()).toHaveLength(2)
  })

  test('when the alert is over, and begins anew when it fires again', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '4m', groupBy: ['agent'] } }, routes: routes() }, [mail])
    await fail(world)
    await world.at(4 * minuteMs + 1_000)
    await world.at(7 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'dana'])
    await fail(world, 'two')
    await world.at(11 * minuteMs - 2_000)
    await fail(world, 'three')
    await world.at(12 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'dana', 'dana', 'lee'])
  })

  test('without an error where the route or the step is gone from the configuration', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const renamed = engineWorld({ people, rules: rules(), routes: routes(steps, { name: 'other' }) }, [mail], { file: world.file })
    await world.close()
    await renamed.at(10 * minuteMs)
    await renamed.at(20 * minuteMs)
    expect(who(mail)).toEqual(['dana'])
  })

  test('and a step that was changed is told as it is now', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await engineWorld({ people, rules: rules(), routes: routes([{ after: '5m', to: ['max'] }]) }, [mail], { file: world.file }).at(5 * minuteMs + 2_000)
    await world.at(hourMs)
    expect(who(mail)).toEqual(['dana', 'max'])
    expect(mail.messages[1]?.text).toContain('You are the last step')
  })

  test('when the alert becomes part of an outage, which is handed on itself, once', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, routes: routes([{ after: '5m', to: ['lee'] }]), storm: false }, [mail])
    const failing = (i: number): readonly EventInput[] => {
      const base = { source: 'native', sessionId: `s-${i}`, agent: 'bot', atMs: world.clock.nowMs() } as const
      return [
        { ...base, type: 'llm.call', id: `c-${i}`, status: 'error', error: { class: 'server', message: 'overloaded', statusCode: 503 }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } },
        { ...base, type: 'session.end', id: `e-${i}`, endState: 'fail' },
      ]
    }
    await world.engine.accept(failing(1))
    await world.tick()
    for (let i = 2; i <= 12; i += 1) await world.engine.accept(failing(i))
    await world.at(1_000)
    expect(new Set(who(mail))).toEqual(new Set(['dana']))
    // It goes on.
    for (let i = 13; i <= 24; i += 1) {
      world.clock.aheadMs = (i - 12) * 25_000
      await world.engine.accept(failing(i))
    }
    await world.at(5 * minuteMs + 4_000)
    expect(mail.messages.filter(({ to }) => to.startsWith('lee')).map(({ subject }) => subject)).toEqual([expect.stringContaining('Outage of openai')])
  })

  test('when it is given back, begins anew', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const actedBy = (action: 'acknowledge' | 'unacknowledge') => world.engine.acting.act({ alerts: [1] }, { action, by: 'dana', via: 'mail' })
    await actedBy('acknowledge')
    await world.at(hourMs)
    await actedBy('unacknowledge')
    await world.at(hourMs + 4 * minuteMs)
    expect(who(mail)).toEqual(['dana'])
    await world.at(hourMs + 5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
  })
})

describe('is put off', () => {
  test('while the alert is hushed', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    const nowMs = world.clock.nowMs()
    await world.store.transaction((tx) => tx.hush([{ alert: 1, project: 'default', by: 'silence#9', sinceMs: nowMs, untilMs: nowMs + hourMs }]))
    await world.at(5 * minuteMs + 2_000)
    await world.at(hourMs + 4 * minuteMs)
    expect(who(mail)).toEqual(['dana'])
  })

  test('while a silence of the configuration holds, and begins anew when it is told at the end', async () => {
    const mail = new Receiver('mail')
    const inMinutes = (minutes: number): string => new Date(systemClock.nowMs() + minutes * minuteMs).toISOString()
    const silences = [{ name: 'moving', match: 'true', from: inMinutes(3), until: inMinutes(20), author: 'dana', comment: 'the move' }]
    const world = engineWorld({ people, rules: rules(), routes: routes(), silences }, [mail])
    await fail(world)
    for (const minutes of [3, 5, 10, 15, 19]) await world.at(minutes * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana'])
    await world.at(20 * minuteMs + 4_000)
    await world.at(24 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'dana'])
    await world.at(25 * minuteMs + 8_000)
    expect(who(mail)).toEqual(['dana', 'dana', 'lee'])
  })

  test('while somebody snoozed it', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await fail(world)
    await world.engine.acting.act({ alerts: [1] }, { action: 'snooze', by: 'dana', via: 'mail', forMs: hourMs })
    for (const minutes of [5, 15, 30, 59]) await world.at(minutes * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana'])
    await world.at(hourMs + 4_000)
    await world.at(hourMs + 4 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'dana'])
    await world.at(hourMs + 5 * minuteMs + 8_000)
    expect(who(mail)).toEqual(['dana', 'dana', 'lee'])
  })

  test('while everything is held', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes() }, [mail])
    await world.store.transaction((tx) => tx.putHold({ project: 'default', by: 'dana', sinceMs: world.clock.nowMs() }))
    await fail(world)
    for (const minutes of [5, 10, 15, 20]) await world.at(minutes * minuteMs + 2_000)
    await world.store.transaction((tx) => tx.endHold('default', world.clock.nowMs()))
    await world.at(20 * minuteMs + 30_000)
    expect(who(mail)).toEqual(['dana'])
    await world.at(26 * minuteMs)
    expect(who(mail)).toEqual(['dana', 'lee'])
  })
})

describe('whom a step means', () => {
  test('may be nobody: then the next is told at once, and it is on record', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes([{ after: '5m', to: ['role:viewer'] }, { after: '10m', to: ['max'] }]) }, [mail])
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'max'])
    expect((await world.decisions()).find(({ reason }) => reason === 'refused.nobody')?.params).toEqual({ name: 'role:viewer' })
    expect(mail.messages[1]?.text).toMatch(/dana did not acknowledge for 5 min.* \(step 3 of 3\)/)
  })

  test('and where the route itself tells nobody, the first step is told', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people: { ...people, bo: { role: 'billing', email: 'bo@example.com' } }, rules: rules(), routes: routes(steps, { to: ['bo'] }) }, [mail])
    await fail(world)
    expect(who(mail)).toEqual(['lee'])
    expect(await reasonsOf(world, 'bo')).toEqual(['refused.role'])
  })

  test('is told once by each channel, unless the step names them', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules(), routes: routes([{ after: '5m', to: ['role:admin', 'role:developer'] }, { after: '5m', to: ['dana'] }]) }, [mail])
    await fail(world)
    await world.at(5 * minuteMs + 2_000)
    expect(who(mail)).toEqual(['dana', 'lee'])
    expect(await reasonsOf(world, 'dana')).toEqual(['sent.now', 'merged.already_told'])
    await world.at(10 * minuteMs + 4_000)
    expect(who(mail)).toEqual(['dana', 'lee', 'dana'])
  })

  test('is who is on duty when it is told', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rotations: { r: { members: ['lee', 'max'], every: 'day', at: '00:00', start: '2026-01-01' } }, rules: rules(), routes: routes([{ after: '2d', to: ['rotation:r'] }], { to: ['rotation:r'] }) }, [mail])
    const dayMs = 24 * hourMs
    // So many days of the year lie behind that lee's turn holds at noon.
    const first = Date.UTC(2026, 0, 1)
    const days = Math.ceil((world.clock.nowMs() - first) / dayMs / 2) * 2
    world.clock.aheadMs = first + days * dayMs + 12 * hourMs - world.clock.nowMs()
    await fail(world)
    expect(who(mail)).toEqual(['lee'])
  })
})

describe('which alerts', () => {
  test('what only informs is not handed on', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, rules: rules('info'), routes: routes() }, [mail])
    await fail(world)
    await world.at(1_000)
    await world.at(hourMs)
    expect(who(mail)).toEqual(['dana'])
  })

  test('grave news is, until somebody takes it; but not what was sent to somebody by name', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ people, routes: routes() }, [mail])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs()), said('for lee', world.clock.nowMs(), { to: ['lee'] }), said('less', world.clock.nowMs(), { severity: 'warning' })])
    await world.tick()
    expect(who(mail)).toHaveLength(3)
    await world.at(5 * minuteMs + 2_000)
    expect(mail.messages.slice(3).map(({ to, text }) => [to, text.includes('Escalated')])).toEqual([['lee@example.com', true]])
    await acknowledge(world, (await world.store.read.alerts()).find(({ kind }) => kind === 'session')?.id)
    await world.at(hourMs)
    expect(who(mail)).toHaveLength(4)
  })
})

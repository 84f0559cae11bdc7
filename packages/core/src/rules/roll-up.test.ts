import { afterEach, describe, expect, it } from 'vitest'
import type { Alert } from '../model/alert.ts'
import type { ConfigInput } from '../model/config.ts'
import type { ErrorClass, EventInput } from '../model/event.ts'
import { closeWorlds, engineWorld, type EngineWorld } from '../testing/engine-world.ts'
import { Receiver } from '../testing/receiver.ts'

afterEach(closeWorlds)

const secondMs = 1_000
let made = 0

/** A call of a session, and with a failure also the session's end. */
function call(world: EngineWorld, session: string, failed?: ErrorClass, model = 'gpt-5', provider = 'openai'): EventInput[] {
  const base = { source: 'native', sessionId: session, agent: 'bot', atMs: world.clock.nowMs() } as const
  const request = { ...base, type: 'llm.call', id: `c${(made += 1)}`, llm: { provider, model, operation: 'chat' } } as const
  if (failed === undefined) return [request]
  return [
    { ...request, status: 'error', error: { class: failed, message: 'overloaded', statusCode: 503 } },
    { ...base, type: 'session.end', id: `e${(made += 1)}`, endState: 'fail' },
  ]
}

async function fail(world: EngineWorld, from: number, to: number, of: ErrorClass = 'server'): Promise<void> {
  for (let i = from; i <= to; i += 1) await world.engine.accept(call(world, `s-${i}`, of))
}

async function alertsOf(world: EngineWorld, rule: string): Promise<readonly Alert[]> {
  return (await world.store.read.alerts({ limit: 1_000 })).filter((one) => one.rule === rule)
}

async function outage(world: EngineWorld): Promise<Alert> {
  const [only, ...others] = await alertsOf(world, 'model-outage')
  if (only === undefined || others.length > 0) throw new Error(`expected one outage, found ${others.length + (only === undefined ? 0 : 1)}`)
  return only
}

const english: ConfigInput = { detection: { wait: '5s' }, people: { dana: { role: 'admin', email: 'dana@example.com' } } }

describe('an outage', () => {
  it('is told once, with those it met in it, and its end once', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 23)
    await world.tick()
    expect(mail.subjects).toEqual([])
    await world.at(6 * secondMs)
    expect(mail.subjects).toEqual(['[Critical] Outage of openai gpt-5, server error, 23 of 23 calls failed'])
    const [first] = mail.messages
    expect(first?.text).toContain('100% of the calls failed: 23 of 23.')
    for (let i = 1; i <= 20; i += 1) expect(first?.text).toContain(`s-${i} (bot)`)
    expect(first?.text).toContain('and 3 more')
    expect(first?.text).toContain('Sessions: 23')
    await fail(world, 24, 30)
    await world.at(40 * secondMs)
    for (let i = 1; i <= 6; i += 1) await world.engine.accept(call(world, 'fine'))
    await world.at(60 * secondMs)
    const told = mail.messages.filter(({ subject }) => subject.includes('Outage'))
    expect(told.map(({ subject }) => subject)).toEqual([mail.subjects[0], expect.stringMatching(/^Resolved: Outage of openai gpt-5, server error, 30 of \d+ calls failed/)])
    expect(told[1]?.text).toContain('The first and the last failure are ')
    expect(mail.subjects.filter((subject) => /failed: /.test(subject))).toEqual([])
    expect((await outage(world)).state).toBe('resolved')
  })

  it('has failures and failed sessions as its parts: not told, with that reason, over with it', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 12)
    await world.at(6 * secondMs)
    const { id } = await outage(world)
    const parts = (await world.store.read.alerts({ limit: 100 })).filter((one) => one.id !== id)
    expect(parts).toHaveLength(13)
    expect(parts.every(({ parent }) => parent === id)).toBe(true)
    expect((await world.store.read.alertsUnder(id)).map((one) => one.id)).toEqual(parts.map((one) => one.id))
    for (const part of parts) expect(await world.decisions(part.id)).toContainEqual(expect.objectContaining({ reason: 'merged.cause', params: expect.objectContaining({ parent: `alt_${id}` }) as unknown }))
    const failing = parts.find(({ rule }) => rule === 'model-failed')
    expect(failing?.state).toBe('firing')
    await world.at(400 * secondMs)
    await world.tick()
    expect((await world.store.read.alert(failing?.id ?? 0))?.state).toBe('resolved')
    expect(mail.subjects.map((subject) => subject.includes('Outage'))).toEqual([true, true])
  })

  it('is one where several models of a provider fail, another where another provider or the key does', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    for (const model of ['a', 'b', 'c', 'd', 'e']) await world.engine.accept(call(world, `s-${model}`, 'timeout', model))
    for (let i = 0; i < 5; i += 1) await world.engine.accept([...call(world, `k-${i}`, 'auth'), ...call(world, `m-${i}`, 'server', 'sonnet', 'anthropic')])
    const outages = await alertsOf(world, 'model-outage')
    const said = Object.fromEntries(outages.map(({ key, params }) => [key, [params.model ?? params.models, params.errorClass]]))
    expect(said).toEqual({ 'anthropic|down': ['sonnet', 'server'], 'openai|auth': ['gpt-5', 'auth'], 'openai|down': ['a, b, c, d, e', 'timeout'] })
    expect(outages.map(({ severity }) => severity)).toEqual(['high', 'high', 'high'])
  })

  it('that becomes a major one is told again, and what was not sent yet is told as one', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 5)
    await world.at(6 * secondMs)
    await fail(world, 6, 10)
    await world.tick()
    expect(mail.messages.map(({ severity }) => severity)).toEqual(['high', 'critical'])
    expect((await outage(world)).severity).toBe('critical')
  })

  it('is none where calls of the same second succeeded, whatever was written of them', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    // Its clock goes on by itself: what is of the same second begins with a second.
    await world.at(secondMs - (world.clock.nowMs() % secondMs))
    for (let i = 1; i <= 40; i += 1) await world.engine.accept(call(world, `fine-${i}`))
    await fail(world, 1, 9)
    expect(await alertsOf(world, 'model-outage')).toEqual([])
    await fail(world, 10, 11)
    expect((await outage(world)).params).toMatchObject({ failedCalls: 11, calls: 51 })
  })

  it('is seen by two processes together, and told by one of them', async () => {
    const mail = new Receiver('mail')
    const one = engineWorld(english, [mail])
    const other = engineWorld(english, [mail], { file: one.file })
    for (let i = 1; i <= 6; i += 1) await (i % 2 === 0 ? one : other).engine.accept(call(one, `s-${i}`, 'server'))
    await Promise.all([one.at(6 * secondMs), other.at(6 * secondMs)])
    expect(mail.messages).toHaveLength(1)
    expect((await outage(one)).params).toMatchObject({ failedCalls: 6, sessions: 6 })
  })

  it('goes on where a process ended and another begins', async () => {
    const mail = new Receiver('mail')
    const before = engineWorld(english, [mail])
    await fail(before, 1, 3)
    await before.engine.close()
    const after = engineWorld(english, [mail], { file: before.file, aheadMs: secondMs })
    await fail(after, 4, 6)
    await after.at(8 * secondMs)
    expect(mail.messages).toHaveLength(1)
    expect((await outage(after)).params).toMatchObject({ failedCalls: 6, sessions: 6 })
    await after.engine.close()
    const last = engineWorld(english, [mail], { file: before.file, aheadMs: 400 * secondMs })
    await last.tick()
    await last.tick()
    expect(mail.subjects.map((subject) => subject.startsWith('Resolved'))).toEqual([false, true])
  })
})

describe('an outage whose rule was switched off while it lasted', () => {
  it('is over when what was kept of it is forgotten', async () => {
    const mail = new Receiver('mail')
    const before = engineWorld(english, [mail])
    await fail(before, 1, 12)
    for (let i = 1; i <= 6; i += 1) await before.engine.accept(call(before, `k-${i}`, 'auth', 'a|b', 'odd|name\\'))
    await before.at(20 * secondMs)
    await before.engine.close()
    const hourMs = 3_600_000
    const after = engineWorld({ ...english, rules: { 'model-outage': false }, retention: { content: '2h', bodies: '2h', decisions: '2h' } }, [mail], { file: before.file, aheadMs: 60 * secondMs })
    await after.tick()
    expect((await alertsOf(after, 'model-outage')).map(({ state }) => state)).toEqual(['firing', 'firing'])
    // What is old is forgotten in steps, between which it pauses.
    for (let step = 0; step < 30; step += 1) await after.at(3 * hourMs + step * 61 * secondMs)
    expect((await alertsOf(after, 'model-outage')).filter(({ state }) => state !== 'resolved')).toEqual([])
  })

  it('is over as ever where it is on again, by silence, whatever the provider is called', async () => {
    const mail = new Receiver('mail')
    const before = engineWorld(english, [mail])
    for (let i = 1; i <= 6; i += 1) await before.engine.accept([...call(before, `k-${i}`, 'auth', 'm', 'odd|name\\'), ...call(before, `s-${i}`, 'server', 'm', 'odd|name\\')])
    await before.at(20 * secondMs)
    await before.engine.close()
    const off = engineWorld({ ...english, rules: { 'model-outage': false } }, [mail], { file: before.file, aheadMs: 60 * secondMs })
    await off.tick()
    await off.engine.close()
    const on = engineWorld(english, [mail], { file: before.file, aheadMs: 500 * secondMs })
    await on.tick()
    await on.tick()
    expect((await alertsOf(on, 'model-outage')).map(({ state }) => state)).toEqual(['resolved', 'resolved'])
  })
})

describe('what fails', () => {
  it('alone is told by itself a few seconds later, and says that it waited', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 1)
    await world.at(4 * secondMs)
    expect(mail.subjects).toEqual([])
    await world.at(6 * secondMs)
    expect(mail.subjects).toHaveLength(2)
    expect((await world.decisions()).map(({ reason }) => reason)).toContain('held.cause')
  })

  it('is told at once by a process that is about to end', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 1)
    await world.engine.hurry()
    await world.tick()
    expect(mail.subjects).toHaveLength(2)
  })

  it('of the caller’s own doing does not wait, and is part of nothing', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 12, 'context-length')
    await world.tick()
    expect(mail.messages).toHaveLength(13)
    expect(await alertsOf(world, 'model-outage')).toEqual([])
  })

  it('of a tool does not wait, and is part of nothing', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await world.engine.accept([
      { source: 'native', type: 'tool.call', sessionId: 's', agent: 'bot', atMs: world.clock.nowMs(), id: 't', tool: { name: 'search' }, error: { class: 'server', message: 'down' } },
      { source: 'native', type: 'session.end', sessionId: 's', agent: 'bot', atMs: world.clock.nowMs(), id: 'end', endState: 'fail' },
    ])
    await world.tick()
    expect(mail.subjects.filter((subject) => subject.includes('Session failed'))).toHaveLength(1)
  })

  it('does not wait where outages are not looked for', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...english, rules: { 'model-outage': false } }, [mail])
    await fail(world, 1, 6)
    await world.tick()
    expect(mail.messages).toHaveLength(7)
  })

  it('and is more urgent than the outage is told by itself', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...english, rules: { 'session-failed': { severity: 'critical' } } }, [mail])
    await fail(world, 1, 6)
    await world.tick()
    expect(mail.subjects.filter((subject) => subject.includes('Session failed'))).toHaveLength(6)
    expect((await alertsOf(world, 'session-failed')).every(({ parent }) => parent === undefined)).toBe(true)
  })

  it('of an outage may be known after its end; what fails later is told by itself', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await fail(world, 1, 6)
    await world.engine.accept(call(world, 'slow', 'server').slice(0, 1))
    await world.at(330 * secondMs)
    await world.tick()
    expect((await outage(world)).state).toBe('resolved')
    const sent = mail.messages.length
    await world.engine.accept([{ source: 'native', type: 'session.end', sessionId: 'slow', id: 'slow-end', agent: 'bot', atMs: world.clock.nowMs(), endState: 'fail' }])
    await world.at(340 * secondMs)
    expect(mail.messages).toHaveLength(sent)
    expect((await alertsOf(world, 'session-failed')).find(({ key }) => key === 'slow')?.parent).toBe((await outage(world)).id)
    await fail(world, 90, 90)
    await world.at(350 * secondMs)
    const [failing] = await alertsOf(world, 'model-failed')
    expect([failing?.state, failing?.parent]).toEqual(['firing', undefined])
    const told = mail.subjects.slice(sent)
    for (const what of ['Model call failed', 'Session failed']) expect(told.filter((subject) => subject.includes(what))).toHaveLength(1)
  })
})

describe('whoever would be told of a victim', () => {
  const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'viewer', email: 'lee@example.com' }, bo: { role: 'billing', email: 'bo@example.com' } }

  it('is told of the outage instead, once, where no route of the outage reaches them', async () => {
    const mail = new Receiver('mail')
    const routes: ConfigInput['routes'] = [
      { name: 'models', match: "alert.kind == 'model'", to: ['dana'], via: ['mail'] },
      { name: 'sessions', match: "alert.kind == 'session' && alert.agent == 'bot'", to: ['lee', 'bo'], via: ['mail'] },
    ]
    const world = engineWorld({ detection: { wait: '5s' }, people, routes }, [mail])
    await fail(world, 1, 15)
    await world.at(6 * secondMs)
    expect(mail.messages.map(({ to }) => to).toSorted()).toEqual(['dana@example.com', 'lee@example.com'])
    expect(mail.subjects.filter((subject) => subject.includes('Outage of openai'))).toHaveLength(2)
    const toLee = mail.messages.find(({ to }) => to === 'lee@example.com')
    expect(toLee?.text).toContain('s-15 (bot)')
    await world.at(400 * secondMs)
    await world.tick()
    expect(mail.messages.map(({ to }) => to).toSorted()).toEqual(['dana@example.com', 'dana@example.com', 'lee@example.com', 'lee@example.com'])
  })

  it('and was told already, before it was seen that it is one of many, hears that it is over', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(english, [mail])
    await world.engine.accept(call(world, 's-1', 'server').slice(0, 1))
    await world.at(6 * secondMs)
    expect(mail.subjects).toHaveLength(1)
    for (let i = 2; i <= 8; i += 1) await world.engine.accept(call(world, `s-${i}`, 'server').slice(0, 1))
    await world.at(14 * secondMs)
    expect(mail.subjects.map((subject) => subject.includes('Outage'))).toEqual([false, true])
    await world.at(400 * secondMs)
    await world.tick()
    expect(mail.subjects.slice(2).map((subject) => subject.includes('Resolved'))).toEqual([true, true])
  })
})

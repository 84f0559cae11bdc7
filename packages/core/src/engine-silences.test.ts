import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { Decision } from './model/decision.ts'
import { endSilence } from './routing/silences/begin.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed, type EngineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'
import { failingForHours as base, failOnce as fail, silenceFor as silence } from './testing/silence-world.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const isoAt = (aheadMs: number): string => new Date(systemClock.nowMs() + aheadMs).toISOString()
const deploy = (untilMs: number, more: Partial<NonNullable<ConfigInput['silences']>[number]> = {}): ConfigInput =>
  ({ ...base, silences: [{ name: 'deploy', match: "alert.rule == 'failing'", until: isoAt(untilMs), author: 'lee', comment: 'new version', ...more }] })

const reasons = (decisions: readonly Decision[]): readonly string[] => decisions.map(({ reason }) => reason)

describe('a silence of the configuration', () => {
  test('holds what it matches, tells the rest, and at its end tells once what still fires', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(deploy(hourMs), [mail])
    await fail(world, 'one')
    await world.engine.accept([sessionFailed('s', world.clock.nowMs())])
    await world.tick()
    expect(mail.subjects).toHaveLength(1)
    expect(mail.subjects[0]).toContain('ession')
    expect((await world.decisions(1)).map(({ reason, person, params }) => [reason, person, params])).toEqual([['silenced.silence', '*', { author: 'lee', comment: 'new version', until: expect.any(Number) as number }]])
    await world.at(hourMs + minuteMs)
    await world.at(hourMs + 2 * minuteMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.messages[1]?.text).toContain('because of “deploy”')
    expect((await world.decisions(1)).find(({ reason }) => reason === 'sent.after_silence')).toMatchObject({ person: 'dana', channel: 'mail', params: { name: 'deploy' } })
  })

  test('does not tell later what was over as it opened, nor what ended or was acknowledged within it', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...deploy(2 * hourMs, { match: 'true' }), rules: { failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '10m', groupBy: ['agent'] }, 'model-failed': false } }, [mail])
    await world.engine.accept([sessionFailed('s', world.clock.nowMs()), callFailed('one', world.clock.nowMs()), { ...callFailed('other', world.clock.nowMs()), agent: 'other' }])
    await world.tick()
    await world.store.transaction((tx) => tx.updateAlerts([{ id: 3, addCount: 0, updatedAtMs: world.clock.nowMs(), state: 'acknowledged', taken: { by: 'dana', atMs: world.clock.nowMs() } }]))
    await world.at(hourMs)
    await world.engine.accept([{ ...callFailed('again', world.clock.nowMs()), agent: 'other' }])
    await world.at(3 * hourMs)
    expect(mail.messages).toEqual([])
  })

  test('says nothing of itself to a message that somebody addressed by hand', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(deploy(hourMs, { match: 'true' }), [mail])
    await world.engine.accept([said('code 1234', world.clock.nowMs(), { direct: { channel: 'mail', address: 'a@example.com' } })])
    await world.tick()
    expect(mail.subjects).toEqual(['code 1234'])
  })

  test('that begins later hushes what fires then, and the end is told when it is over', async () => {
    const [mail, pager] = [new Receiver('mail'), new Receiver('pager', { can: { deduplicates: true, resolves: true, interrupts: false } })]
    const world = engineWorld({ ...deploy(4 * hourMs, { from: isoAt(hourMs) }), routes: [{ to: ['dana'], via: ['mail', 'pager'] }] }, [mail, pager])
    await fail(world, 'one')
    await world.at(hourMs + 1_000)
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: 'silence:deploy' }])
    await world.at(3 * hourMs + minuteMs)
    expect(await world.store.read.alert(1)).toMatchObject({ state: 'resolved' })
    expect([mail.messages.length, pager.messages.map(({ news }) => news)]).toEqual([1, ['firing', 'resolved']])
    expect((await world.decisions(1)).filter(({ reason }) => reason === 'silenced.silence').map(({ person, channel }) => `${person} ${channel}`).toSorted()).toEqual(['* *', 'dana mail'])
    await world.at(4 * hourMs + minuteMs)
    await world.at(4 * hourMs + 2 * minuteMs)
    expect(mail.messages.map(({ news }) => news)).toEqual(['firing', 'resolved'])
    expect(pager.messages).toHaveLength(2)
  })

  test('is over at once where it is removed from the configuration, and lasts as long as it says anew', async () => {
    const mail = new Receiver('mail')
    const first = engineWorld(deploy(4 * hourMs), [mail])
    await fail(first, 'one')
    await first.close()
    const longer = engineWorld(deploy(6 * hourMs), [mail], { file: first.file, aheadMs: minuteMs })
    await longer.tick()
    await longer.at(5 * hourMs)
    expect(mail.messages).toEqual([])
    await longer.close()
    const without = engineWorld(base, [mail], { file: first.file, aheadMs: 5 * hourMs })
    await without.tick()
    await without.tick()
    expect(mail.messages).toEqual([])
  })

  test('is over at once where a process starts without it', async () => {
    const mail = new Receiver('mail')
    const first = engineWorld(deploy(4 * hourMs), [mail])
    await fail(first, 'one')
    await first.close()
    const without = engineWorld(base, [mail], { file: first.file, aheadMs: 1_000 })
    without.engine.start()
    await without.tick()
    await without.tick()
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('“deploy”')
  })
})

describe('a silence that is added while the product runs', () => {
  test('holds on every process, over a restart in its middle, and is told once by two processes at its end', async () => {
    const mail = new Receiver('mail')
    const one = engineWorld(base, [mail])
    await silence(one, 2 * hourMs, "alert.agent == 'bot'")
    await fail(one, 'one')
    await one.close()
    const [two, three] = [engineWorld(base, [mail], { file: one.file, aheadMs: hourMs }), engineWorld(base, [mail], { file: one.file, aheadMs: hourMs })]
    await fail(two, 'two')
    expect(mail.messages).toEqual([])
    three.clock.aheadMs = two.clock.aheadMs = 2 * hourMs + minuteMs
    await Promise.all([two.tick(), three.tick(), two.tick(), three.tick()])
    expect(mail.subjects).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('“new version”')
  })

  test('that is ended early has what it hushed told at once, unless another holds it', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(base, [mail])
    const first = await silence(world, 2 * hourMs)
    const second = await silence(world, hourMs)
    await fail(world, 'one')
    await world.store.transaction((tx) => endSilence(tx, 'default', first, world.clock.nowMs()))
    await world.at(minuteMs)
    expect(mail.messages).toEqual([])
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: `silence#${second}` }])
    expect(reasons(await world.decisions(1))).toEqual(['silenced.silence'])
    await world.store.transaction((tx) => endSilence(tx, 'default', second, world.clock.nowMs()))
    await world.at(2 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    expect(reasons(await world.decisions(1))).toEqual(expect.arrayContaining(['silenced.silence', 'sent.after_silence']))
  })
})

describe('what waits when a silence begins', () => {
  const failed = (agent: string, world: EngineWorld) => ({ ...callFailed(agent, world.clock.nowMs()), agent })

  test('is not sent: neither what is retried nor what is put off, and it is told at the end', async () => {
    const mail = new Receiver('mail')
    mail.answer = () => ({ kind: 'retry', afterMs: 10 * minuteMs, detail: 'busy' })
    const world = engineWorld(base, [mail])
    await fail(world, 'one')
    await silence(world, hourMs)
    await world.at(20 * minuteMs)
    expect(mail.messages).toHaveLength(1)
    expect(await world.deliveries()).toMatchObject([{ state: 'done', result: 'silenced' }])
    mail.answer = () => ({ kind: 'sent' })
    await world.at(hourMs + minuteMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.messages[1]?.text).toContain('“new version”')
  })

  test('is taken out of a collection, with what somebody has; the rest is sent', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...base, routes: [{ to: ['dana'], via: ['mail'], digest: '1h' }] }, [mail])
    await world.engine.accept([...['silent', 'taken', 'told', 'expected', 'both'].map((agent) => failed(agent, world)), sessionFailed('s', world.clock.nowMs())])
    const ids = new Map((await world.store.read.alerts()).map(({ agent = '', rule, id }) => [rule === 'failing' ? agent : rule, id]))
    const id = (of: string): number => ids.get(of) ?? 0
    await world.store.transaction((tx) => tx.updateAlerts([{ id: id('taken'), addCount: 0, updatedAtMs: world.clock.nowMs(), state: 'acknowledged' }]))
    await world.store.transaction((tx) => tx.expect({ project: 'default', rule: 'failing', key: 'expected', by: 'lee', sinceMs: world.clock.nowMs(), untilMs: world.clock.nowMs() + 9 * hourMs }))
    await silence(world, 2 * hourMs, "alert.agent in ['silent', 'both', 'bot']")
    await world.at(hourMs + 1_000)
    expect(mail.messages).toHaveLength(1)
    const text = mail.messages[0]?.text ?? ''
    expect(['silent', 'taken', 'told', 'expected', 'both'].map((agent) => text.includes(agent))).toEqual([false, false, true, false, false])
    // That the five are no outage any more stands in it, too.
    expect((await world.deliveries())[0]?.alerts).toEqual([id('model-outage'), id('told')])
    const of = async (alert: number): Promise<readonly string[]> => (await world.decisions(alert)).filter(({ reason }) => reason.startsWith('silenced')).map(({ reason, person }) => `${reason} ${person}`)
    expect([await of(id('taken')), await of(id('told')), await of(id('expected'))]).toEqual([['silenced.acknowledged dana'], [], ['silenced.expected dana']])
    expect(await of(id('session-failed'))).toEqual(['silenced.silence dana'])
    expect((await of(id('silent'))).toSorted()).toEqual(['silenced.silence *', 'silenced.silence dana'])
    await world.at(2 * hourMs + minuteMs)
    await world.at(3 * hourMs - minuteMs)
    expect(mail.messages).toHaveLength(1)
    await world.at(3 * hourMs + 2 * minuteMs)
    expect(mail.messages).toHaveLength(1)
  })

  test('ends where all of a collection is silenced, and nothing is sent empty', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ ...base, routes: [{ to: ['dana'], via: ['mail'], digest: '1h' }] }, [mail])
    await world.engine.accept(Array.from({ length: 700 }, (_, index) => sessionFailed(`s${index}`, world.clock.nowMs())))
    await silence(world, 2 * hourMs)
    await world.at(hourMs + 1_000)
    await world.at(3 * hourMs)
    expect(mail.messages).toEqual([])
    expect(await world.deliveries()).toMatchObject([{ result: 'silenced' }])
    expect(reasons(await world.decisions(677))).toContain('silenced.silence')
  })
})

describe('of two processes of which one has the silence in its configuration', () => {
  test('the other does not tell what is hushed, and its end is told once by either', async () => {
    const mail = new Receiver('mail')
    const knows = engineWorld(deploy(2 * hourMs), [mail])
    await fail(knows, 'one')
    const other = engineWorld({ ...base, rules: { ...base.rules, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'critical', quiet: '3h', groupBy: ['agent'] } } }, [mail], { file: knows.file })
    await other.tick()
    for (const aheadMs of [minuteMs, hourMs]) {
      knows.clock.aheadMs = other.clock.aheadMs = aheadMs
      await knows.tick()
      await fail(other, `worse ${aheadMs}`)
    }
    expect(mail.messages).toEqual([])
    other.clock.aheadMs = knows.clock.aheadMs = 2 * hourMs + minuteMs
    await Promise.all([other.tick(), knows.tick(), other.tick(), knows.tick()])
    expect(mail.messages).toHaveLength(1)
    expect(mail.messages[0]?.text).toContain('“deploy”')
  })

  test('one that is gone without a word is believed for a minute', async () => {
    const mail = new Receiver('mail')
    const knows = engineWorld(deploy(2 * hourMs), [mail])
    await fail(knows, 'one')
    const other = engineWorld(base, [mail], { file: knows.file })
    await other.tick()
    await other.at(30_000)
    expect(mail.messages).toEqual([])
    await other.at(2 * minuteMs)
    expect(mail.messages).toHaveLength(1)
  })
})

describe('what a person snoozed', () => {
  const rules = (severity: 'high' | 'critical'): ConfigInput => ({ ...base, rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet: '9h', groupBy: ['agent'] } } })
  const snooze = (world: EngineWorld, forMs: number): Promise<unknown> => world.engine.acting.act({ alerts: [1] }, { action: 'snooze', by: 'dana', via: 'command', forMs })

  test('is told once when the snooze is over, over a restart and by either of two processes', async () => {
    const mail = new Receiver('mail')
    const one = engineWorld(rules('high'), [mail])
    await fail(one, 'one')
    await snooze(one, hourMs)
    await one.close()
    const [two, three] = [engineWorld(rules('high'), [mail], { file: one.file, aheadMs: 30 * minuteMs }), engineWorld(rules('high'), [mail], { file: one.file, aheadMs: 30 * minuteMs })]
    await two.tick()
    expect(mail.messages).toHaveLength(1)
    two.clock.aheadMs = three.clock.aheadMs = hourMs + minuteMs
    await Promise.all([two.tick(), three.tick()])
    await two.at(3 * hourMs)
    expect(mail.messages).toHaveLength(2)
    expect(mail.messages[1]?.text).toContain('“snooze”')
  })

  test('is moved on to a silence that holds it when the snooze is over, and a silence that begins does not shorten it', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(rules('high'), [mail])
    await fail(world, 'one')
    await snooze(world, hourMs)
    await silence(world, 30 * minuteMs)
    const id = await silence(world, 3 * hourMs)
    await world.tick()
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: 'snooze' }])
    await world.at(hourMs + minuteMs)
    expect(await world.store.transaction((tx) => tx.hushes([1]))).toMatchObject([{ by: `silence#${id}` }])
    await world.at(3 * hourMs + minuteMs)
    expect(mail.messages).toHaveLength(2)
  })

  test('is told at once where it gets worse, and not again at the end of the snooze', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld(rules('high'), [mail])
    await fail(world, 'one')
    await snooze(world, hourMs)
    await fail(world, 'two')
    expect(mail.messages).toHaveLength(1)
    const worse = engineWorld(rules('critical'), [mail], { file: world.file })
    await fail(worse, 'three')
    expect(mail.messages.map(({ severity }) => severity)).toEqual(['high', 'critical'])
    await worse.at(2 * hourMs)
    expect(mail.messages).toHaveLength(2)
  })
})

import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { callFailed, closeWorlds, engineWorld, said, sessionFailed } from './testing/engine-world.ts'
import { Receiver, until } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A rule of its own for failed calls: the same alert for all of them. */
const failedCalls = (severity: 'warning' | 'high' | 'critical' | 'info', quiet = '10m'): ConfigInput['rules'] => ({ 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity, quiet } })

describe('newer news', () => {
  test('that was told while the older was in flight leaves the older untold where it comes back', async () => {
    const mail = new Receiver('mail')
    const calm = engineWorld({ rules: failedCalls('warning') }, [mail])
    const grave = engineWorld({ rules: failedCalls('high') }, [mail], { file: calm.file })
    mail.answer = (message) => (message.severity === 'warning' ? held : { kind: 'sent' })
    let answer: (outcome: unknown) => void = () => undefined
    const held = new Promise((resolve) => (answer = resolve))
    await calm.engine.accept([callFailed('one', calm.clock.nowMs())])
    await calm.tick()
    await grave.engine.accept([callFailed('two', grave.clock.nowMs())])
    await grave.tick()
    answer({ kind: 'retry', detail: 'busy' })
    await calm.tick()
    await calm.at(1_000)
    expect(mail.messages.map(({ severity }) => severity)).toEqual(['warning', 'high'])
    expect((await calm.deliveries()).map(({ result }) => result)).toEqual(['superseded', 'sent'])
  })

  test('about one alert of a collection takes nothing from the others', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules: failedCalls('info') }, [mail])
    const grave = engineWorld({ rules: failedCalls('critical') }, [mail], { file: world.file })
    mail.hold()
    await world.engine.accept([callFailed('one', world.clock.nowMs()), { ...sessionStarted('s1'), atMs: world.clock.nowMs() }, { ...sessionStarted('s2'), atMs: world.clock.nowMs() }])
    await world.at(1_000)
    expect(mail.messages).toHaveLength(1)
    await grave.engine.accept([callFailed('two', grave.clock.nowMs())])
    mail.release({ kind: 'retry', detail: 'busy' })
    await world.at(2_000)
    await world.at(3_000)
    expect(mail.messages.at(-1)?.text).toContain('s2')
    expect((await world.deliveries()).map(({ result }) => result)).toEqual(['sent', 'sent'])
  })
})

describe('two projects in one file', () => {
  const post = (limit?: number): Receiver => new Receiver('mail', limit === undefined ? {} : { limits: { bodyCharsMax: 4_000, concurrency: 5, rate: { count: limit, perMs: dayMs }, ratePerAddress: { count: limit, perMs: dayMs } } })

  test('deliver nothing of each other', async () => {
    const [a, b] = [post(), post()]
    const first = engineWorld({ project: 'first' }, [a])
    const second = engineWorld({ project: 'second' }, [b], { file: first.file })
    await first.engine.accept([sessionFailed('s', first.clock.nowMs())])
    await second.tick()
    expect([a.messages.length, b.messages.length]).toEqual([0, 0])
    expect((await first.deliveries()).map(({ state }) => state)).toEqual(['waiting'])
    await first.tick()
    expect([a.messages.length, b.messages.length]).toEqual([1, 0])
  })

  test('do not stop at each other\'s pauses and rates, nor at addresses that were refused', async () => {
    for (const trouble of ['bad-config', 'bad-address', 'rate'] as const) {
      const [a, b] = [post(1), post(1)]
      const first = engineWorld({ project: 'first' }, [a])
      const second = engineWorld({ project: 'second' }, [b], { file: first.file })
      a.answer = () => (trouble === 'rate' ? { kind: 'sent' } : { kind: trouble, detail: 'no' })
      await first.engine.accept([said('one', first.clock.nowMs())])
      await first.tick()
      await second.engine.accept([said('two', second.clock.nowMs())])
      await second.tick()
      expect([trouble, a.messages.length, b.messages.length]).toEqual([trouble, 1, 1])
    }
  })

  test('leave each other\'s timers alone', async () => {
    const first = engineWorld({ project: 'first', rules: failedCalls('high', '1m') }, [post()])
    const b = post()
    const second = engineWorld({ project: 'second' }, [b], { file: first.file })
    await first.engine.accept([callFailed('one', first.clock.nowMs())])
    await first.tick()
    await second.at(hourMs)
    expect((await first.store.read.alerts())[0]?.state).toBe('firing')
    await first.at(hourMs)
    expect((await first.store.read.alerts())[0]?.state).toBe('resolved')
    expect(b.messages).toEqual([])
  })
})

describe('a person whom this process does not know', () => {
  const people: ConfigInput['people'] = { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'admin', email: 'lee@example.com' } }

  test('is left to another process for ten minutes', async () => {
    const mail = new Receiver('mail')
    const newer = engineWorld({ people, routes: [{ to: ['lee'], via: ['mail'] }] }, [mail])
    const older = engineWorld({}, [mail], { file: newer.file })
    await newer.engine.accept([sessionFailed('s', newer.clock.nowMs())])
    await older.tick()
    await older.at(9 * minuteMs)
    expect((await older.deliveries()).map(({ state }) => state)).toEqual(['waiting'])
    await newer.at(10 * minuteMs)
    expect(mail.messages.map(({ to }) => to)).toEqual(['lee@example.com'])
  })

  test('is refused after that, with the reason', async () => {
    const mail = new Receiver('mail')
    const newer = engineWorld({ people, routes: [{ to: ['lee'], via: ['mail'] }] }, [mail])
    const older = engineWorld({}, [mail], { file: newer.file })
    await newer.engine.accept([sessionFailed('s', newer.clock.nowMs())])
    await older.tick()
    await older.at(11 * minuteMs)
    expect((await older.decisions()).map(({ reason }) => reason)).toContain('refused.unknown_person')
    expect((await older.deliveries()).map(({ state }) => state)).toEqual(['done'])
    expect(mail.messages).toEqual([])
  })
})

describe('the end of a process', () => {
  test('waits for what is under way and puts it on record', async () => {
    const mail = new Receiver('mail', { shape: 'mail' })
    const world = engineWorld({}, [mail])
    mail.hold()
    world.engine.start()
    await world.engine.accept([said('one', world.clock.nowMs())])
    await until(() => mail.messages.length === 1)
    const closed = world.close()
    await new Promise((resolve) => setTimeout(resolve, 50))
    mail.release()
    await closed
    const next = engineWorld({}, [mail], { file: world.file })
    await next.at(2 * hourMs)
    expect(mail.messages).toHaveLength(1)
    expect((await next.deliveries()).map(({ result, attempts }) => [result, attempts.length])).toEqual([['sent', 1]])
  })

  test('drains past what has become too old', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ delivery: { batchMs: 60_000 } }, [mail])
    await world.engine.accept(Array.from({ length: 12 }, (_, index) => said(`old ${index}`, world.clock.nowMs())))
    world.clock.aheadMs = 25 * hourMs
    await world.engine.accept([said('fresh', world.clock.nowMs())])
    expect(await world.engine.drain('all', 3_000), 'but the collection that tells them late').toEqual({ waiting: 1 })
    expect(mail.subjects).toEqual(['[High] fresh'])
  })

  test('sends what is critical alone where only that is asked for', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({}, [mail])
    await world.engine.accept([said('one', world.clock.nowMs()), said('two', world.clock.nowMs(), { severity: 'critical' })])
    expect(await world.engine.drain('critical', 3_000)).toEqual({ waiting: 1 })
    expect(mail.subjects).toEqual(['[Critical] two'])
  })
})

test('a critical message goes at once though a full lane of others hangs', async () => {
  const mail = new Receiver('mail')
  const world = engineWorld({}, [mail])
  mail.hold()
  world.engine.start()
  await world.engine.accept(Array.from({ length: 9 }, (_, index) => said(`slow ${index}`, world.clock.nowMs(), { severity: 'warning' })))
  await until(() => mail.messages.length === 5)
  await world.engine.accept([said('now', world.clock.nowMs(), { severity: 'critical' })])
  await until(() => mail.subjects.includes('[Critical] now'), 1_000)
  expect(mail.messages).toHaveLength(6)
})

describe('what a channel answers', () => {
  test('is in doubt where it is no outcome, and the rest is settled all the same', async () => {
    for (const answer of [{ kind: 'ok' }, undefined, 'sent', { kind: 'retry', code: { a: 1 }, detail: { b: 2 } }, { kind: 'retry', afterMs: Number.NaN, detail: 'later' }, { kind: 'retry', afterMs: -5, detail: 7n }]) {
      const [mail, other] = [new Receiver('mail'), new Receiver('other')]
      const world = engineWorld({ delivery: { retryMs: 1_000, retryMaxMs: 2_000 } }, [mail, other])
      mail.answer = () => answer
      await world.engine.accept([said('one', world.clock.nowMs())])
      await world.tick()
      await world.engine.accept([said('two', world.clock.nowMs())])
      await world.tick()
      expect(other.subjects).toEqual(['[High] one', '[High] two'])
      expect(mail.messages).toHaveLength(2)
      const mails = (await world.deliveries()).filter(({ channel }) => channel === 'mail')
      for (const { attempts } of mails) expect(attempts).toHaveLength(1)
      const isRetry = typeof answer === 'object' && answer.kind === 'retry'
      expect(mails.map(({ result }) => result)).toEqual(isRetry ? [undefined, undefined] : ['in-doubt', 'in-doubt'])
    }
  })

  test('leaves no secret in the file', async () => {
    const secret = (name: string): string => `sk-proj-${name}x81kfPq02LmVbT7yHsW3nRc64dGjQeUa9XoIt5B`
    const mail = new Receiver('mail')
    const world = engineWorld({}, [mail])
    mail.answer = (_message, count) =>
      count === 1 ? { kind: 'retry', code: secret('Code'), detail: `refused ${secret('Detail')}` } : count === 2 ? { kind: 'sent', providerId: secret('Provider'), detail: secret('Sent') } : Promise.reject(new Error(secret('Thrown')))
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick()
    await world.at(1_000)
    await world.engine.accept([said('two', world.clock.nowMs())])
    await world.at(2_000)
    expect(mail.messages.length).toBeGreaterThanOrEqual(3)
    const bytes = readFileSync(world.file, 'latin1') + readFileSync(`${world.file}-wal`, 'latin1')
    for (const name of ['Code', 'Detail', 'Provider', 'Sent', 'Thrown']) expect(bytes).not.toContain(secret(name))
  })
})

describe('a rate', () => {
  test('that a clock a year ahead wrote blocks nobody when the clock is right again', async () => {
    const mail = new Receiver('mail', { limits: { bodyCharsMax: 4_000, concurrency: 5, rate: { count: 10, perMs: 1_000 } } })
    const ahead = engineWorld({}, [mail], { aheadMs: 365 * dayMs })
    await ahead.engine.accept([said('early', ahead.clock.nowMs())])
    await ahead.tick()
    await ahead.close()
    const world = engineWorld({}, [mail], { file: ahead.file })
    await world.engine.accept([said('now', world.clock.nowMs(), { severity: 'critical' })])
    await world.tick()
    await world.at(2 * minuteMs)
    expect(mail.subjects).toEqual(['[High] early', '[Critical] now'])
  })

  test('that keeps critical messages waiting is told by another channel, once in five minutes', async () => {
    const mail = new Receiver('mail', { limits: { bodyCharsMax: 4_000, concurrency: 5, rate: { count: 1, perMs: hourMs } } })
    const other = new Receiver('other')
    const world = engineWorld({ routes: [{ match: "alert.kind == 'system'", to: ['dana'], via: ['other'] }, { to: ['dana'], via: ['mail'] }] }, [mail, other])
    const start = world.clock.nowMs()
    // From the beginning of a span of five minutes, so that it does not end within the test.
    const intoMs = 5 * minuteMs - (start % (5 * minuteMs))
    world.clock.aheadMs = intoMs
    await world.engine.accept(Array.from({ length: 4 }, (_, index) => said(`c${index}`, world.clock.nowMs(), { severity: 'critical' })))
    for (const laterMs of [0, 1_000, 2 * minuteMs, 4 * minuteMs]) await world.at(intoMs + laterMs)
    expect(mail.messages).toHaveLength(1)
    expect(other.subjects).toHaveLength(1)
    expect(other.messages[0]?.text).toContain('mail')
    expect((await world.decisions()).find(({ reason }) => reason === 'held.rate')?.params).toMatchObject({ channel: 'mail', until: expect.any(Number) as unknown })
  })
})

describe('a paused channel', () => {
  test('clears at once when a delivery that was under way proves that it works', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ delivery: { pauseMs: hourMs } }, [mail])
    mail.hold()
    await world.engine.accept([said('one', world.clock.nowMs())])
    await world.tick()
    mail.answer = (_message, count) => (count === 2 ? { kind: 'bad-config', detail: 'greylisted' } : { kind: 'sent' })
    await world.engine.accept([said('two', world.clock.nowMs())])
    await world.tick()
    mail.release()
    await world.tick()
    await world.engine.accept([said('three', world.clock.nowMs(), { severity: 'critical' })])
    await world.tick()
    expect(mail.subjects).toEqual(['[High] one', '[High] two', '[Critical] three'])
  })

  test('lets one delivery through when its pause is over', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ delivery: { pauseMs: minuteMs } }, [mail])
    mail.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
    await world.engine.accept(Array.from({ length: 20 }, (_, index) => said(`${index}`, world.clock.nowMs())))
    await world.tick()
    const before = mail.messages.length
    expect(before).toBeLessThanOrEqual(6)
    mail.hold()
    await world.at(minuteMs + 1_000)
    expect(mail.messages.length - before).toBe(1)
    mail.release()
    await world.tick(500)
    expect(mail.messages.length - before).toBe(20)
  })

  test('is told by another channel though the news that met it was itself about the product', async () => {
    const [mail, other] = [new Receiver('mail'), new Receiver('other')]
    const world = engineWorld({ routes: [{ match: "alert.rule == 'tocsin.channel-paused'", to: ['dana'], via: ['other'], stop: true }, { to: ['dana'], via: ['mail'] }] }, [mail, other])
    mail.answer = () => ({ kind: 'bad-config', detail: 'wrong password' })
    world.engine.report({ type: 'tocsin.store-replaced', source: 'engine', detail: { file: 'tocsin.db' } })
    await world.tick()
    expect(mail.messages).toHaveLength(1)
    expect(other.messages.map(({ text }) => text)).toEqual([expect.stringContaining('wrong password')])
  })
})

describe('the end of an alert', () => {
  test('is told to whoever was told of it only after it had ended', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ rules: failedCalls('high', '1m') }, [mail])
    mail.hold()
    await world.engine.accept([callFailed('one', world.clock.nowMs())])
    await world.tick()
    await world.at(2 * minuteMs)
    expect((await world.store.read.alerts())[0]?.state).toBe('resolved')
    mail.release()
    await world.tick()
    expect(mail.subjects).toEqual([expect.stringContaining('[High]'), expect.stringMatching(/^Resolved/)])
  })

  test('is not told while it fires again', async () => {
    const mail = new Receiver('mail')
    const noon = Date.UTC(2030, 0, 1, 12)
    const world = engineWorld({ rules: failedCalls('info'), people: { dana: { role: 'admin', email: 'dana@example.com', quietHours: '22:00-07:00' } } }, [mail])
    const nowMs = world.clock.nowMs()
    const clockAt = (minutes: number): Promise<void> => world.at(noon - nowMs + minutes * minuteMs)
    await clockAt(9 * 60 + 50)
    await world.engine.accept([callFailed('one', world.clock.nowMs())])
    await clockAt(9 * 60 + 51)
    expect(mail.messages).toHaveLength(1)
    await clockAt(10 * 60 + 1)
    for (let minutes = 10 * 60 + 5; minutes < 19 * 60 + 20; minutes += 9) {
      await clockAt(minutes)
      await world.engine.accept([callFailed(`more ${minutes}`, world.clock.nowMs())])
    }
    await clockAt(19 * 60 + 21)
    expect((await world.store.read.alerts())[0]?.state).toBe('firing')
    expect(mail.subjects.filter((subject) => subject.startsWith('Resolved'))).toEqual([])
    expect(mail.messages.slice(1).map(({ text }) => text).join()).not.toContain('over')
  })
})

test('what waits for a channel that was renamed ends as too old, and a critical one goes to the next channel', async () => {
  const [mail, other] = [new Receiver('mail'), new Receiver('other')]
  const routes: ConfigInput['routes'] = [{ match: "alert.severity == 'critical'", to: ['dana'], via: { first: ['mail', 'other'], after: '7d' } }, { to: ['dana'], via: ['mail'] }]
  const before = engineWorld({ routes }, [mail, other])
  await before.engine.accept([said('calm', before.clock.nowMs()), said('grave', before.clock.nowMs(), { severity: 'critical' })])
  await before.close()
  const after = engineWorld({ channels: { renamed: { type: 'mail' }, other: { type: 'other' } } }, [mail, other], { file: before.file })
  after.clock.aheadMs = 25 * hourMs
  await after.tick(1_500)
  expect((await after.deliveries()).map(({ channel, result }) => [channel, result]).slice(0, 3)).toEqual([['mail', 'too-old'], ['mail', 'too-old'], ['other', 'sent']])
  expect(other.subjects).toEqual(['[Critical] grave'])
  expect((await after.decisions()).map(({ reason }) => reason)).toEqual(expect.arrayContaining(['refused.too_old', 'sent.fallback']))
})

test('callers that share a commit each get their own counts', async () => {
  const world = engineWorld({}, [new Receiver('mail')])
  const atMs = world.clock.nowMs()
  const nonsense = { type: 'nonsense', source: 'native' }
  const [one, two, three] = await Promise.all([
    world.engine.accept([said('1', atMs)]),
    // @ts-expect-error a program without types may hand over anything
    world.engine.accept([said('1', atMs), nonsense, said('2', atMs)]),
    world.engine.accept([said('3', atMs), said('4', atMs)]),
  ])
  expect(one).toMatchObject({ accepted: 1, duplicates: 0, refused: [] })
  expect(two).toMatchObject({ accepted: 1, duplicates: 1, refused: [{ index: 1 }], fates: ['duplicate', { refused: expect.any(String) as unknown }, 'accepted'] })
  expect(three).toMatchObject({ accepted: 2, duplicates: 0, refused: [] })
})

function sessionStarted(sessionId: string) {
  return { source: 'client', type: 'session.start', sessionId, id: `${sessionId}-start`, agent: `bot-${sessionId}` } as const
}

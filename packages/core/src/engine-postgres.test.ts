import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sleep, systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import type { Store } from './model/store.ts'
import { callFailed, closeWorlds, engineWorld, said, type EngineWorld } from './testing/engine-world.ts'
import { postgresWorld, testDatabaseUrl, type PostgresWorld } from './testing/postgres-store.ts'
import { Receiver, until } from './testing/receiver.ts'

const minuteMs = 60_000
const toMail = { match: "alert.kind != 'system'", to: ['dana'], via: ['mail'] }
const mailOnly: ConfigInput['routes'] = [toMail]
const roomy = { limits: { bodyCharsMax: 100_000, concurrency: 12 } }

let database: PostgresWorld
beforeAll(async () => {
  database = await postgresWorld()
}, 60_000)
afterAll(() => database.dispose())

let store: Store
beforeEach(async () => {
  store = await database.openStore({ clock: systemClock })
  await database.empty()
})
/** Pools of engines besides that of the tests. */
const pools: pg.Pool[] = []
afterEach(async () => {
  await closeWorlds()
  for (const pool of pools.splice(0)) await pool.end()
})

const tell = (world: EngineWorld, names: readonly string[]) => world.engine.accept(names.map((name) => said(name, world.clock.nowMs())))
const named = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `news${String(index).padStart(3, '0')}.`)

describe('an engine on PostgreSQL', () => {
  test('tells what an event means, once however often it is sent', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: mailOnly }, [mail], { store })
    const event = callFailed('one', world.clock.nowMs())
    await world.engine.accept([event, event])
    await world.engine.accept([event])
    await world.tick()
    expect(mail.messages).toHaveLength(1)
    expect(await world.deliveries()).toMatchObject([{ state: 'done', result: 'sent', attempts: [{ number: 1, outcome: 'sent' }] }])
    expect((await world.decisions()).map(({ reason }) => reason)).toEqual(['sent.now'])
    expect(await store.read.alerts()).toMatchObject([{ rule: 'model-failed', state: 'firing', count: 1 }])
  })

  test('asks once how the alerts stand that it told, however many', async () => {
    const mail = new Receiver('mail', roomy)
    const asked: string[] = []
    const asking: Store = {
      ...store,
      transaction: (work, scope) =>
        store.transaction((tx) => work({
          ...tx,
          alert(id) {
            asked.push('one')
            return tx.alert(id)
          },
          alerts(ids) {
            asked.push(`${ids.length} together`)
            return tx.alerts(ids)
          },
        }), scope),
    }
    const world = engineWorld({ routes: mailOnly }, [mail], { store: asking })
    await world.engine.accept(Array.from({ length: 5 }, (_, index) => ({ ...callFailed(`call ${index}`, world.clock.nowMs()), llm: { provider: `provider ${index}`, model: `model ${index}`, operation: 'chat' } })))
    asked.length = 0
    await world.tick()
    expect(mail.messages).toHaveLength(5)
    expect(asked).not.toContain('one')
    expect(asked.reduce((sum, one) => sum + Number.parseInt(one, 10), 0)).toBe(5)
  })

  test('collects a digest and sends it when it is due', async () => {
    const mail = new Receiver('mail')
    const world = engineWorld({ routes: [{ ...toMail, digest: '15m' }] }, [mail], { store })
    await tell(world, ['first', 'second'])
    await world.at(10 * minuteMs)
    await tell(world, ['third'])
    expect(mail.messages).toHaveLength(0)
    await world.at(15 * minuteMs + 1_000)
    expect(mail.subjects).toEqual([expect.stringMatching(/^\[High\] 3 updates, first: /)])
    for (const name of ['first', 'second', 'third']) expect(mail.messages[0]?.text).toContain(name)
  })

  test('tries again what did not arrive, with every attempt on record', async () => {
    const mail = new Receiver('mail')
    mail.answer = (_message, count) => (count < 3 ? { kind: 'retry', code: '503', detail: 'not now' } : { kind: 'sent' })
    const world = engineWorld({ routes: mailOnly }, [mail], { store })
    await tell(world, ['one'])
    await until(async () => {
      await world.tick()
      return mail.messages.length === 3
    })
    expect(new Set(mail.messages.map(({ id }) => id)).size).toBe(1)
    expect(await world.deliveries()).toMatchObject([{ result: 'sent', attempts: [{ number: 1, outcome: 'retry', code: '503' }, { number: 2, outcome: 'retry' }, { number: 3, outcome: 'sent' }] }])
  })

  test('tells a storm as eight messages and one summary with everything in it', async () => {
    const mail = new Receiver('mail', roomy)
    const world = engineWorld({ routes: mailOnly, storm: {} }, [mail], { store })
    const names = named(60)
    await tell(world, names)
    await world.tick(3_000)
    expect(mail.messages).toHaveLength(8)
    await world.at(minuteMs + 1_000)
    expect(mail.messages).toHaveLength(9)
    expect(mail.messages[8]?.subject).toMatch(/52 updates/)
    const told = mail.messages.flatMap(({ subject, text }) => names.filter((name) => `${subject} ${text}`.includes(name)))
    expect(told.toSorted()).toEqual(names)
  })
})

describe('two engines on one PostgreSQL', () => {
  /** A process of its own as the database sees it: with connections that bear its name. */
  const node = async (name: string): Promise<Store> => {
    const pool = new pg.Pool({ connectionString: await testDatabaseUrl(), max: 6, application_name: name })
    pools.push(pool)
    return database.openStore({ pool, clock: systemClock })
  }
  const config: ConfigInput = { routes: mailOnly, delivery: { leaseMs: 3_000 } }
  /** Each message takes its time, so that one engine cannot do everything before the other has begun. */
  const slowly = (mail: Receiver): void => {
    mail.answer = () => sleep(systemClock, 10).then(() => ({ kind: 'sent' }))
  }
  const sentBy = (...mails: readonly Receiver[]): readonly string[] => mails.flatMap(({ messages }) => messages.map(({ id }) => id))
  const allDone = (count: number) => until(async () => (await store.read.deliveries({ limit: 1_000 })).filter(({ state }) => state === 'done').length === count, 15_000)

  test('share what is to be sent, and send nothing twice', async () => {
    const mails = [new Receiver('mail', roomy), new Receiver('mail', roomy)]
    mails.forEach(slowly)
    const worlds = [engineWorld(config, [mails[0]!], { store }), engineWorld(config, [mails[1]!], { store: await node('tocsin second') })]
    await tell(worlds[0]!, named(200))
    for (const { engine } of worlds) engine.start()
    await allDone(200)
    const ids = sentBy(...mails)
    expect([ids.length, new Set(ids).size]).toEqual([200, 200])
    for (const { messages } of mails) expect(messages.length).toBeGreaterThan(20)
    expect((await store.read.deliveries({ limit: 1_000 })).every(({ result, attempts }) => result === 'sent' && attempts.length === 1)).toBe(true)
  })

  test('limit together what one person is told of two projects, and never wait for each other in a circle', async () => {
    const failures: unknown[] = []
    const worlds: EngineWorld[] = []
    const mails: Receiver[] = []
    for (const names of [['first', 'second', 'third'], ['third', 'second', 'first']]) {
      const own = worlds.length === 0 ? store : await node('tocsin other project')
      const watched: Store = { ...own, transaction: (work, scope) => own.transaction(work, scope).catch((failure: unknown) => {
        failures.push(failure)
        throw failure
      }) }
      const receivers = names.map((name) => new Receiver(name, { limits: { bodyCharsMax: 100_000, concurrency: 2 } }))
      mails.push(...receivers)
      worlds.push(engineWorld({ project: `project-${worlds.length}`, routes: [{ ...toMail, via: names }], limits: { perHour: 1_000, perDay: 10_000 } }, receivers, { store: watched }))
    }
    for (const world of worlds) await tell(world, named(60))
    for (const { engine } of worlds) engine.start()
    await until(() => mails.every(({ messages }) => messages.length === 60), 15_000)
    expect(failures).toEqual([])
  })

  test('hear of each other at once, and not only when they look for themselves', async () => {
    const mails = [new Receiver('mail'), new Receiver('mail')]
    const worlds = [engineWorld(config, [mails[0]!], { store }), engineWorld(config, [mails[1]!], { store: await node('tocsin hears') })]
    // It never looks by itself: the poll of half a second does not come.
    Object.assign(worlds[1]!.clock, { after: (delayMs: number, task: () => void) => (delayMs >= 500 ? () => undefined : systemClock.after(delayMs, task)) })
    worlds[1]!.engine.start()
    await until(async () => (await database.pool.query("select 1 from pg_stat_activity where application_name = 'tocsin hears' and query like 'listen%'")).rowCount === 1)
    await tell(worlds[0]!, ['one'])
    await until(() => mails[1]!.messages.length === 1)
    expect(mails[0]!.messages).toEqual([])
  })

  test('lose nothing where one of them loses all its connections in the midst', async () => {
    // What it claimed as the connection went may be claimed again when its lease is over: the receiver knows it by its id.
    const dedupes = { ...roomy, can: { deduplicates: true, resolves: true } }
    const mails = [new Receiver('mail', dedupes), new Receiver('mail', dedupes)]
    mails.forEach(slowly)
    const worlds = [engineWorld(config, [mails[0]!], { store }), engineWorld(config, [mails[1]!], { store: await node('tocsin cut off') })]
    await tell(worlds[0]!, named(200))
    for (const { engine } of worlds) engine.start()
    let cut = 0
    for (const atLeast of [30, 60, 90]) {
      await until(() => sentBy(...mails).length >= atLeast)
      const { rowCount } = await database.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tocsin cut off'")
      cut += rowCount ?? 0
    }
    expect(cut).toBeGreaterThan(0)
    await allDone(200)
    expect(new Set(sentBy(...mails)).size).toBe(200)
    expect((await store.read.deliveries({ limit: 1_000 })).map(({ result }) => result)).toEqual(Array.from({ length: 200 }, () => 'sent'))
    const before = mails[1]!.messages.length
    // It works on as if nothing had been.
    await worlds[1]!.engine.accept([said('afterwards', worlds[1]!.clock.nowMs())])
    await allDone(201)
    expect(sentBy(...mails).length).toBeGreaterThan(before)
  })
})

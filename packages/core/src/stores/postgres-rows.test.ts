import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Store, Transaction } from '../model/store.ts'
import { callPeriod, loosePeriod } from './rows/call-period.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { postgresWorld, type PostgresWorld } from '../testing/postgres-store.ts'
import { lee, only, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification, sampleSession } from '../testing/store-suite/samples.ts'

describe('a row in PostgreSQL that is damaged or gone', () => {
  let database: PostgresWorld
  let store: Store
  let notices: string[] = []
  const open = () => database.openStore({ clock: manualClock(sampleMs), notice: (text) => notices.push(text) })
  beforeAll(async () => {
    database = await postgresWorld()
  }, 60_000)
  afterAll(() => database.dispose())
  beforeEach(async () => {
    notices = []
    store = await open()
    await database.empty()
  })
  afterEach(() => store.close())

  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(work, { project: 'bots' })
  /** By somebody else, so that nothing of it is remembered. */
  const damage = async (...statements: readonly string[]): Promise<void> => {
    await store.close()
    for (const sql of statements) await database.pool.query(sql.replaceAll('@', `"${database.schema}".`))
    store = await open()
  }
  const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql.replaceAll('@', `"${database.schema}".`))).rows
  /** Two deliveries: one to dana about the first alert, one to lee about the second. */
  const enqueueTwo = () =>
    write(async (tx) => {
      const [first = 0, second = 0] = await tx.insertAlerts([sampleAlert({ key: 'first' }), sampleAlert({ key: 'second' })])
      const made = await tx.enqueue([sampleNotification(first), sampleNotification(second, { recipient: lee })])
      return { first, second, toDana: made[0]?.delivery ?? 0, toLee: made[1]?.delivery ?? 0 }
    })
  const due = () => write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs + 5, limit: 10 }))

  test('a call that nobody had looked for in the file that moved here is found when another source reports it', async () => {
    const call = (eventId: string, source: string) => ({ project: 'bots', eventId, source, print: 'abcdef012345', startMs: sampleMs - 50, endMs: sampleMs })
    await write((tx) => tx.findSameCalls([call('first', 'otel')]))
    await damage(`update @calls set period = ${loosePeriod(sampleMs)}`)
    expect(await write((tx) => tx.findSameCalls([call('again', 'observe')]))).toEqual([{ eventId: 'first' }])
    expect(await rows('select event_id, period::float8 as period from @calls order by event_id')).toEqual(['again', 'first'].map((id) => ({ event_id: id, period: callPeriod(sampleMs) })))
  })

  test('a delivery without its destination is ended with an attempt that says so, and the others go on', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`delete from @destinations where person = 'dana'`)
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(`delivery ${toDana}`)
    expect(await rows(`select result, done_at::float8 as at from @deliveries where id = ${toDana}`)).toEqual([{ result: 'failed', at: sampleMs + 5 }])
    expect(await rows(`select n, outcome, code from @attempts where delivery = ${toDana}`)).toEqual([{ n: 1, outcome: 'bad-content', code: 'unreadable' }])
    expect(await write((tx) => tx.delivery(toDana))).toBeUndefined()
    expect(await write((tx) => tx.toldAbout(first))).toEqual([])
    expect(await write((tx) => tx.onTheWay(first, 'dana', 0))).toEqual([])
    expect(await write((tx) => tx.tellings(first, 0))).toEqual([])
    expect(await write((tx) => tx.withdraw(first, 'superseded', sampleMs))).toEqual([])
    expect((await store.read.deliveries()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.deliveriesOf(first)).toEqual([])
    expect(notices).toHaveLength(1)
    expect(await write((tx) => tx.remains(toDana))).toEqual({ channel: 'mail', news: 'firing', createdAtMs: sampleMs, alerts: [first] })
    expect(await write((tx) => tx.dueTimers('bots', sampleMs + 5, 10))).toEqual([{ project: 'bots', kind: 'unreadable', key: String(toDana), dueMs: sampleMs + 5 }])
  })

  test('an alert whose facts are damaged is told with what is left', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`update @alerts set facts = '{' where id = ${first}`)
    expect((await due()).map(({ id, notification }) => [id, notification.alerts[0]?.message, notification.alerts[0]?.params])).toEqual([
      [toDana, 'model.failed', {}], [toLee, 'model.failed', sampleAlert().params],
    ])
    expect(await store.read.alerts()).toHaveLength(2)
    expect(notices).toHaveLength(1)
  })

  test('a collection with an alert whose facts are damaged is told, counted and copied', async () => {
    const alerts = await write((tx) => tx.insertAlerts([1, 2, 3].map((key) => sampleAlert({ key: `key ${key}`, pattern: 'same', agent: `agent ${key}` }))))
    const [made] = await write((tx) => tx.enqueueInBatch(alerts.map((id) => sampleItem(id, { priority: 1, dueMs: sampleMs }))))
    await damage(`update @alerts set facts = '{"aboutChannel"' where id = ${alerts[1]}`)
    const { similar, moreAlerts } = only(await due()).notification
    expect([moreAlerts, similar?.get(alerts[0] ?? 0)]).toMatchObject([2, { alerts: 3, agents: 2, agentNames: ['agent 1', 'agent 3'] }])
    expect(await write((tx) => tx.stillNews(made?.delivery ?? 0, 'sms'))).toEqual(alerts)
    const copy = await write((tx) => tx.copyBatch(made?.delivery ?? 0, sampleItem(0, { channel: 'sms', batchKey: 'copy' })))
    expect(await write((tx) => tx.alertsIn(copy?.delivery ?? 0, 0))).toEqual(alerts)
  })

  test('a batch is told with the alerts that are left', async () => {
    const alerts = await write((tx) => tx.insertAlerts([sampleAlert({ key: 'a' }), sampleAlert({ key: 'b' })]))
    await write((tx) => tx.enqueueInBatch(alerts.map((id) => sampleItem(id, { priority: 1, dueMs: sampleMs }))))
    await damage(`delete from @alerts where id = ${alerts[0]}`)
    expect(only(await due()).notification).toMatchObject({ alerts: [{ id: alerts[1] }], moreAlerts: 1 })
  })

  test('what is due is found behind many that cannot be read', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    const more = await write((tx) => tx.enqueue(Array.from({ length: 30 }, () => sampleNotification(first, { dueMs: sampleMs - 1 }))))
    await damage(`delete from @destinations where person = 'dana'`)
    const find = () => write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 2 }))
    expect((await find()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.waiting()).toMatchObject([{ count: 1 }])
    expect(notices).toHaveLength(more.length + 1)
    expect(notices.at(-1)).toContain(`delivery ${toDana} `)
  })

  test('a delivery none of whose alerts is left is ended: there is nothing to tell', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`delete from @alerts where id = ${first}`)
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.deliveriesOf(first)).toMatchObject([{ id: toDana, state: 'done', result: 'failed', attempts: [{ code: 'unreadable' }] }])
  })

  test('why something is told now is left out where it is damaged, and the rest is told and taken back', async () => {
    const { first, toDana } = await enqueueTwo()
    const [batch] = await write((tx) => tx.enqueueInBatch([sampleItem(first, { turn: { kind: 'digest' } })]))
    await damage(`update @deliveries set turn = 'x' where id in (${toDana}, ${batch?.delivery})`)
    expect((await due()).find(({ id }) => id === toDana)?.notification).not.toHaveProperty('turn')
    expect(await write((tx) => tx.withdraw(first, 'resolved-before-told', sampleMs))).toHaveLength(2)
  })

  test('events, sessions and decisions are read and counted without what is damaged in them', async () => {
    await write(async (tx) => {
      await tx.insertEvents([sampleEvent({ name: 'x', status: 'error', error: { class: 'server', message: 'no' } })])
      await tx.applySessions([sampleSession({ errors: 1, end: { atMs: sampleMs, state: 'fail' }, firstFailure: { eventId: 'e', atMs: sampleMs, step: 1, type: 'llm.call', name: 'm', class: 'server', message: 'no' } })])
      await tx.recordDecisions([{ alert: 1, person: 'dana', channel: 'mail', reason: 'sent.now', params: { route: 'r' }, atMs: 1, count: 1 }])
    })
    await damage(`update @events set more = 'x'`, `update @sessions set failure = '[1'`, `update @decisions set params = 'null'`)
    expect(await store.read.events()).toMatchObject([{ id: 'event-1', type: 'llm.call', tags: {} }])
    expect(await store.read.session('bots', 's1')).toMatchObject({ errors: 1 })
    expect(await store.read.decisionsOf(1)).toMatchObject([{ reason: 'sent.now', params: {} }])
    expect(notices).toHaveLength(3)
    const span = { project: 'bots', fromMs: sampleMs, untilMs: sampleMs + 1, limit: 10 }
    expect(await store.read.reportUsage(span)).toMatchObject({ usage: [{ calls: 1 }], failures: [] })
    expect(await store.read.reportSessions(span)).toEqual({ outcomes: [{ state: 'fail', count: 1 }], causes: [] })
  })

  test('a page is filled up with the rows behind those that cannot be read', async () => {
    await write((tx) => tx.insertEvents(Array.from({ length: 6 }, (_, index) => sampleEvent({ id: `e${index}` }))))
    await damage(`update @events set project = 99 where id in ('e5', 'e3')`)
    expect((await store.read.events({ limit: 3 })).map(({ id }) => id)).toEqual(['e4', 'e2', 'e1'])
  })

  test('texts that PostgreSQL cannot hold as they are change nothing else', async () => {
    const odd = 'a\0b \uD800 \u{1F600}'
    const { first } = await enqueueTwo()
    const [to] = await write((tx) => tx.enqueue([sampleNotification(first, { recipient: { ...lee, address: odd }, turn: { kind: 'silence', name: odd, sinceMs: 1 } })]))
    const [again] = await write((tx) => tx.enqueue([sampleNotification(first, { recipient: { ...lee, address: odd } })]))
    expect((await due()).filter(({ id }) => id === to?.delivery || id === again?.delivery).map(({ notification }) => notification.recipient.address)).toEqual(['a\uFFFDb \uFFFD \u{1F600}', 'a\uFFFDb \uFFFD \u{1F600}'])
    await write((tx) => tx.addBadAddress({ project: 'bots', channel: 'mail', address: odd, code: '550', sinceMs: 1, untilMs: sampleMs }))
    expect(await write((tx) => tx.badAddresses([{ project: 'bots', channel: 'mail', address: odd }], 2))).toMatchObject([{ address: odd, code: '550' }])
    await write((tx) => tx.putRates(new Map([[odd, 5]])))
    expect(await write((tx) => tx.rates([odd]))).toEqual(new Map([[odd, 5]]))
    await write((tx) => tx.putTimers([{ project: 'bots', kind: 'quiet', key: odd, dueMs: 4 }]))
    expect(await write((tx) => tx.takeTimers([{ project: 'bots', kind: 'quiet', key: odd, dueMs: 4 }]))).toEqual([true])
  })

  test('keys of any length find what was kept under them', async () => {
    const long = (start: string): string => start + '测试'.repeat(3_000)
    const alerts = await write((tx) => tx.insertAlerts([sampleAlert({ key: 'a' }), sampleAlert({ key: 'b' })]))
    const recipient = { ...lee, address: long('address') }
    const enqueue = (alert = 0) => write((tx) => tx.enqueueInBatch([sampleItem(alert, { recipient, batchKey: long('key'), fallback: ['sms'], alsoFor: [{ person: long('p'), route: 'r', fallback: ['hook'] }] })]))
    const [[one], [two]] = [await enqueue(alerts[0]), await enqueue(alerts[1])]
    expect(one).toEqual(two)
    expect(await write((tx) => tx.openBatch('bots', long('key')))).toEqual({ delivery: one?.delivery, dueMs: sampleMs + 30_000 })
    expect((await write((tx) => tx.delivery(one?.delivery ?? 0)))?.due.notification.recipient).toEqual(recipient)
    await write((tx) => tx.putRates(new Map([[long('rate'), 5], [long('other'), 6]])))
    expect(await write((tx) => tx.rates([long('rate'), long('other'), long('none')]))).toEqual(new Map([[long('rate'), 5], [long('other'), 6]]))
  })
})

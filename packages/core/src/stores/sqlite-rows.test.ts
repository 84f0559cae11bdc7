import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Store, Transaction } from '../model/store.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { lee, only, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification, sampleSession } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

describe('a row that is damaged or gone', () => {
  let folder = ''
  let store: Store
  let notices: string[] = []
  const file = () => join(folder, 'tocsin.db')
  const open = (): Store => openSqliteStore({ file: file(), clock: manualClock(sampleMs), durability: 'normal', notice: (text) => notices.push(text) })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-rows-'))
    notices = []
    store = open()
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(work)
  const damage = async (sql: string): Promise<void> => {
    await store.close()
    const db = new DatabaseSync(file())
    db.exec(sql)
    db.close()
    store = open()
  }
  /** Two deliveries: one to dana about the first alert, one to lee about the second. */
  const enqueueTwo = () =>
    write(async (tx) => {
      const [first = 0, second = 0] = await tx.insertAlerts([sampleAlert({ key: 'first' }), sampleAlert({ key: 'second' })])
      const made = await tx.enqueue([sampleNotification(first), sampleNotification(second, { recipient: lee })])
      return { first, second, toDana: made[0]?.delivery ?? 0, toLee: made[1]?.delivery ?? 0 }
    })
  const due = () => write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs + 5, limit: 10 }))

  test('a delivery without its destination is ended with an attempt that says so, and the others go on', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`delete from destinations where person = 'dana'`)
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect(notices).toHaveLength(1)
    expect(notices[0]).toContain(`delivery ${toDana}`)
    const db = new DatabaseSync(file(), { readOnly: true })
    expect({ ...db.prepare('select result, done_at from deliveries where id = ?').get(toDana) }).toEqual({ result: 'failed', done_at: sampleMs + 5 })
    expect(db.prepare('select n, outcome, code from attempts where delivery = ?').all(toDana).map((row) => ({ ...row }))).toEqual([{ n: 1, outcome: 'bad-content', code: 'unreadable' }])
    db.close()
    expect(await write((tx) => tx.delivery(toDana))).toBeUndefined()
    expect(await write((tx) => tx.toldAbout(first))).toEqual([])
    expect(await write((tx) => tx.onTheWay(first, 'dana', 0))).toEqual([])
    expect(await write((tx) => tx.withdraw(first, 'superseded', sampleMs))).toEqual([])
    expect((await store.read.deliveries()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.deliveriesOf(first)).toEqual([])
    expect(notices).toHaveLength(1)
    expect(await write((tx) => tx.remains(toDana))).toEqual({ channel: 'mail', news: 'firing', createdAtMs: sampleMs, alerts: [first] })
    expect(await write((tx) => tx.dueTimers('bots', sampleMs + 5, 10))).toEqual([{ project: 'bots', kind: 'unreadable', key: String(toDana), dueMs: sampleMs + 5 }])
  })

  test('an alert whose facts are damaged is told with what is left, and goes on', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`update alerts set facts = '{' where id = ${first}`)
    expect((await due()).map(({ id, notification }) => [id, notification.alerts[0]?.message, notification.alerts[0]?.params])).toEqual([
      [toDana, 'model.failed', {}], [toLee, 'model.failed', sampleAlert().params],
    ])
    const key = { project: 'bots', rule: 'model-failed', key: 'first' }
    expect(await write((tx) => tx.findAlerts([key], 0))).toMatchObject([{ id: first, state: 'firing' }])
    expect(await store.read.alerts()).toHaveLength(2)
    await write((tx) => tx.updateAlerts([{ id: first, addCount: 1, updatedAtMs: sampleMs, params: { statusCode: 503 } }]))
    expect(await store.read.alert(first)).toMatchObject({ count: 2, params: { statusCode: 503 } })
    expect(notices).toHaveLength(1)
  })

  test('a batch is told with the alerts that are left', async () => {
    const alerts = await write((tx) => tx.insertAlerts([sampleAlert({ key: 'a' }), sampleAlert({ key: 'b' })]))
    await write((tx) => tx.enqueueInBatch(alerts.map((id) => sampleItem(id, { priority: 1, dueMs: sampleMs }))))
    await damage(`delete from alerts where id = ${alerts[0]}`)
    expect(only(await due()).notification).toMatchObject({ alerts: [{ id: alerts[1] }], moreAlerts: 1 })
  })

  test('what is due is found behind many that cannot be read', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    const more = await write((tx) => tx.enqueue(Array.from({ length: 30 }, () => sampleNotification(first, { dueMs: sampleMs - 1 }))))
    await damage(`delete from destinations where person = 'dana'`)
    const find = () => write((tx) => tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 2 }))
    expect((await find()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.waiting()).toMatchObject([{ count: 1 }])
    expect(notices).toHaveLength(more.length + 1)
    expect(notices.at(-1)).toContain(`delivery ${toDana} `)
  })

  test('a delivery none of whose alerts is left is ended: there is nothing to tell', async () => {
    const { first, toDana, toLee } = await enqueueTwo()
    await damage(`delete from alerts where id = ${first}`)
    expect((await due()).map(({ id }) => id)).toEqual([toLee])
    expect(await store.read.deliveriesOf(first)).toMatchObject([{ id: toDana, state: 'done', result: 'failed', attempts: [{ code: 'unreadable' }] }])
  })

  test('events, sessions and decisions are read without what is damaged in them', async () => {
    await write(async (tx) => {
      await tx.insertEvents([sampleEvent({ name: 'x' })])
      await tx.applySessions([sampleSession({ errors: 1, firstFailure: { eventId: 'e', atMs: sampleMs, step: 1, type: 'llm.call', name: 'm', class: 'server', message: 'no' } })])
      await tx.recordDecisions([{ alert: 1, person: 'dana', channel: 'mail', reason: 'sent.now', params: { route: 'r' }, atMs: 1, count: 1 }])
    })
    await damage(`update events set more = 'x'; update sessions set failure = '[1'; update decisions set params = 'null'`)
    expect(await store.read.events()).toMatchObject([{ id: 'event-1', type: 'llm.call', tags: {} }])
    expect(await store.read.session('bots', 's1')).toMatchObject({ errors: 1 })
    expect(await store.read.decisionsOf(1)).toMatchObject([{ reason: 'sent.now', params: {} }])
    await write((tx) => tx.applySessions([sampleSession()]))
    expect(notices).toHaveLength(3)
  })

  test('a page is filled up with the rows behind those that cannot be read', async () => {
    await write((tx) => tx.insertEvents(Array.from({ length: 6 }, (_, index) => sampleEvent({ id: `e${index}` }))))
    await damage(`update events set project = 99 where id in ('e5', 'e3')`)
    expect((await store.read.events({ limit: 3 })).map(({ id }) => id)).toEqual(['e4', 'e2', 'e1'])
  })

  test('whose alert was deleted tells of no other alert: numbers are never given out again', async () => {
    const { second, toLee } = await enqueueTwo()
    await write((tx) => tx.insertEvents([sampleEvent({ id: 'first' })]))
    const [event] = await store.read.events()
    await damage('delete from alerts; delete from deliveries; delete from events')
    const next = await enqueueTwo()
    expect(next.first).toBe(second + 1)
    expect(next.toDana).toBe(toLee + 1)
    await write((tx) => tx.insertEvents([sampleEvent({ id: 'second' })]))
    expect((await store.read.events())[0]?.seq).toBeGreaterThan(event?.seq ?? 0)
  })
})

import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import type { Settlement, Store, Transaction } from '../model/store.ts'
import { postgresWorld, testDatabaseUrl, type PostgresWorld } from '../testing/postgres-store.ts'
import { lee, sampleAlert, sampleEvent, sampleItem, sampleMs, sampleNotification } from '../testing/store-suite/samples.ts'

/** A pool that counts what is sent to the database: each is a round trip, which is what a claim waits for. */
class CountingPool extends pg.Pool {
  statements = 0
  /** The connection that was used last. */
  last: pg.Client | undefined
  /** A part of the statement whose plan is wanted, and the plan. */
  explains: string | undefined
  explained: string | undefined

  constructor(connectionString: string) {
    super({ connectionString, max: 6 })
    this.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: readonly unknown[]) => unknown
      Object.assign(client, {
        query: (...given: readonly unknown[]) => {
          this.statements += 1
          this.last = client as unknown as pg.Client // the pool makes nothing else
          const [asked] = given
          if (this.explains === undefined || typeof asked !== 'object' || asked === null || !('text' in asked) || !String(asked.text).includes(this.explains)) return query(...given)
          return this.#explain(query, { ...asked, name: undefined, text: `explain ${String(asked.text)}` }).then(() => query(...given))
        },
      })
    })
  }

  async #explain(query: (...given: readonly unknown[]) => unknown, asked: object): Promise<void> {
    this.explains = undefined
    const { rows } = (await query(asked)) as pg.QueryResult<{ 'QUERY PLAN': string }> // what \`explain\` answers
    this.explained = rows.map((row) => row['QUERY PLAN']).join('\n')
  }
}

describe('what work costs on PostgreSQL', () => {
  let database: PostgresWorld
  let pool: CountingPool
  let store: Store
  beforeAll(async () => {
    database = await postgresWorld()
    pool = new CountingPool(await testDatabaseUrl())
  }, 60_000)
  afterAll(async () => {
    await pool.end()
    await database.dispose()
  })
  beforeEach(async () => {
    store = await database.openStore({ clock: systemClock, pool })
    await database.empty()
  })
  afterEach(() => store.close())

  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(work, { project: 'bots' })
  const counted = async (work: (tx: Transaction) => Promise<unknown>): Promise<number> => {
    const before = pool.statements
    await write(work)
    return pool.statements - before
  }
  const alerts = (count: number) => write((tx) => tx.insertAlerts(Array.from({ length: count }, (_, index) => sampleAlert({ key: `key ${index}` }))))

  test('hundreds of notifications are enqueued by a handful of statements', async () => {
    const ids = await alerts(400)
    expect(await counted((tx) => tx.enqueue(ids.map((id) => sampleNotification(id, { recipient: { ...lee, person: `p${id % 20}` } }))))).toBeLessThan(9)
    expect(await counted((tx) => tx.enqueueInBatch(ids.map((id) => sampleItem(id, { batchKey: `key ${id % 20}`, batchMax: 7 }))))).toBeLessThan(13)
    expect((await store.read.waiting('bots')).reduce((sum, { count }) => sum + count, 0)).toBe(460)
  })

  test('a hundred are claimed and settled by tens of statements, whatever each was told and whatever became of it', async () => {
    const ids = await alerts(100)
    await write(async (tx) => {
      await tx.enqueue(ids.slice(0, 60).map((id) => sampleNotification(id, { recipient: { ...lee, person: `p${id}` } })))
      await tx.enqueueInBatch(ids.map((id) => sampleItem(id, { priority: 1, dueMs: sampleMs, batchKey: `key ${id % 40}` })))
    })
    const statements = await counted(async (tx) => {
      const due = await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 200 })
      expect(due).toHaveLength(100)
      for (const { notification } of due) {
        await tx.silences('bots', sampleMs)
        await tx.hushes(notification.alerts.map(({ id }) => id))
        await tx.expected(notification.alerts.map(({ rule, key }) => ({ project: 'bots', rule, key })), sampleMs)
      }
      await tx.badAddresses(due.map(({ notification: { project, channel, recipient } }) => ({ project, channel, address: recipient.address })), sampleMs)
      const numbers = due.map(({ id }) => id)
      const fences = await tx.lease(numbers, sampleMs + 1_000, sampleMs)
      const settlements = numbers.map((id, index): Settlement => {
        const attempt = { number: 1, atMs: sampleMs, tookMs: 1, outcome: index % 2 === 0 ? 'sent' : 'retry', detail: '' } as const
        const lease = { id, fence: fences[index] ?? 0, attempt }
        return index % 2 === 0 ? { ...lease, kind: 'done', result: 'sent', atMs: sampleMs } : { ...lease, kind: 'later', dueMs: sampleMs + 9 }
      })
      expect(await tx.settle(settlements)).toEqual(numbers.map(() => true))
      await tx.recordDecisions(ids.map((alert) => ({ alert, person: 'dana', channel: 'mail', reason: 'sent.now', params: {}, atMs: sampleMs, count: 1 })))
    })
    expect(statements).toBeLessThan(25)
  })

  test('where nothing is held, paused, silenced, hushed, expected or known to be bad, one look says so; what the transaction itself puts there is found', async () => {
    const [alert = 0] = await alerts(1)
    const address = { project: 'bots', channel: 'mail', address: 'lee@example.com' }
    const of = { project: 'bots', rule: 'support', key: 'gpt' }
    const since = { by: 'lee', sinceMs: sampleMs, untilMs: sampleMs + 1_000 }
    const pause = { project: 'bots', channel: 'mail', why: 'bad-config', cause: 'no', sinceMs: sampleMs, untilMs: sampleMs, lengthMs: 1, failedProbes: 0 } as const
    const health = { project: 'bots', channel: 'mail', failingSinceMs: sampleMs, lastMs: sampleMs, failures: 1, firstDelivery: 1, areSeveral: false }
    const ask = async (tx: Transaction) => [
      await tx.hold('bots'), ...(await tx.pauses('bots')), ...(await tx.channelHealth('bots')), ...(await tx.silences('bots', sampleMs)), ...(await tx.hushes([alert])),
      ...(await tx.expected([of], sampleMs)), ...(await tx.badAddresses([address], sampleMs)),
    ].filter((one) => one !== undefined)
    const asking = await counted(async (tx) => {
      expect(await ask(tx)).toEqual([])
      await tx.clearBadAddresses([address])
    })
    expect(asking).toBe((await counted(async () => undefined)) + 1)
    await write(async (tx) => {
      expect(await ask(tx)).toEqual([])
      await tx.putHold({ project: 'bots', by: 'lee', sinceMs: sampleMs })
      await tx.pauseChannel(pause)
      await tx.putChannelHealth(health)
      await tx.addSilence({ project: 'bots', match: 'true', fromMs: sampleMs, untilMs: sampleMs + 1_000, author: 'lee', comment: '' })
      await tx.hush([{ alert, project: 'bots', ...since }])
      await tx.expect({ ...of, ...since })
      await tx.addBadAddress({ ...address, code: '550', sinceMs: sampleMs, untilMs: sampleMs + 1_000 })
      expect(await ask(tx)).toHaveLength(7)
    })
    await write(async (tx) => {
      expect(await ask(tx)).toHaveLength(7)
      await tx.clearBadAddresses([address])
      expect(await ask(tx)).toHaveLength(6)
    })
  })

  test('a claim reads what it takes, however much waits in other lanes, at other priorities and for later', async () => {
    const ids = await alerts(30)
    await write((tx) => tx.enqueue(ids.map((id) => sampleNotification(id))))
    await database.pool.query(
      `insert into "${database.schema}".deliveries(channel, priority, due_at, fence, attempts, doubts, cost, alert, items, project, destination, news, created_at, expires_at)
       select case when n % 2 = 0 then 'mail' else 'lane ' || n % 50 end, case when n % 4 = 0 then 1 else n % 3 + 1 end, ${sampleMs} + case when n % 2 = 0 and (n % 4 = 0 or n % 3 = 0) then 1000 + n else 0 end,
         0, 0, 0, 1, 1, 1, project, destination, 'firing', created_at, expires_at
       from generate_series(1, 40000) as n, (select project, destination, created_at, expires_at from "${database.schema}".deliveries limit 1) as like_this`,
    )
    /** What this connection has read so far, in this transaction and in those of which the database was not told yet. */
    const read = async () =>
      (await pool.last?.query<{ scans: number; rows: number }>(
        `select seq_scan::integer as scans, idx_tup_fetch::integer as rows from pg_stat_xact_user_tables where relname = 'deliveries' and schemaname = $1`, [database.schema]))?.rows[0] ?? { scans: 0, rows: 0 }
    await write(async (tx) => {
      const before = await read()
      const due = await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 20 })
      expect(due.map(({ notification }) => notification.alerts[0]?.id)).toEqual(ids.slice(0, 20))
      await tx.lease(due.map(({ id }) => id), sampleMs + 1_000, sampleMs)
      const after = await read()
      expect(after.scans).toBe(before.scans)
      expect(after.rows - before.rows).toBeGreaterThan(0)
      expect(after.rows - before.rows).toBeLessThan(200)
    })
  })

  test('events that failed are found by their index, however many did not', async () => {
    await write((tx) => tx.insertEvents(Array.from({ length: 3_000 }, (_, index) => sampleEvent({ id: `e${index}`, atMs: sampleMs + index, agent: `a${index % 10}`, status: index % 500 === 0 ? 'error' : 'ok' }))))
    await database.pool.query(`vacuum analyze "${database.schema}".events`)
    pool.explains = "status = 'error'"
    const { items } = await store.read.listEvents({ project: 'bots', status: 'error', limit: 2 })
    expect(items.map(({ id }) => id)).toEqual(['e2500', 'e2000'])
    expect(pool.explained).toContain('_project_at_id_agent_type_idx')
    pool.explains = 'group by 1, 2, 3'
    expect(await store.read.failureCauses('bots', sampleMs)).toMatchObject([{ count: 6 }])
    expect(pool.explained).toContain('_project_at_id_agent_type_idx')
  })

  test('what is settled is looked up by its key, also where nothing was claimed when the database last counted', async () => {
    const ids = await alerts(1)
    await write((tx) => tx.enqueue(ids.map((id) => sampleNotification(id))))
    await database.pool.query(
      `insert into "${database.schema}".deliveries(channel, priority, due_at, fence, attempts, doubts, cost, alert, items, project, destination, news, created_at, expires_at)
       select channel, 1, due_at, 0, 0, 0, 1, alert, 1, project, destination, news, created_at, expires_at from "${database.schema}".deliveries, generate_series(1, 5000)`,
    )
    await database.pool.query(`vacuum analyze "${database.schema}".deliveries`)
    const claimed = await write(async (tx) => {
      const due = await tx.due({ project: 'bots', channel: 'mail', priority: 1, nowMs: sampleMs, limit: 1_000 })
      const fences = await tx.lease(due.map(({ id }) => id), sampleMs + 1_000, sampleMs)
      return due.map(({ id }, index) => ({ id, fence: fences[index] ?? 0 }))
    })
    expect(claimed).toHaveLength(1_000)
    const attempt = { number: 1, atMs: sampleMs, tookMs: 1, outcome: 'sent', detail: '' } as const
    const ways = {
      'set due_at = given.due_at': { kind: 'later', dueMs: sampleMs, attempt },
      'set result = given.result': { kind: 'done', result: 'failed', atMs: sampleMs, attempt: { ...attempt, outcome: 'retry', code: 'http-500' } },
      "set result = 'sent'": { kind: 'done', result: 'sent', atMs: sampleMs, attempt },
    } as const
    for (const [text, way] of Object.entries(ways)) {
      pool.explained = undefined
      pool.explains = text
      await write((tx) => tx.settle(claimed.map((one): Settlement => ({ ...one, ...way }))))
      // One by one against one by one would be a million comparisons, in the time of which nobody else of the project writes.
      expect(pool.explained).toContain('Function Scan')
      expect(pool.explained).not.toContain('Join Filter')
    }
  })
})

import type { Pool } from 'pg'
import type { Clock } from '../model/clock.ts'
import { errorText, TocsinError } from '../model/error.ts'
import type { Store, Transaction } from '../model/store.ts'
import { alertWriter } from './postgres/alerts.ts'
import { attentionKeeper } from './postgres/attention.ts'
import { rememberingAttention } from './postgres/attention-memory.ts'
import { similarWriter } from './postgres/batch-lines.ts'
import { callMatcher } from './postgres/calls.ts'
import type { Context } from './postgres/context.ts'
import { decisionWriter } from './postgres/decisions.ts'
import { DestinationMemory, destinationNumbers } from './postgres/destinations.ts'
import { dueQueries } from './postgres/due.ts'
import { enqueuer } from './postgres/enqueue.ts'
import { eventWriter } from './postgres/events.ts'
import { familyKeeper } from './postgres/families.ts'
import { putIntoInbox } from './postgres/inbox.ts'
import { advisoryLocks } from './postgres/locks.ts'
import { openSchema } from './postgres/open.ts'
import { eraser } from './postgres/personal.ts'
import { PartitionMaker } from './postgres/partitions.ts'
import { ProjectMemory, projectNumbers } from './postgres/projects.ts'
import { rareRows } from './postgres/rare.ts'
import { postgresReader } from './postgres/reader.ts'
import { forgetter } from './postgres/retention.ts'
import { ruleStateWriter } from './postgres/rule-states.ts'
import { poolSession } from './postgres/session.ts'
import { writeChanges } from './postgres/changes.ts'
import { sessionWriter } from './postgres/sessions.ts'
import { settler } from './postgres/settle.ts'
import { spendWriter } from './postgres/spend.ts'
import { preparer, select } from './postgres/statement.ts'
import { tellingReader } from './postgres/tellings.ts'
import { threadKeeper } from './postgres/threads.ts'
import { troubleKeeper } from './postgres/trouble.ts'
import { waitKeeper } from './postgres/waits.ts'
import { Wakes } from './postgres/wakes.ts'
import { withdrawer } from './postgres/withdraw.ts'
import { postgresWriter } from './postgres/writer.ts'
import { ChangeNotes, noting } from './rows/changes.ts'
import { tables } from './rows/tables.ts'
import { unreadableTeller } from './rows/unreadable.ts'

export interface PostgresStoreOptions {
  /**
   * Of this store alone, with at least five connections. With `connectionTimeoutMillis` and `keepAlive` a database that is cut off is noticed; without
   * them a transaction waits as long as the network does. It belongs to whoever made it: `close` of the store leaves it open.
   */
  readonly pool: Pool
  /** For pauses before it listens again, and for making partitions ahead. What time it is, each method is told. */
  readonly clock: Clock
  /** The schema in which all tables are, 1 to 40 signs; several installations may share a database. @default 'tocsin' */
  readonly schema?: string
  /** Told what an operator should know. @default nobody is told */
  readonly notice?: (text: string) => void
}

/**
 * The store in PostgreSQL (15 or newer), which any number of processes on any number of machines share. A transaction runs alone among
 * those of its project; those of different projects run at the same time.
 *
 * @throws TocsinError `store-newer`, `store-busy`, `store-read-only` or `store-failed` where the database cannot be used
 * @example
 * const store = await openPostgresStore({ pool: new pg.Pool({ connectionString }), clock: systemClock })
 * await store.transaction((tx) => tx.insertEvents([event]), { project: 'bots' })
 */
export async function openPostgresStore({ pool, clock, schema = 'tocsin', notice = nobody }: PostgresStoreOptions): Promise<Store> {
  if (!/^.{1,40}$/u.test(schema)) throw new TocsinError('wrong-usage', `Expected the name of a schema to have 1 to 40 signs, found ${schema.length}.`)
  if ((pool.options.max ?? 10) < connectionsMin) throw new TocsinError('wrong-usage', `Expected a pool of at least ${connectionsMin} connections, found ${pool.options.max}.`)
  guard(pool)
  const locks = advisoryLocks(schema)
  const prepare = preparer(schema)
  await openSchema(pool, schema, locks)
  const reading = poolSession(pool, prepare)
  const installation = await reading.get(select(tables.installation, ['redaction_key'], 'where id = 1'))
  if (installation === undefined) throw new TocsinError('store-corrupt', 'The database has lost the key of its marks. Restore it from a backup.')
  const tell = unreadableTeller(notice)
  const memory = new ProjectMemory()
  const destinations = new DestinationMemory()
  const partitions = new PartitionMaker(pool, schema, locks, clock)
  const wakes = new Wakes(pool, schema, clock, notice)
  const listeners = new Set<() => void>()
  const writer = postgresWriter(pool, locks, prepare)

  return {
    async transaction(work, scope) {
      // What this transaction makes is known to others when it has committed, and never if it does not.
      const made = new Map<string, number>()
      const toWake = new Set<string>()
      const after: (() => Promise<void>)[] = []
      let isChanged = false
      const result = await writer.alone(scope?.project, async (sql) => {
        const context: Context = {
          sql, tell, partitions, unclaimed: new Set(), rare: rareRows(sql), projects: projectNumbers(sql, memory, made), destinations: destinationNumbers(sql, destinations),
          wake: (project) => void toWake.add(project), afterCommit: (task) => void after.push(task),
        }
        // What is kept of it past its end must not write into somebody else's transaction.
        const notes = new ChangeNotes()
        const { proxy: tx, revoke } = Proxy.revocable(noting(methodsOf(context), notes), {})
        try {
          const done = await work(tx)
          isChanged = await writeChanges(sql, notes, scope?.project)
          return done
        } finally {
          revoke()
        }
      })
      for (const [name, number] of made) memory.keep(number, name)
      for (const project of toWake) wakes.tell(project)
      for (const task of after) await task().catch((failure: unknown) => notice(`what was to be done after a commit is done later: ${errorText(failure)}`))
      if (isChanged) for (const listener of listeners) listener()
      return result
    },
    redactionKey: Buffer.from(installation.redaction_key, 'hex'),
    read: postgresReader({ sql: reading, tell, projects: projectNumbers(reading, memory, new Map()), destinations: destinationNumbers(reading, destinations) }, clock),
    putInbox: (message, channel, atMs) => putIntoInbox(reading, message, channel, atMs),
    onWake: (listener) => wakes.listen(listener),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      await writer.close()
      await partitions.close()
      await wakes.close()
    },
  }
}

/** Those that no transaction takes, and two that work. */
const connectionsMin = 5

function methodsOf(context: Context): Transaction {
  const attention = rememberingAttention(context, attentionKeeper(context))
  return {
    ...eventWriter(context),
    ...callMatcher(context),
    ...sessionWriter(context),
    ...ruleStateWriter(context),
    ...spendWriter(context),
    ...alertWriter(context),
    ...attention,
    ...familyKeeper(context),
    ...enqueuer(context),
    ...withdrawer(context),
    ...tellingReader(context),
    ...decisionWriter(context),
    ...similarWriter(context),
    ...dueQueries(context, attention),
    ...settler(context),
    ...threadKeeper(context),
    ...waitKeeper(context),
    ...troubleKeeper(context),
    ...forgetter(context),
    ...eraser(context),
  }
}

const guarded = new WeakSet<Pool>()

/** A connection that is lost while it is idle, or between two statements, would end the process, also after the store was closed; the pool replaces it by itself. */
function guard(pool: Pool): void {
  if (guarded.has(pool)) return
  guarded.add(pool)
  pool.on('error', nobody)
  pool.on('connect', (client) => client.on('error', nobody))
}

function nobody(): void {}

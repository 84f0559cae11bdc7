import type { Pool, PoolClient } from 'pg'
import { errorText, TocsinError } from '../../model/error.ts'
import { postgresError } from './errors.ts'
import type { Locks } from './locks.ts'
import { TransactionSession } from './session.ts'
import type { Prepared, Query } from './statement.ts'
import { Turns } from './turns.ts'

/** Connections of the pool that no transaction takes: for reads, for partitions, for whoever listens. */
const spareConnections = 3

export interface Writer {
  /** Runs `work` between `begin` and `commit`, alone among the transactions of `project`, or among all where there is none, in all processes. */
  alone<T>(project: string | undefined, work: (session: TransactionSession) => Promise<T>): Promise<T>
  /** Lets what was asked for finish, then refuses everything. */
  close(): Promise<void>
}

/** Transactions are queued here, project by project, so that they take a connection only when it is their turn in this process. */
export function postgresWriter(pool: Pool, locks: Locks, prepare: (query: Query<unknown>) => Prepared): Writer {
  const turns = new Turns(Math.max(1, (pool.options.max ?? 10) - spareConnections))

  const run = async <T>(project: string | undefined, work: (session: TransactionSession) => Promise<T>): Promise<T> => {
    const client = await connect(pool)
    const session = new TransactionSession(client, prepare)
    let broken: Error | undefined
    const onError = (lost: Error): void => {
      broken = lost
    }
    // A connection that is lost while nothing is asked of it would end the process.
    client.on('error', onError)
    try {
      await ask(client, locks.begin(project))
      const result = await work(session)
      await session.end()
      if ((await ask(client, 'commit')) !== 'COMMIT') throw new TocsinError('store-failed', 'A query of the transaction had failed, so that it was undone. Try again.')
      return result
    } catch (cause) {
      await session.end()
      await ask(client, 'rollback').catch((lost: unknown) => {
        broken ??= new Error(`the transaction could not be undone by itself (${errorText(lost)})`)
      })
      throw cause
    } finally {
      client.off('error', onError)
      // With an error the pool throws the connection away: the database ends its transaction with it.
      client.release(broken)
    }
  }

  return {
    alone: (project, work) => turns.take(project, () => run(project, work)),
    close: () => turns.close(),
  }
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    throw postgresError(cause)
  }
}

/** Sends statements without values; returns what the last one did. */
async function ask(client: PoolClient, text: string): Promise<string> {
  try {
    const result: unknown = await client.query(text)
    const last: unknown = Array.isArray(result) ? result.at(-1) : result
    return typeof last === 'object' && last !== null && 'command' in last ? String(last.command) : ''
  } catch (cause) {
    throw postgresError(cause)
  }
}

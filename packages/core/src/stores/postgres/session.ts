import type { ClientBase, Pool, QueryConfig } from 'pg'
import { TocsinError } from '../../model/error.ts'
import { postgresError } from './errors.ts'
import type { Prepared, Query, Session, Value } from './statement.ts'
import { bound, columnTypes } from './values.ts'

type Prepare = (query: Query<unknown>) => Prepared

/** Queries of a reader: each takes a connection of its own and sees what is committed. */
export function poolSession(pool: Pool, prepare: Prepare): Session {
  return sessionOver((config) => pool.query(config), prepare)
}

/** The session of one transaction: its queries run one after the other, in the order in which they were asked for. */
export class TransactionSession implements Session {
  readonly #session: Session
  #tail: Promise<unknown> = Promise.resolve()
  #ended = false

  constructor(client: ClientBase, prepare: Prepare) {
    this.#session = sessionOver((config) => this.#inTurn(() => client.query(config)), prepare)
  }

  run(query: Query<unknown>, ...values: readonly Value[]): Promise<number> {
    return this.#session.run(query, ...values)
  }

  get<Row>(query: Query<Row>, ...values: readonly Value[]): Promise<Row | undefined> {
    return this.#session.get(query, ...values)
  }

  all<Row>(query: Query<Row>, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#session.all(query, ...values)
  }

  /** From here on it refuses: its connection belongs to somebody else. Resolves when what runs is over. */
  async end(): Promise<void> {
    this.#ended = true
    await this.#tail
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) return Promise.reject(new TocsinError('store-failed', 'The transaction has ended; what is kept of it can do nothing more.'))
    const result = this.#tail.then(work)
    this.#tail = result.then(nothing, nothing)
    return result
  }
}

interface Result {
  readonly rows: unknown[]
  readonly rowCount: number | null
}

function sessionOver(send: (config: QueryConfig<unknown[]>) => Promise<Result>, prepare: Prepare): Session {
  const ask = async (query: Query<unknown>, values: readonly Value[]): Promise<Result> => {
    try {
      return await send({ ...prepare(query), values: bound(values), types: columnTypes })
    } catch (thrown) {
      throw postgresError(thrown)
    }
  }
  return {
    run: async (query, ...values) => (await ask(query, values)).rowCount ?? 0,
    // The columns were checked against the source, or the query says what its rows are; `pg` cannot know their types.
    get: async <Row>(query: Query<Row>, ...values: readonly Value[]) => (await ask(query, values)).rows[0] as Row | undefined,
    // As above.
    all: async <Row>(query: Query<Row>, ...values: readonly Value[]) => (await ask(query, values)).rows as Row[],
  }
}

function nothing(): void {}

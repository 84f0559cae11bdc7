import { TocsinError } from '../../packages/core/src/model/error.ts'
import type { Store, Transaction } from '../../packages/core/src/model/store.ts'
import type { Journal } from './journal.ts'
import type { SimProcess } from './process.ts'

/** What befalls the next transaction of a process. */
export interface Fate {
  readonly where: 'in-transaction' | 'before-commit' | 'after-commit'
  /** At which of its steps. */
  readonly at: number
}

/** Looks at one transaction while it is made; what it learned counts only once it is committed. */
export interface Watcher {
  /** The transaction as seen by the process. */
  readonly tx: Transaction
  committed(): void
}

export interface WatchedStoreParts {
  readonly process: SimProcess
  readonly journal: Journal
  /** Taken when the transaction begins; a fate is met once. */
  readonly takeFate: () => Fate | undefined
  readonly isRefusing: () => boolean
  readonly crash: () => void
  readonly watch: (tx: Transaction) => Watcher
}

/** Thrown inside a transaction to roll it back when its process is gone. */
class Gone extends Error {}

/**
 * The real store of one process, watched. When the process dies inside a transaction, that is rolled back, and
 * nothing the store does ever comes back to it.
 */
export function watchedStore(real: Store, parts: WatchedStoreParts): Store {
  const { process, journal } = parts

  /** What is answered to a process that is gone never arrives. */
  async function alive<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      if (process.isUp) return result
    } catch (failure) {
      if (process.isUp) throw failure
    }
    return new Promise(() => undefined)
  }

  async function watchedTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const fate = parts.takeFate()
    let watcher: Watcher | undefined
    const result = await real.transaction(async (tx) => {
      if (!process.isUp) throw new Gone()
      if (parts.isRefusing()) throw new TocsinError('store-full', 'The disk is full.')
      journal.counts.transactions += 1
      watcher = parts.watch(fate?.where === 'in-transaction' ? dyingAt(tx, fate.at, parts.crash) : tx)
      const made = await work(watcher.tx)
      if (fate !== undefined && fate.where !== 'after-commit' && process.isUp) parts.crash()
      if (!process.isUp) throw new Gone()
      return made
    })
    watcher?.committed()
    if (fate?.where === 'after-commit') parts.crash()
    return result
  }

  return {
    transaction: (work) => alive(watchedTransaction(work)),
    redactionKey: real.redactionKey,
    read: alwaysAlive(real.read, alive),
    putInbox: (message, channel, atMs) => alive(real.putInbox(message, channel, atMs)),
    onChange: (listener) => real.onChange(listener),
    close: () => real.close(),
  }
}

/** The process dies at the `at`-th step of this transaction, if it has so many. */
function dyingAt(tx: Transaction, at: number, crash: () => void): Transaction {
  let step = 0
  return mapMethods(tx, (method) => (...args) => {
    step += 1
    if (step === at) {
      crash()
      throw new Gone()
    }
    return method(...args)
  })
}

function alwaysAlive(read: Store['read'], alive: <T>(work: Promise<T>) => Promise<T>): Store['read'] {
  return mapMethods(read, (method) => (...args) => alive(method(...args)))
}

type Method = (...args: never[]) => Promise<unknown>

/** The same object with every method replaced. */
function mapMethods<T extends object>(target: T, replace: (method: Method, name: string) => Method): T {
  const entries = Object.entries(target as Record<string, Method>).map(([name, method]) => [name, replace(method, name)] as const) // all members of a transaction and a reader are async methods
  return Object.fromEntries(entries) as T // each keeps its name and its signature
}

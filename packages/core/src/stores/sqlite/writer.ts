import type { DatabaseSync } from 'node:sqlite'
import { sleep } from '../../model/clock.ts'
import type { Clock } from '../../model/clock.ts'
import { TocsinError } from '../../model/error.ts'
import { isBusy, sqliteCode, storeError } from './errors.ts'

/** Transactions of this process that may wait for their turn; the next is refused as busy. */
const waitingMax = 10_000
/** How long a transaction waits for other processes before it is refused as busy. */
const busyMaxMs = 10_000
/** Pause between two transactions while another process writes too: without it they share 95 to 5. */
const fairPauseMs = 5
/** How long another process counts as writing after it was last noticed. */
const contendedMs = 1_000

export interface Writer {
  /** Runs `work` between `begin immediate` and `commit`, alone in this process and among all processes. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Lets what was asked for finish, then refuses everything. */
  close(): Promise<void>
}

/** What makes that which is remembered of the file untrue. */
export interface Forgetting {
  /** A transaction left nothing behind. */
  afterRollback(): void
  /** Another connection has committed. Called when a transaction has begun, before its work. */
  afterOthers(): void
}

export function sqliteWriter(db: DatabaseSync, clock: Clock, forgetting: Forgetting): Writer {
  const begin = db.prepare('begin immediate')
  const commit = db.prepare('commit')
  const rollback = db.prepare('rollback')
  // Changes when another connection has committed: the one that always gets its turn never meets SQLITE_BUSY.
  const dataVersion = db.prepare('pragma data_version')
  let tail: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let closed = false
  let lastVersion = dataVersion.get()?.data_version
  let contendedUntilMs = -Infinity
  let lastEndMs = -Infinity

  const noticeOthers = (): void => {
    contendedUntilMs = clock.monotonicMs() + contendedMs
  }

  const beginAlone = async (): Promise<void> => {
    const nowMs = clock.monotonicMs()
    if (nowMs < contendedUntilMs && nowMs - lastEndMs < fairPauseMs) await sleep(clock, fairPauseMs)
    const giveUpMs = clock.monotonicMs() + busyMaxMs
    for (;;) {
      try {
        begin.run()
        break
      } catch (cause) {
        if (!isBusy(cause) || clock.monotonicMs() >= giveUpMs) throw storeError(cause)
        noticeOthers()
        await sleep(clock, 1)
      }
    }
    const version = dataVersion.get()?.data_version
    if (version !== lastVersion) {
      noticeOthers()
      forgetting.afterOthers()
    }
    lastVersion = version
  }

  const undo = (): void => {
    forgetting.afterRollback()
    // SQLite has rolled back by itself where the disk is full or failing.
    if (db.isTransaction) rollback.run()
  }

  const run = async <T>(work: () => Promise<T>): Promise<T> => {
    await beginAlone()
    try {
      const result = await work()
      commit.run()
      return result
    } catch (cause) {
      undo()
      throw sqliteCode(cause) === undefined ? cause : storeError(cause)
    } finally {
      lastEndMs = clock.monotonicMs()
    }
  }

  return {
    alone<T>(work: () => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new TocsinError('store-failed', 'The store was closed; open it again to use it.'))
      if (waiting >= waitingMax) {
        return Promise.reject(new TocsinError('store-busy', `More than ${waitingMax} transactions wait for the database. Try again when it has caught up.`))
      }
      waiting += 1
      const result = tail.then(() => run(work)).finally(() => {
        waiting -= 1
      })
      // Only the order: whoever asked for it hears of its failure.
      tail = result.then(nothing, nothing)
      return result
    },
    async close() {
      closed = true
      await tail
    },
  }
}

function nothing(): void {}

import type { Clock } from '../model/clock.ts'
import { errorText, TocsinError } from '../model/error.ts'
import type { Store, Transaction } from '../model/store.ts'
import { AlertMemory } from './sqlite/alert-memory.ts'
import { alertWriter } from './sqlite/alerts.ts'
import { attentionKeeper } from './sqlite/attention.ts'
import { callMatcher } from './sqlite/calls.ts'
import { suspect } from './sqlite/damaged.ts'
import { similarWriter } from './sqlite/batch-lines.ts'
import { changeWriter } from './sqlite/changes.ts'
import { decisionWriter } from './sqlite/decisions.ts'
import { destinationNumbers } from './sqlite/destinations.ts'
import { dueQueries } from './sqlite/due.ts'
import { enqueuer } from './sqlite/enqueue.ts'
import { eventWriter } from './sqlite/events.ts'
import { familyKeeper } from './sqlite/families.ts'
import { inboxWriter } from './sqlite/inbox.ts'
import { openConnections, openPrivate } from './sqlite/open.ts'
import { eraser } from './sqlite/personal.ts'
import { projectNumbers } from './sqlite/projects.ts'
import { sqliteReader } from './sqlite/reader.ts'
import { RecentRows } from './sqlite/recent-rows.ts'
import { forgetter } from './sqlite/retention.ts'
import { ruleStateWriter } from './sqlite/rule-states.ts'
import { ChangeNotes, noting } from './rows/changes.ts'
import { tables } from './rows/tables.ts'
import { sessionChars, sessionWriter } from './sqlite/sessions.ts'
import { silenceKeeper } from './sqlite/silent-sessions.ts'
import { settler } from './sqlite/settle.ts'
import { spendWriter } from './sqlite/spend.ts'
import { preparer } from './sqlite/statement.ts'
import { tellingReader } from './sqlite/tellings.ts'
import { troubleKeeper } from './sqlite/trouble.ts'
import { unreadableTeller } from './rows/unreadable.ts'
import { threadKeeper } from './sqlite/threads.ts'
import { waitKeeper } from './sqlite/waits.ts'
import { withdrawer } from './sqlite/withdraw.ts'
import { sqliteWriter } from './sqlite/writer.ts'

/** In place of a path: see `file`. */
export const privately = Symbol('privately')

export interface SqliteStoreOptions {
  /**
   * Path of the database on a local disk; it and its folder are made where they are missing, for this user only. `privately`: one of this process alone
   * that is thrown away when it is closed, for whoever does one thing after the other, since what is read is then not apart from what is being written.
   */
  readonly file: string | typeof privately
  /** Waits for other processes follow it. What time it is, each method is told. */
  readonly clock: Clock
  /** `full` survives a power cut; `normal` may lose the last transactions in one, and saves about 8 %. */
  readonly durability: 'full' | 'normal'
  /** Told what an operator should know, such as where a damaged file was put. @default nobody is told */
  readonly notice?: (text: string) => void
  /** Told where a damaged file was put, beside `notice`. @default nobody is told */
  readonly onReplaced?: (aside: string) => void
  /** Largest size of the file in bytes, beyond which transactions fail as `store-full`; its journal comes on top. @default what the disk holds */
  readonly fileBytesMax?: number
  /** Whether people look at it through lists and a stream, as a server's do: lists are quick then, and what each commit changed is noted. @default false */
  readonly isListed?: boolean
}

/**
 * The store in one SQLite file, which several processes of one host may share.
 *
 * @throws TocsinError `store-read-only`, `store-newer`, `store-busy` or `store-failed` where the file cannot be used
 * @example
 * const store = openSqliteStore({ file: './data/tocsin.db', clock: systemClock, durability: 'full' })
 * await store.transaction((tx) => tx.insertEvents([event]))
 */
export function openSqliteStore({ file: where, clock, durability, notice = nobody, onReplaced = nobody, fileBytesMax, isListed = false }: SqliteStoreOptions): Store {
  const file = where === privately ? 'of this process' : where
  const connections = where === privately ? openPrivate(isListed) : openConnections({ file, clock, durability, notice, onReplaced, fileBytesMax, isListed })
  const noteDamage = (error: TocsinError): void => {
    if (error.code !== 'store-corrupt' || where === privately) return
    try {
      suspect(file)
    } catch (unwritten) {
      notice(`The database ${file} is damaged, and this could not be noted beside it (${errorText(unwritten)}). Move the file away before the next start.`)
    }
  }
  const tell = unreadableTeller(notice)
  const prepare = preparer(connections.writer, noteDamage)
  const projects = projectNumbers(prepare)
  const destinations = destinationNumbers(prepare)
  const memory = new AlertMemory()
  const recentSessions = new RecentRows(sessionChars)
  const recentStates = new RecentRows<string>((value) => value.length)
  const forgetting = {
    forgetAll(): void {
      memory.forgetAll()
      recentSessions.forgetAll()
      recentStates.forgetAll()
    },
  }
  const notes = new ChangeNotes()
  const writeChanges = changeWriter(prepare, notes)
  const listeners = new Set<() => void>()
  const writing: Transaction = {
    ...eventWriter(prepare, projects),
    ...callMatcher(prepare, projects),
    ...silenceKeeper(prepare, projects, recentSessions),
    ...sessionWriter(prepare, projects, recentSessions, tell),
    ...ruleStateWriter(prepare, projects, recentStates),
    ...spendWriter(prepare, projects),
    ...alertWriter(prepare, projects, memory, tell),
    ...attentionKeeper(prepare, projects, tell),
    ...familyKeeper(prepare, projects, destinations, tell),
    ...enqueuer(prepare, projects, destinations),
    ...withdrawer(prepare, destinations, tell),
    ...tellingReader(prepare, destinations, tell),
    ...decisionWriter(prepare),
    ...similarWriter(prepare),
    ...dueQueries(prepare, projects, destinations, memory, tell),
    ...settler(prepare),
    ...threadKeeper(prepare),
    ...waitKeeper(prepare, projects),
    ...forgetter(prepare, projects, forgetting),
    ...troubleKeeper(prepare, projects),
    ...eraser(prepare, projects, () => {
      forgetting.forgetAll()
      destinations.forget()
    }),
  }
  const methods = isListed ? noting(writing, notes) : writing
  const putInbox = inboxWriter(prepare)
  const writer = sqliteWriter(connections.writer, clock, {
    afterRollback() {
      projects.forget()
      destinations.forget()
      forgetting.forgetAll()
      notes.clear()
    },
    afterOthers: () => forgetting.forgetAll(),
  })
  const prepareRead = preparer(connections.reader, noteDamage)
  const installation = prepareRead.select(tables.installation, ['redaction_key'], 'where id = 1').get()
  if (installation === undefined) throw new TocsinError('store-corrupt', `The database ${file} has lost the key of its marks. Move the file away, and start again.`)

  return {
    async transaction(work, scope) {
      const { result, isChanged } = await writer.alone(async () => {
        // What is kept of it past its end must not write into somebody else's transaction.
        const { proxy: tx, revoke } = Proxy.revocable(methods, {})
        try {
          return { result: await work(tx), isChanged: writeChanges(scope?.project) }
        } finally {
          revoke()
        }
      })
      if (isChanged) for (const listener of listeners) listener()
      return result
    },
    redactionKey: Buffer.from(installation.redaction_key, 'hex'),
    read: sqliteReader(prepareRead, projectNumbers(prepareRead), destinationNumbers(prepareRead), tell, { clock, isListed }),
    putInbox: (message, channel, atMs) => writer.alone(async () => putInbox(message, channel, atMs)),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      await writer.close()
      for (const connection of [connections.reader, connections.writer]) if (connection.isOpen) connection.close()
    },
  }
}

function nobody(): void {}

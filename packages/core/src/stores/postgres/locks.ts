import { createHash } from 'node:crypto'

/**
 * Advisory locks, so that a transaction runs alone without locking a row that others only read. They end with the transaction, and with
 * the connection. The two forms of key are spaces of their own: a project never has the number of an installation.
 *
 * installation  shared by every transaction of one project, taken alone by one that knows no project
 * project       taken alone by a transaction of that project
 */
export interface Locks {
  /** Statements that begin a transaction which runs alone among those of `project`, or among all. */
  begin(project: string | undefined): string
  /** Held while the schema is brought up to date. */
  readonly migrating: string
  /** Held while a partition is made. */
  readonly partitions: string
}

/** Longest wait for another transaction, milliseconds: then this one is refused as busy. */
const lockWaitMaxMs = 10_000
/** Longest silence of a process that holds a transaction open, milliseconds: one that was stopped or cut off lets the others go on. */
const idleMaxMs = 60_000

export function advisoryLocks(schema: string): Locks {
  const whole = hashOf(`tocsin ${schema}`).readBigInt64BE(0)
  const space = hashOf(`tocsin projects of ${schema}`).readInt32BE(0)
  // Not local to the connection: a pooler may hand the next transaction another one.
  const open = `begin; set local lock_timeout = ${lockWaitMaxMs}; set local idle_in_transaction_session_timeout = ${idleMaxMs}`
  return {
    begin: (project) =>
      project === undefined
        ? `${open}; select pg_advisory_xact_lock(${whole})`
        : `${open}; select pg_advisory_xact_lock_shared(${whole}); select pg_advisory_xact_lock(${space}, ${hashOf(project).readInt32BE(0)})`,
    migrating: `select pg_advisory_xact_lock(${hashOf(`tocsin migrations of ${schema}`).readBigInt64BE(0)})`,
    partitions: `select pg_advisory_xact_lock(${hashOf(`tocsin partitions of ${schema}`).readBigInt64BE(0)})`,
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

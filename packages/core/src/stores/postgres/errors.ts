import { errorText, TocsinError } from '../../model/error.ts'
import type { TocsinErrorCode } from '../../model/error.ts'

/** What PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html) or the way to it says, where an operator can do something. */
const known: readonly (readonly [codes: RegExp, code: TocsinErrorCode, message: string])[] = [
  [/^55P03$/, 'store-busy', 'Another process held the database for too long. Try again; if it lasts, look in pg_stat_activity for a transaction that stays open.'],
  [/^40(?:001|P01)$/, 'store-busy', 'Two transactions stood in each other’s way and this one was undone. Try again.'],
  [/^(?:57014|25P03|25P04)$/, 'store-busy', 'The database took too long and the transaction was ended. Try again; if it lasts, look at its load and at statement_timeout.'],
  [/^53300$/, 'store-busy', 'The database has no connection left. Try again; if it lasts, raise max_connections or lower the number of connections of each process.'],
  [/^(?:08...|57P0[1-5]|ECONN(?:REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND|LOST)$/, 'store-busy',
    'The database cannot be reached or has ended the connection. Nothing that was acknowledged is lost; it is tried again. If it lasts, check that PostgreSQL runs and that this machine reaches it.'],
  [/^53(?:100|200|400)$/, 'store-full', 'The database has no room left. Free some space on its disk; what was not accepted may be sent again.'],
  [/^25006$/, 'store-read-only', 'The database can only be read. Point this process at the primary server, or end its read-only mode.'],
  [/^42501$/, 'store-read-only', 'This user may not write to the database. Give it the right to create and use its schema.'],
  [/^(?:28...|3D000)$/, 'store-failed', 'The database refused this user or has no such database. Check user, password and name in the address.'],
  [/^XX00[12]$/, 'store-corrupt', 'The database is damaged. Restore it from a backup; its log says which file it met.'],
]

/** What `pg` or the network threw, as the product's error; a TocsinError stays as it is. No address or password stands in it. */
export function postgresError(thrown: unknown): TocsinError {
  if (thrown instanceof TocsinError) return thrown
  const place = codeOf(thrown) ?? ''
  const [, code, message] = known.find(([codes]) => codes.test(place)) ?? [undefined, 'store-failed' as const, 'The database failed. The cause is below; if it lasts, look into its log.']
  return new TocsinError(code, `${message} (${errorText(thrown)})`, { cause: thrown })
}

/** Five signs of SQLSTATE, or the name of an error of the network. */
function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  if ('code' in thrown && typeof thrown.code === 'string' && /^(?:[0-9A-Z]{5}|E[A-Z_]+)$/.test(thrown.code)) return thrown.code
  return lostTexts.test(thrown.message) ? 'LOST' : undefined
}

/** `pg` gives those no code. */
const lostTexts = /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Cannot use a pool after calling end|Query read timeout|timeout expired)/i

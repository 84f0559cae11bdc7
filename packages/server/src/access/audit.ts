import { createRedactor, type Clock } from 'tocsin/engine'
import { appendAudit, readAudit, type Actor, type AuditQuery, type Connection } from '../stores/audit.ts'

// For rooms that record changes and know no stores.
export type { Actor } from '../stores/audit.ts'

/** The server itself, such as at its first start. */
export const installation: Actor = { kind: 'installation', id: 'installation', name: 'installation' }

export interface Change {
  /** Absent: it belongs to no one project. */
  readonly project?: string
  /** Who did it; absent: nobody who is known, such as a login that failed. */
  readonly principal?: Actor
  /** What was done: the noun in the plural and the verb, such as `channels.update`, `keys.revoke`, `alerts.acknowledge`, `login.fail`. */
  readonly action: string
  /** To what, such as `ops-mail`, `key_…`, `alt_51`. At most 300 characters are kept. */
  readonly target: string
  /** As it was; absent: it was not there. Anything that JSON can hold; secrets are taken out here. */
  readonly before?: unknown
  /** As it is now; absent: it is gone. */
  readonly after?: unknown
  /** From where: `request.ip`. Absent: from this machine. */
  readonly address?: string
}

const targetCharsMax = 300
const nameCharsMax = 200
const valueCharsMax = 32_000

/**
 * Puts a change on record. Hand in the transaction that makes the change, where there is one: then neither is kept without the other.
 *
 * @example
 * await database.db.transaction().execute(async (tx) => {
 *   await updateChannel(tx, after)
 *   await recordChange({ db: tx, clock }, { project, principal, action: 'channels.update', target: name, before, after, address: request.ip })
 * })
 */
export async function recordChange({ db, clock }: { readonly db: Connection; readonly clock: Clock }, change: Change): Promise<void> {
  const { project, principal, action, target, before, after, address } = change
  await appendAudit(db, {
    at_ms: clock.nowMs(),
    project: project ?? null,
    actor: actorText(principal),
    actor_name: (principal?.name ?? '').slice(0, nameCharsMax),
    action,
    target: redact(target).slice(0, targetCharsMax),
    before: recorded(before),
    after: recorded(after),
    address: address ?? null,
  })
}

/** `user:ID`, `key:ID`, `command:NAME`, `installation` or `nobody`. */
export function actorText(actor: Actor | undefined): string {
  if (actor === undefined) return 'nobody'
  return actor.kind === 'installation' ? 'installation' : `${actor.kind}:${actor.id}`.slice(0, nameCharsMax)
}

const redact = createRedactor({ personalData: false })

/** Names whose value is a secret in every configuration that we know. */
const telling = /secret|token|password|passwd|apikey|api_key|privatekey|private_key|authorization|credential|integrationkey|routingkey|vapid|^key$|signingkey/i

/** JSON without secrets; what is too long to be kept says how long it was. */
function recorded(value: unknown): string | null {
  if (value === undefined) return null
  const text = JSON.stringify(withoutSecrets(value, ''))
  return text.length <= valueCharsMax ? text : JSON.stringify({ tooLong: text.length })
}

/** As it would stand on record. */
export function recordedForm(value: unknown): unknown {
  const text = recorded(value)
  return text === null ? undefined : (JSON.parse(text) as unknown)
}

function withoutSecrets(value: unknown, name: string): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value
  // `${NAME}` names a secret and is none.
  if (typeof value === 'string') return telling.test(name) && !/^\$\{\w+\}$/.test(value) ? '[secret]' : redact(value)
  if (Array.isArray(value)) return value.map((item: unknown) => withoutSecrets(item, name))
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, key)]))
  return undefined
}

/** A change on record, as people see it. */
export interface RecordedChange {
  /** Its place in the record. */
  readonly id: number
  readonly atMs: number
  readonly project?: string
  readonly actor: string
  readonly actorName: string
  readonly action: string
  readonly target: string
  readonly before?: unknown
  readonly after?: unknown
  readonly address?: string
}

/** One change, where it belongs to this project. */
export async function readChange(db: Connection, project: string, id: number): Promise<RecordedChange | undefined> {
  const [found] = await readChanges(db, { project, withInstallation: false, before: id + 1, limit: 1 })
  return found?.id === id ? found : undefined
}

/** Newest first. */
export async function readChanges(db: Connection, query: AuditQuery): Promise<readonly RecordedChange[]> {
  return (await readAudit(db, query)).map((row) => ({
    id: row.seq, atMs: row.at_ms, actor: row.actor, actorName: row.actor_name, action: row.action, target: row.target,
    ...(row.project !== null && { project: row.project }),
    ...(row.before !== null && { before: JSON.parse(row.before) as unknown }),
    ...(row.after !== null && { after: JSON.parse(row.after) as unknown }),
    ...(row.address !== null && { address: row.address }),
  }))
}

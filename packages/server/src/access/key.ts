import type { By } from '../stores/audit.ts'
import type { KeyPlace } from '../stores/keys.ts'

/** What a key opens: sending events, looking, or changing too. */
export const keyScopes = ['ingest', 'read', 'manage'] as const
export type KeyScope = (typeof keyScopes)[number]

export interface NewKey {
  /** For people, 1 to 100 characters. */
  readonly name: string
  readonly scope: KeyScope
  /** Absent: all projects. */
  readonly project?: string
  /** Milliseconds since 1970. Absent: it works until it is revoked. */
  readonly expiresMs?: number
}

/** A key that was found to be whole, alive and known. */
export interface KnownKey {
  readonly id: string
  readonly name: string
  readonly scope: KeyScope
  readonly project?: string
  readonly expiresMs?: number
}

/** One that was known and works no more. */
export interface DeadKey {
  readonly dead: 'expired' | 'revoked'
  readonly last4: string
  /** Absent: of all projects. */
  readonly project?: string
}

/** A key as people see it. */
export interface ListedKey extends KnownKey {
  readonly last4: string
  readonly state: 'active' | 'expired' | 'revoked'
  readonly createdMs: number
  /** `user:ID`, `key:ID`, `command:NAME` or `installation`. */
  readonly createdBy: string
  readonly revokedMs?: number
  /** To the minute. */
  readonly usedMs?: number
}

/** Keys of programs. Only their hashes are kept. */
export interface Keys {
  /** The key itself is given once and kept nowhere. */
  create(key: NewKey, by: By): Promise<{ readonly id: string; readonly key: string }>
  /** A key that works; nothing for every other. */
  find(key: string): Promise<KnownKey | undefined>
  /** Of one that does not work whether it once did: for whoever holds it, and to say so. */
  findDead(key: string): Promise<DeadKey | undefined>
  /** Whether it worked on this node before: then it is worth asking the database about, whoever else guesses from the same address. */
  hasWorked(key: string): boolean
  byId(id: string): Promise<ListedKey | undefined>
  list(what: { readonly project?: string; readonly withInstallation: boolean; readonly limit: number; readonly before?: KeyPlace }): Promise<readonly ListedKey[]>
  /** At once here; on other nodes within `keyHeldMs`. */
  revoke(id: string, by: By): Promise<boolean>
  /** Writes down what was used last. */
  close(): Promise<void>
}

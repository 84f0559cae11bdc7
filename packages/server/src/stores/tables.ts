import type { ColumnType, Generated } from 'kysely'

/** A part of the configuration that was made by the API. */
export interface EntryRow {
  readonly project: string
  /** `channels`, `people`, `rules`, … as in `tocsin.yaml`. */
  readonly kind: string
  readonly name: string
  /** JSON; secrets in it are sealed: see `secret-box.ts`. */
  readonly body: string
  /** Counts its changes: the ETag. */
  readonly version: number
  /** Its place among its kind, where the order counts (routes). */
  readonly place: number
  readonly changed_ms: number
  readonly changed_by: string
}

/** A project that was made by the API; that of the file has no row. */
export interface ProjectRow {
  readonly name: string
  readonly title: string
  readonly created_ms: number
  readonly created_by: string
}

export interface KeyRow {
  readonly id: string
  /** SHA-256 of the whole key, hexadecimal: it has 256 bits of chance, so that nothing slower is needed. */
  readonly hash: string
  readonly name: string
  /** Last four characters, for people. */
  readonly last4: string
  /** `ingest`, `read` or `manage`. */
  readonly scope: string
  /** Absent: all projects. */
  readonly project: string | null
  readonly created_ms: number
  readonly created_by: string
  readonly expires_ms: number | null
  readonly revoked_ms: number | null
  readonly used_ms: number | null
}

/** Append-only. */
export interface AuditRow {
  readonly seq: Generated<number>
  readonly at_ms: number
  readonly project: string | null
  /** `user:ID`, `key:ID`, `command:NAME` or `installation`. */
  readonly actor: string
  readonly actor_name: string
  /** Such as `channels.update`. */
  readonly action: string
  readonly target: string
  /** JSON without secrets. */
  readonly before: string | null
  readonly after: string | null
  readonly address: string | null
}

/** A code that was sent to an address, to see whether it is theirs; one for each account in a project. */
export interface AddressCodeRow {
  readonly project: string
  readonly user_id: string
  /** `email`, `phone`, … */
  readonly kind: string
  readonly address: string
  /** HMAC of the code, hexadecimal. */
  readonly code_hash: string
  readonly tries: number
  readonly created_ms: number
  readonly expires_ms: number
}

/** An address that its person has proved to be theirs. */
export interface VerifiedAddressRow {
  readonly project: string
  readonly person: string
  readonly kind: string
  /** SHA-256 of the address, hexadecimal: the address itself stands with the person. */
  readonly hash: string
  readonly at_ms: number
}

/** A process of the server that serves this database. */
export interface NodeRow {
  readonly id: string
  readonly host: string
  readonly version: string
  readonly started_ms: number
  /** Its last sign of life. */
  readonly seen_ms: number
  /** JSON of what came in by it lately. */
  readonly intake: string
}

/** One value for each name, such as when the installation was made. */
export interface FactRow {
  readonly name: string
  readonly value: string
}

/** A time of better-auth: SQLite keeps it as a text (ISO 8601), PostgreSQL as one of its own. */
type TimeColumn = ColumnType<string | Date, Date, Date>

/** Somebody with an account. */
export interface UserRow {
  readonly id: string
  readonly name: string
  /** Lower case. */
  readonly email: string
  readonly emailVerified: ColumnType<boolean | number, boolean, boolean>
  readonly image: string | null
  readonly createdAt: TimeColumn
  readonly updatedAt: TimeColumn
  /** Owns the installation. SQLite keeps 0 and 1. */
  readonly owner: ColumnType<boolean | number | null, boolean, boolean>
}

/** A way to log in; of the provider `credential` it is the password. */
export interface AccountRow {
  readonly id: string
  readonly accountId: string
  readonly providerId: string
  readonly userId: string
  /** Argon2id, in the usual form of one line. */
  readonly password: string | null
  readonly createdAt: TimeColumn
  readonly updatedAt: TimeColumn
}

export interface SessionRow {
  readonly id: string
  readonly token: string
  readonly userId: string
  readonly expiresAt: TimeColumn
  readonly createdAt: TimeColumn
  readonly updatedAt: TimeColumn
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** A link that works once. */
export interface VerificationRow {
  readonly id: string
  /** What for. */
  readonly identifier: string
  /** SHA-256 of its token, hexadecimal. */
  readonly value: string
  readonly expiresAt: TimeColumn
  readonly createdAt: TimeColumn
  readonly updatedAt: TimeColumn
}

/** Stands for a project. */
export interface OrganizationRow {
  readonly id: string
  readonly name: string
  /** The name of the project. */
  readonly slug: string
  readonly createdAt: TimeColumn
}

export interface MemberRow {
  readonly id: string
  readonly organizationId: string
  readonly userId: string
  readonly role: string
  readonly createdAt: TimeColumn
}

export interface InvitationRow {
  readonly id: string
  readonly organizationId: string
  readonly email: string
  readonly role: string
  /** `pending`, `accepted` or `canceled`. */
  readonly status: string
  readonly expiresAt: TimeColumn
  readonly createdAt: TimeColumn
  readonly inviterId: string
  /** SHA-256 of its token, hexadecimal. */
  readonly tokenHash: string
}

/** Tables of the server's own. Those of the engine are the core's. */
export interface ServerTables {
  readonly server_entries: EntryRow
  readonly server_projects: ProjectRow
  readonly server_keys: KeyRow
  readonly server_audit: AuditRow
  readonly server_facts: FactRow
  readonly server_users: UserRow
  readonly server_accounts: AccountRow
  readonly server_sessions: SessionRow
  readonly server_verifications: VerificationRow
  readonly server_organizations: OrganizationRow
  readonly server_members: MemberRow
  readonly server_invitations: InvitationRow
  readonly server_address_codes: AddressCodeRow
  readonly server_verified_addresses: VerifiedAddressRow
  readonly server_nodes: NodeRow
  readonly server_migrations: { readonly version: number; readonly applied_ms: number }
}

/** What the server lets the command line do on its database: see `access/administer.ts` there. */
export interface Administration {
  createKey(key: { readonly name: string; readonly scope: string; readonly project?: string; readonly expiresInMs?: number }): Promise<ListedKey & { readonly key: string }>
  listKeys(project?: string): Promise<readonly ListedKey[]>
  revokeKey(id: string): Promise<ListedKey | undefined>
  ownerLink(url: string): Promise<{ readonly url: string; readonly expiresMs: number }>
  changes(query: { readonly project?: string; readonly actor?: string; readonly action?: string; readonly before?: number; readonly limit: number }): Promise<readonly RecordedChange[]>
  close(): Promise<void>
}

export interface AdministerOptions {
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: true
  readonly env: NodeJS.ProcessEnv
  readonly notice: (text: string) => void
  readonly by: string
  readonly command: string
}

export interface ListedKey {
  readonly id: string
  readonly name: string
  readonly scope: string
  readonly project?: string
  readonly last4: string
  readonly state: string
  readonly createdMs: number
  readonly expiresMs?: number
  readonly usedMs?: number
}

export interface RecordedChange {
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

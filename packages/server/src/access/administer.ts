import { systemChance, type Config } from 'tocsin/engine'
import type { Actor } from '../stores/audit.ts'
import { openStores } from '../stores/open-stores.ts'
import { createAccounts, ownerLinkMs } from './accounts.ts'
import { readChanges, type RecordedChange } from './audit.ts'
import { welcomeUrl } from './first-start.ts'
import type { KeyScope, ListedKey } from './key.ts'
import { createKeys } from './keys.ts'

export interface AdministerOptions {
  /** Folder of the database. */
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly notice: (text: string) => void
  /** Who sits at the terminal, for the record of changes. */
  readonly by: string
  /** The command, such as `keys create`. */
  readonly command: string
}

/** What the command line does to keys and accounts, on the database itself: servers may run or not. */
export interface Administration {
  createKey(key: { readonly name: string; readonly scope: KeyScope; readonly project?: string; readonly expiresInMs?: number }): Promise<ListedKey & { readonly key: string }>
  /** Newest first; at most 1,000. */
  listKeys(project?: string): Promise<readonly ListedKey[]>
  /** Nothing where there is none by this id, or it was revoked before. */
  revokeKey(id: string): Promise<ListedKey | undefined>
  ownerLink(url: string): Promise<{ readonly url: string; readonly expiresMs: number }>
  /** Newest first. */
  changes(query: { readonly project?: string; readonly actor?: string; readonly action?: string; readonly before?: number; readonly limit: number }): Promise<readonly RecordedChange[]>
  close(): Promise<void>
}

const listedMax = 1_000
const durability: Config['store']['durability'] = 'full'

/** @throws TocsinError `wrong-usage` or `store-…` where the database cannot be opened */
export async function administer({ data, databaseUrl, allowInsecureDatabase, env, notice, by, command }: AdministerOptions): Promise<Administration> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const stores = await openStores({ data, durability, notice, ...(url !== undefined && { databaseUrl: url }), ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }) })
  const { database: { db }, clock } = stores
  const keys = createKeys({ db, clock, chance: systemChance, notice })
  // Nobody is held in this process; servers that run look again within seconds.
  const accounts = createAccounts({ db, clock, chance: systemChance, people: { forget: () => undefined } })
  const principal: Actor = { kind: 'command', id: command, name: by }
  const known = async (id: string): Promise<ListedKey> => {
    const key = await keys.byId(id)
    if (key === undefined) throw new Error('expected the key that was written just now')
    return key
  }

  return {
    async createKey({ name, scope, project, expiresInMs }) {
      const { id, key } = await keys.create({ name, scope, ...(project !== undefined && { project }), ...(expiresInMs !== undefined && { expiresMs: clock.nowMs() + expiresInMs }) }, { principal })
      return { ...(await known(id)), key }
    },
    listKeys: (project) => keys.list({ ...(project !== undefined && { project }), withInstallation: true, limit: listedMax }),
    revokeKey: async (id) => ((await keys.revoke(id, { principal })) ? known(id) : undefined),
    async ownerLink(at) {
      const token = await accounts.makeOwnerLink({ principal })
      return { url: welcomeUrl(at, token), expiresMs: clock.nowMs() + ownerLinkMs }
    },
    changes: (query) => readChanges(db, { ...query, withInstallation: true }),
    async close() {
      await keys.close()
      await stores.close()
    },
  }
}

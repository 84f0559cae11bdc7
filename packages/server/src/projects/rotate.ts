import { systemChance } from 'tocsin/engine'
import { openStores } from '../stores/open-stores.ts'
import { rotateSecrets, type Rotation } from './rotate-secrets.ts'
import { keySource } from './secret-key.ts'

export interface RotateOptions {
  /** Folder of the database and of `secret.key`. */
  readonly data: string
  /** `postgres://…`; absent: that of `TOCSIN_DATABASE_URL`, else SQLite in `data`. */
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly notice: (text: string) => void
}

/** `tocsin secrets rotate`: over the database of an installation, whether its servers run or not. */
export async function rotate({ data, databaseUrl, allowInsecureDatabase, env, notice }: RotateOptions): Promise<Rotation> {
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const stores = await openStores({ data, ...(url !== undefined && { databaseUrl: url }), ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }), durability: 'full', notice })
  try {
    return await rotateSecrets({ keys: keySource({ env, data, chance: systemChance }), database: stores.database, chance: systemChance })
  } finally {
    await stores.close()
  }
}

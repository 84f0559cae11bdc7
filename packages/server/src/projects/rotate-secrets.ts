import { TocsinError, type Chance } from 'tocsin/engine'
import type { Database } from '../stores/database.ts'
import { allEntries, changingConfiguration, putEntry } from '../stores/entries.ts'
import { kindsWithSecrets, opened, sealed, sealedTexts } from './entry-secrets.ts'
import { createSecretBox } from './secret-box.ts'
import { newSecretKey, writeKeyFile, type KeySource } from './secret-key.ts'

export interface Rotation {
  /** The key that seals from now on. */
  readonly key: string
  /** Things whose secrets were sealed anew. */
  readonly resealed: number
  /** What is left to do by hand; absent: nothing. */
  readonly todo?: string
}

/**
 * Seals every secret in the database with a new key, while servers run. The key file gets the new key before the old ones, then everything
 * is sealed anew, and then the old ones are taken out. A server reads the file when it seals, within the transaction that writes, and when it
 * meets a key it does not know; transactions that change the configuration run one after the other, so that nothing is sealed with an old
 * key after that.
 *
 * Keys of the environment are changed there: first `TOCSIN_SECRET_KEY=NEW,OLD` in every server, then this, then `TOCSIN_SECRET_KEY=NEW`.
 *
 * @throws TocsinError `wrong-usage` where the environment holds the old key alone; `config-invalid` where a secret does not open
 */
export async function rotateSecrets({ keys, database, chance }: { readonly keys: KeySource; readonly database: Database; readonly chance: Chance }): Promise<Rotation> {
  if (keys.kind === 'file') writeKeyFile(keys.name, [newSecretKey(chance), ...keys.read()])
  const box = createSecretBox(keys, chance)
  const [current, ...old] = keys.read()
  const resealed = await changingConfiguration(database.db, database.kind, async (tx) => {
    const rows = (await Promise.all(kindsWithSecrets.map(async (kind) => (await allEntries(tx, kind)).map((row) => ({ kind, row }))))).flat().filter(({ row }) => sealedTexts(row.body).some((text) => !box.isCurrent(text)))
    for (const { kind, row } of rows) {
      const place = { project: row.project, kind, name: row.name }
      await putEntry(tx, { ...row, body: sealed(opened(row.body, place, box), place, box) })
    }
    return rows.length
  })
  if (keys.kind === 'file') {
    writeKeyFile(keys.name, [current])
    return { key: current.id, resealed }
  }
  if (old.length === 0 && resealed === 0) {
    throw new TocsinError('wrong-usage', `${keys.name} holds one key, and everything is sealed with it. To rotate it put a new one before it, in every server: ${keys.name}=NEW,OLD (openssl rand -base64 32 makes one), start them anew, and run this again with the same.`)
  }
  return { key: current.id, resealed, ...(old.length > 0 && { todo: `Everything is sealed with the first key of ${keys.name}: the others can be taken out of it now, in every server.` }) }
}

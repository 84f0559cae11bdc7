import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createEngine, type Engine } from '../engine.ts'
import { configurationFrom } from '../configuration.ts'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'

/** An engine of this command's own, over the same database as the agents'. */
export async function openEngine(
  options: { readonly config: string; readonly data: string },
  env: NodeJS.ProcessEnv,
  notice: (text: string) => void,
): Promise<{ readonly engine: Engine; readonly store: Store; readonly project: string }> {
  const config = configurationFrom(options.config, [], env, 'console')
  const store = openSqliteStore({ file: databaseIn(options.data), clock: systemClock, durability: config.store.durability, notice })
  return { engine: createEngine({ config, store, clock: systemClock, chance: systemChance, notice }), store, project: config.project }
}

/** Opens what is there; a command that only looks makes no new database. */
export async function openExistingStore(data: string, notice: (text: string) => void): Promise<Store> {
  return openSqliteStore({ file: requireDatabase(data), clock: systemClock, durability: 'full', notice })
}

/** @throws TocsinError `wrong-usage` where there is no database, which is mostly a wrong folder */
export function requireDatabase(data: string): string {
  const file = databaseIn(data)
  if (!existsSync(file)) throw new TocsinError('wrong-usage', `${file} does not exist. Name the agent's data folder: --data FOLDER`)
  return file
}

function databaseIn(data: string): string {
  return join(data, 'tocsin.db')
}

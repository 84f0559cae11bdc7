import { configurationFrom, systemChance, systemClock, TocsinError, type Config, type Subject } from 'tocsin/engine'
import { recordChange } from '../access/audit.ts'
import { configFile } from '../projects/config-file.ts'
import { entriesOf } from '../stores/entries.ts'
import { openStores } from '../stores/open-stores.ts'
import { eraseSubject, exportLines, personOf, stillConfigured, type ErasedSubject } from './personal.ts'

export interface PersonalOptions {
  /** One of the two. */
  readonly person?: string
  readonly user?: string
  /** Absent: that of the configuration file. */
  readonly project?: string
  readonly config?: string
  readonly data: string
  /** Absent: that of `TOCSIN_DATABASE_URL`, else SQLite in `data`. */
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: boolean
  /** Who does it, for the record of changes. */
  readonly by: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly notice: (text: string) => void
}

/** Writes all that is kept about somebody, one JSON object a line. @returns how many things there were */
export async function exportPersonal(options: PersonalOptions, write: (text: string) => Promise<void>): Promise<{ readonly things: number }> {
  const { stores, project, of, settings, record } = await opened(options)
  try {
    await record(`${of.kind === 'person' ? 'people' : 'agent-users'}.export`, of.kind === 'person' ? of.person : of.user)
    let things = -1
    for await (const lines of exportLines({ store: stores.store, db: stores.database.db, clock: stores.clock, project, of, ...(settings !== undefined && { settings }) })) {
      things += lines.split('\n').length - 1
      await write(lines)
    }
    return { things }
  } finally {
    await stores.close()
  }
}

/** @throws TocsinError `wrong-usage` where the person is still in the configuration */
export async function erasePersonal(options: PersonalOptions): Promise<ErasedSubject> {
  const { stores, project, of, settings, record } = await opened(options)
  try {
    if (of.kind === 'person') {
      const isEntry = (await entriesOf(stores.database.db, project)).some(({ kind, name }) => kind === 'people' && name === of.person)
      if (settings !== undefined || isEntry) throw new TocsinError('wrong-usage', stillConfigured(of.person))
    }
    const done = await eraseSubject({ store: stores.store, db: stores.database.db, clock: stores.clock, chance: systemChance, project, of })
    await record(`${of.kind === 'person' ? 'people' : 'agent-users'}.erase`, done.as)
    return done
  } finally {
    await stores.close()
  }
}

async function opened({ person, user, project: given, config: file, data, databaseUrl, allowInsecureDatabase, by, env, notice }: PersonalOptions) {
  if ((person === undefined) === (user === undefined)) throw new TocsinError('wrong-usage', `Expected one of --person and --user, found ${person === undefined ? 'none' : 'both'}.`)
  const configured: Config = configurationFrom(configFile(file, env).path, [], env)
  const project = given ?? configured.project
  const people = project === configured.project ? configured : undefined
  const of: Subject = person !== undefined ? personOf(person, people) : { kind: 'user', user: user ?? '' }
  const url = databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const stores = await openStores({ data, ...(url !== undefined && { databaseUrl: url }), ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }), durability: 'full', notice })
  const record = (action: string, target: string): Promise<void> => recordChange({ db: stores.database.db, clock: systemClock }, { project, principal: { kind: 'command', id: by, name: by }, action, target })
  return { stores, project, of, settings: person === undefined ? undefined : people?.people[person], record }
}

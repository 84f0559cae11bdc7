import { query, type Session } from './statement.ts'

/** What is asked of these for every claim, and nearly always there is nothing; each with how its rows of a project are found. */
const rareTables = {
  holds: 'where project = $1', pauses: 'where project = $1', channel_health: 'where project = $1', bad_addresses: 'where project = $1',
  silences: 'where project = $1', expected: 'where project = $1',
  // Asked for by alert, of whatever project it is.
  hushes: '',
} as const

type RareTable = keyof typeof rareTables

/** Which small tables hold nothing, so that they need not be asked: all are looked at together, once in a transaction. Nobody else of the project writes there meanwhile. */
export interface RareRows {
  mayHold(table: Exclude<RareTable, 'hushes'>, project: number): Promise<boolean>
  mayHush(): Promise<boolean>
  /** From here on this transaction has rows there. */
  puts(table: RareTable): void
}

const look = query<Readonly<Record<RareTable, boolean>>>(
  `select ${Object.entries(rareTables).map(([table, where]) => `exists (select from @${table} ${where}) as ${table}`).join(', ')}`,
)

export function rareRows(sql: Session): RareRows {
  const looked = new Map<number, Promise<Readonly<Record<RareTable, boolean>> | undefined>>()
  const put = new Set<RareTable>()

  const mayHold = async (table: RareTable, project: number): Promise<boolean> => {
    if (put.has(table)) return true
    const known = looked.get(project) ?? sql.get(look, project)
    looked.set(project, known)
    return (await known)?.[table] !== false
  }

  return {
    mayHold,
    // Of hushes a look at one project tells as much as a look at another.
    mayHush: () => mayHold('hushes', looked.keys().next().value ?? 0),
    puts: (table) => void put.add(table),
  }
}

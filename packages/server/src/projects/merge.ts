import { channelTypes, settingFields, type ConfigProblem } from 'tocsin/engine'
import { isFields, pointed } from './entry-secrets.ts'
import { kinds, settingNames, type KindName } from './kinds.ts'

/** Something that the API made, with its secrets open. */
export interface MadeEntry {
  readonly kind: KindName
  readonly name: string
  readonly value: unknown
  readonly place: number
}

/** Where a thing of the configuration comes from. */
export type Origin = 'file' | 'api' | 'default'

/** A thing of the configuration: of the file as it is written there, or made by the API. */
export interface Thing {
  readonly kind: KindName
  readonly name: string
  readonly value: unknown
  readonly origin: Exclude<Origin, 'default'>
}

export interface Merged {
  /** As a whole configuration, as it is written. */
  readonly data: Readonly<Record<string, unknown>>
  /** In their order, those of the file first. */
  readonly things: readonly Thing[]
  /** Entries that do not hold, because the file has the same name by now. */
  readonly shadowed: readonly MadeEntry[]
}

/** The things of a file, as it was written. */
export function thingsOfFile(file: unknown): readonly Thing[] {
  const root = isFields(file) ? file : {}
  return kinds.flatMap(({ name: kind, shape }): readonly Thing[] => {
    if (shape === 'settings') return settingNames.flatMap((name) => (root[name] === undefined ? [] : [{ kind, name, value: root[name], origin: 'file' as const }]))
    const part = root[kind]
    if (shape === 'list') return Array.isArray(part) ? part.map((value: unknown, index) => ({ kind, name: nameInList(value, kind, index), value, origin: 'file' as const })) : []
    return isFields(part) ? Object.entries(part).map(([name, value]) => ({ kind, name, value, origin: 'file' as const })) : []
  })
}

/** A route of the file may have no name: it is called as in decisions and on the command line. */
function nameInList(value: unknown, kind: KindName, index: number): string {
  return isFields(value) && typeof value['name'] === 'string' ? value['name'] : `${kind === 'routes' ? 'route' : kind}-${index + 1}`
}

/** Such names are those of routes of the file that have none; of another it would not be known which is meant. */
export const namelessPattern = /^route-\d+$/

/** File and entries together. `${NAME}` in an entry is no name of the environment: who may use the API may not read it. */
export function merged(file: unknown, entries: readonly MadeEntry[]): Merged {
  const ofFile = thingsOfFile(file)
  const taken = new Set(ofFile.map(keyOf))
  const shadowed = entries.filter((entry) => taken.has(keyOf(entry)))
  const made = entries.filter((entry) => !taken.has(keyOf(entry))).toSorted((one, other) => one.place - other.place || (one.name < other.name ? -1 : 1))
  const data: Record<string, unknown> = isFields(file) ? { ...file } : {}
  for (const { name: kind, shape } of kinds) {
    const own = made.filter((entry) => entry.kind === kind)
    if (own.length === 0) continue
    if (shape === 'settings') for (const { name, value } of own) data[name] = escaped(value)
    else if (kind === 'channels') data[kind] = { ...(isFields(data[kind]) ? data[kind] : {}), ...Object.fromEntries(own.map(({ name, value }) => [name, kept(escaped(value))])) }
    else if (shape === 'list') data[kind] = [...listOf(data[kind]), ...own.map(({ name, value }) => named(escaped(value), name))]
    else data[kind] = { ...(isFields(data[kind]) ? data[kind] : {}), ...Object.fromEntries(own.map(({ name, value }) => [name, escaped(value)])) }
  }
  return { data, things: [...ofFile, ...made.map(({ kind, name, value }): Thing => ({ kind, name, value, origin: 'api' }))], shadowed }
}

/** What is wrong and with which thing. */
export interface ThingProblem {
  /** Absent: with none alone. */
  readonly thing?: Thing
  /** JSON Pointer into it; empty: the whole of it. */
  readonly pointer: string
  readonly text: string
}

/** To which things the problems of a merged configuration belong. */
export function problemsByThing({ things }: Pick<Merged, 'things'>, problems: readonly ConfigProblem[]): readonly ThingProblem[] {
  return problems.map(({ path, text }) => {
    const [head, second, ...rest] = path
    const kind = kinds.find(({ name }) => name === head)
    const isSetting = settingNames.some((name) => name === head)
    const within = isSetting ? path.slice(1) : rest
    const ofKind = things.filter((thing) => thing.kind === (isSetting ? 'settings' : kind?.name))
    const thing = isSetting ? ofKind.find(({ name }) => name === head) : kind?.shape === 'list' ? ofKind[Number(second)] : ofKind.find(({ name }) => name === second)
    return { ...(thing !== undefined && { thing }), pointer: within.map((segment) => `/${pointed(segment)}`).join(''), text: thing === undefined ? [path.join('.'), text].filter((part) => part !== '').join(': ') : text }
  })
}

function keyOf({ kind, name }: Pick<MadeEntry, 'kind' | 'name'>): string {
  return `${kind} ${name}`
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** What is no object the schema refuses by its name. */
function named(value: unknown, name: string): unknown {
  return isFields(value) ? { ...value, name } : value
}

/** A channel of the operator may reach whatever it is told to; one that the API made public addresses, and what an owner has named. */
function kept(value: unknown): unknown {
  const type = isFields(value) && typeof value['type'] === 'string' ? channelTypes.get(value['type']) : undefined
  if (type === undefined || !isFields(value) || value['allowNetworks'] !== undefined) return value
  return settingFields(type).some(({ name }) => name === 'allowNetworks') ? { ...value, allowNetworks: [] } : value
}

/** `${` stands for itself, where the environment is looked up in what comes of it. */
export function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${')
  if (Array.isArray(value)) return value.map(escaped)
  return isFields(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, escaped(one)])) : value
}

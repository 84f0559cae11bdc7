import { defaultChannels, type Config } from 'tocsin/engine'
import type { EntryRow } from '../stores/tables.ts'
import { tagOf, tagOfValue } from './entry-changes.ts'
import { shown } from './entry-secrets.ts'
import type { Kind } from './kinds.ts'
import { thingsOfFile, type Origin } from './merge.ts'

/** A thing of a kind, as the API shows it: without secrets. */
export interface Item {
  readonly name: string
  /** `default`: it is there because nothing is configured, and gives way to the first that is. */
  readonly origin: Origin
  readonly readOnly: boolean
  readonly etag: string
  /** As it is written: durations as `15m`. */
  readonly value: unknown
  readonly changedMs?: number
  readonly changedBy?: string
  /** It does not hold, because the configuration file has the same name by now. */
  readonly shadowed?: true
}

export interface ItemList {
  /** In their order where it counts, else by name. */
  readonly items: readonly Item[]
  /** Of the whole configuration of the project: for `order`. */
  readonly etag: string
}

/** All of a kind, those of the file first. @param config as it is in force */
export function itemsOf(kind: Kind, file: unknown, config: Config | undefined, rows: readonly EntryRow[]): readonly Item[] {
  const ofFile = thingsOfFile(file).filter((thing) => thing.kind === kind.name)
  const taken = new Set(ofFile.map(({ name }) => name))
  const made = rows.filter((row) => row.kind === kind.name).map((row) => ({ ...itemOf(kind, row), ...(taken.has(row.name) && { shadowed: true as const }) }))
  const items: readonly Item[] = [...ofFile.map(({ name, value }) => readOnly(name, 'file', shown(kind.name, value))), ...made]
  if (items.length === 0) return defaultsOf(kind, config)
  return kind.shape === 'list' ? items : items.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** What a configuration without channels gets, see `load-config.ts`. */
function defaultsOf(kind: Kind, config: Config | undefined): readonly Item[] {
  const isDefault = config !== undefined && Object.keys(defaultChannels).every((name) => config.channels[name] !== undefined)
  if (!isDefault || (kind.name !== 'channels' && kind.name !== 'people')) return []
  return Object.entries(config[kind.name]).map(([name, value]) => readOnly(name, 'default', kind.name === 'channels' ? shown(kind.name, value) : { role: config.people[name]?.role }))
}

/** The tag is of what is shown: of the whole it would let somebody try out secrets. */
function readOnly(name: string, origin: 'file' | 'default', value: unknown): Item {
  return { name, origin, readOnly: true, etag: tagOfValue(value), value }
}

export function itemOf(kind: Kind, row: EntryRow): Item {
  return { name: row.name, origin: 'api', readOnly: false, etag: tagOf(row), value: shownRow(kind, row), changedMs: row.changed_ms, changedBy: row.changed_by }
}

/** Sealed or open: of a secret is shown that it is set. */
export function shownRow(kind: Kind, { body }: EntryRow): unknown {
  return shown(kind.name, JSON.parse(body))
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TocsinError } from 'tocsin/engine'

/** Where an installation is. */
export type Place = { readonly kind: 'sqlite'; readonly data: string; readonly file: string } | { readonly kind: 'postgres'; readonly url: string }

export interface PlaceOptions {
  /** Folder of `tocsin.db`, for `sqlite`. */
  readonly data: string
  /** `postgres://…`, for `postgres`. */
  readonly databaseUrl?: string
}

/**
 * `sqlite` and `postgres` stand for `--data` and `--database-url`; anything else is an address of PostgreSQL or a folder.
 *
 * @throws TocsinError `wrong-usage`
 */
export function placeOf(text: string, option: string, { data, databaseUrl }: PlaceOptions): Place {
  if (text === 'postgres' || text === 'postgresql') {
    if (databaseUrl === undefined) throw new TocsinError('wrong-usage', `${option} postgres: expected its address in --database-url or TOCSIN_DATABASE_URL, found none.`)
    return { kind: 'postgres', url: databaseUrl }
  }
  if (/^postgres(?:ql)?:\/\//.test(text)) return { kind: 'postgres', url: text }
  return inFolder(text === 'sqlite' ? data : text)
}

/** PostgreSQL where an address is given, else the folder. */
export function placeGiven({ data, databaseUrl }: PlaceOptions): Place {
  return databaseUrl === undefined ? inFolder(data) : { kind: 'postgres', url: databaseUrl }
}

/** In words, without an address: a password may stand in it. */
export function placeName(place: Place): string {
  return place.kind === 'postgres' ? 'PostgreSQL' : place.data
}

/** @throws TocsinError `wrong-usage` where there is no installation */
export function refuseNone(place: Place): void {
  if (place.kind === 'sqlite' && !existsSync(place.file)) throw new TocsinError('wrong-usage', `Expected an installation in ${place.data}, found no ${place.file}. Name its folder with --data.`)
}

function inFolder(data: string): Place {
  return { kind: 'sqlite', data, file: join(data, 'tocsin.db') }
}

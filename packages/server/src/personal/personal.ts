import type { Chance, Clock, Config, Store, Subject } from 'tocsin/engine'
import { forgetVerifiedAddresses, verifiedAddresses } from '../stores/address-codes.ts'
import type { Connection } from '../stores/audit.ts'

/** Rows that are looked at for one page of an export, and about as many as one transaction of an erasure changes. */
const rowsAtOnce = 500

/** Somebody of a project, with all that their entry in the configuration says of where they are reached. */
export function personOf(person: string, config: Config | undefined): Subject {
  const settings = config?.people[person]
  return { kind: 'person', person, addresses: settings === undefined ? [] : addressesIn(settings) }
}

/** Every text in it that may be an address: an export or an erasure that looks for one too many finds nothing by it. */
function addressesIn(settings: Config['people'][string]): readonly string[] {
  const { email, phone, webPush = [], ...others } = settings
  const more = Object.values(others).flatMap((value) => (typeof value === 'string' ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []))
  return [...new Set([email, phone, ...more].flat().filter((one) => one !== undefined).concat(webPush.map(({ endpoint, keys: { p256dh, auth } }) => JSON.stringify({ endpoint, keys: { p256dh, auth } }))))]
}

export interface ExportParts {
  readonly store: Store
  readonly db: Connection
  readonly clock: Clock
  readonly project: string
  readonly of: Subject
  /** Their entry in the configuration, where there is one. */
  readonly settings?: unknown
}

/** All that is kept about somebody, one JSON object a line: first whom it is about, then each thing with its kind. No more than a page is in memory. */
export async function* exportLines({ store, db, clock, project, of, settings }: ExportParts): AsyncGenerator<string> {
  const whom = of.kind === 'person' ? { person: of.person } : { user: of.user }
  yield `${JSON.stringify({ kind: 'about', value: { ...whom, project, atMs: clock.nowMs(), ...(settings !== undefined && { configuration: settings }) } })}\n`
  if (of.kind === 'person') for (const { kind, at_ms: atMs } of await verifiedAddresses(db, project, of.person)) yield `${JSON.stringify({ kind: 'verified-address', value: { kind, atMs } })}\n`
  let after: string | undefined
  do {
    const page = await store.read.personal({ project, of, limit: rowsAtOnce, ...(after !== undefined && { after }) })
    if (page.items.length > 0) yield page.items.map((item) => `${JSON.stringify(item)}\n`).join('')
    after = page.next
  } while (after !== undefined)
}

export interface ErasedSubject {
  /** What stands in the place of their name. */
  readonly as: string
  /** Rows that were deleted or changed. */
  readonly rows: number
}

/** Erases what is kept about somebody, a bounded part a transaction. What was cut short is done again, and finds what is left. */
export async function eraseSubject({ store, db, clock, chance, project, of }: { readonly store: Store; readonly db: Connection; readonly clock: Clock; readonly chance: Chance; readonly project: string; readonly of: Subject }): Promise<ErasedSubject> {
  const as = `erased-${chance.id().slice(0, 12)}`
  let rows = of.kind === 'person' ? await forgetVerifiedAddresses(db, project, of.person) : 0
  let after: string | undefined
  do {
    const step = await store.transaction((tx) => tx.erase({ project, of, as, limit: rowsAtOnce, nowMs: clock.nowMs(), ...(after !== undefined && { after }) }), { project })
    rows += step.rows
    after = step.goOn
  } while (after !== undefined)
  return { as, rows }
}

export const stillConfigured = (person: string): string => `${person} is still in the configuration, and would be told again. Take them out of it first (and out of its routes), then erase what is kept.`

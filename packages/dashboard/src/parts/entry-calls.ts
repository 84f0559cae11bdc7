import { api } from '../api/client'

/** Things of the configuration that have a name and an ETag. */
export type EntryPath = '/api/v1/channels' | '/api/v1/people' | '/api/v1/rules' | '/api/v1/budgets' | '/api/v1/routes' | '/api/v1/teams' | '/api/v1/rotations' | '/api/v1/templates' | '/api/v1/maintenance' | '/api/v1/settings'

/** One of them, as every list of them has it. `value` is as it is written in the configuration. */
export interface Entry<V> {
  readonly name: string
  readonly origin: 'file' | 'api' | 'default'
  readonly readOnly: boolean
  readonly etag: string
  readonly value: V
  readonly changedMs?: number
  readonly changedBy?: string
  /** It does not hold: the file has the same name by now. */
  readonly shadowed?: true
}

/** What the change is made in: of `etag` what was read, of `new` that there is none yet. */
export type Basis = { readonly etag: string } | 'new'

type Call = (path: string, init: unknown) => Promise<{ readonly data?: unknown }>

// Reason for the casts: that a path, its body and its answer belong together is said by the types here; the client cannot follow them through a variable.
const { GET, PUT, DELETE } = api as unknown as { readonly GET: Call; readonly PUT: Call; readonly DELETE: Call }

export async function readEntry<V>(path: EntryPath, name: string): Promise<Entry<V>> {
  const { data } = await GET(`${path}/{name}`, { params: { path: { name } } })
  return data as Entry<V>
}

/** @throws ProblemError 412 where it is not any more what was read */
export async function putEntry<V>(path: EntryPath, name: string, value: V, basis: Basis): Promise<Entry<V>> {
  const headers = basis === 'new' ? { 'if-none-match': '*' } : { 'if-match': basis.etag }
  const { data } = await PUT(`${path}/{name}`, { params: { path: { name } }, headers, body: value })
  return data as Entry<V>
}

/** @throws ProblemError 409 where something else needs it: its places say what */
export async function removeEntry(path: EntryPath, name: string, etag: string): Promise<void> {
  await DELETE(`${path}/{name}`, { params: { path: { name } }, headers: { 'if-match': etag } })
}

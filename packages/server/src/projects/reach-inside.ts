import { isDeepStrictEqual } from 'node:util'
import type { ProblemPlace } from '../http/problem.ts'
import { isFields, pointed } from './entry-secrets.ts'
import type { KindName } from './kinds.ts'

/** The settings of channels, and of a heartbeat, by which they reach other hosts than public ones: this machine, its networks, or whatever is written there. */
const insideFields: readonly string[] = ['allowInsecure', 'allowNetworks', 'apiBase']

/**
 * Where a thing would let a channel reach what only this machine can. Its test shows what is answered there: who is not of the whole
 * installation would look into the operator's network through it.
 *
 * @param before as it stands, which somebody else may have allowed; what of it stays may stay
 */
export function reachesInside(kind: KindName, value: unknown, before: unknown): readonly ProblemPlace[] {
  if ((kind !== 'channels' && kind !== 'settings') || !isFields(value)) return []
  const old = isFields(before) ? before : {}
  const stays = ['url', 'server', 'webhookUrl'].every((field) => isDeepStrictEqual(old[field], value[field]))
  return insideFields.filter((field) => isOpen(value[field]) && !(stays && isDeepStrictEqual(old[field], value[field])))
    .map((field) => ({ pointer: `/${pointed(field)}`, detail: 'only an owner of the installation, or a key of all projects, sets what reaches other than public addresses' }))
}

function isOpen(setting: unknown): boolean {
  return setting !== undefined && setting !== false && !(Array.isArray(setting) && setting.length === 0)
}

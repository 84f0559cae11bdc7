import { channelTypes, settingFields } from 'tocsin/engine'
import type { ProblemPlace } from '../http/problem.ts'
import { isFields, pointed } from './entry-secrets.ts'
import type { KindName } from './kinds.ts'

const detail = 'expected the text itself; the path of a file is taken in the configuration file only'

/**
 * Where a thing that the API made names a file. Whoever may use the API may not have the server read its own files to them: only the
 * configuration file, which is the operator's, names files. Nothing is opened to find out.
 */
export function filesNamed(kind: KindName, value: unknown): readonly ProblemPlace[] {
  if (!isFields(value)) return []
  if (kind === 'templates') return Object.entries(value).flatMap(([form, source]) => (isFields(source) && 'file' in source ? [{ pointer: `/${pointed(form)}`, detail }] : []))
  if (kind !== 'channels') return []
  const type = typeof value['type'] === 'string' ? channelTypes.get(value['type']) : undefined
  if (type === undefined) return []
  return settingFields(type).flatMap(({ name, mayBeFile }) => {
    const given = value[name]
    return mayBeFile && typeof given === 'string' && !isText(given) ? [{ pointer: `/${pointed(name)}`, detail }] : []
  })
}

/** As channels tell a text from a path: an object in JSON, or PEM. */
function isText(given: string): boolean {
  return given.trimStart().startsWith('{') || given.includes('-----BEGIN')
}

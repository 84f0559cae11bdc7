import { z } from 'zod'
import { nearest } from './channels/nearest.ts'
import type { Path, Problem } from './config-source.ts'

type Issue = z.core.$ZodIssue

/** How a value may be shown in an error: itself, what was written for it, or not at all. */
export type Show = (path: Path) => { readonly written: string } | 'hidden' | 'itself'

/**
 * What a schema found, worded as "expected …, found …".
 *
 * @param base path of the schema's data in the whole configuration
 */
export function problemsOf(issues: readonly Issue[], schema: z.ZodType, data: unknown, base: Path, show: Show): readonly Problem[] {
  return issues.flatMap((issue) => {
    const own = issue.path.filter((segment) => typeof segment !== 'symbol')
    const path = [...base, ...own]
    if (issue.code === 'unrecognized_keys') {
      const meant = formKnowing(issue.keys, schemaAt(schema, own))?.safeParse(valueAt(data, own)).error?.issues
      if (meant !== undefined) return problemsOf(meant.map((one) => ({ ...one, path: [...issue.path, ...one.path] })), schema, data, base, show)
    }
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(key, keysAt(schema, own)) }))
    if (issue.code === 'invalid_key') return [{ path, text: issue.issues[0]?.message ?? issue.message }]
    if (issue.code === 'invalid_union') {
      const inner = likeliest(issue.errors).map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
      return problemsOf(inner, schema, data, base, show)
    }
    const value = valueAt(data, own)
    const shown = show(path)
    // Some checks of the schema quote the value themselves.
    const wanted = shown === 'itself' ? expected(issue) : expected(issue).replace(/, found .*$/s, '')
    return [{ path, text: `${wanted}${wanted.includes(', found ') ? '' : found(value, shown, issue)}` }]
  })
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known)
  if (near !== undefined) return `unknown setting, did you mean "${near}"?`
  return known.length === 0 ? 'unknown setting' : `unknown setting, expected one of ${known.join(', ')}`
}

/** Of the forms a value may have, the one it probably has: the fewest complaints, each unknown name one, and none about the whole of it. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const one = (issue: Issue): number => (issue.code === 'unrecognized_keys' ? issue.keys.length : issue.path.length === 0 ? 100 : 1)
  const weight = (branch: readonly Issue[]): number => branch.reduce((sum, issue) => sum + one(issue), 0)
  return branches.reduce((best, branch) => (weight(branch) < weight(best) ? branch : best), branches[0] ?? [])
}

const formats: Readonly<Record<string, string>> = {
  email: 'expected an e-mail address such as dana@example.com',
  url: 'expected an address such as https://example.com',
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'settings', array: 'a list', record: 'named entries',
}

function expected(issue: Issue): string {
  if (issue.message.startsWith('expected')) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`
    case 'invalid_format':
      return formats[issue.format] ?? issue.message
    default:
      return issue.message
  }
}

function unitOf(origin: string, count: number | bigint): string {
  if (origin === 'string') return Number(count) === 1 ? ' character' : ' characters'
  if (origin !== 'array' && origin !== 'record') return ''
  return Number(count) === 1 ? ' entry' : ' entries'
}

function found(value: unknown, shown: ReturnType<Show>, issue: Issue): string {
  if (value === undefined) return ', found nothing'
  if (shown === 'hidden') return ''
  if (shown !== 'itself') return `, found ${JSON.stringify(shown.written)}`
  const near = issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined
  return `, found ${brief(value)}${near === undefined ? '' : `, did you mean "${near}"?`}`
}

const shownCharsMax = 60

function brief(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') return typeof value === 'object' ? 'settings' : `a ${typeof value}`
  const text = JSON.stringify(value)
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax - 1)}…` : text
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const segment of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, segment) : undefined
  return value
}

/**
 * Of a value with several forms the one that knows these names. Zod believes the only form that has nothing but unknown names against
 * it, so that `above: "5"` would make `measure` and `above` unknown names of a rule that has neither.
 */
function formKnowing(keys: readonly string[], schema: z.core.$ZodType | undefined): z.ZodType | undefined {
  if (!(schema instanceof z.ZodUnion)) return undefined
  return schema.options.find((option): option is z.ZodType => option instanceof z.ZodType && keys.every((key) => keysAt(option, []).includes(key)))
}

function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  const [head, ...rest] = path
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schemaAt(schema.unwrap(), path)
  if (head === undefined) return schema
  if (schema instanceof z.ZodRecord) return schemaAt(schema.valueType, rest)
  if (schema instanceof z.ZodArray) return schemaAt(schema.element, rest)
  if (!(schema instanceof z.ZodObject)) return undefined
  const next: unknown = schema.shape[String(head)]
  return next instanceof z.ZodType ? schemaAt(next, rest) : undefined
}

/** The names a schema knows at a path; of every form, where it has several. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const [head, ...rest] = path
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return keysAt(schema.unwrap(), path)
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap((option) => keysAt(option, path)))]
  if (schema instanceof z.ZodRecord) return head === undefined ? [] : keysAt(schema.valueType, rest)
  if (schema instanceof z.ZodArray) return head === undefined ? [] : keysAt(schema.element, rest)
  if (!(schema instanceof z.ZodObject)) return []
  if (head === undefined) return Object.keys(schema.shape)
  const next: unknown = schema.shape[String(head)]
  return next instanceof z.ZodType ? keysAt(next, rest) : []
}

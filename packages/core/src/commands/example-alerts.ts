import { alertKinds, type Alert } from '../model/alert.ts'
import { severities } from '../model/severity.ts'
import { viewOfAlert, type AlertView } from '../rules/view.ts'
import { alertOf, type AlertFile } from '../alert-file.ts'

/** Alerts that are tried with conditions. */
export interface Examples {
  readonly alerts: readonly Alert[]
  /** Each case that the conditions can tell apart, and in which what must hold does, is among them. */
  readonly isComplete: boolean
}

/** A part of a condition, ready to be asked. */
export interface Part {
  readonly text: string
  readonly test: (view: AlertView) => boolean
}

const examplesMax = 2_000

const fieldNames = ['rule', 'key', 'state', 'message', 'agent', 'environment', 'sessionId', 'provider', 'model', 'errorClass', 'budget'] as const
const numberNames = ['count', 'openedAtMs', 'percent', 'costUsd'] as const
const states = ['firing', 'acknowledged', 'resolved']

/** Values of one field; `undefined`: the alert has none. */
interface Domain {
  readonly path: string
  readonly values: readonly (string | number | undefined)[]
}

const base: readonly Domain[] = [{ path: 'kind', values: alertKinds }, { path: 'severity', values: severities }]

/**
 * Alerts of every kind and severity, with each value that these conditions compare a field with, another value, and none. Where they do more than
 * compare, or there are more cases than can be tried, some are left out.
 *
 * @param conditions what must be told apart
 * @param must what each alert is to fulfil: a value of one field that does not is not tried with the values of the others, so that few cases are left
 * @param more conditions whose values are tried where there is room
 */
export function examplesFor(conditions: readonly string[], must: readonly Part[], more: readonly string[] = []): Examples {
  const all = fitting([...base, ...domainsOf(conditions)], must)
  const isComplete = sizeOf(all) <= examplesMax && conditions.every((condition) => lookedAt(condition).onlyCompares)
  const wide = more.length === 0 ? all : [...all, ...domainsOf(more).filter(({ path }) => all.every((one) => one.path !== path))]
  const chosen = sizeOf(wide) <= examplesMax ? wide : all
  return { alerts: combined(chosen).map((values) => alertOf(values, 'default', 0)), isComplete }
}

/** Without the values that a part about this field alone refuses. */
function fitting(domains: readonly Domain[], must: readonly Part[]): readonly Domain[] {
  const about = must.flatMap(({ text, test }) => {
    const { paths } = lookedAt(text)
    return paths.length === 1 ? [{ path: paths[0], test }] : []
  })
  return domains.map(({ path, values }) => {
    const asked = about.filter((one) => one.path === path)
    if (asked.length === 0) return { path, values }
    return { path, values: values.filter((value) => asked.every(({ test }) => isFulfilled(test, fileOf([[path, value]])))) }
  })
}

function isFulfilled(test: Part['test'], fields: AlertFile): boolean {
  try {
    return test(viewOfAlert(alertOf(fields, 'default', 0)))
  } catch {
    // What cannot be evaluated matches nothing, as in the engine.
    return false
  }
}

/** As JSON that `tocsin route` takes. */
export function exampleOf(alert: Alert): string {
  const { kind, severity, rule, key, state, message, count, agent, environment, sessionId, tags, params } = alert
  const given = { kind, severity, rule: unless(rule, 'example'), key: unless(key, 'example'), state: unless(state, 'firing'), message: unless(message, 'custom'), count: count === 1 ? undefined : count, agent, environment, sessionId, tags, ...params }
  return JSON.stringify(given)
}

function unless(value: string, usual: string): string | undefined {
  return value === usual ? undefined : value
}

/** A condition with each text in it replaced by its number, so that no sign within a text is taken for one of the condition. */
interface Bare {
  readonly text: string
  readonly texts: readonly string[]
}

function bareOf(condition: string): Bare {
  const texts: string[] = []
  const text = condition.replaceAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g, (_whole, single: string | undefined, double: string | undefined) => `'${texts.push(single ?? double ?? '') - 1}'`)
  return { text, texts }
}

/** Pieces of a condition in which a field stands beside what it is compared with. */
function clausesOf({ text, texts }: Bare): readonly { readonly text: string; readonly values: readonly string[] }[] {
  return text.split(/&&|\|\|/).map((clause) => ({ text: clause, values: [...clause.matchAll(/'(\d+)'/g)].map(([, index]) => texts[Number(index)] ?? '') }))
}

/** What is known of one condition; each is read once, however many it is compared with. */
interface Looked {
  readonly bare: Bare
  readonly clauses: ReturnType<typeof clausesOf>
  /** The fields it names, each once; none where it does something else with the alert. */
  readonly paths: readonly string[]
  readonly onlyCompares: boolean
}

const looked = new Map<string, Looked>()
const lookedMax = 5_000

function lookedAt(condition: string): Looked {
  const known = looked.get(condition)
  if (known !== undefined) return known
  const bare = bareOf(condition)
  const found = { bare, clauses: clausesOf(bare), paths: pathsOf(bare), onlyCompares: onlyCompares(bare) }
  if (looked.size < lookedMax) looked.set(condition, found)
  return found
}

function pathsOf({ text, texts }: Bare): readonly string[] {
  const named = [...text.matchAll(/\balert\b(?:\.tags\.([A-Za-z_]\w*)|\.tags\[\s*'(\d+)'\s*\]|\.(\w+))?/g)].map(([, tag, index, field]) => (tag !== undefined ? `tags.${tag}` : index !== undefined ? `tags.${texts[Number(index)] ?? ''}` : field))
  return named.some((path) => path === undefined || path === 'tags') ? [] : [...new Set(named.flatMap((path) => path ?? []))]
}

function domainsOf(conditions: readonly string[]): readonly Domain[] {
  const all = conditions.map(lookedAt)
  const bares = all.map(({ bare }) => bare)
  const clauses = all.flatMap((one) => one.clauses)
  const texts = bares.flatMap((one) => one.texts)
  const other = otherThan(texts)
  const valuesBeside = (path: RegExp): readonly string[] => [...new Set(clauses.flatMap(({ text, values }) => (path.test(text) ? values : [])))].filter((value) => value !== '')
  const ofFields = fieldNames.flatMap((name): readonly Domain[] => {
    const path = new RegExp(`alert\\.${name}\\b`)
    if (!clauses.some(({ text }) => path.test(text))) return []
    return [{ path: name, values: name === 'state' ? states : [...valuesBeside(path), other, undefined] }]
  })
  const byName = clauses.flatMap(({ text, values }) => [...text.matchAll(/alert\.tags\.([A-Za-z_]\w*)/g)].map(([, tag = '']) => ({ tag, values })))
  const byIndex = bares.flatMap(({ texts: own, ...bare }) => clausesOf({ ...bare, texts: own }).flatMap(({ text, values }) => [...text.matchAll(/alert\.tags\[\s*'(\d+)'\s*\]/g)].map(([, index]) => ({ tag: own[Number(index)] ?? '', values: values.filter((value) => value !== own[Number(index)]) }))))
  const named = [...byName, ...byIndex].filter(({ tag }) => tag !== '')
  const ofTags = [...new Set(named.map(({ tag }) => tag))].map((tag): Domain => ({ path: `tags.${tag}`, values: [...new Set(named.flatMap((one) => (one.tag === tag ? one.values : []))), other, undefined] }))
  const ofNumbers = numberNames.flatMap((name): readonly Domain[] => {
    const numbers = clauses.flatMap(({ text }) => (text.includes(`alert.${name}`) ? [...text.replaceAll(/'\d+'/g, '').matchAll(/(?<![\w.])\d+(?:\.\d+)?/g)].map(([number]) => Number(number)) : []))
    if (numbers.length === 0) return []
    return [{ path: name, values: name === 'count' || name === 'openedAtMs' ? whole(numbers) : [...between(numbers), undefined] }]
  })
  return [...ofFields, ...ofTags, ...ofNumbers]
}

/** Whole numbers on both sides of each, and itself. */
function whole(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers.flatMap((one) => [Math.floor(one) - 1, Math.floor(one), Math.ceil(one), Math.ceil(one) + 1]))].filter((one) => one >= 1)
}

/** Each, one between each two, and one beyond them on either side. */
function between(numbers: readonly number[]): readonly number[] {
  const sorted = [...new Set(numbers)].toSorted((one, other) => one - other)
  return [...sorted, ...sorted.map((one, index) => (one + (sorted[index + 1] ?? one + 2)) / 2), (sorted[0] ?? 0) - 1]
}

function otherThan(texts: readonly string[]): string {
  let other = 'other'
  while (texts.includes(other)) other += '-'
  return other
}

/** Of such a condition a field's values are those it names, any other and none: no case is missing. */
function onlyCompares(bare: Bare): boolean {
  // Calls, arithmetic, a choice, and whether there is a tag at all.
  if (/[A-Za-z_]\w*\s*\(|[-+*/%?{]|alert\.tags(?![.[])/.test(bare.text.replaceAll(/\bin\s*\(/g, '(')) || bare.texts.some((text) => text.includes('\\'))) return false
  // Two fields in one comparison have more cases than their values, and so has the order of texts.
  return clausesOf(bare).every(({ text, values }) => (text.match(/alert\./g) ?? []).length <= 1 && !(values.length > 0 && /[<>]/.test(text)))
}

function sizeOf(domains: readonly Domain[]): number {
  return domains.reduce((size, { values }) => size * values.length, 1)
}

/** All combinations; the first ones, with other values of each field, where there are too many. */
function combined(domains: readonly Domain[]): readonly AlertFile[] {
  const size = Math.min(sizeOf(domains), examplesMax)
  return Array.from({ length: size }, (_, index) => {
    let rest = index
    return fileOf(domains.map(({ path, values }) => {
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      return [path, value]
    }))
  })
}

function fileOf(values: readonly (readonly [path: string, value: string | number | undefined])[]): AlertFile {
  const fields: Record<string, unknown> = {}
  const tags: Record<string, string> = {}
  for (const [path, value] of values) {
    if (value === undefined) continue
    if (path.startsWith('tags.')) tags[path.slice('tags.'.length)] = String(value)
    else fields[path] = value
  }
  // Reason for the cast: whoever lacks kind or severity is asked about another field alone.
  return { ...fields, ...(Object.keys(tags).length > 0 && { tags }) } as AlertFile
}

import { ownSettings, unknownType } from './channels/registry.ts'
import { settingFields } from './channels/setting-fields.ts'
import { suggestion } from './channels/nearest.ts'
import { problemsOf, type Show } from './config-issues.ts'
import type { Path, Problem } from './config-source.ts'
import type { ChannelType } from './model/channel.ts'
import { eventTypes } from './model/event.ts'
import { roles } from './model/roles.ts'

/** What is wrong with a condition, in one sentence; nothing where it compiles. */
export type CheckCondition = (expression: string, view: 'event' | 'alert') => string | undefined
/** What is wrong with a name in `groupBy`. */
export type CheckGroupName = (name: string) => string | undefined

/** What is wrong with a rule's `measure` and the thresholds on it, and under which key. */
export type CheckMeasure = (measure: string, thresholds: Readonly<Record<string, unknown>>) => { readonly key: string; readonly text: string } | undefined

export interface ReferenceChecks {
  readonly types: ReadonlyMap<string, ChannelType>
  /** Names of the built-in rules; absent: not checked. */
  readonly builtInRules?: readonly string[]
  readonly checkCondition?: CheckCondition
  readonly checkGroupName?: CheckGroupName
  readonly checkMeasure?: CheckMeasure
}

/**
 * What one schema cannot see: settings by the channel's type, names that must exist elsewhere, conditions. Reads the data
 * as it was written, so that these problems are told beside those of the schema and not after them.
 */
export function referenceProblems(data: unknown, checks: ReferenceChecks, show: Show): readonly Problem[] {
  const root = entriesOf(data)
  const channels = entriesOf(root['channels'])
  const people = entriesOf(root['people'])
  return [
    ...Object.entries(channels).flatMap(([name, channel]) => channelProblems(name, channel, checks, show)),
    ...Object.entries(entriesOf(root['rules'])).flatMap(([name, rule]) => ruleProblems(name, rule, checks)),
    ...Object.entries(entriesOf(root['budgets'])).flatMap(([name, budget]) => [
      ...conditionProblems(entriesOf(budget)['where'], 'event', ['budgets', name, 'where'], checks),
      ...groupProblems(entriesOf(budget)['groupBy'], ['budgets', name, 'groupBy'], checks),
    ]),
    ...listOf(root['routes']).flatMap((route, index) => routeProblems(entriesOf(route), ['routes', index], Object.keys(channels), Object.keys(people), checks)),
  ]
}

function channelProblems(name: string, channel: unknown, checks: ReferenceChecks, show: Show): readonly Problem[] {
  const path = ['channels', name]
  const { type: typeName, ...rest } = entriesOf(channel)
  if (typeof typeName !== 'string') return [] // The schema says so.
  const type = checks.types.get(typeName)
  if (type === undefined) return [{ path: [...path, 'type'], text: unknownType(typeName, checks.types.keys()) }]
  const own = ownSettings({ ...rest, type: typeName })
  const parsed = type.settings.safeParse(own)
  if (parsed.success) return []
  const secret = new Set(settingFields(type).flatMap((field) => (field.secret ? [field.name] : [])))
  return problemsOf(parsed.error.issues, type.settings, own, path, (at) => (secret.has(String(at[path.length])) ? 'hidden' : show(at)))
}

function ruleProblems(name: string, rule: unknown, checks: ReferenceChecks): readonly Problem[] {
  const path = ['rules', name]
  const { on, when, groupBy, since, measure, anomaly, ...rest } = entriesOf(rule)
  if (typeof on === 'string') {
    const wrong = typeof measure === 'string' ? checks.checkMeasure?.(measure, rest) : undefined
    const wrongAnomaly = typeof anomaly === 'string' ? checks.checkMeasure?.(anomaly, {}) : undefined
    return [
      ...typeProblems(on, [...path, 'on']),
      ...(typeof since === 'string' ? typeProblems(since, [...path, 'since']) : []),
      ...conditionProblems(when, 'event', [...path, 'when'], checks),
      ...groupProblems(groupBy, [...path, 'groupBy'], checks),
      ...(wrong === undefined ? [] : [{ path: [...path, wrong.key], text: wrong.text }]),
      ...(wrongAnomaly === undefined ? [] : [{ path: [...path, 'anomaly'], text: wrongAnomaly.text }]),
    ]
  }
  const known = checks.builtInRules
  if (known === undefined || known.includes(name) || (rule !== false && typeof rule !== 'object')) return []
  return [{ path, text: `no built-in rule has this name${suggestion(name, known)}; a rule of your own needs on: and when:` }]
}

/** A type ending in `.*` stands for all that begin so. */
function typeProblems(on: string, path: Path): readonly Problem[] {
  if (/^tocsin\.(?:\*|[a-z-]{1,60})$/.test(on) || eventTypes.some((type) => type === on || (on.endsWith('.*') && type.startsWith(on.slice(0, -1))))) return []
  return [{ path, text: `expected a type of event, one of ${eventTypes.join(', ')}, found "${on}"${suggestion(on, eventTypes)}` }]
}

function routeProblems(route: Entries, path: Path, channels: readonly string[], people: readonly string[], checks: ReferenceChecks): readonly Problem[] {
  const via = Array.isArray(route['via']) ? { list: listOf(route['via']), at: [...path, 'via'] } : { list: listOf(entriesOf(route['via'])['first']), at: [...path, 'via', 'first'] }
  return [
    ...conditionProblems(route['match'], 'alert', [...path, 'match'], checks),
    ...listOf(route['to']).flatMap((to, index) => (typeof to === 'string' ? receiverProblems(to, [...path, 'to', index], people) : [])),
    ...via.list.flatMap((channel, index) =>
      typeof channel !== 'string' || channels.includes(channel) ? [] : [{ path: [...via.at, index], text: `no channel is named "${channel}"${suggestion(channel, channels)}${knownNames(channels)}` }],
    ),
  ]
}

function receiverProblems(to: string, path: Path, people: readonly string[]): readonly Problem[] {
  if (!to.startsWith('role:')) return people.includes(to) ? [] : [{ path, text: `no person is named "${to}"${suggestion(to, people)}${knownNames(people)}` }]
  const role = to.slice('role:'.length)
  return roles.some((known) => known === role) ? [] : [{ path, text: `expected role: and one of ${roles.join(', ')}, found "${to}"${suggestion(role, roles)}` }]
}

function conditionProblems(expression: unknown, view: 'event' | 'alert', path: Path, checks: ReferenceChecks): readonly Problem[] {
  const text = typeof expression === 'string' ? checks.checkCondition?.(expression, view) : undefined
  return text === undefined ? [] : [{ path, text }]
}

function groupProblems(names: unknown, path: Path, checks: ReferenceChecks): readonly Problem[] {
  return listOf(names).flatMap((name, index) => {
    const text = typeof name === 'string' ? checks.checkGroupName?.(name) : undefined
    return text === undefined ? [] : [{ path: [...path, index], text }]
  })
}

const namesShownMax = 12

function knownNames(names: readonly string[]): string {
  if (names.length === 0) return '; none is configured'
  return `; there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, namesShownMax).join(', ')}${names.length > namesShownMax ? ', …' : ''}`
}

type Entries = Readonly<Record<string, unknown>>

function entriesOf(value: unknown): Entries {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

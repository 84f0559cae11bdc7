import { ownSettings, unknownType } from './channels/registry.ts'
import { networkProblem, networksOf } from './channels/transport/addresses.ts'
import { urlProblem } from './channels/transport/target.ts'
import { settingFields } from './channels/setting-fields.ts'
import { suggestion } from './channels/nearest.ts'
import { problemsOf, type Show } from './config-issues.ts'
import type { Path, Problem } from './config-source.ts'
import type { ChannelType } from './model/channel.ts'
import { eventTypes } from './model/event.ts'
import { roles } from './model/roles.ts'

/** What is wrong with a condition, in one sentence; nothing where it compiles. */
export type CheckCondition = (expression: string, view: 'event' | 'alert') => string | undefined
/** What is wrong with a name in `groupBy`: of a rule or budget over events, of a route over alerts. */
export type CheckGroupName = (name: string, view: 'event' | 'alert') => string | undefined

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
  const names: Names = { channels: Object.keys(channels), people: Object.keys(people), teams: Object.keys(entriesOf(root['teams'])), rotations: Object.keys(entriesOf(root['rotations'])) }
  return [
    ...Object.entries(channels).flatMap(([name, channel]) => channelProblems(name, channel, checks, show)),
    ...Object.entries(entriesOf(root['rules'])).flatMap(([name, rule]) => ruleProblems(name, rule, checks)),
    ...Object.entries(entriesOf(root['budgets'])).flatMap(([name, budget]) => [
      ...conditionProblems(entriesOf(budget)['where'], 'event', ['budgets', name, 'where'], checks),
      ...groupProblems(entriesOf(budget)['groupBy'], 'event', ['budgets', name, 'groupBy'], checks),
    ]),
    ...Object.entries(entriesOf(root['teams'])).flatMap(([name, members]) => peopleProblems(members, ['teams', name], names)),
    ...Object.entries(entriesOf(root['rotations'])).flatMap(([name, rotation]) => rotationProblems(entriesOf(rotation), ['rotations', name], names)),
    ...Object.entries(people).flatMap(([name, person]) => listOf(entriesOf(person)['preferences']).flatMap((one, index) => preferenceProblems(entriesOf(one), ['people', name, 'preferences', index], names, checks))),
    ...listOf(root['routes']).flatMap((route, index) => routeProblems(entriesOf(route), ['routes', index], names, checks)),
    ...['silences', 'maintenance'].flatMap((key) => silenceProblems(listOf(root[key]), key, checks)),
    ...heartbeatProblems(entriesOf(root['heartbeat'])),
    ...channelsProblems(entriesOf(root['selfTest'])['channels'], ['selfTest', 'channels'], names),
    ...nameProblems(listOf(root['reports']), 'reports'),
    ...listOf(root['reports']).flatMap((report, index) => [...receiversProblems(entriesOf(report), ['reports', index], names), ...viaProblems(entriesOf(report), ['reports', index], names)]),
  ]
}

/** What can be named elsewhere. */
interface Names {
  readonly channels: readonly string[]
  readonly people: readonly string[]
  readonly teams: readonly string[]
  readonly rotations: readonly string[]
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
      ...groupProblems(groupBy, 'event', [...path, 'groupBy'], checks),
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

function routeProblems(route: Entries, path: Path, names: Names, checks: ReferenceChecks): readonly Problem[] {
  return [
    ...conditionProblems(route['match'], 'alert', [...path, 'match'], checks),
    ...groupProblems(route['groupBy'], 'alert', [...path, 'groupBy'], checks),
    ...receiversProblems(route, path, names),
    ...viaProblems(route, path, names),
    ...listOf(route['escalate']).flatMap((step, index) => [...receiversProblems(entriesOf(step), [...path, 'escalate', index], names), ...viaProblems(entriesOf(step), [...path, 'escalate', index], names)]),
  ]
}

function preferenceProblems(wish: Entries, path: Path, names: Names, checks: ReferenceChecks): readonly Problem[] {
  return [
    ...conditionProblems(wish['when'], 'alert', [...path, 'when'], checks),
    ...channelsProblems(wish['channels'], [...path, 'channels'], names),
    ...viaProblems(wish, path, names),
  ]
}

function rotationProblems(rotation: Entries, path: Path, names: Names): readonly Problem[] {
  const overrides = listOf(rotation['overrides']).flatMap((one, index) => {
    const { person } = entriesOf(one)
    return typeof person === 'string' ? personProblems(person, [...path, 'overrides', index, 'person'], names) : []
  })
  return [...peopleProblems(rotation['members'], [...path, 'members'], names), ...overrides]
}

function peopleProblems(people: unknown, path: Path, names: Names): readonly Problem[] {
  return listOf(people).flatMap((person, index) => (typeof person === 'string' ? personProblems(person, [...path, index], names) : []))
}

function personProblems(person: string, path: Path, { people }: Names): readonly Problem[] {
  return people.includes(person) ? [] : [{ path, text: `no person is named "${person}"${suggestion(person, people)}${knownNames(people)}` }]
}

/** All of `via`, or one after the other. */
/** Its address is told to nobody: it is a secret. */
function heartbeatProblems({ url, allowInsecure, allowNetworks }: Entries): readonly Problem[] {
  const texts = listOf(allowNetworks).filter((text) => typeof text === 'string')
  const wrong = texts.flatMap((network, index) => {
    const text = networkProblem(network)
    return text === undefined ? [] : [{ path: ['heartbeat', 'allowNetworks', index], text }]
  })
  if (wrong.length > 0 || typeof url !== 'string') return wrong
  const problem = urlProblem(url, { trust: 'user-supplied', allowInsecure: allowInsecure === true, networks: networksOf(texts) })
  return problem === undefined ? [] : [{ path: ['heartbeat', 'url'], text: problem.detail }]
}

function viaProblems({ via }: Entries, path: Path, names: Names): readonly Problem[] {
  return Array.isArray(via) ? channelsProblems(via, [...path, 'via'], names) : channelsProblems(entriesOf(via)['first'], [...path, 'via', 'first'], names)
}

function channelsProblems(list: unknown, path: Path, { channels }: Names): readonly Problem[] {
  return listOf(list).flatMap((channel, index) =>
    typeof channel !== 'string' || channels.includes(channel) ? [] : [{ path: [...path, index], text: `no channel is named "${channel}"${suggestion(channel, channels)}${knownNames(channels)}` }],
  )
}

function receiversProblems({ to }: Entries, path: Path, names: Names): readonly Problem[] {
  return listOf(to).flatMap((one, index) => (typeof one === 'string' ? receiverProblems(one, [...path, 'to', index], names) : []))
}

function receiverProblems(to: string, path: Path, names: Names): readonly Problem[] {
  const colon = to.indexOf(':')
  if (colon < 0) return personProblems(to, path, names)
  const [kind, name] = [to.slice(0, colon), to.slice(colon + 1)]
  if (kind === 'role') return roles.some((known) => known === name) ? [] : [{ path, text: `expected role: and one of ${roles.join(', ')}, found "${to}"${suggestion(name, roles)}` }]
  const known = kind === 'team' ? names.teams : kind === 'rotation' ? names.rotations : undefined
  if (known === undefined) return [{ path, text: `expected a person, role:NAME, team:NAME or rotation:NAME, found "${to}"${suggestion(kind, ['role', 'team', 'rotation'])}` }]
  return known.includes(name) ? [] : [{ path, text: `no ${kind} is named "${name}"${suggestion(name, known)}${knownNames(known)}` }]
}

/** What was hushed is kept by the name of what hushed it, so each has its own. */
function silenceProblems(list: readonly unknown[], key: string, checks: ReferenceChecks): readonly Problem[] {
  return [...list.flatMap((one, index) => conditionProblems(entriesOf(one)['match'], 'alert', [key, index, 'match'], checks)), ...nameProblems(list, key)]
}

function nameProblems(list: readonly unknown[], key: string): readonly Problem[] {
  const names = list.map((one) => entriesOf(one)['name'])
  return names.flatMap((name, index) => (typeof name === 'string' && names.indexOf(name) < index ? [{ path: [key, index, 'name'], text: `expected a name of its own, found "${name}" a second time` }] : []))
}

function conditionProblems(expression: unknown, view: 'event' | 'alert', path: Path, checks: ReferenceChecks): readonly Problem[] {
  const text = typeof expression === 'string' ? checks.checkCondition?.(expression, view) : undefined
  return text === undefined ? [] : [{ path, text }]
}

function groupProblems(names: unknown, view: 'event' | 'alert', path: Path, checks: ReferenceChecks): readonly Problem[] {
  return listOf(names).flatMap((name, index) => {
    const text = typeof name === 'string' ? checks.checkGroupName?.(name, view) : undefined
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

import type { Config, PersonConfig } from '../model/config.ts'
import { mayHear } from '../model/roles.ts'
import { compileRoutes, matchingRoutes } from '../routing/matching.ts'
import { channelsOf, everybodyCalled, isInProject, reach, type ChannelTypeOf } from '../routing/people.ts'
import type { RouteWarning } from './check-routes.ts'
import { examplesFor } from './example-alerts.ts'

const dayMinutes = 24 * 60
/** Quiet hours as long as this are probably a mistake. */
const quietMinutesMax = 23 * 60

/** People who are told of nothing, or of less than they seem to be: by their role, their project, their quiet hours and their own preferences. */
export function attentionWarnings(config: Config, typeOf: ChannelTypeOf): readonly RouteWarning[] {
  return [
    ...Object.entries(config.people).flatMap(([person, settings]) => [...quietWarnings(person, settings), ...mutedWarnings(config, typeOf, person, settings), ...wishWarnings(config, typeOf, person, settings), ...projectWarnings(config, person, settings)]),
    ...roleWarnings(config),
  ]
}

function quietWarnings(person: string, { quietHours }: PersonConfig): readonly RouteWarning[] {
  if (quietHours === undefined) return []
  const [from = 0, to = 0] = quietHours.split('-').map(minutesOf)
  const path = ['people', person, 'quietHours']
  if (from === to) return [{ path, text: 'no quiet hours: they end when they begin' }]
  const minutes = (to - from + dayMinutes) % dayMinutes
  return minutes < quietMinutesMax ? [] : [{ path, text: `nearly all day: only critical alerts are told but for ${dayMinutes - minutes} ${dayMinutes - minutes === 1 ? 'minute' : 'minutes'}` }]
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

function mutedWarnings(config: Config, typeOf: ChannelTypeOf, person: string, { preferences }: PersonConfig): readonly RouteWarning[] {
  const always = preferences.filter(({ mute, when, kinds, severities }) => mute === true && when === undefined && kinds === undefined && severities === undefined)
  const reached = channelsOf(config, typeOf, person)
  const isMuted = reached.length > 0 && reached.every((channel) => always.some(({ channels }) => channels?.includes(channel) ?? true))
  return isMuted ? [{ path: ['people', person, 'preferences'], text: 'everything is turned off: told only by routes that are required, and by messages that name them' }] : []
}

function wishWarnings(config: Config, typeOf: ChannelTypeOf, person: string, { preferences }: PersonConfig): readonly RouteWarning[] {
  return preferences.flatMap(({ via }, index) => {
    if (via === undefined) return []
    const wished = Array.isArray(via) ? via : via.first
    const isReached = wished.some((channel) => reach(config, typeOf, person, channel).kind === 'reached')
    return isReached ? [] : [{ path: ['people', person, 'preferences', index, 'via'], text: `no address for ${wished.join(', ')}: told by the route's channels` }]
  })
}

function projectWarnings({ project }: Config, person: string, settings: PersonConfig): readonly RouteWarning[] {
  return isInProject(settings, project) ? [] : [{ path: ['people', person, 'projects'], text: `not in project "${project}", which this configuration is for: never told by it` }]
}

/** Named by routes that bring only what their role is not told about. */
function roleWarnings(config: Config): readonly RouteWarning[] {
  if (config.routes === undefined) return []
  const routes = compileRoutes(config.routes)
  const { alerts, isComplete } = examplesFor(routes.map(({ settings }) => settings.match), [])
  if (!isComplete) return []
  const named = new Set<string>()
  const told = new Set<string>()
  for (const { settings } of routes) for (const step of [settings, ...(settings.escalate ?? [])]) for (const name of step.to) for (const person of everybodyCalled(config, name)) named.add(person)
  for (const alert of alerts) {
    for (const { settings } of matchingRoutes(routes, alert).routes) {
      const people = [settings, ...(settings.escalate ?? [])].flatMap((step) => step.to.flatMap((name) => everybodyCalled(config, name)))
      for (const person of people) if (!told.has(person) && mayHear(config.people[person]?.role ?? 'viewer', person, alert)) told.add(person)
    }
  }
  return [...named].filter((person) => !told.has(person)).map((person) => ({ path: ['people', person, 'role'], text: `never told: role ${config.people[person]?.role ?? ''} does not receive what its routes bring` }))
}

import { addressKindOf, channelTypes, ownSettings } from '../channels/registry.ts'
import { settingFields } from '../channels/setting-fields.ts'
import { parseYaml, problemLine, type Path } from '../config-source.ts'
import { localeFor, locales } from '../locales/catalogue.ts'
import type { RouteConfig } from '../model/attention-config.ts'
import type { Config } from '../model/config.ts'
import { addressesOf, channelsOf, everybodyCalled, reach } from '../routing/people.ts'
import { attentionWarnings } from './check-people.ts'
import { overlapWarnings } from './check-routes.ts'
import { registeredTypes } from '../routed.ts'
import { silenceWarnings } from './silence-warnings.ts'

/** What fits the schema and is yet probably not meant. */
export interface Warning {
  /** Such as `routes.2.to`. */
  readonly path: string
  /** Absent where nothing of it stands in the file. */
  readonly line?: number
  readonly text: string
  /** File, line, path and text, as errors are written. */
  readonly sentence: string
}

/**
 * Who would never hear anything, ways that lead nowhere, and secrets that stand in the file itself.
 *
 * @param text the file as it was written
 */
export function warningsOf(config: Config, text: string, file: string): readonly Warning[] {
  const { data, source } = parseYaml(text, file)
  const found = [...peopleWarnings(config), ...addressWarnings(config), ...languageWarnings(config), ...routeWarnings(config), ...overlapWarnings(config), ...attentionWarnings(config, registeredTypes(config)), ...silenceWarnings(config), ...secretWarnings(data)]
  return found
    .map(({ path, text: what }) => {
      const line = source.lineOf(path)
      return { path: path.join('.'), ...(line === undefined ? {} : { line }), text: what, sentence: problemLine({ path, text: what }, source) }
    })
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

interface Found {
  readonly path: Path
  readonly text: string
}

function peopleWarnings(config: Config): readonly Found[] {
  const { routes } = config
  if (Object.keys(config.people).length === 0) return [{ path: ['people'], text: 'no people: nobody is ever told, except by messages sent to an address' }]
  const routed = routes === undefined ? undefined : new Set(routes.flatMap(({ to, escalate = [] }) => [to, ...escalate.map((step) => step.to)].flat().flatMap((name) => everybodyCalled(config, name))))
  return Object.keys(config.people).flatMap((person) => {
    const path = ['people', person]
    if (routed !== undefined && !routed.has(person)) return [{ path, text: 'no route leads here: told only what is sent by name' }]
    if (routed === undefined && channelsOf(config, registeredTypes(config), person).length === 0) return [{ path, text: 'has no address for any channel: never told' }]
    return []
  })
}

/** A language that there is not yet is answered in the nearest: nobody is to be surprised by it. */
function languageWarnings(config: Config): readonly Found[] {
  const asked = [
    { path: ['defaults', 'locale'], tag: config.defaults.locale },
    ...Object.entries(config.people).flatMap(([person, { locale }]) => (locale === undefined ? [] : [{ path: ['people', person, 'locale'], tag: locale }])),
  ]
  return asked.flatMap(({ path, tag }) => {
    const { locale, how } = localeFor(tag)
    return how === 'itself' || how === 'wider' ? [] : [{ path, text: `messages are not in ${tag} yet: told in ${locale}; there are ${locales.join(', ')}` }]
  })
}

/** Addresses that a channel refuses with its settings, whoever is asked. */
function addressWarnings(config: Config): readonly Found[] {
  return Object.entries(config.channels).flatMap(([channel, settings]) => {
    const type = channelTypes.get(settings.type)
    const parsed = type?.settings.safeParse(ownSettings(settings))
    if (type?.objectsTo === undefined || parsed?.success !== true) return []
    const kind = addressKindOf(type, parsed.data)
    return Object.entries(config.people).flatMap(([person, own]) =>
      addressesOf(own, kind).flatMap((address) => {
        const objection = type.objectsTo?.(parsed.data, address)
        return objection === undefined ? [] : [{ path: ['people', person, kind], text: `not told by ${channel}: ${objection.detail}` }]
      }),
    )
  })
}

/** Ways that lead nowhere: of routes, of those who are asked after them, and of reports. */
function routeWarnings(config: Config): readonly Found[] {
  const { routes = [], reports } = config
  const names = routes.map(({ name }) => name)
  return [
    ...names.flatMap((name, index) => (name !== undefined && names.indexOf(name) < index ? [{ path: ['routes', index, 'name'], text: `"${name}" is the name of an earlier route: messages and decisions do not say which` }] : [])),
    ...routes.flatMap((route, index) => wayWarnings(config, ['routes', index], 'this route', route)),
    ...routes.flatMap(({ via, escalate = [] }, index) => escalate.flatMap((step, at) => wayWarnings(config, ['routes', index, 'escalate', at], 'this step', { to: step.to, via: step.via ?? via }))),
    ...reports.flatMap((report, index) => wayWarnings(config, ['reports', index], 'this report', report)),
  ]
}

function wayWarnings(config: Config, place: Path, what: string, { to, via }: Pick<RouteConfig, 'to' | 'via'>): readonly Found[] {
  const channels = Array.isArray(via) ? via : via.first
  return to.flatMap((name, at) => {
    const path = [...place, 'to', at]
    const people = everybodyCalled(config, name)
    if (people.length === 0) return [{ path, text: `nobody has the role "${name.replace(/^role:/, '')}"` }]
    return people.flatMap((person) => {
      const missing = channels.filter((channel) => reach(config, registeredTypes(config), person, channel).kind === 'no-address')
      if (missing.length === 0) return []
      const address = (channel: string): string => registeredTypes(config)(channel)?.address ?? 'address'
      return [{ path, text: `${person} has no ${[...new Set(missing.map(address))].join(' and no ')} for ${missing.join(', ')}${missing.length === channels.length ? `: never told by ${what}` : ''}` }]
    })
  })
}

/** A secret belongs into the environment; a file is copied, committed and sent around. */
function secretWarnings(data: unknown): readonly Found[] {
  return Object.entries(entriesOf(entriesOf(data)['channels'])).flatMap(([name, channel]) => {
    const settings = entriesOf(channel)
    const type = channelTypes.get(String(settings['type']))
    if (type === undefined) return []
    return settingFields(type).flatMap((field) => {
      const written = settings[field.name]
      if (!field.secret || typeof written !== 'string' || !isInClear(written)) return []
      // Where a secret lies is none itself.
      if (field.mayBeFile && /^[^{\n]*\.(?:json|pem)$/.test(written)) return []
      return [{ path: ['channels', name, field.name], text: `a secret in clear; write "\${${variableName(name, field.name)}}" and set it in the environment` }]
    })
  })
}

/** Of an address only the password counts. */
function isInClear(written: string): boolean {
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(written)
  const secret = isAddress ? /:\/\/[^/?#]*?:([^/?#]*)@/.exec(written)?.[1] ?? '' : written
  return secret !== '' && !/(?<!\$)\$\{/.test(secret)
}

function variableName(channel: string, field: string): string {
  return `${channel}_${field}`.replace(/([a-z])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase()
}

function entriesOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {}
}

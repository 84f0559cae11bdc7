import { z } from 'zod'
import { channelTypes, configSchema, settingFields, type Operation, type SettingField } from 'tocsin/engine'

/** The kinds of things that a configuration is made of, in the words of `tocsin.yaml`. */
export const kindNames = ['channels', 'people', 'rules', 'budgets', 'routes', 'teams', 'rotations', 'templates', 'maintenance', 'reports', 'prices', 'sources', 'settings'] as const
export type KindName = (typeof kindNames)[number]

export interface Kind {
  readonly name: KindName
  /** As in an address: `/api/v1/channels`. */
  readonly path: string
  /** One of them, for sentences. */
  readonly noun: string
  /** In the configuration by name; in a list, in the order of their places; or each a name of the configuration itself. */
  readonly shape: 'record' | 'list' | 'settings'
  readonly read: Operation
  readonly write: Operation
  /** What it may be, as it is written: durations as `15m`. For the document of the API; the core's own checks hold. */
  readonly schema: z.ZodType
  readonly says: string
}

const { shape } = configSchema

/** What is given back in the place of a secret; sent in again, the secret stays as it is. */
export const keptSecret = { secret: true, set: true } as const
const keptSecretSchema = z.strictObject({ secret: z.literal(true), set: z.literal(true) }).meta({ id: 'KeptSecret', description: 'In the place of a secret, which is never given back. Sent in again, the secret stays as it is.' })

/** The names of the configuration itself that can be set by the API; not those of the process, such as the store. */
export const settingNames = ['publicUrl', 'traceUrl', 'defaults', 'limits', 'storm', 'flapping', 'retention', 'redaction', 'sessions', 'detection', 'delivery', 'pause', 'dryRun', 'heartbeat', 'selfTest'] as const satisfies readonly (keyof typeof shape)[]

export const kinds: readonly Kind[] = [
  { name: 'channels', path: 'channels', noun: 'channel', shape: 'record', read: 'channels:read', write: 'channels:write', schema: channelSchema(), says: 'By what people are told. Secrets are sealed and never given back.' },
  { name: 'people', path: 'people', noun: 'person', shape: 'record', read: 'people:read', write: 'people:write', schema: shape.people.unwrap().valueType.meta({ id: 'Person' }), says: 'Whom to tell: role, addresses, language, quiet hours, preferences.' },
  { name: 'rules', path: 'rules', noun: 'rule', shape: 'record', read: 'rules:read', write: 'rules:write', schema: shape.rules.unwrap().valueType.meta({ id: 'Rule' }), says: 'Rules of one’s own, and settings of the built-in ones; `false` switches one of these off, `"enabled": false` one of one’s own.' },
  { name: 'budgets', path: 'budgets', noun: 'budget', shape: 'record', read: 'budgets:read', write: 'budgets:write', schema: shape.budgets.unwrap().valueType.meta({ id: 'Budget' }), says: 'Amounts of money in a time, and at which shares of them it is told.' },
  { name: 'routes', path: 'routes', noun: 'route', shape: 'list', read: 'routes:read', write: 'routes:write', schema: named(shape.routes.unwrap().element).meta({ id: 'Route' }), says: 'Which alerts go to whom, by what; asked in their order, those of the file first.' },
  { name: 'teams', path: 'teams', noun: 'team', shape: 'record', read: 'routes:read', write: 'people:write', schema: shape.teams.unwrap().valueType.meta({ id: 'Team' }), says: 'People under one name: in `to` as `team:NAME`.' },
  { name: 'rotations', path: 'rotations', noun: 'rotation', shape: 'record', read: 'routes:read', write: 'people:write', schema: shape.rotations.unwrap().valueType.meta({ id: 'Rotation' }), says: 'Who is on duty when: in `to` as `rotation:NAME`.' },
  { name: 'templates', path: 'templates', noun: 'template', shape: 'record', read: 'templates:read', write: 'templates:write', schema: shape.templates.unwrap().valueType.meta({ id: 'Template' }), says: 'Texts of one’s own, by message (or `*`) and form.' },
  { name: 'maintenance', path: 'maintenance', noun: 'maintenance window', shape: 'list', read: 'silences:read', write: 'silences:write', schema: named(shape.maintenance.unwrap().element).meta({ id: 'MaintenanceWindow' }), says: 'Times that come again and again in which something is not told.' },
  { name: 'reports', path: 'report-schedules', noun: 'report schedule', shape: 'list', read: 'settings:read', write: 'settings:write', schema: named(shape.reports.unwrap().element).meta({ id: 'ReportSchedule' }), says: 'Who gets a report of a day or a week, and when.' },
  { name: 'prices', path: 'prices', noun: 'price', shape: 'record', read: 'settings:read', write: 'settings:write', schema: shape.prices.unwrap().valueType.meta({ id: 'Price' }), says: 'Own prices of models in USD for a million tokens, or discounts; names with a slash are escaped as %2F.' },
  { name: 'sources', path: 'sources', noun: 'source', shape: 'record', read: 'settings:read', write: 'settings:write', schema: sourceSchema(), says: 'Programs that tell by a webhook what they noticed: `POST /api/v1/sources/NAME` with a key, or `/hooks/PROJECT/NAME` with a signature.' },
  { name: 'settings', path: 'settings', noun: 'setting', shape: 'settings', read: 'settings:read', write: 'settings:write', schema: settingSchema(), says: `Single settings of the project: ${settingNames.join(', ')}.` },
]

export function kindOf(name: KindName): Kind {
  const kind = kinds.find((one) => one.name === name)
  if (kind === undefined) throw new TypeError(`expected a kind, found ${name}`)
  return kind
}

/** One form for each type of channel, with its real settings; each secret may be what stands in its place. */
function channelSchema(): z.ZodType {
  const { concurrency, rate } = shape.channels.unwrap().valueType.shape
  const forms = [...channelTypes.values()].map((channel) => {
    const { type, settings } = channel
    const fields = settings instanceof z.ZodObject ? settings.shape : {}
    const inEnglish = new Map(settingFields(channel).map((field) => [field.name, field]))
    const own = Object.fromEntries(Object.entries(fields).flatMap(([name, field]) => (field instanceof z.ZodType ? [[name, fieldOrKept(field, inEnglish.get(name))] as const] : [])))
    return z.strictObject({ type: z.literal(type), ...own, concurrency, rate })
  })
  const [first, ...rest] = forms
  if (first === undefined) throw new TypeError('expected a type of channel, found none')
  return z.union([first, ...rest]).meta({ id: 'Channel' })
}

/** @param about what it says of itself in the language of the API's document */
function fieldOrKept(field: z.ZodType, about: SettingField | undefined): z.ZodType {
  const words = { label: about?.label, ...(about?.hint !== undefined && { hint: about.hint }) }
  if (about?.secret !== true) return field.meta({ ...field.meta(), ...words })
  const either = z.union([field.meta({ ...field.meta(), ...words }), keptSecretSchema]).meta({ ...words, secret: true })
  return field.safeParse(undefined).success ? either.optional() : either
}

/** All of them: which one it is, its name says. */
function settingSchema(): z.ZodType {
  const heartbeat = shape.heartbeat.unwrap()
  return z.union(settingNames.map((name) => (name === 'heartbeat' ? z.strictObject({ ...heartbeat.shape, url: secretOrKept(heartbeat.shape.url) }) : shape[name]))).meta({ id: 'Setting' })
}

function sourceSchema(): z.ZodType {
  const fields = shape.sources.unwrap().valueType.shape
  return z.strictObject({ ...fields, secret: secretOrKept(fields.secret.unwrap()).optional() }).meta({ id: 'Source' })
}

function secretOrKept(field: z.ZodType) {
  return z.union([field, keptSecretSchema]).meta({ secret: true })
}

/** The name stands in the address, and may be left out in the body. */
function named(element: z.ZodObject): z.ZodType {
  const { name, ...rest } = element.shape
  return z.strictObject({ ...(name instanceof z.ZodType && { name: name.optional() }), ...rest })
}

import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { channelTypes, defaultChannels, onConsole, ownSettings } from './channels/registry.ts'
import { settingFields } from './channels/setting-fields.ts'
import { replaceEnvironment, type Environment } from './config-environment.ts'
import { problemsOf, type Show } from './config-issues.ts'
import { referenceProblems, type CheckCondition, type CheckGroupName, type CheckMeasure } from './config-references.ts'
import { readTemplates } from './config-templates.ts'
import { codeSource, parseYaml, problemLine, type ConfigSource, type Problem } from './config-source.ts'
import type { ChannelType } from './model/channel.ts'
import { configSchema, type Config, type ConfigInput } from './model/config.ts'
import { errorText, TocsinError } from './model/error.ts'

export type { CheckCondition, CheckGroupName, Environment }

/** What the rest of the product knows that a configuration must fit; handed in, so that this file stands below it. */
export interface ConfigOptions {
  /** Where `${NAME}` is looked up. @default process.env */
  readonly env?: Environment
  /** Compiles a condition over `event` or `alert`. Absent: conditions are not checked. */
  readonly checkCondition?: CheckCondition
  /** Checks a name in `groupBy`. Absent: not checked. */
  readonly checkGroupName?: CheckGroupName
  /** Checks a rule's `measure`. Absent: not checked. */
  readonly checkMeasure?: CheckMeasure
  /** Names of the built-in rules; absent: not checked. */
  readonly builtInRules?: readonly string[]
  /** Kinds of channel beside the built-in ones. */
  readonly channelTypes?: Iterable<ChannelType>
  /** Checks templates, which are read then. Absent: not checked. */
  readonly checkTemplates?: (templates: Config['templates']) => readonly Problem[]
  /** `console`: where `CI` is set in the environment, what would leave the machine is shown on the console, unless the configuration says `ci: send`. @default `as-written` */
  readonly inCi?: 'console' | 'as-written'
  /** Where the files of templates are looked for. @default the current folder */
  readonly folder?: string
}

/**
 * Checks a configuration given as an object in code and fills in its defaults. Without channels it gets `console` and
 * `inbox`, and without people beside that one person `you` in the role owner, so that `{}` works at once.
 *
 * @throws TocsinError `config-invalid` with up to 20 problems, one a line
 * @example
 * const config = parseConfig({ people: { dana: { role: 'admin', email: 'dana@example.com' } } })
 * Object.keys(config.channels) // ['console', 'inbox']
 */
export function parseConfig(input: ConfigInput, options: ConfigOptions = {}): Config {
  return check(input, codeSource, options)
}

/**
 * Reads `tocsin.yaml` from its text.
 *
 * @throws TocsinError `config-invalid`, such as `tocsin.yaml:12 budgets.team.amountUsd: expected above 0, found -1`
 * @example
 * const config = loadConfig({ text: 'project: ${PROJECT}', file: 'tocsin.yaml', env: { PROJECT: 'bots' } })
 * config.project // 'bots'
 */
export function loadConfig(from: ConfigOptions & { readonly text: string; readonly file: string }): Config {
  const { data, source, problems } = parseYaml(from.text, from.file)
  if (problems.length > 0) throw invalid(problems, source)
  return check(data ?? {}, source, from)
}

/** A configuration that fits, or every place of it that does not. */
export type Examined = { readonly config: Config } | { readonly problems: readonly Problem[] }

/** Checks a configuration as `parseConfig` does, and gives what is wrong with its places, for whoever shows them. */
export function examineConfig(input: unknown, options: ConfigOptions = {}): Examined {
  return examine(input, options)
}

/**
 * The data of a configuration file as it was written, with `${NAME}` in it: for whoever puts more to it before it is checked.
 *
 * @throws TocsinError `config-invalid` where it cannot be read, is longer than 1 MB or is no YAML
 */
export function readConfigData(path: string): unknown {
  const { data, source, problems } = parseYaml(textOf(path), basename(path))
  if (problems.length > 0) throw invalid(problems, source)
  return data ?? {}
}

/**
 * Reads a configuration file; its name without folders stands in errors.
 *
 * @throws TocsinError `config-invalid` where it cannot be read, is longer than 1 MB or does not fit
 * @example
 * const config = readConfigFile('./tocsin.yaml')
 */
export function readConfigFile(path: string, env: Environment = process.env, options: Omit<ConfigOptions, 'env'> = {}): Config {
  return loadConfig({ folder: dirname(path), ...options, env, text: textOf(path), file: basename(path) })
}

/**
 * Everything in a configuration that must never be shown or stored: the secret settings of its channels, and the
 * passwords inside their addresses. For redaction. Texts of fewer than 4 characters are left out: they are in everything.
 */
export function secretsOf(config: Config, extraTypes: Iterable<ChannelType> = []): readonly string[] {
  const types = typesWith(extraTypes)
  const secrets = Object.values(config.channels).flatMap((channel) => {
    const type = types.get(channel.type)
    const own = ownSettings(channel)
    const names = type === undefined ? [] : settingFields(type).flatMap((field) => (field.secret ? [field.name] : []))
    return names.flatMap((name) => formsOf(own[name]))
  })
  const ofSources = Object.values(config.sources).flatMap(({ secret }) => formsOf(secret))
  return [...new Set([...secrets, ...ofSources, ...formsOf(config.heartbeat?.url)])].filter((secret) => secret.length >= secretCharsMin)
}

const secretCharsMin = 4
const problemsMax = 20
const fileCharsMax = 1_000_000

function check(input: unknown, source: ConfigSource, options: ConfigOptions): Config {
  const examined = examine(input, options)
  if ('problems' in examined) throw invalid(examined.problems, source)
  return examined.config
}

function examine(input: unknown, options: ConfigOptions): Examined {
  const env = options.env ?? process.env
  const { data: replaced, written, problems } = replaceEnvironment(options.inCi === 'console' && isCi(env) ? withConsole(input) : input, env)
  const data = withDefaults(replaced)
  const show: Show = (path) => {
    const text = written.get(path.join('.'))
    return text === undefined ? 'itself' : { written: text }
  }
  const parsed = configSchema.safeParse(data)
  const { templates, problems: unreadable } = readTemplates(data, options.folder ?? '.')
  const all = [
    ...problems,
    ...(parsed.success ? [] : problemsOf(parsed.error.issues, configSchema, data, [], show)),
    ...referenceProblems(data, { ...options, types: typesWith(options.channelTypes ?? []) }, show),
    ...unreadable,
    ...(unreadable.length > 0 ? [] : (options.checkTemplates?.(templates) ?? [])),
  ]
  return all.length > 0 || !parsed.success ? { problems: all } : { config: { ...parsed.data, templates } }
}

/** One problem a place: what is missing in the environment is not told again as what it then is not. */
function invalid(problems: readonly Problem[], source: ConfigSource): TocsinError {
  const places = new Set<string>()
  const distinct = problems.filter(({ path, line }) => {
    const place = `${path.join('.')}:${line ?? ''}`
    return path.length > 0 && places.has(place) ? false : places.add(place)
  })
  const sorted = distinct.toSorted((a, b) => (a.line ?? source.lineOf(a.path) ?? 0) - (b.line ?? source.lineOf(b.path) ?? 0))
  const lines = sorted.slice(0, problemsMax).map((problem) => problemLine(problem, source))
  if (sorted.length > problemsMax) lines.push(`… and ${sorted.length - problemsMax} more`)
  return new TocsinError('config-invalid', lines.join('\n'))
}

/** As continuous integration of every make sets it. */
function isCi({ CI: ci = '' }: Environment): boolean {
  return ci !== '' && ci !== '0' && ci.toLowerCase() !== 'false'
}

/** A test run wakes nobody. Before anything else is looked at: there the secrets of channels are mostly missing. */
function withConsole(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Reflect.get(data, 'ci') === 'send') return data
  const channels: unknown = Reflect.get(data, 'channels')
  if (typeof channels !== 'object' || channels === null) return data
  const shown: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(channels).map(([name, channel]: [string, unknown]) => [name, onConsole(channel)]))
  return { ...data, channels: shown }
}

function withDefaults(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data
  const isEmpty = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
  if (!isEmpty(Reflect.get(data, 'channels'))) return data
  return {
    ...data,
    channels: defaultChannels,
    ...(isEmpty(Reflect.get(data, 'people')) ? { people: { you: { role: 'owner' } } } : {}),
  }
}

function typesWith(extra: Iterable<ChannelType>): ReadonlyMap<string, ChannelType> {
  return new Map([...channelTypes, ...[...extra].map((type) => [type.type, type] as const)])
}

/** A secret as it is written, and where it is an address what in it opens doors: a password, as written and as meant, and keys in its path and query. */
function formsOf(secret: unknown): readonly string[] {
  if (typeof secret === 'object' && secret !== null) return Object.values(secret).flatMap(formsOf)
  if (typeof secret !== 'string') return []
  if (!URL.canParse(secret)) return [secret]
  const { href, protocol, password, pathname, searchParams } = new URL(secret)
  // A channel may call another path than the one that was written, with the same key in it.
  const keys = protocol === 'https:' || protocol === 'http:' ? [href, ...[...pathname.split('/'), ...searchParams.values()].filter(isKey)] : []
  return [secret, password, decoded(password), ...keys]
}

function isKey(part: string): boolean {
  return part.length >= keyCharsMin && /\d|[a-z][A-Z]/.test(part)
}

const keyCharsMin = 16

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (malformed) {
    if (malformed instanceof URIError) return text
    throw malformed
  }
}

function textOf(path: string): string {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (unreadable) {
    throw new TocsinError('config-invalid', `${basename(path)}: cannot be read (${errorText(unreadable)})`, { cause: unreadable })
  }
  if (text.length > fileCharsMax) throw new TocsinError('config-invalid', `${basename(path)}: expected at most ${fileCharsMax} characters, found ${text.length}`)
  return text
}

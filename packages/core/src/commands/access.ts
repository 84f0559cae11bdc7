import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { configurationFrom } from '../configuration.ts'
import { stripInvisible } from '../delivery/neutralise.ts'
import { parseDuration } from '../model/duration.ts'
import { TocsinError } from '../model/error.ts'
import type { Administration, ListedKey, RecordedChange } from './administration.ts'
import type { Report } from './report.ts'
import { loadServer } from './server.ts'

export interface DatabaseArguments {
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: true
}

export interface NewKeyArguments extends DatabaseArguments {
  readonly name: string
  readonly scope: string
  readonly project?: string
  readonly allProjects?: true
  readonly expires?: string
  readonly config?: string
}

const scopes: readonly string[] = ['ingest', 'read', 'manage']
const dayMs = 86_400_000
const expiresDaysMax = 3_650

/** `tocsin keys create`: the key is printed once and kept nowhere. */
export async function createKey(options: NewKeyArguments, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const { name, scope, allProjects, expires } = options
  if (!scopes.includes(scope)) throw new TocsinError('wrong-usage', `--scope: expected ${scopes.join(', ')}, found "${scope}"`)
  if (name.trim() === '' || name.length > 100) throw new TocsinError('wrong-usage', `--name: expected 1 to 100 characters, found ${name.length}`)
  if (allProjects === true && options.project !== undefined) throw new TocsinError('wrong-usage', 'Expected --project or --all-projects, found both.')
  const expiresInMs = expires === undefined ? undefined : parseDuration(expires)
  if (expires !== undefined && (expiresInMs === undefined || expiresInMs <= 0 || expiresInMs > expiresDaysMax * dayMs)) throw new TocsinError('wrong-usage', `--expires: expected a duration such as 90d, at most ${expiresDaysMax}d, found "${expires}"`)
  const project = allProjects === true ? undefined : (options.project ?? projectOf(options.config, env))
  return administering('keys create', options, env, progress, async (administration) => {
    const made = await administration.createKey({ name: name.trim(), scope, ...(project !== undefined && { project }), ...(expiresInMs !== undefined && { expiresInMs }) })
    return { lines: [made.key, `  ${made.id}, ${scope}, ${project === undefined ? 'all projects' : `project ${project}`}${made.expiresMs === undefined ? '' : `, until ${iso(made.expiresMs)}`}; shown once`], value: made, ok: true }
  })
}

export async function listKeys(options: DatabaseArguments & { readonly project?: string }, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  return administering('keys list', options, env, progress, async (administration) => {
    const keys = await administration.listKeys(options.project)
    return { lines: keys.length === 0 ? ['No keys. `tocsin keys create` makes one.'] : keys.map(keyLine), value: keys, ok: true }
  })
}

export async function revokeKey(id: string, options: DatabaseArguments, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  return administering('keys revoke', options, env, progress, async (administration) => {
    const key = await administration.revokeKey(id)
    if (key === undefined) throw new TocsinError('wrong-usage', `Expected the id of a key that works, such as key_1f3a…, found "${id}". \`tocsin keys list\` shows them.`)
    return { lines: [`${id} (…${key.last4}) is revoked. Servers that run refuse it within 5 s.`], value: key, ok: true }
  })
}

/** `tocsin owner-link`: for who lost the first one, or the password. */
export async function ownerLink(options: DatabaseArguments & { readonly url?: string; readonly config?: string }, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const url = options.url ?? configured(options.config, env)?.publicUrl ?? 'http://127.0.0.1:4319'
  if (!URL.canParse(url) || !/^https?:\/\//.test(url)) throw new TocsinError('wrong-usage', `--url: expected an address such as https://tocsin.example.com, found "${url}"`)
  return administering('owner-link', options, env, progress, async (administration) => {
    const link = await administration.ownerLink(url)
    return { lines: [`Open ${link.url}`, '  owner link, once, 30 minutes; those before work no more'], value: link, ok: true }
  })
}

export interface AuditArguments extends DatabaseArguments {
  readonly project?: string
  readonly actor?: string
  readonly action?: string
  readonly before?: string
  readonly limit: string
}

const changesMax = 1_000

/** `tocsin audit`: who changed what. */
export async function showAudit(options: AuditArguments, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const { project, actor, action } = options
  const limit = wholeNumber('--limit', options.limit, changesMax)
  const before = options.before === undefined ? undefined : wholeNumber('--before', options.before, Number.MAX_SAFE_INTEGER)
  return administering('audit', options, env, progress, async (administration) => {
    const changes = await administration.changes({ limit, ...(project !== undefined && { project }), ...(actor !== undefined && { actor }), ...(action !== undefined && { action }), ...(before !== undefined && { before }) })
    const last = changes.at(-1)
    return { lines: [...(changes.length === 0 ? ['Nothing on record.'] : changes.map(changeLine)), ...(changes.length === limit && last !== undefined ? [`Older: --before ${last.id}`] : [])], value: changes, ok: true }
  })
}

async function administering(command: string, { data, databaseUrl, allowInsecureDatabase }: DatabaseArguments, env: NodeJS.ProcessEnv, progress: (text: string) => void, work: (administration: Administration) => Promise<Report>): Promise<Report> {
  const server = await loadServer()
  const administration = await server.administer({ data, ...(databaseUrl !== undefined && { databaseUrl }), ...(allowInsecureDatabase !== undefined && { allowInsecureDatabase }), env, notice: progress, by: userInfo().username, command })
  try {
    return await work(administration)
  } finally {
    await administration.close()
  }
}

/** As `tocsin serve` reads it: a named file must be there, `tocsin.yaml` may be. */
function configured(file: string | undefined, env: NodeJS.ProcessEnv): ReturnType<typeof configurationFrom> | undefined {
  const path = file ?? (existsSync('tocsin.yaml') ? 'tocsin.yaml' : undefined)
  return path === undefined ? undefined : configurationFrom(path, [], env)
}

function projectOf(file: string | undefined, env: NodeJS.ProcessEnv): string {
  return configured(file, env)?.project ?? configurationFrom(undefined, [], env).project
}

function keyLine({ id, name, scope, project, last4, state, usedMs, expiresMs }: ListedKey): string {
  const when = usedMs === undefined ? 'never used' : `used ${iso(usedMs)}`
  return `${id}  …${last4}  ${scope.padEnd(6)}  ${state.padEnd(7)}  ${project ?? 'all projects'}  ${when}${expiresMs === undefined ? '' : `, until ${iso(expiresMs)}`}  ${shown(name)}`
}

function changeLine({ id, atMs, project, actor, actorName, action, target, before, after, address }: RecordedChange): string {
  const what = [before === undefined ? undefined : `was ${JSON.stringify(before)}`, after === undefined ? undefined : `is ${JSON.stringify(after)}`].filter((part) => part !== undefined).join(', ')
  return `${id}  ${iso(atMs)}  ${shown(actorName === '' ? actor : `${actorName} (${actor})`)}  ${action}  ${shown(target)}${project === undefined ? '' : `  ${shown(project)}`}${address === undefined ? '' : `  from ${shown(address)}`}${what === '' ? '' : `  ${shown(what)}`}`
}

/** What others wrote does not move the cursor of this terminal. */
function shown(text: string): string {
  return stripInvisible(text, { lines: 'single' })
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function wholeNumber(option: string, text: string, max: number): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > max) throw new TocsinError('wrong-usage', `${option}: expected a whole number from 1 to ${max}, found "${text}"`)
  return number
}

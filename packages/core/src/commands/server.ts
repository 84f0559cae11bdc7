import { TocsinError } from '../model/error.ts'
import type { AdministerOptions, Administration } from './administration.ts'
import type { Movers } from './movers.ts'
import type { Report } from './report.ts'
import { untilStopped } from './until-stopped.ts'

/** What is called of `@tocsin/server`, which is a package of its own: an agent needs none of it. */
interface Server extends Movers {
  serve(options: {
    readonly config?: string
    readonly data?: string
    readonly databaseUrl?: string
    readonly allowInsecureDatabase?: boolean
    readonly host?: string
    readonly port?: number
    readonly tlsCert?: string
    readonly tlsKey?: string
    readonly behindProxy?: boolean
    readonly publicUrl?: string
    readonly logLevel?: string
    readonly allowedOrigins?: readonly string[]
    readonly env: NodeJS.ProcessEnv
    readonly terminal: (text: string) => void
    readonly locale?: 'en' | 'zh-CN'
  }): Promise<{ readonly url: string; reload(): Promise<boolean>; close(): Promise<void> }>
  rotate(options: RotateArguments & { readonly env: NodeJS.ProcessEnv; readonly notice: (text: string) => void }): Promise<{ readonly key: string; readonly resealed: number; readonly todo?: string }>
  administer(options: AdministerOptions): Promise<Administration>
}

export interface RotateArguments {
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: true
}

/** A name and no literal: this package is built without the other. */
const packageName: string = '@tocsin/server'

/** @throws TocsinError `wrong-usage` where it is not installed */
export async function loadServer(): Promise<Server> {
  try {
    // Reason for the cast: both packages have the same version, and an end-to-end test calls it.
    return (await import(packageName)) as Server
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ERR_MODULE_NOT_FOUND' && failure.message.includes(packageName)) {
      throw new TocsinError('wrong-usage', `The server is a package of its own. Install it: npm install ${packageName}`, { cause: failure })
    }
    throw failure
  }
}

export interface ServeArguments {
  readonly config?: string
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: true
  readonly host: string
  readonly port: string
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly behindProxy?: true
  readonly publicUrl?: string
  readonly logLevel: string
  readonly allowOrigin?: readonly string[]
}

const logLevels: readonly string[] = ['silent', 'error', 'warn', 'info', 'debug']

/** Serves until it is told to end (SIGINT, SIGTERM). SIGHUP has it read its configuration file anew. */
export async function serveUntilStopped({ port, allowOrigin, ...options }: ServeArguments, env: NodeJS.ProcessEnv, print: (text: string) => void, locale: 'en' | 'zh-CN'): Promise<void> {
  const number = Number(port)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new TocsinError('wrong-usage', `--port: expected a whole number from 0 to 65535, found "${port}"`)
  if (!logLevels.includes(options.logLevel)) throw new TocsinError('wrong-usage', `--log-level: expected one of ${logLevels.join(', ')}, found "${options.logLevel}"`)
  const wrong = allowOrigin?.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin)
  if (wrong !== undefined) throw new TocsinError('wrong-usage', `--allow-origin: expected an origin such as https://ops.example.com, found "${wrong}"`)
  const { publicUrl } = options
  if (publicUrl !== undefined && !(URL.canParse(publicUrl) && /^https?:$/.test(new URL(publicUrl).protocol))) throw new TocsinError('wrong-usage', `--public-url: expected an address such as https://tocsin.example.com, found "${publicUrl}"`)
  const server = await loadServer()
  const running = await server.serve({ ...options, ...(allowOrigin !== undefined && { allowedOrigins: allowOrigin }), port: number, env, terminal: print, locale })
  process.on('SIGHUP', () => void running.reload())
  await untilStopped(running)
}

/** Seals the secrets of the database with a new key. */
export async function rotateSecrets(options: RotateArguments, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const server = await loadServer()
  const { key, resealed, todo } = await server.rotate({ ...options, env, notice: progress })
  return { lines: [`Key ${key} seals from now on; what ${resealed} ${resealed === 1 ? 'channel holds' : 'channels hold'} was sealed anew.`, ...(todo === undefined ? [] : [todo])], value: { key, resealed, ...(todo !== undefined && { todo }) }, ok: true }
}

import { configurationFrom, createRedactor, errorText, secretsOf, systemChance, TocsinError } from 'tocsin/engine'
import { Intake } from './intake/intake.ts'
import { createAgentOpsTokens, withAgentOpsTokens } from './otlp/agentops-token.ts'
import { createAccess } from './access/access.ts'
import { welcomeFirst } from './access/first-start.ts'
import { awaitFirstEvent } from './operations/first-event.ts'
import { startForgetting } from './operations/forgetting.ts'
import { startHeartbeat } from './operations/heartbeat.ts'
import { createMetrics } from './operations/metrics.ts'
import { startNodeSigns } from './operations/node-signs.ts'
import { createKeys } from './access/keys.ts'
import { sessionSecret } from './access/session-secret.ts'
import { createApp } from './http/app.ts'
import { createComposer } from './projects/compose.ts'
import { configFile } from './projects/config-file.ts'
import { createConfiguration } from './projects/configuration.ts'
import { openProjects } from './projects/project-host.ts'
import { createSecretBox } from './projects/secret-box.ts'
import { keySource } from './projects/secret-key.ts'
import { listeningFor } from './operations/listening.ts'
import { createLogger, type LogLevel } from './operations/logger.ts'
import { stopWithin } from './operations/stop.ts'
import { firstEventLine, terminalWords, type TerminalLocale } from './operations/terminal-words.ts'
import { openStores } from './stores/open-stores.ts'

export interface ServeOptions {
  /** @default 'tocsin.yaml', where there is one */
  readonly config?: string
  /** Folder of the database, and of what else the server keeps. @default './data' */
  readonly data?: string
  /** `postgres://…`; absent: that of `TOCSIN_DATABASE_URL`, else SQLite in `data`. */
  readonly databaseUrl?: string
  /** See `stores/open-stores.ts`. @default false */
  readonly allowInsecureDatabase?: boolean
  /** PEM files of the certificate with its chain, and of its key; needed beyond loopback, unless `behindProxy`. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** A proxy of the operator's stands before it and speaks TLS; what `X-Forwarded-*` says is believed. @default false */
  readonly behindProxy?: boolean
  /** Origins whose pages may ask with a key (CORS), such as `https://ops.example.com`. @default none */
  readonly allowedOrigins?: readonly string[]
  /** What the terminal speaks. @default 'en' */
  readonly locale?: TerminalLocale
  /** What is written to stderr, as JSON lines. @default 'warn' */
  readonly logLevel?: LogLevel
  /** @default '127.0.0.1' */
  readonly host?: string
  /** 0: any that is free. @default 4319 */
  readonly port?: number
  /**
   * Where people reach it, such as `https://tocsin.example.com`: links of invitations lead there.
   *
   * @default `publicUrl` of the configuration file, else its own address
   */
  readonly publicUrl?: string
  /** Where `${NAME}` is looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What only the person at the terminal may read: links and keys that are shown once. Never a log. */
  readonly terminal: (text: string) => void
  /** One sentence for the operator, who reads it in the log too. */
  readonly notice?: (text: string) => void
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:4319`. */
  readonly url: string
  /** Every route that is served, such as `GET /api/v1/alerts`. */
  readonly routes: readonly string[]
  /** Reads the configuration file anew; where it is wrong the one before stays, and `false` says so. */
  reload(): Promise<boolean>
  /** Stops taking requests, finishes what is under way or leaves it to others, and closes the store; within 10 s. Again it is the same. */
  close(): Promise<void>
}

const defaultPort = 4_319
const version = '0.1.0'

/**
 * Starts the server: the store, the projects over it, and HTTP before them.
 *
 * @throws TocsinError `config-invalid`, `store-…` or `wrong-usage` with what to do
 */
export async function serve({ config: file, data = './data', host = '127.0.0.1', port = defaultPort, env, terminal, ...options }: ServeOptions): Promise<RunningServer> {
  let redact = createRedactor({ personalData: false })
  const log = createLogger(options.logLevel ?? 'warn', { redact: (text) => redact(text) })
  const notice = (text: string): void => {
    log.warn(text)
    options.notice?.(text)
  }
  const { https, trustProxy } = listeningFor({ host, ...options })
  const configured = configFile(file, env)
  const config = configurationFrom(configured.path, [], env)
  const chance = systemChance
  const databaseUrl = options.databaseUrl ?? env['TOCSIN_DATABASE_URL']
  const stores = await openStores({ data, ...(databaseUrl !== undefined && { databaseUrl }), ...(options.allowInsecureDatabase !== undefined && { allowInsecureDatabase: options.allowInsecureDatabase }), durability: config.store.durability, notice }).catch((failure: unknown) => {
    throw dataProblem(failure, data)
  })
  const { store, database, clock } = stores
  redact = createRedactor({ personalData: false, key: store.redactionKey, extraSecrets: [...secretsOf(config), ...(databaseUrl === undefined ? [] : [databaseUrl])] })
  const agentOpsTokens = createAgentOpsTokens(store.redactionKey, clock)
  const keys = withAgentOpsTokens(createKeys({ db: database.db, clock, chance, notice }), agentOpsTokens)
  const intake = new Intake()
  const metrics = createMetrics({ intake, store, projects: () => projects, clock, version })
  const secrets = keySource({ env, data, chance })
  const box = createSecretBox(secrets, chance)
  const composer = createComposer({ box, env, folder: configured.folder })
  const projects = await openProjects({ file: configured, composer, database, store, clock, chance, notice, channelAs: (project, open) => metrics.watch(project, open, clock),
    onChanged: (project, configurationVersion) => log.info({ project, configurationVersion }, 'configuration changed'),
    onChannel(project, { kind, ...about }) {
      if (kind === 'paused') log.warn({ project, ...about }, 'channel paused')
      else log.info({ project, ...about }, 'channel resumed')
    },
  })
  const configuration = createConfiguration({ database, projects, composer, box, clock })
  const secure = https !== undefined || trustProxy
  const access = createAccess({ database, clock, chance, secret: sessionSecret(secrets.read()[0].bytes), addressSecret: () => secrets.read()[0].bytes, secure, ...(options.allowedOrigins !== undefined && { allowedOrigins: options.allowedOrigins }) })
  let own = ''
  const nodeSigns = startNodeSigns({ database, intake, clock, chance, version, notice })
  const app = await createApp({ store, database, projects, configuration, keys, access, publicUrl: () => options.publicUrl ?? config.publicUrl ?? own, nodeSigns, intake, agentOpsTokens, metrics, clock, chance, version }, { loggerInstance: log, trustProxy: trustProxy ? nearestProxy : false, ...(https !== undefined && { https }) })
  const url = await app.listen({ host, port }).catch(async (failure: unknown) => {
    await stopWithin(clock, { app, nodeSigns, projects, keys, stores })
    throw portProblem(failure, port)
  })
  own = url
  const words = terminalWords[options.locale ?? 'en']
  await welcomeFirst({ db: database.db, clock, accounts: access.accounts, keys, project: config.project, url: options.publicUrl ?? config.publicUrl ?? url, words, terminal })
  const isUnused = (await store.read.events({ limit: 1 })).length === 0
  terminal(`${words.listening(url)}${isUnused ? words.noEventYet : ''}`)
  const stopWaiting = isUnused ? awaitFirstEvent({ store, intake, clock, notice, tell: (first) => terminal(firstEventLine(first, options.locale ?? 'en')) }) : () => undefined
  const forgetting = startForgetting({ database, auditMs: () => (projects.get(projects.fileProject)?.config ?? config).retention.audit, clock, notice })
  const heartbeat = startHeartbeat({ store, projects, clock, notice })
  log.info({ version, store: databaseUrl === undefined ? 'sqlite' : 'postgres', url }, 'started')
  let stopping: Promise<void> | undefined
  return {
    url,
    routes: app.served,
    reload: () => projects.reloadFile(),
    close: () => (stopping ??= stop()),
  }

  async function stop(): Promise<void> {
    log.info('stopping')
    stopWaiting()
    // Not waited for: a step that is under way ends with the database at the latest.
    void forgetting.stop()
    const left = await stopWithin(clock, { app, heartbeat, nodeSigns, projects, keys, stores })
    if (left.length > 0) log.warn({ left }, 'stopped before everything was finished: what was under way is taken over by others, or at the next start')
    else log.info('stopped')
  }
}

/** The proxy before this server is believed, and nothing that a caller wrote for it to hand on. */
function nearestProxy(_address: string, hop: number): boolean {
  return hop === 0
}

function dataProblem(failure: unknown, data: string): unknown {
  return failure instanceof TocsinError && failure.code === 'store-read-only' ? new TocsinError('wrong-usage', `Cannot write ${data}. Run: npm start -- --data DIR`, { cause: failure }) : failure
}

function portProblem(failure: unknown, port: number): unknown {
  const code = failure instanceof Error && 'code' in failure ? failure.code : ''
  if (code === 'EADDRINUSE') return new TocsinError('wrong-usage', `Port ${port} is taken. Run: npm start -- --port ${port + 1}`, { cause: failure })
  return code === 'EACCES' || code === 'EADDRNOTAVAIL' ? new TocsinError('wrong-usage', `Cannot listen there (${errorText(failure)}). Give another --host or --port.`, { cause: failure }) : failure
}

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import { administer } from '../packages/server/src/main.ts'
import { startChild, withChildren, type Child } from './child.ts'
import { otlpConfig, type OtlpWork } from './otlp-config.ts'
import { cpuMs, type OwnPostgres } from './own-postgres.ts'
import type { SpreadLoadReport, Target } from './postgres-load-process.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const warmUpMs = 3_000
const measuredMs = 6_000
/** Requests under way, the same however many servers there are. */
const connections = 8

export interface Intake extends SpreadLoadReport {
  /** Milliseconds of processor time a second, by who used it. */
  readonly cpu: { readonly servers: number; readonly postgres: number; readonly load: number }
  /** Microseconds a span that statements took, and that they waited for the turn of their project. */
  readonly databaseUs: number
  readonly waitedUs: number
  readonly statementsPerCommit: number
}

/** Spans a second from HTTP to the commit, by so many servers over one PostgreSQL, into one project or one for each server. */
export async function intake(postgres: OwnPostgres, servers: number, projects: number, work: OtlpWork): Promise<Intake> {
  return inTemporaryFolder((folder) =>
    postgres.inDatabase(async (url) => {
      const config = (project: number): string => {
        const file = join(folder, `project-${project}.yaml`)
        writeFileSync(file, JSON.stringify({ ...otlpConfig(work), project: `bench-${project}` }))
        return file
      }
      const start = (index: number): { file: string; words: readonly string[] } => ({ file: 'postgres-server-process.ts', words: [config(index % projects), join(folder, `data-${index}`), url] })
      // The first makes the schema; the others find it.
      const { file, words } = start(0)
      const first = await startChild(file, words)
      try {
        return await withChildren(Array.from({ length: servers - 1 }, (_, index) => start(index + 1)), async (others) => {
          const all = [first, ...others]
          const keys = await keysFor(url, folder, projects)
          const targets = all.map(({ said }, index): Target => ({ url: said, key: keys[index % projects] ?? '' }))
          return underLoad(postgres, url, all, targets)
        })
      } finally {
        await first.end()
      }
    }),
  )
}

async function keysFor(databaseUrl: string, folder: string, projects: number): Promise<readonly string[]> {
  const door = await administer({ data: join(folder, 'data-0'), databaseUrl, env: {}, notice: () => undefined, by: 'bench', command: 'keys create' })
  try {
    const keys: string[] = []
    for (let project = 0; project < projects; project += 1) keys.push((await door.createKey({ name: 'bench', scope: 'ingest', project: `bench-${project}` })).key)
    return keys
  } finally {
    await door.close()
  }
}

async function underLoad(postgres: OwnPostgres, url: string, servers: readonly Child[], targets: readonly Target[]): Promise<Intake> {
  return withChildren([{ file: 'postgres-load-process.ts', words: [JSON.stringify(targets), String(connections)] }], async ([load]) => {
    if (load === undefined) throw new Error('expected the load to have started')
    const used = (): Intake['cpu'] => ({ servers: cpuMs(servers.map(({ pid }) => pid)), postgres: postgres.cpuMs(), load: cpuMs([load.pid]) })
    load.tell('go')
    await sleep(systemClock, warmUpMs)
    await postgres.countAnew()
    const before = used()
    load.tell('measure')
    const sinceMs = systemClock.monotonicMs()
    await sleep(systemClock, measuredMs)
    const after = used()
    const { worksMs, waitsMs, statements, commits } = await postgres.spent(url)
    const seconds = (systemClock.monotonicMs() - sinceMs) / 1_000
    const line = Promise.withResolvers<string>()
    load.onLine(line.resolve)
    load.tell('stop')
    // What our own process prints.
    const report = JSON.parse(await line.promise) as SpreadLoadReport
    if (report.failed > 0) throw new Error(`expected every request to be taken, ${report.failed} were not`)
    const spans = report.spansPerSecond * seconds
    return {
      ...report,
      cpu: { servers: (after.servers - before.servers) / seconds, postgres: (after.postgres - before.postgres) / seconds, load: (after.load - before.load) / seconds },
      databaseUs: (worksMs * 1_000) / spans, waitedUs: (waitsMs * 1_000) / spans, statementsPerCommit: statements / Math.max(1, commits),
    }
  })
}

import type { Benchmark, Row } from './figure.ts'
import { durableSettings, withPostgres, type OwnPostgres } from './own-postgres.ts'
import { deliveries, type Deliveries } from './postgres-deliveries.ts'
import { intake, type Intake } from './postgres-intake.ts'
import { queueNames, queues, type QueueName } from './postgres-queues.ts'
import { spansEach } from './otlp-body.ts'

const processes = [1, 2, 4] as const
/** Of each queue, in each run: many more than are claimed already when those that warm up are over, up to 1,000 for each process and project. */
const count = 60_000

/**
 * Several processes over one PostgreSQL 18 that loses nothing: spans from HTTP to the commit with twenty rules, prices and redaction, into one project and into
 * one for each server; and what waits, until all of it is over, beside two queues over the same server.
 */
export const postgres: Benchmark = {
  name: 'postgres',
  title: `1, 2 and 4 processes over one PostgreSQL (${durableSettings}), ${spansEach} spans a request`,
  run: (progress) =>
    withPostgres(async (server) => {
      const rows: Row[] = []
      for (const servers of processes) {
        for (const projects of servers === 1 ? [1] : [1, servers]) {
          progress(`HTTP to the commit: ${inWords(servers, projects)}`)
          rows.push(...intakeRows(inWords(servers, projects), await intake(server, servers, projects, 'rules')))
        }
      }
      for (const number of processes) {
        for (const projects of number === 1 ? [1] : [1, number]) rows.push(...(await queueRows(server, number, projects, progress)))
      }
      return rows
    }),
}

function intakeRows(where: string, { spansPerSecond, p50Ms, p99Ms, databaseUs, waitedUs, cpu, statementsPerCommit }: Intake): readonly Row[] {
  return [
    { what: `HTTP → committed, ${where}: spans`, value: spansPerSecond, unit: '/s', note: `${statementsPerCommit.toFixed(0)} statements a commit` },
    { what: '  a request, 99 of 100 within', value: p99Ms, unit: 'ms', note: `half within ${p50Ms.toFixed(0)} ms` },
    { what: '  statements, a span', value: databaseUs, unit: 'µs', note: `and ${waitedUs.toFixed(1)} µs waiting for the turn of the project` },
    { what: '  processors in use', value: (cpu.servers + cpu.postgres + cpu.load) / 10, unit: '%', note: `servers ${(cpu.servers / 10).toFixed(0)}, PostgreSQL ${(cpu.postgres / 10).toFixed(0)}, load ${(cpu.load / 10).toFixed(0)}` },
  ]
}

/** What the product does beside what does the same nothing, one after the other in one run. Rivals know no projects: they are measured once. */
async function queueRows(server: OwnPostgres, number: number, projects: number, progress: (doing: string) => void): Promise<readonly Row[]> {
  const names = projects > 1 ? (['tocsin'] as const) : queueNames
  const measured = new Map<QueueName, Deliveries>()
  for (const name of names) {
    progress(`${name}: ${inWords(number, projects)}`)
    measured.set(name, await deliveries(server, name, count, number, projects))
  }
  const own = measured.get('tocsin')?.perSecond ?? Number.NaN
  return [...measured].map(([name, { perSecond, databaseUs, processesUs, postgresUs }]): Row => {
    const ratio = name === 'tocsin' ? '' : `tocsin ${(own / perSecond).toFixed(2)} × · `
    return { what: `${name}, ${inWords(number, projects)}: settled`, value: perSecond, unit: '/s', note: `${ratio}each: statements ${databaseUs.toFixed(0)} µs, processor ${processesUs.toFixed(0)} + ${postgresUs.toFixed(0)} µs in PostgreSQL${number === 1 ? ` · ${queues[name].settings}` : ''}` }
  })
}

function inWords(number: number, projects: number): string {
  return `${number} ${number === 1 ? 'process' : 'processes'}, ${projects} ${projects === 1 ? 'project' : 'projects'}`
}

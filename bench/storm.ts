import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startSmtpServer, type ReceivedMail } from '../packages/core/src/testing/smtp-server.ts'
import type { Benchmark, Row } from './figure.ts'
import { quantile } from './quantile.ts'
import type { StormReport, StormSettings } from './storm-agent.ts'
import { kinds } from './storm-kinds.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const alerts = 100_000
const seconds = 60
const agents = 300
const critical = 80
const secondsAfter = 20
/** The second summary comes two minutes after the first. */
const afterwardsMs = 200_000

/** One outage in which everything fails at once: what one person gets of it, over the line. */
export const storm: Benchmark = {
  name: 'storm',
  title: `${alerts.toLocaleString('en-US')} alerts in ${seconds} s from ${agents} agents, ${kinds.length} kinds of error, to one person by mail`,
  run: (progress) => inTemporaryFolder((folder) => measure(folder, progress)),
}

async function measure(folder: string, progress: (doing: string) => void): Promise<readonly Row[]> {
  const server = await startSmtpServer({ login: { user: 'apikey', password: 'bench-password' } })
  try {
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, server.ca)
    progress(`${seconds} s of it, and up to ${afterwardsMs / 1_000} s until everything is told`)
    const settings: StormSettings = { data: folder, smtpUrl: server.url, ca, alerts, seconds, agents, critical, secondsAfter, afterwardsMs }
    const file = fileURLToPath(new URL('storm-agent.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', file, JSON.stringify(settings)], { timeout: 400_000 })
    // What our own process prints.
    return rowsOf(JSON.parse(stdout) as StormReport, server.mails)
  } finally {
    await server.close()
  }
}

function rowsOf(report: StormReport, mails: readonly ReceivedMail[]): readonly Row[] {
  const urgent = mails.filter((mail) => criticalOf(mail) !== undefined)
  const told = mails.filter((mail) => !urgent.includes(mail))
  const text = told.map(({ parsed }) => `${parsed.subject ?? ''} ${(parsed.text ?? '').replaceAll(/\s+/g, ' ')}`).join(' ')
  const missing = kinds.filter(({ words }) => !text.includes(words))
  const waits = urgent.map((mail) => mail.atMs - (report.criticalMs[criticalOf(mail) ?? 0] ?? 0))
  const summed = told.reduce((sum, { parsed }) => sum + Number(/([\d,]+) updates/.exec(parsed.subject ?? '')?.[1]?.replaceAll(',', '') ?? 1), 0)
  return [
    { what: 'notifications to the person, without the critical ones', value: told.length, unit: '', target: { atMost: 12 } },
    { what: 'kinds of error that their text does not name', value: missing.length, unit: '', target: { atMost: 0 }, note: missing.slice(0, 3).map(({ words }) => words).join(', ') },
    { what: 'alerts that they count', value: summed, unit: '', target: { atLeast: alerts }, note: report.waiting === 0 ? 'nothing waits' : `${report.waiting} messages wait` },
    { what: 'critical ones told by themselves', value: urgent.length, unit: '', target: { atLeast: critical } },
    { what: 'critical: handed over → mail received, p50', value: quantile(waits, 0.5), unit: 'ms' },
    { what: 'critical: handed over → mail received, p99', value: quantile(waits, 0.99), unit: 'ms', target: { atMost: 1_000 }, note: `${waits.length} mails` },
    { what: 'memory beyond that at rest, at most', value: report.mostMb - report.restingMb, unit: 'MB', target: { atMost: 150 }, note: `${report.restingMb.toFixed(0)} MB at rest` },
    { what: 'longest pause of the engine’s thread', value: report.pauseMs, unit: 'ms' },
    { what: 'later than planned when all was handed over', value: report.lateMs, unit: 'ms' },
  ]
}

function criticalOf({ parsed }: ReceivedMail): number | undefined {
  const found = parsed.subject?.startsWith('[Critical]') === true ? /critical-(\d+)-/.exec(`${parsed.subject ?? ''} ${parsed.text ?? ''}`) : null
  return found === null ? undefined : Number(found[1])
}

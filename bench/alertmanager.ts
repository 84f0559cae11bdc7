import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, systemClock } from '../packages/core/src/model/clock.ts'
import { freePort } from './free-port.ts'
import { rssMb } from './resident-memory.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const program = 'prometheus-alertmanager'
const alertsEach = 500
/** Each is a group of its own, and takes some 30 kB of its memory. */
const alertsMax = 20_000
const measuredMs = 15_000
const connections = 4
const startUpMs = 10_000

export interface AlertmanagerReport {
  readonly alertsPerSecond: number
  readonly alerts: number
  readonly rssMb: number
}

/** What Alertmanager takes over connections that are kept, each alert of a group of its own and told to nobody; absent where it is not installed. */
export async function alertmanagerRate(): Promise<AlertmanagerReport | undefined> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'alertmanager.yml')
    writeFileSync(file, 'route: { receiver: nobody, group_by: [session] }\nreceivers: [{ name: nobody }]\n')
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = spawn(program, [`--config.file=${file}`, `--storage.path=${folder}`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='], { stdio: 'ignore' })
    let isMissing = false
    server.once('error', () => (isMissing = true))
    // Not `once` of events: it fails where there is no such program.
    const ended = new Promise((resolve) => server.once('exit', resolve))
    if (!(await ready(url, () => isMissing))) return undefined
    try {
      return { ...(await measure(url)), rssMb: rssMb(server.pid) }
    } finally {
      server.kill('SIGTERM')
      await ended
    }
  })
}

async function measure(url: string): Promise<Omit<AlertmanagerReport, 'rssMb'>> {
  const sinceMs = systemClock.monotonicMs()
  let begun = 0
  const send = async (): Promise<void> => {
    while (begun < alertsMax && systemClock.monotonicMs() - sinceMs < measuredMs) {
      const first = begun
      begun += alertsEach
      const alerts = Array.from({ length: alertsEach }, (_, index) => ({ labels: { alertname: 'model-failed', session: `session-${first + index}`, model: 'gpt-4o-mini' }, annotations: { summary: 'a model failed' } }))
      const response = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(alerts) })
      if (!response.ok) throw new Error(`expected Alertmanager to take alerts, it answered ${response.status}`)
      await response.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: connections }, send))
  return { alertsPerSecond: (begun * 1_000) / (systemClock.monotonicMs() - sinceMs), alerts: begun }
}

async function ready(url: string, isMissing: () => boolean): Promise<boolean> {
  const untilMs = systemClock.monotonicMs() + startUpMs
  while (systemClock.monotonicMs() < untilMs && !isMissing()) {
    const isThere = await fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false)
    if (isThere) return true
    await sleep(systemClock, 50)
  }
  if (isMissing()) return false
  throw new Error('Alertmanager did not start')
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { seededChance } from '../packages/core/src/model/chance.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'
import type { Benchmark, Row } from './figure.ts'
import { withInstalledServer } from './installed-server.ts'
import { agentOf, personOf, sessionOf, type ListsData } from './lists-data.ts'
import { median, quantile, spread } from './quantile.ts'
import { eventsStored, makeKey, project, storedData } from './stored.ts'

const requestsEach = 200
const warmUp = 10
const starts = 5
const port = 43_190

/**
 * What people wait for who look: every list over HTTP, from a process of its own, with all its filters in turn, and further pages too; and how long that
 * process takes from its start until it is ready. It is built and lies as npm would put it.
 */
export const lists: Benchmark = {
  name: 'lists',
  title: `GET over HTTP with ${eventsStored.toLocaleString('en-US')} events and ${Math.ceil(eventsStored / 10).toLocaleString('en-US')} notifications in SQLite`,
  async run(progress) {
    const data = await storedData(progress)
    return withInstalledServer((command) => measure(command, data, progress))
  },
}

async function measure(command: string, data: ListsData, progress: (doing: string) => void): Promise<readonly Row[]> {
  const key = await makeKey(data.folder, 'manage')
  const readyMs: number[] = []
  for (let start = 1; start < starts; start += 1) {
    progress(`start ${start} of ${starts}`)
    const server = await startServer(command, data.folder)
    readyMs.push(server.readyMs)
    await server.stop()
  }
  const server = await startServer(command, data.folder)
  readyMs.push(server.readyMs)
  try {
    const rows: Row[] = []
    const all: number[] = []
    for (const [what, pathOf] of asked(data)) {
      progress(what)
      const times = await timesOf(pathOf, key)
      all.push(...times)
      rows.push({ what: `${what}, p99`, value: quantile(times, 0.99), unit: 'ms', target: { atMost: 50 }, note: `p50 ${quantile(times, 0.5).toFixed(1)} ms` })
    }
    return [...rows, { what: 'all lists, p50', value: quantile(all, 0.5), unit: 'ms' }, { what: 'start to ready, built', value: median(readyMs) / 1_000, unit: 's', target: { atMost: 1 }, note: spread(readyMs.map((ms) => ms / 1_000), 2) }]
  } finally {
    await server.stop()
  }
}

type Asked = readonly [what: string, pathOf: (draw: number) => string]

/** What is asked; each number between 0 and 1 is another place or another name. */
function asked({ events, notifications }: ListsData): readonly Asked[] {
  const nowMs = systemClock.nowMs()
  const at = (draw: number): number => Math.floor(nowMs - draw * 13 * 86_400_000)
  const number = (draw: number, of: number): number => Math.floor(draw * of)
  return [
    ['alerts, newest', () => '/api/v1/alerts'],
    ['alerts that fire', () => '/api/v1/alerts?state=firing'],
    ['alerts of a kind and severity', (draw) => `/api/v1/alerts?kind=${draw < 0.5 ? 'cost' : 'tool'}&severity=critical`],
    ['alerts of an agent', (draw) => `/api/v1/alerts?agent=${agentOf(number(draw, notifications))}`],
    ['alerts of an agent there is not', () => '/api/v1/alerts?agent=nobody'],
    ['alerts of a session', (draw) => `/api/v1/alerts?session=${sessionOf(number(draw, events))}`],
    ['alerts of a time', (draw) => `/api/v1/alerts?until=${at(draw)}&rule=session-failed`],
    ['alerts of a time that ended, of an agent', (draw) => `/api/v1/alerts?until=${at(draw)}&state=resolved&agent=${agentOf(number(draw, notifications))}`],
    ['alerts with a text', () => '/api/v1/alerts?text=agent-7'],
    ['one alert', (draw) => `/api/v1/alerts/alt_${1 + number(draw, notifications / 4 - 1)}`],
    ['deliveries, newest, 200', () => '/api/v1/deliveries?limit=200'],
    ['deliveries of a person', (draw) => `/api/v1/deliveries?person=${personOf(number(draw, notifications))}`],
    ['deliveries of a person that failed', (draw) => `/api/v1/deliveries?person=${personOf(number(draw, notifications))}&result=failed`],
    ['deliveries of a person that were superseded', (draw) => `/api/v1/deliveries?person=${personOf(number(draw, notifications))}&result=superseded`],
    ['deliveries of a person that wait', (draw) => `/api/v1/deliveries?person=${personOf(number(draw, notifications))}&state=waiting`],
    ['deliveries that wait', () => '/api/v1/deliveries?state=waiting'],
    ['deliveries of a channel that were superseded', () => '/api/v1/deliveries?channel=sms&result=superseded'],
    ['notifications since a time', (draw) => `/api/v1/notifications?since=${at(draw)}`],
    ['sessions, newest', () => '/api/v1/sessions'],
    ['sessions that failed of an agent', (draw) => `/api/v1/sessions?state=fail&agent=${agentOf(number(draw, events))}`],
    ['sessions of an agent there is not', () => '/api/v1/sessions?agent=nobody'],
    ['sessions of a time that cost much', (draw) => `/api/v1/sessions?minCostUsd=1000&until=${at(draw)}`],
    ['sessions, dearest', (draw) => `/api/v1/sessions?sort=cost&until=${at(draw)}`],
    ['one session with its steps', (draw) => `/api/v1/sessions/${sessionOf(number(draw, events))}`],
    ['events, newest', () => '/api/v1/events'],
    ['events that failed', (draw) => `/api/v1/events?status=error&until=${at(draw)}`],
    ['events that failed of an agent there is not', (draw) => `/api/v1/events?status=error&agent=nobody&until=${at(draw)}`],
    ['events of a type and an agent', (draw) => `/api/v1/events?type=tool.call&agent=${agentOf(number(draw, events))}&until=${at(draw)}`],
    ['events of a type there are none of', (draw) => `/api/v1/events?type=session.end&until=${at(draw)}`],
    ['events that failed of an agent', (draw) => `/api/v1/events?status=error&agent=${agentOf(number(draw, events))}&until=${at(draw)}`],
    ['decisions, newest', () => '/api/v1/decisions'],
    ['decisions about a person', (draw) => `/api/v1/decisions?person=${personOf(number(draw, notifications))}`],
    ['decisions of a reason there are none of', () => '/api/v1/decisions?reason=held.paused'],
    ['overview', () => '/api/v1/overview'],
  ]
}

async function timesOf(pathOf: Asked[1], key: string): Promise<readonly number[]> {
  const chance = seededChance(3)
  const times: number[] = []
  let next: string | undefined
  for (let request = 0; request < requestsEach + warmUp; request += 1) {
    const path = pathOf(chance.next())
    // Every other request is for a further page.
    const paged = next === undefined || request % 2 === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}cursor=${next}`
    const sinceMs = systemClock.monotonicMs()
    const response = await fetch(`http://127.0.0.1:${port}${paged}`, { headers: { authorization: `Bearer ${key}` } })
    const body = (await response.json()) as { readonly next?: string }
    if (request >= warmUp) times.push(systemClock.monotonicMs() - sinceMs)
    if (response.status !== 200) throw new Error(`${paged} was answered with ${response.status}: ${JSON.stringify(body).slice(0, 300)}`)
    next = body.next
  }
  return times
}

async function startServer(command: string, folder: string): Promise<{ readonly readyMs: number; readonly stop: () => Promise<void> }> {
  const config = join(folder, 'tocsin.yaml')
  writeFileSync(config, JSON.stringify({ project, channels: { inbox: { type: 'inbox' } }, pause: true, retention: { content: '90d', bodies: '90d', decisions: '90d' } }))
  const sinceMs = systemClock.monotonicMs()
  const child = spawn(process.execPath, [command, 'serve', '--config', config, '--data', folder, '--port', String(port), '--log-level', 'error'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('Listening')) break
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
  if (ready.status !== 200) throw new Error(`expected the server to be ready, got ${ready.status}`)
  return {
    readyMs: systemClock.monotonicMs() - sinceMs,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

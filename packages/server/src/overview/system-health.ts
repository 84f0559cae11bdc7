import type { Clock, Store } from 'tocsin/engine'
import type { Projects, RunningProject } from '../projects/projects.ts'
import { lastForgetting } from '../stores/forget.ts'
import { lastBeat } from '../operations/heartbeat.ts'
import { aboutDatabase } from '../stores/about-database.ts'
import type { Database } from '../stores/database.ts'

interface Parts {
  readonly store: Store
  readonly database: Database
  readonly projects: Projects
  readonly clock: Clock
  readonly project: RunningProject
  /** A sentence of ours in the reader's language. */
  readonly say: (english: string) => string
}

/** Alerts of self-tests that are looked at: those of some days. */
const testsMax = 100

/** How the installation is, as far as it can be looked up when somebody asks. */
export async function systemHealth(parts: Parts) {
  const { database, project, projects, say, store } = parts
  const trouble = projects.troubles().find((one) => one.project === project.name)?.cause
  return {
    database: await aboutDatabase(database),
    queue: await queueOf(parts),
    retention: { lastMs: await lastForgetting(database.db), contentSinceMs: await store.read.eventsSinceMs(project.name) },
    heartbeat: await heartbeatOf(parts),
    selfTest: await selfTestOf(parts),
    configurationTrouble: trouble === undefined ? undefined : say(trouble),
  }
}

async function queueOf({ store, clock, project: { name, engine } }: Parts) {
  const waiting = await store.read.waiting(name)
  const first = new Map((await store.read.firstDue(name)).map(({ channel, dueMs }) => [channel, dueMs]))
  const trouble = new Map((await store.read.reportTrouble(name)).map((one) => [one.channel, one]))
  // Also what waits for a channel that is configured no more.
  const names = [...new Set([...engine.channels.map((channel) => channel.name), ...first.keys()])]
  return names.map((channel) => {
    const dueMs = first.get(channel)
    const found = trouble.get(channel)
    return {
      channel,
      isConfigured: engine.channels.some((one) => one.name === channel),
      state: found?.state ?? ('working' as const),
      sinceMs: found?.sinceMs,
      waiting: waiting.reduce((sum, one) => (one.channel === channel ? sum + one.count : sum), 0),
      firstDueMs: dueMs,
      lateMs: dueMs === undefined ? undefined : Math.max(0, clock.nowMs() - dueMs),
    }
  })
}

/** Of the installation: it stands in the configuration of one project, and is shown to whoever sees that one. */
async function heartbeatOf({ store, projects, project: { name, config } }: Parts) {
  const { heartbeat } = config
  if (heartbeat === undefined || name !== projects.fileProject) return undefined
  const { atMs, failures } = await lastBeat(store, name)
  return { host: new URL(heartbeat.url).host, everyMs: heartbeat.every, failures, lastMs: atMs === 0 ? undefined : atMs }
}

/** What became of the last test of each channel. */
async function selfTestOf({ store, project: { name, config } }: Parts) {
  const { selfTest } = config
  if (selfTest === undefined) return undefined
  const { items } = await store.read.listAlerts({ project: name, rule: 'self-test', limit: testsMax })
  const last = new Map<string, (typeof items)[number]>()
  for (const alert of items) {
    const { channel } = alert.evidence
    if (typeof channel === 'string' && !last.has(channel)) last.set(channel, alert)
  }
  const channels = selfTest.channels ?? Object.keys(config.channels)
  const results = await Promise.all(channels.map(async (channel) => {
    const alert = last.get(channel)
    const deliveries = alert === undefined ? [] : await store.read.deliveriesOf(alert.id)
    const result = deliveries.some(({ state }) => state !== 'done') ? 'waiting' : (deliveries.find((one) => one.result !== 'sent')?.result ?? deliveries[0]?.result ?? 'none')
    return { channel, atMs: alert?.openedAtMs, result }
  }))
  return { at: selfTest.at, results }
}

import { afterEach, expect, test } from 'vitest'
import { openSqliteStore, systemChance, createEngine, configSchema, type Config, type Engine, type Store } from 'tocsin/engine'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHttpProvider, type HttpProvider } from '../../../core/src/testing/http-provider.ts'
import { manualClock } from '../../../core/src/testing/manual-clock.ts'
import { until } from '../../../core/src/testing/receiver.ts'
import type { Projects } from '../projects/projects.ts'
import { startHeartbeat } from './heartbeat.ts'

const startMs = Date.UTC(2026, 10, 23, 9)
const everyMs = 60_000
let folder: string
let outside: HttpProvider
let store: Store
let engine: Engine
let running: { stop(): Promise<void> }[] = []

/** Several servers over one store, as far as the heartbeat knows them. */
async function world(nodes: number, more: object = {}) {
  const clock = manualClock(startMs)
  folder = mkdtempSync(join(tmpdir(), 'tocsin-heartbeat-'))
  outside = await startHttpProvider({ protocol: 'http', answer: () => ({ status: 200 }) })
  const url = `${outside.base}/ping/5f0c1d2e-secret`
  const config: Config = configSchema.parse({ channels: { box: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, heartbeat: { url, every: '60s', late: '2m', allowInsecure: true }, ...more })
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock, durability: 'normal' })
  const notices: string[] = []
  const notice = (text: string): void => void notices.push(text)
  engine = createEngine({ config, store, clock, chance: systemChance, notice, keepsStore: true })
  // Reason for the cast: of all projects the heartbeat asks for these.
  const projects = { fileProject: config.project, names: () => [config.project], get: () => ({ name: config.project, config, engine }) } as unknown as Projects
  running = Array.from({ length: nodes }, () => startHeartbeat({ store, projects, clock, notice }))
  /** Time passes in steps, so that whoever waits looks. */
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 5_000) {
      clock.advance(5_000)
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  return { clock, notices, pass, projects, url }
}

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await engine.close()
  await store.close()
  await outside.close()
  rmSync(folder, { recursive: true })
})

test('of several servers one calls each time, and another goes on where one is gone', async () => {
  const { pass } = await world(3)
  await until(() => outside.requests.length > 0)
  expect(outside.requests[0]).toMatchObject({ method: 'GET', path: '/ping/5f0c1d2e-secret' })
  await pass(3 * everyMs)
  expect(outside.requests).toHaveLength(4)
  await running[0]?.stop()
  await running[1]?.stop()
  await pass(2 * everyMs)
  expect(outside.requests).toHaveLength(6)
})

test('where deliveries are stuck, or the store cannot be written, it is silent', async () => {
  const { clock, pass, notices } = await world(1)
  await until(() => outside.requests.length > 0)
  // Nobody delivers here: the engine is not started.
  const accepted = engine.accept([{ source: 'client', type: 'custom', id: 'one', atMs: clock.nowMs(), announcement: { title: 'stuck', severity: 'critical', to: ['dana'] } }])
  await pass(everyMs)
  await accepted
  expect(outside.requests.length).toBeGreaterThanOrEqual(2)
  await pass(4 * everyMs)
  const stuck = outside.requests.length
  await pass(5 * everyMs)
  expect(outside.requests).toHaveLength(stuck)
  expect(notices.filter((text) => text.includes('stuck'))).toHaveLength(1)
  expect(notices.join()).not.toContain('5f0c1d2e')
  await store.close()
  await pass(2 * everyMs)
  expect(outside.requests).toHaveLength(stuck)
})

test('calls that fail are tried again soon, and after several the admins hear of it', async () => {
  const { pass, notices } = await world(1)
  await until(() => outside.requests.length > 0)
  outside.fail(...Array.from({ length: 4 }, () => ({ reply: { status: 500 } })))
  await pass(4 * everyMs)
  await until(async () => (await store.read.alerts()).some(({ message }) => message === 'system.heartbeat-failed'))
  expect(notices.filter((text) => text.includes('failed'))).toEqual([expect.stringMatching(/^the heartbeat to 127\.0\.0\.1:\d+ failed 3 times: it answered 500$/)])
  expect(notices.at(-1)).toBe('the heartbeat is sent again')
})

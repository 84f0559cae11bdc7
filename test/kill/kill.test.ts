import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configurationFrom } from '../../packages/core/src/configuration.ts'
import { createEngine } from '../../packages/core/src/engine.ts'
import { seededChance, systemChance } from '../../packages/core/src/model/chance.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import type { Alert } from '../../packages/core/src/model/alert.ts'
import type { DeliveryRecord, Page } from '../../packages/core/src/model/reader.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'

const rounds = 50
const agent = new URL('./agent.ts', import.meta.url).pathname
const chance = seededChance(20_261_122)

let data: string
let server: SmtpStandIn

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'tocsin-kill-'))
  server = await startSmtpServer({ login: { user: 'apikey', password: 'correct-horse' } })
  writeFileSync(join(data, 'ca.pem'), server.ca)
})

afterAll(async () => {
  await server.close()
  rmSync(data, { recursive: true, force: true })
})

/** Runs an agent and kills it after a while with a signal that nothing can catch; returns what it had flushed. */
function killedAgent(round: number, liveMs: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [agent, data, server.url, join(data, 'ca.pem'), String(round)], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let complaints = ''
    let cancel = (): void => undefined
    child.stdout.on('data', (chunk: Buffer) => {
      // The time of death counts from the first flush, so that each round does something.
      if (out === '') cancel = systemClock.after(liveMs, () => child.kill('SIGKILL'))
      out += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      cancel()
      if (signal === 'SIGKILL') resolve(out.split('\n').filter((line) => line !== ''))
      else reject(new Error(`the agent ended by itself with ${code}: ${complaints}`))
    })
  })
}

async function everyPage<Row extends { readonly id: number }>(read: (page: Page) => Promise<readonly Row[]>): Promise<readonly Row[]> {
  const all: Row[] = []
  for (;;) {
    const page = await read({ limit: 1_000, before: all.at(-1)?.id })
    all.push(...page)
    if (page.length < 1_000) return all
  }
}

test(`${rounds} rounds of kill -9 lose no flushed event and send nothing twice without a lost acknowledgement`, { timeout: 240_000 }, async () => {
  const flushed: string[] = []
  for (let round = 1; round <= rounds; round += 1) flushed.push(...(await killedAgent(round, 50 + Math.floor(chance.next() * 300))))
  expect(flushed.length).toBeGreaterThan(rounds)

  const config = configurationFrom({
    channels: { mail: { type: 'email', url: server.url, ca: join(data, 'ca.pem'), from: 'Tocsin <noreply@example.com>' } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    rules: { 'session-started': false, 'session-ended': false },
    delivery: { leaseMs: 1_000, retryMs: 50, retryMaxMs: 200 },
    limits: false,
    storm: false,
  })
  const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'full' })
  const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice: () => undefined })
  engine.start()
  for (let waited = 0; waited < 600 && (await store.read.waiting()).length > 0; waited += 1) await sleep(systemClock, 50)
  const deliveries = await everyPage<DeliveryRecord>((page) => store.read.deliveries(page))
  const alerts = await everyPage<Alert>((page) => store.read.alerts(page))
  const known = new Set(alerts.map((alert) => alert.sessionId))
  await engine.close()

  // Lost: a session that was flushed and of which no mail came.
  const told = new Set(server.mails.flatMap((mail) => /round-\d+-session-\d+/.exec(mail.parsed.text ?? '') ?? []))
  expect(flushed.filter((id) => !known.has(id))).toEqual([])
  expect(flushed.filter((id) => !told.has(id))).toEqual([])

  // Twice: the same message received again is allowed only where an attempt before it had no answer, and that is on record.
  const received = new Map<string, number>()
  for (const mail of server.mails) received.set(mail.parsed.messageId ?? '', (received.get(mail.parsed.messageId ?? '') ?? 0) + 1)
  const twice = [...received.values()].filter((count) => count > 1).length
  const doubted = deliveries.filter((delivery) => delivery.attempts.some((attempt) => attempt.outcome === 'in-doubt')).length
  expect(deliveries.filter((delivery) => delivery.result !== 'sent')).toEqual([])
  expect(twice).toBeLessThanOrEqual(doubted)
  expect(deliveries.every((delivery) => delivery.state === 'done')).toBe(true)
  process.stdout.write(`${rounds} kills: ${flushed.length} flushed sessions, 0 lost; ${received.size} mails, ${twice} more than once, ${doubted} with a lost acknowledgement on record\n`)
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConfigInput } from '../../packages/core/src/index.ts'
import { startModelProvider, type ModelProvider } from '../../packages/core/src/testing/model-provider.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { newFolder, onRecord, runAgent } from './run-agent.ts'

let mail: SmtpStandIn
let provider: ModelProvider

beforeAll(async () => {
  mail = await startSmtpServer()
  provider = await startModelProvider({ script: () => ({ kind: 'ok', inputTokens: 1_000, outputTokens: 1_000 }) })
})
afterAll(async () => {
  await mail.close()
  await provider.close()
})

function config(more: ConfigInput = {}, channel: Readonly<Record<string, unknown>> = {}): ConfigInput {
  return {
    channels: { mail: { type: 'email', url: mail.url, ca: mail.ca, from: 'Tocsin <noreply@example.com>', ...channel } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    ...more,
  }
}

const subjectsSince = (from: number): readonly string[] => mail.mails.slice(from).map(({ parsed }) => parsed.subject ?? '')

test('two processes spend from one budget, and its crossing is told once', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const from = mail.mails.length
  // A call costs 0.002 USD: five of one process stay below, and those of both do not.
  const own = config({ prices: { dear: { inputUsd: 1, outputUsd: 1 } }, budgets: { shared: { amountUsd: 0.015, thresholds: [1] } }, rules: { 'model-recorded': false } })
  const order = { scenario: 'spends', data, config: own, count: 5, provider: `${provider.url}/v1` } as const
  const both = await Promise.all([runAgent(order), runAgent(order)])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  expect(provider.requests).toHaveLength(10)
  expect((await onRecord(data, (read) => read.alerts())).filter(({ kind }) => kind === 'cost')).toHaveLength(1)
  expect(subjectsSince(from).filter((subject) => subject.includes('shared'))).toHaveLength(1)
})

test('a rate holds for two processes together', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const from = mail.mails.length
  const order = { scenario: 'tells', data, config: config({}, { rate: '4/1h' }), count: 6 } as const
  await Promise.all([runAgent(order), runAgent(order)])
  const sent = subjectsSince(from).filter((subject) => subject.includes('number')).length
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThanOrEqual(4)
  expect((await onRecord(data, (read) => read.deliveries({ limit: 100 }))).filter(({ state }) => state !== 'done').length).toBeGreaterThanOrEqual(12 - 4)
})

test('what one process left, the next one delivers', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const from = mail.mails.length
  const own = config({ delivery: { batchMs: 2_000 } })
  const { stderr } = await runAgent({ scenario: 'fallsOff', data, config: own })
  expect(stderr).toMatch(/1 notifications wait in/)
  expect(await runAgent({ scenario: 'livesAWhile', data, config: own })).toMatchObject({ said: [{ waiting: 0 }], stderr: '' })
  expect(subjectsSince(from).filter((subject) => subject.includes('all is well'))).toHaveLength(1)
})

test('two clients in one process, over one folder, both record and either delivers', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const from = mail.mails.length
  const { code } = await runAgent({ scenario: 'twoClients', data, config: config() })
  expect(code).toBe(0)
  const said = subjectsSince(from)
  for (const title of ['by the first', 'by the second', 'the till is empty']) expect(said.filter((subject) => subject.endsWith(title))).toHaveLength(1)
  expect((await onRecord(data, (read) => read.counts())).events).toBe(4)
})

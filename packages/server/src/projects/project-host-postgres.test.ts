import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { systemChance, systemClock } from 'tocsin/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabaseUrl } from '../../../core/src/testing/postgres-store.ts'
import { installation } from '../access/audit.ts'
import { createKeys } from '../access/keys.ts'
import { serve, type RunningServer } from '../serve.ts'
import { openDatabase } from '../stores/database.ts'
import { newSecretKey } from './secret-key.ts'

const name = `tocsin_projects_${systemChance.id()}`
const folder = mkdtempSync(join(tmpdir(), 'tocsin-projects-'))
const nodes: RunningServer[] = []
let admin: pg.Client
let key = ''

beforeAll(async () => {
  const server = await testDatabaseUrl()
  admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const config = join(folder, 'tocsin.yaml')
  writeFileSync(config, JSON.stringify({ people: { dana: { role: 'admin', email: 'dana@example.com' } } }))
  const env = { TOCSIN_SECRET_KEY: Buffer.from(newSecretKey(systemChance).bytes).toString('base64') }
  for (const node of ['one', 'two']) nodes.push(await serve({ config, data: join(folder, node), databaseUrl: url.href, port: 0, env, terminal: () => undefined, notice: () => undefined }))
  const database = await openDatabase({ url: url.href }, systemClock)
  key = (await createKeys({ db: database.db, clock: systemClock, chance: systemChance, notice: () => undefined }).create({ name: 'test', scope: 'manage' }, { principal: installation })).key
  await database.close()
}, 60_000)

afterAll(async () => {
  for (const node of nodes) await node.close()
  await admin.query(`drop database ${name} with (force)`)
  await admin.end()
  rmSync(folder, { recursive: true })
}, 60_000)

async function call(node: number, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly etag: string; readonly json: unknown }> {
  const response = await fetch(`${nodes[node]?.url}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }, ...(body !== undefined && { body: JSON.stringify(body) }) })
  return { status: response.status, etag: response.headers.get('etag') ?? '', json: response.status === 204 ? undefined : await response.json() }
}

async function isOn(node: number, rule: string): Promise<boolean | undefined> {
  const { json } = await call(node, 'GET', 'built-in-rules')
  return (json as { readonly items: readonly { readonly name: string; readonly on: boolean }[] }).items.find((one) => one.name === rule)?.on
}

test('servers on several machines hear at once of a change that one of them makes', async () => {
  expect((await call(0, 'PUT', 'rules/model-failed', false)).status).toBe(201)
  // Sooner than it looks by itself.
  await expect.poll(() => isOn(1, 'model-failed'), { timeout: 1_000, interval: 20 }).toBe(false)
})

test('of two changes with the same ETag on two machines one wins, and what fits only one by one is not taken twice', async () => {
  const { etag } = await call(0, 'PUT', 'budgets/team', { amountUsd: 10 })
  const both = await Promise.all([0, 1].map((node) => call(node, 'PUT', 'budgets/team', { amountUsd: 20 + node }, { 'if-match': etag })))
  expect(both.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 412])
  const channel = await call(0, 'PUT', 'channels/kept', { type: 'inbox' })
  const apart = await Promise.all([call(0, 'DELETE', 'channels/kept', undefined, { 'if-match': channel.etag }), call(1, 'PUT', 'routes/on-call', { to: ['dana'], via: ['kept'] })])
  expect([[204, 422], [409, 201]]).toContainEqual(apart.map(({ status }) => status))
})

test('a secret that one machine sealed another keeps', async () => {
  const hook = { type: 'webhook', url: 'https://hooks.example.com/in', secret: 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg==' }
  const made = await call(0, 'PUT', 'channels/hook', hook)
  const changed = await call(1, 'PATCH', 'channels/hook', { concurrency: 2 }, { 'if-match': made.etag })
  expect([made.status, changed.status]).toEqual([201, 200])
})

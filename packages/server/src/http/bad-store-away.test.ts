import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { startServer, stopServer } from '../../../core/src/testing/postgres-server.ts'
import { emptyDatabase } from '../testing/empty-database.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { ownerOf, type Visitor } from '../testing/visitor.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function worldOver(options: Parameters<typeof serverWorld>[1]): Promise<ServerWorld> {
  const world = await serverWorld({ project: 'bots' }, options)
  ends.push(() => world.dispose())
  return world
}

let sent = 0
const event = (): unknown => ({ type: 'custom', id: `event-${(sent += 1)}`, atMs: Date.now() })

/** One call of each sort: the intake, a list, a change, a login and a look at whose session it is. */
async function statusesOf(world: ServerWorld, owner: Visitor): Promise<readonly number[]> {
  const fresh = owner.cookie.replace(/\.[^.]*$/, '.x')
  return Promise.all([
    world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [event()] } }),
    world.call('POST', '/v1/traces', { key: `tok_${'x'.repeat(43)}`, body: {} }),
    owner.call('GET', '/api/v1/alerts'),
    owner.call('PUT', `/api/v1/budgets/b-${(sent += 1)}`, { body: { amountUsd: 5 } }),
    owner.call('POST', '/api/v1/keys', { body: { name: 'more', scope: 'read' } }),
    owner.call('POST', '/api/v1/silences', { body: { match: "alert.rule == 'x'", untilMs: Date.now() + 3_600_000, comment: 'c' } }),
    world.call('POST', '/api/auth/sign-in/email', { body: { email: owner.email, password: owner.password } }),
    world.call('GET', '/api/v1/me', { headers: { cookie: fresh } }),
    world.call('GET', '/readyz'),
  ].map(async (answer) => (await answer).status))
}

/** Sends until it is taken, as exporters do. */
async function untilTaken(world: ServerWorld, body: unknown): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body })
    if (answer.status === 200) return
    if (answer.status !== 503 || answer.headers.get('retry-after') === null || tries > 300) throw new Error(`expected 503 with Retry-After while the database is away, got ${answer.status} ${answer.text}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

test('while PostgreSQL is stopped every answer says so, and when it is back everything that was accepted is there and the rest is taken', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-away-'))
  const server = await startServer(folder)
  ends.push(() => stopServer(folder))
  const world = await worldOver({ databaseUrl: server.url })
  const owner = await ownerOf(world)
  await untilTaken(world, { events: [event(), event()] })
  process.kill(server.pid, 'SIGINT')
  for (const status of await statusesOf(world, owner)) expect([503, 401]).toContain(status)
  const waiting = untilTaken(world, { events: [event()] })
  await startServer(folder, server.port)
  await waiting
  await expect.poll(async () => (await statusesOf(world, owner)).every((status) => status < 500), { timeout: 10_000 }).toBe(true)
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query<{ n: number }>('select count(*)::int as n from tocsin.events')
  await client.end()
  expect(rows[0]?.n).toBeGreaterThanOrEqual(3)
})

test('connections that are cut while events come in lose none that were accepted, and double none', async () => {
  const database = await emptyDatabase()
  ends.push(() => database.dispose())
  const world = await worldOver({ databaseUrl: database.url })
  const bodies = Array.from({ length: 60 }, () => ({ events: [event(), event()] }))
  let isDone = false
  const cutting = (async () => {
    while (!isDone) {
      await database.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  })()
  const left = [...bodies]
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let body = left.shift(); body !== undefined; body = left.shift()) await untilTaken(world, body)
  }))
  isDone = true
  await cutting
  expect(await database.query<{ n: number }>('select count(*)::int as n from tocsin.events')).toEqual([{ n: 120 }])
})

test('a database file that another process holds is waited for; when it is free everything goes on', async () => {
  const world = await worldOver({})
  const owner = await ownerOf(world)
  const other = new DatabaseSync(join(world.data, 'tocsin.db'))
  other.exec('begin immediate')
  const during = statusesOf(world, owner)
  const answers = await Promise.race([during, new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 1_500))])
  other.exec('rollback')
  other.close()
  // Those that were still waiting are done now; those that gave up said when to come again.
  for (const status of answers ?? (await during)) expect(status === 503 || status < 500).toBe(true)
  await expect.poll(async () => (await statusesOf(world, owner)).every((status) => status < 500), { timeout: 5_000 }).toBe(true)
})

const small = join(tmpdir(), `tocsin-full-${process.pid}`)
const canMount = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('mkdir', ['-p', small]).status === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', small]).status === 0

test.skipIf(!canMount)('on a full disk nothing is taken that is not kept, reading goes on, and with room again everything does', async () => {
  ends.push(() => {
    spawnSync('umount', [small])
    rmSync(small, { recursive: true, force: true })
  })
  const world = await worldOver({ data: small })
  const owner = await ownerOf(world)
  const ballast = join(small, 'ballast')
  const { bavail, bsize } = statfsSync(small)
  writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 64 * 1024)))
  let taken = 0
  let status = 200
  let again: string | null = null
  for (let tries = 0; status === 200 && tries < 500; tries++) {
    const answer = await world.call('POST', '/api/v1/events', { key: world.ingestKey, body: { events: [{ type: 'custom', id: `full-${tries}`, atMs: Date.now(), agent: 'x'.repeat(200) }] } })
    status = answer.status
    if (status === 200) taken += 1
    again = answer.headers.get('retry-after')
  }
  expect([status, again]).toEqual([507, '30'])
  for (const one of await statusesOf(world, owner)) expect([200, 401, 503, 507]).toContain(one)
  expect((await owner.call('GET', '/api/v1/alerts')).status).toBe(200)
  rmSync(ballast)
  // How ready it is, it remembers for a second.
  await expect.poll(async () => (await statusesOf(world, owner)).every((one) => one < 500), { timeout: 5_000 }).toBe(true)
  const reader = new DatabaseSync(join(small, 'tocsin.db'), { readOnly: true })
  expect(reader.prepare("select count(*) as n from events where id like 'full-%'").get()).toEqual({ n: taken })
  reader.close()
})

import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemChance, systemClock } from 'tocsin/engine'
import { afterEach, expect, test } from 'vitest'
import { openDatabase } from '../stores/database.ts'
import { nextVersion } from '../stores/entries.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'
import { rotateSecrets } from './rotate-secrets.ts'
import { keySource } from './secret-key.ts'

let world: ServerWorld | undefined
let child: ChildProcess | undefined
afterEach(async () => {
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child?.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  child = undefined
  await world?.dispose()
  world = undefined
})

const people = { dana: { role: 'admin', email: 'dana@example.com' } } as const
const hook = { type: 'webhook', url: 'https://hooks.example.com/in', secret: 'whsec_c2VzYW1lLW9wZW4tNDcxMS1zZXNhbWUtb3Blbg==' }

/** Of what is in force in that server, and not of what is in the database. */
async function isOn(call: ServerWorld['call'], key: string, rule = 'model-failed'): Promise<boolean | undefined> {
  const { json } = await call('GET', '/api/v1/built-in-rules', { key })
  return (json as { readonly items: readonly { readonly name: string; readonly on: boolean }[] }).items.find(({ name }) => name === rule)?.on
}

test('another server process on the same database has a change in force within three seconds', async () => {
  world = await serverWorld({ people })
  const key = await world.makeKey('manage')
  const { data, call } = world
  const second = await startProcess(data)
  const ask: ServerWorld['call'] = async (method, path, options) => {
    const response = await fetch(`${second}${path}`, { method, headers: { authorization: `Bearer ${options?.key ?? ''}`, 'content-type': 'application/json' }, ...(options?.body !== undefined && { body: JSON.stringify(options.body) }) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) as unknown }
  }
  expect(await isOn(ask, key)).toBe(true)
  await call('PUT', '/api/v1/rules/model-failed', { key, body: false })
  await expect.poll(() => isOn(ask, key), { timeout: 3_000 }).toBe(false)
  // And the other way.
  expect((await ask('PUT', '/api/v1/rules/model-empty', { key, body: false })).status).toBe(201)
  await expect.poll(() => isOn(call, key, 'model-empty'), { timeout: 3_000 }).toBe(false)
}, 20_000)

test('a row that cannot be read leaves the last good configuration in force, and the admins are told', async () => {
  world = await serverWorld({ people, channels: { kept: { type: 'inbox' } } })
  const { call, data, store } = world
  const key = await world.makeKey('manage')
  await call('PUT', '/api/v1/rules/model-failed', { key, body: false })
  const database = await openDatabase({ file: join(data, 'tocsin.db') }, systemClock)
  await database.db.transaction().execute(async (tx) => {
    await tx.insertInto('server_entries').values({ project: 'default', kind: 'holograms', name: 'h', body: '{}', version: 99, place: 1, changed_ms: 0, changed_by: 'installation' }).execute()
    await nextVersion(tx, 'sqlite', 'default')
  })
  await expect.poll(async () => (await call('GET', '/api/v1/projects', { key })).text, { timeout: 5_000 }).toContain('holograms')
  expect([await isOn(call, key), (await call('GET', '/readyz')).json]).toEqual([false, { ok: true, configuration: 'last-good' }])
  await expect.poll(async () => (await store.read.alerts({ limit: 10 })).map(({ message }) => message), { timeout: 5_000 }).toContain('system.config-broken')
  await database.db.deleteFrom('server_entries').where('kind', '=', 'holograms').execute()
  await database.close()
  // The next change brings it back in force.
  expect((await call('PUT', '/api/v1/rules/model-empty', { key, body: false })).status).toBe(201)
  expect([await isOn(call, key, 'model-empty'), (await call('GET', '/api/v1/projects', { key })).text.includes('trouble')]).toEqual([false, false])
}, 15_000)

test('a server that starts over a row that cannot be read leaves out that alone', async () => {
  world = await serverWorld({ people })
  const { call, data } = world
  const key = await world.makeKey('manage')
  await call('PUT', '/api/v1/rules/model-failed', { key, body: false })
  const database = await openDatabase({ file: join(data, 'tocsin.db') }, systemClock)
  await database.db.insertInto('server_entries').values({ project: 'default', kind: 'rules', name: 'broken', body: '{"on":"llm.call","when":"event.nothing(("}', version: 99, place: 1, changed_ms: 0, changed_by: 'installation' }).execute()
  await database.close()
  const second = await startProcess(data)
  const response = await fetch(`${second}/api/v1/built-in-rules`, { headers: { authorization: `Bearer ${key}` } })
  const { items } = (await response.json()) as { readonly items: readonly { readonly name: string; readonly on: boolean }[] }
  expect(items.find(({ name }) => name === 'model-failed')?.on).toBe(false)
}, 20_000)

test('the file is read anew when asked, and one that is wrong leaves the one before in force', async () => {
  world = await serverWorld({ people })
  const { call, data, notices } = world
  const key = await world.makeKey('manage')
  const file = join(data, 'tocsin.yaml')
  writeFileSync(file, JSON.stringify({ people, rules: { 'model-failed': false } }))
  expect([await world.reload(), await isOn(call, key)]).toEqual([true, false])
  writeFileSync(file, JSON.stringify({ people, rules: { 'model-fialed': false } }))
  expect([await world.reload(), await isOn(call, key)]).toEqual([false, false])
  expect(notices.join('\n')).toContain('model-fialed')
  expect((await call('GET', '/api/v1/projects', { key })).text).toContain('model-fialed')
})

test('keys are rotated while the server runs: what was sealed opens, what is sealed then is sealed by the new key, and the old one is gone', async () => {
  world = await serverWorld({ people })
  const { call, data } = world
  const key = await world.makeKey('manage')
  const made = await call('PUT', '/api/v1/channels/one', { key, body: hook })
  const database = await openDatabase({ file: join(data, 'tocsin.db') }, systemClock)
  const keys = keySource({ env: {}, data, chance: systemChance })
  const [old] = keys.read()
  const rotation = await rotateSecrets({ keys, database, chance: systemChance })
  expect([rotation.resealed, rotation.key === old.id, keys.read().map(({ id }) => id)]).toEqual([1, false, [rotation.key]])
  // The server that runs keeps the secret of the first and seals a second.
  const etag = made.headers.get('etag') ?? ''
  expect((await call('PATCH', '/api/v1/channels/one', { key, body: { concurrency: 2 }, headers: { 'if-match': etag } })).status).toBe(200)
  expect((await call('PUT', '/api/v1/channels/two', { key, body: hook })).status).toBe(201)
  const rows = await database.db.selectFrom('server_entries').select('body').where('kind', '=', 'channels').execute()
  expect(rows.map(({ body }) => [body.includes(rotation.key), body.includes(old.id)])).toEqual([[true, false], [true, false]])
  await database.close()
})

/** A server process of its own over the same folder. @returns its address */
function startProcess(data: string): Promise<string> {
  const command = join(import.meta.dirname, '../../../core/src/commands/main.ts')
  const { CI: _ci, ...env } = process.env
  const started = spawn(process.execPath, ['--conditions=tocsin-source', command, 'serve', '--data', data, '--config', join(data, 'tocsin.yaml'), '--port', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  return new Promise((resolve, reject) => {
    let text = ''
    const read = (part: Buffer): void => {
      text += part.toString()
      const [, url] = /Listening on (http:\S+)\./.exec(text) ?? []
      if (url !== undefined) resolve(url)
    }
    started.stdout.on('data', read)
    started.stderr.on('data', read)
    started.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}: ${text}`)))
  })
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from './testing/server-world.ts'

let world: ServerWorld | undefined
afterEach(() => world?.dispose())

/** Says which packages were loaded in a process of its own. */
const telling = `
import { registerHooks } from 'node:module'
const loaded = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const [, name] = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url) ?? []
    if (name !== undefined) loaded.add(name)
    return found
  },
})
`
/** Starts a server, and says what it loaded until it listened. */
const script = `${telling}
const { serve } = await import('@tocsin/server')
const server = await serve({ config: process.argv[1], data: process.argv[2], port: 0, env: {}, terminal: () => undefined })
console.log(JSON.stringify([...loaded]))
await server.close()
`

test('a server that starts again loads neither what logs people in nor validators that nobody asks', async () => {
  world = await serverWorld()
  const { data } = world
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=tocsin-source', '--input-type=module', '-e', script, join(data, 'tocsin.yaml'), data], { cwd: import.meta.dirname, encoding: 'utf8', timeout: 20_000 })
  if (stdout === '') throw new Error(stderr)
  // Reason for the cast: printed by the script above.
  const loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as readonly string[]
  expect(loaded).toEqual(expect.arrayContaining(['fastify', 'kysely', 'zod']))
  expect(loaded.filter((name) => ['better-auth', '@better-auth/core', 'ajv', '@fastify/ajv-compiler'].includes(name))).toEqual([])
}, 30_000)

test('who makes a key at the terminal waits for nothing that serves', async () => {
  world = await serverWorld()
  const keys = `${telling}
const { administer } = await import('@tocsin/server')
const at = await administer({ data: process.argv[1], env: {}, notice: () => undefined, by: 'test', command: 'keys create' })
await at.createKey({ name: 'made', scope: 'read' })
console.log(JSON.stringify([...loaded]))
await at.close()
`
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=tocsin-source', '--input-type=module', '-e', keys, world.data], { cwd: import.meta.dirname, encoding: 'utf8', timeout: 20_000 })
  if (stdout === '') throw new Error(stderr)
  // Reason for the cast: printed by the script above.
  const loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as readonly string[]
  expect(loaded).toContain('kysely')
  expect(loaded.filter((name) => name.startsWith('@fastify/') || ['fastify', 'pino', 'prom-client', 'better-auth', 'standardwebhooks', 'fastify-type-provider-zod'].includes(name))).toEqual([])
}, 30_000)

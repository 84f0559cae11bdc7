import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { serverWorld } from '../testing/server-world.ts'
import { tokenIn } from '../testing/visitor.ts'
import { administer } from './administer.ts'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../../../core/src/commands/main.ts', import.meta.url))

test('a key that the command line makes works in a server that runs, and one that it revokes ends', async () => {
  const world = await serverWorld({ project: 'bots' })
  try {
    const { stdout } = await run(process.execPath, ['--conditions=tocsin-source', command, 'keys', 'create', '--name', 'ci', '--scope', 'manage', '--project', 'bots', '--data', world.data, '--json'])
    const made: unknown = JSON.parse(stdout)
    const [, key = ''] = /"key": "(tok_[\w-]{43})"/.exec(stdout) ?? []
    expect(made).toMatchObject({ name: 'ci', scope: 'manage', project: 'bots', state: 'active' })
    expect((await world.call('GET', '/api/v1/keys', { key })).status).toBe(200)
    const trail = await world.call('GET', '/api/v1/audit?action=keys.create', { key })
    expect(trail.text).toContain('command:keys create')
    expect(trail.text).not.toContain(key)
  } finally {
    await world.dispose()
  }
})

test('an owner link of the command line makes an owner, and keys are listed without themselves', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-administer-'))
  const administration = await administer({ data, env: {}, notice: () => undefined, by: 'root', command: 'owner-link' })
  try {
    const { key, id } = await administration.createKey({ name: 'ci', scope: 'ingest', project: 'bots', expiresInMs: 60_000 })
    expect(tokenIn((await administration.ownerLink('https://tocsin.example.com/')).url)).not.toBe('')
    expect(JSON.stringify(await administration.listKeys('bots'))).not.toContain(key)
    expect(await administration.listKeys('other')).toEqual([])
    expect(await administration.revokeKey(id)).toMatchObject({ state: 'revoked' })
    expect(await administration.revokeKey(id)).toBeUndefined()
    expect((await administration.changes({ limit: 10 })).map(({ action, actorName }) => `${actorName} ${action}`)).toEqual(['root keys.revoke', 'root owner-link.create', 'root keys.create'])
  } finally {
    await administration.close()
    rmSync(data, { recursive: true })
  }
})

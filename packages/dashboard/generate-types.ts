import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { serverWorld } from '../server/src/testing/server-world.ts'

const target = join(import.meta.dirname, 'src/api/schema.d.ts')

/**
 * The types of the API, as `/openapi.json` of a running server has them. `npm run types` writes them; a test asks that they are those of the
 * server of the same commit.
 */
export async function typesOfServer(): Promise<string> {
  const world = await serverWorld()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-types-'))
  try {
    const { text } = await world.call('GET', '/openapi.json', { key: await world.makeKey('manage') })
    writeFileSync(join(folder, 'openapi.json'), text)
    // A process of its own: it runs on the compiler that it was made for, which is not ours.
    const run = spawnSync(process.execPath, [join(import.meta.dirname, 'node_modules/openapi-typescript/bin/cli.js'), join(folder, 'openapi.json'), '--output', join(folder, 'schema.d.ts'), '--root-types', '--root-types-no-schema-prefix'], { encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`openapi-typescript failed:\n${run.stdout}${run.stderr}`)
    return readFileSync(join(folder, 'schema.d.ts'), 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
    await world.dispose()
  }
}

if (import.meta.main) writeFileSync(target, await typesOfServer())

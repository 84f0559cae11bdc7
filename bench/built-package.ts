import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'rolldown'
import { inTemporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What `withBuiltPackage` made. */
export interface Built {
  /** Address of the library's door. */
  readonly door: string
  /** Path of the agent that was built from this file of this folder. */
  readonly agent: (file: string) => string
}

/**
 * Builds the library as it is published, from the sources as they are now, and the agents that are measured with it: what runs
 * is JavaScript, as at a user's. An agent in TypeScript would carry Node's stripper of types, whose memory after it was
 * compiled is 6 MB or 20 MB, as it happens.
 */
export async function withBuiltPackage<T>(agents: readonly string[], work: (built: Built) => Promise<T>): Promise<T> {
  // Under node_modules, so that both find their dependencies there.
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  return inTemporaryFolder(async (folder) => {
    const library = join(folder, 'library')
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/rolldown/bin/cli.mjs'), '-c', 'rolldown.config.ts', '--dir', library], { cwd: join(root, 'packages/core') })
    // As in the package that is published: without it each file is compiled twice to see what it is.
    await copyFile(join(root, 'packages/core/package.json'), join(library, 'package.json'))
    for (const file of agents) await build({ input: join(root, 'bench', file), platform: 'node', external: /^[^./]/, logLevel: 'warn', output: { file: built(file) } })
    return work({ door: pathToFileURL(join(library, 'index.js')).href, agent: built })

    function built(file: string): string {
      return join(folder, file.replace(/\.ts$/, '.mjs'))
    }
  }, cache)
}

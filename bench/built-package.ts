import { execFile } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { inTemporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Builds the library as it is published, from the sources as they are now, and hands over the address of its door: what is
 * measured is what users run.
 */
export async function withBuiltPackage<T>(work: (door: string) => Promise<T>): Promise<T> {
  // Under node_modules, so that the package finds its dependencies there.
  const cache = join(root, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  return inTemporaryFolder(async (folder) => {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/rolldown/bin/cli.mjs'), '-c', 'rolldown.config.ts', '--dir', folder], { cwd: join(root, 'packages/core') })
    // As in the package that is published: without it each file is compiled twice to see what it is.
    await copyFile(join(root, 'packages/core/package.json'), join(folder, 'package.json'))
    return work(pathToFileURL(join(folder, 'index.js')).href)
  }, cache)
}

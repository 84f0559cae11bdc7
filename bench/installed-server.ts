import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inTemporaryFolder } from './temporary-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages: readonly { readonly name: string; readonly from: string }[] = [
  { name: 'tocsin', from: join(root, 'packages/core') },
  { name: '@tocsin/server', from: join(root, 'packages/server') },
]

/**
 * Builds the library and the server as they are published, from the sources as they are now, and puts them where npm would put them at a
 * user's, with what they depend on beside them.
 *
 * @param work is given the path of the command `tocsin`
 */
export async function withInstalledServer<T>(work: (command: string) => Promise<T>): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const modules = join(folder, 'node_modules')
    for (const { name, from } of packages) {
      const to = join(modules, name)
      await mkdir(to, { recursive: true })
      await promisify(execFile)(process.execPath, [join(root, 'node_modules/rolldown/bin/cli.mjs'), '-c', 'rolldown.config.ts', '--dir', join(to, 'dist')], { cwd: from })
      await copyFile(join(from, 'package.json'), join(to, 'package.json'))
      if (existsSync(join(from, 'static'))) await symlink(join(from, 'static'), join(to, 'static'))
    }
    for (const { from } of packages) {
      // Our own file, whose field npm defines.
      const { dependencies } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')) as { readonly dependencies: Readonly<Record<string, string>> }
      for (const name of Object.keys(dependencies)) await link(modules, name, from)
    }
    return work(join(modules, 'tocsin/dist/commands/main.js'))
  })
}

async function link(modules: string, name: string, from: string): Promise<void> {
  const to = join(modules, name)
  if (existsSync(to)) return
  await mkdir(join(to, '..'), { recursive: true })
  const nested = join(from, 'node_modules', name)
  await symlink(existsSync(nested) ? nested : join(root, 'node_modules', name), to)
}

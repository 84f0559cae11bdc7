import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { inTemporaryFolder } from './temporary-folder.ts'

const server = fileURLToPath(new URL('../packages/server', import.meta.url))

/** What of others stays in the program: only the core finds it where it lies. */
const within: readonly string[] = ['tocsin/engine', 'nodemailer']

/**
 * Builds a server process of this folder with the server and the core as they are now: what runs is JavaScript, as at a user's. From its
 * sources it would hold 20 MB more, of Node's stripper of types and what it made.
 *
 * @param file such as `otlp-server-process.ts`
 * @param work is given the path of the program
 */
export async function withBuiltServer<T>(file: string, work: (program: string) => Promise<T>): Promise<T> {
  // There it finds what the server depends on.
  const cache = join(server, 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  return inTemporaryFolder(async (folder) => {
    await build({
      input: { program: fileURLToPath(new URL(file, import.meta.url)) },
      platform: 'node',
      resolve: { conditionNames: ['tocsin-source', 'import', 'default'] },
      external: (id) => /^[^./]/.test(id) && !within.includes(id),
      logLevel: 'warn',
      output: { dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
    })
    return work(join(folder, 'program.mjs'))
  }, cache)
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Hands a new folder to `work` and removes it with everything in it, also when `work` fails. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>, under: string = tmpdir()): Promise<T> {
  const folder = await mkdtemp(join(under, 'tocsin-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

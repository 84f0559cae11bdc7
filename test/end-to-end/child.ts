import { spawn } from 'node:child_process'
import { resolve as resolvePath } from 'node:path'
import { compileCache } from '../../packages/core/src/testing/compile-cache.ts'

const root = resolvePath(import.meta.dirname, '../..')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a TypeScript file of this repository as a process of its own, with nothing in its environment but what it is given. */
export function run(file: string, args: readonly string[], options: { readonly env?: Readonly<Record<string, string>>; readonly input?: string; readonly cwd?: string } = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=tocsin-source', resolvePath(root, file), ...args], {
      cwd: options.cwd ?? root,
      env: { PATH: process.env['PATH'], TZ: 'UTC', ...compileCache(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
    child.stdin.on('error', reject)
    child.stdin.end(options.input ?? '')
  })
}

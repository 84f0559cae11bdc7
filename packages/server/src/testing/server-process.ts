import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigInput } from 'tocsin/engine'
import { until } from '../../../core/src/testing/receiver.ts'

/** `tocsin serve` as a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess
  /** Where it listens; after `ready`. */
  readonly url: string
  readonly ingestKey: string
  readonly data: string
  stdout(): string
  stderr(): string
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Ends it, if it lives, and removes its folder. */
  dispose(): Promise<void>
}

export interface ProcessOptions {
  readonly config?: ConfigInput
  readonly words?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly user?: number
}

const script = join(import.meta.dirname, '../../../core/src/commands/main.ts')

/** Starts one that may fail. */
export function startProcess({ config = {}, words = [], env = {}, user }: ProcessOptions = {}): ServerProcess {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-serve-'))
  writeFileSync(join(data, 'tocsin.yaml'), JSON.stringify(config))
  const child = spawn(process.execPath, ['--conditions=tocsin-source', script, 'serve', '--config', join(data, 'tocsin.yaml'), '--data', data, '--port', '0', ...words], {
    cwd: data,
    env: { PATH: '/usr/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user !== undefined && { uid: user, gid: user }),
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode)
  return {
    child,
    data,
    get url() {
      return /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? ''
    },
    get ingestKey() {
      return /tok_[\w-]+/.exec(stdout)?.[0] ?? ''
    },
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    async dispose() {
      child.kill('SIGKILL')
      await ended
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Starts one and waits until it listens. */
export async function serverProcess(options: ProcessOptions = {}): Promise<ServerProcess> {
  const started = startProcess(options)
  const isOver = started.ended.then(() => {
    throw new Error(`the server ended: ${started.stderr()}`)
  })
  await Promise.race([until(() => /Listening|正在监听/.test(started.stdout())), isOver])
  return started
}

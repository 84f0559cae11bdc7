import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process of this folder that says lines, does what its standard input tells it, and ends with it. */
export interface Child {
  readonly pid: number
  /** The first line that it said. */
  readonly said: string
  /** Called with each further line. */
  onLine(listener: (line: string) => void): void
  tell(line: string): void
  end(): Promise<void>
}

/** Starts it, with the memory for young objects that servers are started with, and waits for its first line. @throws Error where it ends before */
export async function startChild(file: string, words: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, ['--max-semi-space-size=16', '--conditions=tocsin-source', '--no-deprecation', fileURLToPath(new URL(file, import.meta.url)), ...words], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [said] = (await Promise.race([once(lines, 'line'), ended.then(() => Promise.reject(new Error(`${file} ended before it was ready`)))])) as [string]
  return {
    pid: pidOf(child), said,
    onLine: (listener) => void lines.on('line', listener),
    tell: (line) => void child.stdin.write(`${line}\n`),
    async end() {
      child.stdin.end()
      await ended
    },
  }
}

/** Starts several at the same time, and ends all of them after `work`. */
export async function withChildren<T>(starts: readonly { readonly file: string; readonly words: readonly string[] }[], work: (children: readonly Child[]) => Promise<T>): Promise<T> {
  const started = await Promise.allSettled(starts.map(({ file, words }) => startChild(file, words)))
  const children = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason
    return await work(children)
  } finally {
    await Promise.all(children.map((child) => child.end()))
  }
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('expected the process to have started')
  return pid
}

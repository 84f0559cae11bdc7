import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import type { Store } from '../../packages/core/src/model/store.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { compileCache } from '../../packages/core/src/testing/compile-cache.ts'
import type { AgentOrder } from './agent.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What it printed, line by line, out of JSON. */
  readonly said: readonly unknown[]
  readonly stderr: string
  readonly tookMs: number
}

export interface RunningAgent {
  readonly child: ChildProcess
  readonly said: readonly unknown[]
  /** The next line that is not read yet. */
  next(): Promise<unknown>
  readonly ended: Promise<Ended>
}

export interface AgentEnvironment {
  /** A module that is loaded into every thread of the agent before anything else. */
  readonly preload?: string
  readonly user?: number
  readonly closeStderr?: true
}

const script = new URL('./agent.ts', import.meta.url).pathname

/** Starts a real process of `agent.ts`. */
export function startAgent(order: AgentOrder, { preload, user, closeStderr }: AgentEnvironment = {}): RunningAgent {
  const sinceMs = systemClock.monotonicMs()
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin', ...compileCache(), ...(preload !== undefined && { NODE_OPTIONS: `--import ${preload}` }) },
    ...(user !== undefined && { uid: user, gid: user }),
  })
  if (closeStderr === true) child.stderr.destroy()
  const said: unknown[] = []
  let rest = ''
  let stderr = ''
  let read = 0
  child.stdin.on('error', () => undefined) // The agent may have ended.
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    said.push(...lines.map((line): unknown => JSON.parse(line)))
    child.emit('line')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode, said, stderr, tookMs: systemClock.monotonicMs() - sinceMs }))
  return {
    child,
    said,
    ended,
    async next() {
      while (said.length <= read) await Promise.race([once(child, 'line'), ended.then(({ stderr: why }) => Promise.reject(new Error(`the agent ended: ${why}`)))])
      return said[read++]
    },
  }
}

export function runAgent(order: AgentOrder, environment?: AgentEnvironment): Promise<Ended> {
  return startAgent(order, environment).ended
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder for one test, gone when its file is done. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-agent-'))
  folders.push(folder)
  return folder
}

/** What is on record in a data folder; read as another process would. */
export async function onRecord<T>(data: string, look: (read: Store['read']) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'normal' })
  try {
    return await look(store.read)
  } finally {
    await store.close()
  }
}

/** Titles of everything announced, oldest first. */
export async function titles(data: string): Promise<readonly string[]> {
  const events = await onRecord(data, (read) => read.events({ limit: 1_000 }))
  return events.flatMap((event) => event.announcement?.title ?? []).toReversed()
}

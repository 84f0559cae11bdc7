import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'
import { compileCache } from '../../packages/core/src/testing/compile-cache.ts'

const root = resolve(import.meta.dirname, '../..')
const readyMs = 30_000

/** One server process among several over the same database. */
export class Node {
  readonly number: number
  readonly #args: readonly string[]
  readonly #aheadMs: number
  #process: ChildProcess | undefined
  #url = ''
  /** What it printed at its terminal, over all its lives. */
  output = ''
  kills = 0
  /** It ended although nobody killed it. */
  diedByItself = 0
  #isKilling = false

  /** @param aheadMs by how much its wall clock is wrong */
  constructor(number: number, args: readonly string[], aheadMs = 0) {
    this.number = number
    this.#aheadMs = aheadMs
    this.#args = args
  }

  /** Empty while it is down. */
  get url(): string {
    return this.#url
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const started = spawn(process.execPath, ['--conditions=tocsin-source', ...(this.#aheadMs === 0 ? [] : ['--import', resolve(import.meta.dirname, 'ahead.ts')]), resolve(root, 'packages/core/src/commands/main.ts'), 'serve', ...this.#args, '--port', '0'], {
      cwd: root, env: { PATH: process.env['PATH'], TZ: 'UTC', CHAOS_AHEAD_MS: String(this.#aheadMs), ...compileCache() }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = started
    let said = ''
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        this.output += chunk.toString()
      })
    }
    started.once('exit', () => {
      if (this.#process === started) this.#url = ''
      if (!this.#isKilling) this.diedByItself += 1
      this.#isKilling = false
    })
    const giveUpMs = systemClock.monotonicMs() + readyMs
    while (!/Listening on (http:\/\/[\d.]+:\d+)/.test(said)) {
      if (systemClock.monotonicMs() > giveUpMs || started.exitCode !== null) throw new Error(`node ${this.number} did not start:\n${said}`)
      await sleep(systemClock, 20)
    }
    this.#url = /Listening on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1] ?? ''
  }

  /** `kill -9`: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
    this.kills += 1
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process
    this.#url = ''
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    this.#isKilling = true
    const ended = new Promise((resolved) => running.once('exit', resolved))
    running.kill(signal)
    await ended
  }
}

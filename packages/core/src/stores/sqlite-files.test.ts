import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import type { Store } from '../model/store.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { sampleAlert, sampleEvent, sampleMs, sampleSpend } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

let folder: string
let file: string
const stores: Store[] = []
const processes: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-files-'))
  file = join(folder, 'data', 'tocsin.db')
})
afterEach(async () => {
  for (const one of processes.splice(0)) one.kill('SIGKILL')
  await Promise.all(stores.splice(0).map((store) => store.close()))
  rmSync(folder, { recursive: true })
})

function open(options: Partial<Parameters<typeof openSqliteStore>[0]> = {}): Store {
  const store = openSqliteStore({ file, clock: systemClock, durability: 'full', ...options })
  stores.push(store)
  return store
}

/** Starts a process on the file; its lines so far, and all of them when it has ended. */
function start(work: string, times = 0, user?: number): { readonly child: ChildProcess; readonly lines: string[]; readonly ended: Promise<string[]>; readonly errors: () => string } {
  const script = join(import.meta.dirname, '../testing/store-process.ts')
  const child = spawn(process.execPath, [script, file, work, String(times)], { stdio: ['ignore', 'pipe', 'pipe'], ...(user !== undefined && { uid: user, gid: user }) })
  processes.push(child)
  const lines: string[] = []
  let rest = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  return { child, lines, ended: once(child, 'close').then(() => lines), errors: () => errors }
}

describe('several processes on one file', () => {
  test('sums are exact and each event counts once, and neither process starves', { timeout: 60_000 }, async () => {
    const times = 300
    const both = await Promise.all([start('spend', times).ended, start('spend', times).ended])
    const lines = both.flat()
    expect(lines).toHaveLength(2 * times)
    expect(lines.filter((line) => line.startsWith('new'))).toHaveLength(times)
    const store = open()
    expect(await store.transaction((tx) => tx.addSpend([sampleSpend({ nanoUsd: 0 })]))).toMatchObject([{ spentNanoUsd: 2 * times }])
    expect(await store.read.counts()).toMatchObject({ events: times })
    const waitsMs = lines.map((line) => Number(line.split(' ')[1]))
    expect(Math.max(...waitsMs)).toBeLessThan(2_000)
  })

  test('processes that open a new file at once make it once', { timeout: 60_000 }, async () => {
    const all = Array.from({ length: 6 }, () => start('open'))
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => ['opened']))
    expect(all.map(({ errors }) => errors())).toEqual(all.map(() => ''))
  })

  test('processes that find a damaged file at once move it aside once', { timeout: 60_000 }, async () => {
    await open().close()
    writeFileSync(file, 'this was a database '.repeat(1_000))
    const all = Array.from({ length: 4 }, () => start('open'))
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => ['opened']))
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('.corrupt-') && !/-(wal|shm)$/.test(name))).toHaveLength(1)
  })

  test('what a process had committed is there after kill -9, again and again', { timeout: 60_000 }, async () => {
    let heard = -1
    for (let round = 0; round < 4; round += 1) {
      const { child, lines, ended } = start('forever')
      while (lines.length < 20) await once(child.stdout ?? child, 'data')
      child.kill('SIGKILL')
      heard = Math.max(heard, ...(await ended).map(Number))
    }
    const store = open()
    const kept = new Set<string>()
    for (let before = Number.MAX_SAFE_INTEGER; ; ) {
      const page = await store.read.events({ before, limit: 1_000 })
      for (const event of page) kept.add(event.id)
      const last = page.at(-1)
      if (last === undefined) break
      before = last.seq
    }
    const missing = Array.from({ length: heard + 1 }, (_, id) => String(id)).filter((id) => !kept.has(id))
    expect(missing).toEqual([])
  })

  test('a transaction waits while another process holds the file, without holding up this one', async () => {
    const store = open()
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    let ticks = 0
    const ticking = setInterval(() => (ticks += 1), 2)
    const waits = store.transaction((tx) => tx.insertEvents([sampleEvent()]))
    await new Promise((resolve) => systemClock.after(100, () => resolve(undefined)))
    other.exec('commit')
    other.close()
    expect(await waits).toEqual([true])
    clearInterval(ticking)
    expect(ticks).toBeGreaterThan(5)
  })

  test('a file that stays locked is refused as busy, and works when it is free', async () => {
    const clock = manualClock(sampleMs)
    const store = open({ clock })
    const other = new DatabaseSync(file)
    other.exec('begin immediate')
    const moveOn = async (): Promise<void> => {
      for (let ms = 0; ms <= 10_001; ms += 1) {
        clock.advance(1)
        await new Promise(setImmediate)
      }
    }
    const [refused] = await Promise.allSettled([store.transaction((tx) => tx.insertEvents([sampleEvent()])), moveOn()])
    expect(refused).toMatchObject({ status: 'rejected', reason: { name: 'TocsinError', code: 'store-busy', retry: 'retry' } })
    other.exec('rollback')
    other.close()
    clock.advance(2_000)
    expect(await store.transaction((tx) => tx.insertEvents([sampleEvent()]))).toEqual([true])
  })
})

describe('the file', () => {
  test('belongs to this user alone, and so does its folder', () => {
    open()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(join(folder, 'data'))) expect(statSync(join(folder, 'data', name)).mode & 0o077).toBe(0)
  })

  test('that is no database is moved aside, with a notice that says where', async () => {
    await open().close()
    const rubbish = 'not a database at all '.repeat(500)
    writeFileSync(file, rubbish)
    const notices: string[] = []
    const store = open({ clock: manualClock(sampleMs), notice: (text) => notices.push(text) })
    const aside = `${file}.corrupt-2023-11-14T22-13-20Z`
    expect(notices).toEqual([expect.stringContaining(aside)])
    expect(readFileSync(aside, 'utf8')).toBe(rubbish)
    expect(await store.transaction((tx) => tx.insertEvents([sampleEvent()]))).toEqual([true])
  })

  test('with a sound header and damaged pages is moved aside too', async () => {
    const first = open()
    await first.transaction((tx) => tx.insertEvents(Array.from({ length: 2_000 }, (_, id) => sampleEvent({ id: `e${id}`, excerpt: 'x'.repeat(200) }))))
    await first.close()
    const { size } = statSync(file)
    const descriptor = openSync(file, 'r+')
    for (let page = 8_192; page < size; page += 8_192) writeSync(descriptor, Buffer.alloc(2_000, 0xee), 0, 2_000, page)
    closeSync(descriptor)
    const notices: string[] = []
    const store = open({ notice: (text) => notices.push(text) })
    expect(notices).toHaveLength(1)
    expect(readdirSync(join(folder, 'data')).some((name) => name.includes('.corrupt-'))).toBe(true)
    expect(await store.read.counts()).toMatchObject({ events: 0 })
  })

  test('that was cut short is moved aside too', async () => {
    const first = open()
    await first.transaction((tx) => tx.insertEvents(Array.from({ length: 500 }, (_, id) => sampleEvent({ id: `e${id}` }))))
    await first.close()
    truncateSync(file, 4_096 * 5)
    const notices: string[] = []
    open({ notice: (text) => notices.push(text) })
    expect(notices).toHaveLength(1)
  })

  test('that is too large to read through is looked at closely once damage was met', { timeout: 30_000 }, async () => {
    const first = open({ durability: 'normal' })
    const batch = (number: number) => Array.from({ length: 1_000 }, (_, id) => sampleEvent({ id: `${number}:${id}`, excerpt: 'x'.repeat(1_800) }))
    for (let number = 0; number < 10; number += 1) await first.transaction((tx) => tx.insertEvents(batch(number)))
    await first.close()
    const { size } = statSync(file)
    expect(size).toBeGreaterThan(17 * 1024 * 1024)
    const descriptor = openSync(file, 'r+')
    for (let page = 8; page < 12; page += 1) writeSync(descriptor, Buffer.alloc(4_096, 0xee), 0, 4_096, Math.floor((size * page) / 20 / 4_096) * 4_096)
    closeSync(descriptor)
    const notices: string[] = []
    const second = open({ notice: (text) => notices.push(text) })
    const readAll = async (): Promise<void> => {
      for (let before = Number.MAX_SAFE_INTEGER, more = true; more; ) {
        const page = await second.read.events({ before, limit: 1_000 })
        before = page.at(-1)?.seq ?? 0
        more = page.length > 0
      }
    }
    await expect(readAll()).rejects.toMatchObject({ name: 'TocsinError', code: 'store-corrupt' })
    await second.close()
    expect(notices).toEqual([])
    open({ notice: (text) => notices.push(text) })
    expect(notices).toEqual([expect.stringContaining('.corrupt-')])
  })

  test('of a newer version is refused and not changed', async () => {
    await open().close()
    const newer = new DatabaseSync(file)
    newer.exec('pragma user_version=999')
    newer.close()
    expect(() => open()).toThrow(expect.objectContaining({ name: 'TocsinError', code: 'store-newer', message: expect.stringContaining('999') as string }))
    expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('corrupt'))).toEqual([])
  })

  test('in a folder that cannot be written is refused with what to do', { timeout: 30_000 }, async () => {
    chmodSync(folder, 0o555)
    // Root may write anywhere, so another user tries.
    const refused = start('open', 0, process.getuid?.() === 0 ? 65_534 : undefined)
    expect(await refused.ended).toEqual([])
    expect(refused.errors()).toMatch(/store-read-only/)
    expect(refused.errors()).toMatch(/write permission/)
    chmodSync(folder, 0o755)
  })

  test('that cannot grow refuses as full, keeps what it has and loses nothing of the next try', async () => {
    const store = open({ fileBytesMax: 400_000 })
    const batch = (number: number) => Array.from({ length: 100 }, (_, id) => sampleEvent({ id: `${number}:${id}`, excerpt: 'x'.repeat(500) }))
    let kept = 0
    const fill = async (): Promise<void> => {
      for (; kept < 100; kept += 1) {
        await store.transaction(async (tx) => {
          await tx.insertAlerts([sampleAlert({ key: String(kept) })])
          await tx.insertEvents(batch(kept))
        })
      }
    }
    await expect(fill()).rejects.toMatchObject({ name: 'TocsinError', code: 'store-full', retry: 'retry' })
    expect(kept).toBeGreaterThan(0)
    expect(await store.read.counts()).toMatchObject({ events: kept * 100, alerts: kept })
    await store.close()
    const roomy = open()
    expect(await roomy.transaction((tx) => tx.insertEvents(batch(kept)))).not.toContain(false)
    expect(await roomy.read.counts()).toMatchObject({ events: kept * 100 + 100 })
  })
})

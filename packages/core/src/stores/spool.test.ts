import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import { SpoolFolder } from './spool-folder.ts'
import type { Spool, SpoolRow, Weight } from './spool.ts'

let folder: string
const open: SpoolFolder[] = []
const notices: string[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-spool-'))
  notices.length = 0
})
afterEach(() => {
  for (const { own } of open.splice(0)) own.close()
  rmSync(folder, { recursive: true, force: true })
})

function openFolder({ keyMark = 'key-1', bytesMax = 64_000_000, at = folder }: { readonly keyMark?: string; readonly bytesMax?: number; readonly at?: string } = {}): SpoolFolder {
  const spools = new SpoolFolder({ folder: at, clock: systemClock, bytesMax, keyMark, notice: (text) => notices.push(text) })
  open.push(spools)
  return spools
}

const row = (name: string, weight: Weight = 0, chars = 0): SpoolRow => ({ body: JSON.stringify({ name, filling: 'x'.repeat(chars) }), weight })
const nameOf = ({ body }: { readonly body: string }): string => (JSON.parse(body) as { name: string }).name // Made by `row`.
/** Without holding what was read: it is not on its way to anybody. */
function namesIn(spool: Spool, most = 100_000): readonly string[] {
  const names = spool.oldest(most, Infinity).map(nameOf)
  spool.oldest(0, 0)
  return names
}
const numbered = (prefix: string, count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${prefix}${index}`)

test('events come back in order, also after the file was closed, and what is settled does not', () => {
  const first = openFolder().own
  first.append([row('a'), row('b', 1)])
  first.append([row('c', 2)])
  const [a] = first.oldest(1, Infinity)
  first.settle([a?.seq ?? 0])
  first.close()
  const again = openFolder().own
  expect(again.file).toBe(join(folder, 'spool.db'))
  expect(again.waiting).toBe(2)
  expect(namesIn(again)).toEqual(['b', 'c'])
  again.append([row('d')])
  expect(namesIn(again)).toEqual(['b', 'c', 'd'])
})

test('of what waits only so much is given as was asked for, but always the first', () => {
  const { own } = openFolder()
  own.append([row('long', 0, 5_000), row('b'), row('c'), row('critical', 2)])
  expect(namesIn(own, 2)).toEqual(['long', 'b'])
  expect(own.oldest(10, 10)).toHaveLength(1)
  expect(own.oldest(10, Infinity, 'critical').map(({ body }) => body)).toEqual([row('critical').body])
})

test('the file and its journal are for this user only', () => {
  openFolder().own.append([row('a')])
  for (const name of readdirSync(folder)) expect({ name, mode: statSync(join(folder, name)).mode & 0o077 }).toEqual({ name, mode: 0 })
})

describe('a full file', () => {
  const bytesMax = 1_000_000

  test('loses the oldest that tell of nothing wrong first, then the oldest of the others, and counts each', () => {
    const { own } = openFolder({ bytesMax })
    own.append(numbered('weighty', 300).map((name) => row(name, 1, 1_000)))
    own.append(numbered('plain', 400).map((name) => row(name, 0, 1_000)))
    expect(own.losses).toEqual([])
    const { dropped } = own.append(numbered('late', 250).map((name) => row(name, 1, 1_000)))
    const left = namesIn(own)
    expect(dropped).toBe(950 - left.length)
    expect(own.losses).toEqual([{ reason: 'spool full', count: dropped }])
    // All that is weighty is there, and of the rest the newest.
    expect(left.filter((name) => !name.startsWith('plain'))).toEqual([...numbered('weighty', 300), ...numbered('late', 250)])
    const plain = left.filter((name) => name.startsWith('plain'))
    expect(plain).toEqual(numbered('plain', 400).slice(400 - plain.length))
    expect(plain.length).toBeGreaterThan(0)

    own.append(numbered('last', 600).map((name) => row(name, 2, 1_000)))
    const end = namesIn(own)
    expect(end.filter((name) => name.startsWith('plain'))).toEqual([])
    expect(end.slice(-600)).toEqual(numbered('last', 600))
    expect(end).not.toContain('weighty0')
    expect(own.losses).toEqual([{ reason: 'spool full', count: 1_550 - end.length }])
  })

  test('stays within its size, whatever comes', () => {
    const { own } = openFolder({ bytesMax })
    for (let turn = 0; turn < 40; turn += 1) own.append(numbered(`t${turn}-`, 100).map((name, index) => row(name, index % 3 === 0 ? 1 : 0, (index * 97) % 9_000)))
    expect(own.waiting).toBeGreaterThan(20)
    own.close()
    expect(statSync(join(folder, 'spool.db')).size).toBeLessThanOrEqual(bytesMax)
  })

  test('takes nothing unimportant in the place of something that matters', () => {
    const { own } = openFolder({ bytesMax })
    own.append(numbered('weighty', 2_000).map((name) => row(name, 1, 1_000)))
    const before = namesIn(own)
    // What room the last drop left over is used.
    expect(own.append(numbered('plain', 50).map((name) => row(name, 0, 4_000))).dropped).toBeGreaterThan(40)
    expect(namesIn(own).filter((name) => !name.startsWith('plain'))).toEqual(before)
  })

  test('keeps what is on its way to the server', () => {
    const { own } = openFolder({ bytesMax })
    own.append(numbered('sent', 10).map((name) => row(name, 0, 1_000)))
    const underWay = own.oldest(10, Infinity)
    own.append(numbered('more', 2_000).map((name) => row(name, 1, 1_000)))
    expect(namesIn(own).slice(0, 10)).toEqual(numbered('sent', 10))
    const before = own.waiting
    own.settle(underWay.map(({ seq }) => seq))
    expect(own.waiting).toBe(before - 10)
  })

  test('gives the room back to the disk when it is empty', () => {
    const { own } = openFolder({ bytesMax: 10_000_000 })
    own.append(numbered('n', 3_000).map((name) => row(name, 1, 1_000)))
    own.settle(own.oldest(3_000, Infinity).map(({ seq }) => seq))
    own.close()
    expect(statSync(join(folder, 'spool.db')).size).toBeLessThan(100_000)
  })

  test('reports survive a restart until they stand among the events', () => {
    const first = openFolder().own
    first.append([row('a'), row('b')])
    first.settle([1], 'not readable for the server')
    first.close()
    const { own } = openFolder()
    expect(own.losses).toEqual([{ reason: 'not readable for the server', count: 1 }])
    own.report([row('report', 1)])
    expect(own.losses).toEqual([])
    expect(namesIn(own)).toEqual(['b', 'report'])
  })
})

describe('a folder', () => {
  test('gives each process a file of its own, and what a gone one left to another', () => {
    const a = openFolder()
    const b = openFolder()
    expect([a.own.file, b.own.file]).toEqual([join(folder, 'spool.db'), join(folder, 'spool-2.db')])
    a.own.append([row('of a')])
    // While it lives nobody else touches it.
    expect(b.leftover()).toBeUndefined()
    a.own.close()
    const left = b.leftover()
    expect(left?.file).toBe(a.own.file)
    expect(namesIn(left as Spool)).toEqual(['of a']) // Defined, as the line before says.
    left?.close()
  })

  test('sends nothing that was recorded under another key, and says where it waits, until the server did not know that key', () => {
    const first = openFolder({ keyMark: 'key-1' })
    first.own.append([row('for project 1')])
    first.own.close()
    const second = openFolder({ keyMark: 'key-2' })
    expect(second.own.file).toBe(join(folder, 'spool-2.db'))
    expect(second.leftover()).toBeUndefined()
    expect(notices).toEqual([expect.stringMatching(/^1 events that were recorded under another key wait in \S+spool\.db; they are sent when/)])

    const wrong = openFolder({ keyMark: 'key-1' })
    wrong.own.refuse()
    wrong.own.close()
    const left = second.leftover()
    expect(left?.waiting).toBe(1)
    expect(left?.keyMark).toBe('key-2')
    left?.close()
  })

  test('an empty file of another key is taken', () => {
    openFolder({ keyMark: 'key-1' }).own.close()
    expect(openFolder({ keyMark: 'key-2' }).own.file).toBe(join(folder, 'spool.db'))
  })

  test('of 65 processes the last is told to take another folder', () => {
    const held = Array.from({ length: 64 }, (_, index) => {
      const db = new DatabaseSync(join(folder, index === 0 ? 'spool.db' : `spool-${index + 1}.db`))
      db.exec('pragma synchronous=off; pragma locking_mode=exclusive; begin exclusive')
      return db
    })
    expect(() => openFolder()).toThrow(/fewer than 64 processes/)
    held.at(-1)?.close()
    expect(openFolder().own.file).toBe(join(folder, 'spool-64.db'))
    for (const db of held.slice(0, -1)) db.close()
  })

  test('that cannot be written leaves memory, and says so', () => {
    const file = join(folder, 'a-file')
    writeFileSync(file, '')
    const { own, ...spools } = openFolder({ at: join(file, 'data') })
    expect(spools).toBeDefined()
    expect(own.isDurable).toBe(false)
    expect(notices).toEqual([expect.stringMatching(/^events wait for the server in memory only/)])
    const { last } = own.append([row('a'), row('b')])
    expect(own.isDoneUpTo(last)).toBe(false)
    own.settle(own.oldest(2, Infinity).map(({ seq }) => seq))
    expect(own.isDoneUpTo(last)).toBe(true)
  })
})

describe('a damaged file', () => {
  test('is moved aside and told, and a new one is begun', () => {
    const first = openFolder().own
    first.append(numbered('n', 100).map((name) => row(name, 0, 500)))
    first.close()
    const file = join(folder, 'spool.db')
    writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4_096), Buffer.alloc(40_000, 7)]))
    const { own } = openFolder()
    expect(own.waiting).toBe(0)
    own.append([row('a')])
    expect(notices).toEqual([expect.stringMatching(/which was damaged .* moved to \S+spool\.db\.corrupt-\S+, not deleted/)])
    expect(readdirSync(folder).some((name) => name.startsWith('spool.db.corrupt-'))).toBe(true)
  })

  test('that is no database at all, or empty, is no obstacle', () => {
    writeFileSync(join(folder, 'spool.db'), 'not a database, and long enough to be read as one'.repeat(50))
    const { own } = openFolder()
    own.append([row('a')])
    own.close()
    truncateSync(join(folder, 'spool.db'), 0)
    expect(openFolder().own.waiting).toBe(0)
  })

  test('that a newer version wrote is left as it is', () => {
    openFolder().own.close()
    const db = new DatabaseSync(join(folder, 'spool.db'))
    db.exec('pragma user_version=99')
    db.close()
    expect(() => openFolder()).toThrow(/newer version of Tocsin/)
  })
})

import { createHash } from 'node:crypto'
import { TocsinError } from 'tocsin/engine'
import { compareKeys, keyOf, type Row, type Side, type Table } from './side.ts'

/** Rows that are read, written or removed at once. */
const rowsAtOnce = 2_000

/** What a table holds: equal in two databases where they hold the same. */
export interface Digest {
  readonly rows: number
  /** SHA-256 over all rows in the order of their keys, hexadecimal. */
  readonly checksum: string
}

/** Told after each step how many rows of the source were passed in it. */
export type Passed = (rows: number) => void

/**
 * Brings over what the target lacks, whatever else it holds: for a first copy while the source is in use, and to go on with one that was
 * cut short. What changes meanwhile, `agree` puts right.
 */
export async function bringOver(source: Side, target: Side, table: Table, passed: Passed): Promise<void> {
  await fill(source, target, table, undefined, 'skip', passed)
}

/**
 * Makes the target's table equal to the source's, which nobody may change meanwhile. First goes what is not so in the source, then comes what
 * is missing: a row that took over what another had alone never meets the old one.
 *
 * @returns what the source holds, and whether something had to be changed
 */
export async function agree(source: Side, target: Side, table: Table, passed: Passed): Promise<Digest & { readonly changed: number }> {
  const hash = createHash('sha256')
  let rows = 0
  let changed = 0
  let stale: Row[] = []
  /** The key before the first row that is missing; `begin`: there is none before it. */
  let missingAfter: Row | 'begin' | undefined
  let before: Row | 'begin' = 'begin'
  const removeStale = async (): Promise<void> => {
    changed += stale.length
    if (stale.length > 0) await target.remove(table, stale)
    stale = []
  }
  const theirs = new Walk(target, table)
  for await (const page of pages(source, table)) {
    for (const row of page) {
      hash.update(JSON.stringify(row)).update('\n')
      rows += 1
      const key = keyOf(table, row)
      for (let other = await theirs.look(); other !== undefined && compareKeys(keyOf(table, other), key) < 0; other = await theirs.look()) stale.push(keyOf(table, theirs.take()))
      const other = await theirs.look()
      const isThere = other !== undefined && compareKeys(keyOf(table, other), key) === 0
      if (isThere) theirs.take()
      if (isThere && !isSame(row, other)) stale.push(key)
      if (!isThere || !isSame(row, other)) missingAfter ??= before
      before = key
    }
    if (stale.length >= rowsAtOnce) await removeStale()
    passed(page.length)
  }
  while ((await theirs.look()) !== undefined) {
    stale.push(keyOf(table, theirs.take()))
    if (stale.length >= rowsAtOnce) await removeStale()
  }
  await removeStale()
  if (missingAfter !== undefined) changed += await fill(source, target, table, missingAfter === 'begin' ? undefined : missingAfter, 'refuse', () => undefined)
  return { rows, checksum: hash.digest('hex'), changed }
}

/** What a table holds. */
export async function digestOf(side: Side, table: Table, passed: Passed): Promise<Digest> {
  const hash = createHash('sha256')
  let rows = 0
  for await (const page of pages(side, table)) {
    for (const row of page) hash.update(JSON.stringify(row)).update('\n')
    rows += page.length
    passed(page.length)
  }
  return { rows, checksum: hash.digest('hex') }
}

async function fill(source: Side, target: Side, table: Table, after: Row | undefined, conflicts: 'skip' | 'refuse', passed: Passed): Promise<number> {
  const theirs = new Walk(target, table, after)
  let added = 0
  for await (const page of pages(source, table, after)) {
    const missing: Row[] = []
    for (const row of page) {
      const key = keyOf(table, row)
      for (let other = await theirs.look(); other !== undefined && compareKeys(keyOf(table, other), key) < 0; other = await theirs.look()) theirs.take()
      const other = await theirs.look()
      if (other !== undefined && compareKeys(keyOf(table, other), key) === 0) theirs.take()
      else missing.push(row)
    }
    if (missing.length > 0) await target.insert(table, missing, conflicts)
    added += missing.length
    passed(page.length)
  }
  return added
}

function isSame(one: Row, other: Row): boolean {
  return one.every((value, place) => value === other[place])
}

async function* pages(side: Side, table: Table, from?: Row): AsyncGenerator<readonly Row[]> {
  let after = from
  for (;;) {
    const page = await side.rows(table, after, rowsAtOnce)
    for (const row of page) {
      const key = keyOf(table, row)
      // Whoever relied on an order that is none would take rows for missing that are there.
      if (after !== undefined && compareKeys(after, key) >= 0) throw new TocsinError('store-failed', `Expected the rows of ${table.name} in the order of their keys, found one out of order: a key holds signs that the two databases order differently. Nothing was changed in the source.`)
      after = key
    }
    if (page.length > 0) yield page
    if (page.length < rowsAtOnce) return
  }
}

/** Rows of one side, one after the other. */
class Walk {
  readonly #side: Side
  readonly #table: Table
  #after: Row | undefined
  #page: readonly Row[] = []
  #next = 0
  #isOver = false

  constructor(side: Side, table: Table, after?: Row) {
    this.#side = side
    this.#table = table
    this.#after = after
  }

  /** The next row, which stays the next one; absent: there is none. */
  async look(): Promise<Row | undefined> {
    if (this.#next < this.#page.length) return this.#page[this.#next]
    if (this.#isOver) return undefined
    this.#page = await this.#side.rows(this.#table, this.#after, rowsAtOnce)
    this.#next = 0
    this.#isOver = this.#page.length < rowsAtOnce
    const last = this.#page.at(-1)
    if (last !== undefined) this.#after = keyOf(this.#table, last)
    return this.#page[0]
  }

  /** That row, and goes on to the one after it. */
  take(): Row {
    const row = this.#page[this.#next]
    if (row === undefined) throw new Error('expected a row that was looked at before')
    this.#next += 1
    return row
  }
}

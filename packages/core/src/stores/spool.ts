import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { TocsinError } from '../model/error.ts'
import { suspect } from './sqlite/damaged.ts'
import { storeError } from './sqlite/errors.ts'
import { pageBytes } from './spool/open.ts'

/**
 * What an event is worth when there is no room for all: 0 tells of nothing wrong, 1 of something that failed, ended or waits
 * for a person, 2 was said on purpose and is critical.
 */
export type Weight = 0 | 1 | 2

export interface SpoolRow {
  /** The event as JSON, without secrets. */
  readonly body: string
  readonly weight: Weight
}

export interface SpooledEvent {
  /** Place in the order in which events were recorded. */
  readonly seq: number
  readonly body: string
}

/** Events that were given up, by the reason, since this was last reported. */
export interface Loss {
  readonly reason: string
  readonly count: number
}

/** Why an event had to go when the file was full. */
const spoolFull = 'spool full'

/** Of a page, what is left for rows; of a row, what it takes beside its text, there and in the index. */
const usablePageBytes = pageBytes - 48
const rowBytes = 32
/** After so many rows the room is measured again: until then it is reckoned. */
const measuredRows = 64
/** Rows that make room at once: what tells of nothing wrong, and what does. */
const makeRoomRows = { informational: 64, others: 16 } as const
/** An empty file that is larger gives its room back to the disk. */
const keptBytes = 1024 * 1024

/**
 * Events that wait for the server, in one SQLite file that one process holds alone, or in memory. Bounded: when it is full,
 * the oldest events that tell of nothing wrong make room, then the oldest of the others, and each is counted in the file itself.
 */
export class Spool {
  /** Absent: in memory. */
  readonly file: string | undefined
  readonly #db: DatabaseSync
  readonly #bytesMax: number
  readonly #statements = new Map<string, StatementSync>()
  /** Up to here events are on their way to the server: they do not make room. */
  #underWay = 0
  #waiting: number

  /** @param bytesMax size of the file; its journal comes on top */
  constructor(db: DatabaseSync, file: string | undefined, bytesMax: number) {
    this.#db = db
    this.file = file
    this.#bytesMax = bytesMax
    this.#waiting = this.#number('select count(*) as value from spooled')
  }

  /** Events in it. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether what is in it survives the process. */
  get isDurable(): boolean {
    return this.file !== undefined
  }

  /**
   * Adds events at the end, on disk when this returns.
   *
   * @returns the place of the last that was added (0: none was), and how many events, new or older, had to go
   * @throws TocsinError `store-full`, `store-corrupt` and others: nothing was added
   */
  append(rows: readonly SpoolRow[]): { readonly last: number; readonly dropped: number } {
    const before = this.#waiting
    return this.#transaction(() => {
      let last = 0
      let free = this.#freeBytes()
      for (const [index, { body, weight }] of rows.entries()) {
        const needed = roomFor(Buffer.byteLength(body))
        if (index % measuredRows === measuredRows - 1) free = this.#freeBytes()
        if (free < needed) free = this.#makeRoom(needed, weight)
        if (free < needed) continue
        last = Number(this.#prepared('insert into spooled(weight, body) values (?, ?)').run(weight, body).lastInsertRowid)
        this.#waiting += 1
        free -= needed
      }
      const dropped = before + rows.length - this.#waiting
      if (dropped > 0) this.#count(spoolFull, dropped)
      return { last, dropped }
    })
  }

  /**
   * The events to send next, in order; they are not dropped to make room until others are asked for.
   *
   * @param charsMax of all bodies together; the first comes whatever its length
   * @param which `critical`: only what was said on purpose and is critical
   */
  oldest(eventsMax: number, charsMax: number, which: 'all' | 'critical' = 'all'): readonly SpooledEvent[] {
    return this.#guarded(() => {
      const text = which === 'all' ? 'select seq, body from spooled order by seq limit ?' : 'select seq, body from spooled where weight = 2 order by seq limit ?'
      const events: SpooledEvent[] = []
      let chars = 0
      for (const row of this.#prepared(text).iterate(eventsMax)) {
        // The columns of the text above.
        const event = row as unknown as SpooledEvent
        chars += event.body.length
        if (events.length > 0 && chars > charsMax) break
        events.push(event)
      }
      if (which === 'all') this.#underWay = events.at(-1)?.seq ?? 0
      return events
    })
  }

  /** These need not be sent any more. `reason`: because they were given up, which is counted. */
  settle(seqs: readonly number[], reason?: string): void {
    this.#transaction(() => {
      for (const seq of seqs) this.#waiting -= Number(this.#prepared('delete from spooled where seq = ?').run(seq).changes)
      if (reason !== undefined && seqs.length > 0) this.#count(reason, seqs.length)
    })
    if (this.#waiting === 0 && this.file !== undefined && this.#number('pragma page_count', 'page_count') * pageBytes > keptBytes) this.#giveBack()
  }

  /** Whether nothing up to this place waits any more. */
  isDoneUpTo(seq: number): boolean {
    return this.#waiting === 0 || this.#number('select min(seq) as value from spooled') > seq
  }

  /** What was given up and is not reported yet; survives a restart like the events. */
  get losses(): readonly Loss[] {
    // The columns named.
    return this.#guarded(() => this.#prepared('select reason, count from losses order by reason').all() as unknown as readonly Loss[])
  }

  /** Puts reports of the losses in their place, at the end of what waits. */
  report(rows: readonly SpoolRow[]): void {
    this.#transaction(() => {
      this.#prepared('delete from losses').run()
      for (const { body, weight } of rows) this.#prepared('insert into spooled(weight, body) values (?, ?)').run(weight, body)
      this.#waiting += rows.length
    })
  }

  /** Under which key its events go out: `undefined` where no key is known, or the server said that it knows none such. */
  get keyMark(): string | undefined {
    const row = this.#guarded(() => this.#prepared('select key_mark from owner where id = 1 and refused = 0').get())
    return row === undefined ? undefined : String(row['key_mark'])
  }

  /** From now on its events go out under this key. */
  own(keyMark: string): void {
    if (this.keyMark === keyMark) return
    this.#guarded(() => this.#prepared('insert or replace into owner(id, key_mark, refused) values (1, ?, 0)').run(keyMark))
  }

  /** The server knows no such key: whoever comes with another one may send these events. */
  refuse(): void {
    if (this.keyMark === undefined) return
    this.#guarded(() => this.#prepared('update owner set refused = 1 where id = 1').run())
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #giveBack(): void {
    try {
      this.#guarded(() => this.#db.exec('vacuum'))
    } catch (failure) {
      // It takes room to give room back: a full disk has none, and the file is used again all the same.
      if (!(failure instanceof TocsinError) || failure.code !== 'store-full') throw failure
    }
  }

  /** @returns the bytes that are free then; fewer than asked for where `weight` is too light to push others out */
  #makeRoom(needed: number, weight: Weight): number {
    const drop = (text: string, rows: number): boolean => {
      const { changes } = this.#prepared(text).run(this.#underWay, rows)
      this.#waiting -= Number(changes)
      return Number(changes) > 0
    }
    for (let free = this.#freeBytes(); ; free = this.#freeBytes()) {
      if (free >= needed) return free
      if (drop('delete from spooled where seq in (select seq from spooled where weight = 0 and seq > ? order by seq limit ?)', makeRoomRows.informational)) continue
      if (weight === 0 || !drop('delete from spooled where seq in (select seq from spooled where seq > ? order by seq limit ?)', makeRoomRows.others)) return free
    }
  }

  #freeBytes(): number {
    return this.#bytesMax - (this.#number('pragma page_count', 'page_count') - this.#number('pragma freelist_count', 'freelist_count')) * pageBytes
  }

  #count(reason: string, count: number): void {
    this.#prepared('insert into losses(reason, count) values (?, ?) on conflict(reason) do update set count = count + excluded.count').run(reason, count)
  }

  #number(text: string, column = 'value'): number {
    return this.#guarded(() => Number(this.#prepared(text).get()?.[column] ?? 0))
  }

  #transaction<T>(work: () => T): T {
    return this.#guarded(() => {
      const waiting = this.#waiting
      this.#db.exec('begin immediate')
      try {
        const result = work()
        this.#db.exec('commit')
        return result
      } catch (failure) {
        this.#waiting = waiting
        if (this.#db.isTransaction) this.#db.exec('rollback')
        throw failure
      }
    })
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const error = storeError(cause)
      if (error.code === 'store-corrupt') this.#suspect()
      throw error
    }
  }

  /** The next opening looks closely, and moves the file aside. */
  #suspect(): void {
    if (this.file === undefined) return
    try {
      suspect(this.file)
    } catch (cause) {
      throw new TocsinError('store-corrupt', `${this.file} is damaged, and this could not be noted beside it. Move the file away before the next start.`, { cause })
    }
  }

  #prepared(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (statement === undefined) {
      statement = this.#db.prepare(text)
      this.#statements.set(text, statement)
    }
    return statement
  }
}

/** Rows share a page as far as they fit whole; longer ones take pages of their own. */
function roomFor(bytes: number): number {
  const whole = Math.floor(usablePageBytes / (bytes + rowBytes))
  return whole > 0 ? Math.ceil(pageBytes / whole) : (Math.ceil(bytes / usablePageBytes) + 1) * pageBytes
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { Spool } from './spool.ts'
import { openSpoolFile, openSpoolInMemory } from './spool/open.ts'

export interface SpoolFolderOptions {
  readonly folder: string
  readonly clock: Clock
  /** Size of one file, bytes. */
  readonly bytesMax: number
  /** Tells the key of this process from others without showing it: what was recorded under another key is left alone. */
  readonly keyMark: string
  readonly notice: (text: string) => void
}

/** Processes that share a folder, each with a file of its own. */
const filesMax = 64

/**
 * The spools of one data folder: `spool.db`, `spool-2.db` and so on. A process takes the first that no other holds; a file whose
 * process is gone is free again, with all that waits in it.
 */
export class SpoolFolder {
  /** Where this process puts its events. */
  readonly own: Spool
  readonly #options: SpoolFolderOptions
  /** Files of other keys that were told of; at most 64. */
  readonly #told = new Set<string>()

  /** @throws TocsinError `store-busy` where 64 processes have one each, and what keeps a file from being used */
  constructor(options: SpoolFolderOptions) {
    this.#options = options
    this.own = this.#open()
  }

  /** The spool of a process that is gone, where something waits in it under the key of this one; to be closed when it is empty. */
  leftover(): Spool | undefined {
    if (!this.own.isDurable) return undefined
    for (const file of this.#files()) {
      if (file === this.own.file || !existsSync(file)) continue
      const spool = this.#take(file)
      if (spool === undefined) continue
      if (spool.waiting > 0 || spool.losses.length > 0) return spool
      spool.close()
    }
    return undefined
  }

  #open(): Spool {
    try {
      for (const file of this.#files()) {
        const spool = this.#take(file)
        if (spool !== undefined) return spool
      }
    } catch (failure) {
      if (!(failure instanceof TocsinError) || (failure.code !== 'store-read-only' && failure.code !== 'store-full')) throw failure
      this.#options.notice(`events wait for the server in memory only, and are lost when the process ends before they were sent: ${failure.message}`)
      return new Spool(openSpoolInMemory(), undefined, this.#options.bytesMax)
    }
    throw new TocsinError('store-busy', `expected fewer than ${filesMax} processes in ${this.#options.folder}; give some of them another folder (option data)`)
  }

  #files(): readonly string[] {
    return Array.from({ length: filesMax }, (_, index) => join(this.#options.folder, index === 0 ? 'spool.db' : `spool-${index + 1}.db`))
  }

  /** Absent: another process holds it, or it holds events of another key. */
  #take(file: string): Spool | undefined {
    const { clock, bytesMax, keyMark, notice } = this.#options
    const opened = openSpoolFile(file, clock, notice)
    if (opened === 'held') return undefined
    const spool = new Spool(opened, file, bytesMax)
    try {
      const mark = spool.keyMark
      if (mark === undefined || mark === keyMark || (spool.waiting === 0 && spool.losses.length === 0)) {
        spool.own(keyMark)
        return spool
      }
    } catch (failure) {
      spool.close()
      throw failure
    }
    if (!this.#told.has(file)) {
      this.#told.add(file)
      notice(`${spool.waiting} events that were recorded under another key wait in ${file}; they are sent when an agent starts there with that key, or with any key once the server has answered 401 to that one`)
    }
    spool.close()
    return undefined
  }
}

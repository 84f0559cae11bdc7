/**
 * A real process that works on a SQLite store, for tests of several processes on one file. One word a line on stdout,
 * printed after the commit it speaks of.
 *
 * @example node store-process.ts /tmp/x/tocsin.db spend 100
 */
import { writeSync } from 'node:fs'
import { systemClock } from '../model/clock.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { sampleEvent, sampleMs, sampleSpend } from './store-suite/samples.ts'

const [file = '', work = '', times = '0'] = process.argv.slice(2)
// Written at once: a line that waits in a buffer when the process is killed would be a commit nobody heard of.
const say = (word: string | number): void => void writeSync(1, `${word}\n`)

const works: Readonly<Record<string, () => Promise<void>>> = {
  /** Adds 1 so often, and as many events whose ids other processes use too. */
  async spend() {
    for (let time = 0; time < Number(times); time += 1) {
      const startMs = systemClock.monotonicMs()
      const isNew = await store.transaction(async (tx) => {
        await tx.addSpend([sampleSpend()])
        return tx.insertEvents([sampleEvent({ id: `event ${time}`, atMs: sampleMs + time })])
      })
      say(`${isNew[0] === true ? 'new' : 'old'} ${Math.ceil(systemClock.monotonicMs() - startMs)}`)
    }
  },
  /** Commits an event after the other until it is killed. */
  async forever() {
    for (let time = 0; ; time += 1) {
      await store.transaction((tx) => tx.insertEvents([sampleEvent({ id: String(time) })]))
      say(time)
    }
  },
  async open() {
    say(await store.transaction(async () => 'opened'))
  },
}

const store = openSqliteStore({ file, clock: systemClock, durability: 'full' })
await works[work]?.()
await store.close()

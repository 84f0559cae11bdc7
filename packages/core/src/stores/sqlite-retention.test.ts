import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { forgettable } from '../model/retention.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { sampleEvent, sampleMs, sampleSession } from '../testing/store-suite/samples.ts'
import { openSqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-retention-'))
const file = join(folder, 'tocsin.db')
afterAll(() => rmSync(folder, { recursive: true }))

const dayMs = 86_400_000
const limit = 500

/** A day of events and sessions, with the day before forgotten; the size of the file after it. */
async function day(number: number): Promise<number> {
  const store = openSqliteStore({ file, clock: manualClock(sampleMs), durability: 'normal' })
  const atMs = sampleMs + number * dayMs
  await store.transaction(async (tx) => {
    await tx.insertEvents(Array.from({ length: 3_000 }, (_, index) => sampleEvent({ id: `${number} ${index}`, atMs, excerpt: 'x'.repeat(300) })))
    await tx.findSameCalls(Array.from({ length: 3_000 }, (_, index) => ({ project: 'bots', eventId: `${number} ${index}`, source: 'observe', print: `${(index * 7_919) % 3_000}-${number}`, startMs: atMs, endMs: atMs })))
    await tx.applySessions(Array.from({ length: 300 }, (_, index) => sampleSession({ sessionId: `${index} of ${number}`, lastAtMs: atMs, end: { atMs, state: 'success' } })))
  })
  for (const what of forgettable) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const from: string = after
      const { rows, goOn } = await store.transaction((tx) => tx.forget({ project: 'bots', what, after: from, contentBeforeMs: atMs, bodiesBeforeMs: atMs, decisionsBeforeMs: atMs, pacesBeforeMs: atMs, limit }))
      expect(rows).toBeLessThanOrEqual(limit)
      after = goOn
    }
  }
  expect((await store.read.counts()).events).toBe(3_000)
  await store.close()
  return statSync(file).size
}

test('the file stops to grow when what is old goes as new comes', async () => {
  const sizes: number[] = []
  for (let number = 0; number < 8; number += 1) sizes.push(await day(number))
  const [first = 0, second = 0, , , , , , last = 0] = sizes
  expect(second).toBeGreaterThan(first)
  expect(last).toBeLessThan(second * 1.05)
})

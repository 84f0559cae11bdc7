import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Event } from '../model/event.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { SessionBook } from './session-book.ts'
import { readWalk } from './walk/walk-text.ts'

const startMs = Date.UTC(2026, 10, 22, 12)

const folder = mkdtempSync(join(tmpdir(), 'tocsin-sessions-'))
const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(startMs), durability: 'normal' })
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

let sessions = 0

/** Ends that rules are told of, and how the session stands at last. */
async function course(batches: readonly (readonly Event[])[]): Promise<{ readonly ends: readonly string[]; readonly last: unknown }> {
  const sessionId = `s${(sessions += 1)}`
  const ends: string[] = []
  for (const events of batches) {
    await store.transaction(async (tx) => {
      const book = new SessionBook()
      for (const one of events) book.add({ ...one, sessionId })
      for (const { change: { before, after } } of await book.apply(tx)) if (before?.state !== after.state && after.state !== 'running') ends.push(after.state)
    })
  }
  const last = await store.read.session('bots', sessionId)
  // A walk in which nothing is left says no more than none.
  return { ends, last: { ...last, sessionId: 's', walk: readWalk(last?.walk) } }
}

const words = ['start', 'call', 'broken', 'model', 'ask', 'success', 'fail', 'indeterminate'] as const

function event(word: (typeof words)[number], place: number): Event {
  const base = { project: 'bots', source: 'client', id: `e${place}`, atMs: startMs + place, durationMs: 0, tags: {}, status: 'ok' } as const
  if (word === 'start') return { ...base, type: 'session.start' }
  if (word === 'call') return { ...base, type: 'tool.call', tool: { name: 'search', argumentsHash: 'a' } }
  if (word === 'broken') return { ...base, type: 'tool.call', tool: { name: 'search' }, status: 'error', error: { class: 'server', message: 'down' } }
  if (word === 'model') return { ...base, type: 'llm.call', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 5 } }
  if (word === 'ask') return { ...base, type: 'approval.request', name: 'refund' }
  return { ...base, type: 'session.end', endState: word }
}

describe('the events of a session', () => {
  it('say the same in one batch as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 7 }), fc.nat(6), async (list, cut) => {
        const events = list.map(event)
        expect(await course([events.slice(0, cut), events.slice(cut)])).toEqual(await course(events.map((one) => [one])))
      }),
      { numRuns: 300 },
    )
  })
})

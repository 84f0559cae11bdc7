import { expect, test } from 'vitest'
import type { Event } from '../../model/event.ts'
import { slotBook, slotKinds } from '../../model/spend.ts'
import { SlotBook, SlotScopes } from './slots.ts'

const atMs = Date.UTC(2026, 10, 22, 12)

function event(type: Event['type'], costNanoUsd: number): Event {
  return { type, source: 'otel', id: `${type}-${costNanoUsd}`, project: 'p', atMs, durationMs: 0, status: 'ok', tags: {}, agent: 'a', llm: { provider: 'openai', model: 'gpt', operation: 'chat', costNanoUsd, costSource: 'reported' } }
}

test('a call that is under way is counted when it is back, and what was added up counts as money and not as calls', () => {
  const book = new SlotBook(new SlotScopes())
  for (const one of [event('llm.pending', 0), event('llm.call', 5), event('llm.usage', 7), event('llm.usage', 11)]) book.add(one)
  expect(book.deltas()).toEqual([{ project: 'p', budget: slotBook(atMs), scope: 'a|gpt', periodStartMs: atMs, epoch: slotKinds.spent, nanoUsd: 23, unpriced: 1 }])
})

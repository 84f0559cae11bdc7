import { expect, test } from 'vitest'
import type { Event } from '../../model/event.ts'
import { addCall, closeInterval, differenceOf, emptyBreakdown, mergeOpen } from './breakdown.ts'

test('names that every object knows are names like others, also after a restart', () => {
  const names = ['constructor', '__proto__', 'toString']
  let kept = emptyBreakdown()
  for (let interval = 0; interval < 10; interval += 1) {
    const batch = emptyBreakdown()
    for (const name of interval < 8 ? names : ['__proto__']) {
      addCall(batch, interval, { agent: name, user: name, name, llm: { model: name, costNanoUsd: 1e9, inputTokens: 10, outputTokens: 10 } } as unknown as Event) // all that it looks at
    }
    kept = JSON.parse(JSON.stringify(kept)) as typeof kept // its own form
    mergeOpen(kept, batch.open)
    closeInterval(kept, interval)
  }
  expect(Object.keys(kept.usual.spend['agent'] ?? {}).toSorted()).toEqual(names.toSorted())
  expect(kept.usual.models['constructor']?.[0]).toBeGreaterThan(1)
  expect(differenceOf(kept)).toEqual(expect.arrayContaining([expect.objectContaining({ dimension: 'agent', value: 'constructor' })]))
})

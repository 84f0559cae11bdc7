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

test('of many users of a batch those with the most are kept apart, the others are one, and nothing is lost', () => {
  const kept = emptyBreakdown()
  const batch = emptyBreakdown()
  for (let number = 1; number <= 100; number += 1) {
    // Reason for the cast: all that it looks at.
    addCall(batch, 0, { user: `user-${number}`, llm: { model: 'gpt-5', costNanoUsd: number * 1e9 } } as unknown as Event)
  }
  mergeOpen(kept, batch.open)
  const users = kept.open[0]?.spend['user'] ?? {}
  expect(Object.keys(users)).toHaveLength(8)
  expect([users['user-100'], users['user-94'], users['user-93']]).toEqual([100, 94, undefined])
  expect(Object.values(users).reduce((sum, usd) => sum + usd, 0)).toBe(5_050)
})

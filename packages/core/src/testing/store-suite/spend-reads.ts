import { describe, expect, test } from 'vitest'
import { slotBook, slotKinds, spendSlotMs } from '../../model/spend.ts'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleMs, sampleSpend } from './samples.ts'

const dayMs = 86_400_000
/** The first instant of a day of UTC. */
const midnightMs = Math.floor(sampleMs / dayMs) * dayMs

export function spendReadSuite(here: StoreUnderTest): void {
  const slot = (atMs: number, scope: string, nanoUsd: number, calls = 1, unpriced = 0) => [
    sampleSpend({ budget: slotBook(atMs), scope, periodStartMs: atMs, epoch: slotKinds.spent, nanoUsd, unpriced: calls }), sampleSpend({ budget: slotBook(atMs), scope, periodStartMs: atMs, epoch: slotKinds.unpriced, nanoUsd: unpriced }),
  ]

  describe('sums for people who look', () => {
    test('slots are added up by time, by scope or by neither, within one day and what is asked for', async () => {
      await here.write((tx) => tx.addSpend([
        ...slot(midnightMs, 'a|m', 5, 2), ...slot(midnightMs, 'b|m', 7, 1, 1), ...slot(midnightMs + spendSlotMs, 'a|m', 11), ...slot(midnightMs + dayMs, 'a|m', 90), ...slot(midnightMs - spendSlotMs, 'a|m', 80),
      ].toSorted((one, other) => (`${one.budget} ${one.scope} ${one.periodStartMs} ${one.epoch}` < `${other.budget} ${other.scope} ${other.periodStartMs} ${other.epoch}` ? -1 : 1))))
      await here.write((tx) => tx.addSpend(slot(midnightMs, 'a|m', 100, 3)))
      const ask = { project: 'bots', fromMs: midnightMs, untilMs: midnightMs + 2 * dayMs } as const
      expect(await here.store.read.spendSlots({ ...ask, by: 'time' })).toEqual([{ atMs: midnightMs, nanoUsd: 112, calls: 6, unpriced: 1 }, { atMs: midnightMs + spendSlotMs, nanoUsd: 11, calls: 1, unpriced: 0 }])
      expect(await here.store.read.spendSlots({ ...ask, by: 'scope' })).toEqual([{ scope: 'a|m', nanoUsd: 116, calls: 6, unpriced: 0 }, { scope: 'b|m', nanoUsd: 7, calls: 1, unpriced: 1 }])
      expect(await here.store.read.spendSlots({ ...ask, by: 'both', scopes: ['a|m'] })).toEqual([{ atMs: midnightMs, scope: 'a|m', nanoUsd: 105, calls: 5, unpriced: 0 }, { atMs: midnightMs + spendSlotMs, scope: 'a|m', nanoUsd: 11, calls: 1, unpriced: 0 }])
      expect(await here.store.read.spendSlots({ ...ask, by: 'both', stepMs: 6 * spendSlotMs })).toEqual([{ atMs: midnightMs, scope: 'a|m', nanoUsd: 116, calls: 6, unpriced: 0 }, { atMs: midnightMs, scope: 'b|m', nanoUsd: 7, calls: 1, unpriced: 1 }])
      expect(await here.store.read.spendSlots({ ...ask, by: 'time', untilMs: midnightMs + spendSlotMs })).toHaveLength(1)
      expect([await here.store.read.spendSlots({ ...ask, by: 'time', scopes: [] }), await here.store.read.spendSlots({ ...ask, project: 'other', by: 'time' })]).toEqual([[], []])
    })

    test('of a budget the groups that spent most are named, and all are counted', async () => {
      await here.write((tx) => tx.addSpend([sampleSpend({ scope: 'a', nanoUsd: 5 }), sampleSpend({ scope: 'b', nanoUsd: 9, unpriced: 2 }), sampleSpend({ scope: 'c', nanoUsd: 1 }), sampleSpend({ scope: 'c', nanoUsd: 90, epoch: 'old' }), sampleSpend({ scope: 'a', nanoUsd: 70, periodStartMs: sampleMs - 1 })]))
      const of = { project: 'bots', budget: 'day', epoch: 'a1', periodStartMs: sampleMs }
      expect(await here.store.read.budgetSums(of, 2)).toEqual({ groups: [{ scope: 'b', nanoUsd: 9, unpriced: 2 }, { scope: 'a', nanoUsd: 5, unpriced: 0 }], groupsTotal: 3, nanoUsd: 15, unpriced: 2 })
      expect(await here.store.read.budgetSums({ ...of, project: 'other' }, 2)).toEqual({ groups: [], groupsTotal: 0, nanoUsd: 0, unpriced: 0 })
    })

    test('crossings are found by budget, epoch, group and time, in order', async () => {
      const crossing = { project: 'bots', budget: 'day', scope: 'a', periodStartMs: sampleMs, epoch: 'a1', threshold: 0.5, atMs: sampleMs + 5 }
      await here.write((tx) => tx.recordCrossings([crossing, { ...crossing, periodStartMs: sampleMs - 1, threshold: 0.9 }, { ...crossing, scope: 'b' }, { ...crossing, epoch: 'a2' }, { ...crossing, threshold: 0.8, atMs: sampleMs + 9 }].toSorted((one, other) => (`${one.scope} ${one.periodStartMs} ${one.epoch} ${one.threshold}` < `${other.scope} ${other.periodStartMs} ${other.epoch} ${other.threshold}` ? -1 : 1))))
      const found = await here.store.read.crossings({ project: 'bots', budget: 'day', epoch: 'a1', sinceMs: sampleMs, scopes: ['a'] })
      expect(found).toEqual([{ scope: 'a', periodStartMs: sampleMs, threshold: 0.5, atMs: sampleMs + 5 }, { scope: 'a', periodStartMs: sampleMs, threshold: 0.8, atMs: sampleMs + 9 }])
      expect(await here.store.read.crossings({ project: 'bots', budget: 'day', epoch: 'a1', sinceMs: sampleMs, scopes: [] })).toEqual([])
    })

    test('what rules keep is read in the order in which it is asked for', async () => {
      await here.write((tx) => tx.putRuleStates([{ project: 'bots', rule: 'budget', key: 'a', value: 'one', atMs: sampleMs }, { project: 'bots', rule: 'budget', key: 'b', value: 'two', atMs: sampleMs }]))
      expect(await here.store.read.ruleTexts('bots', 'budget', ['b', 'none', 'a'])).toEqual(['two', undefined, 'one'])
      expect([await here.store.read.ruleTexts('other', 'budget', ['a']), await here.store.read.ruleTexts('bots', 'budget', [])]).toEqual([[undefined], []])
    })
  })
}

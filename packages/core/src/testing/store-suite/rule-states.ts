import { expect, test } from 'vitest'
import type { StoreUnderTest } from '../store-suite.ts'
import { sampleMs, sampleSession } from './samples.ts'

export function ruleStateSuite(here: StoreUnderTest): void {
  const of = (key: string, project = 'bots', rule = 'slow') => ({ project, rule, key })
  const put = (...states: readonly (ReturnType<typeof of> & { readonly value: string; readonly atMs?: number })[]) =>
    here.write((tx) => tx.putRuleStates(states.map((state) => ({ atMs: sampleMs, ...state }))))

  test('what a rule keeps of a key comes back in the order asked, and is its own', async () => {
    await put({ ...of('a'), value: '1' }, { ...of('b'), value: '2' }, { ...of('a', 'other'), value: '3' }, { ...of('a', 'bots', 'idle'), value: '4' })
    await put({ ...of('a'), value: '5' })
    expect(await here.write((tx) => tx.ruleStates([of('b'), of('c'), of('a'), of('a', 'other'), of('a', 'bots', 'idle'), of('a', 'unheard')]))).toEqual(['2', undefined, '5', '3', '4', undefined])
    await here.write((tx) => tx.removeRuleStates([of('a'), of('c')]))
    expect(await here.write((tx) => tx.ruleStates([of('a'), of('b'), of('a', 'other')]))).toEqual([undefined, '2', '3'])
  })

  test('a transaction that throws leaves what was kept', async () => {
    await put({ ...of('a'), value: '1' })
    await expect(here.write(async (tx) => {
      await tx.putRuleStates([{ ...of('a'), value: '2', atMs: sampleMs }])
      throw new Error('no')
    })).rejects.toThrow('no')
    expect(await here.write((tx) => tx.ruleStates([of('a')]))).toEqual(['1'])
  })

  test('keys of a rule are listed in order from one on, and counted up to a limit', async () => {
    await put(...['d', 'a', 'c', 'b'].map((key) => ({ ...of(key), value: key.toUpperCase() })), { ...of('x', 'bots', 'idle'), value: '' }, { ...of('x', 'other'), value: '' })
    const list = (after: string, limit: number) => here.write((tx) => tx.ruleKeys({ project: 'bots', rule: 'slow', after, limit }))
    expect(await list('', 3)).toEqual([{ key: 'a', value: 'A' }, { key: 'b', value: 'B' }, { key: 'c', value: 'C' }])
    expect(await list('c', 3)).toEqual([{ key: 'd', value: 'D' }])
    const count = (most: number, project = 'bots') => here.write((tx) => tx.countRuleKeys({ project, rule: 'slow', most }))
    expect([await count(100), await count(3), await count(100, 'other'), await count(100, 'unheard')]).toEqual([4, 3, 1, 0])
  })

  test('the walk of a session is what its rules make of it, and stays where they say nothing', async () => {
    const delta = sampleSession()
    const [first] = await here.write((tx) => tx.applySessions([delta], (before, index) => `${before?.walk ?? 'new'} ${index}`))
    expect(first?.after.walk).toBe('new 0')
    const [second] = await here.write((tx) => tx.applySessions([delta], () => undefined))
    expect([second?.before?.walk, second?.after.walk]).toEqual(['new 0', 'new 0'])
    const [, other] = await here.write((tx) => tx.applySessions([delta, sampleSession({ sessionId: 's2' })], (before, index) => `${before?.walk ?? 'new'} ${index}`))
    expect(other?.after.walk).toBe('new 1')
    const found = await here.write((tx) => tx.sessions([{ project: 'bots', sessionId: delta.sessionId }, { project: 'bots', sessionId: 'unheard' }]))
    expect(found).toEqual([expect.objectContaining({ walk: 'new 0 0', calls: 3 }), undefined])
  })
}

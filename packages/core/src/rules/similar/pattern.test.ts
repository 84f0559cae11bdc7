import { afterEach, expect, test } from 'vitest'
import type { NewAlert, Transaction } from '../../model/store.ts'
import { closeRuleWorlds, ruleWorld } from '../../testing/rule-world.ts'
import { sampleAlert, sampleMs } from '../../testing/store-suite/samples.ts'
import { templatesOf, withPatterns } from './pattern.ts'

afterEach(closeRuleWorlds)

const { pattern: _none, ...plain } = sampleAlert()

function failed(errorMessage: string, params: NewAlert['params'] = {}, more: Partial<NewAlert> = {}): NewAlert {
  return { ...plain, ...more, params: { agent: 'bot', provider: 'openai', model: 'gpt-5', errorClass: 'server', errorMessage, ...params } }
}

function write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
  return ruleWorld({}).store.transaction(work)
}

async function patternsOf(...alerts: readonly NewAlert[]): Promise<readonly (string | undefined)[]> {
  return (await write((tx) => withPatterns(tx, alerts, sampleMs))).map(({ pattern }) => pattern)
}

test('who, where and which session make no other pattern; what was called and how it failed do', async () => {
  const same = await patternsOf(failed('no answer 1'), failed('no answer 2', { agent: 'other', session: 's2', at: 5 }, { agent: 'other', sessionId: 's2', key: 'other' }))
  expect(new Set(same).size).toBe(1)
  const other = await patternsOf(failed('no answer'), failed('no answer', { model: 'gpt-5-mini' }), failed('no answer', { provider: 'azure' }), failed('no answer', { errorClass: 'timeout' }), failed('no answer', {}, { rule: 'mine' }))
  expect(new Set(other).size).toBe(5)
})

test('nothing that a session said is in a pattern, and none is longer than it may be', async () => {
  const patterns = await patternsOf(failed('customer dana is unknown'), failed('x', { model: 'm'.repeat(500) }), failed('x', { model: `${'m'.repeat(499)}n` }), { ...plain, message: 'custom', params: { title: 'Call dana' }, announcement: { title: 'Call dana', severity: 'high' } })
  expect(patterns.join(' ')).not.toContain('dana')
  for (const pattern of patterns) expect(pattern?.length).toBeLessThanOrEqual(300)
  expect(patterns[1]).not.toBe(patterns[2])
})

test('what is told by its numbers, about the product or to an address by hand has none; and one that a rule gave stays', async () => {
  const direct = { title: 'Hello', severity: 'high', direct: { channel: 'mail', address: 'a@example.com' } } as const
  expect(await patternsOf({ ...plain, message: 'budget.crossed', params: {} }, { ...plain, message: 'rule.threshold', params: {} }, { ...plain, message: 'system.rule-failed', params: { cause: 'x' } }, { ...plain, message: 'custom', params: {}, announcement: direct }, { ...failed('x'), pattern: 'given' })).toEqual([undefined, undefined, undefined, undefined, 'given'])
})

test('what has no words is of one kind only of one agent', async () => {
  const started = (agent: string): NewAlert => ({ ...plain, message: 'session.started', params: { agent, session: `s-${agent}` } })
  const [one, other, again] = await patternsOf(started('a'), started('b'), started('a'))
  expect([one === other, one === again]).toEqual([false, true])
})

test('the template of a pattern can be read, as it is by now; what was forgotten cannot', async () => {
  const alerts = [failed('customer dana is not known here'), failed('customer eve is not known here')]
  const found = await write(async (tx) => templatesOf(tx, [...(await withPatterns(tx, alerts, sampleMs)), { ...failed('x'), pattern: 'mine~7.99' }, failed('x')]))
  expect(found).toEqual(['customer <*> is not known here', 'customer <*> is not known here', undefined, undefined])
})

test('a transaction that fails leaves no template behind, in the store or in memory', async () => {
  const { store } = ruleWorld({})
  await expect(store.transaction(async (tx) => {
    await withPatterns(tx, [failed('zebra one two three four five')], sampleMs)
    throw new Error('lost')
  })).rejects.toThrow('lost')
  const first = await store.transaction((tx) => withPatterns(tx, [failed('quite another thing of six words')], sampleMs))
  expect(first[0]?.pattern).toMatch(/~6\.1$/)
})

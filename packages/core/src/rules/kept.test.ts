import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from '../model/config.ts'
import type { EventInput } from '../model/event.ts'
import { closeWorlds, engineWorld } from '../testing/engine-world.ts'
import { Receiver } from '../testing/receiver.ts'
import { keptJson, keptUnder } from './kept.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const kinds = {
  threshold: { on: 'tool.call', measure: 'count', above: 2, window: '1h' },
  absence: { on: 'tool.call', absent: '10m' },
  anomaly: { on: 'tool.call', anomaly: 'count', every: '5m' },
} as const satisfies ConfigInput['rules']
const changes = Object.keys(kinds).flatMap((from) => Object.keys(kinds).flatMap((to) => (from === to ? [] : [[from, to] as const])))

test('a row that is damaged says nothing', () => {
  expect(keptJson('{"counting":')).toBeUndefined()
  expect(keptUnder('null', 'a')).toBeUndefined()
  expect(keptUnder('{"counting":"b"}', 'a')).toBeUndefined()
  expect(keptUnder('{"counting":"a","more":1}', 'a')).toEqual({ counting: 'a', more: 1 })
})

test.each(changes)('a rule that was %s and is %s now begins anew, ends what it had open, and stops neither events nor deliveries', async (from, to) => {
  const mail = new Receiver('mail')
  const ruleOf = (kind: string): ConfigInput['rules'] => Object.fromEntries(Object.entries(kinds).flatMap(([name, rule]) => (name === kind ? [['mine', rule]] : [])))
  const before = engineWorld({ rules: ruleOf(from) }, [mail])
  const call = (id: string, atMs: number): EventInput => ({ source: 'client', type: 'tool.call', id, atMs, tool: { name: 'search' } })
  await before.engine.accept(['1', '2', '3'].map((id) => call(id, before.clock.nowMs())))
  await before.at(12 * minuteMs)
  await before.close()
  const after = engineWorld({ rules: ruleOf(to) }, [mail], { file: before.file, aheadMs: 12 * minuteMs })
  expect(await after.engine.accept([call('4', after.clock.nowMs())])).toMatchObject({ accepted: 1 })
  await after.at(13 * minuteMs)
  await after.at(14 * minuteMs)
  expect((await after.store.read.alerts()).filter(({ state }) => state !== 'resolved')).toEqual([])
})

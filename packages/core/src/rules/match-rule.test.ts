import { afterAll, expect, test } from 'vitest'
import type { Event } from '../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as beginMs } from '../testing/rule-world.ts'

afterAll(closeRuleWorlds)

const minuteMs = 60_000

function call(user: string, atMs: number): Event {
  return { id: `${user}-${atMs}`, source: 'client', type: 'custom', project: 'default', atMs, durationMs: 0, tags: {}, status: 'ok', user }
}

test('a key with very many values is told apart as far as there is room, then as one group, and that is told once', async () => {
  const world = ruleWorld({ each: { on: 'custom', groupBy: ['user'], groupsMax: 3, quiet: '10m' } })
  await world.accept(['a', 'b', 'c', 'd', 'e', 'a', 'f'].map((user, index) => call(user, beginMs + index)), beginMs + 10)
  const opened = (): readonly string[] => world.told.filter((line) => line.includes(' opened ')).map((line) => line.split(' opened ')[1] ?? '')
  expect(opened().toSorted()).toEqual(['each a', 'each b', 'each c', 'each other', 'groups-limited each'])
  await world.until(beginMs + 30 * minuteMs)
  // Those are over: there is room for others.
  await world.accept([call('g', beginMs + 30 * minuteMs), call('h', beginMs + 30 * minuteMs)], beginMs + 30 * minuteMs)
  expect(opened().slice(5)).toEqual(['each g', 'each h'])
})

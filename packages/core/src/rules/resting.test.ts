import { afterEach, expect, it } from 'vitest'
import { configSchema, type ConfigInput } from '../model/config.ts'
import { TocsinError } from '../model/error.ts'
import type { Event } from '../model/event.ts'
import { closeRuleWorlds, ruleWorld, ruleWorldStartMs as startMs, type RuleWorld } from '../testing/rule-world.ts'
import { rulesOf } from './rules-of.ts'

afterEach(closeRuleWorlds)

const minuteMs = 60_000
let made = 0

function event(atMs: number, more: Partial<Event> = {}): Event {
  return { id: `e-${++made}`, project: 'default', type: 'custom', source: 'client', atMs, durationMs: 0, tags: {}, status: 'ok', agent: 'bot', ...more }
}

type Rule = NonNullable<ConfigInput['rules']>[string]

/** The same rule, on or off, in a process that begins. */
function turned(world: RuleWorld, rule: Rule & object, enabled: boolean): RuleWorld {
  return world.again({ rules: { mine: { ...rule, enabled } as Rule } }) // the same form with one more key
}

it('a rule that is switched off tells nothing, and what is wrong with it is said all the same', async () => {
  const world = ruleWorld({ mine: { on: 'custom', severity: 'high', enabled: false } })
  await world.accept([event(startMs)], startMs)
  expect(world.told).toEqual([])
  const on = turned(world, { on: 'custom', severity: 'high' }, true)
  await on.accept([event(startMs + minuteMs)], startMs + minuteMs)
  expect(on.told).toEqual(['12:01:00 opened mine'])
  expect(() => rulesOf(configSchema.parse({ rules: { mine: { on: 'custom', when: 'event.nothing == 1', enabled: false } } }))).toThrow(TocsinError)
  expect(rulesOf(configSchema.parse({ rules: { mine: { on: 'custom', enabled: false } } })).map(({ name }) => name)).not.toContain('mine')
})

it('an alert that it had open is over when it is switched off, of every group', async () => {
  const rule: Rule & object = { on: 'custom', measure: 'count', above: 2, window: '10m', groupBy: ['agent'] }
  const world = ruleWorld({ mine: rule })
  await world.accept(['a', 'b'].flatMap((agent) => [1, 2, 3].map(() => event(startMs, { agent }))), startMs)
  expect(world.told).toEqual(['12:00:00 opened mine a', '12:00:00 opened mine b'])
  const off = turned(world, rule, false)
  await off.until(startMs + minuteMs)
  expect(off.told.map((line) => line.slice(9))).toEqual(['resolved mine a', 'resolved mine b'])
  await world.store.transaction(async (tx) => expect(await tx.countRuleKeys({ project: 'default', rule: 'mine', most: 10 })).toBe(0))
})

it('the time in which it was off is no silence', async () => {
  const rule = { on: 'custom', absent: '10m' } as const
  const world = ruleWorld({ mine: rule })
  await world.accept([event(startMs)], startMs)
  const off = turned(world, rule, false)
  // It comes, and is not heard.
  for (const minutes of [1, 4, 7]) await off.accept([event(startMs + minutes * minuteMs)], startMs + minutes * minuteMs)
  const on = turned(world, rule, true)
  await on.until(startMs + 8 * minuteMs)
  await on.until(startMs + 17 * minuteMs)
  expect([...off.told, ...on.told]).toEqual([])
  await on.until(startMs + 30 * minuteMs)
  expect(on.told).toEqual(['12:18:00 opened mine'])
})

it('what is usual is known when it is on again, and the time between is no departure from it', async () => {
  const rule = { on: 'custom', anomaly: 'count', every: '1m' } as const
  const world = ruleWorld({ mine: rule })
  // Longer than it learns.
  const learnMinutes = 300
  const minute = async (of: RuleWorld, index: number, count: number): Promise<void> => of.accept(Array.from({ length: count }, (_, one) => event(startMs + index * minuteMs + one * 100)), startMs + index * minuteMs + 30_000)
  const usual = (index: number): number => 20 + (index % 5)
  for (let index = 0; index < learnMinutes; index++) await minute(world, index, usual(index))
  const before = world.told.length
  const off = turned(world, rule, false)
  await off.until(startMs + (learnMinutes + 120) * minuteMs)
  const on = turned(world, rule, true)
  const from = learnMinutes + 120
  for (let index = from; index < from + 20; index++) await minute(on, index, usual(index))
  expect([before, ...off.told, ...on.told]).toEqual([0])
  await minute(on, from + 20, 400)
  await on.until(startMs + (from + 25) * minuteMs)
  expect(on.told.map((line) => line.slice(9))).toContain('opened mine')
})

import { describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import type { ConfigInput } from '../model/config.ts'
import { roles, type Role } from '../model/roles.ts'
import { compose } from './compose.ts'
import type { Gathered, RuleCount } from './gather.ts'

const config = (more: Partial<ConfigInput> = {}) => configurationFrom({ channels: { box: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, ...more }, [], {})

const rule = (kind: RuleCount['kind'], alerts: number, more: Partial<RuleCount> = {}): RuleCount => ({ kind, alerts, informing: 0, cycles: 0, keys: new Map([['a', alerts]]), ...more })

const empty: Gathered = {
  fromMs: 0, untilMs: 1, keptSinceMs: 0, total: { calls: 0, nanoUsd: 0, unpriced: 0 }, agents: new Map(), models: new Map(), budgets: [], failures: [], sessions: { running: 0, success: 0, fail: 0, indeterminate: 0 },
  firstFailures: [], rules: new Map(), decided: [], ended: [], told: [], trouble: [],
}

const sum = { calls: 3, nanoUsd: 777, unpriced: 1 }
const full: Gathered = {
  ...empty, total: sum, agents: new Map([['agent', sum]]), models: new Map([['model', sum]]), budgets: [{ name: 'b', period: 'day', spentNanoUsd: 777, amountNanoUsd: 1_000 }],
  failures: [{ class: 'auth', name: 'search', provider: '', count: 5 }], sessions: { running: 0, success: 3, fail: 2, indeterminate: 0 },
  rules: new Map([['tool-failing', rule('tool', 9)], ['budget-crossed', rule('cost', 4)], ['channel-paused', rule('system', 2)]]),
  decided: [{ kind: 'cost', person: 'dana', reason: 'refused.role', count: 13 }, { kind: 'tool', person: 'dana', reason: 'held.digest', count: 2 }, { kind: 'tool', person: 'lee', reason: 'held.digest', count: 17 }],
  ended: [{ channel: 'box', person: 'dana', result: 'sent', count: 6 }, { channel: 'box', person: 'lee', result: 'failed', count: 19 }],
  told: [{ rule: 'tool-failing', kind: 'tool', person: 'dana', route: 'route-1', messages: 6 }, { rule: 'budget-crossed', kind: 'cost', person: 'lee', route: 'route-1', messages: 4 }],
  trouble: [{ channel: 'sms', state: 'paused', sinceMs: 0 }],
}

const of = (role: Role, gathered = full) => compose(config(), 'week', gathered, 'dana', role, 500)

describe('what is in a report', () => {
  test('is what the role may see, whatever part one looks at', () => {
    const parts = (role: Role): readonly string[] => Object.entries(of(role)).flatMap(([name, part]) => (['spend', 'sessions', 'failures', 'toldAll', 'channels'].includes(name) && part !== undefined ? [name] : []))
    expect(Object.fromEntries(roles.map((role) => [role, parts(role)]))).toEqual({
      owner: ['spend', 'sessions', 'failures', 'toldAll', 'channels'], admin: ['spend', 'sessions', 'failures', 'toldAll', 'channels'],
      developer: ['spend', 'sessions', 'failures'], billing: ['spend'], viewer: ['sessions', 'failures'],
    })
    expect(JSON.stringify(of('viewer'))).not.toMatch(/777|500|budget-crossed/)
    expect(JSON.stringify(of('billing'))).not.toMatch(/search|tool-failing/)
  })

  test('counts refusals of kinds that a role may not hear for nobody: that would tell of them', () => {
    expect(of('viewer').told).toMatchObject({ refused: 0, held: 2, sent: 6, failed: 0 })
    expect(of('admin').told).toMatchObject({ refused: 13, held: 2 })
    expect(of('admin').toldAll).toMatchObject({ refused: 13, held: 19, failed: 19 })
    expect(of('developer')).not.toHaveProperty('toldAll')
  })

  test('is quiet where nothing happened that this role may see', () => {
    expect(of('admin', empty).isQuiet).toBe(true)
    const onlyCost: Gathered = { ...empty, total: sum, rules: new Map([['budget-crossed', rule('cost', 9)]]) }
    expect([of('viewer', onlyCost).isQuiet, of('billing', onlyCost).isQuiet]).toEqual([true, false])
    expect(of('viewer', onlyCost).watching.budgets).toBe(0)
  })

  test('lists ten names and sums up the rest, so that both make the whole', () => {
    const agents = new Map(Array.from({ length: 14 }, (_, index) => [`agent-${index}`, { calls: 1, nanoUsd: index, unpriced: 0 }]))
    const { spend } = of('admin', { ...full, agents })
    expect(spend?.agents.top.map(({ name }) => name).slice(0, 2)).toEqual(['agent-13', 'agent-12'])
    expect(spend?.agents.top).toHaveLength(10)
    expect(spend?.agents.rest).toEqual({ name: '', names: 4, calls: 4, nanoUsd: 0 + 1 + 2 + 3, unpriced: 0 })
  })

  test('stays small, however much there was', () => {
    const long = 'x'.repeat(5_000)
    const many = (count: number) => Array.from({ length: count }, (_, index) => index)
    const huge: Gathered = {
      ...full, agents: new Map(many(5_000).map((index) => [`${index}${long.slice(0, 300)}`, sum])), models: new Map(many(5_000).map((index) => [`${index}${long.slice(0, 300)}`, sum])),
      failures: many(5_000).map((index) => ({ class: 'auth', name: `${index}${long}`, provider: long, count: 1 })), budgets: many(300).map((index) => ({ name: `b${index}`, period: 'day', spentNanoUsd: 1, amountNanoUsd: 2 })),
      rules: new Map(many(500).map((index) => [`r${index}`, rule('tool', 9)])), trouble: many(400).map((index) => ({ channel: `c${index}`, state: 'paused', sinceMs: 0 })),
    }
    expect(JSON.stringify(of('admin', huge)).length).toBeLessThan(20_000)
  })

  test('says since when it counts where some was forgotten', () => {
    expect(of('admin', { ...full, keptSinceMs: 0.5 }).countedSinceMs).toBe(0.5)
    expect(of('admin')).not.toHaveProperty('countedSinceMs')
  })
})

describe('what can be done about a rule that tells much', () => {
  const suggested = (name: string, count: RuleCount, more: Partial<ConfigInput> = {}, role: Role = 'admin') =>
    compose(config(more), 'week', { ...empty, rules: new Map([[name, count]]), told: [{ rule: name, kind: count.kind, person: 'dana', route: 'work', messages: 40 }] }, 'dana', role, undefined).rules[0]
  const routes: ConfigInput['routes'] = [{ name: 'work', to: ['dana'], via: ['box'] }]
  const many = rule('tool', 41, { keys: new Map([['search', 38], ['fetch', 3]]) })
  const own = { on: 'tool.call' }

  test('names the number of a built-in rule, as it is now', () => {
    expect(suggested('tool-failing', many)?.suggestion).toEqual({ kind: 'count', setting: 'rules.tool-failing.count', now: 5 })
    expect(suggested('tool-failing', many, { rules: { 'tool-failing': { count: 9 } } })?.suggestion).toMatchObject({ now: 9 })
    expect(suggested('model-slow', many)?.suggestion).toEqual({ kind: 'after', setting: 'rules.model-slow.after', now: 120_000 })
    expect(suggested('call-expensive', many)?.suggestion).toBeUndefined()
  })

  test('names the threshold of a rule of its own', () => {
    const rules: ConfigInput['rules'] = { 'too-many': { on: 'tool.call', measure: 'count', window: '5m', above: 12 } }
    expect(suggested('too-many', many, { rules })?.suggestion).toEqual({ kind: 'above', setting: 'rules.too-many.above', now: 12 })
  })

  test('says what most alerts were about, to whoever may know, and to group them', () => {
    const found = suggested('mine', many, { routes, rules: { mine: own } })
    expect(found).toMatchObject({ mostly: { key: 'search', alerts: 38 }, suggestion: { kind: 'groupBy', setting: 'routes.0.groupBy' } })
    expect(suggested('mine', many, { routes, rules: { mine: own } }, 'developer')?.mostly).toEqual({ key: '', alerts: 38 })
  })

  test('is a digest where they are of many things, a longer quiet where they come and go, and off where they only inform', () => {
    const spread = rule('tool', 9, { keys: new Map(Array.from({ length: 9 }, (_, index) => [`k${index}`, 1])) })
    expect(suggested('mine', spread, { routes, rules: { mine: own } })?.suggestion).toEqual({ kind: 'digest', setting: 'routes.0.digest' })
    expect(suggested('mine', { ...spread, cycles: 20 }, { routes, rules: { mine: { ...own, quiet: '2m' } } })?.suggestion).toEqual({ kind: 'quiet', setting: 'rules.mine.quiet', now: 120_000 })
    expect(suggested('mine', { ...spread, informing: 9 }, { rules: { mine: own } })?.suggestion).toEqual({ kind: 'off', setting: 'rules.mine.enabled' })
  })

  test('is nothing where it was told seldom', () => {
    expect(suggested('tool-failing', rule('tool', 4))?.suggestion).toBeUndefined()
  })
})

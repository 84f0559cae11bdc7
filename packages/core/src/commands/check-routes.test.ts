import { describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import type { Config, ConfigInput } from '../model/config.ts'
import { createRouter } from '../routing/route.ts'
import { attentionWarnings } from './check-people.ts'
import { overlapWarnings } from './check-routes.ts'
import { alertFrom } from '../alert-file.ts'
import { registeredTypes } from '../routed.ts'

const base: ConfigInput = {
  project: 'bots',
  channels: { mail: { type: 'email', url: 'smtps://user:pass@smtp.example.com', from: 'Tocsin <noreply@example.com>' }, wall: { type: 'inbox' } },
  people: { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer', email: 'lee@example.com' } },
}

function config(more: ConfigInput): Config {
  return configurationFrom({ ...base, ...more }, [], {})
}

type Routes = NonNullable<ConfigInput['routes']>
const lines = (routes: Routes, people?: ConfigInput['people']): readonly string[] => overlapWarnings(config({ routes, ...(people !== undefined && { people }) })).map(({ path, text }) => `${path.join('.')}: ${text}`)
const to = { to: ['dana'], via: ['mail'] }

/** The alert that a warning shows, as the router sees it. */
function shown(text: string): unknown {
  return JSON.parse(/\{.*\}/.exec(text)?.[0] ?? 'null')
}

describe('a route that an earlier one never leaves anything', () => {
  test.each<[string, string, boolean]>([
    ['true', "alert.kind == 'cost'", true],
    ["alert.severity in ['critical', 'high']", "alert.severity == 'high' && alert.kind == 'cost'", true],
    ["alert.agent == 'a' || alert.agent == 'b'", "alert.agent == 'a'", true],
    ["alert.agent != 'a'", "alert.agent == 'b'", true],
    ["alert.tags.team == 'x'", "alert.kind == 'cost' && alert.tags['team'] == 'x'", true],
    ['alert.costUsd > 1', 'alert.costUsd > 2', true],
    ["alert.agent.startsWith('bot')", "alert.kind == 'cost' && alert.agent.startsWith('bot')", true],
    ["alert.severity == 'high'", "alert.severity in ['critical', 'high']", false],
    ["alert.agent == 'a'", "alert.agent != 'b'", false],
    ['alert.costUsd > 2', 'alert.costUsd > 1', false],
    ['alert.costUsd > 1 && alert.costUsd < 1.2', 'alert.costUsd >= 1 && alert.costUsd <= 1.2', false],
    ['alert.percent <= 80', 'alert.percent < 80.5', false],
    // What does more than compare cannot be tried in every case: nothing is said.
    ["alert.agent == 'bot-1'", "alert.agent.startsWith('bot')", false],
    ["alert.agent.startsWith('bot') || alert.agent == 'x'", "alert.agent.startsWith('bot-1')", false],
    ["alert.agent == 'b'", "alert.agent > 'a'", false],
    ["has(alert.tags.team)", "alert.tags.team == 'x'", false],
    ['alert.agent == alert.environment', "alert.agent == 'a'", false],
  ])('%s before %s: %s', (first, second, isNever) => {
    const said = lines([{ name: 'first', match: first, ...to, stop: true }, { name: 'second', match: second, ...to }])
    expect(said.length).toBe(isNever ? 1 : 0)
    if (!isNever) return
    expect(said[0]).toMatch(/^routes\.1: never asked: first takes all its alerts and says stop/)
    const example = shown(said[0] ?? '')
    if (example === null) return
    const router = createRouter(config({ routes: [{ name: 'first', match: first, ...to, stop: true }, { name: 'second', match: second, ...to }] }), registeredTypes(config({})))
    expect(router.trace(alertFrom(example, 'example', 'bots', 0)).map(({ verdict }) => verdict)).toEqual(['matches', 'not-asked'])
  })

  test('between them, and not without stop', () => {
    const severe: Routes = [{ name: 'severe', match: "alert.severity in ['critical', 'high']", ...to, stop: true }, { name: 'mild', match: "alert.severity in ['warning', 'info']", ...to, stop: true }]
    expect(lines([...severe, { name: 'rest', ...to }])).toEqual([expect.stringMatching(/^routes\.2: never asked: severe, mild take all its alerts and say stop, such as \{"kind":"session","severity":"critical"\}$/)])
    expect(lines([...severe.map((route) => ({ ...route, stop: false })), { name: 'rest', ...to }])).toEqual([])
  })

  test('is found among so many that not every case can be tried', () => {
    const many: Routes = Array.from({ length: 12 }, (_, index) => ({ name: `r${index}`, match: `alert.tags.t${index} == 'x'`, ...to, stop: true }))
    expect(lines([...many, { name: 'late', match: "alert.tags.t7 == 'x' && alert.kind == 'cost'", ...to }])).toEqual([expect.stringContaining('routes.12: never asked: r7 takes')])
  })
})

describe('two routes', () => {
  test('that tell one person one thing at once and in a digest', () => {
    const digest: Routes[number] = { name: 'daily', match: "alert.kind == 'session'", to: ['role:admin'], via: ['mail'], digest: { daily: '09:00' } }
    const prompt: Routes[number] = { name: 'urgent', match: "alert.severity == 'high'", to: ['dana'], via: ['mail', 'wall'] }
    const example = '{"kind":"session","severity":"high"}'
    expect(lines([digest, prompt])).toEqual([`routes.1: dana is told at once by urgent and in the digest of daily, both by mail: at once holds, such as for ${example}`])
    expect(lines([prompt, digest])).toEqual([`routes.1: dana is told at once by urgent and in the digest of daily, both by mail: at once holds, such as for ${example}`])
    // One pair of each route is enough to see.
    expect(lines([digest, prompt, { ...prompt, name: 'more' }])).toHaveLength(2)
    expect(lines([prompt, { ...prompt, name: 'more' }, digest])).toHaveLength(1)
    // Not the same people, channel or alerts, or the first says stop.
    expect(lines([digest, { ...prompt, to: ['lee'] }])).toEqual([])
    expect(lines([digest, { ...prompt, via: ['wall'] }])).toEqual([])
    expect(lines([digest, { ...prompt, match: "alert.kind == 'cost'" }])).toEqual([])
    expect(lines([digest, { ...prompt, match: "alert.severity == 'critical'" }])).toEqual([])
    expect(lines([{ ...prompt, stop: true }, digest])).toEqual([])
  })

  test('of which one is required by whom somebody turned off', () => {
    const people = (kind: 'session' | 'cost'): ConfigInput['people'] => ({ dana: { role: 'admin', email: 'dana@example.com', preferences: [{ kinds: [kind], mute: true }] } })
    const routes: Routes = [{ name: 'must', match: "alert.kind == 'session'", to: ['dana'], via: ['mail'], required: true }]
    expect(lines(routes, people('session'))).toEqual(['people.dana.preferences: turned off by mail, and told all the same by must, which is required, such as {"kind":"session","severity":"critical"}'])
    expect(lines(routes, people('cost'))).toEqual([])
    expect(lines(routes.map((route) => ({ ...route, required: false })), people('session'))).toEqual([])
  })

  test('where a digest or a group matches only what is critical', () => {
    expect(lines([{ match: "alert.severity == 'critical'", ...to, groupBy: ['agent'] }])).toEqual(['routes.0.groupBy: groups nothing: it matches only critical alerts, which do not wait, such as {"kind":"session","severity":"critical"}'])
    expect(lines([{ match: "alert.severity in ['critical', 'high']", ...to, groupBy: ['agent'] }])).toEqual([])
    expect(lines([{ match: "alert.severity == 'critical' && alert.agent.startsWith('a')", ...to, digest: '1h' }])).toEqual([expect.stringContaining('routes.0.digest: collects nothing')])
    expect(lines([{ match: "!(alert.severity in ['high', 'warning', 'info'])", ...to, digest: '1h' }])).toEqual([expect.stringContaining('such as {"kind":"session","severity":"critical"}')])
    expect(lines([{ match: "alert.severity in ['critical', 'high']", ...to, digest: '1h' }])).toEqual([])
  })
})

test.each<[string, boolean]>([
  ["alert.agent == 'a' && alert.agent == 'b'", true],
  ["alert.kind == 'costs'", true],
  ["alert.tags.team == 'x' && alert.tags['team'] != 'x'", true],
  ['alert.costUsd > 2 && alert.costUsd < 1', true],
  ["alert.agent == 'a' && alert.environment == 'a'", false],
  ['alert.percent > 80 && alert.percent < 81', false],
  ["alert.agent.startsWith('a') && alert.agent == 'b'", false],
])('a route that matches no alert is named: %s', (match, isNever) => {
  expect(lines([{ match, ...to }])).toEqual(isNever ? ['routes.0.match: matches no alert that there can be'] : [])
})

test('a hundred routes are compared with each other, the last one too', () => {
  const many: Routes = Array.from({ length: 100 }, (_, index) => ({ name: `r${index}`, match: `alert.agent == 'a${index % 99}' && alert.tags.team == 't${index % 9}' && alert.severity in ['high', 'warning']`, ...to, ...(index % 3 === 0 && { digest: '1h' as const }), stop: index % 4 === 0 }))
  expect(lines(many)).toEqual([expect.stringMatching(/^routes\.99: never asked: r0 takes all its alerts/)])
})

describe('people', () => {
  const said = (more: ConfigInput): readonly string[] => {
    const parsed = config(more)
    return attentionWarnings(parsed, registeredTypes(parsed)).map(({ path, text }) => `${path.join('.')}: ${text}`)
  }
  const dana = (more: object): ConfigInput => ({ people: { dana: { role: 'admin', email: 'dana@example.com', ...more } } })

  test('whose quiet hours last all day, or not at all', () => {
    expect(said(dana({ quietHours: '00:00-23:59' }))).toEqual(['people.dana.quietHours: nearly all day: only critical alerts are told but for 1 minute'])
    expect(said(dana({ quietHours: '09:00-08:30' }))).toEqual(['people.dana.quietHours: nearly all day: only critical alerts are told but for 30 minutes'])
    expect(said(dana({ quietHours: '00:00-00:00' }))).toEqual(['people.dana.quietHours: no quiet hours: they end when they begin'])
    expect(said(dana({ quietHours: '18:00-09:00' }))).toEqual([])
  })

  test('who turned everything off, channel by channel or at once', () => {
    const all = 'people.dana.preferences: everything is turned off: told only by routes that are required, and by messages that name them'
    expect(said(dana({ preferences: [{ mute: true }] }))).toEqual([all])
    expect(said(dana({ preferences: [{ channels: ['mail'], mute: true }, { channels: ['wall'], mute: true }] }))).toEqual([all])
    expect(said(dana({ preferences: [{ channels: ['mail'], mute: true }, { channels: ['wall'], kinds: ['cost'], mute: true }] }))).toEqual([])
  })

  test('who wish a channel that does not reach them, who are in another project, and whose role hears nothing of what their routes bring', () => {
    expect(said({ people: { dana: { role: 'admin', preferences: [{ via: ['mail'] }] } } })).toEqual(["people.dana.preferences.0.via: no address for mail: told by the route's channels"])
    expect(said(dana({ projects: ['shop'] }))).toEqual(['people.dana.projects: not in project "bots", which this configuration is for: never told by it'])
    const people: ConfigInput['people'] = { bo: { role: 'billing', email: 'bo@example.com' } }
    expect(said({ people, routes: [{ match: "alert.kind == 'session'", to: ['bo'], via: ['mail'] }] })).toEqual(['people.bo.role: never told: role billing does not receive what its routes bring'])
    expect(said({ people, routes: [{ match: "alert.kind in ['session', 'cost']", to: ['bo'], via: ['mail'] }] })).toEqual([])
    expect(said({ people, routes: [{ match: "alert.kind != 'cost'", to: ['bo'], via: ['mail'], stop: true }, { match: "alert.agent.startsWith('x')", to: ['bo'], via: ['mail'] }] })).toEqual([])
  })
})

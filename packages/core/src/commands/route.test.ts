import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import { columnsOf } from '../delivery/terminal-lines.ts'
import type { ConfigInput } from '../model/config.ts'
import { closeWorlds, engineWorld, sessionFailed } from '../testing/engine-world.ts'
import { route } from './route.ts'
import { routedOf } from '../routed.ts'
import { alertFrom } from '../alert-file.ts'

const sms = { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'not-a-token', from: '+15005550006', countries: ['CN', 'US'] }
const config: ConfigInput = {
  channels: { mail: { type: 'email', url: 'smtps://user:pass@smtp.example.com', from: 'Tocsin <noreply@example.com>' }, sms, wall: { type: 'inbox' } },
  people: {
    dana: { role: 'admin', email: 'dana@example.com', phone: '+8613800138000', locale: 'zh-CN', timezone: 'Asia/Shanghai', preferences: [{ channels: ['mail'], digest: { daily: '09:00' } }] },
    lee: { role: 'developer', email: 'lee@example.com', quietHours: '22:00-21:00' },
    bo: { role: 'billing', email: 'bo@example.com' },
    kim: { role: 'viewer', phone: '+14155550101', preferences: [{ kinds: ['session'], channels: ['wall'], mute: true }] },
  },
  teams: { ops: ['dana', 'bo'] },
  routes: [
    { name: 'staging', match: "alert.environment == 'staging' && alert.severity == 'info'", to: ['lee'], via: ['mail'], digest: '1h', stop: true },
    { name: 'on-call', match: "alert.severity in ['critical', 'high']", to: ['team:ops'], via: { first: ['sms', 'mail'], after: '5m' } },
    { name: 'broken', match: 'int(alert.agent) > 1', to: ['lee'], via: ['sms'] },
    { name: 'all', to: ['lee', 'dana', 'kim', 'role:owner'], via: ['mail', 'wall'], stop: true },
    { name: 'never', to: ['lee'], via: ['wall'] },
  ],
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-route-'))
  writeFileSync(join(folder, 'tocsin.yaml'), JSON.stringify(config))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(closeWorlds)

const options = (more: { readonly at?: string; readonly locale?: string } = {}): Parameters<typeof route>[1] => ({ at: '2026-11-22T23:30:00Z', config: join(folder, 'tocsin.yaml'), data: join(folder, 'data'), locale: 'en', ...more })

function file(data: unknown): string {
  const path = join(folder, 'alert.json')
  writeFileSync(path, JSON.stringify(data))
  return path
}

async function lines(data: unknown, more: { readonly locale?: string } = {}): Promise<string> {
  return (await route(file(data), options(more), {}, () => undefined)).lines.join('\n')
}

const failed = { kind: 'session', severity: 'high', agent: 'bot', environment: 'staging' }

test('it says what the engine then does, and the same reasons', async () => {
  const world = engineWorld(config, [])
  const startMs = world.clock.nowMs()
  await world.engine.accept([sessionFailed('s1', startMs)])
  const alert = (await world.store.read.alerts()).find(({ rule }) => rule === 'session-failed')
  if (alert === undefined) throw new Error('expected an alert')
  const decided = (await world.decisions()).map(({ person, channel, reason, params }) => JSON.stringify([person, channel, reason, params]))
  const atMs = (await world.decisions())[0]?.atMs ?? 0
  const routed = routedOf(configurationFrom(config, [], {}), alert, atMs)
  const told = [...routed.plan.notifications, ...routed.plan.batched].map(({ recipient, channel, route: by, dueMs, fallback }) => [recipient.person, channel, by, dueMs, fallback])
  const deliveries = (await world.deliveries()).filter(({ alerts }) => alerts.includes(alert.id)).map((one) => [one.person, one.channel, one.route, one.dueMs])
  expect(told.map((one) => JSON.stringify(one.slice(0, 4))).sort()).toEqual(deliveries.map((one) => JSON.stringify(one)).sort())
  expect(told.length).toBeGreaterThan(3)
  const ofAlert = routed.plan.decisions.map(({ person, channel, reason, params }) => JSON.stringify([person, channel, reason, params]))
  expect(decided).toEqual(expect.arrayContaining(ofAlert))
  // The same from its fields alone, as somebody would write them.
  const { kind, severity, rule, key, agent = '' } = alert
  const written = alertFrom({ kind, severity, rule, key, agent, message: alert.message, sessionId: 's1' }, 'alert.json', 'default', atMs)
  const again = routedOf(configurationFrom(config, [], {}), written, atMs)
  expect(again.plan.decisions.map(({ person, reason }) => [person, reason])).toEqual(routed.plan.decisions.map(({ person, reason }) => [person, reason]).filter(([, reason]) => reason !== 'sent.reduced'))
  // And by its number, from the folder of the database.
  await world.close()
  const { value } = await route(`alt_${alert.id}`, { ...options(), data: dirname(world.file) }, {}, () => undefined)
  expect(value).toMatchObject({ alert: { kind: 'session', agent: 'bot' }, routes: routed.routes })
})

describe('a route', () => {
  test('says that it matches, what it lacks, that it stopped, that it was not asked, and that it cannot be', async () => {
    const said = await lines(failed)
    expect(said.split('\n').slice(2, 9).map((line) => line.replace(/ {2,}/g, ' ').trim())).toEqual([
      'Routes, in order:', "1 staging does not match; it needs alert.severity == 'info'", '2 on-call matches', expect.stringMatching(/^3 broken cannot be asked: /), '4 all matches, and later ones are not asked', '5 never not asked: all matches and says stop', '',
    ])
    expect(said).toMatch(/\n {2}dana +sms +at once, in zh-CN, by route on-call; without success after 5 min\n +by mail\n/)
    expect(said).toMatch(/\n {2}dana +mail +at 23 Nov 2026, 09:00:00 GMT\+8, in zh-CN, by route all\n/)
    expect(said).toMatch(/ {2}kim +not told +wall +Not told: kim turned off Session by wall\.|kim +not told +wall/)
    expect(said).toContain('bo    not told  *     Not told: role billing does not receive')
  })

  test('is told in Chinese too, and both fit a terminal', async () => {
    const chinese = await lines(failed, { locale: 'zh-CN' })
    expect(chinese).toContain('匹配，其后的路由不再询问')
    expect(chinese).toContain('立即，使用 zh-CN，经路由 on-call')
    for (const line of [...chinese.split('\n'), ...(await lines({ ...failed, agent: 'a'.repeat(300) })).split('\n')]) expect(columnsOf(line)).toBeLessThanOrEqual(80)
  })

  test('that does not match anybody’s alert leaves nobody, and the closest says what it lacks', () => {
    const few = configurationFrom({ ...config, routes: [{ name: 'costs', match: "alert.kind == 'cost'", to: ['bo'], via: ['mail'] }] }, [], {})
    const routed = routedOf(few, alertFrom(failed, 'a', 'default', 0), 0)
    expect(routed.plan.notifications).toEqual([])
    expect(routed.plan.decisions).toMatchObject([{ reason: 'refused.no_route', params: { route: 'costs', condition: "alert.kind == 'cost'" } }])
  })
})

describe('wrong usage', () => {
  test('names each field that is none or of another type', async () => {
    await expect(lines({ knd: 'session', kind: 'sesion', severity: 'high', tags: { a: 1 }, count: '2' })).rejects.toThrow(
      ['alert.json kind: expected one of session, model, tool, cost, system, found "sesion", did you mean "session"?', 'alert.json count: expected a number, found "2"', 'alert.json tags.a: expected a text, found 1', 'alert.json knd: unknown field, did you mean "kind"?'].join('\n'),
    )
    await expect(lines([])).rejects.toThrow('alert.json: expected an alert such as {"kind": "session", "severity": "high"}, found')
  })

  test('says that there is no such file, alert, time or language', async () => {
    const at = (name: string, more: { readonly at?: string; readonly locale?: string } = {}): Promise<unknown> => route(name, options(more), {}, () => undefined)
    await expect(at(join(folder, 'none.json'))).rejects.toThrow('expected a file with an alert as JSON, or an alert such as alt_51')
    await expect(at('alt_7')).rejects.toThrow('does not exist. Name the agent')
    await expect(at(file(failed), { at: 'noon' })).rejects.toThrow('--at: expected a time with its zone')
    await expect(at(file(failed), { locale: 'fr' })).rejects.toThrow('--locale: expected en or zh-CN')
  })
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../../model/alert.ts'
import { configSchema, type ConfigInput } from '../../model/config.ts'
import type { Store } from '../../model/store.ts'
import { openSqliteStore } from '../../stores/sqlite.ts'
import { manualClock } from '../../testing/manual-clock.ts'
import { createSilences, nameOfHush, type Silencing } from './silences.ts'

// Sunday, 15 November 2026, noon.
const atMs = Date.UTC(2026, 10, 15, 12)
const hourMs = 3_600_000
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-silences-'))
  store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(atMs), durability: 'normal' })
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const alert: Alert = {
  id: 1, project: 'bots', rule: 'r', key: 'k', kind: 'model', severity: 'high', message: 'model.failed', params: {}, ends: 'quiet', quietMs: 1, evidence: {}, agent: 'a',
  state: 'firing', count: 1, openedAtMs: atMs, updatedAtMs: atMs,
}
const named = (name: string, hours: number, more: Partial<NonNullable<ConfigInput['silences']>[number]> = {}): NonNullable<ConfigInput['silences']>[number] =>
  ({ name, match: "alert.agent == 'a'", until: new Date(atMs + hours * hourMs).toISOString(), author: 'lee', comment: `${name} it`, ...more })

function at(config: ConfigInput, nowMs = atMs, of: Alert = alert): Promise<Silencing | undefined> {
  const silences = createSilences(configSchema.parse({ project: 'bots', ...config }))
  return store.transaction((tx) => silences.at(tx, of, nowMs))
}

function add(match: string, fromMs: number, untilMs: number, project = 'bots'): Promise<number> {
  return store.transaction((tx) => tx.addSilence({ project, match, fromMs, untilMs, author: 'sam', comment: 'moving' }))
}

describe('what silences an alert', () => {
  it('is nothing where nothing matches, has begun, or is not over', async () => {
    expect(await at({ silences: [named('later', 2, { from: new Date(atMs + 1).toISOString() }), named('over', 0), named('other', 2, { match: "alert.agent == 'b'" })] })).toBeUndefined()
    await add("alert.agent == 'a'", atMs + 1, atMs + 9)
    await add("alert.agent == 'a'", 0, atMs)
    await add("alert.agent == 'a'", 0, atMs + 9, 'other')
    expect(await at({})).toBeUndefined()
    expect(await at({}, atMs + 1)).toMatchObject({ by: 'silence#1' })
  })

  it('is of several what lasts longest, with who wants it so and why', async () => {
    expect(await at({ silences: [named('short', 1), named('long', 3), named('middle', 2)] })).toEqual({
      by: 'silence:long', untilMs: atMs + 3 * hourMs, reason: 'silenced.silence', params: { author: 'lee', until: atMs + 3 * hourMs, comment: 'long it' },
    })
    await add('true', 0, atMs + 4 * hourMs)
    expect(await at({ silences: [named('long', 3)] })).toMatchObject({ by: 'silence#1', params: { author: 'sam', comment: 'moving' } })
    const window: NonNullable<ConfigInput['maintenance']>[number] = { name: 'sundays', days: ['sun'], hours: '10:00-22:00', timezone: 'UTC' }
    expect(await at({ silences: [named('long', 3)], maintenance: [window] })).toMatchObject({ by: 'maintenance:sundays', untilMs: atMs + 10 * hourMs, reason: 'silenced.maintenance', params: { name: 'sundays' } })
    expect(await at({ silences: [named('long', 3)], maintenance: [{ ...window, match: "alert.kind == 'cost'" }] })).toMatchObject({ by: 'silence#1' })
  })

  it('is a window in the zone of the configuration where it names none, and no window between two of them', async () => {
    const config: ConfigInput = { defaults: { timezone: 'Asia/Shanghai' }, maintenance: [{ name: 'evenings', hours: '20:00-22:00' }] }
    const silences = createSilences(configSchema.parse({ project: 'bots', ...config }))
    const seen = await store.transaction(async (tx) => [await silences.at(tx, alert, atMs - 1), await silences.at(tx, alert, atMs), await silences.at(tx, alert, atMs + 2 * hourMs), await silences.at(tx, alert, atMs + 24 * hourMs)])
    expect(seen.map((one) => one?.untilMs)).toEqual([undefined, atMs + 2 * hourMs, undefined, atMs + 26 * hourMs])
  })

  it('is not what cannot be read any more, nor what cannot be evaluated: better one message too many', async () => {
    await add('alert.agent ==', 0, atMs + 9)
    await add('alert.gone == 1', 0, atMs + 9)
    await add("alert.tags['x'] == 'y'", 0, atMs + 9)
    expect(await at({})).toBeUndefined()
    expect(await at({}, atMs, { ...alert, tags: { x: 'y' } })).toMatchObject({ by: 'silence#3' })
  })

  it('cannot be configured by a condition that cannot be read', () => {
    expect(() => createSilences(configSchema.parse({ silences: [named('wrong', 1, { match: 'alert.agnt == 1' })] }))).toThrow('silences.0.match: alert has no "agnt"')
  })

  it('is called by its name, or by the comment of whoever made it', async () => {
    const id = await add('true', 0, atMs + 5)
    const name = (by: string): Promise<string> => store.transaction((tx) => nameOfHush(tx, { alert: 1, project: 'bots', by, sinceMs: atMs, untilMs: atMs + 5 }))
    expect([await name('silence:deploy'), await name('maintenance:nights: all'), await name('snooze'), await name(`silence#${id}`), await name('silence#99')]).toEqual(['deploy', 'nights: all', 'snooze', 'moving', 'silence#99'])
  })
})

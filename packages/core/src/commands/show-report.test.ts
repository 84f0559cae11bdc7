import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { sampleEvent } from '../testing/store-suite/samples.ts'
import { showReport } from './show-report.ts'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-report-'))
const options = { config: join(folder, 'tocsin.yaml'), data: folder, terminalLocale: 'en', until: '2023-11-20' }
const show = (more: Partial<Parameters<typeof showReport>[0]> = {}) => showReport({ ...options, ...more }, {}, () => undefined)

beforeAll(async () => {
  writeFileSync(options.config, 'channels: { box: { type: inbox } }\npeople:\n  dana: { role: admin }\n  wei: { role: viewer, locale: zh-CN }\n')
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: systemClock, durability: 'normal' })
  const event = sampleEvent({ project: 'default', agent: 'support-bot', llm: { provider: 'openai', model: 'gpt-5', operation: 'chat', costNanoUsd: 3_000_000_000, costSource: 'priced' } })
  await store.transaction((tx) => tx.insertEvents([event]))
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('tocsin report', () => {
  test('prints the last whole week before a date, as an owner would be told', async () => {
    const { lines, value, ok } = await show()
    expect(ok).toBe(true)
    expect(lines[0]).toBe('Report for 13 Nov to 19 Nov, $3')
    expect(lines.join('\n')).toMatch(/^support-bot +1 +\$3 +100%$/m)
    expect(lines.join('\n')).not.toContain('You')
    expect(value).toMatchObject({ isForAll: true, every: 'week', fromMs: Date.UTC(2023, 10, 13), untilMs: Date.UTC(2023, 10, 20), spend: { nanoUsd: 3_000_000_000 } })
  })

  test('prints a day, of which one is quiet', async () => {
    expect((await show({ day: true, until: '2023-11-15' })).lines[0]).toBe('Report for 14 Nov, $3')
    expect((await show({ day: true, until: '2023-11-20T00:00:00+01:00' })).lines.join('\n')).toMatch(/^Report for 18 Nov, quiet\n\nQuiet: nothing happened\. \d+ rules watch\. 1 channel is ready\.$/)
  })

  test('prints what a person would be told, in their language, and no more', async () => {
    const { lines, value } = await show({ person: 'wei' })
    expect(lines.join('\n')).toContain('报告')
    expect(`${lines.join('\n')}${JSON.stringify(value)}`).not.toMatch(/\$|gpt-5|nanoUsd/)
    expect((await show({ person: 'wei', locale: 'en' })).lines[0]).toContain('Report for')
  })

  test('refuses what it cannot know', async () => {
    await expect(show({ person: 'nobody' })).rejects.toThrow(/nobody is called "nobody".*expected dana, wei/)
    await expect(show({ day: true, week: true })).rejects.toThrow('--day or --week')
    await expect(show({ until: 'last monday' })).rejects.toThrow('--until')
    await expect(show({ locale: 'fr' })).rejects.toThrow('--locale')
    await expect(show({ data: join(folder, 'elsewhere') })).rejects.toThrow('does not exist')
  })
})

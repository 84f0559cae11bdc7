import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../model/clock.ts'
import { actOnAlerts } from './act.ts'
import { openEngine } from './open-engine.ts'
import { sendByHand } from './send.ts'

let folder: string
let options: { readonly config: string; readonly data: string; readonly by: string }
const quiet = (): void => undefined
const run = (ids: readonly string[], action: Parameters<typeof actOnAlerts>[1], more: Partial<Parameters<typeof actOnAlerts>[2]> = {}): ReturnType<typeof actOnAlerts> => actOnAlerts(ids, action, { ...options, ...more }, {}, quiet)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-act-'))
  options = { config: join(folder, 'tocsin.yaml'), data: join(folder, 'data'), by: 'ana' }
  writeFileSync(options.config, "channels: { inbox: { type: inbox } }\npeople: { ana: { role: admin } }\nrules: { failing: { on: llm.call, when: \"event.status == 'error'\", severity: high, quiet: 1h } }\n")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('alerts are acted on by their names, and by deliveries that carried them; each says what became of it', async () => {
  const { engine } = await openEngine(options, {}, quiet)
  await engine.accept([{ source: 'observe', type: 'llm.call', id: 'one', atMs: systemClock.nowMs(), agent: 'bot', status: 'error', error: { class: 'server', message: 'no answer' }, llm: { provider: 'openai', model: 'gpt-5', operation: 'chat' } }])
  await engine.drain('all', 1_000)
  await engine.close()
  const snoozed = await run(['alt_1'], 'snooze', { for: '2h' })
  expect(snoozed).toMatchObject({ ok: true, value: { action: 'snooze', by: 'ana', alerts: [{ alert: 1, result: 'done' }] } })
  expect(snoozed.lines.join()).toMatch(/^alt_1 snoozed until .*Z\.$/)
  expect((await run(['dlv_1'], 'acknowledge')).lines).toContain('alt_1 acknowledged: nobody else is told while it is no worse.')
  expect((await run(['1'], 'acknowledge', { by: 'bo' })).lines.join()).toMatch(/alt_1 was so already by ana at .*; nothing changed/)
  expect(await run(['alt_1', 'alt_99'], 'resolve')).toMatchObject({ ok: false, value: { alerts: [{ result: 'done' }, { alert: 99, result: 'unknown' }] } })
  const over = await run(['alt_1'], 'acknowledge')
  expect([over.ok, over.lines.join()]).toEqual([false, expect.stringMatching(/^alt_1 is over since .*there is nothing to do about it\.$/)])
}, 30_000)

test('what is not there, and what is no name or duration, is wrong usage', async () => {
  await sendByHand({ ...options, title: 'x', severity: 'high' }, {}, quiet)
  await expect(run(['alt_9'], 'acknowledge')).rejects.toThrow('alt_9: not in this project')
  await expect(run(['dlv_9'], 'acknowledge')).rejects.toThrow('dlv_9 is not in')
  await expect(run(['session-1'], 'acknowledge')).rejects.toThrow('expected an alert such as alt_51 or a delivery such as dlv_12, found "session-1"')
  for (const wrong of ['soon', '1m', '8d']) await expect(run(['alt_1'], 'snooze', { for: wrong })).rejects.toThrow('--for: expected')
  await expect(run(['alt_1'], 'acknowledge', { data: join(folder, 'nowhere') })).rejects.toThrow('does not exist')
}, 30_000)

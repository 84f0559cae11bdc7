import { afterEach, expect, test } from 'vitest'
import type { ConfigInput } from './model/config.ts'
import { builtInRuleNames } from './rules/rules-of.ts'
import { callFailed, closeWorlds, engineWorld } from './testing/engine-world.ts'
import { Receiver } from './testing/receiver.ts'

afterEach(closeWorlds)

const minuteMs = 60_000
const off: ConfigInput['rules'] = Object.fromEntries(builtInRuleNames.map((name) => [name, false]))

test('two engines on one database tell a threshold once, and its end once, whoever of them took which events', async () => {
  const rules: ConfigInput['rules'] = { ...off, many: { on: 'llm.call', when: "event.status == 'error'", measure: 'count', above: 5, window: '1m' } }
  const mail = new Receiver('mail')
  const one = engineWorld({ rules }, [mail])
  const two = engineWorld({ rules }, [mail], { file: one.file })
  for (let i = 0; i < 12; i++) await (i % 2 === 0 ? one : two).engine.accept([callFailed(`call ${i}`, one.clock.nowMs())])
  await Promise.all([one.tick(1_000), two.tick(1_000)])
  expect(mail.subjects).toEqual(['[Warning] Rule many: 6, above 5'])
  for (let minutes = 1; minutes <= 3; minutes++) {
    one.clock.aheadMs = two.clock.aheadMs = minutes * minuteMs
    await Promise.all([one.tick(1_000), two.tick(1_000)])
  }
  expect(mail.subjects).toEqual(['[Warning] Rule many: 6, above 5', 'Resolved: Rule many: 6, above 5'])
})

test('a restart in the middle of for: begins nothing anew, and an alert is told again until somebody acknowledges it', async () => {
  const rules: ConfigInput['rules'] = { ...off, slow: { on: 'llm.call', measure: 'avg(durationMs)', above: 100, for: '3m', window: '10m', least: 1, again: '5m', severity: 'high' } }
  const mail = new Receiver('mail')
  const before = engineWorld({ rules }, [mail])
  await before.engine.accept([{ ...callFailed('slow', before.clock.nowMs()), durationMs: 900 }])
  for (const minutes of [0.5, 1, 1.5]) await before.at(minutes * minuteMs)
  await before.close()
  const after = engineWorld({ rules }, [mail], { file: before.file, aheadMs: 2 * minuteMs })
  await after.tick()
  expect(mail.subjects).toEqual([])
  await after.at(4.5 * minuteMs)
  expect(mail.subjects).toEqual(['[High] Rule slow: 900 ms, above 100 ms'])
  await after.at(9 * minuteMs)
  expect(mail.subjects).toHaveLength(1)
  await after.at(9.8 * minuteMs)
  expect(mail.subjects).toHaveLength(2)
  expect(mail.messages[1]).toMatchObject({ subject: '[High] Rule slow: 900 ms, above 100 ms' })
  expect(JSON.stringify(mail.messages[1])).toContain('It goes on.')
})

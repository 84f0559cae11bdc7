import { expect, test } from 'vitest'
import { columnsMax, columnsOf } from '../../packages/core/src/delivery/terminal-lines.ts'
import { run } from './child.ts'

const limitMs = 60_000

test('the demo ends by itself within 30 s, well, and prints who was told what and why not', { timeout: limitMs }, async () => {
  const { code, stdout, stderr } = await run('examples/demo/main.ts', [])
  expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => columnsOf(line) > columnsMax)).toEqual([])
  expect(stdout).toMatch(/^ +\d+\.\ds {2}refund-bot +FAILED at step 4/m)
  expect(stdout).toMatch(/^ +told +SMS +Dana +[\d.]+ s 【Tocsin】/m)
  expect(stdout).toMatch(/^ +told +e-mail +Lee +[\d.]+ s \[High\] Session failed: refund-bot/m)
  expect(stdout).toMatch(/^ +told +e-mail +Bo +[\d.]+ s \[High\] Budget team-day: 80% used/m)
  expect(stdout).toMatch(/^ +refused +Bo +/m)
  expect(stdout).toMatch(/^ +held +e-mail +Mei +/m)
  expect(stdout).toMatch(/^ +told +e-mail +Bo +[\d.]+ s \[High\] Unusual spend: \$/m)
  expect(stdout).toMatch(/^ +told +e-mail +Lee +[\d.]+ s \[Critical\] Outage of openai/m)
  expect(stdout).toMatch(/explain +ticket-7: told under its cause: "alt_\d+/)
  expect(stdout).toMatch(/\[REDACTED:openai-key:[0-9a-f]{8}\]/)
  expect(stdout).not.toMatch(/MISSING/)
  expect(lines.at(-1)).toMatch(/^0 missing, 0 told twice, 0 secrets out; (?:[12]?\d)\.\d s$/)
})

test('a demo in which expected mails do not arrive names them and exits with 1', { timeout: limitMs }, async () => {
  const { code, stdout } = await run('examples/demo/main.ts', ['--refuse-mail'])
  expect(code).toBe(1)
  expect(stdout).toContain('MISSING session-start mail with Node version, git commit and host')
  expect(stdout).toContain('  ok      Chinese text message to the +86 number')
  expect(stdout).toMatch(/^[1-9]\d* missing, 0 told twice, 0 secrets out/m)
})

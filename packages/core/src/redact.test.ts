import { expect, test } from 'vitest'
import { redact } from './index.ts'

test('anybody can redact a text, without an engine', () => {
  const redacted = redact('401 for sk-proj-4f9Qd2XbT8vKc1RzWm7Lp0Ye, ask dana@example.com')
  expect(redacted).toMatch(/^401 for \[REDACTED:openai-key:[0-9a-f]{8}\], ask \[REDACTED:email:[0-9a-f]{8}\]$/)
  expect(redact(redacted)).toBe(redacted)
  expect(redact('dana@example.com')).toBe(redacted.slice(redacted.indexOf('[REDACTED:email')))
})

test('what holds nothing comes back as it is', () => {
  expect(redact('resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b took 812 ms')).toBe('resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b took 812 ms')
  expect(redact('')).toBe('')
})

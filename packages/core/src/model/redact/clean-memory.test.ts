import { expect, test } from 'vitest'
import { createRedactor } from '../redact.ts'
import { rememberingClean } from './clean-memory.ts'

const secret = `sk-proj-${'4f9Qd2XbT8vKc1RzWm7Lp0Ye'.repeat(2)}`

test('a text with a secret is redacted each time', () => {
  const redact = rememberingClean(createRedactor({ personalData: false }))
  for (let time = 0; time < 3; time += 1) expect(redact(`key ${secret}`)).toMatch(/^key \[REDACTED:openai-key:[0-9a-f]{8}\]$/)
})

test('a clean text is looked at once', () => {
  const seen: string[] = []
  const redact = rememberingClean((text) => {
    seen.push(text)
    return text
  })
  for (let time = 0; time < 3; time += 1) expect(redact('support-bot')).toBe('support-bot')
  expect(seen).toEqual(['support-bot'])
})

test('long texts are not remembered, and neither is an endless row of short ones', () => {
  let asked = 0
  const redact = rememberingClean((text) => {
    asked += 1
    return text
  })
  for (let time = 0; time < 2; time += 1) redact('x'.repeat(201))
  expect(asked).toBe(2)
  for (let name = 0; name < 10_000; name += 1) redact(`name ${name}`)
  redact('name 0')
  expect(asked).toBe(10_003)
})

import { expect, test } from 'vitest'
import { isSameModel } from './model-name.ts'

test.each([
  ['gpt-5', 'gpt-5-2026-01-01'],
  ['gpt-5', 'openai/gpt-5'],
  ['gpt-4', 'gpt-4-0613'],
  ['claude-sonnet-4-5', 'claude-sonnet-4-5-20250929'],
  ['claude-sonnet-4.5', 'anthropic/claude-sonnet-4-5-20250929'],
  ['claude-sonnet-4-5-20250929', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['gemini-2.5-pro', 'models/gemini-2.5-pro-preview-05-06'],
  ['gemini-2.0-flash', 'gemini-2.0-flash-001'],
  ['claude-3-5-haiku-latest', 'claude-3-5-haiku-20241022'],
  ['deepseek/deepseek-chat:free', 'deepseek-chat'],
  ['openrouter/auto', 'gpt-5'],
  ['anthropic/claude-sonnet-4.5', 'anthropic/claude-4.5-sonnet-20250929'],
  ['gemini-2.5-flash', 'gemini-2.5-flash-preview-09-2025'],
  ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc', 'claude-sonnet-4-5'],
])('%s is %s', (one, other) => {
  expect([isSameModel(one, other), isSameModel(other, one)]).toEqual([true, true])
})

test.each([
  ['gpt-5', 'gpt-5-mini'],
  ['gpt-5', 'gpt-4o'],
  ['gpt-5.1', 'gpt-5'],
  ['claude-sonnet-4-5', 'claude-sonnet-4'],
  ['gpt-4', 'gpt-4-32k'],
  ['mistral-large', 'mistral-small'],
  ['gpt-4.5', 'gpt-5.4'],
])('%s is not %s', (one, other) => {
  expect([isSameModel(one, other), isSameModel(other, one)]).toEqual([false, false])
})

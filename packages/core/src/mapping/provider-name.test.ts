import { expect, test } from 'vitest'
import { finishReason } from './finish-reason.ts'
import { providerName, providerOfUrl } from './provider-name.ts'

test.each([
  ['OpenAI', 'openai'],
  ['openai.responses', 'openai'],
  ['azure.ai.openai', 'azure'],
  ['gcp.vertex_ai', 'google'],
  ['google.generative-ai', 'google'],
  ['aws.bedrock', 'aws'],
  ['anthropic.messages', 'anthropic'],
  ['fakeco.chat', 'fakeco'],
  ['', undefined],
  [7, undefined],
])('provider %s is %s', (given, name) => {
  expect(providerName(given)).toBe(name)
})

test.each([
  ['https://api.openai.com/v1', 'openai'],
  ['https://my.openai.azure.com/openai', 'azure'],
  ['https://europe-west1-aiplatform.googleapis.com/v1', 'google'],
  ['https://bedrock-runtime.us-east-1.amazonaws.com', 'aws'],
  ['http://127.0.0.1:4000/v1', undefined],
  ['https://notapi.openai.com.example.org', undefined],
  ['nonsense', undefined],
])('the provider at %s is %s', (url, name) => {
  expect(providerOfUrl(url)).toBe(name)
})

test.each([
  ['end_turn', 'stop'],
  [['tool_calls'], 'tool-calls'],
  ['MAX_TOKENS', 'length'],
  ['refusal', 'content-filter'],
  ['own_word', 'own_word'],
  [null, undefined],
])('the end %j is %s', (word, reason) => {
  expect(finishReason(word)).toBe(reason)
})

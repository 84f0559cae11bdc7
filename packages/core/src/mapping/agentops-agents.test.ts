import { expect, test } from 'vitest'
import type { FlatSpan } from './flat-span.ts'
import { mapSpan } from './map-span.ts'

/** As AgentOps' SDK for TypeScript writes it. */
function span(name: string, attributes: FlatSpan['attributes'], over: Partial<FlatSpan> = {}): FlatSpan {
  return { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: 'c'.repeat(16), name, startMs: 1_000, endMs: 1_100, attributes: { 'openai_agents.span_id': 'span_1', 'openai_agents.trace_id': 'trace_1', ...attributes }, status: 'ok', events: [], resource: { 'service.name': 'weather' }, scope: 'agentops', ...over }
}

test.each<[string, string, FlatSpan['attributes'], object]>([
  ['a response', 'Response', { 'response.id': 'resp_1', 'gen_ai.usage.input_tokens': 120, 'gen_ai.usage.output_tokens': 17 }, { type: 'llm.call', llm: { provider: 'openai', model: 'unknown', operation: 'chat', responseId: 'resp_1', inputTokens: 120, outputTokens: 17 } }],
  ['a generation without tokens', 'Generation', { 'gen_ai.prompt.0.role': 'user' }, { type: 'llm.call', llm: { operation: 'chat' } }],
  ['a generation that names its model', 'Generation', { 'gen_ai.request.model': 'gpt-4o' }, { type: 'llm.call', llm: { model: 'gpt-4o' } }],
  ['a generation of another provider, which says so', 'Generation', { 'gen_ai.request.model': 'claude-sonnet-5', 'gen_ai.system': 'anthropic' }, { type: 'llm.call', llm: { provider: 'anthropic', model: 'claude-sonnet-5' } }],
  ['speech', 'Speech', { 'gen_ai.request.model': 'tts-1' }, { type: 'llm.call', llm: { model: 'tts-1', operation: 'other' } }],
  ['a tool, whatever it is called', 'Response', { 'function.name': 'Response', 'function.input': '{"city":"Bern"}' }, { type: 'tool.call', tool: { name: 'Response', argumentsHash: expect.stringMatching(/^[0-9a-f]{8,}$/) as string } }],
  ['an agent, whatever it is called', 'Generation', { 'agent.name': 'Generation' }, { type: 'agent.step', agent: 'Generation' }],
  ['a handoff', 'Handoff', {}, { type: 'agent.step', name: 'Handoff' }],
  ['a guardrail that has the name of a call', 'Response', { 'guardrail.name': 'Response' }, { type: 'agent.step' }],
])('%s', (_, name, attributes, expected) => {
  expect(mapSpan(span(name, attributes))).toEqual([expect.objectContaining({ sessionId: 'a'.repeat(32), status: 'ok' })])
  expect(mapSpan(span(name, attributes))).toMatchObject([expected])
})

test('a call that failed says nothing but its name', () => {
  const failed = span('Response', {}, { status: 'error', statusMessage: '429 You exceeded your current quota' })
  expect(mapSpan(failed)).toMatchObject([{ type: 'llm.call', status: 'error', error: { class: 'quota', statusCode: 429 } }])
})

test('the same names without the mark of the Agents SDK are nothing', () => {
  expect(mapSpan({ ...span('Response', {}), attributes: { 'function.name': 'x', 'agent.name': 'y', 'response.id': 'z' } })).toEqual([])
})

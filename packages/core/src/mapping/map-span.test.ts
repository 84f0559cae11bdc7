import { describe, expect, test } from 'vitest'
import type { FlatSpan } from './flat-span.ts'
import { mapSpan } from './map-span.ts'
import { SpanMapper } from './span-mapper.ts'

const traceId = 'a'.repeat(32)
const spanId = 'b'.repeat(16)

function span(attributes: Readonly<Record<string, unknown>>, more: Partial<FlatSpan> = {}): FlatSpan {
  return { traceId, spanId, parentSpanId: 'c'.repeat(16), name: 'a span', startMs: 1_000, endMs: 1_500, attributes, status: 'unset', events: [], resource: {}, ...more }
}

const root = { parentSpanId: undefined }

describe('a model call', () => {
  test.each([
    ['OpenTelemetry of today', { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.response.model': 'm', 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 2, 'gen_ai.response.id': 'r', 'gen_ai.usage.cache_read.input_tokens': 4, 'gen_ai.response.finish_reasons': ['stop'], 'gen_ai.response.time_to_first_chunk': 0.25 }, { provider: 'google', timeToFirstTokenMs: 250 }],
    ['OpenTelemetry before 1.36', { 'gen_ai.operation.name': 'chat', 'gen_ai.system': 'az.ai.openai', 'gen_ai.response.model': 'm', 'gen_ai.usage.prompt_tokens': '10', 'gen_ai.usage.completion_tokens': 2, 'gen_ai.response.id': 'r', 'gen_ai.usage.cache_read.input_tokens': 4, 'gen_ai.response.finish_reasons': ['stop'] }, { provider: 'azure' }],
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.provider': 'google', 'llm.model_name': 'm', 'llm.token_count.prompt': 10, 'llm.token_count.completion': 2, 'llm.token_count.prompt_details.cache_read': 4, 'llm.finish_reason': 'stop', 'output.value': '{"id":"r","object":"chat.completion"', 'llm.cost.total': 0.5 }, { provider: 'google', costNanoUsd: 500_000_000, costSource: 'reported' }],
    ['OpenLLMetry', { 'llm.request.type': 'chat', 'gen_ai.system': 'OpenAI', 'gen_ai.response.model': 'm', 'llm.usage.total_tokens': 12, 'gen_ai.usage.completion_tokens': 2, 'gen_ai.response.id': 'r', 'gen_ai.usage.cache_read_input_tokens': 4, 'llm.response.finish_reason': 'stop' }, { provider: 'openai' }],
    ['the AI SDK’s old names', { 'ai.operationId': 'ai.streamText.doStream', 'ai.model.provider': 'openai.responses', 'ai.response.model': 'm', 'ai.usage.inputTokens': 10, 'ai.usage.outputTokens': 2, 'ai.response.id': 'r', 'ai.usage.cachedInputTokens': 4, 'ai.response.finishReason': 'stop', 'ai.response.msToFirstChunk': 15 }, { provider: 'openai', streamed: true, timeToFirstTokenMs: 15 }],
    ['AgentOps', { 'agentops.span.kind': 'llm', 'gen_ai.system': 'Anthropic', 'gen_ai.response.model': 'm', 'gen_ai.usage.prompt_tokens': 10, 'gen_ai.usage.completion_tokens': 2, 'gen_ai.response.id': 'r', 'gen_ai.usage.cache_read_input_tokens': 4, 'gen_ai.completion.0.finish_reason': 'stop', 'gen_ai.usage.total_cost': '0.002' }, { provider: 'anthropic', costNanoUsd: 2_000_000, costSource: 'reported' }],
    ['Langfuse', { 'langfuse.observation.type': 'generation', 'gen_ai.system': 'openai', 'langfuse.observation.model.name': 'm', 'langfuse.observation.usage_details': '{"input":10,"output":2,"cache_read_input_tokens":4}', 'langfuse.observation.cost_details': '{"total":0.001}', 'gen_ai.response.id': 'r', 'gen_ai.response.finish_reasons': ['stop'], 'langfuse.observation.completion_start_time': '"1970-01-01T00:00:01.100Z"' }, { provider: 'openai', costNanoUsd: 1_000_000, timeToFirstTokenMs: 100 }],
  ])('in the words of %s', (_dialect, attributes, particular) => {
    const events = mapSpan(span(attributes))
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      id: `${traceId}:${spanId}:llm.call`,
      type: 'llm.call',
      source: 'otel',
      atMs: 1_500,
      durationMs: 500,
      status: 'ok',
      llm: { model: 'm', operation: 'chat', inputTokens: 10, outputTokens: 2, cacheReadTokens: 4, responseId: 'r', finishReason: 'stop', ...particular },
    })
  })

  test('takes the class of its failure from the word, the status or the exception', () => {
    const failed = (attributes: Readonly<Record<string, unknown>>, more: Partial<FlatSpan> = {}): unknown => mapSpan(span({ 'gen_ai.operation.name': 'chat', ...attributes }, { status: 'error', ...more }))[0]?.error
    expect(failed({ 'error.type': 'RateLimitError' }, { statusMessage: '429 You exceeded your current quota' })).toMatchObject({ class: 'quota', statusCode: 429, code: 'RateLimitError' })
    expect(failed({ 'http.response.status_code': 503 })).toMatchObject({ class: 'server', statusCode: 503 })
    expect(failed({ 'error.type': 'timeout' })).toMatchObject({ class: 'timeout' })
    expect(failed({}, { events: [{ name: 'exception', attributes: { 'exception.type': 'AbortError', 'exception.message': 'stopped' } }] })).toEqual({ class: 'cancelled', message: 'stopped', code: 'AbortError' })
    expect(failed({}, { statusMessage: 'x'.repeat(1_000_000) })).toMatchObject({ class: 'other', message: 'x'.repeat(2_000) })
    expect(mapSpan(span({ 'langfuse.observation.type': 'generation', 'langfuse.observation.level': 'ERROR', 'langfuse.observation.status_message': 'no' }))[0]).toMatchObject({ status: 'error', error: { message: 'no' } })
  })

  test('takes no nonsense for numbers', () => {
    const events = mapSpan(span({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': Number.NaN, 'gen_ai.usage.output_tokens': -1, 'gen_ai.usage.cache_read.input_tokens': 1e300, 'gen_ai.usage.reasoning.output_tokens': {} }))
    expect(events[0]?.llm).toEqual({ provider: 'unknown', model: 'unknown', operation: 'chat' })
    expect(mapSpan(span({ 'gen_ai.operation.name': 'chat' }, { endMs: Number.NaN }))).toEqual([])
  })
})

describe('a tool call', () => {
  test.each([
    [{ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'search', 'gen_ai.tool.call.id': 'c1', 'gen_ai.tool.call.arguments': '{"b":1,"a":"x"}' }],
    [{ 'openinference.span.kind': 'TOOL', 'tool.name': 'search', 'tool.id': 'c1', 'tool.parameters': '{"a":"x","b":1}' }],
    [{ 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'search', 'ai.toolCall.id': 'c1', 'ai.toolCall.args': '{"a":"x", "b":1}' }],
    [{ 'agentops.span.kind': 'tool', 'tool.name': 'search', 'tool.id': 'c1', 'tool.parameters': '{"a":"x","b":1}' }],
  ])('has the same hash for the same arguments: %j', (attributes) => {
    const [event] = mapSpan(span(attributes))
    expect(event).toMatchObject({ type: 'tool.call', tool: { name: 'search', callId: 'c1' } })
    expect(event?.tool?.argumentsHash).toBe(mapSpan(span({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.arguments': { a: 'x', b: 1 } }))[0]?.tool?.argumentsHash)
  })

  test('of OpenLLMetry has the entity’s name', () => {
    expect(mapSpan(span({ 'traceloop.span.kind': 'tool', 'traceloop.entity.name': 'search', 'traceloop.entity.input': '{}' }))[0]).toMatchObject({ tool: { name: 'search' } })
  })
})

describe('sessions', () => {
  test('an agent at the root is one, with its status; elsewhere it is a step', () => {
    const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'bot', 'gen_ai.usage.input_tokens': 84 }
    expect(mapSpan(span(agent, { ...root, status: 'error', statusMessage: 'gave up' }))).toMatchObject([
      { type: 'session.start', id: `${traceId}:${spanId}:session.start:start`, atMs: 1_000, sessionId: traceId, agent: 'bot', status: 'ok' },
      { type: 'session.end', id: `${traceId}:${spanId}:session.end:end`, atMs: 1_500, sessionId: traceId, endState: 'fail', endReason: 'gave up', status: 'error' },
    ])
    expect(mapSpan(span(agent))).toMatchObject([{ type: 'agent.step', agent: 'bot' }])
    expect(mapSpan(span(agent, root), { sessionId: 's', insideSession: true })).toMatchObject([{ type: 'agent.step', sessionId: 's' }])
    expect(JSON.stringify(mapSpan(span(agent, root)))).not.toContain('84')
  })

  test('a model call at the root is none, unless it names one', () => {
    expect(mapSpan(span({ 'gen_ai.operation.name': 'chat' }, root)).map((event) => [event.type, event.sessionId])).toEqual([['llm.call', undefined]])
    expect(mapSpan(span({ 'gen_ai.operation.name': 'chat', 'gen_ai.conversation.id': 'conv' }, root))[0]?.sessionId).toBe('conv')
    expect(mapSpan(span({ 'openinference.span.kind': 'LLM', 'session.id': 's', 'user.id': 'u' }))[0]).toMatchObject({ sessionId: 's', user: 'u' })
    expect(mapSpan(span({ 'llm.request.type': 'chat', 'traceloop.association.properties.session_id': 's', 'traceloop.association.properties.tenant': 't' }))[0]).toMatchObject({ sessionId: 's', tags: { tenant: 't' } })
  })

  test('AgentOps gives the trace as session, and its end state', () => {
    const [, end] = mapSpan(span({ 'agentops.span.kind': 'session', 'agentops.session.end_state': 'Indeterminate', 'agentops.tags': ['blue', 'green'] }, root))
    expect(end).toMatchObject({ type: 'session.end', sessionId: traceId, endState: 'indeterminate', status: 'ok', tags: { blue: 'true', green: 'true' } })
  })

  test('spans of one trace share the session of its root, in whatever order they come', () => {
    const mapper = new SpanMapper()
    const agent = span({ 'traceloop.span.kind': 'workflow', 'traceloop.entity.name': 'flow', 'traceloop.workflow.name': 'flow' }, root)
    const call = span({ 'gen_ai.operation.name': 'chat' }, { spanId: 'd'.repeat(16) })
    expect(mapper.map([call, agent]).map((event) => [event.type, event.sessionId, event.agent])).toEqual([
      ['llm.call', traceId, 'flow'],
      ['session.start', traceId, 'flow'],
      ['session.end', traceId, 'flow'],
    ])
    expect(mapper.map([span({ 'gen_ai.operation.name': 'chat' }, { spanId: 'e'.repeat(16) })])[0]?.sessionId).toBe(traceId)
  })
})

test('a model span above another model span is a step: its usage is the other’s', () => {
  const mapper = new SpanMapper()
  const inner = span({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 5 }, { spanId: 'd'.repeat(16), parentSpanId: spanId })
  const outer = span({ 'openinference.span.kind': 'LLM', 'llm.token_count.prompt': 5 })
  expect(mapper.map([inner])[0]?.type).toBe('llm.call')
  expect(mapper.map([outer]).map((event) => [event.type, event.llm])).toEqual([['agent.step', undefined]])
})

test('a span that is about something else is no event', () => {
  expect(mapSpan(span({ 'http.request.method': 'GET', 'session.id': 's', 'gen_ai.usage.input_tokens': 5 }, root))).toEqual([])
})

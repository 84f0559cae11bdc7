import { describe, expect, test } from 'vitest'
import type { FlatLog } from './flat-log.ts'
import { mapLogs } from './map-log.ts'

const atMs = 1_795_330_019_483

/** As Claude Code writes them: the name short in an attribute and long in the body, numbers as numbers or, in older versions, as texts. */
function claude(name: string, attributes: Readonly<Record<string, unknown>>): FlatLog {
  return {
    atMs,
    body: `claude_code.${name}`,
    attributes: { 'session.id': 'session-1', 'user.id': 'u-anonymous', 'user.email': 'dana@example.com', 'organization.id': 'org-1', 'terminal.type': 'vscode', 'event.name': name, 'event.timestamp': '2026-11-22T06:46:59.483Z', 'event.sequence': 3, 'prompt.id': 'prompt-1', ...attributes },
    resource: { 'service.name': 'claude-code', 'service.version': '2.1.224', 'os.type': 'linux', 'host.arch': 'amd64', 'department': 'engineering', 'team.id': 'platform' },
    scope: 'com.anthropic.claude_code.events',
  }
}

/** As Codex writes them: everything but a few numbers is text. */
function codex(name: string, attributes: Readonly<Record<string, unknown>>): FlatLog {
  return {
    atMs,
    eventName: 'event otel/src/events/session_telemetry.rs:712',
    body: undefined,
    attributes: { 'event.name': name, 'event.timestamp': '2026-11-22T06:46:59.483Z', 'conversation.id': 'conversation-1', 'app.version': '0.140.0', 'auth_mode': 'ApiKey', 'originator': 'codex_cli_rs', 'user.account_id': 'account-1', 'terminal.type': 'xterm', 'model': 'gpt-5-codex', 'slug': 'gpt-5-codex', ...attributes },
    resource: { 'service.name': 'codex_cli_rs', 'service.version': '0.140.0', 'env': 'dev' },
  }
}

const one = (log: FlatLog): unknown => mapLogs([log]).events[0]

describe('Claude Code', () => {
  test('a request is a model call: tokens with those of the cache, the cost as it was reported', () => {
    const call = { model: 'claude-sonnet-5', cost_usd: 0.0125, cost_usd_micros: 12_512, duration_ms: 2_100, input_tokens: 12, output_tokens: 340, cache_read_tokens: 20_000, cache_creation_tokens: 1_500, request_id: 'req_011', speed: 'normal', query_source: 'repl_main_thread' }
    expect(one(claude('api_request', call))).toMatchObject({
      type: 'llm.call', source: 'otel', atMs, durationMs: 2_100, sessionId: 'session-1', agent: 'claude-code', user: 'dana@example.com', status: 'ok',
      tags: { 'service': 'claude-code', 'query_source': 'repl_main_thread', 'speed': 'normal', 'department': 'engineering', 'team.id': 'platform' },
      detail: { request_id: 'req_011', prompt_id: 'prompt-1' },
      llm: { provider: 'anthropic', model: 'claude-sonnet-5', operation: 'chat', inputTokens: 21_512, outputTokens: 340, cacheReadTokens: 20_000, cacheWriteTokens: 1_500, costNanoUsd: 12_512_000, costSource: 'reported' },
    })
    // Older versions: texts, and no micros.
    expect(one(claude('api_request', { model: 'claude-sonnet-5', cost_usd: '0.0125', duration_ms: '2100', input_tokens: '12', output_tokens: '340', cache_read_tokens: '0', cache_creation_tokens: '0' }))).toMatchObject({
      durationMs: 2_100, llm: { inputTokens: 12, outputTokens: 340, costNanoUsd: 12_500_000 },
    })
  })

  test('an error is a call that failed, after so many retries', () => {
    expect(one(claude('api_error', { model: 'claude-sonnet-5', error: '529 overloaded_error: Overloaded', status_code: '529', duration_ms: 900, attempt: 11 }))).toMatchObject({
      type: 'llm.call', status: 'error', error: { class: 'server', statusCode: 529, message: '529 overloaded_error: Overloaded' }, llm: { retries: 10 },
    })
    expect(one(claude('api_error', { model: 'claude-sonnet-5', error: 'prompt is too long: 210000 tokens > 200000 maximum', status_code: 400 }))).toMatchObject({ error: { class: 'context-length' } })
  })

  test('a refusal is told beside its request and is no second call', () => {
    expect(one(claude('api_refusal', { model: 'claude-sonnet-5' }))).toMatchObject({ type: 'agent.step', status: 'error', error: { class: 'content-filter' } })
  })

  test('tools, with what failed; equal arguments give equal hashes', () => {
    expect(one(claude('tool_result', { tool_name: 'Bash', tool_use_id: 'toolu_1', success: 'false', duration_ms: '1831', error_type: 'ShellError', tool_parameters: '{"bash_command":"ls"}' }))).toMatchObject({
      type: 'tool.call', status: 'error', durationMs: 1_831, tool: { name: 'Bash', callId: 'toolu_1', argumentsHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string }, error: { message: 'ShellError', code: 'ShellError' },
    })
    // The name of the field before version 1.0.50.
    expect(one(claude('tool_result', { name: 'Read', success: 'true' }))).toMatchObject({ status: 'ok', tool: { name: 'Read' } })
  })

  test('a prompt is activity of its session, and what it says is not kept', () => {
    const event = one(claude('user_prompt', { prompt_length: 12, prompt: 'my secret plan' }))
    expect(event).toMatchObject({ type: 'custom', sessionId: 'session-1', name: 'claude_code.user_prompt' })
    expect(JSON.stringify(event)).not.toContain('secret')
  })

  test('what it tells beside that is known and not used', () => {
    expect(mapLogs([claude('tool_decision', { tool_name: 'Bash', decision: 'accept' }), claude('mcp_server_connection', {}), claude('something_new', {})])).toEqual({ events: [], unused: 3, others: 0 })
  })
})

describe('Codex', () => {
  test('the stream’s last word is the call; that it was asked for is not counted again', () => {
    const completed = codex('codex.sse_event', { 'event.kind': 'response.completed', 'input_token_count': '1200', 'output_token_count': '80', 'cached_token_count': 1_000, 'reasoning_token_count': 64, 'tool_token_count': '1280' })
    const { events, unused } = mapLogs([codex('codex.api_request', { 'duration_ms': '410', 'http.response.status_code': 200, 'attempt': 0 }), codex('codex.sse_event', { 'event.kind': 'response.output_item.done', 'duration_ms': '3' }), completed])
    expect(unused).toBe(2)
    expect(events).toMatchObject([{
      type: 'llm.call', sessionId: 'conversation-1', agent: 'codex', user: 'account-1', environment: 'dev', status: 'ok',
      llm: { provider: 'openai', model: 'gpt-5-codex', inputTokens: 1_200, outputTokens: 80, cacheReadTokens: 1_000, reasoningTokens: 64 },
    }])
  })

  test('a request, a stream or a connection that failed is a call that failed', () => {
    expect(one(codex('codex.api_request', { 'duration_ms': '300', 'http.response.status_code': 429, 'error.message': 'too many requests', 'attempt': 2 }))).toMatchObject({ type: 'llm.call', status: 'error', durationMs: 300, error: { class: 'rate-limit', statusCode: 429 }, llm: { model: 'gpt-5-codex', retries: 2 } })
    expect(one(codex('codex.sse_event', { 'event.kind': 'response.failed', 'duration_ms': '5', 'error.message': 'stream disconnected' }))).toMatchObject({ type: 'llm.call', error: { message: 'stream disconnected' } })
    expect(one(codex('codex.websocket_request', { success: 'false', duration_ms: '5' }))).toMatchObject({ type: 'llm.call', status: 'error', error: { message: 'failed' } })
    expect(one(codex('codex.websocket_connect', { success: 'true', duration_ms: '5' }))).toBeUndefined()
  })

  test('tools: arguments are hashed, the output is kept only where it says why it failed', () => {
    const fine = one(codex('codex.tool_result', { tool_name: 'shell', call_id: 'call_1', arguments: '{"command":["ls"]}', duration_ms: '52', success: 'true', output: 'a private file' }))
    expect(fine).toMatchObject({ type: 'tool.call', status: 'ok', durationMs: 52, tool: { name: 'shell', callId: 'call_1', argumentsHash: expect.any(String) as string } })
    expect(JSON.stringify(fine)).not.toContain('private')
    expect(one(codex('codex.tool_result', { tool_name: 'shell', success: 'false', output: 'command timed out' }))).toMatchObject({ status: 'error', error: { message: 'command timed out' } })
  })
})

describe('the conventions for generative AI', () => {
  const attributes = { 'event.name': 'gen_ai.client.inference.operation.details', 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'gpt-5-mini', 'gen_ai.usage.input_tokens': 42, 'gen_ai.usage.output_tokens': 7, 'gen_ai.conversation.id': 'c-1' }
  const log: FlatLog = { atMs, body: undefined, attributes, resource: { 'service.name': 'agent' } }

  test('an event that stands alone is its call, one in a span is told by the span', () => {
    expect(one(log)).toMatchObject({ type: 'llm.call', sessionId: 'c-1', status: 'ok', llm: { provider: 'openai', model: 'gpt-5-mini', inputTokens: 42 }, tags: { service: 'agent' } })
    expect(mapLogs([{ ...log, traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }])).toEqual({ events: [], unused: 1, others: 0 })
  })

  test('an exception that stands alone and says of which call is a call that failed', () => {
    const exception = { ...attributes, 'event.name': 'gen_ai.client.operation.exception', 'exception.type': 'RateLimitError', 'exception.message': '429 too many' }
    expect(one({ ...log, attributes: exception })).toMatchObject({ type: 'llm.call', status: 'error', error: { class: 'rate-limit', message: '429 too many' } })
    expect(mapLogs([{ ...log, attributes: { 'event.name': 'gen_ai.client.operation.exception', 'exception.type': 'X' } }]).unused).toBe(1)
  })
})

describe('identity', () => {
  const request = claude('api_request', { model: 'claude-sonnet-5', input_tokens: 1 })

  test('what is sent again has the same id, what differs in anything has another, and equal ones in one message are two', () => {
    const [first, second] = mapLogs([request, request]).events
    expect(mapLogs([request, request]).events).toEqual([first, second])
    expect(first?.id).not.toBe(second?.id)
    expect(mapLogs([{ ...request, attributes: { ...request.attributes, 'event.sequence': 4 } }]).events[0]?.id).not.toBe(first?.id)
    expect(mapLogs([{ ...request, attributes: { ...request.attributes, 'session.id': 's'.repeat(500) } }]).events[0]?.id?.length).toBeLessThanOrEqual(200)
  })

  test('a record of anything else is counted, one without a time is not used, and nothing throws', () => {
    const { atMs: _atMs, ...timeless } = request
    expect(mapLogs([{ ...timeless }, { atMs, body: 'GET /health 200', attributes: {}, resource: {} }, { atMs, body: undefined, attributes: {}, resource: {} }])).toEqual({ events: [], unused: 1, others: 2 })
    const odd = { ...claude('api_request', { model: 7, cost_usd: 'much', duration_ms: -1, input_tokens: Number.NaN, cache_read_tokens: {} }) }
    expect(one(odd)).toMatchObject({ type: 'llm.call', llm: { model: 'unknown' } })
  })
})

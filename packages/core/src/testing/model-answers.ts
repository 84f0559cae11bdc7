import { anthropicAnswer, anthropicError } from './model-answers-anthropic.ts'
import { openAiAnswer, openAiError } from './model-answers-openai.ts'
import type { Content, FullContent, ProviderRequest, Reply, WireAnswer, WireError } from './model-wire.ts'

/** The answer to one request in the wire format that its path asks for. */
export function answerFor(request: ProviderRequest, reply: Exclude<Reply, { kind: 'reset' | 'slow' }>, count: number): WireAnswer {
  const anthropic = request.path.includes('/messages')
  const error = wireError(request, reply)
  if (error !== undefined) {
    const body = anthropic ? anthropicError(error) : openAiError(error)
    return { statusCode: error.statusCode, headers: { ...jsonHeaders(count), ...error.headers }, body: JSON.stringify(body) }
  }
  const content = fullContent(request, reply)
  const answer = anthropic ? anthropicAnswer(request, content, count) : openAiAnswer(request, content, count)
  if (typeof answer === 'object' && 'json' in answer) return { statusCode: 200, headers: jsonHeaders(count), body: JSON.stringify(answer.json) }
  const pieces = reply.kind === 'cut-off' ? answer.pieces.slice(0, reply.pieces) : answer.pieces
  return {
    statusCode: 200,
    headers: { ...jsonHeaders(count), 'content-type': 'text/event-stream; charset=utf-8' },
    pieces,
    pauseMs: content.pauseMs,
    ...(reply.kind === 'cut-off' && reply.reset === true && { reset: true }),
  }
}

function jsonHeaders(count: number): Record<string, string> {
  return { 'content-type': 'application/json', 'x-request-id': `req_${count}`, 'request-id': `req_${count}` }
}

function fullContent(request: ProviderRequest, reply: Exclude<Reply, { kind: 'reset' | 'slow' }>): FullContent {
  const given: Content = 'text' in reply || reply.kind === 'ok' || reply.kind === 'cut-off' ? reply : {}
  const toolCalls = given.toolCalls ?? []
  const asked = request.body?.['model']
  return {
    text: reply.kind === 'empty' ? '' : (given.text ?? (toolCalls.length > 0 ? '' : 'Hello from the local provider.')),
    toolCalls,
    inputTokens: given.inputTokens ?? 42,
    outputTokens: given.outputTokens ?? (reply.kind === 'empty' ? 0 : 7),
    cachedTokens: given.cachedTokens ?? 0,
    reasoningTokens: given.reasoningTokens ?? 0,
    pauseMs: given.pauseMs ?? 0,
    model: given.model ?? (typeof asked === 'string' ? asked : 'local-model'),
    finishReason: finishReasonOf(reply, given),
  }
}

function finishReasonOf(reply: Reply, given: Content): FullContent['finishReason'] {
  if (reply.kind === 'content-filter') return 'content-filter'
  if (given.finishReason === 'length' || given.finishReason === 'content-filter') return given.finishReason
  return given.toolCalls !== undefined && given.toolCalls.length > 0 ? 'tool-calls' : 'stop'
}

function wireError(request: ProviderRequest, reply: Reply): WireError | undefined {
  switch (reply.kind) {
    case 'unauthorized':
      return { statusCode: 401, openAi: { type: 'invalid_request_error', code: 'invalid_api_key' }, anthropic: 'authentication_error', message: `Incorrect API key provided: ${keyOf(request)}. You can find your API key at https://platform.example.com/account/api-keys.` }
    case 'rate-limited':
      return {
        statusCode: 429,
        openAi: { type: 'tokens', code: 'rate_limit_exceeded' },
        anthropic: 'rate_limit_error',
        message: 'Rate limit reached for requests per min. Please try again later.',
        headers: reply.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(reply.retryAfterMs) },
      }
    case 'quota':
      return {
        statusCode: 429,
        openAi: { type: 'insufficient_quota', code: 'insufficient_quota' },
        anthropic: 'billing_error',
        message: `You exceeded your current quota, please check your plan and billing details.${reply.echo === undefined ? '' : ` Key: ${reply.echo}`}`,
        // The retries of the clients shall not make a test or the demo wait.
        headers: { 'retry-after-ms': '5' },
      }
    case 'context-length':
      return { statusCode: 400, openAi: { type: 'invalid_request_error', code: 'context_length_exceeded' }, anthropic: 'invalid_request_error', message: 'prompt is too long: 250000 tokens > 200000 maximum' }
    case 'server-error':
      return { statusCode: reply.statusCode ?? 500, openAi: { type: 'server_error', code: null }, anthropic: reply.statusCode === 529 ? 'overloaded_error' : 'api_error', message: 'The server had an error while processing your request.', headers: { 'retry-after-ms': '5' } }
    default:
      return undefined
  }
}

function keyOf(request: ProviderRequest): string {
  const bearer = request.headers['authorization']
  const key = request.headers['x-api-key']
  if (typeof bearer === 'string') return bearer.replace(/^Bearer /, '')
  return typeof key === 'string' ? key : 'none'
}

import type { EventError, EventInput } from '../model/event.ts'
import { argumentsHash } from './arguments-hash.ts'
import { errorClass, httpStatus } from './error-class.ts'
import type { FlatLog, LogDialect, LogReading } from './flat-log.ts'
import { peopleTags } from './log-tags.ts'
import { amount, first, known, text, tokens } from './read.ts'

/**
 * The log events of OpenAI's Codex. A call is told by several: that it was asked for, and by the stream that it is complete, with
 * its tokens. The last one is the call; the others count where they failed, for then no last one comes. Numbers and truth come as texts.
 *
 * @see https://developers.openai.com/codex/security
 */
export const codex: LogDialect = (name, log) => {
  if (!name.startsWith('codex.')) return undefined
  const a = log.attributes
  const failure = text(a['error.message'], 2_000)
  switch (name) {
    case 'codex.sse_event':
    case 'codex.websocket_event':
      if (failure !== undefined || a['success'] === 'false') return failedCall(name, log, failure)
      return a['event.kind'] === 'response.completed' && a['input_token_count'] !== undefined ? { ...baseOf(name, log), type: 'llm.call', status: 'ok', llm: callOf(log) } : 'unused'
    case 'codex.api_request':
    case 'codex.websocket_request':
    case 'codex.websocket_connect':
      return failure !== undefined || a['success'] === 'false' || (statusOf(log) ?? 0) >= 400 ? failedCall(name, log, failure) : 'unused'
    case 'codex.tool_result':
      return toolOf(name, log)
    case 'codex.user_prompt':
    case 'codex.conversation_starts':
      return { ...baseOf(name, log), type: 'custom', status: 'ok' }
    default:
      return 'unused'
  }
}

function baseOf(name: string, log: FlatLog): Omit<LogReading, 'type'> {
  const a = log.attributes
  return {
    name,
    ...known('durationMs', amount(a['duration_ms'])),
    ...known('sessionId', text(a['conversation.id'])),
    agent: 'codex',
    ...known('user', first(text(a['user.email']), text(a['user.account_id']))),
    // Codex names it `env` in its configuration.
    ...known('environment', first(text(log.resource['env']), text(log.resource['deployment.environment.name']))),
    ...known('tags', peopleTags(log, ['originator', 'mcp_server'])),
  }
}

function callOf({ attributes: a }: FlatLog): NonNullable<EventInput['llm']> {
  const attempt = tokens(a['attempt'])
  return {
    provider: 'openai',
    model: first(text(a['model']), text(a['slug'])) ?? 'unknown',
    operation: 'chat',
    ...known('inputTokens', tokens(a['input_token_count'])),
    ...known('outputTokens', tokens(a['output_token_count'])),
    ...known('cacheReadTokens', tokens(a['cached_token_count'])),
    ...known('reasoningTokens', tokens(a['reasoning_token_count'])),
    ...(attempt !== undefined && attempt > 0 && { retries: attempt }),
  }
}

function statusOf({ attributes: a }: FlatLog): number | undefined {
  return httpStatus(a['http.response.status_code'])
}

function failedCall(name: string, log: FlatLog, said: string | undefined): LogReading {
  const statusCode = statusOf(log)
  const code = text(log.attributes['auth.error_code'])
  const message = first(said, text(log.attributes['auth.error'], 2_000), statusCode === undefined ? undefined : `HTTP ${statusCode}`) ?? 'failed'
  const error: EventError = { class: errorClass({ ...known('statusCode', statusCode), words: code === undefined ? [] : [code], message }), message, ...known('statusCode', statusCode), ...known('code', code) }
  return { ...baseOf(name, log), type: 'llm.call', status: 'error', llm: callOf(log), error }
}

function toolOf(name: string, log: FlatLog): LogReading {
  const a = log.attributes
  const failed = a['success'] === 'false' || a['success'] === false
  const message = text(a['output'], 2_000) ?? 'failed'
  return {
    ...baseOf(name, log),
    type: 'tool.call',
    status: failed ? 'error' : 'ok',
    tool: { name: text(a['tool_name']) ?? 'unknown', ...known('callId', text(a['call_id'])), ...known('argumentsHash', argumentsHash(a['arguments'])) },
    ...(failed && { error: { class: errorClass({ words: [], message }), message } }),
  }
}

import type { EventError, EventInput } from '../model/event.ts'
import { nanoFromUsd } from '../model/money.ts'
import { argumentsHash } from './arguments-hash.ts'
import { errorClass, httpStatus } from './error-class.ts'
import type { FlatLog, LogDialect, LogReading } from './flat-log.ts'
import { peopleTags } from './log-tags.ts'
import { amount, first, known, sum, text, tokens } from './read.ts'

const prefix = 'claude_code.'
/** Name of the event that is a call with its cost. */
export const apiRequestName = `${prefix}api_request`

/**
 * The log events of Claude Code. A request is a model call with the cost that Claude Code reckoned; its token counts leave
 * out what came from the cache or went into it, ours hold it. Numbers may come as texts. What else it tells (decisions about
 * tools, plugins, connections) is known and not used.
 *
 * @see https://code.claude.com/docs/en/monitoring-usage
 */
export const claudeCode: LogDialect = (given, log) => {
  const isOurs = given.startsWith(prefix) || log.scope?.startsWith('com.anthropic.claude_code') === true || log.resource['service.name'] === 'claude-code'
  if (!isOurs) return undefined
  const name = given.startsWith(prefix) ? given : prefix + given
  switch (name) {
    case apiRequestName:
      return { ...baseOf(name, log), type: 'llm.call', status: 'ok', llm: callOf(log) }
    case 'claude_code.api_error':
      return { ...baseOf(name, log), type: 'llm.call', status: 'error', llm: callOf(log), error: callError(log) }
    case 'claude_code.api_refusal':
      // The request itself is told by `api_request`: this is no second call.
      return { ...baseOf(name, log), type: 'agent.step', status: 'error', error: { class: 'content-filter', message: 'the model refused to answer' } }
    case 'claude_code.tool_result':
      return toolOf(name, log)
    case 'claude_code.user_prompt':
      return { ...baseOf(name, log), type: 'custom', status: 'ok' }
    default:
      return 'unused'
  }
}

function baseOf(name: string, log: FlatLog): Omit<LogReading, 'type'> {
  const a = log.attributes
  const durationMs = amount(a['duration_ms'])
  const request = text(a['request_id'])
  const prompt = text(a['prompt.id'])
  return {
    name,
    ...known('durationMs', durationMs),
    ...known('sessionId', text(a['session.id'])),
    agent: text(a['agent.name']) ?? 'claude-code',
    ...known('user', first(text(a['user.email']), text(a['user.account_uuid']), text(a['user.id']))),
    ...known('tags', peopleTags(log, ['query_source', 'speed', 'effort', 'skill.name', 'plugin.name'])),
    ...((request !== undefined || prompt !== undefined) && { detail: { ...known('request_id', request), ...known('prompt_id', prompt) } }),
  }
}

function callOf({ attributes: a }: FlatLog): NonNullable<EventInput['llm']> {
  const cacheReadTokens = tokens(a['cache_read_tokens'])
  const cacheWriteTokens = tokens(a['cache_creation_tokens'])
  const costUsd = amount(a['cost_usd'])
  const micros = amount(a['cost_usd_micros'])
  // Micros are whole, so that nothing is lost on the way; older versions send dollars alone.
  const costNanoUsd = micros !== undefined ? Math.round(micros * 1_000) : costUsd === undefined ? undefined : nanoFromUsd(costUsd)
  const attempt = tokens(a['attempt'])
  return {
    provider: 'anthropic',
    model: text(a['model']) ?? 'unknown',
    operation: 'chat',
    ...known('inputTokens', sum(tokens(a['input_tokens']), cacheReadTokens, cacheWriteTokens)),
    ...known('outputTokens', tokens(a['output_tokens'])),
    ...known('cacheReadTokens', cacheReadTokens),
    ...known('cacheWriteTokens', cacheWriteTokens),
    ...(attempt !== undefined && attempt > 1 && { retries: attempt - 1 }),
    ...(costNanoUsd !== undefined && { costNanoUsd, costSource: 'reported' as const }),
  }
}

function callError({ attributes: a }: FlatLog): EventError {
  const message = text(a['error'], 2_000) ?? 'failed'
  const statusCode = httpStatus(a['status_code'])
  return { class: errorClass({ ...known('statusCode', statusCode), words: [], message }), message, ...known('statusCode', statusCode) }
}

function toolOf(name: string, log: FlatLog): LogReading {
  const a = log.attributes
  const failed = a['success'] === 'false' || a['success'] === false
  const code = text(a['error_type'])
  const message = first(text(a['error'], 2_000), code) ?? 'failed'
  return {
    ...baseOf(name, log),
    type: 'tool.call',
    status: failed ? 'error' : 'ok',
    tool: { name: first(text(a['tool_name']), text(a['name'])) ?? 'unknown', ...known('callId', text(a['tool_use_id'])), ...known('argumentsHash', argumentsHash(first(a['tool_input'], a['tool_parameters']))) },
    ...(failed && { error: { class: errorClass({ words: code === undefined ? [] : [code], message }), message, ...known('code', code) } }),
  }
}

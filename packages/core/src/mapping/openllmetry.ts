import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Attributes, Dialect, SpanKind } from './flat-span.ts'
import { first, known, text, tokens } from './read.ts'

const kinds: Readonly<Record<string, SpanKind>> = { workflow: 'workflow', agent: 'agent', tool: 'tool', task: 'step' }
const requests: Readonly<Record<string, LlmCall['operation']>> = { chat: 'chat', completion: 'completion', embedding: 'embeddings', rerank: 'other' }

const properties = 'traceloop.association.properties.'
const tagsMax = 32

/** The conventions of OpenLLMetry (Traceloop): old names of OpenTelemetry, and its own for what stands above a call. */
export const openLlmetry: Dialect = (a) => {
  const span = text(a['traceloop.span.kind'])
  const request = text(a['llm.request.type'])
  const above = span !== undefined && Object.hasOwn(kinds, span) ? kinds[span] : undefined
  const operation = request !== undefined && Object.hasOwn(requests, request) ? requests[request] : undefined
  const total = tokens(first(a['gen_ai.usage.total_tokens'], a['llm.usage.total_tokens']))
  const output = tokens(first(a['gen_ai.usage.output_tokens'], a['gen_ai.usage.completion_tokens']))
  return {
    ...known('kind', first(above, operation === undefined ? undefined : 'model')),
    ...known('operation', operation),
    ...known('inputTokens', total !== undefined && output !== undefined && total >= output ? total - output : undefined),
    ...known('cacheReadTokens', tokens(a['gen_ai.usage.cache_read_input_tokens'])),
    ...known('cacheWriteTokens', tokens(a['gen_ai.usage.cache_creation_input_tokens'])),
    ...known('reasoningTokens', tokens(a['gen_ai.usage.reasoning_tokens'])),
    ...known('finishReason', finishReason(first(a['gen_ai.response.finish_reason'], a['gen_ai.response.stop_reason'], a['llm.response.finish_reason'], a['llm.response.stop_reason'], a['gen_ai.completion.0.finish_reason']))),
    ...known('agent', first(above === 'agent' ? text(a['traceloop.entity.name']) : undefined, text(a['traceloop.workflow.name']))),
    ...known('sessionId', first(text(a[`${properties}session_id`]), text(a[`${properties}sessionId`]), text(a[`${properties}chat_id`]), text(a[`${properties}conversation_id`]))),
    ...known('user', first(text(a['gen_ai.user']), text(a[`${properties}user_id`]), text(a[`${properties}userId`]))),
    ...known('tool', above === 'tool' ? text(a['traceloop.entity.name']) : undefined),
    ...known('toolArguments', above === 'tool' ? a['traceloop.entity.input'] : undefined),
    ...known('tags', associationTags(a)),
  }
}

function associationTags(attributes: Attributes): Readonly<Record<string, string>> | undefined {
  const tags: Record<string, string> = {}
  let count = 0
  for (const name in attributes) {
    if (!name.startsWith(properties)) continue
    const value = text(attributes[name])
    if (value === undefined) continue
    if (++count > tagsMax) break
    tags[name.slice(properties.length)] = value
  }
  return count === 0 ? undefined : tags
}

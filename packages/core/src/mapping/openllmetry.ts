import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Attributes, Dialect, Mutable, SpanKind, SpanReading } from './flat-span.ts'
import { text, tokens } from './read.ts'

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
  const reading: Mutable<SpanReading> = {}
  const kind = above ?? (operation === undefined ? undefined : 'model')
  if (kind !== undefined) reading.kind = kind
  if (operation !== undefined) reading.operation = operation
  const total = tokens(a['gen_ai.usage.total_tokens'] ?? a['llm.usage.total_tokens'])
  if (total !== undefined) {
    const output = tokens(a['gen_ai.usage.output_tokens'] ?? a['gen_ai.usage.completion_tokens'])
    if (output !== undefined && total >= output) reading.inputTokens = total - output
  }
  const cacheReadTokens = tokens(a['gen_ai.usage.cache_read_input_tokens'])
  if (cacheReadTokens !== undefined) reading.cacheReadTokens = cacheReadTokens
  const cacheWriteTokens = tokens(a['gen_ai.usage.cache_creation_input_tokens'])
  if (cacheWriteTokens !== undefined) reading.cacheWriteTokens = cacheWriteTokens
  const reasoningTokens = tokens(a['gen_ai.usage.reasoning_tokens'])
  if (reasoningTokens !== undefined) reading.reasoningTokens = reasoningTokens
  const endedBy = finishReason(a['gen_ai.response.finish_reason'] ?? a['gen_ai.response.stop_reason'] ?? a['llm.response.finish_reason'] ?? a['llm.response.stop_reason'] ?? a['gen_ai.completion.0.finish_reason'])
  if (endedBy !== undefined) reading.finishReason = endedBy
  const agent = (above === 'agent' ? text(a['traceloop.entity.name']) : undefined) ?? text(a['traceloop.workflow.name'])
  if (agent !== undefined) reading.agent = agent
  const sessionId = text(a[`${properties}session_id`]) ?? text(a[`${properties}sessionId`]) ?? text(a[`${properties}chat_id`]) ?? text(a[`${properties}conversation_id`])
  if (sessionId !== undefined) reading.sessionId = sessionId
  const user = text(a['gen_ai.user']) ?? text(a[`${properties}user_id`]) ?? text(a[`${properties}userId`])
  if (user !== undefined) reading.user = user
  if (above === 'tool') {
    const tool = text(a['traceloop.entity.name'])
    if (tool !== undefined) reading.tool = tool
    const toolArguments = a['traceloop.entity.input']
    if (toolArguments !== undefined) reading.toolArguments = toolArguments
  }
  const tags = associationTags(a)
  if (tags !== undefined) reading.tags = tags
  return reading
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

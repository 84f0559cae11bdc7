import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Dialect, Mutable, SpanKind, SpanReading } from './flat-span.ts'
import { providerName } from './provider-name.ts'
import { amount, text, tokens } from './read.ts'

const operations: Readonly<Record<string, readonly [SpanKind, LlmCall['operation']?]>> = {
  chat: ['model', 'chat'],
  generate_content: ['model', 'chat'],
  text_completion: ['model', 'completion'],
  embeddings: ['model', 'embeddings'],
  execute_tool: ['tool'],
  invoke_agent: ['agent'],
  invoke_workflow: ['workflow'],
  create_agent: ['step'],
  agent_step: ['step'],
  plan: ['step'],
  retrieval: ['step'],
  rerank: ['step'],
}

/**
 * The OpenTelemetry conventions for generative AI, names of today and of 1.36 and older side by side. Most spans are read by this
 * dialect: field by field, because a spread for each that may be absent takes several times as long.
 */
export const otelGenAi: Dialect = (a) => {
  const reading: Mutable<SpanReading> = {}
  const named = text(a['gen_ai.operation.name'])
  const [kind, operation] = named !== undefined && Object.hasOwn(operations, named) ? (operations[named] ?? []) : []
  if (kind !== undefined) reading.kind = kind
  if (operation !== undefined) reading.operation = operation
  const provider = providerName(a['gen_ai.provider.name'] ?? a['gen_ai.system'])
  if (provider !== undefined) reading.provider = provider
  const requestModel = text(a['gen_ai.request.model'])
  if (requestModel !== undefined) reading.requestModel = requestModel
  const responseModel = text(a['gen_ai.response.model'])
  if (responseModel !== undefined) reading.responseModel = responseModel
  const responseId = text(a['gen_ai.response.id'])
  if (responseId !== undefined) reading.responseId = responseId
  const inputTokens = tokens(a['gen_ai.usage.input_tokens'] ?? a['gen_ai.usage.prompt_tokens'])
  if (inputTokens !== undefined) reading.inputTokens = inputTokens
  const outputTokens = tokens(a['gen_ai.usage.output_tokens'] ?? a['gen_ai.usage.completion_tokens'])
  if (outputTokens !== undefined) reading.outputTokens = outputTokens
  const cacheReadTokens = tokens(a['gen_ai.usage.cache_read.input_tokens'])
  if (cacheReadTokens !== undefined) reading.cacheReadTokens = cacheReadTokens
  const cacheWriteTokens = tokens(a['gen_ai.usage.cache_write.input_tokens'] ?? a['gen_ai.usage.cache_creation.input_tokens'])
  if (cacheWriteTokens !== undefined) reading.cacheWriteTokens = cacheWriteTokens
  const reasoningTokens = tokens(a['gen_ai.usage.reasoning.output_tokens'])
  if (reasoningTokens !== undefined) reading.reasoningTokens = reasoningTokens
  const endedBy = finishReason(a['gen_ai.response.finish_reasons'] ?? a['anthropic.message.stop_reason'])
  if (endedBy !== undefined) reading.finishReason = endedBy
  if (a['gen_ai.request.stream'] === true) reading.streamed = true
  const firstChunkSeconds = amount(a['gen_ai.response.time_to_first_chunk'] ?? a['gen_ai.client.operation.time_to_first_chunk'])
  if (firstChunkSeconds !== undefined) reading.timeToFirstTokenMs = firstChunkSeconds * 1000
  const agent = text(a['gen_ai.agent.name']) ?? text(a['gen_ai.workflow.name'])
  if (agent !== undefined) reading.agent = agent
  const sessionId = text(a['gen_ai.conversation.id'])
  if (sessionId !== undefined) reading.sessionId = sessionId
  const tool = text(a['gen_ai.tool.name'])
  if (tool !== undefined) reading.tool = tool
  const toolCallId = text(a['gen_ai.tool.call.id'])
  if (toolCallId !== undefined) reading.toolCallId = toolCallId
  const toolArguments = a['gen_ai.tool.call.arguments']
  if (toolArguments !== undefined) reading.toolArguments = toolArguments
  const errorType = text(a['error.type'])
  if (errorType !== undefined) {
    reading.failed = true
    reading.errorWords = [errorType]
  }
  return reading
}

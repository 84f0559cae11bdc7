import type { LlmCall } from '../model/event.ts'
import { finishReason } from './finish-reason.ts'
import type { Dialect, SpanKind } from './flat-span.ts'
import { providerName } from './provider-name.ts'
import { amount, first, known, text, tokens } from './read.ts'

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

/** The OpenTelemetry conventions for generative AI, names of today and of 1.36 and older side by side. */
export const otelGenAi: Dialect = (a) => {
  const named = text(a['gen_ai.operation.name'])
  const [kind, operation] = named !== undefined && Object.hasOwn(operations, named) ? (operations[named] ?? []) : []
  const firstChunkSeconds = amount(first(a['gen_ai.response.time_to_first_chunk'], a['gen_ai.client.operation.time_to_first_chunk']))
  const errorType = text(a['error.type'])
  return {
    ...known('kind', kind),
    ...known('operation', operation),
    ...known('provider', providerName(first(a['gen_ai.provider.name'], a['gen_ai.system']))),
    ...known('requestModel', text(a['gen_ai.request.model'])),
    ...known('responseModel', text(a['gen_ai.response.model'])),
    ...known('responseId', text(a['gen_ai.response.id'])),
    ...known('inputTokens', tokens(first(a['gen_ai.usage.input_tokens'], a['gen_ai.usage.prompt_tokens']))),
    ...known('outputTokens', tokens(first(a['gen_ai.usage.output_tokens'], a['gen_ai.usage.completion_tokens']))),
    ...known('cacheReadTokens', tokens(a['gen_ai.usage.cache_read.input_tokens'])),
    ...known('cacheWriteTokens', tokens(first(a['gen_ai.usage.cache_write.input_tokens'], a['gen_ai.usage.cache_creation.input_tokens']))),
    ...known('reasoningTokens', tokens(a['gen_ai.usage.reasoning.output_tokens'])),
    ...known('finishReason', finishReason(first(a['gen_ai.response.finish_reasons'], a['anthropic.message.stop_reason']))),
    ...(a['gen_ai.request.stream'] === true && { streamed: true }),
    ...known('timeToFirstTokenMs', firstChunkSeconds === undefined ? undefined : firstChunkSeconds * 1000),
    ...known('agent', first(text(a['gen_ai.agent.name']), text(a['gen_ai.workflow.name']))),
    ...known('sessionId', text(a['gen_ai.conversation.id'])),
    ...known('tool', text(a['gen_ai.tool.name'])),
    ...known('toolCallId', text(a['gen_ai.tool.call.id'])),
    ...known('toolArguments', a['gen_ai.tool.call.arguments']),
    ...(errorType !== undefined && { failed: true, errorWords: [errorType] }),
  }
}
